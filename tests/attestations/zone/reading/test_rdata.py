"""RDATA of every type against a second implementation, and what is no RDATA."""

import base64
import struct

import dns.exception
import dns.rdata
import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from attestations.zone.reading.flat import fields_of
from attestations.zone.reading.names import RelativeNameError
from attestations.zone.reading.rdata import bitmap_wire, rdata_wire, read_rrsig
from attestations.zone.reading.text_forms import base32hex_octets, number, time_number, ttl_number
from attestations.zone.reading.types import TYPES, type_number, type_text

U8, U16, U32 = (st.integers(0, 2**bits - 1).map(str) for bits in (8, 16, 32))
NAME = st.lists(st.sampled_from(["a", "B", "x-1", "*", r"\.", r"\200"]), min_size=0, max_size=4).map(
    lambda labels: "".join(f"{label}." for label in labels) or "."
)
OCTETS = st.binary(min_size=1, max_size=40)
HEX = OCTETS.map(lambda octets: octets.hex().upper())
BASE64 = OCTETS.map(lambda octets: base64.b64encode(octets).decode("ascii"))
HASH = OCTETS.map(lambda octets: base64.b32hexencode(octets).decode("ascii").rstrip("="))
QUOTED = st.lists(st.sampled_from(["a", " ", ";", "(", r"\"", r"\\", r"\200", "Z"]), max_size=12).map(
    lambda parts: f'"{"".join(parts)}"'
)
TYPE_LIST = st.lists(st.sampled_from(["A", "NS", "RRSIG", "TYPE65280", "CAA", "TYPE1234"]), unique=True, max_size=6)
TYPE_TEXT = TYPE_LIST.map(" ".join)
IPV4 = st.binary(min_size=4, max_size=4).map(lambda octets: ".".join(map(str, octets)))
IPV6 = st.binary(min_size=16, max_size=16).map(lambda octets: octets.hex(":", 2))
SALT = st.one_of(st.just("-"), HEX)
TIME = st.sampled_from(["20260410120000", "20380119031408", "1775822400", "0", "4294967295"])
COVERED = st.sampled_from(["A", "NSEC3", "TYPE65280"])
TAG = st.sampled_from(["issue", "iodef", "a1"])


def texts(*parts):
    return st.tuples(*parts).map(" ".join)


FORMS = {
    "A": texts(IPV4),
    "AAAA": texts(IPV6),
    **dict.fromkeys(["NS", "CNAME", "PTR", "DNAME"], texts(NAME)),
    "RP": texts(NAME, NAME),
    "SOA": texts(NAME, NAME, U32, *[st.integers(0, 2**31 - 1).map(str)] * 4),
    **dict.fromkeys(["MX", "AFSDB", "RT", "KX"], texts(U16, NAME)),
    "SRV": texts(U16, U16, U16, NAME),
    "NAPTR": texts(U16, U16, QUOTED, QUOTED, QUOTED, NAME),
    **dict.fromkeys(["TXT", "SPF"], st.lists(QUOTED, min_size=1, max_size=4).map(" ".join)),
    "HINFO": texts(QUOTED, QUOTED),
    "CAA": texts(U8, TAG, QUOTED),
    "DS": texts(
        U16, st.sampled_from(["8", "13", "RSASHA256"]), st.just("2"), st.binary(min_size=32, max_size=32).map(bytes.hex)
    ),
    "CDS": texts(U16, U8, st.just("2"), st.binary(min_size=32, max_size=32).map(bytes.hex)),
    **dict.fromkeys(["DNSKEY", "CDNSKEY"], texts(U16, U8, U8, BASE64)),
    "RRSIG": texts(COVERED, U8, U8, st.integers(0, 2**31 - 1).map(str), TIME, TIME, U16, NAME, BASE64),
    "NSEC": texts(NAME, TYPE_TEXT),
    "NSEC3": texts(U8, U8, U16, SALT, HASH, TYPE_TEXT),
    "NSEC3PARAM": texts(U8, U8, U16, SALT),
    **dict.fromkeys(["TLSA", "SMIMEA"], texts(U8, U8, st.sampled_from(["0", "3"]), HEX)),
    "SSHFP": texts(U8, st.just("9"), HEX),
    "ZONEMD": texts(U32, st.just("1"), st.just("1"), st.binary(min_size=48, max_size=48).map(bytes.hex)),
    "CSYNC": texts(U32, U16, TYPE_TEXT),
    "OPENPGPKEY": texts(BASE64),
    "URI": texts(U16, U16, st.just('"https://example/;x"')),
    "SVCB": texts(U16, NAME).filter(lambda text: not text.startswith("0 ")),
    "LOC": st.just("60 9 0.000 N 24 39 0.000 E 10.00m 20m 2000m 20m"),
}
CASES = st.sampled_from(sorted(FORMS)).flatmap(lambda name: st.tuples(st.just(name), FORMS[name]))


@settings(max_examples=250, deadline=None)
@given(case=CASES)
def test_canonical_rdata_equals_that_of_dnspython(case):
    name, text = case
    theirs = dns.rdata.from_text(RdataClass.IN, RdataType[name], text)
    ours = rdata_wire(TYPES[name.encode("ascii")], fields_of(text.encode("ascii")))
    assert ours == theirs.to_digestable()


@settings(max_examples=200, deadline=None)
@given(case=CASES, place=st.integers(0, 200), with_what=st.sampled_from(list('+_-. xZ9\\"')))
@example(case=("NSEC3", "0 0 0 - 00 "), place=9, with_what="9")  # bits that no octet holds
def test_what_dnspython_refuses_is_refused(case, place, with_what):
    name, text = case
    # A year after 2106 stands for one before, modulo 2^32, as in BIND; dnspython refuses it.
    assume(name != "RRSIG" or with_what != "9")
    place %= len(text)
    text = text[:place] + with_what + text[place + 1 :]
    try:
        theirs = dns.rdata.from_text(RdataClass.IN, RdataType[name], text).to_digestable()
    except (dns.exception.DNSException, ValueError, AssertionError):
        theirs = None
    try:
        ours = rdata_wire(TYPES[name.encode("ascii")], fields_of(text.encode("ascii")))
    except ValueError:
        ours = None
    assert ours in (None, theirs)


@pytest.mark.parametrize(
    ("rtype", "text"),
    [
        (b"A", b"192.0.2.01"),
        (b"A", b"192.0.2"),
        (b"A", b"192.0.2.1 x"),
        (b"AAAA", b"::1::"),
        (b"NS", b""),
        (b"NS", b"a. b."),
        (b"MX", b"65536 a."),
        (b"MX", b"+1 a."),
        (b"MX", b"1_0 a."),
        (b"TXT", b""),
        (b"TXT", b'"' + b"x" * 256 + b'"'),
        (b"TXT", b'a"b"'),
        (b"TXT", rb'"\2x"'),
        (b"TXT", rb'"\256"'),
        (b"DS", b"1 13 2 0"),
        (b"DS", b"1 13 2 0g"),
        (b"DS", b"1 13 2"),
        (b"DS", b"1 NOALG 2 00"),
        (b"DNSKEY", b"256 3 13 AA=A"),
        (b"DNSKEY", b"256 3 13 A!=="),
        (b"NSEC3", b"1 0 0 - 0-9 A"),
        (b"NSEC3", b"1 0 0 - W A"),
        (b"NSEC3", b"1 0 65536 - 00 A"),
        (b"NSEC", b"a. TYPE65536"),
        (b"NSEC", b"a. NOTYPE"),
        (b"RRSIG", b"A 13 1 60 20261301000000 20260101000000 1 a. AA=="),
        (b"RRSIG", b"A 13 1 60 20260101240000 20260101000000 1 a. AA=="),
        (b"RRSIG", b"A 13 1 60 4294967296 0 1 a. AA=="),
        (b"TYPE65280", b"not generic"),
        (b"TYPE65280", rb"\# 2 00"),
        (b"TYPE65280", rb"\# 1 0_"),
        (b"MX", rb"\# 1 00"),
        (b"CERT", b"nonsense"),
    ],
)
def test_malformed_rdata_is_refused(rtype, text):
    with pytest.raises(ValueError, match=r"."):
        rdata_wire(type_number(rtype), fields_of(text))


@pytest.mark.parametrize(
    ("rtype", "text"), [(b"NS", b"a"), (b"MX", b"1 a"), (b"SVCB", b"1 a"), (b"SOA", b"a b. 1 2 3 4 5")]
)
def test_a_relative_name_is_told_from_other_faults(rtype, text):
    with pytest.raises(RelativeNameError):
        rdata_wire(TYPES[rtype], fields_of(text))


@pytest.mark.parametrize(
    ("rtype", "text", "wire"),
    [
        (b"MX", rb"\# 5 000A 014100", bytes.fromhex("000a016100")),  # a known type: the name is made lower case
        (b"TYPE65280", rb"\# 3 0A 0b0C", bytes.fromhex("0a0b0c")),
        (b"TYPE65280", rb"\# 0", b""),
        (b"TXT", b'"a""b" c', b"\1a\1b\1c"),
        (b"MB", b"A.", b"\1a\0"),
        (b"MINFO", b"A. b.", b"\1a\0\1b\0"),
        (b"NSEC", b"A. A", b"\1A\0\0\1\x40"),  # RFC 6840, 5.1: letters of the next name stay
        (b"CDS", b"0 0 0 00", bytes(5)),
        (b"CDNSKEY", b"0 3 0 AA==", bytes([0, 0, 3, 0, 0])),
    ],
)
def test_special_forms_are_read(rtype, text, wire):
    assert rdata_wire(type_number(rtype), fields_of(text)) == wire


def test_rdata_longer_than_dns_can_carry_is_refused():
    strings = b" ".join([b'"' + b"x" * 255 + b'"'] * 256)
    assert len(rdata_wire(16, fields_of(strings[: -1 - 257]))) == 65280
    with pytest.raises(ValueError, match="65535"):
        rdata_wire(16, fields_of(strings))


@pytest.mark.parametrize(("text", "seconds"), [(b"0", 0), (b"3600", 3600), (b"1h30m", 5400), (b"1W", 604800)])
def test_times_to_live_may_have_units(text, seconds):
    assert ttl_number(text) == seconds


@pytest.mark.parametrize("text", [b"", b"h", b"-1", b"1x", b"4294967296", b"1_0", b"1h 2m", b"9999999w"])
def test_other_texts_are_no_times_to_live(text):
    with pytest.raises(ValueError, match=r"."):
        ttl_number(text)


@pytest.mark.parametrize("text", [b"+1", b"1_0", b" 1", b"", b"0x1", b"256", "\u0661".encode(), b"00000000001"])
def test_only_digits_make_a_number(text):
    with pytest.raises(ValueError, match="number of 8 bits"):
        number(text, 8)


@pytest.mark.parametrize("text", [b"", b"+1", b"_0", b"0 0", b"W0", b"0=", b"0", b"000", b"\xd9\xa1"])
def test_only_base32hex_makes_a_hash(text):
    with pytest.raises(ValueError, match="base32hex"):
        base32hex_octets(text)


def test_a_bitmap_does_not_depend_on_the_order_of_types():
    assert bitmap_wire([1, 46, 257]) == bitmap_wire([257, 46, 1, 1])
    assert bitmap_wire([]) == b""


def test_types_have_one_number_each():
    assert all(type_text(value) == name.decode("ascii") for name, value in TYPES.items())
    assert type_number(b"TYPE65280") == 65280
    assert type_text(65280) == "TYPE65280"
    assert all(int(RdataType.from_text(name.decode("ascii"))) == value for name, value in TYPES.items())


def test_the_head_of_a_signature_is_its_rdata_without_the_signature():
    text = b"A 13 2 3600 20260410120000 20260310120000 12345 Test. AAEC"
    rrsig = read_rrsig(text.split())
    assert rrsig.head + rrsig.signature == rdata_wire(46, text.split())
    assert rrsig.head[8:16] == struct.pack("!II", time_number(b"20260410120000"), time_number(b"20260310120000"))
