"""What turns a fault into a pass in a fast validator: each shortcut of ours with the case it must not swallow."""

import re
from dataclasses import replace

import pytest
from dns.rdatatype import RdataType

from attestations import dnskey
from attestations.errors import InputError
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import ZSK_FLAGS, new_key
from attestations.zone.practice.signing import Hooks, changed, practice_zone, re_signed

FURTHER = "many IN A 192.0.2.1\nmany IN A 192.0.2.2\n*.wild IN A 192.0.2.3\ntxt IN TXT a\n"


@pytest.fixture
def practice(ksk, zsk, now):
    return practice_zone([ksk, zsk], now, further=FURTHER)


def edited(practice, pattern, text, count=1):
    result, hits = re.subn(pattern, text, practice.text, flags=re.MULTILINE)
    assert hits == count
    return replace(practice, text=result)


def test_the_zone_that_the_others_are_made_from_is_good(examine, practice):
    report = examine(practice)
    assert (report.verdict, len(report.findings.totals)) == ("valid", 0)


def test_the_ttl_of_every_record_counts(examine, practice):
    report = examine(edited(practice, rb"^many\.test\. 3600 IN A 192\.0\.2\.2$", b"many.test. 60 IN A 192.0.2.2"))
    assert set(report.findings.totals) == {("SIG_TTL", "error")}


def test_a_changed_record_beside_a_good_one_is_seen(examine, practice):
    report = examine(edited(practice, rb"^many\.test\. 3600 IN A 192\.0\.2\.2$", b"many.test. 3600 IN A 192.0.2.4"))
    assert set(report.findings.totals) == {("SIG_WRONG_KEY", "error")}


@pytest.mark.parametrize(("flags", "protocol"), [(0x0000, 3), (0x0100, 2)])
def test_a_key_that_is_no_zone_key_signs_nothing(examine, ksk, now, flags, protocol):
    zsk = new_key(ZSK_FLAGS)
    strange = replace(zsk, rdata=dnskey.rdata(flags, protocol, 13, zsk.rdata[4:]))
    report = examine(practice_zone([ksk, strange], now))
    assert report.verdict == "invalid"
    assert ("KEY_NOT_PUBLISHED", "error") in report.findings.totals


@pytest.mark.parametrize("field", [2, 3, 7])
def test_labels_original_ttl_and_signer_are_looked_at_though_the_signature_fits(examine, ksk, zsk, now, field):
    values = {2: {"labels": 3}, 3: {"original_ttl": 60}, 7: {"signer": "other."}}[field]

    def finish(_index, rrset, rrsig):
        import dns.name

        given = {key: dns.name.from_text(value) if key == "signer" else value for key, value in values.items()}
        return (re_signed(changed(rrsig, **given), rrset, zsk.sign) if rrset.rtype == RdataType.TXT else rrsig,)

    report = examine(practice_zone([ksk, zsk], now, further=FURTHER, hooks=Hooks(finish=finish)))
    code = {2: "SIG_LABELS", 3: "SIG_TTL", 7: "SIG_SIGNER"}[field]
    assert report.findings.totals[code, "error"] == 1


def test_a_wildcard_is_signed_with_its_own_label_count(examine, practice):
    assert examine(practice).counts.ok == examine(practice).counts.rrsigs
    line = next(line for line in practice.text.splitlines() if line.startswith(b"*.wild.test. 3600 IN RRSIG A 13 2 "))
    report = examine(replace(practice, text=practice.text.replace(line, line.replace(b"A 13 2", b"A 13 3"))))
    assert set(report.findings.totals) == {("SIG_LABELS", "error")}


@pytest.mark.parametrize("times", [b"%d %d", b"%010d %010d"])
def test_times_may_be_seconds(examine, practice, times):
    report = examine(practice)

    def as_seconds(match):
        from calendar import timegm
        from time import strptime

        return times % tuple(timegm(strptime(part.decode(), "%Y%m%d%H%M%S")) for part in match.groups())

    text = re.sub(rb"\b(\d{14}) (\d{14})\b", as_seconds, practice.text)
    again = examine(replace(practice, text=text))
    assert (again.verdict, again.counts, again.min_remaining_seconds) == (
        report.verdict,
        report.counts,
        report.min_remaining_seconds,
    )


def test_types_may_be_numbers_and_rdata_octets(examine, practice):
    text = practice.text.replace(b" IN TXT a\n", rb" IN TYPE16 \# 2 0161" + b"\n").replace(b" IN A ", b" IN TYPE1 ")
    report = examine(replace(practice, text=text))
    assert (report.verdict, len(report.findings.totals)) == ("valid", 0)


def test_the_same_record_twice_counts_once(examine, practice):
    line = b"many.test. 3600 IN A 192.0.2.1\n"
    report = examine(replace(practice, text=practice.text.replace(line, line * 3)))
    assert (report.verdict, report.counts) == ("valid", examine(practice).counts)


@pytest.mark.parametrize(
    "change",
    [lambda line: line[:-3] + b"*==", lambda line: line + b"A", lambda line: line[:-1]],
    ids=["foreign", "longer", "shorter"],
)
def test_a_signature_that_is_no_base64_is_not_read(examine, practice, change):
    line = next(line for line in practice.text.splitlines() if line.startswith(b"nic.test. 3600 IN RRSIG A "))
    with pytest.raises(InputError, match="DNS-ZONEFILE"):
        examine(replace(practice, text=practice.text.replace(line, change(line))))


@pytest.mark.parametrize("change", [bytes.upper, bytes.lower], ids=["upper", "lower"])
def test_hashes_may_be_upper_or_lower_case(examine, practice, change):
    hashes = rb"(?im)^[0-9a-v]{32}(?=\.test\.)|(?<=IN NSEC3 1 0 0 - )[0-9a-v]{32}"
    text, hits = re.subn(hashes, lambda match: change(match[0]), practice.text)
    assert hits > 20
    report = examine(replace(practice, text=text))
    assert (report.verdict, len(report.findings.totals)) == ("valid", 0)


def test_an_nsec3_record_in_both_cases_is_one_record(examine, practice):
    lines = practice.text.splitlines(keepends=True)
    owner = next(line.split()[0] for line in lines if b" IN NSEC3 " in line)
    again = b"".join(line.replace(owner, owner.swapcase()) for line in lines if line.startswith(owner))
    begin = practice.text.index(owner)
    report = examine(replace(practice, text=practice.text[:begin] + again + practice.text[begin:]))
    assert (report.verdict, len(report.findings.totals)) == ("valid", 0)


@pytest.mark.parametrize("denial", ["nsec", Nsec3(), Nsec3(opt_out=True)], ids=["nsec", "nsec3", "opt-out"])
def test_an_owner_in_two_places_is_judged_as_one(examine, ksk, zsk, now, denial):
    practice = practice_zone([ksk, zsk], now, further=FURTHER, denial=denial)
    lines = practice.text.splitlines(keepends=True)
    apart = [line for line in lines if line.startswith((b"many.test. 3600 IN A", b"d1.test. 3600 IN NS"))]
    text = b"".join([line for line in lines if line not in apart] + apart)
    report = examine(replace(practice, text=text))
    assert (report.verdict, len(report.findings.totals)) == ("valid", 0)


def test_a_hidden_second_place_of_an_insecure_delegation_is_no_way_to_sign_its_glue(examine, ksk, zsk, now):
    """In an opt-out zone nobody looks for the NSEC3 record of d1: its A record must still be taken for glue."""
    practice = practice_zone([ksk, zsk], now, denial=Nsec3(opt_out=True))
    signed = practice_zone([ksk, zsk], now, further="x IN A 192.0.2.1\n", denial=Nsec3(opt_out=True))
    extra = [line for line in signed.text.splitlines(keepends=True) if line.startswith(b"x.test. ")]
    text = practice.text + b"".join(line.replace(b"x.test. ", b"d1.test. ") for line in extra)
    report = examine(replace(practice, text=text))
    assert ("SIG_UNEXPECTED", "warning") in report.findings.totals
    assert report.counts.rrsets == examine(practice).counts.rrsets


def test_another_moment_on_the_same_day_is_another_moment(examine, practice, now):
    from datetime import timedelta

    first, second = examine(practice), examine(practice, at=now + timedelta(seconds=1))
    assert first.min_remaining_seconds == second.min_remaining_seconds + 1
