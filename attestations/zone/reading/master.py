"""Master files in their general form (RFC 1035, 5) to flat lines: names, owners, TTLs and directives resolved."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

from attestations.errors import Location
from attestations.zone.reading.by_library import plain_fields
from attestations.zone.reading.flat import unreadable
from attestations.zone.reading.names import MAX_LABEL, MAX_NAME, shown, wire_name
from attestations.zone.reading.sorting import key_of, key_of_text
from attestations.zone.reading.spelling import mnemonic, owner_text
from attestations.zone.reading.text_forms import ttl_number
from attestations.zone.reading.types import TYPES, type_number
from attestations.zone.reading.unfolding import Lines, unfolded

MAX_REMEMBERED = 100_000
"""relative names, TTLs and types whose final form is remembered"""

Including = Callable[[str], tuple[str, Iterable[bytes]]]
"""From what $INCLUDE names to the file's name for messages, and its blocks. Raises ValueError: not allowed."""

_Target = Callable[[bytes], bytes]
"""from a name as it is written to the absolute one"""

_NAMES_AT: Mapping[bytes, tuple[int, ...]] = MappingProxyType(
    {
        **dict.fromkeys((b"NS", b"CNAME", b"PTR", b"DNAME", b"NSEC", b"NXT", b"NSAP-PTR"), (0,)),
        **dict.fromkeys((b"MB", b"MD", b"MF", b"MG", b"MR"), (0,)),
        **dict.fromkeys((b"MX", b"AFSDB", b"RT", b"KX", b"LP", b"SVCB", b"HTTPS"), (1,)),
        **dict.fromkeys((b"SOA", b"RP", b"MINFO"), (0, 1)),
        **dict.fromkeys((b"SRV", b"DSYNC"), (3,)),
        **dict.fromkeys((b"RRSIG", b"SIG"), (7,)),
        b"PX": (1, 2),
        **dict.fromkeys((b"HIP", b"IPSECKEY", b"AMTRELAY"), ()),
        b"NAPTR": (5,),
    }
)
"""Which fields of RDATA are names, and so may be relative; none where `_RARE` has to look."""
_IN = frozenset((b"IN", b"CLASS1"))
_OTHER_CLASSES = frozenset((b"CH", b"CS", b"HS", b"NONE", b"ANY"))
_LONGEST_NAME = 4 * MAX_NAME
"""as text: an octet takes four characters at most"""
_ESCAPE = re.compile(rb"\\([0-9]{3})")
_BLANK, _TAB, _DOLLAR, _DOT = b" \t$."


def flat_lines(
    blocks: Iterable[bytes], file: str, origin: bytes, including: Including | None = None
) -> Iterator[list[bytes]]:
    """Yield the records of a master file as flat lines behind their sort keys (reading.sorting), in pieces.

    `origin` is absolute and in presentation form. Raises InputError (DNS-ZONEFILE) with the line: syntax, another
    class, a TTL that is nowhere stated, $GENERATE, $INCLUDE unless `including` allows it. RDATA is not looked into.
    """
    return _Reader(origin, including).lines(blocks, file)


def place_of(line: bytes, blocks: Iterable[bytes], file: str, origin: bytes) -> Location | None:
    """Return where the record begins in a master file without $INCLUDE that has become this flat line."""
    reader = _Reader(origin, None)
    for piece in unfolded(blocks, file):
        for found in reader.piece(piece):
            flat = [keyed.rpartition(b"\0")[2] for keyed in found]
            if line in flat:
                records = [index for index, text in enumerate(piece.lines) if text.strip() and text[0] != _DOLLAR]
                return piece.place(records[flat.index(line)])
    return None


class _Reader:
    """What a line of a master file inherits from the lines before it."""

    def __init__(self, origin: bytes, including: Including | None) -> None:
        self._origin = origin
        self._including = including
        self._owner: bytes | None = None
        """as it stood in the line that stated it"""
        self._start = b""
        """its sort key and its final form: what a flat line begins with"""
        self._ttl: bytes | None = None
        """what a record without a TTL gets, with the class behind it"""
        self._is_default = False
        """the TTL comes from $TTL, not from the record before (RFC 2308, 4)"""
        self._absolute: dict[bytes, bytes] = {}
        self._ttls: dict[bytes, bytes] = {}
        self._kinds = {kind: kind for kind in TYPES}

    def lines(self, blocks: Iterable[bytes], file: str) -> Iterator[list[bytes]]:
        """Yield the records of one file and of those that it includes."""
        for piece in unfolded(blocks, file):
            yield from self.piece(piece)

    def piece(self, piece: Lines) -> Iterator[list[bytes]]:
        """Yield the records of a piece in one list, or in more where other files are included."""
        index, line = 0, b""
        found: list[bytes] = []
        try:
            for index, line in enumerate(piece.lines):  # noqa: B007  # the handlers use it
                fields = line.split()
                if not fields:
                    continue
                if line[0] != _DOLLAR:
                    found.append(self._record(fields, line[0]))
                elif (included := self._directive(fields)) is not None:
                    yield found
                    found = []
                    yield from included
        except IndexError:
            raise unreadable(f"too few fields in {shown(line)}", piece.place(index)) from None
        except ValueError as error:
            raise unreadable(str(error), piece.place(index)) from None
        yield found

    def _record(self, fields: list[bytes], first: int) -> bytes:  # noqa: C901, PLR0912  # see below
        """Return a record as flat line behind its sort key. One microsecond in here is seven minutes of .com."""
        if first in (_BLANK, _TAB):
            at = 0
            if self._owner is None:
                raise ValueError("a record without an owner, and none before it to take it from")
        else:
            at = 1
            if fields[0] != self._owner:
                self._begin(fields[0])
        kinds = self._kinds
        kind = kinds.get(fields[at])
        if kind is not None:
            ttl = self._ttl
        else:
            ttl = self._ttls.get(fields[at])
            if ttl is not None and fields[at + 1] == b"IN" and (kind := kinds.get(fields[at + 2])) is not None:
                at += 2
            else:
                at, ttl, kind = self._head(fields, at)
            if ttl is None:
                ttl = self._ttl
            elif not self._is_default:
                self._ttl = ttl
        if ttl is None:
            raise ValueError("a record without a TTL, and no $TTL or record before it to take it from")
        if len(fields) == at + 1:
            fields.append(_nothing(kind))
        start = self._start
        names = _NAMES_AT.get(kind)
        if names is not None and fields[at + 1] != b"\\#":
            for name in names:
                if fields[at + 1 + name][-1] != _DOT:
                    fields[at + 1 + name] = self._target(fields[at + 1 + name])
            if kind == b"SOA":
                start = start.replace(b"\0", b"\0\0")  # first of its owner
            elif kind in _RARE:
                fields[at + 1 :] = _RARE[kind](fields[at + 1 :], self._target)
        elif kind == b"RRSIG":
            fields[at + 1 :] = plain_fields(TYPES[kind], fields[at + 1 :])
        fields[: at + 1] = (start, ttl, kind)
        return b" ".join(fields)

    def _begin(self, owner: bytes) -> None:
        """Remember the owner that this record and the next ones without one have."""
        absolute = self._resolved(owner)
        if b"\\" in absolute:
            wire = wire_name(absolute)
            self._start = key_of(wire) + owner_text(wire)
        else:
            if len(absolute) > MAX_LABEL or b".." in absolute or absolute[0] == _DOT:
                wire_name(absolute)  # is it a name? what is shorter than a label may be is one
            absolute = absolute.lower()
            self._start = key_of_text(absolute) + absolute
        self._owner = owner

    def _resolved(self, name: bytes) -> bytes:
        if b'"' in name or len(name) > _LONGEST_NAME:
            raise ValueError(f"{shown(name)}, which is quoted or too long for a name")
        if name[-1] == _DOT:
            return name
        if name == b"@":
            return self._origin
        return name + b"." + self._origin if self._origin != b"." else name + b"."

    def _target(self, name: bytes) -> bytes:
        absolute = self._absolute.get(name)
        if absolute is None:
            absolute = self._resolved(name)
            _remember(self._absolute, name, absolute)
        return absolute

    def _head(self, fields: list[bytes], at: int) -> tuple[int, bytes | None, bytes]:
        """Return where the type stands, the TTL if there is one, and the type; TTL and class come in either order."""
        ttl, has_class = None, False
        while True:
            token = fields[at].upper()
            if ttl is None and token[:1].isdigit():
                ttl = self._stated(token)
            elif not has_class and token in _IN:
                has_class = True
            elif token in _OTHER_CLASSES or (token[:5] == b"CLASS" and token not in _IN):
                raise ValueError(f"a record of the class {shown(token)}")
            else:
                return at, ttl, self._kind(fields[at])
            at += 1

    def _stated(self, token: bytes) -> bytes:
        ttl = b"%d IN" % ttl_number(token)
        _remember(self._ttls, token, ttl)
        return ttl

    def _kind(self, token: bytes) -> bytes:
        kind = self._kinds.get(token) or mnemonic(type_number(token))
        _remember(self._kinds, token, kind)
        return kind

    def _directive(self, fields: list[bytes]) -> Iterator[list[bytes]] | None:
        """Do what a directive says; return the records of an included file, if it is that."""
        match fields[0].upper(), *fields[1:]:
            case b"$TTL", ttl:
                self._ttl, self._is_default = self._stated(ttl), True
            case b"$ORIGIN", origin:
                self._change_origin(self._resolved(origin))
            case b"$INCLUDE", path:
                return self._included(path, self._origin)
            case b"$INCLUDE", path, origin:
                return self._included(path, self._resolved(origin))
            case _:
                raise ValueError(f"the directive {shown(b' '.join(fields))}")
        return None

    def _change_origin(self, origin: bytes) -> None:
        wire_name(origin)
        self._origin = origin
        self._absolute.clear()
        if self._owner is not None:
            self._owner = b""  # the same text may be another name now; who states none still inherits

    def _included(self, path: bytes, origin: bytes) -> Iterator[list[bytes]]:
        if self._including is None:
            raise ValueError("$INCLUDE, which is not allowed here")
        file, blocks = self._including(os.fsdecode(_ESCAPE.sub(_octet, path.strip(b'"'))))
        return self._lines_of(file, blocks, origin)

    def _lines_of(self, file: str, blocks: Iterable[bytes], origin: bytes) -> Iterator[list[bytes]]:
        """Yield what an included file holds. Neither it nor what follows inherits an owner: programs differ there."""
        before = self._origin
        self._change_origin(origin)
        self._owner = None
        yield from self.lines(blocks, file)
        self._change_origin(before)
        self._owner = None


def _remember(memory: dict[bytes, bytes], text: bytes, meaning: bytes) -> None:
    if len(memory) < MAX_REMEMBERED:
        memory[text] = meaning


def _octet(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1])])


def _nothing(kind: bytes) -> bytes:
    """Return the RDATA of a record without any."""
    if kind != b"APL":
        raise ValueError("a record that ends behind its type")
    return b"\\# 0"  # no address is legal (RFC 3123, 4), but a line without RDATA is not flat


def _gateway(type_at: int, fields: list[bytes], target: _Target) -> list[bytes]:
    """The fourth field is a name if another is 3 (RFC 4025, 2.3; RFC 8777, 4.2.3)."""
    is_name = fields[type_at].lstrip(b"0") == b"3"
    return [*fields[:3], target(fields[3]), *fields[4:]] if is_name else fields


def _servers(fields: list[bytes], target: _Target) -> list[bytes]:
    """The fields from the fourth are names (RFC 8005, 6)."""
    return fields[:3] + [target(name) for name in fields[3:]]


def _parameters(fields: list[bytes], target: _Target) -> list[bytes]:  # noqa: ARG001  # one of _RARE
    """A parameter and its quoted value are one field, as in `alpn="h2"` (RFC 9460, 2.1)."""
    joined: list[bytes] = []
    for field in fields:
        if joined and joined[-1].endswith(b"=") and field.startswith(b'"'):
            joined[-1] += field
        else:
            joined.append(field)
    return joined


_RARE: Mapping[bytes, Callable[[list[bytes], _Target], list[bytes]]] = MappingProxyType(
    {
        b"HIP": _servers,
        b"IPSECKEY": partial(_gateway, 1),
        b"AMTRELAY": partial(_gateway, 2),
        b"SVCB": _parameters,
        b"HTTPS": _parameters,
    }
)
"""What is to be done to the RDATA of types whose names do not stand in fixed places, or are not all."""
