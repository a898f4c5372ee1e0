"""An NSEC3 chain against the names of the zone, bucket by bucket (RFC 5155, 7.1)."""

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from attestations.zone.validation.denial.entries import LINK, NAME, OPT_OUT

KEPT = 50
"""faults of one kind that are remembered of a bucket, and of a chain; all are counted"""

Link = tuple[bytes, bytes, bytes, int]
"""an unpacked LINK entry: hash, next hash, digest of the bitmap, flags"""
Kind = Literal["missing", "surplus", "broken", "twice", "flags", "bitmap"]


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """The entries of one chain in one range of hashes."""

    number: int
    names: bytes = field(repr=False)
    """NAME entries"""
    links: bytes = field(repr=False)
    """LINK entries"""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something wrong at one hash."""

    kind: Kind
    hashed: bytes
    """of the name (missing, bitmap) or in the owner of the record (the other kinds)"""
    shown: bytes = b""
    """digest of the bitmap that is there"""
    wanted: bytes = b""
    """digest of the bitmap that must be there"""


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Faults of a part of a chain: the first of each kind, and how many there are."""

    kept: tuple[Fault, ...] = ()
    totals: Counter[Kind] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True)
class End:
    """The first or the last record of a bucket."""

    hashed: bytes
    following: bytes
    is_opt_out: bool


@dataclass(frozen=True, kw_only=True)
class BucketReport:
    """What was found in one bucket, and what its neighbours must be told."""

    number: int
    faults: Faults
    records: int
    opted_out: int
    """records with flags"""
    ends: tuple[End, End] | None
    """first and last record; None without any"""
    low: Faults
    """missing records of names below the first one: faults unless the record before, in another bucket, opts out"""


def check_bucket(bucket: Bucket) -> BucketReport:
    """Return what is wrong inside one bucket. A hot loop: what is right is compared as a whole."""
    links: list[Link] = sorted(LINK.iter_unpack(bucket.links))
    hashes, nexts, shown, flags = zip(*links, strict=True) if links else ((), (), (), ())
    found = dict(zip(hashes, shown, strict=True))
    is_chained = len(found) == len(links) and nexts[:-1] == hashes[1:] and max(flags, default=0) <= OPT_OUT
    faults = [] if is_chained else [*_link_faults(links)]
    names = _names(bucket.names)
    low: list[Fault] = []
    if found != names.wanted:
        faults += _differences(names.wanted, found)
        missing = names.wanted.keys() - found.keys()
        faults += (Fault(kind="missing", hashed=hashed) for hashed in missing - names.optional)
        for hashed in missing & names.optional:
            before = bisect(hashes, hashed)
            if before == 0 or not flags[before - 1] & OPT_OUT:
                (faults if before else low).append(Fault(kind="missing", hashed=hashed))
    return BucketReport(
        number=bucket.number,
        faults=_bounded(faults),
        records=len(hashes),
        opted_out=len(flags) - flags.count(0),
        ends=(_end(links[0]), _end(links[-1])) if links else None,
        low=_bounded(low),
    )


@dataclass(frozen=True, kw_only=True)
class ChainReport:
    """What was found in a whole chain."""

    faults: Faults
    records: int
    opted_out: int


def join(reports: Iterable[BucketReport]) -> ChainReport:
    """Return the report of a chain from those of all of its buckets: what lies between them is judged here."""
    faults, ordered = Faults(), []
    for report in reports:  # faults are merged as they come: 65,536 buckets of a bad zone may each have hundreds
        if report.faults.totals:
            faults = _merged((faults, report.faults))
        ordered.append(replace(report, faults=Faults()))
    ordered.sort(key=lambda report: report.number)
    return ChainReport(
        faults=_merged((faults, *_between(ordered))),
        records=sum(report.records for report in ordered),
        opted_out=sum(report.opted_out for report in ordered),
    )


def _between(ordered: Sequence[BucketReport]) -> Iterable[Faults]:
    """Yield broken links from bucket to bucket, and names before the first record of one that no opt-out covers."""
    filled = [report.ends for report in ordered if report.ends is not None]
    last = filled[-1][1] if filled else None
    for report in ordered:
        if last is not None and not last.is_opt_out:
            yield report.low
        if report.ends is not None:
            if last is not None and last.following != report.ends[0].hashed:
                yield _bounded([Fault(kind="broken", hashed=last.hashed)])
            last = report.ends[1]


@dataclass(frozen=True, kw_only=True)
class _Names:
    """The names of a bucket."""

    wanted: dict[bytes, bytes]
    """digest of the bitmap that a record must have, by hash"""
    kinds: tuple[dict[bytes, bytes], ...]
    """the same, in the order of the kinds' numbers"""

    @property
    def optional(self) -> set[bytes]:
        """The hashes whose record may be opted out."""
        data, insecure, above_data, above_insecure = self.kinds
        return (insecure.keys() | (above_insecure.keys() - above_data.keys())) - data.keys()


def _names(entries: bytes) -> _Names:
    kinds: tuple[dict[bytes, bytes], ...] = ({}, {}, {}, {})
    for hashed, digest, kind in NAME.iter_unpack(entries):
        kinds[kind][hashed] = digest
    data, insecure, above_data, above_insecure = kinds
    return _Names(wanted=above_insecure | above_data | insecure | data, kinds=kinds)


def _differences(wanted: dict[bytes, bytes], found: dict[bytes, bytes]) -> Iterator[Fault]:
    for hashed, digest in found.items() - wanted.items():
        if hashed in wanted:
            yield Fault(kind="bitmap", hashed=hashed, shown=digest, wanted=wanted[hashed])
        else:
            yield Fault(kind="surplus", hashed=hashed)


def _link_faults(links: Sequence[Link]) -> Iterator[Fault]:
    for (hashed, following, _, _), (after, _, _, _) in pairwise(links):
        if hashed == after:
            yield Fault(kind="twice", hashed=hashed)
        elif following != after:
            yield Fault(kind="broken", hashed=hashed)
    for hashed, _, _, flags in links:
        if flags > OPT_OUT:
            yield Fault(kind="flags", hashed=hashed)


def _bounded(faults: Iterable[Fault]) -> Faults:
    totals: Counter[Kind] = Counter()
    kept = []
    for fault in sorted(faults, key=lambda fault: fault.hashed):
        totals[fault.kind] += 1
        if totals[fault.kind] <= KEPT:
            kept.append(fault)
    return Faults(kept=tuple(kept), totals=totals)


def _merged(parts: Iterable[Faults]) -> Faults:
    everything = list(parts)
    totals: Counter[Kind] = Counter()
    for part in everything:
        totals.update(part.totals)
    return Faults(kept=_bounded(fault for part in everything for fault in part.kept).kept, totals=totals)


def _end(link: Link) -> End:
    hashed, following, _, flags = link
    return End(hashed=hashed, following=following, is_opt_out=bool(flags & OPT_OUT))
