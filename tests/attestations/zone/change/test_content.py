"""What DNSSEC does not see between two versions: the serial, how much is gone, the apex."""

from dataclasses import replace
from fractions import Fraction

import pytest

from attestations.errors import InputError
from attestations.zone.change import Clock, Volumes, change_findings
from attestations.zone.change.survey import MAX_SIGNER_SETS
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import zone_from_bytes
from attestations.zone.reading.flat import PIECE

SOA = b"test. 3600 IN SOA ns1.test. admin.test. %d 7200 3600 1209600 3600\n"
APEX = b"test. 3600 IN NS ns1.test.\ntest. 3600 IN NS ns2.test.\n"


def zone(*lines, serial=1, apex=APEX, soa=SOA):
    return soa % serial + apex + b"".join(lines)


def delegation(number, ns=b"ns", ds=None):
    lines = b"d%d.test. 3600 IN NS %s.d%d.test.\n" % (number, ns, number)
    return lines + (b"d%d.test. 3600 IN DS 1 13 2 %064X\n" % (number, ds) if ds is not None else b"")


def told(findings):
    return [(one.code, one.severity) for one in findings]


def test_a_version_that_only_grows_is_right(compared):
    assert compared(zone(delegation(1)), zone(delegation(1), delegation(2), serial=2)) == []


def test_the_same_version_again_is_right_however_it_is_written(compared):
    one = zone(delegation(1, ds=5))
    shuffled = b"\n".join(reversed(one.upper().splitlines())) + b"\n"
    assert compared(one, one) == []
    assert compared(one, shuffled) == []


@pytest.mark.parametrize(
    ("serial", "is_right"), [(2, True), (1, False), (0, False), (2**31, True), (2**31 + 1, False), (2**32 - 1, False)]
)
def test_the_serial_must_rise_over_other_content(compared, serial, is_right):
    found = told(compared(zone(delegation(1)), zone(delegation(2), serial=serial)))
    assert found == ([] if is_right else [("SERIAL_NOT_HIGHER", "error")])


def test_a_digest_in_another_spelling_is_the_same_ds(compared):
    digest = b"%064X" % (0xABCDEF << 200)
    one = zone(*(delegation(number, ds=0xABCDEF << 200) for number in range(6)))
    two = one.replace(digest, digest[:30].lower() + b" " + digest[30:]).replace(b" 1 7200", b" 2 7200")
    assert one.count(digest) == 6
    assert compared(one, two) == []


def test_another_zonemd_alone_is_other_content(compared):
    one = zone(b"test. 3600 IN ZONEMD 1 1 1 " + b"AB" * 48 + b"\n")
    assert told(compared(one, one.replace(b"ABAB", b"CDCD"))) == [("SERIAL_NOT_HIGHER", "error")]


def test_another_ttl_is_other_content(compared):
    one = zone(delegation(1))
    assert told(compared(one, one.replace(b"3600 IN NS ns.d1", b"3601 IN NS ns.d1"))) == [
        ("SERIAL_NOT_HIGHER", "error")
    ]


@pytest.mark.parametrize(("kept", "is_right"), [(8, True), (7, True), (6, False), (3, False)])
def test_a_third_of_the_delegations_gone_is_a_truncated_zone(compared, kept, is_right):
    # .de, 12 May 2010
    glue = b"".join(b"h%d.test. 3600 IN A 192.0.2.1\n" % number for number in range(9))
    before = zone(*map(delegation, range(10)), glue)
    found = compared(before, zone(*map(delegation, range(kept)), glue, serial=2))
    assert is_right == (told(found) == [])
    assert is_right or "of 10 delegations are gone since serial 1" in found[0].message


@pytest.mark.parametrize(("gone", "is_right"), [(3, True), (4, False)])
def test_exactly_a_third_is_too_much(compared, gone, is_right):
    before = zone(*map(delegation, range(12)))
    found = compared(before, zone(*map(delegation, range(12 - gone)), serial=2))
    assert is_right == (("CONTENT_DELTA", "error") not in told(found))


@pytest.mark.parametrize(("gone", "is_right"), [(2, True), (3, False)])
def test_few_are_never_too_much(compared, gone, is_right):
    before = zone(*map(delegation, range(3)))
    found = compared(before, zone(*map(delegation, range(3 - gone)), serial=2))
    assert is_right == (("CONTENT_DELTA", "error") not in told(found))


def test_the_bounds_can_be_set(compared):
    before, after = zone(*map(delegation, range(10))), zone(*map(delegation, range(9)), serial=2)
    assert compared(before, after) == []
    strict = Volumes(share=Fraction(1, 10), least=1)
    assert ("CONTENT_DELTA", "error") in told(compared(before, after, volumes=strict))


@pytest.mark.parametrize(("changed", "is_right"), [(3, True), (4, False)])
def test_other_name_servers_for_a_third_are_missing_dots(compared, changed, is_right):
    # .se, 12 October 2009
    before = zone(*map(delegation, range(12)))
    after = [delegation(number, ns=b"ns.test" if number < changed else b"ns") for number in range(12)]
    found = compared(before, zone(*after, serial=2))
    assert told(found) == ([] if is_right else [("CONTENT_DELTA", "error")])


@pytest.mark.parametrize(("lost", "is_right"), [(3, True), (4, False)])
@pytest.mark.parametrize("other", [None, 99])
def test_ds_records_lost_or_exchanged_for_a_third_are_too_much(compared, lost, is_right, other):
    before = zone(*(delegation(number, ds=number) for number in range(12)))
    after = zone(*(delegation(number, ds=other if number < lost else number) for number in range(12)), serial=2)
    assert is_right == (("CONTENT_DELTA", "error") not in told(compared(before, after)))


@pytest.mark.parametrize(("kept", "is_right"), [(9, True), (8, False)])
def test_records_that_are_no_delegations_count_too(compared, kept, is_right):
    hosts = [b"h%d.test. 3600 IN A 192.0.2.1\n" % number for number in range(10)]
    found = compared(zone(*hosts), zone(*hosts[:kept], serial=2), volumes=Volumes(share=Fraction(1, 6), least=1))
    assert told(found) == ([] if is_right else [("CONTENT_DELTA", "error")])


def test_signing_anew_is_no_change_of_content(compared, ksk, zsk, now):
    assert compared(practice_zone([ksk, zsk], now), practice_zone([ksk, zsk], now, serial=2)) == []


def test_the_numbers_are_a_note(now):
    stray = b"stray.test. 3600 IN DS 1 13 2 " + b"AB" * 32 + b"\n"
    before = zone(delegation(1, ds=1), delegation(2, ds=2), delegation(3), delegation(4, ds=4), stray)
    after = zone(delegation(1, ds=5), delegation(2), delegation(3, ds=3), delegation(5, ds=5), stray, serial=2)
    with zone_from_bytes(before, "before", "test.") as one, zone_from_bytes(after, "after", "test.") as two:
        (note,) = change_findings(one, two, Clock(now=now))
    assert (note.code, note.severity) == ("CONTENT_COUNTED", "note")
    assert "of 4 delegations 1 gone, 1 new, NS of 0 changed; of 3 with DS 1 without, 1 new, 1 changed" in note.message
    assert "10 records of content, 10 now" in note.message


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"apex": APEX.replace(b"ns2.test", b"ns3.test")}, [("APEX_CHANGED", "warning")]),
        ({"apex": APEX.replace(b"ns2.test", b"NS2.Test")}, []),
        ({"soa": SOA.replace(b"ns1.test", b"ns9.test")}, [("APEX_CHANGED", "warning")]),
        ({"soa": SOA.replace(b"7200", b"7201")}, []),
    ],
)
def test_another_apex_is_a_warning(compared, change, expected):
    assert told(compared(zone(), zone(serial=2, **change))) == expected


def test_another_denial_of_existence_is_a_warning(compared, ksk, zsk, now):
    nsec3 = practice_zone([ksk, zsk], now)
    nsec = practice_zone([ksk, zsk], now, serial=2, denial="nsec")
    assert told(compared(nsec3, nsec)) == [("DENIAL_CHANGED", "warning")]
    assert told(compared(nsec, replace(nsec3, text=nsec3.text.replace(b" 1 7200", b" 3 7200")))) == [
        ("DENIAL_CHANGED", "warning")
    ]


def test_files_in_any_form_are_compared(compared):
    flat = zone(delegation(1), delegation(2))
    folded = b"$ORIGIN test.\n$TTL 1h\n@ SOA ns1 admin ( 1 2h 1h 2w 1h )\n NS ns1\n NS ns2\nd1 NS NS.d1\nd2 NS ns.d2\n"
    assert compared(flat, folded) == []
    assert told(compared(flat, folded + b"x A 192.0.2.1\n")) == [("SERIAL_NOT_HIGHER", "error")]
    assert compared(flat, folded.replace(b"( 1 ", b"( 2 ") + b"x A 192.0.2.1\n") == []


@pytest.mark.parametrize(
    "late",
    [
        b"x.test. 3600 IN NS ns.x.test. ; a comment\n",
        b"x.test. 3600 IN NS (\n ns.x.test. )\n",
        b"$ORIGIN test.\nx 1h NS ns.x\n",
        b"x.test. 3600 IN NS ns.x\n",
    ],
)
def test_what_is_not_flat_far_down_is_noticed(compared, late):
    many = [delegation(number) for number in range(8000)]
    assert sum(map(len, many)) > PIECE
    flat = b"x.test. 3600 IN NS ns.x.test.\n"
    assert compared(zone(*many, flat), zone(*many, late)) == []


@pytest.mark.parametrize(("count", "accepted"), [(MAX_SIGNER_SETS, True), (MAX_SIGNER_SETS + 1, False)])
def test_the_ways_in_which_a_zone_is_signed_are_bounded(compared, count, accepted):
    line = b"h%d.test. 3600 IN RRSIG A 13 2 3600 20300101000000 20200101000000 %d test. AA==\n"
    signed = zone(*(line % (number, number) for number in range(count)))
    if accepted:
        assert compared(signed, signed) == []
    else:
        with pytest.raises(InputError, match="LIMIT"):
            compared(signed, signed)


def test_a_version_that_cannot_be_read_is_an_error(compared):
    broken = zone(delegation(1), b"x.test. 3600 IN NS two names.\n", serial=2)
    with pytest.raises(InputError, match="DNS-ZONEFILE"):
        compared(zone(delegation(1)), broken)
