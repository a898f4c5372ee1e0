"""Canonical forms against a second implementation, and times in serial number arithmetic."""

from datetime import UTC, datetime

import dns.dnssec
import dns.rdata
import dns.rdataset
import dns.rrset
import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from attestations.times import Instant
from attestations.zone.canonical import label_count, signed_data
from attestations.zone.practice.signing import practice_zone
from attestations.zone.signatures import remaining_seconds

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


def test_signed_data_equals_that_of_dnspython_for_every_rrset(loaded, ksk, zsk, now):
    zone, _ = loaded(practice_zone([ksk, zsk], now, further=FURTHER))
    compared = 0
    for rrset in zone.rrsets:
        for rrsig in rrset.signatures:
            theirs = dns.rdataset.from_rdata_list(min(rrset.ttls), list(rrset.rdatas))
            assert signed_data(rrsig, rrset) == dns.dnssec._make_rrsig_signature_data((rrset.owner, theirs), rrsig)
            assert rrsig.labels == label_count(rrset.owner)
            compared += 1
    assert compared > 40


def test_dnspython_validates_what_we_sign(loaded, ksk, zsk, now):
    zone, _ = loaded(practice_zone([ksk, zsk], now, further=FURTHER))
    keys = next(rrset for rrset in zone.rrsets if rrset.rtype == RdataType.DNSKEY)
    published = {zone.name: dns.rdataset.from_rdata_list(3600, list(keys.rdatas))}
    for rrset in zone.rrsets:
        for rrsig in rrset.signatures:
            theirs = dns.rrset.from_rdata_list(rrset.owner, min(rrset.ttls), list(rrset.rdatas))
            dns.dnssec.validate_rrsig(theirs, rrsig, published, now=now.timestamp())


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
    text = f"A 13 2 3600 {expiration} 0 1 test. AA=="
    rrsig = dns.rdata.from_text(RdataClass.IN, RdataType.RRSIG, text)
    assert remaining_seconds(rrsig, Instant.of(datetime.fromtimestamp(at, UTC))) == remaining
