"""The pass over all pieces of a zone: sums, findings of single owners, and what the check of the whole needs."""

import secrets
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Self

from attestations.zone.reading import flat, place_of
from attestations.zone.reading.flat import Unflat, Zone, unreadable
from attestations.zone.validation.apex import NSEC, Apex
from attestations.zone.validation.carrying import Piece
from attestations.zone.validation.denial.entries import OPT_OUT, bits_for
from attestations.zone.validation.denial.gathering import Gathered
from attestations.zone.validation.denial.parameters import checked
from attestations.zone.validation.denial.spool import Spool
from attestations.zone.validation.effort import allowed_for, insist_on_bounded
from attestations.zone.validation.hiding import Hider
from attestations.zone.validation.lines import BadLineError
from attestations.zone.validation.ordering import Ordering
from attestations.zone.validation.piece import Judgement, PieceJudge
from attestations.zone.validation.tally import Tally
from attestations.zone.validation.terms import Blame, Terms
from attestations.zone.validation.work import Workers

MARGIN = 32 * 1024
"""bytes before and after a piece that are looked at; dnssec-signzone with two threads writes 3 kB out of order, and in
opt-out zones mostly 25 kB"""
WIDE_MARGIN = 256 * 1024
"""the same where that was too little: one process has to judge these pieces again"""
HURRY_FROM = 32 * 1024 * 1024
"""bytes of a zone whose signatures go to a faster library; loading one takes as long as verifying 900 of P-256"""
MAX_WIDE = 512
"""pieces for which that is done; a file with more of them is sorted"""
pieces = partial(flat.pieces, size=512 * 1024)
"""larger than elsewhere: of smaller ones too great a share lies in margins, and is read three times"""

Span = tuple[int, int]
"""offset and size of a piece"""

_BYTES_PER_NAME = 300
_SAMPLES, _SAMPLE = 16, 32 * 1024


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What a pass brought. A context manager: entries may lie in temporary files."""

    terms: Terms
    spans: tuple[Span, ...] = field(repr=False)
    """offset and size of all pieces"""
    tally: Tally
    gathered: Gathered
    nonces: Spool
    _files: ExitStack = field(repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()


def survey(zone: Zone, apex: Apex, now: int, workers: Workers, blame: Blame | None = None) -> Survey:
    """Judge every owner of a zone at a moment, in seconds since 1970; `blame` judges signatures in place of the keys.

    Raises Unflat where the file must be rewritten, InputError (DNS-ZONEFILE) with the line of a record that cannot be
    read or if the file changed meanwhile, LostWorkerError, TooMuchWorkError, and OSError if the disk is full.
    """
    terms = _terms(zone, apex, now, blame)
    with ExitStack() as files:
        gathered = files.enter_context(Gathered(len(terms.chains)))
        nonces = files.enter_context(Spool())
        tally = Tally()
        spans: list[Span] = []
        try:
            for one in _judgements(zone, terms, workers):
                gathered.add(one.entries)
                nonces.add(one.nonces)
                tally.add(one.tally)
                insist_on_bounded(tally.effort, terms.allowed)
                spans.append((one.offset, one.size))
        except BadLineError as fault:
            raise _bad_line(zone, fault) from None
        zone.insist_unchanged()
        _insist_on_all(zone, spans)
        return Survey(
            terms=terms,
            spans=tuple(spans),
            tally=tally,
            gathered=gathered,
            nonces=nonces,
            _files=files.pop_all(),
        )


def _terms(zone: Zone, apex: Apex, now: int, blame: Blame | None) -> Terms:
    return Terms(
        apex=zone.wire,
        keys=apex.keys,
        now=now,
        chains=checked(apex.nsec3) if blame is None else (),
        is_sorted=zone.is_sorted,
        sees_all=blame is None,
        has_nsec=bool(apex.rdatas(NSEC)) and blame is None,
        hashes_insecure=not _seems_opted_out(zone),
        bits=bits_for(zone.size // _BYTES_PER_NAME),
        in_a_hurry=zone.size >= HURRY_FROM,
        allowed=allowed_for(zone.size),
        secret=secrets.token_bytes(16),
        blame=blame,
    )


def _seems_opted_out(zone: Zone) -> bool:
    """Return whether all NSEC3 records in some samples of the file opt out; the flags of all are looked at later."""
    flags = set()
    for number in range(_SAMPLES):
        for line in zone.read(zone.size * number // _SAMPLES, _SAMPLE).split(b"\n")[1:-1]:
            fields = line.split(None, 6)
            if len(fields) == 7 and fields[3] == b"NSEC3" and fields[5].isdigit():
                flags.add(int(fields[5]) & OPT_OUT)
    return flags == {OPT_OUT}


def _judgements(zone: Zone, terms: Terms, workers: Workers) -> Iterator[Judgement]:
    """Yield what is found in each piece, in order. A piece that needs to know more of the others is judged again."""
    handed: deque[Piece] = deque()
    row = _Row(zone, terms)
    for one in workers.run(partial(judge_piece, terms), _noted(zone, handed)):
        piece = handed.popleft()
        if (one.offset, one.size) != (piece.offset, piece.size):
            raise RuntimeError(f"{piece} was answered for by {one.offset}, {one.size}")
        yield from row.followed_by(one)
    yield from row.last()


class _Row:
    """Puts judgements in a row; the last is held back, for the next may show that it did not see enough."""

    def __init__(self, zone: Zone, terms: Terms) -> None:
        self._zone, self._terms = zone, terms
        self._ordering = Ordering()
        self._last: Judgement | None = None
        self._hiding: Hider | None = None
        self._wide = 0

    def followed_by(self, one: Judgement) -> Iterator[Judgement]:
        """Take the next judgement, yield the one before; raise Unflat where the owners are too far out of order."""
        margin = MARGIN
        try:
            hiding = self._ordering.hiding(one)
        except Unflat:
            if self._last is None or self._wide == MAX_WIDE:
                raise
            self._wide += 1
            margin = WIDE_MARGIN
            self._last = self._again(self._last, self._hiding, margin)
            self._ordering.replace(self._last)
            one = self._again(one, None, margin)
            hiding = self._ordering.hiding(one)
        if hiding is not None:
            one = self._again(one, hiding, margin)
        yield from self.last()
        self._ordering.add(one, is_wider=margin > MARGIN)
        self._last, self._hiding = one, hiding

    def last(self) -> Iterator[Judgement]:
        """Yield the judgement that is held back."""
        if self._last is not None:
            yield self._last

    def _again(self, one: Judgement, hiding: Hider | None, margin: int) -> Judgement:
        return judge_piece(self._terms, Piece(self._zone, one.offset, one.size, margin), hiding)


def _noted(zone: Zone, noted: deque[Piece]) -> Iterator[Piece]:
    for offset, size in pieces(zone):
        piece = Piece(zone, offset, size, MARGIN)
        noted.append(piece)
        yield piece


class _Judges(threading.local):
    """The judge of this thread, by the secret of the run: workers of a cluster may have several threads."""

    def __init__(self) -> None:
        self.of: dict[bytes, PieceJudge] = {}


_judges = _Judges()


def judge_piece(terms: Terms, piece: Piece, hiding: Hider | None = None) -> Judgement:
    """Return what is found in one piece; raise Unflat, BadLineError."""
    if terms.secret not in _judges.of:
        _judges.of = {terms.secret: PieceJudge(terms)}
    judge = _judges.of[terms.secret]
    return judge.judge(piece.text(), piece.offset, piece.margins(), hiding, margin=piece.margin)


def _insist_on_all(zone: Zone, spans: Iterable[Span]) -> None:
    """Every byte of the file was judged once."""
    at = 0
    for offset, size in spans:
        if offset != at:
            raise RuntimeError(f"the pieces before byte {offset} end at {at}")
        at += size
    if at != zone.size:
        raise RuntimeError(f"the pieces end at {at}, the file at {zone.size}")


def _bad_line(zone: Zone, fault: BadLineError) -> Exception:
    return unreadable(fault.what, place_of(zone, fault.offset))
