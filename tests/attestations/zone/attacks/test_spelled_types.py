"""A type has several spellings (RFC 1035, 2.3.3; RFC 3597, 5): no check looks for one of them."""

from dataclasses import replace

import pytest

from attestations.zone.change import Clock, change_findings
from attestations.zone.practice.keys import ZSK_FLAGS, new_key
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import zone_from_bytes

SPELLINGS = pytest.mark.parametrize(
    ("rtype", "spelling"),
    [(b"RRSIG", b"RRSIG"), (b"RRSIG", b"rrsig"), (b"RRSIG", b"TYPE46"), (b"NS", b"Ns"), (b"DS", b"TYPE43")],
)


@pytest.fixture
def codes(now):
    def codes_of(before, after):
        with zone_from_bytes(before, "before", "test.") as one, zone_from_bytes(after, "after", "test.") as two:
            return {one.code for one in change_findings(one, two, Clock(now=now)) if one.severity == "error"}

    return codes_of


@SPELLINGS
def test_a_key_that_signs_before_caches_know_it_is_seen(now, ksk, zsk, spelled, codes, rtype, spelling):
    before = practice_zone((ksk, zsk), now, serial=1)
    after = practice_zone((ksk, replace(zsk, signs=False), new_key(ZSK_FLAGS)), now, serial=2)
    assert codes(before.text, spelled(after.text, rtype, spelling)) == {"CACHE_UNSAFE"}


@SPELLINGS
def test_a_zone_that_is_signed_by_the_same_keys_is_fine(now, ksk, zsk, spelled, codes, rtype, spelling):
    before, after = (practice_zone((ksk, zsk), now, serial=serial) for serial in (1, 2))
    assert codes(before.text, spelled(after.text, rtype, spelling)) == set()


@SPELLINGS
def test_a_zone_that_lost_its_content_does_not_pass_for_one_with_more(now, ksk, zsk, spelled, codes, rtype, spelling):
    before = practice_zone((ksk, zsk), now, serial=1, further="".join(f"t{n} IN TXT x\n" for n in range(60)))
    after = practice_zone((ksk, zsk), now, serial=2)
    assert codes(before.text, spelled(after.text, rtype, spelling)) == {"CONTENT_DELTA"}


@SPELLINGS
def test_the_verdict_does_not_depend_on_the_spelling(now, ksk, zsk, spelled, judged, rtype, spelling):
    zone = practice_zone((ksk, zsk), now)
    report = judged(spelled(zone.text, rtype, spelling), zone)
    assert (report.verdict, report.coverage) == ("valid", judged(zone.text, zone).coverage)
