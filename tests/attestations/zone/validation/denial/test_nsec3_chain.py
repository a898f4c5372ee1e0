"""NSEC3 chains: nothing is said of what RFC 5155 allows, and what is wrong is named."""

from dataclasses import replace

import dns.name
import dns.rdata
import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from attestations.zone.practice.denial import Nsec3, with_denial
from attestations.zone.practice.records import zone_of
from attestations.zone.validation.denial.entries import LINK, NAME
from attestations.zone.validation.denial.nsec3 import Bucket, check_bucket

ZONE = """
d0 IN NS ns.d0
ns.d0 IN A 192.0.2.9
d0 IN DS 1 13 2 %s
d1 IN NS ns.d1
d1 IN A 192.0.2.8
ns.d1 IN A 192.0.2.9
nic IN A 192.0.2.3
* IN A 192.0.2.4
leaf.deep.empty IN TXT x
*.wild.empty IN TXT x
far.hidden IN NS ns1
old IN DNAME nic
below.old IN A 192.0.2.5
d0.d1 IN NS ns1
""" % ("00" * 32)
PLAIN = Nsec3()
MISSING = "no NSEC3 record has this name's hash"
SURPLUS = "an NSEC3 record for a name that does not exist"
BROKEN = "the NSEC3 record does not point to the next hash: the chain is not closed here"
BITS = pytest.mark.parametrize("bits", [0, 2, 8])


def owner_of(label, denial=PLAIN):
    name = dns.name.from_text(f"{label}.test." if label else "test.")
    return int.from_bytes(denial.hash(name), "big")


def is_nsec3_of(label, denial=PLAIN):
    return lambda rrset: rrset.rtype == RdataType.NSEC3 and int(rrset.owner.labels[0], 32) == owner_of(label, denial)


def taken_out(bench, label, denial=PLAIN):
    """Return the bench without the record of one name, and the chain closed."""
    gone = next(rrset for rrset in bench.zone.rrsets if is_nsec3_of(label, denial)(rrset))
    hashed = owner_of(label, denial).to_bytes(20, "big")
    return bench.without(lambda rrset: rrset is gone).with_rdatas(
        lambda rrset: rrset.rtype == RdataType.NSEC3,
        lambda rdata: rdata.replace(next=gone.rdatas[0].next) if rdata.next == hashed else rdata,
    )


@BITS
@pytest.mark.parametrize("hashes_insecure", [True, False])
@pytest.mark.parametrize(
    "denial",
    [Nsec3(), Nsec3(opt_out=True), Nsec3(iterations=3, salt=b"salt"), Nsec3(opt_out=True, salt=b"x")],
    ids=["plain", "opt-out", "costly", "salted-opt-out"],
)
def test_a_complete_chain_is_fine(bench, denial, bits, hashes_insecure):
    report = bench(ZONE, denial, bits=bits, hashes_insecure=hashes_insecure).report()
    assert {code for code, _ in report.totals} <= {"NSEC3_COST"}


@BITS
@pytest.mark.parametrize(
    "label", ["", "nic", "d0", "d1", "*", "leaf.deep.empty", "deep.empty", "empty", "old", "hidden"]
)
def test_a_name_without_its_record_is_named(bench, label, bits):
    found = taken_out(bench(ZONE, bits=bits), label)
    assert found.messages() == {(f"{label}.test." if label else "test.", MISSING)}


@BITS
@pytest.mark.parametrize("label", ["", "nic", "d0", "*", "leaf.deep.empty", "deep.empty", "wild.empty", "old"])
def test_opt_out_excuses_no_secure_name(bench, label, bits):
    denial = Nsec3(opt_out=True)
    found = taken_out(bench(ZONE, denial, bits=bits, hashes_insecure=False), label, denial)
    assert found.messages() == {(f"{label}.test." if label else "test.", MISSING)}


@BITS
@pytest.mark.parametrize("label", ["d1", "far.hidden", "hidden"])
def test_a_record_for_what_may_be_opted_out_is_legal(bench, label, bits):
    """The trial of this design would have refused it: zone-wide opt-out, and one insecure delegation in the chain."""
    full = bench(ZONE, Nsec3(), bits=bits, hashes_insecure=False).with_rdatas(
        lambda rrset: rrset.rtype == RdataType.NSEC3, lambda rdata: rdata.replace(flags=1)
    )
    others = {"d1", "far.hidden", "hidden"} - {label}
    for other in others:
        full = taken_out(full, other)
    assert not full.report().totals


@BITS
def test_a_span_without_opt_out_excuses_nobody(bench, bits):
    denial = Nsec3(opt_out=True)
    found = bench(ZONE, denial, bits=bits, hashes_insecure=False).with_rdatas(
        lambda rrset: rrset.rtype == RdataType.NSEC3, lambda rdata: rdata.replace(flags=0)
    )
    assert found.messages() == {(f"{label}.test.", MISSING) for label in ("d1", "far.hidden", "hidden")}


@BITS
def test_only_the_span_that_covers_a_name_counts(bench, bits):
    denial = Nsec3(opt_out=True)
    zone = bench(ZONE, denial, bits=bits, hashes_insecure=False)
    hashes = sorted(int(r.owner.labels[0], 32) for r in zone.zone.rrsets if r.rtype == RdataType.NSEC3)
    covering = max((one for one in hashes if one < owner_of("d1")), default=hashes[-1])

    def cleared(only):
        return zone.edited(
            lambda version: replace(
                version,
                rrsets=tuple(
                    replace(r, rdatas=tuple(one.replace(flags=0) for one in r.rdatas))
                    if r.rtype == RdataType.NSEC3 and (int(r.owner.labels[0], 32) == covering) is only
                    else r
                    for r in version.rrsets
                ),
            )
        )

    assert ("d1.test.", MISSING) in cleared(only=True).messages()
    assert ("d1.test.", MISSING) not in cleared(only=False).messages()


@BITS
def test_a_record_that_is_gone_leaves_the_chain_open(bench, bits):
    messages = bench(ZONE, bits=bits).without(is_nsec3_of("nic")).messages()
    assert ("nic.test.", MISSING) in messages
    assert [message for _, message in messages].count(BROKEN) == 1
    assert len(messages) == 2


@BITS
def test_a_record_of_no_name_is_named_by_its_hash(bench, bits):
    found = bench(ZONE + "ghost IN A 192.0.2.7\n", bits=bits).without(lambda rrset: rrset.owner.labels[0] == b"ghost")
    [(owner, message)] = found.messages()
    assert message == SURPLUS
    assert int(owner.split(".", maxsplit=1)[0], 32) == owner_of("ghost")


@pytest.mark.parametrize(
    "label", ["ns.d0", "d0.d1", "below.old"], ids=["glue", "a-delegation-below-one", "below-a-dname"]
)
def test_a_record_of_a_hidden_name_is_too_much(bench, label):
    exposing = {"d0 IN NS ns.d0": "", "d0 IN DS": "other IN DS", "d1 IN NS ns.d1": "", "old IN DNAME nic": ""}
    exposed = ZONE
    for hiding, nothing in exposing.items():
        exposed = exposed.replace(hiding, nothing)
    chain = [rrset for rrset in bench(exposed).zone.rrsets if rrset.rtype == RdataType.NSEC3]
    zone = bench(ZONE).edited(
        lambda version: replace(
            version, rrsets=(*(one for one in version.rrsets if one.rtype != RdataType.NSEC3), *chain)
        )
    )
    owners = {int(owner.split(".", maxsplit=1)[0], 32) for owner, message in zone.messages() if message == SURPLUS}
    assert owner_of(label) in owners


@BITS
def test_two_records_of_one_chain_at_one_name_are_too_many(bench, bits):
    zone = bench(ZONE, bits=bits).edited(
        lambda version: replace(
            version,
            rrsets=tuple(
                replace(r, rdatas=(*r.rdatas, r.rdatas[0].replace(next=b"\x01" * 20))) if is_nsec3_of("nic")(r) else r
                for r in version.rrsets
            ),
        )
    )
    assert "two NSEC3 records of one chain at one name" in {message for _, message in zone.messages()}


def test_a_record_with_unknown_flags_is_refused(bench):
    zone = bench(ZONE).with_rdatas(is_nsec3_of("nic"), lambda rdata: rdata.replace(flags=2))
    [(_, message)] = zone.messages()
    assert message == "the NSEC3 record has unknown flags: validators ignore it (RFC 5155, 8.2)"


@pytest.mark.parametrize(
    ("label", "old", "new", "message"),
    [
        ("nic", "A RRSIG", "RRSIG", "lacks A"),
        ("nic", "A RRSIG", "A TXT RRSIG", "shows TXT that the name does not have"),
        ("d0", "NS DS RRSIG", "NS", "lacks DS, RRSIG"),
        ("d1", "NS", "NS A", "shows A that the name does not have"),
        ("deep.empty", "", "TXT", "shows TXT that the name does not have"),
        ("", "SOA", "TXT", "lacks SOA and shows TXT that the name does not have"),
    ],
)
def test_a_bitmap_that_differs_is_told_by_its_types(bench, label, old, new, message):
    def retyped(rdata):
        fields = rdata.to_text().split()
        shown = " ".join(fields[5:])
        assert old in shown
        text = " ".join([*fields[:5], shown.replace(old, new, 1) if old else new])
        return dns.rdata.from_text(RdataClass.IN, RdataType.NSEC3, text)

    zone = bench(ZONE).with_rdatas(is_nsec3_of(label), retyped)
    assert zone.messages() == {(f"{label}.test." if label else "test.", f"the NSEC3 bitmap {message}")}


def test_the_types_of_a_chain_in_the_making_do_not_count(bench):
    """A zone on its way from NSEC to NSEC3 has both chains; each is as if it were alone (RFC 5155, 10.4)."""
    both = bench(ZONE).edited(lambda version: zone_of(version.name, with_denial(version, "nsec")))
    assert not both.report().totals


def test_two_chains_in_transition_are_both_checked(bench):
    other = Nsec3(salt=b"new")
    both = bench(ZONE).edited(lambda version: zone_of(version.name, with_denial(version, other)))
    assert not both.report().totals
    assert taken_out(both, "nic", other).messages() == {("nic.test.", MISSING)}
    assert taken_out(both, "nic").messages() == {("nic.test.", MISSING)}


@pytest.mark.parametrize("count", [4, 5])
def test_of_too_many_chains_none_is_looked_at(bench, count):
    zone = taken_out(bench(ZONE), "nic")
    for number in range(count - 1):
        other = Nsec3(salt=bytes([number]))
        zone = zone.edited(lambda version, other=other: zone_of(version.name, with_denial(version, other)))
    code = "DENIAL_CHAIN" if count == 4 else "DNS_BUDGET"
    assert zone.report().totals == {(code, "error"): 1}


def test_a_chain_that_is_announced_and_not_there_is_one_fault(bench):
    gone = bench(ZONE).without(lambda rrset: rrset.rtype == RdataType.NSEC3)
    assert gone.report().totals == {("NSEC3_PARAM", "error"): 1, ("DENIAL_CHAIN", "error"): 1}


def test_bitmaps_that_were_not_remembered_are_still_compared(bench):
    zone = bench(ZONE).with_rdatas(
        is_nsec3_of("nic"),
        lambda rdata: dns.rdata.from_text(RdataClass.IN, RdataType.NSEC3, f"{rdata.to_text()} TXT"),
    )
    [found] = zone.report(bitmaps={}).kept
    assert (found.owner, found.message) == ("nic.test.", "the NSEC3 bitmap differs from the types at the name")


def test_two_records_at_one_hash_are_seen_though_the_links_seem_to_follow_each_other():
    """The first points to itself, so that each record points to the next one in order."""
    low, high, digest = bytes(20), b"\xff" * 20, bytes(8)
    names = b"".join(NAME.pack(hashed, digest, 0) for hashed in (low, high))
    twice = ((low, low), (low, high), (high, low))

    def kinds(pairs):
        links = b"".join(LINK.pack(hashed, following, digest, 0) for hashed, following in pairs)
        return set(check_bucket(Bucket(number=0, names=names, links=links)).faults.totals)

    assert "twice" in kinds(twice)
    assert kinds(twice[1:]) == set()
