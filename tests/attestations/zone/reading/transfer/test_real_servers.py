"""What real name servers transfer is what their zone files say."""

import pytest

from attestations.errors import InputError
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import zone_from_bytes, zone_from_transfer
from attestations.zone.reading.bounds import Bounds
from attestations.zone.reading.transfer import differences_from_transfer

MANY_TYPES = rb"""
$TTL 3600
@ SOA ns.sub hostmaster\.x 4294967295 7200 3600 1209600 300
  NS ns.sub
  NS NS.Example.
  MX 10 mail
  TXT "a b" "" "\"\\;(\000\255" x
  DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==
  CDS 0 0 0 00
  CDNSKEY 0 3 0 AA==
  NSEC3PARAM 1 0 0 aabbccdd
  TYPE65280 \# 3 abcdef
  TYPE65281 \# 0
ns.sub A 192.0.2.1
  AAAA 2001:db8::1
Upper.Case 0 CNAME Other.Case
\000\.\010x 5 A 192.0.2.2
*.wild 2147483647 TXT x
dname DNAME elsewhere.example.
ptr PTR @
_sip._tcp SRV 1 2 65535 mail
naptr NAPTR 1 2 "u" "E2U+sip" "!^.*$!sip:a@b!" .
  NAPTR 1 2 "" "" "" replacement
rp RP mbox txt
afsdb AFSDB 1 mail
minfo MINFO a b
hinfo HINFO cpu os
caa CAA 0 issue "ca.example"
tlsa TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
sshfp SSHFP 4 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ds DS 1 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
nsec NSEC next.name A NS TYPE65280 CAA
2t7b4g4vsa5smi47k61mv5bv1a22bojr NSEC3 1 1 10 - 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S NS DS TYPE1234
  NSEC3 1 0 0 ab 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S
"""

EACH = [pytest.param(program, marks=pytest.mark.needs(program)) for program in ("nsd", "knotd", "named")]


@pytest.mark.parametrize("program", EACH)
def test_a_transfer_of_many_types_is_the_file(serve, records_in, program):
    with (
        zone_from_bytes(MANY_TYPES, "z", "test.") as given,
        serve(program, "test.", MANY_TYPES) as server,
        zone_from_transfer(server, "Test.") as zone,
    ):
        assert records_in(zone) == records_in(given)
        assert (zone.serial, zone.is_sorted, zone.label) == (4294967295, True, str(server))
        assert (zone.source.kind, zone.source.server) == ("axfr", str(server))


@pytest.mark.needs("nsd")
@pytest.mark.parametrize("program", EACH[1:])
def test_what_was_transferred_can_be_served_by_another_program(serve, text_in, program):
    with (
        serve("nsd", "test.", MANY_TYPES) as server,
        zone_from_transfer(server, "test.") as zone,
        serve(program, "test.", text_in(zone).encode()) as second,
        zone_from_transfer(second, "test.") as copy,
    ):
        assert text_in(copy) == text_in(zone)
        assert copy.sha256 == zone.sha256


@pytest.mark.parametrize("program", EACH)
def test_a_signed_zone_comes_over_as_it_was_signed(serve, records_in, ksk, zsk, now, program):
    practice = practice_zone([ksk, zsk], now, delegations=50)
    with (
        zone_from_bytes(practice.text, "z", practice.name) as given,
        serve(program, practice.name, practice.text) as server,
        zone_from_transfer(server, practice.name) as zone,
    ):
        assert records_in(zone) == records_in(given)


LARGE = b"$TTL 60\n@ SOA ns host 1 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n" + b"".join(
    b"n%05d-%s TXT %s\n" % (number, b"x" * (number % 40), b"y" * 200) for number in range(15_000)
)


ALGORITHMS = dict(zip(("nsd", "knotd", "named"), ("hmac-sha256", "hmac-sha384", "hmac-sha512"), strict=True))


@pytest.mark.parametrize("program", EACH)
def test_a_signed_transfer_in_many_messages_is_checked(serve, tsig_key, program):
    key = tsig_key(ALGORITHMS[program])
    with serve(program, "test.", LARGE, key) as server, zone_from_transfer(server, "test.", key=key) as zone:
        assert zone.read(0, zone.size).count(b"\n") == 15_003


@pytest.mark.parametrize("program", EACH)
def test_without_the_right_key_nothing_is_transferred(serve, tsig_key, program):
    with serve(program, "test.", MANY_TYPES, tsig_key()) as server:
        for key in (None, tsig_key(), tsig_key("hmac-sha512")):
            with pytest.raises(InputError, match="DNS-TRANSFER"):
                zone_from_transfer(server, "test.", key=key)
            with pytest.raises(InputError, match="DNS-TRANSFER"):
                differences_from_transfer(server, "test.", 1, key=key)


@pytest.mark.parametrize("program", EACH)
def test_a_zone_that_the_server_does_not_have_is_refused(serve, program):
    with serve(program, "test.", MANY_TYPES) as server, pytest.raises(InputError, match=r"DNS-TRANSFER.*the answer"):
        zone_from_transfer(server, "other.")


@pytest.mark.needs("nsd")
def test_bounds_hold(serve):
    with serve("nsd", "test.", LARGE) as server:
        zone_from_transfer(server, "test.", Bounds(max_records=15_004)).close()
        for bounds in (Bounds(max_records=15_003), Bounds(max_bytes=100_000), Bounds(max_seconds=0.0)):
            with pytest.raises(InputError, match="DNS-TRANSFER"):
                zone_from_transfer(server, "test.", bounds)
