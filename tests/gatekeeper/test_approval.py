"""The commissioning approval: made from an approving decision alone, honoured where, when and for what it was made."""

import json
from dataclasses import dataclass, replace

import pytest
from attacks.d3 import saying, waived
from world.documents import NOW
from world.host import Host, approve, lasting
from world.keys import digest, signer
from world.pieces import freeze
from world.registry import World

from attestations.digest import sha256
from attestations.envelope import PAYLOAD_TYPE, read_envelope, seal, signers_of
from attestations.errors import InputError
from attestations.statement import STATEMENT_TYPE, read_statement
from attestations.strict import read_json
from attestations.times import Duration, Instant
from gatekeeper.approval import Place, check_approval, commission, end_of_approval
from gatekeeper.decision import Verdict

NOON = Instant.parse(NOW)
LATER = Instant.parse("2026-04-12T12:00:00Z")
NO_EXERCISE = World().with_predicate("hsm.json", lambda predicate: predicate["exercises"].clear())


def commissioned(world=None, by="gate", not_after=LATER):
    judgement = (world or World()).judge()
    return commission(judgement.decision, NOON, not_after, signer(by), judgement.case.trust)


def statement_in(raw):
    return read_statement(read_envelope(read_json(raw, "approval")).payload, "approval")


def place(**changes):
    host = Host(**changes)
    return Place(
        environment=host.environment,
        stage=host.stage,
        components={name: sha256(raw) for name, raw in host.installed.items()},
    )


def trust(**metadata):
    return lasting().with_document("trust", lambda document: document["metadata"].update(metadata)).judge().case.trust


def check(raw, *, where=None, trusting=None, at=NOON):
    return check_approval(raw, "approval.json", trusting or trust(), where or place(), at)


def refusal(raw, fix="gatekeeper issue", **options):
    with pytest.raises(InputError) as caught:
        check(raw, **options)
    assert fix in caught.value.fix
    return caught.value


NOT_APPROVING = {
    "deny": NO_EXERCISE,
    "inconclusive": World().without("hsm.json"),
    "frozen": World().adding("freeze.json", freeze("signer-release")),
}


@pytest.mark.parametrize("verdict", sorted(NOT_APPROVING))
def test_no_other_decision_is_ever_commissioned(verdict):
    assert NOT_APPROVING[verdict].judge().decision.verdict.value == verdict
    with pytest.raises(InputError) as caught:
        commissioned(NOT_APPROVING[verdict])
    assert caught.value.code == "TOKEN"
    assert caught.value.found == f"a decision to {verdict}"


@pytest.mark.parametrize("by", ["mallory", "ledger", "alice", "hsm-lab", "owners"])
def test_no_other_key_than_the_gates_commissions(by):
    with pytest.raises(InputError) as caught:
        commissioned(by=by)
    assert caught.value.code == "TOKEN"
    assert signer(by).public.fingerprint[:16] in caught.value.found


def test_any_of_several_gate_keys_commissions():
    world = World().with_document(
        "trust", lambda t: t["spec"]["gate"].update(keys=[signer("gate").public.pem, signer("gate-2").public.pem])
    )
    assert commissioned(world, by="gate-2")


@dataclass(frozen=True)
class SshStyle:
    """The gate's key behind a tool that signs in a form of its own."""

    @property
    def public(self):
        return signer("gate").public

    def sign(self, data):
        return b"SSHSIG" + signer("gate").sign(data)


def test_an_approval_that_no_host_could_verify_is_not_made():
    judgement = World().judge()
    with pytest.raises(InputError) as caught:
        commission(judgement.decision, NOON, LATER, SshStyle(), judgement.case.trust)
    assert (caught.value.code, "file: or pkcs11:" in caught.value.wanted) == ("TOKEN", True)


def test_the_approval_says_what_was_decided_on_what_and_until_when():
    decision, approval = World().judge().decision, statement_in(commissioned()).predicate
    assert (approval.request_id, approval.request_digest) == (decision.request.name, decision.request.digest)
    assert (approval.environment.name, approval.environment.digest) == (
        "example-production",
        decision.environment.digest,
    )
    assert (approval.stage, approval.change) == ("canary", "signer-release")
    assert (approval.release, approval.version) == ("signer", "3.0.1")
    assert (approval.policy.name, approval.policy.version) == ("tld-signer-release", 1)
    assert (approval.trust.name, approval.trust.version) == ("registry", 12)
    assert (approval.policy.digest, approval.trust.digest) == (decision.policy.digest, decision.trust.digest)
    assert (approval.case_digest, approval.decision_digest) == (decision.case_digest, decision.digest)
    assert (str(approval.issued_on), str(approval.not_after)) == (NOW, str(LATER))
    assert approval.development is False
    assert approval.waivers == ()
    assert [(o.id, o.outcome, o.evidence) for o in approval.requirements] == [
        (result.id, "met", result.evidence) for result in decision.results
    ]


def test_the_subjects_are_the_components_that_were_decided_on():
    subjects = {subject.name: subject.digest for subject in statement_in(commissioned()).subjects}
    assert subjects == {name: {"sha256": digest(name)} for name in Host().installed}


def test_the_approval_names_the_evidence_that_counted_and_not_what_was_refused():
    extra = World().adding("stray.json", replace(World().pieces["hsm.json"], signers=("mallory",)))
    files = extra.files()
    named = statement_in(commissioned(extra)).predicate.evidence
    stray = sha256(files["evidence/stray.json"])
    offered = [raw for name, raw in files.items() if name.startswith("evidence/")]
    counted = {sha256(raw) for raw in offered} - {stray}
    statements = {sha256(read_envelope(read_json(raw, "evidence")).payload) for raw in offered}
    assert named == tuple(sorted(counted | statements))


def test_the_approval_of_a_waived_requirement_says_who_waived_what_and_why():
    approval = statement_in(commissioned(waived())).predicate
    (use,) = approval.waivers
    assert (use.requirement, use.owner, use.approvers) == ("anomaly-stops-publication", "carol", ("carol", "dave"))
    assert use.reason.startswith("the drill runs on Monday")
    assert str(use.not_after) == "2026-04-12T00:00:00Z"
    assert use.digest in approval.evidence
    outcomes = {o.id: o.outcome for o in approval.requirements}
    assert outcomes["anomaly-stops-publication"] == "waived"


@pytest.mark.parametrize(
    ("world", "end"),
    [
        (World(), "2026-04-12T12:00:00Z"),
        (waived(), "2026-04-12T00:00:00Z"),
        (waived(saying(notAfter="2026-04-20T00:00:00Z")), "2026-04-12T12:00:00Z"),
    ],
    ids=["no waiver", "a waiver that ends first", "a waiver that ends later"],
)
def test_an_approval_ends_when_the_policy_says_and_no_later_than_its_waiver(world, end):
    assert str(end_of_approval(world.judge().decision, NOON, Duration.parse("48h"))) == end


def test_an_approval_made_under_a_development_root_says_so():
    world = World().with_document("trust", lambda document: document["metadata"].update(development=True))
    assert statement_in(commissioned(world)).predicate.development is True


def test_a_host_may_start_what_was_really_commissioned():
    assert check(commissioned()).request_id == "r-2026-0042"


# 1. it is a DSSE envelope around a commissioning approval


@pytest.mark.parametrize("raw", [b"", b"{}", b"approved", b"[]", b'{"payload": "", "payloadType": ""}'])
def test_1_what_is_no_envelope_is_refused(raw):
    with pytest.raises(InputError):
        check(raw)


def test_1_another_payload_type_is_refused_though_the_gate_signed_it():
    payload = read_envelope(read_json(approve(), "approval")).payload
    assert refusal(seal(payload, "application/json", (signer("gate"),))).code == "TYPE-PAYLOAD"
    assert check(seal(payload, PAYLOAD_TYPE, (signer("gate"),)))


def test_1_another_statement_is_refused_though_the_gate_signed_it():
    payload = json.loads(read_envelope(read_json(World().files()["evidence/rollback.json"], "rollback")).payload)
    assert payload["_type"] == STATEMENT_TYPE
    raw = seal(json.dumps(payload).encode(), PAYLOAD_TYPE, (signer("gate"),))
    assert refusal(raw).code == "TYPE-PREDICATE"


# 2. the gate's key signed it


@pytest.mark.parametrize("by", ["mallory", "ledger", "hsm-lab", "alice"])
def test_2_without_a_signature_by_the_gate_it_is_refused(by):
    assert refusal(approve(by=by)).code == "SIG-UNTRUSTED"


def test_2_a_signature_of_the_gate_over_other_bytes_is_refused():
    good, other = json.loads(approve()), json.loads(approve(stage="full"))
    assert refusal(json.dumps({**other, "signatures": good["signatures"]}).encode()).code == "SIG-UNTRUSTED"
    assert signers_of(read_envelope(read_json(approve(), "approval")), trust().gate_keys)


# 3. it is for this environment and stage


@pytest.mark.parametrize("elsewhere", [{"environment": "example-staging"}, {"stage": "full"}, {"stage": "Canary"}])
def test_3_an_approval_for_elsewhere_is_refused(elsewhere):
    error = refusal(approve(), where=place(**elsewhere))
    assert error.code == "TOKEN"
    assert "'example-production', stage 'canary'" in error.found
    assert next(iter(elsewhere.values())) in error.wanted


# 4. it is in force


@pytest.mark.parametrize(("at", "honoured"), [("2026-04-12T11:59:59Z", True), ("2026-04-12T12:00:00Z", False)])
def test_4_an_approval_is_honoured_until_its_last_second(at, honoured):
    raw = approve(notAfter=str(LATER))
    if honoured:
        assert check(raw, at=Instant.parse(at))
    else:
        error = refusal(raw, at=Instant.parse(at))
        assert (error.code, error.found) == ("TOKEN", "an approval that expired on 2026-04-12T12:00:00Z")


@pytest.mark.parametrize(("at", "honoured"), [("2026-04-10T11:55:00Z", True), ("2026-04-10T11:54:59Z", False)])
def test_4_an_approval_from_the_future_is_honoured_only_within_the_skew_of_clocks(at, honoured):
    if honoured:
        assert check(approve(), at=Instant.parse(at))
    else:
        assert "in this host's future" in refusal(approve(), "set the clock", at=Instant.parse(at)).found


@pytest.mark.parametrize(("expires", "honoured"), [("2026-04-10T12:00:01Z", True), (NOW, False)])
def test_4_a_trust_root_is_believed_until_its_last_second(expires, honoured):
    world = lasting().with_document("trust", lambda document: document["metadata"].update(expires=expires))
    root = replace(world, now="2026-04-10T11:59:00Z").judge().case.trust
    if honoured:
        assert check(approve(), trusting=root)
    else:
        assert f"a trust root that expired on {NOW}" in refusal(approve(), "new trust root", trusting=root).found


# 5. its components are exactly those installed


def installed(**changes):
    return place(installed={**Host().installed, **changes})


def test_5_another_file_is_refused_with_both_digests():
    error = refusal(approve(), "install the approved file", where=installed(signer=b"another signer"))
    assert error.code == "TOKEN"
    assert sha256(b"another signer") in error.found
    assert digest("signer") in error.wanted


def test_5_a_component_more_is_refused():
    error = refusal(approve(), where=installed(debugger=b"debugger"))
    assert error.found == "component 'debugger', which is not in the approval"
    assert error.wanted == "one of configuration, pkcs11-module, rollover-agent, signer"


def test_5_of_several_components_more_the_first_by_name_is_told():
    error = refusal(approve(), where=installed(tracer=b"tracer", debugger=b"debugger"))
    assert error.found == "component 'debugger', which is not in the approval"


@pytest.mark.parametrize("missing", [("configuration",), ("signer", "configuration"), tuple(Host().installed)])
def test_5_a_component_less_is_refused(missing):
    some = {name: raw for name, raw in Host().installed.items() if name not in missing}
    error = refusal(approve(), "--component NAME=FILE", where=place(installed=some))
    assert error.found == f"no file for {', '.join(sorted(missing))}"


def test_5_two_components_that_changed_places_are_refused():
    files = Host().installed
    swapped = {**files, "signer": files["configuration"], "configuration": files["signer"]}
    assert refusal(approve(), where=place(installed=swapped)).code == "TOKEN"


# 6. the policy is one that the host accepts, and a development approval never passes for a real one


def accepting(*digests):
    world = lasting().with_document("trust", lambda document: document["spec"]["gate"].update(policies=list(digests)))
    return world.judge().case.trust


def test_6_a_policy_that_the_host_does_not_name_is_refused_where_it_names_any():
    assert check(approve(), trusting=accepting())
    assert check(approve(), trusting=accepting(digest("other"), digest("policy")))
    error = refusal(approve(), trusting=accepting(digest("other")))
    assert (error.code, error.found) == ("TOKEN", "an approval under policy 'tld-signer-release'")


@pytest.mark.parametrize(("made", "host", "honoured"), [(0, 0, True), (1, 0, False), (0, 1, True), (1, 1, True)])
def test_6_a_development_approval_is_honoured_by_development_hosts_alone(made, host, honoured):
    raw, root = approve(development=bool(made)), trust(development=bool(host))
    if honoured:
        assert check(raw, trusting=root)
    else:
        assert "development" in refusal(raw, trusting=root).found


def test_the_verdict_that_commissions_is_approve_alone():
    assert [verdict for verdict in Verdict if verdict.exit_code == 0] == [Verdict.APPROVE]


def revoking(*digests):
    entries = [{"sha256": one, "reason": "taken back"} for one in digests]
    world = lasting().with_document(
        "trust", lambda document: document["spec"].update(revoked={"attestations": entries})
    )
    return world.judge().case.trust


def test_an_approval_that_rests_on_revoked_evidence_lets_nothing_start():
    check(approve(), trusting=revoking(digest("another statement")))
    with pytest.raises(InputError) as caught:
        check(approve(), trusting=revoking(digest("rollback")))
    assert caught.value.code == "EVID-REVOKED"


def test_a_revoked_approval_lets_nothing_start():
    with pytest.raises(InputError) as caught:
        check(approve(), trusting=revoking(sha256(approve())))
    assert caught.value.code == "EVID-REVOKED"
