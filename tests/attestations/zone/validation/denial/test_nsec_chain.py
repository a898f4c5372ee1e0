"""NSEC chains: each record where it stands, and all of them as one ring."""

import pytest
from dns.rdatatype import RdataType
from hypothesis import given
from hypothesis import strategies as st

from attestations.zone.practice.denial import Nsec3
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.rdata import bitmap_wire
from attestations.zone.validation.denial.nsec import check_ring, record_findings, split_nsec, stray_finding

APEX, NAME = wire_name(b"test."), wire_name(b"b.test.")
A, NS = 1, 2
ZONE = "nic IN A 192.0.2.3\n* IN A 192.0.2.4\nd0 IN NS ns.d0\nns.d0 IN A 192.0.2.9\nleaf.deep.empty IN TXT x\n"
BITS = pytest.mark.parametrize("bits", [0, 3, 8])


def nsec(following, types):
    return wire_name(following) + bitmap_wire({*types, 46, 47})


@pytest.mark.parametrize(
    ("rdatas", "message"),
    [
        ([nsec(b"c.test.", [A])], None),
        ([nsec(b"a.b.test.", [A])], None),
        ([nsec(b"test.", [A])], None),
        ([b"\1C\4TEST\0" + bitmap_wire({A, 46, 47})], None),
        ([nsec(b"b.test.", [A])], "the NSEC record points to b.test., which does not come after it"),
        ([nsec(b"a.test.", [A])], "the NSEC record points to a.test., which does not come after it"),
        ([nsec(b"c.test.", [A, NS])], "the NSEC bitmap shows NS that the name does not have"),
        ([nsec(b"c.test.", [])], "the NSEC bitmap lacks A"),
        ([], "0 NSEC records where one must be"),
        ([nsec(b"c.test.", [A]), nsec(b"d.test.", [A])], "2 NSEC records where one must be"),
    ],
)
def test_a_record_is_held_against_its_own_name(rdatas, message):
    found = list(record_findings(NAME, tuple(rdatas), frozenset({A}), is_cut=False, apex=APEX))
    assert [one.message for one in found] == ([message] if message else [])
    assert all(one.owner == "b.test." for one in found)


def test_the_only_name_of_a_zone_points_to_itself():
    rdata = nsec(b"test.", [A])
    assert not list(record_findings(APEX, (rdata,), frozenset({A}), is_cut=False, apex=APEX))


def test_a_record_is_split_after_its_next_name():
    assert split_nsec(b"\3AbC\4test\0\0\1\x40") == (b"\3abc\4test\0", b"\0\1\x40")
    assert split_nsec(b"\0") == (b"\0", b"")


def test_a_stray_record_is_told_at_its_owner():
    assert stray_finding(NAME).owner == "b.test."


@BITS
def test_a_complete_chain_is_fine(bench, bits):
    assert not bench(ZONE, "nsec", bits=bits).report().totals


@BITS
def test_a_record_that_skips_a_name_is_told_with_the_name(bench, bits):
    chain = {r.owner.to_text(): r for r in bench(ZONE, "nsec").zone.rrsets if r.rtype == RdataType.NSEC}
    skipping, skipped = chain["test."], chain["*.test."]
    bad = bench(ZONE, "nsec", bits=bits).with_rdatas(
        lambda rrset: rrset == skipping, lambda rdata: rdata.replace(next=skipped.rdatas[0].next)
    )
    assert bad.messages() == {
        ("*.test.", "no NSEC record points to this name"),
        ("test.", "the NSEC record points to d0.test., which is not the next name"),
    }


@BITS
def test_a_record_that_points_to_glue_is_told(bench, bits):
    glue = next(r.owner for r in bench(ZONE).zone.rrsets if r.owner.to_text() == "ns.d0.test.")
    bad = bench(ZONE, "nsec", bits=bits).with_rdatas(
        lambda rrset: rrset.rtype == RdataType.NSEC and rrset.owner.to_text() == "d0.test.",
        lambda rdata: rdata.replace(next=glue),
    )
    assert bad.messages() == {
        ("leaf.deep.empty.test.", "no NSEC record points to this name"),
        ("d0.test.", "the NSEC record points to ns.d0.test., which is not the next name"),
    }


@given(
    names=st.sets(st.binary(min_size=16, max_size=16), min_size=2, max_size=20),
    extra=st.binary(min_size=16, max_size=16),
)
def test_a_ring_holds_if_each_name_is_the_next_of_exactly_one(names, extra):
    first, *others = sorted(names)
    good = b"".join(names)
    assert check_ring((good, b"".join(sorted(names, reverse=True)))).faults == 0
    assert check_ring((good, b"".join([first, first, *others[1:]]))).faults == 2
    assert check_ring((good, b"".join([first, *others, extra]))).faults == 1
    assert check_ring((good, b"".join(others))).faults == 1


def test_a_zone_with_neither_kind_is_refused(bench):
    bare = bench(ZONE, "nsec").without(lambda rrset: rrset.rtype == RdataType.NSEC)
    assert bare.messages() == {("test.", "the zone has neither NSEC nor NSEC3 records")}


def test_a_chain_without_its_apex_is_refused(bench):
    headless = bench(ZONE, "nsec").without(
        lambda rrset: rrset.rtype == RdataType.NSEC and rrset.owner.to_text() == "test."
    )
    assert headless.messages() == {("test.", "NSEC records in the zone, but none at the apex")}


@pytest.mark.parametrize(("denial", "rtype"), [(Nsec3(), RdataType.NSEC3), ("nsec", RdataType.NSEC)])
def test_more_faults_than_are_shown_are_all_counted(bench, denial, rtype):
    whole = bench("".join(f"n{number} IN A 192.0.2.1\n" for number in range(120)), denial)
    first = next(rrset for rrset in whole.zone.rrsets if rrset.rtype == rtype)
    report = whole.without(lambda rrset: rrset.rtype == rtype and rrset != first).report()
    assert report.totals["DENIAL_CHAIN", "error"] >= 120
    assert 0 < len(report.kept) <= 50
