"""The denial chains where a step touched them: what was whole stays whole if every stretch that changed is."""

from collections.abc import Collection, Iterator

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.incremental.judging import NSEC_NAMES, NSEC_NEXTS, links_of, names_of
from attestations.zone.incremental.store import Entry, Store
from attestations.zone.validation.denial.entries import LINK, OPT_OUT
from attestations.zone.validation.denial.nsec3 import Bucket, Fault, check_bucket
from attestations.zone.validation.denial.parameters import HASH_SIZE, hashed_owner
from attestations.zone.validation.terms import Terms

_END = b"\xff" * 64
"""sorts after every entry"""


def touched_findings(store: Store, terms: Terms, touched: Collection[Entry], zone: str) -> Iterator[ZoneFinding]:
    """Yield what is wrong in the chains of a state where entries came or went; names are left to a full pass."""
    keys = {entry for kind, entry in touched if kind in (NSEC_NAMES, NSEC_NEXTS)}
    if any(_is_off_the_ring(store, key) for key in keys):
        message = "the NSEC records no longer lead through every name once; a full pass tells where"
        yield finding("DENIAL_CHAIN", "error", zone, "NSEC", message)
    for chain in range(len(terms.chains)):
        names, links = names_of(chain), links_of(chain)
        hashes = {entry[:HASH_SIZE] for kind, entry in touched if kind in (names, links)}
        for start in sorted({one for hashed in hashes for one in _stretches(store, links, hashed)}):
            for fault in _faults(store, names, links, start):
                code = "DENIAL_BITMAP" if fault.kind == "bitmap" else "DENIAL_CHAIN"
                message = f"the NSEC3 chain does not fit the names here ({fault.kind}); a full pass tells which"
                yield finding(code, "error", hashed_owner(fault.hashed, zone), "NSEC3", message)


def _is_off_the_ring(store: Store, key: bytes) -> bool:
    names, nexts = store.count(NSEC_NAMES, key), store.count(NSEC_NEXTS, key)
    return names != nexts or names > 1


def _stretches(store: Store, links: int, hashed: bytes) -> Iterator[bytes]:
    """Yield the records from which the chain leads to a hash, and on from it; nothing in an empty chain."""
    for before in (hashed, hashed + _END):
        link = store.last_entry(links, before) or store.last_entry(links, _END)
        if link is not None:
            yield link


def _faults(store: Store, names: int, links: int, link: bytes) -> Iterator[Fault]:
    """Yield what is wrong between a record and the next one."""
    hashed, following, _, flags = LINK.unpack(link)
    twins = list(store.entries_between(links, hashed, hashed + _END))
    if twins != [(link, 1)]:
        yield Fault(kind="twice", hashed=hashed)
    after = store.first_entry(links, hashed + _END) or store.first_entry(links, b"") or link
    if following != after[:HASH_SIZE]:
        yield Fault(kind="broken", hashed=hashed)
    ends = [(hashed, after[:HASH_SIZE])] if after[:HASH_SIZE] > hashed else [(hashed, _END), (b"", after[:HASH_SIZE])]
    between = b"".join(entry for first, before in ends for entry, _ in store.entries_between(names, first, before))
    report = check_bucket(Bucket(number=0, names=between, links=link))
    yield from report.faults.kept
    if not flags & OPT_OUT:
        yield from report.low.kept
