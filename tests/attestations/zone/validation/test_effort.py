"""A zone that asks for more work than one of its size may is not validated (threat families C2 and C3)."""

from dataclasses import replace

import pytest
from fault_zones.bench import nsec3_owner, unlinking

from attestations.dnskey import ED448, NAMES
from attestations.zone.engines import ENGINES
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import Hooks, changed, practice_zone
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation import effort
from attestations.zone.validation.anchors import read_anchors
from attestations.zone.validation.apex import apex_of
from attestations.zone.validation.denial import lookup
from attestations.zone.validation.effort import OF_NAME, of_signature
from attestations.zone.validation.survey import survey
from attestations.zone.validation.verifiers import is_judged
from attestations.zone.validation.whole import validate
from attestations.zone.validation.work import Here, Pool

WORK = ("VALIDATOR_WORK", "warning")
DEEP = ".".join(["a"] * 100)
COSTLY = Nsec3(iterations=150)


def effort_of(practice, now):
    with (
        zone_from_bytes(practice.text, "zone", practice.name) as zone,
        survey(zone, apex_of(zone), int(now.timestamp()), Here()) as done,
    ):
        return done.tally.effort


def with_bound(monkeypatch, units, per_octet=0):
    monkeypatch.setattr(effort, "MAX_EFFORT", units)
    monkeypatch.setattr(effort, "PER_OCTET", per_octet)


def test_signatures_and_hashed_names_are_counted(ksk, zsk, now):
    practice = practice_zone([ksk, zsk], now, delegations=1, denial=Nsec3(iterations=3))
    counted = effort_of(practice, now)
    signatures = practice.text.count(b" IN RRSIG ")
    assert sum(units for what, units in counted.items() if what.startswith("signatures")) == 200 * signatures
    assert counted[effort.HASHING] == practice.text.count(b" IN NSEC3 ") * (OF_NAME + 3)


@pytest.mark.parametrize(("spare", "verdict"), [(0, "valid"), (-1, "inconclusive")])
def test_one_unit_too_much_leaves_a_zone_unvalidated(examine, ksk, zsk, now, monkeypatch, spare, verdict):
    practice = practice_zone([ksk, zsk], now)
    with_bound(monkeypatch, effort_of(practice, now).total() + spare)
    report = examine(practice)
    assert report.verdict == verdict
    assert (WORK in report.findings.totals) is (verdict == "inconclusive")


def test_the_finding_names_what_costs_most(examine, ksk, zsk, now, monkeypatch):
    practice = practice_zone([ksk, zsk], now)
    with_bound(monkeypatch, 1000)
    (found,) = examine(practice).findings.kept
    assert found.message.startswith("stopped after ")
    assert f"signatures with key tag {zsk.tag}, algorithm 13" in found.message


@pytest.mark.parametrize(
    ("name", "denial", "verdict"),
    [(DEEP, COSTLY, "inconclusive"), ("a", COSTLY, "valid"), (DEEP, Nsec3(), "valid")],
    ids=["deep and iterated", "iterated", "deep"],
)
def test_deep_names_and_many_iterations_are_too_much_together(
    examine, ksk, zsk, now, monkeypatch, name, denial, verdict
):
    """The names above are in the chain as well, but not in the file: a hidden cost (CVE-2023-50868)."""
    without_chain = Hooks(
        edit=lambda zone: replace(
            zone, rrsets=tuple(one for one in zone.rrsets if one.rtype.name != "NSEC3" or verdict == "valid")
        )
    )
    names = "".join(f"{name}.x{number} IN A 192.0.2.7\n" for number in range(10))
    practice = practice_zone([ksk, zsk], now, delegations=0, denial=denial, further=names, hooks=without_chain)
    with_bound(monkeypatch, 50_000, per_octet=effort.PER_OCTET)
    assert examine(practice).verdict == verdict


def of_one_tag(count):
    """Return a key, and others that are published only: its octets moved by whole words, which keeps the tag."""
    real = new_key(ZSK_FLAGS, ED448)
    head, body = real.rdata[:4], real.rdata[4:-1]
    rest = [body[2 * shift :] + body[: 2 * shift] + real.rdata[-1:] for shift in range(1, count)]
    return [real, *(replace(real, rdata=head + moved, signs=False) for moved in rest)]


def spoilt(_index, _rrset, rrsig):
    return [changed(rrsig, signature=bytes([rrsig.signature[0] ^ 1]) + rrsig.signature[1:])]


@pytest.mark.parametrize(("keys", "verdict"), [(4, "inconclusive"), (1, "invalid")])
def test_bad_signatures_under_a_tag_of_four_slow_keys_are_too_much(examine, now, monkeypatch, keys, verdict):
    practice = practice_zone(
        [new_key(KSK_FLAGS, ED448), *of_one_tag(keys)], now, delegations=6, hooks=Hooks(finish=spoilt)
    )
    with_bound(monkeypatch, 0, per_octet=effort.PER_OCTET)
    assert examine(practice).verdict == verdict


@pytest.mark.parametrize("name", ["shallow", DEEP], ids=["between pieces", "within a piece"])
def test_the_bound_is_the_same_with_one_process_and_with_two(ksk, zsk, now, monkeypatch, loaded, name):
    further = "".join(f"{name}.x{number} IN A 192.0.2.7\n" for number in range(5))
    practice = practice_zone([ksk, zsk], now, delegations=0, denial=COSTLY, further=further)
    with_bound(monkeypatch, 1000)
    zone, _ = loaded(practice)
    said = []
    with Pool(2) as pool:
        for workers in (Here(), pool):
            with pytest.raises(effort.TooMuchWorkError) as caught:
                survey(zone, apex_of(zone), int(now.timestamp()), workers)
            said.append(str(caught.value))
    assert said[0] == said[1]


def test_hashing_stops_within_a_piece(ksk, zsk, now, monkeypatch):
    """A piece of 512 KiB could else cost minutes before anybody adds up."""
    names = "".join(f"{DEEP}.x{number} IN A 192.0.2.7\n" for number in range(10))
    practice = practice_zone([ksk, zsk], now, delegations=0, further=names, denial=COSTLY)
    with_bound(monkeypatch, 200_000)
    with (
        zone_from_bytes(practice.text, "zone", practice.name) as zone,
        pytest.raises(effort.TooMuchWorkError, match="names hashed for NSEC3") as caught,
    ):
        survey(zone, apex_of(zone), int(now.timestamp()), Here())
    assert int(str(caught.value).split()[2]) < 200_000 + 101 * (OF_NAME + 150)


@pytest.mark.parametrize("opt_out", [True, False])
def test_insecure_delegations_that_are_hashed_later_count_too(examine, ksk, zsk, now, monkeypatch, opt_out):
    """They are hashed where one NSEC3 record does not opt out, which samples of the file may not show."""
    further = "".join(f"{DEEP}.x{number} IN NS ns.elsewhere.example.\n" for number in range(5))
    practice = practice_zone([ksk, zsk], now, delegations=3, further=further, denial=Nsec3(opt_out=True))
    text = practice.text
    if not opt_out:
        monkeypatch.setattr("attestations.zone.validation.survey._seems_opted_out", lambda _zone: True)
        text = text.replace(b" NSEC3 1 1 ", b" NSEC3 1 0 ", 1)
    with_bound(monkeypatch, effort_of(practice, now).total() + 10_000)
    anchors = read_anchors(practice.ds, "ds", practice.name, "DS")
    with zone_from_bytes(text, "zone", practice.name) as zone:
        report = validate(zone, anchors, now)
    assert report.verdict == ("valid" if opt_out else "inconclusive")


@pytest.mark.parametrize(("per_octet", "owner"), [(effort.PER_OCTET, "nic.test."), (0, "a hash")])
def test_names_for_messages_are_looked_up_within_the_bound(examine, ksk, zsk, now, monkeypatch, per_octet, owner):
    hashed = nsec3_owner("nic.test.")
    monkeypatch.setattr(lookup, "PER_OCTET", per_octet)
    practice = practice_zone([ksk, zsk], now, hooks=Hooks(edit=unlinking("nic.test.")))
    report = examine(practice)
    assert report.verdict == "invalid"
    owners = [one.owner for one in report.findings.kept if one.code == "DENIAL_CHAIN"]
    assert owners == [hashed if owner == "a hash" else owner]


@pytest.mark.needs("ldns-verify-zone")
def test_what_another_validator_does_is_no_work_of_ours(ksk, zsk, now, monkeypatch, loaded):
    zone, anchors = loaded(practice_zone([ksk, zsk], now))
    with_bound(monkeypatch, 0)
    assert validate(zone, anchors, now).verdict == "inconclusive"
    assert ENGINES["ldns"].validate(zone, anchors, now).verdict == "valid"


def test_every_algorithm_that_is_verified_has_its_price():
    assert all(of_signature(algorithm) > 0 for algorithm in (*NAMES, 5, 7))
    assert not any(of_signature(algorithm) for algorithm in range(256) if not is_judged(algorithm) and algorithm > 7)
