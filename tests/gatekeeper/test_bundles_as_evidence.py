"""Sigstore bundles as evidence: whose word they are, and how it is said that one is not judged."""

import base64
from dataclasses import replace

import pytest
from attacks.signing import holder
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from world.registry import World

from attestations.digest import sha256
from attestations.sigstore.practice import Form, PrivateSigstore, new_key
from gatekeeper.decision import Verdict

ROOT_FILE = "keys/trusted_root.json"
FORMS = [(1, Form()), (1, Form(version="0.1", kind="intoto", proof=False)), (2, Form())]


def pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def world(sigstore, key, bundle, **members):
    """Return a registry whose builder has `key`, and brings its provenance in `bundle`."""

    def change(trust):
        trust["spec"]["sigstore"] = {"trusted_root": ROOT_FILE, "sha256": sha256(sigstore.trusted_root)}
        holder(trust, "ci-builder").update(keys=[pem(key)], **members)

    signed = World().with_piece("provenance.json", lambda piece: replace(piece, envelope_changes=(bundle,)))
    return replace(signed.with_document("trust", change), texts={ROOT_FILE: sigstore.trusted_root})


def refusals(decision):
    return {item.name: (item.refusal.code, item.refusal.found) for item in decision.evidence if item.refusal}


@pytest.mark.parametrize(("style", "form"), FORMS)
def test_a_bundle_that_a_party_s_key_signed_is_that_party_s_word(style, form):
    sigstore, key = PrivateSigstore(style=style), new_key()
    brought = world(sigstore, key, lambda envelope: sigstore.seal(payload_of(envelope), key, None, form=form))
    assert brought.judge().decision.verdict is Verdict.APPROVE


def test_a_bundle_that_a_key_of_nobody_signed_is_nobody_s_word():
    sigstore, key = PrivateSigstore(), new_key()
    brought = world(sigstore, key, lambda envelope: sigstore.seal(payload_of(envelope), new_key(), None))
    decision = brought.judge().decision
    assert (decision.verdict, refusals(decision)["evidence/provenance.json"][0]) == (
        Verdict.INCONCLUSIVE,
        "SIG-UNTRUSTED",
    )


def test_the_log_s_time_is_held_against_the_validity_of_a_key_too():
    sigstore, key = PrivateSigstore(), new_key()

    def bundle(envelope):
        return sigstore.seal(payload_of(envelope), key, None)

    inside = {"valid_from": "2026-04-10T09:01:00Z", "valid_until": "2026-04-10T09:01:01Z"}
    assert world(sigstore, key, bundle, **inside).judge().decision.verdict is Verdict.APPROVE
    decision = world(sigstore, key, bundle, valid_until="2026-04-10T09:01:00Z").judge().decision
    assert refusals(decision)["evidence/provenance.json"][0] == "SIG-UNTRUSTED"


def test_a_signature_over_a_file_is_called_unsupported_and_nothing_else():
    sigstore, key = PrivateSigstore(), new_key()
    brought = world(sigstore, key, lambda envelope: sigstore.sign_file(payload_of(envelope), key, None))
    decision = brought.judge().decision
    code, found = refusals(decision)["evidence/provenance.json"]
    assert (decision.verdict, code) == (Verdict.INCONCLUSIVE, "SIG-UNSUPPORTED")
    assert found.startswith("unsupported: a signature over a file")


def payload_of(envelope):
    return base64.b64decode(envelope["payload"])
