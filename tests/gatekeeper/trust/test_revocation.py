"""What a trust root takes back: a key for ever, an identity from a date, one attestation by its digest."""

import json
from dataclasses import replace

import pytest
from attacks.b10_layouts import with_layout
from world.documents import NOW, dump, party, pem, person
from world.host import Host, approve, lasting
from world.keys import digest, signer
from world.registry import World

from attestations.digest import sha256
from attestations.envelope import read_envelope
from attestations.errors import InputError
from attestations.identity import Identity
from attestations.predicates import NAMES
from attestations.strict import read_json
from attestations.times import Instant
from gatekeeper.approval import Place, check_approval, commission
from gatekeeper.documents import parse_source
from gatekeeper.trust import load_trust

ISSUER, SUBJECT = "https://ci.example", "https://ci.example/signer/release@refs/tags/v3"
IDENTITY = Identity(issuer=ISSUER, subject=SUBJECT, extensions={})
NOON, LATER = Instant.parse(NOW), Instant.parse("2026-04-12T12:00:00Z")


def revoking(**lists):
    world = World().with_document("trust", lambda trust: trust["spec"].update(revoked=lists))
    return load_trust(parse_source(dump(world.trust), "trust.yaml"), {})


def revoked_key(name):
    return {"sha256": signer(name).public.fingerprint, "reason": "the laptop was stolen"}


def test_a_revoked_key_is_in_nobodys_hands_any_more():
    before, after = revoking(), revoking(keys=[revoked_key("operations-1"), revoked_key("alice"), revoked_key("gate")])
    holders = {party.record.name: party for party in after.parties} | {one.record.name: one for one in after.people}
    assert holders["operations"].fingerprints == {signer("operations-2").public.fingerprint}
    assert holders["alice"].fingerprints == frozenset()
    assert (len(before.gate_keys), after.gate_keys) == (1, ())


def test_a_revoked_ledger_key_makes_the_document_unusable():
    with pytest.raises(InputError, match="ledger whose key"):
        revoking(keys=[revoked_key("ledger")])


def test_a_revoked_key_cannot_come_back_to_a_second_holder():
    def change(trust):
        trust["spec"].update(revoked={"keys": [revoked_key("alice")]})
        trust["spec"]["parties"][0]["keys"].append(pem("alice"))

    world = World().with_document("trust", change)
    with pytest.raises(InputError) as caught:
        load_trust(parse_source(dump(world.trust), "trust.yaml"), {})
    assert caught.value.code == "POL-TRUST"


@pytest.mark.parametrize("signed_on", ["2026-04-10T12:00:00Z", "2026-04-10T12:00:01Z"])
def test_an_identity_does_not_count_from_the_date_of_its_revocation(signed_on):
    trust = revoking(
        identities=[{"issuer": ISSUER, "identity": SUBJECT, "since": NOW, "reason": "workflow taken over"}]
    )
    with pytest.raises(InputError) as caught:
        trust.check_identity(IDENTITY, Instant.parse(signed_on))
    assert caught.value.code == "SIG-UNTRUSTED"
    assert "workflow taken over" in caught.value.found


def test_what_the_identity_signed_before_still_counts_and_so_does_every_other():
    trust = revoking(
        identities=[{"issuer": ISSUER, "identity": SUBJECT, "since": NOW, "reason": "workflow taken over"}]
    )
    trust.check_identity(IDENTITY, Instant.parse("2026-04-10T11:59:59Z"))
    other = Identity(issuer=ISSUER, subject=SUBJECT.replace("v3", "v4"), extensions={})
    trust.check_identity(other, Instant.parse(NOW))
    elsewhere = Identity(issuer="https://another.example", subject=SUBJECT, extensions={})
    trust.check_identity(elsewhere, Instant.parse(NOW))


def test_a_revoked_identity_may_be_a_pattern_no_wider_than_a_believed_one():
    pattern = SUBJECT.replace("v3", "*")
    trust = revoking(identities=[{"issuer": ISSUER, "identity": pattern, "since": NOW, "reason": "all of them"}])
    with pytest.raises(InputError):
        trust.check_identity(IDENTITY, Instant.parse(NOW))
    with pytest.raises(InputError) as caught:
        revoking(identities=[{"issuer": ISSUER, "identity": "https://*", "since": NOW, "reason": "too wide"}])
    assert caught.value.code == "ID-PATTERN"


def test_an_attestation_is_revoked_by_either_digest_and_by_no_other():
    trust = revoking(attestations=[{"sha256": digest("bad"), "reason": "the probe ran against the laboratory"}])
    trust.check_attestation(digest("good"), digest("better"))
    with pytest.raises(InputError) as caught:
        trust.check_attestation(digest("good"), digest("bad"))
    assert caught.value.code == "EVID-REVOKED"
    assert "ran against the laboratory" in caught.value.found


def test_revoked_evidence_takes_the_requirement_with_it():
    raw = World().files()["evidence/hsm.json"]
    entry = {"sha256": sha256(raw), "reason": "the wrong firmware"}
    world = World().with_document("trust", lambda trust: trust["spec"].update(revoked={"attestations": [entry]}))
    decision = world.judge().decision
    assert decision.verdict.value == "inconclusive"
    assert [item.refusal.code for item in decision.evidence if item.refusal] == ["EVID-REVOKED"]


def test_an_approval_can_be_revoked_itself():
    trust = revoking(attestations=[{"sha256": sha256(approve()), "reason": "issued by mistake"}])
    with pytest.raises(InputError, match="issued by mistake"):
        trust.check_attestation(sha256(approve()))


def test_an_approval_rests_on_revoked_evidence_by_whichever_digest_it_was_revoked():
    world = lasting()
    raw = world.files()["evidence/hsm.json"]
    judged = world.judge()
    approval = commission(judged.decision, NOON, LATER, signer("gate"), judged.case.trust)
    host = Host(approval=approval)
    place = Place(
        environment=host.environment,
        stage=host.stage,
        components={name: sha256(file) for name, file in host.installed.items()},
    )
    statement = read_envelope(read_json(raw, "hsm.json")).payload
    for revoked in (raw, statement):
        trust = revoking(attestations=[{"sha256": sha256(revoked), "reason": "the probe ran against the laboratory"}])
        with pytest.raises(InputError) as caught:
            check_approval(approval, "approval.json", trust, place, NOON)
        assert caught.value.code == "EVID-REVOKED"
    other = revoking(attestations=[{"sha256": digest("other"), "reason": "another"}])
    assert check_approval(approval, "approval.json", other, place, NOON).not_after == LATER


def test_a_statement_that_is_revoked_does_not_come_back_in_another_envelope():
    raw = World().files()["evidence/hsm.json"]
    statement = read_envelope(read_json(raw, "hsm.json")).payload
    entry = {"sha256": sha256(statement), "reason": "the wrong firmware"}
    world = World().with_document("trust", lambda trust: trust["spec"].update(revoked={"attestations": [entry]}))
    again = replace(
        world, pieces={**world.pieces, "hsm.json": replace(world.pieces["hsm.json"], envelope_changes=(spaced,))}
    )
    for each in (world, again):
        decision = each.judge().decision
        assert [item.refusal.code for item in decision.evidence if item.refusal] == ["EVID-REVOKED"]


def spaced(envelope):
    return json.dumps(envelope, indent=8).encode()


@pytest.mark.parametrize(
    "written",
    [
        SUBJECT.replace("ci.example/signer", "CI.example/Signer"),
        "https://ci.example/signer/*",
        "https://ci.example/signer/release@refs/*",
    ],
)
def test_a_revoked_identity_reaches_at_least_as_far_as_it_reads(written):
    """What is taken back is taken back in whatever case; and a * stands for all that follows, slashes and @ too."""
    one = {"issuer": ISSUER, "identity": written, "since": NOW, "reason": "the whole repository was taken over"}
    with pytest.raises(InputError) as caught:
        revoking(identities=[one]).check_identity(IDENTITY, Instant.parse(NOW))
    assert caught.value.code == "SIG-UNTRUSTED"
    beside = Identity(issuer=ISSUER, subject=SUBJECT.replace("/signer/", "/signers/"), extensions={})
    revoking(identities=[one]).check_identity(beside, Instant.parse(NOW))


def test_what_a_party_may_sign_beside_statements_is_no_type_of_statement():
    def change(trust):
        trust["spec"]["parties"][0]["may"] = ["provenance", "layout", "policy", "environment"]

    world = World().with_document("trust", change)
    root = load_trust(parse_source(dump(world.trust), "trust.yaml"), {})
    assert root.parties[0].types == {NAMES["provenance"]}


@pytest.mark.parametrize("kind", ["parties", "people"])
def test_who_was_taken_back_whole_did_no_step_of_a_layout_either(kind):
    holder = {"parties": party("packagers", ["test-result"], ("packager",)), "people": person("packager", ["nobody"])}
    for revoked, verdict in ((False, "approve"), (True, "inconclusive")):
        known = holder[kind] | {"revoked": revoked}
        world = with_layout().with_document("trust", lambda trust, known=known: trust["spec"][kind].append(known))
        decision = world.judge().decision
        assert decision.verdict.value == verdict
        codes = [item.refusal.code for item in decision.evidence if item.refusal]
        assert codes == ["SIG-UNTRUSTED"] * revoked


@pytest.mark.parametrize(("name", "verdict"), [("packager", "inconclusive"), ("stranger", "approve")])
def test_a_revoked_key_did_no_step_of_a_layout_and_one_of_somebody_else_hinders_none(name, verdict):
    taken_back = {"keys": [revoked_key(name)]}
    world = with_layout().with_document("trust", lambda trust: trust["spec"].update(revoked=taken_back))
    assert world.judge().decision.verdict.value == verdict
