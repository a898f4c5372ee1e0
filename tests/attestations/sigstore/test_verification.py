import base64
import json
from datetime import timedelta

import pytest
from bundles import CLAIMS, ENTRY, PAYLOAD, SIGNED_ON, both_styles, certified, changed, library, refusal, sealed, verify
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from sigstore.models import Bundle
from sigstore.verify.policy import Identity as LibraryIdentity

from attestations.envelope import PAYLOAD_TYPE
from attestations.identity import matches
from attestations.sigstore.practice import GITHUB, WORKFLOW, Form, PrivateSigstore, name_of, new_key
from attestations.times import Instant


@both_styles
def test_a_good_bundle_gives_payload_identity_and_time(style):
    sigstore = PrivateSigstore(style=style)
    found = verify(sigstore.sign_statement(PAYLOAD, **CLAIMS), sigstore.trusted_root)
    assert (found.payload, found.payload_type, found.signed_on) == (PAYLOAD, PAYLOAD_TYPE, SIGNED_ON)
    assert (found.identity.issuer, found.identity.subject) == (GITHUB, WORKFLOW)
    assert found.identity.extensions == CLAIMS
    assert matches(GITHUB, WORKFLOW, found.identity)


def test_an_e_mail_identity_is_an_identity():
    sigstore = PrivateSigstore()
    found = verify(sigstore.sign_statement(PAYLOAD, "manager@registry.example", GITHUB), sigstore.trusted_root)
    assert found.identity.subject == "manager@registry.example"


@both_styles
def test_the_time_is_the_verified_one(style):
    sigstore = PrivateSigstore(style=style)
    key = new_key()
    certificate = sigstore.issue(key, [name_of(WORKFLOW)], GITHUB, {})
    raw = sigstore.seal(PAYLOAD, key, certificate, after=timedelta(minutes=7))
    assert verify(raw, sigstore.trusted_root).signed_on == Instant.parse("2026-04-10T09:07:00Z")


@pytest.mark.parametrize(("stamped", "earliest"), [(2, "09:02:00"), (5, "09:05:00"), (9, "09:05:00")])
def test_of_several_verified_times_the_earliest_counts(stamped, earliest):
    sigstore = PrivateSigstore()
    key = new_key()
    certificate = sigstore.issue(key, [name_of(WORKFLOW)], GITHUB, {})
    bundle = json.loads(sigstore.seal(PAYLOAD, key, certificate, after=timedelta(minutes=5)))
    signature = base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
    response = sigstore.timestamps.response(signature, sigstore.now + timedelta(minutes=stamped))
    stamps = {"rfc3161Timestamps": [{"signedTimestamp": base64.b64encode(response).decode()}]}
    bundle["verificationMaterial"]["timestampVerificationData"] = stamps
    found = verify(json.dumps(bundle).encode(), sigstore.trusted_root)
    assert found.signed_on == Instant.parse(f"2026-04-10T{earliest}Z")


def test_a_timestamp_of_another_authority_is_no_time():
    sigstore = PrivateSigstore(style=2)
    bundle = json.loads(sigstore.sign_statement(PAYLOAD))
    signature = base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
    response = PrivateSigstore(style=2).timestamps.response(signature, sigstore.now)
    path = ("verificationMaterial", "timestampVerificationData", "rfc3161Timestamps", 0, "signedTimestamp")
    raw = changed(json.dumps(bundle), path, base64.b64encode(response).decode())
    assert "not enough sources of verified time" in refusal(raw, sigstore.trusted_root).found


FORMS = [
    (1, Form()),
    (1, Form(version="0.1")),
    (1, Form(version="0.1", proof=False)),
    (1, Form(version="0.2")),
    (1, Form(version="0.2", stamped=True)),
    (1, Form(kind="intoto")),
    (1, Form(kind="intoto", version="0.1", proof=False)),
    (1, Form(kind="intoto", version="0.2", stamped=True)),
    (2, Form()),
]
"""style and form of every bundle around a statement that is judged"""


@pytest.mark.parametrize(("style", "form"), FORMS)
def test_every_form_proves_the_same(style, form):
    sigstore = PrivateSigstore(style=style)
    found = verify(sealed(sigstore, form=form), sigstore.trusted_root)
    assert (found.payload, found.payload_type, found.signed_on) == (PAYLOAD, PAYLOAD_TYPE, SIGNED_ON)
    assert (found.identity.subject, found.key) == (WORKFLOW, None)


MATERIAL = ("verificationMaterial",)


@pytest.mark.parametrize("version", ["0.1", "0.2"])
def test_the_signer_s_certificate_stands_where_its_version_says(version):
    sigstore = PrivateSigstore()
    early, late = (json.loads(sealed(sigstore, form=Form(version=each))) for each in (version, "0.3"))
    for bundle, other in ((early, late), (late, early)):
        moved = changed(json.dumps(bundle), ("mediaType",), other["mediaType"])
        assert "chain of certificates up to version 0.2" in refusal(moved, sigstore.trusted_root).found


def test_only_the_first_certificate_of_a_chain_counts():
    sigstore = PrivateSigstore()
    raw = sealed(sigstore, form=Form(version="0.2"))
    path = (*MATERIAL, "x509CertificateChain", "certificates")
    own = json.loads(raw)["verificationMaterial"]["x509CertificateChain"]["certificates"][0]
    authority = {"rawBytes": base64.b64encode(sigstore.authority.certificate.public_bytes(Encoding.DER)).decode()}
    assert verify(changed(raw, path, [own, authority]), sigstore.trusted_root).payload == PAYLOAD
    assert "not for an authority" in refusal(changed(raw, path, [authority, own]), sigstore.trusted_root).found
    assert refusal(changed(raw, path, []), sigstore.trusted_root).code == "SIG-BUNDLE"


@pytest.mark.parametrize("version", ["0.2", "0.3"])
def test_a_promise_alone_is_enough_in_version_0_1_only(version):
    sigstore = PrivateSigstore()
    raw = sealed(sigstore, form=Form(version=version, proof=False))
    assert "inclusion proof" in refusal(raw, sigstore.trusted_root).found
    assert verify(sealed(sigstore, form=Form(version="0.1", proof=False)), sigstore.trusted_root).payload == PAYLOAD


def test_a_proof_without_a_checkpoint_is_ignored_in_version_0_1_and_refused_later():
    sigstore = PrivateSigstore()
    checkpoint = (*ENTRY, "inclusionProof", "checkpoint")
    early, later = (sealed(sigstore, form=Form(version=version)) for version in ("0.1", "0.2"))
    assert verify(changed(early, checkpoint, None), sigstore.trusted_root).payload == PAYLOAD
    assert "checkpoint" in refusal(changed(later, checkpoint, None), sigstore.trusted_root).found


def test_version_0_1_without_proof_and_without_promise_proves_nothing():
    sigstore = PrivateSigstore()
    form = Form(version="0.1", proof=False, stamped=True)
    raw = sealed(sigstore, form=form)
    assert verify(raw, sigstore.trusted_root).payload == PAYLOAD
    assert "promise" in refusal(changed(raw, (*ENTRY, "inclusionPromise"), None), sigstore.trusted_root).found


@pytest.mark.parametrize("form", [Form(), Form(kind="intoto"), Form(version="0.1", proof=False)])
def test_a_promise_over_another_entry_is_refused(form):
    sigstore = PrivateSigstore()
    path = (*ENTRY, "inclusionPromise")
    raw, other = (sealed(sigstore, payload, form=form) for payload in (PAYLOAD, b"{}"))
    promise = json.loads(other)["verificationMaterial"]["tlogEntries"][0]["inclusionPromise"]
    assert verify(raw, sigstore.trusted_root).payload == PAYLOAD
    assert "SET" in refusal(changed(raw, path, promise), sigstore.trusted_root).found


def test_a_time_that_the_log_did_not_sign_is_refused():
    sigstore = PrivateSigstore()
    raw = sigstore.sign_statement(PAYLOAD)
    later = str(int(SIGNED_ON.timestamp()) + 1)
    assert "SET" in refusal(changed(raw, (*ENTRY, "integratedTime"), later), sigstore.trusted_root).found
    without = changed(raw, (*ENTRY, "inclusionPromise"), None)
    assert refusal(without, sigstore.trusted_root).code == "SIG-BUNDLE"


@both_styles
def test_the_trusted_root_of_another_instance_proves_nothing(style):
    raw = PrivateSigstore(style=style).sign_statement(PAYLOAD)
    assert refusal(raw, PrivateSigstore(style=style).trusted_root).code == "SIG-BUNDLE"


@both_styles
@pytest.mark.parametrize(
    ("after", "good"),
    [
        (timedelta(seconds=-1), False),
        (timedelta(0), True),
        (timedelta(minutes=10), True),
        (timedelta(minutes=10, seconds=1), False),
    ],
)
def test_the_certificate_is_valid_at_the_time_of_signing(style, after, good):
    sigstore = PrivateSigstore(style=style)
    key = new_key()
    raw = sigstore.seal(PAYLOAD, key, sigstore.issue(key, [name_of(WORKFLOW)], GITHUB, {}), after=after)
    if good:
        assert verify(raw, sigstore.trusted_root).payload == PAYLOAD
    else:
        assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"


@pytest.mark.parametrize(("style", "form"), FORMS)
def test_a_signature_by_another_key_than_the_certificate_s_is_refused(style, form):
    sigstore = PrivateSigstore(style=style)
    _, certificate = certified(sigstore)
    raw = sigstore.seal(PAYLOAD, new_key(), certificate, form=form)
    assert "DSSE: invalid signature" in refusal(raw, sigstore.trusted_root).found


@pytest.mark.parametrize(("style", "form"), FORMS)
def test_a_log_entry_about_another_signature_is_refused(style, form):
    """CVE-2022-36056: an entry that is in the log, and has nothing to do with this bundle."""
    sigstore = PrivateSigstore(style=style)
    key, certificate = certified(sigstore)
    good, again = (json.loads(sigstore.seal(PAYLOAD, key, certificate, form=form)) for _ in range(2))
    other = json.loads(sigstore.seal(b'{"other":true}', key, certificate, form=form))
    entries = [bundle["verificationMaterial"]["tlogEntries"][0] for bundle in (again, other)]
    same, different = (changed(json.dumps(good), ENTRY, entry) for entry in entries)
    assert verify(same, sigstore.trusted_root).payload == PAYLOAD, "one signature, logged twice"
    assert refusal(different, sigstore.trusted_root).code == "SIG-BUNDLE"


@pytest.mark.parametrize("member", ["payloadHash", "sig", "publicKey", "kind", "signatures"])
def test_an_intoto_entry_is_about_this_very_payload_signature_and_certificate(member):
    """The log signs what it is given: an entry that differs in one member only, with promise and proof of its own."""
    sigstore = PrivateSigstore()
    key, certificate = certified(sigstore)
    record = sigstore.log.append

    def spoilt(kind, version, spec):
        envelope = spec["content"]["envelope"]
        if member == "payloadHash":
            spec["content"]["payloadHash"]["value"] = "0" * 64
        elif member == "signatures":
            envelope["signatures"] *= 2
        elif member == "kind":
            kind = "intot0"
        else:
            other = base64.b64encode(sigstore.authority.certificate.public_bytes(Encoding.PEM)).decode()
            envelope["signatures"][0][member] = other
        return record(kind, version, spec) | {"kindVersion": {"kind": "intoto", "version": "0.0.2"}}

    assert verify(sigstore.seal(PAYLOAD, key, certificate, form=Form(kind="intoto")), sigstore.trusted_root)
    sigstore.log.append = spoilt
    raw = sigstore.seal(PAYLOAD, key, certificate, form=Form(kind="intoto"))
    assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"


def test_the_size_of_the_tree_is_the_one_that_the_log_signed(tmp_path):
    """The proofs of entry 3 in trees of 6 and of 7 have one form: the library takes any size that leads to the root."""
    sigstore = PrivateSigstore(style=2)
    raw = sealed(sigstore)
    sealed(sigstore)
    sealed(sigstore)
    raw = changed(raw, (*ENTRY, "inclusionProof"), sigstore.log._proof(3))
    other = changed(raw, (*ENTRY, "inclusionProof", "treeSize"), "7")
    policy = LibraryIdentity(identity=WORKFLOW)
    assert library(sigstore.trusted_root, tmp_path).verify_dsse(Bundle.from_json(other), policy)
    assert "tree of 7, in a checkpoint of 6" in refusal(other, sigstore.trusted_root).found
    assert verify(raw, sigstore.trusted_root).payload == PAYLOAD


WITH_PROOF = [(style, form) for style, form in FORMS if form.proof]


@pytest.mark.parametrize(("style", "form"), WITH_PROOF)
@pytest.mark.parametrize("member", ["hashes", "rootHash", "logIndex", "body"])
def test_an_inclusion_proof_leads_to_the_root_that_the_log_signed(style, form, member):
    sigstore = PrivateSigstore(style=style)
    raw = sealed(sigstore, form=form)
    proof = json.loads(raw)["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]
    if member == "body":  # a leaf that the log never took in, its promise signed by the log itself
        sigstore.log._proof = lambda _: proof
        other = sealed(sigstore, b"{}", form=form)
    else:
        wrong = {"hashes": proof["hashes"][::-1], "rootHash": proof["hashes"][0], "logIndex": "2"}[member]
        other = changed(raw, (*ENTRY, "inclusionProof", member), wrong)
    assert verify(raw, sigstore.trusted_root).payload == PAYLOAD
    assert refusal(other, sigstore.trusted_root).code == "SIG-BUNDLE"


@pytest.mark.parametrize(("style", "form"), WITH_PROOF)
def test_a_checkpoint_is_signed_by_the_log_of_the_entry(style, form):
    sigstore, other = PrivateSigstore(style=style), PrivateSigstore(style=style)
    raw = sealed(sigstore, form=form)
    sigstore.log.sign, sign = other.log.sign, sigstore.log.sign
    forged = sigstore.log._proof(3)
    sigstore.log.sign = sign
    assert verify(changed(raw, (*ENTRY, "inclusionProof"), sigstore.log._proof(3)), sigstore.trusted_root)
    assert "checkpoint" in refusal(changed(raw, (*ENTRY, "inclusionProof"), forged), sigstore.trusted_root).found


def test_a_log_of_the_first_style_counts_over_all_its_trees():
    """The promise is over the place in the log, the proof about the place in one tree of it."""
    sigstore = PrivateSigstore()
    record = sigstore.log.append
    sigstore.log.append = lambda *entry: record(*entry) | {"logIndex": "1000003"}
    raw = sealed(sigstore)
    assert verify(raw, sigstore.trusted_root).payload == PAYLOAD
    assert "SET" in refusal(changed(raw, (*ENTRY, "logIndex"), "3"), sigstore.trusted_root).found


def test_a_log_that_the_trusted_root_does_not_name_is_not_tried_with_the_keys_of_others(tmp_path):
    """To the library the id is a hint; it tries every key of the trusted root."""
    sigstore = PrivateSigstore(style=2)
    raw = sealed(sigstore)
    other = changed(raw, (*ENTRY, "logId", "keyId"), base64.b64encode(sigstore.log.log_id[:4] + bytes(28)).decode())
    policy = LibraryIdentity(identity=WORKFLOW)
    assert library(sigstore.trusted_root, tmp_path).verify_dsse(Bundle.from_json(other), policy)
    assert "does not name" in refusal(other, sigstore.trusted_root).found
    assert verify(raw, sigstore.trusted_root).payload == PAYLOAD


def test_the_place_in_a_log_of_the_second_style_is_the_one_that_is_proven(tmp_path):
    sigstore = PrivateSigstore(style=2)
    raw = sealed(sigstore)
    other = changed(raw, (*ENTRY, "logIndex"), "7")
    policy = LibraryIdentity(identity=WORKFLOW)
    assert library(sigstore.trusted_root, tmp_path).verify_dsse(Bundle.from_json(other), policy)
    assert "with a proof for entry 3" in refusal(other, sigstore.trusted_root).found
    assert verify(raw, sigstore.trusted_root).payload == PAYLOAD


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_certificate_for_a_key_that_the_library_does_not_know_is_not_called_bad(kind):
    sigstore = PrivateSigstore()
    other = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ed25519.Ed25519PrivateKey.generate()
    raw = sigstore.seal(PAYLOAD, new_key(), sigstore.issue(other, [name_of(WORKFLOW)], GITHUB, {}))
    assert refusal(raw, sigstore.trusted_root).found.startswith("unsupported: a certificate for a key of kind")
