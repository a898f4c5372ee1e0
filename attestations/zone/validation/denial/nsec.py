"""The NSEC chain: one record at each name, each pointing to the next, the last to the apex (RFC 4034, 4).

Every record is held against its own name where it stands. The chain as a whole holds if each name is the next of
exactly one record: then the records make rings, and as all but those that point to the apex ascend, one ring.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from struct import Struct

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.reading.names import order, text_name
from attestations.zone.validation.denial.bitmap import bitmap_fault, nsec_types
from attestations.zone.validation.denial.entries import KEY_SIZE

KEPT = 50
_KEY = Struct(f"{KEY_SIZE}s")


def split_nsec(rdata: bytes) -> tuple[bytes, bytes]:
    """Return the next name, in lower-case wire form, and the bitmap in the RDATA of an NSEC record."""
    at = 0
    while rdata[at]:
        at += 1 + rdata[at]
    return rdata[: at + 1].lower(), rdata[at + 1 :]


def record_findings(
    name: bytes, rdatas: tuple[bytes, ...], types: frozenset[int], *, is_cut: bool, apex: bytes
) -> Iterator[ZoneFinding]:
    """Yield what is wrong with the NSEC records of one name, as far as it shows there.

    `rdatas` are theirs, `types` those of the name; it has authoritative data, or is a delegation (`is_cut`).
    """
    owner = text_name(name)
    if len(rdatas) != 1:
        yield finding("DENIAL_CHAIN", "error", owner, "NSEC", f"{len(rdatas)} NSEC records where one must be")
        return
    following, bitmap = split_nsec(rdatas[0])
    if following != apex and order(following) <= order(name):
        message = f"the NSEC record points to {text_name(following)}, which does not come after it"
        yield finding("DENIAL_CHAIN", "error", owner, "NSEC", message)
    if wrong := bitmap_fault(bitmap, nsec_types(types, is_cut=is_cut)):
        yield finding("DENIAL_BITMAP", "error", owner, "NSEC", f"the NSEC bitmap {wrong}")


def stray_finding(name: bytes) -> ZoneFinding:
    """Return the finding for an NSEC record below a delegation, or at a name that has nothing else."""
    return finding("DENIAL_CHAIN", "error", text_name(name), "NSEC", "an NSEC record where none may be")


@dataclass(frozen=True, kw_only=True)
class Ring:
    """Names and next names that do not fit together, by key: the first of them, and how many there are."""

    unreached: tuple[bytes, ...] = ()
    """names that no record points to"""
    nowhere: tuple[bytes, ...] = ()
    """next names that are no names"""
    shared: tuple[bytes, ...] = ()
    """names that several records point to"""
    faults: int = 0
    """unreached names, and records too many that point to one"""


def check_ring(keys: tuple[bytes, bytes]) -> Ring:
    """Return what does not fit between the keys of names and of next names, each joined, in one bucket."""
    owners, nexts = (sorted(key for (key,) in _KEY.iter_unpack(joined)) for joined in keys)
    if owners == nexts:
        return Ring()
    unreached, misled = Counter(owners) - Counter(nexts), Counter(nexts) - Counter(owners)
    known = set(owners)
    return Ring(
        unreached=tuple(sorted(unreached)[:KEPT]),
        nowhere=tuple(sorted(misled.keys() - known)[:KEPT]),
        shared=tuple(sorted(misled.keys() & known)[:KEPT]),
        faults=unreached.total() + misled.total(),
    )


def join_rings(rings: Iterable[Ring]) -> Ring:
    """Return what does not fit in all buckets."""
    parts = [ring for ring in rings if ring.faults]
    return Ring(
        unreached=tuple(sorted(key for part in parts for key in part.unreached)[:KEPT]),
        nowhere=tuple(sorted(key for part in parts for key in part.nowhere)[:KEPT]),
        shared=tuple(sorted(key for part in parts for key in part.shared)[:KEPT]),
        faults=sum(part.faults for part in parts),
    )


def unreached_finding(name: bytes) -> ZoneFinding:
    """Return the finding for a name that no NSEC record points to."""
    return finding("DENIAL_CHAIN", "error", text_name(name), "NSEC", "no NSEC record points to this name")


def misled_findings(records: Iterable[tuple[bytes, bytes]], shared: Callable[[bytes], bool]) -> Iterator[ZoneFinding]:
    """Yield findings for records (owner, next name) whose next name is no name, or that of several (`shared`).

    Of several the last in order may be right.
    """
    by_next: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for owner, following in records:
        by_next[following].append(owner)
    for following in sorted(by_next, key=order):
        owners = sorted(by_next[following], key=order)
        for owner in owners[:-1] if shared(following) else owners:
            message = f"the NSEC record points to {text_name(following)}, which is not the next name"
            yield finding("DENIAL_CHAIN", "error", text_name(owner), "NSEC", message)
