"""A9 Identity confusion, through the gate: every near miss of an identity or issuer is somebody else (S12)."""

import pytest
from attacks.a9 import RELEASE, ROOT, sigstore_world

from attestations.digest import sha256
from attestations.sigstore.practice import GITHUB, PrivateSigstore
from attestations.times import Instant
from gatekeeper.decision import Verdict
from gatekeeper.gate import decide

NAMED = {"identity": {"signed_as": RELEASE}, "issuer": {"issuer": GITHUB}}


def near_misses(text):
    yield f"x{text}"
    yield f"{text}x"
    yield f"{text}/"
    yield text.upper()
    for index in range(len(text) // 2, len(text), 17):
        yield f"{text[:index]}x{text[index:]}"
        yield text[:index] + text[index + 1 :]
        yield text[:index] + text[index].swapcase() + text[index + 1 :]


def judged(world):
    """Sign-offs have no part in this, and would need the decision first."""
    return decide(world.signed_off_by().inputs(), Instant.parse(world.now))


def refusals(world):
    return {refusal.name: refusal.code for refusal in judged(world).case.refusals}


def test_the_named_identity_and_issuer_are_believed():
    assert refusals(sigstore_world()) == {}
    assert sigstore_world().judge().decision.verdict is Verdict.APPROVE


@pytest.mark.parametrize("text", [miss for miss in near_misses(RELEASE) if miss != RELEASE])
def test_every_near_miss_of_the_identity_is_somebody_else(text):
    assert refusals(sigstore_world(signed_as=text)) == {"evidence/provenance.json": "ID-MISMATCH"}


@pytest.mark.parametrize("text", [miss for miss in near_misses(GITHUB) if miss != GITHUB])
def test_every_near_miss_of_the_issuer_is_somebody_else(text):
    assert refusals(sigstore_world(issuer=text)) == {"evidence/provenance.json": "ID-MISMATCH"}


def test_the_proven_time_of_signing_counts_whatever_the_statement_says():
    world = sigstore_world()
    (provenance,) = [a for a in judged(world).case.attestations if a.name == "evidence/provenance.json"]
    assert str(provenance.made_on) == "2026-04-10T09:01:00Z"


def test_a_statement_that_is_signed_later_than_now_comes_from_the_future():
    files = sigstore_world().signed_off_by().files()
    early = decide(sigstore_world().signed_off_by().inputs(files), Instant.parse("2026-04-10T08:55:59Z"))
    just = decide(sigstore_world().signed_off_by().inputs(files), Instant.parse("2026-04-10T08:56:00Z"))
    name = "evidence/provenance.json"
    assert {r.name: r.code for r in early.case.refusals}[name] == "EVID-STALE"
    assert name not in {r.name for r in just.case.refusals}


def test_the_same_seed_gives_the_same_instance_and_another_seed_another():
    one, again, other = (sha256(PrivateSigstore(seed=seed).trusted_root) for seed in ("ours", "ours", "theirs"))
    assert one == again != other
    assert sha256(sigstore_world().texts[ROOT]) == one
