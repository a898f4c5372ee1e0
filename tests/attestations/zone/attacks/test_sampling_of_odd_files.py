"""A sample before the full pass stumbles over what cannot be read: the full pass says so."""

import pytest

from attestations.zone.command import Task, engines_named, run
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation.anchors import read_anchors


@pytest.fixture
def outcome(now, ksk, zsk):
    """Judge the text of a zone with a sample of everything, after something was replaced in it."""

    def judged(old, new):
        zone = practice_zone((ksk, zsk), now)
        text = zone.text.replace(old, new)
        task = Task(
            name="test.",
            read=lambda: zone_from_bytes(text, "zone", "test."),
            anchors=read_anchors(zone.ds, "ds", "test.", "DS"),
            at=now,
            engines=engines_named(["native"]),
            sample=1000,
        )
        return run(task)

    return judged


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b" IN RRSIG A 13 ", b" IN RRSIG A thirteen "),
        (b" IN RRSIG DS 13 ", b" IN RRSIG ODD 13 "),
        (b" IN A 192.0.2.3", b" IN A 192.0.2.333"),
        (b" IN DS 1 13 2 ", b" IN DS one 13 2 "),
        (b" IN NSEC3PARAM 1 0 0 -", b" IN NSEC3PARAM 1 0 0 x"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_reason(outcome, old, new):
    result = outcome(old, new)
    assert (result.exit_code, result.document.error.code) == (11, "DNS-ZONEFILE")


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"", b""), (b"nic.test. 3600 IN A", b"NIC 3600 A"), (b"d0.test. 3600 IN DS", b"\td0.test.\t3600 IN\tDS")],
    ids=["flat", "relative", "blanks"],
)
def test_what_can_be_read_in_another_way_is(outcome, old, new):
    assert outcome(old, new).exit_code in (0, 11)
