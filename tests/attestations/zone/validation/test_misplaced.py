"""What is legal or harmless and still wrong: a warning, beside a twin of which nothing is said."""

from dataclasses import replace

import pytest

from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import ZSK_FLAGS, new_key
from attestations.zone.practice.signing import practice_zone


@pytest.fixture
def warned(examine, ksk, zsk, now):
    """Return owner, type and code of the findings about a practice zone with further records."""

    def examined(further="", keys=(), change=lambda text: text):
        practice = practice_zone([ksk, zsk, *keys], now, further=further)
        report = examine(replace(practice, text=change(practice.text)))
        assert report.verdict == "valid"
        return [(one.owner, one.rtype, one.code) for one in report.findings.kept]

    return examined


DNAME = "alias IN DNAME nic\n"
BELOW = ("below.alias.test.", "DNAME", "DNAME_MISPLACED")


@pytest.mark.parametrize("below", ["A 192.0.2.5", "TXT x", "NS ns1", "NS ns1.elsewhere.example.", "DNAME nic"])
def test_what_lies_below_a_dname_is_named(warned, below):
    assert warned(f"{DNAME}below.alias IN {below}\n") == [BELOW]
    assert warned(f"{DNAME}beside IN {below}\n") == []


@pytest.mark.parametrize(("above", "expected"), [(DNAME, [BELOW]), ("alias IN NS ns1\n", []), ("alias IN TXT x\n", [])])
def test_what_lies_below_a_delegation_or_another_name_is_not(warned, above, expected):
    assert warned(f"{above}below.alias IN A 192.0.2.5\n") == expected


def test_a_dname_below_a_delegation_hides_nothing_more(warned):
    assert warned("d1 IN NS ns1\nalias.d1 IN DNAME nic\nbelow.alias.d1 IN A 192.0.2.5\n") == []


@pytest.mark.parametrize("opt_out", [False, True], ids=["opt-in", "opt-out"])
def test_a_dname_at_the_apex_has_every_delegation_below_it_named(examine, ksk, zsk, now, opt_out):
    further = "@ IN DNAME elsewhere.example.\n"
    report = examine(practice_zone([ksk, zsk], now, denial=Nsec3(opt_out=opt_out), further=further, delegations=3))
    assert report.verdict == "valid"
    named = {one.owner for one in report.findings.kept if one.code == "DNAME_MISPLACED"}
    assert {f"{below}d{number}.test." for number in range(3) for below in ("", "ns.")} <= named


def test_a_dname_at_the_apex_leaves_its_nsec3_records_alone(warned):
    found = warned("@ IN DNAME elsewhere.example.\n")
    assert ("nic.test.", "DNAME", "DNAME_MISPLACED") in found
    assert {code for _, _, code in found} == {"DNAME_MISPLACED"}
    assert not any(len(owner.partition(".")[0]) == 32 for owner, _, _ in found)


@pytest.mark.parametrize(
    ("further", "expected"),
    [
        ("d1 IN DNAME nic\n", [("d1.test.", "DNAME", "DNAME_MISPLACED")]),
        ("alone IN DNAME nic\n", []),
        ("*.sub IN NS ns1\n", [("*.sub.test.", "NS", "WILDCARD_DELEGATION")]),
        ("*.sub IN NS ns1\n*.sub IN DS 1 13 2 " + "AB" * 32 + "\n", [("*.sub.test.", "NS", "WILDCARD_DELEGATION")]),
        ("*.sub IN DNAME nic\n", [("*.sub.test.", "DNAME", "WILDCARD_DELEGATION")]),
        ("*.sub IN TXT x\n", []),
        ("a*.sub IN NS ns1\n", []),
        ("*.d1 IN NS ns1\n", []),
    ],
)
def test_delegations_and_dnames_stand_where_they_mean_something(warned, further, expected):
    assert warned(further) == expected


@pytest.mark.parametrize(
    ("line", "owner", "rtype"),
    [(b"nic.test. 3600 IN RRSIG A", "nic.test.", "A"), (b"test. 3600 IN RRSIG SOA", "test.", "SOA")],
)
@pytest.mark.parametrize(("ttl", "is_named"), [(b"60", True), (b"03600", False)])
def test_a_signature_lives_in_caches_as_long_as_what_it_covers(warned, line, owner, rtype, ttl, is_named):
    found = warned(change=lambda text: text.replace(line, line.replace(b"3600", ttl)))
    assert found == ([(owner, rtype, "SIG_OWN_TTL")] if is_named else [])


def test_that_of_an_nsec3_record_too(warned):
    found = warned(change=lambda text: text.replace(b" 3600 IN RRSIG NSEC3 ", b" 60 IN RRSIG NSEC3 ", 1))
    assert [(rtype, code) for _, rtype, code in found] == [("NSEC3", "SIG_OWN_TTL")]


@pytest.mark.parametrize(("flags", "protocol", "count"), [(256, 3, 0), (256, 2, 1), (0, 3, 1), (0, 4, 2)], ids=str)
def test_a_dnskey_record_that_is_no_zone_key_is_named(warned, flags, protocol, count):
    spare = new_key(ZSK_FLAGS)
    key = replace(spare, rdata=flags.to_bytes(2) + bytes([protocol]) + spare.rdata[3:], signs=False)
    assert warned(keys=[key]) == [("test.", "DNSKEY", "KEY_IGNORED")] * count
