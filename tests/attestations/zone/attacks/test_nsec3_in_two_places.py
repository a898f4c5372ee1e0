"""NSEC3 records of one owner in two places of the file: a name server serves them as one RRset."""

import dns.rdata
import pytest
from dns.rdatatype import RdataType

from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.model import RRset
from attestations.zone.practice.signing import Hooks, practice_zone, sign_rrset


@pytest.fixture
def with_another_record(now, ksk, zsk):
    """Return a zone with a further NSEC3 record at the apex's hash, signed by itself, and the text of both parts."""

    def zone(fields):
        seen = []

        def edit(version):
            seen.append(next(rrset for rrset in version.rrsets if rrset.rtype == RdataType.NSEC3 and at_apex(rrset)))
            return version

        def at_apex(rrset):
            return rrset.owner.labels[0] == hashed_apex

        hashed_apex = b"098a7pm9jn0hbomubi61ubfo381jt26d"
        zone = practice_zone((ksk, zsk), now, hooks=Hooks(edit=edit), delegations=30)
        (there,) = seen
        rdata = dns.rdata.from_text("IN", "NSEC3", fields(there.rdatas[0].to_text().split()))
        alone = RRset(owner=there.owner, rtype=there.rtype, ttls=there.ttls, rdatas=(rdata,))
        rrsig = sign_rrset(alone, zsk, there.owner.parent(), now, zsk.sign)
        lines = (
            f"{there.owner} {min(there.ttls)} IN {kind} {text}\n" for kind, text in (("NSEC3", rdata), ("RRSIG", rrsig))
        )
        return zone, "".join(lines).encode()

    return zone


@pytest.mark.parametrize(
    "fields",
    [
        lambda is_: " ".join(["2", *is_[1:]]),
        lambda is_: " ".join([*is_[:3], "AB", *is_[4:]]),
        lambda is_: " ".join([*is_[:2], "7", *is_[3:]]),
    ],
    ids=["another algorithm", "another salt", "other iterations"],
)
def test_what_is_signed_apart_is_not_signed(with_another_record, judged, fields):
    zone, further = with_another_record(fields)
    report = judged(zone.text + further, zone)
    assert (report.verdict, report.counts.bogus) == ("invalid", 2)


def test_the_same_record_twice_is_one(with_another_record, judged):
    zone, further = with_another_record(" ".join)
    assert judged(zone.text + further, zone).verdict == "valid"


def test_a_chain_that_is_not_announced_yet_is_no_fault(now, ksk, zsk, judged):
    text, further = (practice_zone((ksk, zsk), now, denial=one).text for one in (Nsec3(), Nsec3(salt=b"\xab")))
    lines = [line for line in further.splitlines(keepends=True) if b" IN NSEC3 " in line or b" IN RRSIG NSEC3 " in line]
    report = judged(text + b"".join(lines), practice_zone((ksk, zsk), now))
    assert (report.verdict, report.findings.totals) == ("valid", {("NSEC3_PARAM", "warning"): 1})
