"""Signatures over files (messageSignature): what `cosign sign-blob` and `sigstore sign` make."""

from hashlib import sha256

import pytest
from bundles import ENTRY, SIGNED_ON, certified, changed, document
from cryptography.hazmat.primitives.asymmetric import ed25519

from attestations.errors import InputError
from attestations.sigstore import verify_file
from attestations.sigstore.practice import GITHUB, WORKFLOW, Form, PrivateSigstore, name_of, new_key

FILE = b"a component"
DIGEST = sha256(FILE).digest()
FORMS = [(1, Form()), (1, Form(version="0.1", proof=False)), (1, Form(version="0.2", stamped=True)), (2, Form())]
every_form = pytest.mark.parametrize(("style", "form"), FORMS)
HINT = ("messageSignature", "messageDigest")


def refused(raw, sigstore, digest=DIGEST):
    with pytest.raises(InputError) as caught:
        verify_file(document(raw), sigstore.trusted_root, digest)
    return caught.value


@every_form
def test_a_signature_over_a_file_tells_who_signed_it_and_when(style, form):
    sigstore = PrivateSigstore(style=style)
    raw = sigstore.sign_file(FILE, *certified(sigstore), form=form)
    found = verify_file(document(raw), sigstore.trusted_root, DIGEST)
    assert (found.identity.subject, found.identity.issuer) == (WORKFLOW, GITHUB)
    assert (found.key, found.signed_on) == (None, SIGNED_ON)


@every_form
@pytest.mark.parametrize("hint", [True, False])
def test_another_file_is_refused_with_and_without_the_digest_in_the_bundle(style, form, hint):
    sigstore = PrivateSigstore(style=style)
    raw = sigstore.sign_file(FILE, *certified(sigstore), form=form)
    raw = raw if hint else changed(raw, HINT, None)
    assert verify_file(document(raw), sigstore.trusted_root, DIGEST).signed_on == SIGNED_ON
    assert refused(raw, sigstore, sha256(b"another").digest()).code == "SIG-BUNDLE"


@every_form
def test_a_digest_in_the_bundle_that_is_not_the_file_s_is_refused(style, form):
    sigstore = PrivateSigstore(style=style)
    raw = sigstore.sign_file(FILE, *certified(sigstore), form=form)
    raw = changed(raw, (*HINT, "digest"), "A" * 43 + "=")
    assert "another digest" in refused(raw, sigstore).found


def test_a_signature_over_another_kind_of_digest_is_not_called_bad():
    sigstore = PrivateSigstore()
    raw = changed(sigstore.sign_file(FILE, *certified(sigstore)), (*HINT, "algorithm"), "SHA2_512")
    assert refused(raw, sigstore).code == "SIG-UNSUPPORTED"


@every_form
def test_a_signature_by_another_key_than_the_certificate_s_is_refused(style, form):
    sigstore = PrivateSigstore(style=style)
    _, certificate = certified(sigstore)
    assert (
        "Signature is invalid" in refused(sigstore.sign_file(FILE, new_key(), certificate, form=form), sigstore).found
    )


@every_form
def test_an_entry_about_another_file_is_refused(style, form):
    sigstore = PrivateSigstore(style=style)
    key, certificate = certified(sigstore)
    good, other = (document(sigstore.sign_file(text, key, certificate, form=form)) for text in (FILE, b"another"))
    raw = changed(good.raw, ENTRY, other.value["verificationMaterial"]["tlogEntries"][0])
    assert refused(raw, sigstore).code == "SIG-BUNDLE"


def test_a_certificate_for_a_key_that_the_library_does_not_know_is_not_called_bad():
    sigstore = PrivateSigstore()
    other = ed25519.Ed25519PrivateKey.generate()
    raw = sigstore.sign_file(FILE, new_key(), sigstore.issue(other, [name_of(WORKFLOW)], GITHUB, {}))
    assert "a certificate for a key of kind Ed25519PublicKey" in refused(raw, sigstore).found


def test_an_envelope_and_a_signature_over_a_file_do_not_go_together():
    sigstore = PrivateSigstore()
    raw = sigstore.sign_file(FILE, *certified(sigstore))
    envelope = document(sigstore.sign_statement(FILE)).value["dsseEnvelope"]
    both, neither = changed(raw, ("dsseEnvelope",), envelope), changed(raw, ("messageSignature",), None)
    assert "2 contents" in refused(both, sigstore).found
    assert "0 contents" in refused(neither, sigstore).found
