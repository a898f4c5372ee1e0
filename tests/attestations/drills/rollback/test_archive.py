"""The archived version goes out again with a higher serial number and one new signature, made in any HSM."""

from datetime import UTC, datetime

import pytest

from attestations.drills.rollback.archive import raised
from attestations.hsm.selection import Selected
from attestations.hsm.token import TokenError
from attestations.laboratory.agent import RolloverAgent
from attestations.laboratory.signer import published_key
from attestations.laboratory.software_hsm import software_hsm
from attestations.laboratory.units import Rack
from attestations.rollover.keys import KeyName
from attestations.times import Instant
from attestations.zone.engines import ENGINES
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, PracticeKey, new_key
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation.anchors import read_anchors

OLD = KeyName(key_id="a1", label="old")
NOW = Instant.of(datetime.now(UTC))


@pytest.fixture
def hsms(tmp_path):
    """Three HSMs that hold the old key."""
    made = tuple(software_hsm(tmp_path / serial, serial, slot) for slot, serial in enumerate(("A1", "B7", "C2")))
    RolloverAgent().make_key(OLD, made)
    return made


@pytest.fixture
def old(hsms):
    """The old key as it is published."""
    return Selected(key=published_key(OLD, ZSK_FLAGS, Rack(hsms=hsms, sites=("",) * 3)), selector=OLD.selector)


@pytest.fixture
def archived(hsms, old):
    """A good version that the old key signed."""
    sign = lambda data: hsms[0].token.sign(OLD.selector, 13, data)  # noqa: E731  # what a key of a zone is made of
    keys = (new_key(KSK_FLAGS), PracticeKey(rdata=old.key.rdata, sign=sign))
    return practice_zone(keys, NOW, name="example.", serial=2026041001)


def judged(text, archived):
    with zone_from_bytes(text, "archive", "example.") as zone:
        anchors = read_anchors(archived.ds, "ds", "example.", "DS")
        return zone.serial, ENGINES["native"].validate(zone, anchors, Instant.of(datetime.now(UTC)), jobs=1).verdict


def test_it_validates_and_nothing_but_soa_and_its_signature_is_new(hsms, old, archived):
    text = raised(archived.text, "example.", 2026042001, old, hsms)
    assert judged(text, archived) == (2026042001, "valid")
    before, after = set(archived.text.splitlines()), set(text.splitlines())
    assert sorted(line.split()[3:5] for line in after - before) == [[b"RRSIG", b"SOA"], [b"SOA", b"ns1.example."]]
    assert len(before - after) == len(after - before)


def test_a_serial_number_alone_would_not_validate(archived):
    text = archived.text.replace(b" 2026041001 ", b" 2026042001 ")
    assert judged(text, archived) == (2026042001, "invalid")


def test_any_hsm_will_do(hsms, old, archived):
    hsms[0].destroy(OLD)
    hsms[1].disconnect()
    assert judged(raised(archived.text, "example.", 2026042001, old, hsms), archived) == (2026042001, "valid")


def test_an_hsm_with_another_key_under_the_same_id_is_passed_over(hsms, old, archived):
    hsms[0].destroy(OLD)
    hsms[0].generate(OLD, replicable=True)
    assert judged(raised(archived.text, "example.", 2026042001, old, hsms), archived) == (2026042001, "valid")


def test_where_no_hsm_has_the_key_nothing_is_made(hsms, old, archived):
    for hsm in hsms:
        hsm.destroy(OLD)
    with pytest.raises(TokenError) as refusal:
        raised(archived.text, "example.", 2026042001, old, hsms)
    assert str(refusal.value) == f"none of 3 HSMs signs with key {old.key.fingerprint[:16]}"
