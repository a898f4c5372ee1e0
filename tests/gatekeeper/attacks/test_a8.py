"""A8 where a folder cannot say it: the pipeline's Sigstore identity, whose certificates are new in every run."""

import base64
from dataclasses import replace

import pytest
from attacks.signing import holder
from world.registry import World

from attestations.digest import sha256
from attestations.sigstore.practice import GITHUB, WORKFLOW, PrivateSigstore
from gatekeeper.decision import Verdict

ROOT_FILE = "keys/trusted_root.json"


@pytest.fixture(scope="module")
def sigstore():
    return PrivateSigstore()


def trusting(sigstore, world):
    """The builder is known by its Sigstore identity and still has its key."""

    def change(trust):
        trust["spec"]["sigstore"] = {"trusted_root": ROOT_FILE, "sha256": sha256(sigstore.trusted_root)}
        holder(trust, "ci-builder")["sigstore"] = {"issuer": GITHUB, "identity": WORKFLOW}

    return replace(world.with_document("trust", change), texts={ROOT_FILE: sigstore.trusted_root})


def bundled(sigstore, piece):
    def bundle(envelope):
        return sigstore.sign_statement(base64.b64decode(envelope["payload"]))

    return replace(piece, envelope_changes=(bundle,))


def test_the_pipelines_identity_cannot_sign_off_for_a_person(sigstore):
    def by_pipeline(piece):
        return bundled(sigstore, piece) if piece.signers == ("alice",) else piece

    decision = trusting(sigstore, World().signed_off_by("alice", "bob", change=by_pipeline)).judge().decision
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert decision.reason_codes == ("APPR-COUNT", "SIG-ROLE")


def test_the_person_can(sigstore):
    assert trusting(sigstore, World()).judge().decision.verdict is Verdict.APPROVE


@pytest.mark.parametrize(("piece", "code"), [("provenance.json", None), ("hsm.json", "SIG-ROLE")])
def test_the_pipelines_identity_says_what_the_builder_may_say_and_nothing_else(sigstore, piece, code):
    world = World().with_piece(piece, lambda before: bundled(sigstore, before))
    assert trusting(sigstore, world).judge().decision.reason_codes == ((code,) if code else ())


def test_an_identity_and_a_key_that_both_sign_cannot_be_mixed_in_one_bundle(sigstore):
    """A threshold of two is not met by one identity, whatever else the bundle carries."""
    world = trusting(sigstore, World().with_piece("provenance.json", lambda before: bundled(sigstore, before)))
    strict = world.with_document("trust", lambda trust: holder(trust, "ci-builder").update(threshold=2))
    assert "SIG-THRESHOLD" in strict.judge().decision.reason_codes
