"""Types of resource records: mnemonics and numbers (IANA registry; RFC 3597, 5 for the others)."""

from collections.abc import Mapping
from types import MappingProxyType

from attestations.zone.reading.names import shown

TYPES: Mapping[bytes, int] = MappingProxyType(
    {
        b"A": 1,
        b"NS": 2,
        b"MD": 3,
        b"MF": 4,
        b"CNAME": 5,
        b"SOA": 6,
        b"MB": 7,
        b"MG": 8,
        b"MR": 9,
        b"NULL": 10,
        b"WKS": 11,
        b"PTR": 12,
        b"HINFO": 13,
        b"MINFO": 14,
        b"MX": 15,
        b"TXT": 16,
        b"RP": 17,
        b"AFSDB": 18,
        b"X25": 19,
        b"ISDN": 20,
        b"RT": 21,
        b"NSAP": 22,
        b"NSAP-PTR": 23,
        b"SIG": 24,
        b"KEY": 25,
        b"PX": 26,
        b"GPOS": 27,
        b"AAAA": 28,
        b"LOC": 29,
        b"NXT": 30,
        b"SRV": 33,
        b"NAPTR": 35,
        b"KX": 36,
        b"CERT": 37,
        b"A6": 38,
        b"DNAME": 39,
        b"APL": 42,
        b"DS": 43,
        b"SSHFP": 44,
        b"IPSECKEY": 45,
        b"RRSIG": 46,
        b"NSEC": 47,
        b"DNSKEY": 48,
        b"DHCID": 49,
        b"NSEC3": 50,
        b"NSEC3PARAM": 51,
        b"TLSA": 52,
        b"SMIMEA": 53,
        b"HIP": 55,
        b"NINFO": 56,
        b"CDS": 59,
        b"CDNSKEY": 60,
        b"OPENPGPKEY": 61,
        b"CSYNC": 62,
        b"ZONEMD": 63,
        b"SVCB": 64,
        b"HTTPS": 65,
        b"DSYNC": 66,
        b"SPF": 99,
        b"NID": 104,
        b"L32": 105,
        b"L64": 106,
        b"LP": 107,
        b"EUI48": 108,
        b"EUI64": 109,
        b"URI": 256,
        b"CAA": 257,
        b"AVC": 258,
        b"AMTRELAY": 260,
        b"RESINFO": 261,
        b"WALLET": 262,
        b"TA": 32768,
        b"DLV": 32769,
    }
)
"""Types that may stand in a zone, by mnemonic."""

_NOT_IN_ZONES = frozenset((0, 41, *range(128, 256)))
"""OPT, TSIG, ANY and their like (RFC 6895, 3.1)"""
_TEXTS = {number: mnemonic.decode("ascii") for mnemonic, number in TYPES.items()}


def type_number(text: bytes) -> int:
    """Return the number of a type from its mnemonic, in any case, or from TYPEnn; raise ValueError."""
    upper = text.upper()
    if upper in TYPES:
        return TYPES[upper]
    digits = upper[4:]
    if upper[:4] != b"TYPE" or not digits.isdigit() or len(digits) > 5 or int(digits) > 0xFFFF:
        raise ValueError(f"{shown(text)} is not a type of records")
    return int(digits)


def type_in_zone(text: bytes) -> int:
    """Return the number of a type of which a zone may hold records; raise ValueError."""
    rtype = type_number(text)
    if rtype in _NOT_IN_ZONES:
        raise ValueError(f"a record of type {rtype}, which no zone holds")
    return rtype


def type_text(number: int) -> str:
    """Return the mnemonic of a type, or TYPEnn."""
    return _TEXTS.get(number) or f"TYPE{number}"
