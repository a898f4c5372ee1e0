"""The same records in other words: the verdict stays (RFC 1035, 5.1; RFC 3597, 5)."""

import re

import pytest
from dns.rdata import from_text

from attestations.zone.practice.signing import practice_zone


def in_generic_form(text, rtype, covered):
    r"""Return a zone with the records of one type, or the signatures over it, as `\# length hex`."""

    def generic(line):
        head, rdata = line[1], line[2].decode()
        if covered is not None and rdata.split()[0] != covered:
            return line[0]
        wire = from_text("IN", rtype.decode(), rdata).to_wire()
        return b"%b\\# %d %b\n" % (head, len(wire), wire.hex().encode())

    return re.sub(rb"(?m)^(\S+ \d+ IN %b )(.+)\n" % rtype, generic, text)


@pytest.mark.parametrize(
    ("rtype", "covered"),
    [
        (b"RRSIG", "SOA"),
        (b"RRSIG", "A"),
        (b"RRSIG", "DS"),
        (b"RRSIG", "NSEC3"),
        (b"RRSIG", "DNSKEY"),
        (b"DNSKEY", None),
        (b"NSEC3", None),
        (b"NSEC3PARAM", None),
        (b"SOA", None),
        (b"NS", None),
        (b"DS", None),
        (b"A", None),
    ],
)
def test_records_in_generic_form_are_judged_as_others(now, ksk, zsk, judged, rtype, covered):
    zone = practice_zone((ksk, zsk), now)
    plain, odd = judged(zone.text, zone), judged(in_generic_form(zone.text, rtype, covered), zone)
    assert (odd.verdict, odd.counts, odd.by_type) == ("valid", plain.counts, plain.by_type)


@pytest.mark.parametrize("covered", ["SOA", "A", "DS", "NSEC3"])
def test_a_bad_signature_in_generic_form_is_found(now, ksk, zsk, judged, covered):
    zone = practice_zone((ksk, zsk), now)
    text = in_generic_form(zone.text, b"RRSIG", covered)
    at = text.rindex(b"\n", 0, text.index(b"IN RRSIG \\#"))
    end = text.index(b"\n", at + 1)
    damaged = text[: end - 2] + (b"00" if text[end - 2 : end] != b"00" else b"01") + text[end:]
    report = judged(damaged, zone)
    assert (report.verdict, report.counts.bogus) == ("invalid", 1)


@pytest.mark.parametrize("line", [b"SOA", b"RRSIG SOA", b"DNSKEY", b"NSEC3PARAM"])
@pytest.mark.parametrize("spelling", [rb"\116est.", b"TEST.", rb"t\es\t."])
def test_the_apex_may_be_spelled_in_several_ways(now, ksk, zsk, judged, line, spelling):
    zone = practice_zone((ksk, zsk), now)
    (before, after) = zone.text.split(b" IN " + line + b" ", 1)
    begin = before.rindex(b"\n") + 1 if b"\n" in before else 0
    text = before[:begin] + spelling + before[begin + len(b"test.") :] + b" IN " + line + b" " + after
    report = judged(text, zone)
    assert (report.verdict, report.counts) == ("valid", judged(zone.text, zone).counts)


@pytest.mark.parametrize("denial", ["nsec", None])
def test_the_root_is_a_zone_like_others(now, ksk, zsk, examine, denial):
    options = {"denial": denial} if denial else {}
    report = examine(practice_zone((ksk, zsk), now, name=".", **options))
    assert (report.verdict, report.findings.totals) == ("valid", {})
