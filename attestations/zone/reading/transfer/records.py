"""Messages of a transfer (RFC 5936, 2.2) to records in flat form. Nothing in here trusts a length or a pointer."""

import struct
from functools import lru_cache
from typing import NamedTuple

from attestations.zone.reading.names import wire_name
from attestations.zone.reading.sorting import key_of, key_of_text
from attestations.zone.reading.spelling import mnemonic, owner_text
from attestations.zone.reading.transfer.names import Names
from attestations.zone.reading.transfer.rdata import text_of
from attestations.zone.reading.types import TYPES

SOA = TYPES[b"SOA"]

_IN, _TSIG = 1, 250
_mnemonic = lru_cache(maxsize=4096)(mnemonic)
_HEADER = struct.Struct("!HHHHHH")
_FIXED = struct.Struct("!HHIH")
_QR, _OPCODE, _TC, _RCODE = 0x8000, 0x7800, 0x0200, 0x000F


class Record(NamedTuple):
    """One record of class IN."""

    rtype: int
    key: bytes
    """what sorts it (reading.sorting)"""
    line: bytes
    """in flat form"""


class Answer(NamedTuple):
    """One message."""

    rcode: int
    records: list[Record]
    """of the answer section"""
    signature_at: int | None
    """where its TSIG record begins"""


class Reader:
    """Reads the messages of one transfer, in order."""

    def __init__(self, query: bytes) -> None:
        self._identity = query[:2]
        self._question = query[12 : _end_of_question(query)]
        self._owner = self._name = self._key = b""

    def answer(self, wire: bytes) -> Answer:
        """Return what a message says; raise ValueError, IndexError or struct.error: it is not an answer, or broken."""
        _, flags, questions, answers, authorities, additionals = _HEADER.unpack_from(wire)
        if wire[:2] != self._identity or flags & (_QR | _OPCODE | _TC) != _QR:
            raise ValueError("a message that does not answer the question")
        names, at = Names(wire), 12
        if questions:
            at += len(self._question)
            if questions != 1 or wire[12:at].lower() != self._question.lower():
                raise ValueError("a message that answers another question")
        records = []
        for _ in range(answers):
            record, at = self._record(names, at)
            records.append(record)
        last = None
        for _ in range(authorities + additionals):
            last, at = at, _behind(names, at)
        if at != len(wire):
            raise ValueError("octets behind the last record of a message")
        is_signed = additionals and last is not None and _type_at(names, last) == _TSIG
        return Answer(flags & _RCODE, records, last if is_signed else None)

    def _record(self, names: Names, at: int) -> tuple[Record, int]:
        owner, at = names.at(at)
        rtype, rclass, ttl, size = _FIXED.unpack_from(names.wire, at)
        at += 10
        end = at + size
        if rclass != _IN or end > len(names.wire):
            raise ValueError("a record of another class, or one that ends behind its message")
        if owner != self._owner:
            self._begin(owner)
        line = b"%b %d IN %b %b" % (self._name, ttl, _mnemonic(rtype), text_of(rtype, names, at, end))
        return Record(rtype, self._key, line), end

    def _begin(self, owner: bytes) -> None:
        self._owner = owner
        if b"\\" in owner:
            wire = wire_name(owner)
            self._name, self._key = owner_text(wire), key_of(wire)
        else:
            self._name = owner.lower()
            self._key = key_of_text(self._name)


def _behind(names: Names, at: int) -> int:
    """Return where a record ends that is not looked at."""
    _, at = names.at(at)
    return at + 10 + int.from_bytes(names.wire[at + 8 : at + 10], "big")


def _type_at(names: Names, at: int) -> int:
    _, at = names.at(at)
    return int.from_bytes(names.wire[at : at + 2], "big")


def _end_of_question(query: bytes) -> int:
    at = 12
    while query[at]:
        at += 1 + query[at]
    return at + 5


def rcode_text(rcode: int) -> str:
    """Return a response code as tools show it (RFC 1035, 4.1.1; RFC 2136, 2.2)."""
    texts = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")
    return texts[rcode] if rcode < len(texts) else {9: "NOTAUTH"}.get(rcode, f"RCODE{rcode}")
