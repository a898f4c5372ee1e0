"""A relative name deep in RDATA of an otherwise flat file: whoever reads it first has the file rewritten."""

import pytest

from attestations.zone.command import Before, Task, engines_named, run
from attestations.zone.practice.keys import ZSK_FLAGS, new_key
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation.anchors import read_anchors

FURTHER = "mail IN MX 10 nic\n"


@pytest.fixture
def outcome(now):
    """Judge a zone and compare it with another version, both given as text."""

    def judged(text, before, ds):
        task = Task(
            name="test.",
            read=lambda: zone_from_bytes(text, "zone", "test."),
            anchors=read_anchors(ds, "ds", "test.", "DS"),
            at=now,
            engines=engines_named(["native"]),
            before=Before(read=lambda: zone_from_bytes(before, "before", "test."), anchors=None, seen_on=None),
        )
        return run(task)

    return judged


@pytest.mark.parametrize("name", [b"nic.test.", b"nic"])
def test_two_spellings_of_one_version_have_the_same_content(now, ksk, zsk, outcome, name):
    zone = practice_zone((ksk, zsk), now, further=FURTHER)
    text = zone.text.replace(b" MX 10 nic.test.", b" MX 10 " + name)
    assert outcome(text, zone.text, zone.ds).exit_code == 0
    assert outcome(zone.text + b"; the same\n", text, zone.ds).exit_code == 0


@pytest.mark.parametrize("name", [b"test.", b"@"])
def test_whose_keys_signed_is_found_in_any_spelling(now, ksk, zsk, outcome, name):
    zone = practice_zone((ksk, zsk), now, further=FURTHER)
    forged = practice_zone((ksk, new_key(ZSK_FLAGS)), now, further=FURTHER)
    lines = dict(zip(zone.text.splitlines(), forged.text.splitlines(), strict=True))
    text = b"".join(
        (other if line.startswith(b"mail.test. 3600 IN RRSIG MX") else line) + b"\n" for line, other in lines.items()
    )
    at = text.index(b"mail.test. 3600 IN RRSIG MX")
    odd = text[:at] + text[at:].replace(b" test. ", b" " + name + b" ", 1)
    result = outcome(odd, zone.text, zone.ds)
    assert (result.exit_code, result.document.error) == (10, None)


def test_a_version_before_that_cannot_be_read_is_an_error(now, ksk, zsk, outcome):
    zone = practice_zone((ksk, zsk), now, further=FURTHER)
    result = outcome(zone.text, zone.text.replace(b" MX 10 ", b" MX ten "), zone.ds)
    assert (result.exit_code, result.document.error.code) == (11, "DNS-ZONEFILE")
