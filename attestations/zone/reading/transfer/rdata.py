"""RDATA of a message as text: the usual types as everybody writes them, the rest in the form of RFC 3597."""

import binascii
import re
import struct
from base64 import b32hexencode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from socket import AF_INET, AF_INET6, inet_ntop
from types import MappingProxyType

from attestations.zone.reading.names import wire_name
from attestations.zone.reading.transfer.names import Names
from attestations.zone.reading.types import TYPES, type_text

_DS = struct.Struct("!HBB").unpack_from
_RRSIG = struct.Struct("!HBBIIIH")
_SOA = struct.Struct("!IIIII")
_NSEC3PARAM = struct.Struct("!BBH").unpack_from
_ODD = re.compile(rb"[^!#-'*-:<-\[\]-~]")

Text = Callable[[Names, int, int], bytes]


def text_of(rtype: int, names: Names, at: int, end: int) -> bytes:
    """Return the RDATA that stands between two octets of a message, as one line of a master file.

    Names lose their compression in the types of RFC 1035 and of RFC 3597, 4. Raises ValueError, IndexError or
    struct.error for octets that are no RDATA of the type.
    """
    return _TEXTS.get(rtype, _opaque)(names, at, end)


def _opaque(names: Names, at: int, end: int) -> bytes:
    return generic(names.wire[at:end])


def generic(octets: bytes) -> bytes:
    r"""Return RDATA in the form that suits every type: `\# length hex` (RFC 3597, 5)."""
    return b"\\# %d %b" % (len(octets), binascii.hexlify(octets)) if octets else b"\\# 0"


def _a(names: Names, at: int, end: int) -> bytes:
    return inet_ntop(AF_INET, names.wire[at:end]).encode("ascii")


def _aaaa(names: Names, at: int, end: int) -> bytes:
    return inet_ntop(AF_INET6, names.wire[at:end]).encode("ascii")


def _name(names: Names, at: int, end: int) -> bytes:
    name, at = names.at(at)
    _whole(at, end)
    return name


def _mx(names: Names, at: int, end: int) -> bytes:
    return b"%d %b" % (int.from_bytes(names.wire[at : at + 2], "big"), _name(names, at + 2, end))


def _soa(names: Names, at: int, end: int) -> bytes:
    primary, at = names.at(at)
    mailbox, at = names.at(at)
    _whole(at + _SOA.size, end)
    return b"%b %b %d %d %d %d %d" % (primary, mailbox, *_SOA.unpack_from(names.wire, at))


def _txt(names: Names, at: int, end: int) -> bytes:
    strings = []
    while at < end:
        following = at + 1 + names.wire[at]
        strings.append(b'"' + _ODD.sub(_escaped, names.wire[at + 1 : following]) + b'"')
        at = following
    _whole(at, end)
    if not strings:
        raise ValueError("no character string")
    return b" ".join(strings)


def _escaped(octet: re.Match[bytes]) -> bytes:
    return b"\\%03d" % octet[0][0]


def _ds(names: Names, at: int, end: int) -> bytes:
    return b"%d %d %d %b" % (*_DS(names.wire, at), binascii.hexlify(_some(names.wire[at + 4 : end])))


def _dnskey(names: Names, at: int, end: int) -> bytes:
    return b"%d %d %d %b" % (*_DS(names.wire, at), _base64(_some(names.wire[at + 4 : end])))


def _rrsig(names: Names, at: int, end: int) -> bytes:
    covered, algorithm, labels, ttl, expiration, inception, tag = _RRSIG.unpack_from(names.wire, at)
    signer, at = names.uncompressed(at + _RRSIG.size)
    return b"%b %d %d %d %b %b %d %b %b" % (
        _mnemonic(covered),
        algorithm,
        labels,
        ttl,
        _time(expiration),
        _time(inception),
        tag,
        signer,
        _base64(_some(names.wire[at:end])),
    )


def _nsec(names: Names, at: int, end: int) -> bytes:
    following, at = names.uncompressed(at)
    return following + _types(_bitmap(names, at, end))


def _nsec3(names: Names, at: int, end: int) -> bytes:
    parameters, at = _parameters(names.wire, at)
    following = at + 1 + names.wire[at]
    owner = b32hexencode(_some(names.wire[at + 1 : following])).rstrip(b"=")
    return b"%b %b%b" % (parameters, owner, _types(_bitmap(names, following, end)))


def _nsec3param(names: Names, at: int, end: int) -> bytes:
    text, at = _parameters(names.wire, at)
    _whole(at, end)
    return text


def _parameters(wire: bytes, at: int) -> tuple[bytes, int]:
    salt = wire[at + 5 : at + 5 + wire[at + 4]]
    return b"%d %d %d %b" % (*_NSEC3PARAM(wire, at), binascii.hexlify(salt) or b"-"), at + 5 + wire[at + 4]


def _bitmap(names: Names, at: int, end: int) -> bytes:
    if at > end:
        raise ValueError("RDATA that go beyond their length")
    return names.wire[at:end]


@lru_cache(maxsize=4096)
def _types(bitmap: bytes) -> bytes:
    """Return the types of a bitmap (RFC 4034, 4.1.2), each behind a blank; a bitmap not in canonical form is an error.

    Text cannot tell the forms of one bitmap apart, but signatures cover the octets.
    """
    types = []
    at, before = 0, -1
    while at < len(bitmap):
        window, size = bitmap[at], bitmap[at + 1]
        octets = bitmap[at + 2 : at + 2 + size]
        if window <= before or not 0 < size <= 32 or len(octets) != size or not octets[-1]:
            raise ValueError("a type bitmap that is not in canonical form")
        types += [window << 8 | n for n in range(size * 8) if octets[n >> 3] & 0x80 >> (n & 7)]
        at, before = at + 2 + size, window
    return b"".join(b" " + _mnemonic(rtype) for rtype in types)


@lru_cache(maxsize=4096)
def _mnemonic(rtype: int) -> bytes:
    return type_text(rtype).encode("ascii")


@lru_cache(maxsize=65536)
def _time(seconds: int) -> bytes:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d%H%M%S").encode("ascii")


def _base64(octets: bytes) -> bytes:
    return binascii.b2a_base64(octets, newline=False)


def _some(octets: bytes) -> bytes:
    if not octets:
        raise ValueError("RDATA that end too early")
    return octets


def _whole(at: int, end: int) -> None:
    if at != end:
        raise ValueError("RDATA whose length does not fit its content")


def _expanded(octets: int, strings: int, count: int, names: Names, at: int, end: int) -> bytes:
    """Return RDATA of fixed octets, character strings, names and whatever follows, with the names expanded."""
    start = at
    at += octets
    for _ in range(strings):
        at += 1 + names.wire[at]
    parts = [names.wire[start:at]]
    for _ in range(count):
        name, at = names.at(at)
        parts.append(wire_name(name))
    if at > end:
        raise ValueError("RDATA that go beyond their length")
    return generic(b"".join(parts) + names.wire[at:end])


_BY_TEXT: tuple[tuple[Text, tuple[bytes, ...]], ...] = (
    (_a, (b"A",)),
    (_aaaa, (b"AAAA",)),
    (_name, (b"NS", b"CNAME", b"PTR", b"DNAME")),
    (_mx, (b"MX",)),
    (_soa, (b"SOA",)),
    (_txt, (b"TXT",)),
    (_ds, (b"DS", b"CDS")),
    (_dnskey, (b"DNSKEY", b"CDNSKEY")),
    (_rrsig, (b"RRSIG",)),
    (_nsec, (b"NSEC",)),
    (_nsec3, (b"NSEC3",)),
    (_nsec3param, (b"NSEC3PARAM",)),
    (partial(_expanded, 0, 0, 1), (b"MD", b"MF", b"MB", b"MG", b"MR", b"NXT")),
    (partial(_expanded, 0, 0, 2), (b"MINFO", b"RP")),
    (partial(_expanded, 2, 0, 1), (b"AFSDB", b"RT", b"KX")),
    (partial(_expanded, 2, 0, 2), (b"PX",)),
    (partial(_expanded, 6, 0, 1), (b"SRV",)),
    (partial(_expanded, 4, 3, 1), (b"NAPTR",)),
    (partial(_expanded, 18, 0, 1), (b"SIG",)),
)
_TEXTS: Mapping[int, Text] = MappingProxyType(
    {TYPES[mnemonic]: text for text, mnemonics in _BY_TEXT for mnemonic in mnemonics}
)
