"""Well-signed records that cannot stand at one name: BIND and Knot do not load such a zone."""

import re
from dataclasses import replace

import dns.name
import dns.rdata
import pytest
from dns.rdatatype import RdataType

from attestations.zone.practice.model import RRset
from attestations.zone.practice.signing import Hooks, practice_zone, without

ORIGIN = dns.name.from_text("test.")
DIGEST = "00" * 32


@pytest.fixture
def with_records(now, ksk, zsk, examine):
    """Validate a zone to which RRsets are added before it is signed; return the codes of its errors."""

    def examined(*rrsets):
        def edit(zone):
            added = (
                RRset(
                    owner=dns.name.from_text(owner, ORIGIN),
                    rtype=RdataType.from_text(rtype),
                    ttls=frozenset({3600}),
                    rdatas=tuple(dns.rdata.from_text("IN", rtype, text) for text in sorted(texts)),
                )
                for owner, rtype, *texts in rrsets
            )
            return replace(zone, rrsets=(*zone.rrsets, *added))

        report = examine(practice_zone((ksk, zsk), now, hooks=Hooks(edit=edit)))
        return {code for code, severity in report.findings.totals if severity == "error"} - {"DENIAL_CHAIN"}

    return examined


@pytest.mark.parametrize(
    "rrsets",
    [
        [("c", "CNAME", "a."), ("c", "TXT", "x")],
        [("nic", "CNAME", "a.")],
        [("c", "CNAME", "a."), ("c", "DNAME", "a.")],
        [("c", "CNAME", "a.", "b.")],
        [("c", "DNAME", "a.", "b.")],
        [("d1", "CNAME", "a.")],
        [("d0", "CNAME", "a.")],
        [("ns.d1", "CNAME", "a.")],
        [("x.d1", "CNAME", "a.", "b.")],
        [("d1", "DNAME", "a.", "b.")],
        [("c", "DNAME", "a."), ("x.c", "CNAME", "a."), ("x.c", "TXT", "x")],
        [("c", "SOA", "a. b. 1 2 3 4 5")],
        [("d1", "SOA", "a. b. 1 2 3 4 5")],
        [("x.d1", "SOA", "a. b. 1 2 3 4 5")],
    ],
    ids=[
        "beside TXT",
        "beside A",
        "beside DNAME",
        "two CNAME",
        "two DNAME",
        "at a delegation",
        "at a secure delegation",
        "beside glue",
        "two CNAME below a delegation",
        "two DNAME at a delegation",
        "below a DNAME",
        "SOA below the apex",
        "SOA at a delegation",
        "SOA below a delegation",
    ],
)
def test_what_cannot_stand_together_is_found(with_records, rrsets):
    assert "RECORDS_CLASH" in with_records(*rrsets)


@pytest.mark.parametrize(
    "rrsets",
    [
        [("c", "CNAME", "a.")],
        [("c", "DNAME", "a.")],
        [("c", "DNAME", "a."), ("c", "TXT", "x")],
        [("c", "CNAME", "a."), ("d", "CNAME", "b.")],
        [("c", "TXT", "x", "y")],
        [("x.d1", "CNAME", "a.")],
        [("x.d1", "TXT", "x")],
        [("d1", "TXT", "x")],
    ],
    ids=[
        "CNAME",
        "DNAME",
        "DNAME beside TXT",
        "at two names",
        "two TXT",
        "CNAME below a delegation",
        "TXT below a delegation",
        "TXT at a delegation",
    ],
)
def test_what_can_stand_together_is_no_clash(with_records, rrsets):
    assert with_records(*rrsets) == set()


@pytest.mark.parametrize(("owner", "found"), [("@", True), ("d1", False)])
def test_a_ds_belongs_to_a_delegation(with_records, owner, found):
    assert ("RECORDS_CLASH" in with_records((owner, "DS", f"1 13 2 {DIGEST}"))) is found


@pytest.mark.parametrize(("gone", "found"), [(("test.", "NS"), True), (("ns2.test.", "A"), False)], ids=str)
def test_the_apex_names_its_servers(now, ksk, zsk, examine, gone, found):
    def edit(zone):
        return without(zone, lambda rrset: (rrset.owner.to_text(), RdataType.to_text(rrset.rtype)) == gone)

    report = examine(practice_zone((ksk, zsk), now, hooks=Hooks(edit=edit)))
    assert (("RECORDS_CLASH", "error") in report.findings.totals) is found


@pytest.mark.parametrize("covered", [b"TXT", b"NSEC3", b"NSEC", b"TYPE50"])
@pytest.mark.parametrize(("owner", "is_alone"), [("ghost", True), ("nic", False)])
def test_a_name_with_signatures_alone_is_denied_by_nobody(now, ksk, zsk, judged, owner, is_alone, covered):
    zone = practice_zone((ksk, zsk), now)
    rrsig = re.search(rb"(?m)^nic(\.test\. \d+ IN RRSIG) A (.*\n)", zone.text)
    report = judged(zone.text + owner.encode() + rrsig[1] + b" " + covered + b" " + rrsig[2], zone)
    assert (("DENIAL_CHAIN", "error") in report.findings.totals) is is_alone
    assert ("SIG_UNEXPECTED", "warning") in report.findings.totals


def test_below_a_delegation_nobody_asks_for_one(now, ksk, zsk, judged):
    zone = practice_zone((ksk, zsk), now)
    rrsig = re.search(rb"(?m)^nic(\.test\. \d+ IN RRSIG A .*\n)", zone.text)
    report = judged(zone.text + b"x.d1" + rrsig[1], zone)
    assert set(report.findings.totals) == {("SIG_UNEXPECTED", "warning")}


def test_a_cname_in_an_nsec_zone_is_no_clash(now, ksk, zsk, examine):
    assert examine(practice_zone((ksk, zsk), now, denial="nsec", further="c IN CNAME nic\n")).verdict == "valid"


def test_a_record_that_is_written_twice_is_one(now, ksk, zsk, judged):
    zone = practice_zone((ksk, zsk), now, further="c IN CNAME nic\n")
    line = next(line for line in zone.text.splitlines(keepends=True) if b" IN CNAME " in line)
    assert judged(zone.text.replace(line, 2 * line), zone).verdict == "valid"
