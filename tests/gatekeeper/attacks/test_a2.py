"""A2 where a folder cannot say it: orders that outlive an office, times that are proved, owners of documents."""

import base64
from dataclasses import replace

import pytest
from attacks.signing import holder
from world.documents import NOW, dump
from world.keys import signer
from world.pieces import freeze, halt
from world.registry import World

from attestations.digest import sha256
from attestations.document_envelope import PAYLOAD_TYPE
from attestations.envelope import seal
from attestations.errors import InputError
from attestations.sigstore.practice import GITHUB, WORKFLOW, PrivateSigstore
from attestations.times import Instant
from gatekeeper.anchors import Anchors, GateSpec, check_anchored
from gatekeeper.decision import Verdict
from gatekeeper.documents import parse_source
from gatekeeper.trust import load_trust

BEFORE_NOW = "2026-04-10T11:59:00Z"
SIGNED_ON = "2026-04-10T09:01:00Z"
ROOT_FILE = "keys/trusted_root.json"


def trusting(name, **members):
    return World().with_document("trust", lambda trust: holder(trust, name).update(members))


def refusals(world):
    decision = world.judge().decision
    return {item.name: item.refusal.code for item in decision.evidence if item.refusal}


@pytest.mark.parametrize("order", [halt(), freeze("signer-release")], ids=["halt", "freeze"])
def test_an_order_stands_although_its_signers_office_has_ended(order):
    ended = trusting("operations", valid_until=BEFORE_NOW)
    assert ended.adding("order.json", order).judge().decision.verdict is Verdict.FROZEN
    assert set(refusals(ended).values()) == {"SIG-UNTRUSTED"}, "other statements by the same party no longer count"


def test_an_order_by_a_key_that_was_not_yet_in_use_does_not_stand():
    world = trusting("operations", valid_from="2026-04-10T11:30:01Z").adding("order.json", halt())
    assert refusals(world)["evidence/order.json"] == "SIG-UNTRUSTED"


def test_what_a_party_says_counts_until_its_very_last_second():
    assert not refusals(trusting("hsm-lab", valid_from="2026-04-10T10:05:00Z", valid_until="2026-04-10T12:00:01Z"))
    assert refusals(trusting("hsm-lab", valid_until=NOW)) == {"evidence/hsm.json": "SIG-UNTRUSTED"}


def test_the_refusal_tells_who_when_and_while_when_the_key_is_trusted():
    decision = trusting("hsm-lab", valid_until=NOW).judge().decision
    refusal = next(item.refusal for item in decision.evidence if item.refusal)
    assert refusal.found == f"a signature by hsm-lab as of {NOW}"
    assert refusal.wanted == f"a key in use then: from the start until {NOW}"


def test_the_refusal_of_a_revoked_key_says_so_whenever_it_signed():
    revoked = trusting("hsm-lab", revoked=True, valid_until="2027-01-01T00:00:00Z")
    decision = revoked.judge().decision
    assert [item.refusal.found for item in decision.evidence if item.refusal] == [
        "a signature by a key that is marked revoked"
    ]


@pytest.fixture(scope="module")
def keyless_builder():
    """The builder signs without a key of its own; the log proves when."""
    sigstore = PrivateSigstore()

    def bundle(envelope):
        return sigstore.sign_statement(base64.b64decode(envelope["payload"]))

    def world(**members):
        identity = {"issuer": GITHUB, "identity": WORKFLOW}

        def change(trust):
            trust["spec"]["sigstore"] = {"trusted_root": ROOT_FILE, "sha256": sha256(sigstore.trusted_root)}
            holder(trust, "ci-builder").update(keys=[], sigstore=identity, **members)

        signed = World().with_piece("provenance.json", lambda piece: replace(piece, envelope_changes=(bundle,)))
        return replace(signed.with_document("trust", change), texts={ROOT_FILE: sigstore.trusted_root})

    return world


def test_a_time_that_a_log_proves_is_held_against_the_validity_instead_of_now(keyless_builder):
    after_signing = "2026-04-10T09:01:01Z"
    assert keyless_builder(valid_from=SIGNED_ON, valid_until=after_signing).judge().decision.verdict is Verdict.APPROVE
    for outside in ({"valid_from": after_signing}, {"valid_until": SIGNED_ON}):
        assert refusals(keyless_builder(**outside)) == {"evidence/provenance.json": "SIG-UNTRUSTED"}


def owners_with(**members):
    document = World().with_document("trust", lambda trust: holder(trust, "owners").update(members)).trust
    return load_trust(parse_source(dump(document), "trust.yaml"), {})


def anchor(trust, now=NOW):
    files = World(signing_off=()).files()
    policy, environment = (
        parse_source(seal(files[name], PAYLOAD_TYPE, (signer("owners"),)), name)
        for name in ("policy.yaml", "environment.yaml")
    )
    check_anchored(Anchors(spec=GateSpec(trust_roots=(trust.digest,))), policy, environment, trust, Instant.parse(now))


def test_owners_vouch_for_documents_while_their_keys_are_in_use():
    trust = owners_with(valid_from="2026-04-10T12:00:00Z", valid_until="2026-04-10T12:00:02Z")
    for now in ("2026-04-10T12:00:00Z", "2026-04-10T12:00:01Z"):
        anchor(trust, now)
    for now in ("2026-04-10T11:59:59Z", "2026-04-10T12:00:02Z"):
        with pytest.raises(InputError, match="neither pinned nor signed by its owners"):
            anchor(trust, now)


def test_owners_whose_keys_are_revoked_vouch_for_nothing():
    anchor(owners_with(revoked=False))
    with pytest.raises(InputError, match="POL-TRUST"):
        anchor(owners_with(revoked=True))
