"""Records that name servers refuse to load, and the zone with them: here they must not be read as if nothing were."""

import re
import string

import pytest

from attestations.errors import InputError
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading.flat import fields_of
from attestations.zone.reading.rdata import rdata_wire
from attestations.zone.reading.types import type_number

SHA1, SHA256, SHA384 = "ab" * 20, "ab" * 32, "ab" * 48

REFUSED_AND_TAKEN = [
    (f"DS 1 13 2 {SHA256[2:]}", f"DS 1 13 2 {SHA256}"),
    (f"DS 1 13 2 {SHA256}ab", f"DS 1 13 2 {SHA256}"),
    (f"DS 1 13 1 {SHA256}", f"DS 1 13 1 {SHA1}"),
    (f"DS 1 13 4 {SHA256}", f"DS 1 13 4 {SHA384}"),
    (f"CDS 1 13 2 {SHA1}", f"CDS 1 13 2 {SHA256}"),
    (f"CDS 1 13 1 {SHA256}", "CDS 0 0 0 00"),
    ("DNSKEY 256 3 13", "DNSKEY 256 3 13 AAAA"),
    ("DNSKEY 256 3 13 AB==", "DNSKEY 256 3 13 AA=="),
    ("DNSKEY 256 3 13 AAH=", "DNSKEY 256 3 13 AAI="),
    ("RRSIG A 13 1 300 2030 2020 1 test. gh ==", "RRSIG A 13 1 300 2030 2020 1 test. gg =="),
    ("RRSIG A 13 1 300 2030 2020 1 test.", "RRSIG A 13 1 300 2030 2020 1 test. AAAA"),
    ("RRSIG A 13 1 300 20300230000000 2020 1 test. AAAA", "RRSIG A 13 1 300 20300228000000 2020 1 test. AAAA"),
    ("RRSIG A 13 1 300 20290229000000 2020 1 test. AAAA", "RRSIG A 13 1 300 20280229000000 2020 1 test. AAAA"),
    ("RRSIG A 13 1 5M 2030 2020 1 test. AAAA", "RRSIG A 13 1 300 2030 2020 1 test. AAAA"),
    (f"SSHFP 1 1 {SHA256}", f"SSHFP 1 1 {SHA1}"),
    (f"SSHFP 1 2 {SHA1}", f"SSHFP 1 2 {SHA256}"),
    ("URI 1 2 http://x", 'URI 1 2 "http://x"'),
]


def read(text):
    rtype, *_ = text.split(None, 1)
    return rdata_wire(type_number(rtype.encode()), fields_of(text[len(rtype) :].encode()))


@pytest.mark.parametrize("refused", dict.fromkeys(refused for refused, _ in REFUSED_AND_TAKEN))
def test_no_record_is_read_that_name_servers_do_not_load(refused):
    with pytest.raises(ValueError, match=r"\w"):
        read(refused)


@pytest.mark.parametrize("taken", dict.fromkeys(taken for _, taken in REFUSED_AND_TAKEN))
def test_its_twin_is_read(taken):
    assert read(taken)


@pytest.mark.parametrize("rtype", [0, 41, 128, 249, 250, 251, 252, 255])
def test_a_zone_with_a_type_that_is_no_data_is_not_read(now, ksk, zsk, judged, rtype):
    zone = practice_zone((ksk, zsk), now)
    with pytest.raises(InputError, match="DNS-ZONEFILE"):
        judged(zone.text + f"d0.test. 3600 IN TYPE{rtype} \\# 1 00\n".encode(), zone)


@pytest.mark.parametrize("rtype", [127, 263, 65280])
def test_a_zone_with_a_type_that_nobody_knows_is_valid(now, ksk, zsk, examine, rtype):
    assert examine(practice_zone((ksk, zsk), now, further=f"t IN TYPE{rtype} \\# 1 00\n")).verdict == "valid"


@pytest.mark.parametrize("spare", [0, 1, 15])
@pytest.mark.parametrize("covered", [b"DNSKEY", b"A"])
def test_a_signature_has_no_spare_bits(now, ksk, zsk, judged, covered, spare):
    zone = practice_zone((ksk, zsk), now)
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"

    def spared(found):
        return found[1] + alphabet[alphabet.index(found[2].decode()) + spare].encode() + b"=="

    text = re.sub(rb"(RRSIG %b .*)([AQgw])==" % covered, spared, zone.text)
    if spare:
        with pytest.raises(InputError, match="spare bits"):
            judged(text, zone)
    else:
        assert judged(text, zone).verdict == "valid"


@pytest.mark.parametrize("further", [f"d0.test. 3600 IN DS 7 13 2 {SHA1}\n", "test. 3600 IN DNSKEY 256 3 13 \n"])
def test_a_zone_with_one_is_not_valid(now, ksk, zsk, judged, further):
    zone = practice_zone((ksk, zsk), now)
    with pytest.raises(InputError, match="DNS-ZONEFILE"):
        judged(zone.text + further.encode(), zone)
