"""What one owner adds to the sums and to the denial chains of the zone: the validation's own judgement of its lines."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from attestations.zone.findings import Findings
from attestations.zone.incremental.refusal import full_pass_needed
from attestations.zone.incremental.store import FOREVER, Entry
from attestations.zone.reading.flat import Unflat
from attestations.zone.reading.text_forms import time_number
from attestations.zone.validation.denial.entries import KEY_SIZE, LINK, NAME, OPT_OUT, Buckets
from attestations.zone.validation.denial.parameters import Parameters
from attestations.zone.validation.effort import TooMuchWorkError
from attestations.zone.validation.hiding import Hider
from attestations.zone.validation.lines import BadLineError
from attestations.zone.validation.nonces import ENTRY_SIZE
from attestations.zone.validation.piece import Judgement, PieceJudge
from attestations.zone.validation.published import KeySet
from attestations.zone.validation.signatures import Outcome, serial_difference
from attestations.zone.validation.tally import Tally
from attestations.zone.validation.terms import Terms

NSEC_NAMES, NSEC_NEXTS, NONCES, TTLS, DENIAL_TTLS, LIVES, UNTIL, OPTED_OUT, _FIRST_CHAIN = range(9)
"""Kinds of entries: names that must have an NSEC record, and those that NSEC records point to; values of r; TTLs, lives
of signatures in seconds, and the moments from which an RRset is without a good one; NSEC3 records with opt-out"""

SUMMED = frozenset({TTLS, DENIAL_TTLS, LIVES, UNTIL, OPTED_OUT})
"""kinds of which many owners have the same entries"""

_NUMBER = 8


def names_of(chain: int) -> int:
    """Return the kind of the NAME entries of an NSEC3 chain, by its place among those that are checked."""
    return _FIRST_CHAIN + 2 * chain


def links_of(chain: int) -> int:
    """Return the kind of its LINK entries."""
    return _FIRST_CHAIN + 2 * chain + 1


def number(value: int) -> bytes:
    """Return a value as octets that sort as it does."""
    return value.to_bytes(_NUMBER, "big")


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What one owner adds, and what was found at it."""

    counts: Mapping[str, int]
    entries: Counter[Entry]
    expires: int
    hiding: Hider | None
    """the owner itself if it hides what is below it, or the one that hides it"""
    parameters: frozenset[Parameters]
    """of NSEC3 records that were seen so far"""
    has_nsec: bool
    """an NSEC record was seen so far"""
    findings: Findings
    effort: Counter[str]
    """units of work that it asked for"""


class Judge:
    """Judges owner after owner by the terms of one moment."""

    def __init__(self, terms: Terms) -> None:
        self._now = terms.now
        self._piece = PieceJudge(terms)
        self._keys = [bytes.fromhex(key.fingerprint)[:4] for key in terms.keys.keys]

    def contribution(self, lines: Sequence[bytes], hiding: Hider | None) -> Contribution:
        """Return what an owner with these flat lines adds; `hiding` is a delegation or DNAME above it.

        Raises InputError (DNS-STATE) for lines that cannot be judged.
        """
        try:
            judged = self._piece.judge(b"\n".join(lines) + b"\n", 0, (b"", b""), hiding)
        except (BadLineError, TooMuchWorkError, Unflat) as error:
            raise full_pass_needed(f"records that cannot be judged: {error!s:.200}") from None
        times = tuple(_times(lines))
        return Contribution(
            counts=counts_of(judged.tally),
            entries=Counter(self._entries(judged, lines, times)),
            expires=min((self._now + serial_difference(end, self._now) for end, _ in times), default=FOREVER),
            hiding=judged.span.hiding if judged.span else hiding,
            parameters=judged.entries.parameters,
            has_nsec=judged.entries.nsec,
            findings=judged.tally.findings,
            effort=judged.tally.effort,
        )

    def _entries(self, judged: Judgement, lines: Sequence[bytes], times: Sequence[tuple[int, int]]) -> Iterator[Entry]:
        entries = judged.entries
        yield from ((NSEC_NAMES, key) for key in _split(entries.nsec_owners, KEY_SIZE))
        yield from ((NSEC_NEXTS, key) for key in _split(entries.nsec_nexts, KEY_SIZE))
        yield from ((NONCES, self._keys[one[0]] + one[1:]) for one in _split(judged.nonces, ENTRY_SIZE))
        for index, chain in enumerate(entries.chains):
            yield from ((names_of(index), entry) for entry in _split(chain.names, NAME.size))
            for entry in _split(chain.links, LINK.size):
                yield links_of(index), entry
                if entry[-1] & OPT_OUT:
                    yield OPTED_OUT, b""
        yield from ((TTLS, number(int(ttl))) for ttl in {line.split(None, 2)[1] for line in lines})
        yield from ((DENIAL_TTLS, number(ttl)) for ttl in judged.tally.denial_ttls)
        yield from ((LIVES, number(max(life, 0))) for life in {serial_difference(end, begin) for end, begin in times})
        if judged.tally.remaining is not None:
            yield UNTIL, number(self._now + judged.tally.remaining)


def judge_of(terms: Terms, *, is_known: bool) -> Judge:
    """Return a judge by some terms; `is_known`: the owners have been judged good by them, so no signature is verified.

    Where two published keys share a tag only verification tells which of them signed.
    """
    by_tag = terms.keys.by_tag
    if not is_known or any(len(keys) > 1 for keys in by_tag.values()):
        return Judge(terms)
    believed = {key.rdata: replace(key, verify=_believe) if key.verify else key for key in terms.keys.keys}
    keys = KeySet(
        keys=tuple(believed.values()),
        by_tag={tag: tuple(believed[key.rdata] for key in keys) for tag, keys in by_tag.items()},
    )
    return Judge(replace(terms, keys=keys))


def counts_of(tally: Tally) -> dict[str, int]:
    """Return what of a tally can be added and taken away again, by name."""
    return {
        "records": tally.records,
        "population": tally.population,
        "checked": tally.checked,
        "missing": tally.missing,
        **{f"outcome {outcome}": count for outcome, count in tally.outcomes.items()},
        **{f"type {rtype}": count for rtype, count in tally.by_type.items()},
        **{f"key {fingerprint}": count for fingerprint, count in tally.verified_by_key.items()},
        **{f"verified {tag} {algorithm}": count for (tag, algorithm), count in tally.verified_by_tag.items()},
        **{f"failed {tag} {algorithm}": count for (tag, algorithm), count in tally.failed_by_tag.items()},
    }


def tally_of(counts: Mapping[str, int]) -> Tally:
    """Return the tally with these counts; raise ValueError for others."""
    tally = Tally(
        records=counts.get("records", 0),
        population=counts.get("population", 0),
        checked=counts.get("checked", 0),
        missing=counts.get("missing", 0),
    )
    for name, count in counts.items():
        match name.split():
            case ["outcome", outcome]:
                tally.outcomes[Outcome(outcome)] = count
            case ["type", rtype]:
                tally.by_type[int(rtype)] = count
            case ["key", fingerprint]:
                tally.verified_by_key[fingerprint] = count
            case ["verified", tag, algorithm]:
                tally.verified_by_tag[int(tag), int(algorithm)] = count
            case ["failed", tag, algorithm]:
                tally.failed_by_tag[int(tag), int(algorithm)] = count
    return tally


def _believe(_signature: bytes, _data: bytes) -> bool:
    return True


def _split(buckets: Buckets, size: int) -> Iterator[bytes]:
    for joined in buckets.values():
        yield from (joined[at : at + size] for at in range(0, len(joined), size))


def _times(lines: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Yield expiration and inception of each signature."""
    for line in lines:
        fields = line.split(None, 10)
        if fields[3] == b"RRSIG":
            yield time_number(fields[8]), time_number(fields[9])
