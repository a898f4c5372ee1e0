"""RDATA from presentation form to canonical wire form (RFC 4034, 6.2; RFC 6840, 5.1).

Common types are read here, rare ones by dnspython, which is imported only when one occurs.
"""

import binascii
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_pton
from types import MappingProxyType

from attestations.zone.reading.by_library import by_library
from attestations.zone.reading.digests import DIGESTS, insist_on_digest
from attestations.zone.reading.names import cased_wire_name, shown, wire_name
from attestations.zone.reading.text_forms import (
    algorithm_number,
    base32hex_octets,
    base64_octets,
    character_string,
    hex_octets,
    number,
    text_octets,
    time_number,
    ttl_number,
)
from attestations.zone.reading.types import TYPES, type_number, type_text

MAX_RDATA = 65535
_RRSIG_HEAD = struct.Struct("!HBBIIIH")


@dataclass(frozen=True, kw_only=True)
class Rrsig:
    """The RDATA of an RRSIG record (RFC 4034, 3.1)."""

    covered: int
    algorithm: int
    labels: int
    original_ttl: int
    expiration: int
    inception: int
    key_tag: int
    signer: bytes
    """in lower-case wire form"""
    signature: bytes = field(repr=False)

    @property
    def head(self) -> bytes:
        """The RDATA without the signature: what the signed data begin with (RFC 4034, 3.1.8.1)."""
        fixed = (self.covered, self.algorithm, self.labels, self.original_ttl, self.expiration, self.inception)
        return _RRSIG_HEAD.pack(*fixed, self.key_tag) + self.signer


def rdata_wire(rtype: int, fields: list[bytes]) -> bytes:
    """Return canonical RDATA of the fields that follow the type; quoted fields come with their quotes.

    Raises ValueError: not RDATA of this type, or (its subclass RelativeNameError) a name that is not absolute.
    """
    try:
        if fields[:1] == [rb"\#"]:
            wire = _generic(rtype, fields)
        else:
            wire = _READERS[rtype](fields) if rtype in _READERS else by_library(rtype, fields)
    except (IndexError, OverflowError, OSError, struct.error) as error:
        raise ValueError(f"malformed {type_text(rtype)} record: {error}") from None
    if len(wire) > MAX_RDATA:
        raise ValueError(f"a {type_text(rtype)} record of more than {MAX_RDATA} octets")
    if rtype in DIGESTS:
        insist_on_digest(rtype, wire)
    return wire


def read_rrsig(fields: list[bytes]) -> Rrsig:
    """Return an RRSIG record from the fields that follow the type; raise ValueError."""
    covered, algorithm, labels, ttl, expiration, inception, tag, signer, *signature = fields
    if not signature:
        raise ValueError("an RRSIG record without a signature")
    return Rrsig(
        covered=type_number(covered),
        algorithm=algorithm_number(algorithm),
        labels=number(labels, 8),
        original_ttl=number(ttl, 32),
        expiration=time_number(expiration),
        inception=time_number(inception),
        key_tag=number(tag, 16),
        signer=wire_name(signer),
        signature=base64_octets(signature),
    )


def bitmap_wire(types: Iterable[int]) -> bytes:
    """Return the canonical bitmap of some types (RFC 4034, 4.1.2)."""
    windows: dict[int, bytearray] = {}
    for rtype in sorted(types):
        bitmap = windows.setdefault(rtype >> 8, bytearray())
        octet = (rtype & 0xFF) >> 3
        bitmap.extend(bytes(octet + 1 - len(bitmap)))
        bitmap[octet] |= 0x80 >> (rtype & 7)
    return b"".join(bytes((window, len(bitmap))) + bitmap for window, bitmap in windows.items())


def _generic(rtype: int, fields: list[bytes]) -> bytes:
    """RFC 3597, 5: for a known type the names inside must be made canonical too, so the library reads it."""
    wire = binascii.unhexlify(b"".join(fields[2:]))
    if len(wire) != number(fields[1], 16):
        raise ValueError(f"{len(wire)} octets of RDATA where {shown(fields[1])} are announced")
    return by_library(rtype, fields) if rtype in TYPES.values() else wire


def _name(fields: list[bytes]) -> bytes:
    (name,) = fields
    return wire_name(name)


def _names(fields: list[bytes]) -> bytes:
    one, two = fields
    return wire_name(one) + wire_name(two)


def _a(fields: list[bytes]) -> bytes:
    (address,) = fields
    return inet_pton(AF_INET, address.decode("ascii"))


def _aaaa(fields: list[bytes]) -> bytes:
    (address,) = fields
    return inet_pton(AF_INET6, address.decode("ascii"))


def _soa(fields: list[bytes]) -> bytes:
    primary, mailbox, serial, *times = fields
    refresh, retry, expire, minimum = map(ttl_number, times)
    numbers = struct.pack("!IIIII", number(serial, 32), refresh, retry, expire, minimum)
    return wire_name(primary) + wire_name(mailbox) + numbers


def _preference_and_name(fields: list[bytes]) -> bytes:
    preference, name = fields
    return struct.pack("!H", number(preference, 16)) + wire_name(name)


def _srv(fields: list[bytes]) -> bytes:
    priority, weight, port, target = fields
    return struct.pack("!HHH", *(number(text, 16) for text in (priority, weight, port))) + wire_name(target)


def _naptr(fields: list[bytes]) -> bytes:
    order, preference, flags, services, regexp, replacement = fields
    strings = b"".join(map(character_string, (flags, services, regexp)))
    return struct.pack("!HH", number(order, 16), number(preference, 16)) + strings + wire_name(replacement)


def _strings(fields: list[bytes]) -> bytes:
    if not fields:
        raise ValueError("no character string")
    return b"".join(map(character_string, fields))


def _hinfo(fields: list[bytes]) -> bytes:
    cpu, system = fields
    return character_string(cpu) + character_string(system)


def _caa(fields: list[bytes]) -> bytes:
    flags, tag, value = fields
    if not (tag.isalnum() and len(tag) < 256):
        raise ValueError(f"{shown(tag)} is not a CAA tag")
    return bytes([number(flags, 8), len(tag)]) + tag + text_octets(value)


def _ds(fields: list[bytes]) -> bytes:
    tag, algorithm, digest_type, *digest = fields
    head = struct.pack("!HBB", number(tag, 16), algorithm_number(algorithm), number(digest_type, 8))
    return head + hex_octets(digest)


def _dnskey(fields: list[bytes]) -> bytes:
    flags, protocol, algorithm, *key = fields
    if not key:
        raise ValueError("a key of no octets")
    head = struct.pack("!HBB", number(flags, 16), number(protocol, 8), algorithm_number(algorithm))
    return head + base64_octets(key)


def _rrsig(fields: list[bytes]) -> bytes:
    rrsig = read_rrsig(fields)
    return rrsig.head + rrsig.signature


def _nsec(fields: list[bytes]) -> bytes:
    following, *types = fields
    return cased_wire_name(following) + _bitmap(tuple(types))


def _nsec3(fields: list[bytes]) -> bytes:
    following = base32hex_octets(fields[4])
    head = _nsec3param(fields[:4]) + bytes([len(following)])
    return head + following + _bitmap(tuple(fields[5:]))


def _nsec3param(fields: list[bytes]) -> bytes:
    algorithm, flags, iterations, salt_text = fields
    salt = b"" if salt_text == b"-" else hex_octets([salt_text])
    head = struct.pack("!BBHB", number(algorithm, 8), number(flags, 8), number(iterations, 16), len(salt))
    return head + salt


@lru_cache(maxsize=4096)
def _bitmap(types: tuple[bytes, ...]) -> bytes:
    """In most zones a few bitmaps recur."""
    return bitmap_wire(map(type_number, types))


def _tlsa(fields: list[bytes]) -> bytes:
    usage, selector, matching, *association = fields
    return bytes([number(usage, 8), number(selector, 8), number(matching, 8)]) + hex_octets(association)


def _sshfp(fields: list[bytes]) -> bytes:
    algorithm, kind, *fingerprint = fields
    return bytes([number(algorithm, 8), number(kind, 8)]) + hex_octets(fingerprint)


def _zonemd(fields: list[bytes]) -> bytes:
    serial, scheme, algorithm, *digest = fields
    return struct.pack("!IBB", number(serial, 32), number(scheme, 8), number(algorithm, 8)) + hex_octets(digest)


def _csync(fields: list[bytes]) -> bytes:
    serial, flags, *types = fields
    return struct.pack("!IH", number(serial, 32), number(flags, 16)) + _bitmap(tuple(types))


def _openpgpkey(fields: list[bytes]) -> bytes:
    return base64_octets(fields)


def _uri(fields: list[bytes]) -> bytes:
    priority, weight, target = fields
    if target[:1] != b'"':
        raise ValueError(f"the target {shown(target)}, which is not quoted (RFC 7553, 4.5)")
    return struct.pack("!HH", number(priority, 16), number(weight, 16)) + text_octets(target)


_READERS: Mapping[int, Callable[[list[bytes]], bytes]] = MappingProxyType(
    {
        TYPES[mnemonic]: reader
        for reader, mnemonics in {
            _a: (b"A",),
            _aaaa: (b"AAAA",),
            _name: (b"NS", b"CNAME", b"PTR", b"DNAME", b"MD", b"MF", b"MB", b"MG", b"MR"),
            _names: (b"RP", b"MINFO"),
            _soa: (b"SOA",),
            _preference_and_name: (b"MX", b"AFSDB", b"RT", b"KX"),
            _srv: (b"SRV",),
            _naptr: (b"NAPTR",),
            _strings: (b"TXT", b"SPF"),
            _hinfo: (b"HINFO",),
            _caa: (b"CAA",),
            _ds: (b"DS", b"CDS", b"DLV", b"TA"),
            _dnskey: (b"DNSKEY", b"CDNSKEY"),
            _rrsig: (b"RRSIG",),
            _nsec: (b"NSEC",),
            _nsec3: (b"NSEC3",),
            _nsec3param: (b"NSEC3PARAM",),
            _tlsa: (b"TLSA", b"SMIMEA"),
            _sshfp: (b"SSHFP",),
            _zonemd: (b"ZONEMD",),
            _csync: (b"CSYNC",),
            _openpgpkey: (b"OPENPGPKEY",),
            _uri: (b"URI",),
        }.items()
        for mnemonic in mnemonics
    }
)
"""How RDATA of a type is read; of the rest dnspython knows many."""
