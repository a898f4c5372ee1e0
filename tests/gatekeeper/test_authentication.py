"""Who says it and when: what a log or an authority proves of the time, and what it leaves open."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from attacks.signing import holder
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from world.registry import World

from attestations.digest import sha256
from attestations.errors import InputError
from attestations.predicates import NAMES
from attestations.sigstore.practice import PrivateSigstore, new_key
from attestations.sigstore.practice.instance import GITHUB, WORKFLOW
from gatekeeper.authentication import authenticate, read_claim
from gatekeeper.decision import Verdict
from gatekeeper.evidence import Offered

ROOT_FILE = "keys/trusted_root.json"
LOGGED = datetime(2026, 4, 10, 11, 30, tzinfo=UTC)


def in_a_bundle(instance, stated, seal, **members):
    """Return a registry whose HSM laboratory offers its statement in a bundle."""

    def change(trust):
        trust["spec"]["sigstore"] = {"trusted_root": ROOT_FILE, "sha256": sha256(instance.trusted_root)}
        holder(trust, "hsm-lab").update(members)

    def bundle(envelope):
        return seal(base64.b64decode(envelope["payload"]))

    world = World().with_predicate("hsm.json", lambda said: said.update(startedOn=stated, finishedOn=stated))
    world = world.with_piece("hsm.json", lambda piece: replace(piece, envelope_changes=(bundle,)))
    return replace(world.with_document("trust", change), texts={ROOT_FILE: instance.trusted_root})


def logged_by_key(stated="2026-04-10T10:05:00Z", logged=LOGGED, **members):
    sigstore, key = PrivateSigstore(now=logged), new_key()
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return in_a_bundle(sigstore, stated, lambda payload: sigstore.seal(payload, key, None), keys=[pem], **members)


def logged_by_identity(sigstore, stated):
    named = {"issuer": GITHUB, "identity": WORKFLOW}
    return in_a_bundle(sigstore, stated, sigstore.sign_statement, keys=[], sigstore=named)


def made_on(world):
    (found,) = (one for one in world.judge().case.attestations if one.name == "evidence/hsm.json")
    return str(found.made_on)


def test_a_log_does_not_make_old_evidence_new():
    """Whoever holds an envelope can log it today: a log says by when a key's signature existed, not since when."""
    old = logged_by_key(stated="2026-04-01T10:05:00Z").judge().decision
    assert (old.verdict, old.reason_codes) == (Verdict.INCONCLUSIVE, ("EVID-STALE",))
    assert logged_by_key().judge().decision.verdict is Verdict.APPROVE


def test_evidence_is_as_old_as_it_says_or_older():
    assert made_on(logged_by_key()) == "2026-04-10T10:05:00Z"


def test_a_certificate_s_time_counts_where_the_statement_says_none_or_a_later_one():
    sigstore = PrivateSigstore(now=LOGGED)
    for stated, made in (
        ("2026-04-10T10:05:00Z", "2026-04-10T10:05:00Z"),
        ("2026-04-10T11:45:00Z", "2026-04-10T11:31:00Z"),
    ):
        assert made_on(logged_by_identity(sigstore, stated)) == made


def test_the_key_must_have_been_in_use_at_every_time_that_is_told():
    """A stolen key of an office that has ended: it may say any time, and have it logged when it likes."""
    for office in ({"valid_until": "2026-04-10T11:31:00Z"}, {"valid_from": "2026-04-10T10:05:01Z"}):
        decision = logged_by_key(**office).judge().decision
        assert [item.refusal.code for item in decision.evidence if item.refusal] == ["SIG-UNTRUSTED"]
    office = {"valid_from": "2026-04-10T10:05:00Z", "valid_until": "2026-04-10T11:31:01Z"}
    assert logged_by_key(**office).judge().decision.verdict is Verdict.APPROVE


def test_a_log_s_time_in_the_future_is_refused_whatever_the_statement_says():
    decision = logged_by_key(logged=datetime(2026, 4, 10, 12, 5, tzinfo=UTC)).judge().decision
    assert [item.refusal.code for item in decision.evidence if item.refusal] == ["EVID-STALE"]
    assert logged_by_key(logged=datetime(2026, 4, 10, 12, 4, tzinfo=UTC)).judge().decision.verdict is Verdict.APPROVE


def test_one_statement_in_two_bundles_is_as_old_as_the_older_of_them():
    """Else whoever may sign again makes the other's old word new: the name of a file would decide."""
    instance = PrivateSigstore(now=LOGGED - timedelta(days=9))
    root, named = instance.trusted_root, {"issuer": GITHUB, "identity": WORKFLOW}

    def change(trust):
        trust["spec"]["sigstore"] = {"trusted_root": ROOT_FILE, "sha256": sha256(root)}
        holder(trust, "ci-tests").update(keys=[], sigstore=named)

    def at(moment):
        def bundle(envelope):
            instance.now = moment
            return instance.sign_statement(base64.b64decode(envelope["payload"]))

        return bundle

    piece = World().pieces["tests.json"]
    old, new = (replace(piece, envelope_changes=(at(moment),)) for moment in (LOGGED - timedelta(days=9), LOGGED))
    for names in (("a.json", "b.json"), ("b.json", "a.json")):
        world = World().without("tests.json").with_document("trust", change)
        world = replace(world, texts={ROOT_FILE: root})
        for name, one in zip(names, (old, new), strict=True):
            world = world.adding(name, one)
        (found,) = (one for one in world.judge().case.attestations if one.predicate_type == NAMES["test-result"])
        assert str(found.made_on) == "2026-04-01T11:31:00Z"


def test_what_a_bundle_proves_is_the_very_statement_that_is_judged():
    """Were two readers ever to see two payloads in one bundle, the signature would be over the other one."""
    instance = PrivateSigstore(now=LOGGED)
    world = logged_by_identity(instance, "2026-04-10T10:05:00Z")
    trust = world.judge().case.trust
    claim = read_claim(Offered(name="hsm.json", raw=world.files()["evidence/hsm.json"], sha256="0" * 64))
    assert authenticate(claim, trust).identity is not None
    other = replace(claim, envelope=replace(claim.envelope, payload=claim.envelope.payload + b" "))
    with pytest.raises(InputError) as caught:
        authenticate(other, trust)
    assert caught.value.code == "SIG-BUNDLE"
