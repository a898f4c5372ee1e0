"""What is signed, and whether it was, against a second implementation; times in serial number arithmetic."""

from dataclasses import replace
from datetime import UTC, datetime

import dns.dnssec
import dns.name
import dns.rdata
import dns.rdataset
import dns.rrset
import dns.zonefile
import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.times import Instant
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import zone_from_bytes
from attestations.zone.reading.names import label_count, text_name
from attestations.zone.reading.rdata import read_rrsig
from attestations.zone.validation.apex import apex_of
from attestations.zone.validation.groups import groups, signed_data
from attestations.zone.validation.signatures import Outcome, judge, remaining_seconds

FURTHER = r"""
UPPER IN MX 10 Mail.UPPER
hinfo IN HINFO "A" "b"
txt IN TXT "x" "Y"
srv IN SRV 1 2 3 Target.Example.
naptr IN NAPTR 1 2 "u" "s" "r" Repl.
*.wild IN A 192.0.2.5
strange\.label\032x IN A 192.0.2.6
many IN A 192.0.2.250
many IN A 192.0.2.9
rp IN RP Box.Test. .
private IN TYPE65280 \# 3 0A0b0C
"""


class Signed:
    """The signed RRsets of a practice zone as both libraries read them, its apex, and its keys for dnspython."""

    def __init__(self, pairs, apex, published):
        self.pairs, self.apex, self.published = pairs, apex, published


@pytest.fixture(scope="module")
def signed(now):
    keys = [new_key(KSK_FLAGS), new_key(ZSK_FLAGS)]
    text = practice_zone(keys, now, further=FURTHER).text
    theirs = {}
    origin = dns.name.from_text("test.")
    for rrset in dns.zonefile.read_rrsets(text.decode("ascii"), rdclass=None, origin=origin):
        theirs.setdefault((rrset.name, rrset.rdtype, rrset.covers), []).extend(rrset)
    with zone_from_bytes(text, "practice", "test.") as zone:
        ours = [rrset for _, rrsets in groups(zone, 0, zone.size) for rrset in rrsets.values()]
        apex = apex_of(zone)
    published = {origin: dns.rdataset.from_rdata_list(3600, theirs[origin, RdataType.DNSKEY, RdataType.NONE])}
    pairs = []
    for rrset in (rrset for rrset in ours if rrset.signatures):
        name = dns.name.from_text(text_name(rrset.owner))
        rdatas = theirs[name, RdataType(rrset.rtype), RdataType.NONE]
        signatures = theirs[name, RdataType.RRSIG, RdataType(rrset.rtype)]
        pairs.append((rrset, dns.rrset.from_rdata_list(name, 3600, rdatas), signatures))
    return Signed(pairs, apex, published)


def test_signed_data_equals_that_of_dnspython_for_every_rrset(signed):
    compared = 0
    for rrset, theirs, signatures in signed.pairs:
        for ours, rrsig in zip(rrset.signatures, signatures, strict=True):
            assert signed_data(ours, rrset) == dns.dnssec._make_rrsig_signature_data(theirs, rrsig)
            assert ours.labels == label_count(rrset.owner)
            compared += 1
    assert compared > 40


@settings(max_examples=150, deadline=None)
@given(which=st.integers(0, 1000), field=st.sampled_from([2, 3, 4, 5, 6, 8, None]), change=st.integers(1, 200))
def test_a_signature_is_good_exactly_where_dnspython_says_so(signed, now, which, field, change):
    rrset, theirs, signatures = signed.pairs[which % len(signed.pairs)]
    fields = signatures[0].to_text().encode("ascii").split(None, 8)
    fields[8] = fields[8].replace(b" ", b"")
    if field == 8:
        place = change % 85
        fields[8] = (
            fields[8][:place] + (b"A" if fields[8][place : place + 1] != b"A" else b"B") + fields[8][place + 1 :]
        )
    elif field in (4, 5):
        fields[field] = b"%d" % (int(now.timestamp()) + (change - 100) * 3)
    elif field is not None:
        fields[field] = b"%d" % (int(fields[field]) + change)
    text = b" ".join(fields)
    mutant = dns.rdata.from_text(RdataClass.IN, RdataType.RRSIG, text.decode("ascii"))
    mutated = replace(rrset, signatures=(read_rrsig(text.split()),))
    (ours,) = judge(mutated, keys=signed.apex.keys, apex=signed.apex.wire, now=int(now.timestamp()))
    try:
        dns.dnssec.validate_rrsig(theirs, mutant, signed.published, now=now.timestamp())
        is_good = True
    except (dns.dnssec.ValidationFailure, ValueError):
        is_good = False
    # A Labels field that is too small makes a wildcard of it: dnspython validates it as such, we want the owner's own.
    assert (ours.outcome is Outcome.OK) == (is_good and mutant.labels == label_count(rrset.owner))


@pytest.mark.parametrize(
    ("at", "expiration", "remaining"),
    [
        (2**31 - 10, 2**31 + 10, 20),
        (2**32 - 10, 10, 20),  # in February 2106 the field starts again
        (2**32 + 10, 2**32 - 10, -20),
        (1000, 1000, 0),
    ],
)
def test_expiration_is_compared_in_serial_number_arithmetic(at, expiration, remaining):
    rrsig = read_rrsig(f"A 13 2 3600 {expiration} 0 1 test. AA==".encode("ascii").split())
    now = Instant.of(datetime.fromtimestamp(at, UTC))
    assert remaining_seconds(rrsig, int(now.timestamp())) == remaining
