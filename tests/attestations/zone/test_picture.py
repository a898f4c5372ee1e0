"""The picture of who signed a zone says in words all that it shows, and obeys nobody."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from flat_files import opened

from attestations.predicates.zone_validation import Counts, Coverage, Denial, KeyUse, SigningKey, TagUse
from attestations.signing_picture import MAX_BARS
from attestations.signing_picture import picture as drawn
from attestations.zone.findings import collect, finding
from attestations.zone.forensics import Forensics, Unattributed
from attestations.zone.picture import signed_by_report
from attestations.zone.validation.report import ZoneReport

SVG = "{http://www.w3.org/2000/svg}"
GOOD, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def report(now):
    with opened(b"test. 1 IN SOA a. b. 1 1 1 1 1\n") as zone:
        yield ZoneReport(
            zone=zone,
            at=now,
            anchors=(),
            coverage=Coverage(mode="full", population=65, checked=65),
            counts=Counts(rrsets=65, rrsigs=65, ok=22, bogus=43, no_key=0, expired=0, not_yet=0, missing=0),
            by_type={},
            by_key=(KeyUse(fingerprint=GOOD, tag=33834, algorithm=13, flags=256, verified=22),),
            by_tag=(TagUse(tag=33834, algorithm=13, published=1, verified=22, not_verified=43),),
            min_remaining_seconds=0,
            max_ttl=0,
            denial=Denial(kind="none", chain_ok=False),
            findings=collect([finding("SIG_WRONG_KEY", "error", "test.", "A", "wrong")]),
        )


def key(fingerprint=OTHER, **fields):
    usual = {"tag": 33834, "algorithm": 13, "real_tag": 4711, "published": False, "signatures": 21}
    return SigningKey(fingerprint=fingerprint, **(usual | fields))


INCIDENT = Forensics(
    signatures=65,
    complete=True,
    keys=(
        key(GOOD, real_tag=33834, published=True, signatures=22, held_by=("hsm-1",)),
        key(held_by=("hsm-2",)),
    ),
    unattributed=(Unattributed(tag=33834, algorithm=13, signatures=22),),
)


def picture(report, forensics=None):
    return drawn(signed_by_report(report, forensics))


def texts(svg):
    return [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314  # our own


def bars(svg):
    every = ET.fromstring(svg).iter(f"{SVG}rect")  # noqa: S314  # our own
    return [(bar.get("class") or bar.get("fill"), int(bar.get("width"))) for bar in every if bar.get("x")]


def test_each_private_key_has_a_bar_and_words(report):
    svg = picture(report, INCIDENT)
    assert texts(svg) == [
        "Who signed test. serial 1",
        "65 signatures, all of the zone; verdict invalid",
        "key tag 33834, algorithm 13",
        "published key, SHA-256 abababababababab..., in hsm-1",
        "22 (33.8 %)",
        "NOT PUBLISHED, SHA-256 cdcdcdcdcdcdcdcd..., real tag 4711, in hsm-2",
        "21 (32.3 %)",
        "NO KEY KNOWN: damaged, or by a key that signatures do not show",
        "22 (33.8 %)",
    ]
    filled = [bar for bar in bars(svg) if bar[0] != "track"]
    assert filled == [("published", 210), ("url(#zone-keys-hatched)", 200), ("url(#zone-keys-dotted)", 210)]


def test_without_forensics_the_published_keys_and_the_rest_are_shown(report):
    assert texts(picture(report))[2:] == [
        "key tag 33834, algorithm 13",
        "published key, SHA-256 abababababababab...",
        "22 (33.8 %)",
        "VERIFIED BY NO PUBLISHED KEY",
        "43 (66.2 %)",
    ]


def test_signatures_of_a_published_key_at_the_wrong_time_are_told_apart(report):
    expired = replace(report, by_tag=(TagUse(tag=33834, algorithm=13, published=1, verified=30, not_verified=0),))
    assert "published key, AT THE WRONG TIME OR REVOKED" in texts(picture(expired))


def test_a_published_key_under_another_tag_is_told_apart(report):
    astray = Forensics(signatures=9, complete=True, keys=(key(published=True, signatures=9),), unattributed=())
    svg = picture(report, astray)
    assert any(text.startswith("PUBLISHED UNDER ANOTHER TAG") for text in texts(svg))
    assert bars(svg)[0][0] == "url(#zone-keys-hatched)"


@pytest.mark.parametrize("is_complete", [True, False])
def test_a_part_of_a_zone_is_never_called_all_of_it(report, is_complete):
    part = Forensics(signatures=65, complete=is_complete, keys=INCIDENT.keys, unattributed=())
    assert ("not all of the zone" in picture(report, part)) != is_complete
    sampled = replace(report, coverage=Coverage(mode="sample", population=65, checked=20))
    assert "not all of the zone" in picture(sampled, INCIDENT)


def test_a_zone_without_signatures_has_a_picture_that_says_so(report):
    assert "no signatures" in texts(picture(replace(report, by_tag=(), by_key=())))


def test_names_from_outside_are_text_and_nothing_else(report):
    hostile = key(held_by=('</text><script>alert(1)</script>"&\x1b[2J\x00',))
    svg = picture(report, Forensics(signatures=1, complete=True, keys=(hostile,), unattributed=()))
    root = ET.fromstring(svg)  # noqa: S314  # our own
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg", "title", "desc", "style", "defs", "pattern", "rect", "circle", "text"
    }  # fmt: skip
    assert "<script>" not in svg
    assert "\x1b" not in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(("count", "is_told"), [(MAX_BARS, False), (MAX_BARS + 1, True)])
def test_more_keys_than_fit_are_counted(report, count, is_told):
    keys = tuple(key(f"{number:064x}", signatures=1) for number in range(count))
    svg = picture(report, Forensics(signatures=count, complete=True, keys=keys, unattributed=()))
    assert len([bar for bar in bars(svg) if bar[0] == "track"]) == MAX_BARS
    assert ("and 1 more keys" in texts(svg)) == is_told


def test_the_description_says_what_the_bars_show(report):
    root = ET.fromstring(picture(report, INCIDENT))  # noqa: S314  # our own
    assert root.findtext(f"{SVG}title") == "Which keys signed what share of test."
    assert "NOT PUBLISHED" in root.findtext(f"{SVG}desc")
