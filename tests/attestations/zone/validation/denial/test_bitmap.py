"""Type bitmaps: what they show, what they must show, and how a difference is put into words."""

import dns.rdata
import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.zone.reading.rdata import bitmap_wire
from attestations.zone.validation.denial.bitmap import (
    DS,
    NS,
    NSEC,
    NSEC3,
    RRSIG,
    bitmap_fault,
    bitmap_types,
    nsec3_types,
    nsec_types,
)

A, TXT, DNSKEY = 1, 16, 48
TYPES = st.frozensets(st.integers(1, 127) | st.integers(256, 65534), max_size=20)
"""dnspython takes no meta types in bitmaps (128 to 255)"""


@settings(max_examples=100)
@given(types=TYPES)
def test_a_bitmap_is_written_as_by_dnspython_and_read_back(types):
    text = " ".join(RdataType.to_text(RdataType.make(one)) for one in types)
    theirs = dns.rdata.from_text(RdataClass.IN, RdataType.NSEC, f". {text}").to_digestable()[1:]
    assert bitmap_wire(types) == theirs
    assert bitmap_types(theirs) == types


@pytest.mark.parametrize("wire", [b"\0", b"\0\0", b"\0\x21" + b"\1" * 33, b"\0\2\1", b"\0\1\x40\1"])
def test_a_malformed_bitmap_is_told(wire):
    with pytest.raises(ValueError, match="malformed"):
        bitmap_types(wire)
    assert bitmap_fault(wire, frozenset({A})) == "is malformed"


@pytest.mark.parametrize(
    ("wire", "fault"),
    [
        (b"\0\1\x40", ""),
        (b"\0\2\x40\0", "is not in the form of RFC 4034, 4.1.2"),
        (b"\0\1\x40\1\1\0", "is not in the form of RFC 4034, 4.1.2"),
        (b"\0\1\x60", "shows NS that the name does not have"),
        (b"\0\1\x20", "lacks A and shows NS that the name does not have"),
        (b"", "lacks A"),
    ],
)
def test_a_bitmap_must_show_the_types_in_their_one_form(wire, fault):
    assert bitmap_fault(wire, frozenset({A})) == fault


@pytest.mark.parametrize(
    ("types", "is_cut", "nsec3", "nsec"),
    [
        ({A, TXT}, False, {A, TXT, RRSIG}, {A, TXT, RRSIG, NSEC}),
        ({NS}, True, {NS}, {NS, RRSIG, NSEC}),
        ({NS, A}, True, {NS}, {NS, RRSIG, NSEC}),
        ({NS, DS}, True, {NS, DS, RRSIG}, {NS, DS, RRSIG, NSEC}),
        ({NS, DNSKEY}, False, {NS, DNSKEY, RRSIG}, {NS, DNSKEY, RRSIG, NSEC}),
        ({A, NSEC, NSEC3, RRSIG}, False, {A, RRSIG}, {A, RRSIG, NSEC}),
        (set(), False, set(), {RRSIG, NSEC}),
    ],
    ids=["data", "insecure", "glue-at-it", "secure", "apex", "both-chains", "empty-non-terminal"],
)
def test_what_a_bitmap_must_show(types, is_cut, nsec3, nsec):
    assert nsec3_types(frozenset(types), is_cut=is_cut) == nsec3
    assert nsec_types(frozenset(types), is_cut=is_cut) == nsec


def test_a_flood_of_types_is_cut_short():
    assert bitmap_fault(b"", frozenset(range(1, 40))).count(",") == 7
