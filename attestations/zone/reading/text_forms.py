"""The text forms of values in records: numbers, times, octets, character strings (RFC 1035, 5.1; RFC 4034)."""

import binascii
import re
from calendar import monthrange, timegm

from attestations.zone.reading.names import shown

ALGORITHMS = {
    b"RSAMD5": 1,
    b"DH": 2,
    b"DSA": 3,
    b"RSASHA1": 5,
    b"DSA-NSEC3-SHA1": 6,
    b"NSEC3DSA": 6,
    b"RSASHA1-NSEC3-SHA1": 7,
    b"NSEC3RSASHA1": 7,
    b"RSASHA256": 8,
    b"RSASHA512": 10,
    b"ECC-GOST": 12,
    b"ECCGOST": 12,
    b"ECDSAP256SHA256": 13,
    b"ECDSAP384SHA384": 14,
    b"ED25519": 15,
    b"ED448": 16,
    b"INDIRECT": 252,
    b"PRIVATEDNS": 253,
    b"PRIVATEOID": 254,
}
"""Mnemonics that may stand for a DNSSEC algorithm number (RFC 4034, 2.2 and A.1)"""

_UNITS = {b"": 1, b"s": 1, b"m": 60, b"h": 3600, b"d": 86400, b"w": 604800}
_TTL = re.compile(rb"(?:[0-9]{1,10}[smhdw])+|[0-9]{1,10}", re.IGNORECASE)
_TTL_PART = re.compile(rb"([0-9]+)([smhdw]?)", re.IGNORECASE)
_TIME = re.compile(rb"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})")
_BASE32HEX = b"0123456789ABCDEFGHIJKLMNOPQRSTUVabcdefghijklmnopqrstuv"
_ESCAPE = re.compile(rb"\\(?:([0-9]{3})|([^0-9]))", re.DOTALL)
_STRING = re.compile(rb'(?:[^"\\]|\\[0-9]{3}|\\[^0-9])*', re.DOTALL)


def number(text: bytes, bits: int) -> int:
    """Return a decimal number of at most so many bits; raise ValueError. int() alone takes `+1` and `1_0` too."""
    if text.isdigit() and len(text) <= 10 and not (value := int(text)) >> bits:
        return value
    raise ValueError(f"{shown(text)} is not a number of {bits} bits")


def ttl_number(text: bytes) -> int:
    """Return seconds from a number or from a form like 1h30m; raise ValueError."""
    if text.isdigit():
        return number(text, 32)
    if _TTL.fullmatch(text) is None:
        raise ValueError(f"{shown(text)} is not a time to live")
    seconds = sum(int(count) * _UNITS[unit.lower()] for count, unit in _TTL_PART.findall(text))
    return number(b"%d" % seconds, 32)


def algorithm_number(text: bytes) -> int:
    """Return a DNSSEC algorithm from its number or mnemonic; raise ValueError."""
    if text.isdigit():
        return number(text, 8)
    if text.upper() not in ALGORITHMS:
        raise ValueError(f"{shown(text)} is not a DNSSEC algorithm")
    return ALGORITHMS[text.upper()]


def time_number(text: bytes) -> int:
    """Return a time of an RRSIG record: YYYYMMDDHHmmSS in UTC, or seconds since 1970 (RFC 4034, 3.2)."""
    match = _TIME.fullmatch(text)
    if match is None:
        return number(text, 32)
    year, month, day, hour, minute, second = map(int, match.groups())
    if not (1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1] and hour < 24 and minute < 60 and second < 61):
        raise ValueError(f"{shown(text)} is not a time")
    return timegm((year, month, day, hour, minute, second)) % 2**32


def base64_octets(parts: list[bytes]) -> bytes:
    """Return what base64 text stands for, be it split by blanks or not.

    Raises ValueError for any foreign character, and for spare bits that are not zero, with which BIND and ldns do not
    load a zone (RFC 4648, 3.5).
    """
    text = b"".join(parts)
    octets = binascii.a2b_base64(text, strict_mode=True)
    if text.endswith(b"=") and binascii.b2a_base64(octets[-(len(octets) % 3) :], newline=False) != text[-4:]:
        raise ValueError(f"base64 that ends in {shown(text[-4:])}, with spare bits that are not zero")
    return octets


def base32hex_octets(text: bytes) -> bytes:
    """Return what base32hex text without padding stands for (RFC 5155, 3.3); raise ValueError, for spare bits too."""
    size, spare = divmod(len(text) * 5, 8)
    if not text or text.translate(None, _BASE32HEX) or spare >= 5 or int(text, 32) % 2**spare:
        raise ValueError(f"{shown(text)} is not base32hex")
    return (int(text, 32) >> spare).to_bytes(size, "big")


def hex_octets(parts: list[bytes]) -> bytes:
    """Return what hexadecimal text stands for, at least one octet, be it split by blanks or not; raise ValueError."""
    octets = binascii.unhexlify(b"".join(parts))
    if not octets:
        raise ValueError("no octets")
    return octets


def character_string(text: bytes) -> bytes:
    """Return a character string (RFC 1035, 3.3) in wire form, from quoted or plain text; raise ValueError."""
    octets = text_octets(text)
    if len(octets) > 255:
        raise ValueError("a character string of more than 255 octets")
    return bytes([len(octets)]) + octets


def text_octets(text: bytes) -> bytes:
    """Return what quoted or plain text stands for, without escapes (RFC 1035, 5.1); raise ValueError."""
    if text[:1] == b'"':
        if len(text) < 2 or text[-1:] != b'"':
            raise ValueError("an unbalanced quote")
        text = text[1:-1]
    if b"\\" not in text and b'"' not in text:
        return text
    if _STRING.fullmatch(text) is None:
        raise ValueError(f"{shown(text)} is no character string")
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1])]) if match[1] else match[2]
