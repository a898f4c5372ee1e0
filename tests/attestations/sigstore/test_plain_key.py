"""Bundles that a key signed, without a certificate: the caller says which keys it trusts."""

import json
from hashlib import sha256
from types import SimpleNamespace

import pytest
from bundles import ENTRY, PAYLOAD, SIGNED_ON, changed, document, refusal, sealed, verify
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attestations.errors import InputError
from attestations.keys import read_public_key
from attestations.sigstore import verify_file
from attestations.sigstore.practice import Form, PrivateSigstore, new_key
from attestations.times import Instant

FILE = b"a component"
FORMS = [
    (1, Form()),
    (1, Form(version="0.1", proof=False)),
    (1, Form(version="0.2", kind="intoto")),
    (1, Form(version="0.2", stamped=True)),
    (2, Form()),
]
every_form = pytest.mark.parametrize(("style", "form"), FORMS)


def trusted(key):
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return read_public_key(pem, "key.pem")


def signing(key, sign):
    """Return a key that the practice instance takes although it knows only keys on P-256."""
    return SimpleNamespace(sign=lambda data, _: sign(data), public_key=key.public_key)


@every_form
def test_a_trusted_key_is_known_by_its_fingerprint(style, form):
    sigstore, key = PrivateSigstore(style=style), new_key()
    found = verify(
        sigstore.seal(PAYLOAD, key, None, form=form), sigstore.trusted_root, [trusted(new_key()), trusted(key)]
    )
    assert (found.key, found.identity, found.payload) == (trusted(key).fingerprint, None, PAYLOAD)
    assert found.signed_on == SIGNED_ON


@every_form
def test_a_file_signed_by_a_trusted_key_is_proven(style, form):
    sigstore, key = PrivateSigstore(style=style), new_key()
    raw = sigstore.sign_file(FILE, key, None, form=form)
    found = verify_file(document(raw), sigstore.trusted_root, sha256(FILE).digest(), [trusted(key)])
    assert (found.key, found.identity, found.signed_on) == (trusted(key).fingerprint, None, SIGNED_ON)
    with pytest.raises(InputError, match="another digest"):
        verify_file(document(raw), sigstore.trusted_root, sha256(b"another").digest(), [trusted(key)])


@every_form
@pytest.mark.parametrize("known", [0, 1])
def test_a_key_that_nobody_trusts_proves_nothing(style, form, known):
    """The hint in the bundle says nothing: it is the bundle's own word."""
    sigstore, key = PrivateSigstore(style=style), new_key()
    raw = sigstore.seal(PAYLOAD, key, None, form=form)
    error = refusal(raw, sigstore.trusted_root, [trusted(new_key())] * known)
    assert (error.code, trusted(key).fingerprint in error.found) == ("SIG-UNTRUSTED", True)


def test_the_hint_is_not_looked_at():
    sigstore, key = PrivateSigstore(), new_key()
    raw = changed(sigstore.seal(PAYLOAD, key, None), ("verificationMaterial", "publicKey", "hint"), "somebody else")
    assert verify(raw, sigstore.trusted_root, [trusted(key)]).key == trusted(key).fingerprint


@every_form
def test_a_signature_by_another_key_than_the_logged_one_is_refused(style, form):
    sigstore, key, other = PrivateSigstore(style=style), new_key(), new_key()
    logged, signed = (json.loads(sigstore.seal(PAYLOAD, each, None, form=form)) for each in (key, other))
    raw = changed(json.dumps(signed), ENTRY, logged["verificationMaterial"]["tlogEntries"][0])
    assert refusal(raw, sigstore.trusted_root, [trusted(key), trusted(other)]).code == "SIG-BUNDLE"


@every_form
def test_a_log_entry_about_another_signature_of_the_key_is_refused(style, form):
    sigstore, key = PrivateSigstore(style=style), new_key()
    good, other = (json.loads(sigstore.seal(text, key, None, form=form)) for text in (PAYLOAD, b"{}"))
    raw = changed(json.dumps(good), ENTRY, other["verificationMaterial"]["tlogEntries"][0])
    assert verify(json.dumps(good).encode(), sigstore.trusted_root, [trusted(key)]).payload == PAYLOAD
    assert "another signature" in refusal(raw, sigstore.trusted_root, [trusted(key)]).found


@every_form
@pytest.mark.parametrize("file", [True, False])
def test_a_signature_that_the_key_did_not_make_is_refused_although_it_is_logged(style, form, file):
    """A log that looks at nothing records what it is given."""
    sigstore, key, other = PrivateSigstore(style=style), new_key(), new_key()
    forger = signing(key, lambda data: other.sign(data, ec.ECDSA(SHA256())))
    if file:
        raw = sigstore.sign_file(FILE, forger, None, form=form)
        with pytest.raises(InputError, match="SIG-BUNDLE"):
            verify_file(document(raw), sigstore.trusted_root, sha256(FILE).digest(), [trusted(key)])
    else:
        raw = sigstore.seal(PAYLOAD, forger, None, form=form)
        assert "not by the key that the log entry names" in refusal(raw, sigstore.trusted_root, [trusted(key)]).found


@every_form
def test_a_log_entry_about_another_signature_over_the_file_is_refused(style, form):
    sigstore, key = PrivateSigstore(style=style), new_key()
    good, other = (document(sigstore.sign_file(text, key, None, form=form)) for text in (FILE, b"another"))
    raw = changed(good.raw, ENTRY, other.value["verificationMaterial"]["tlogEntries"][0])
    assert verify_file(good, sigstore.trusted_root, sha256(FILE).digest(), [trusted(key)]).signed_on == SIGNED_ON
    with pytest.raises(InputError, match="another signature"):
        verify_file(document(raw), sigstore.trusted_root, sha256(FILE).digest(), [trusted(key)])


@every_form
def test_a_log_of_another_instance_proves_nothing(style, form):
    sigstore, key = PrivateSigstore(style=style), new_key()
    raw = sigstore.seal(PAYLOAD, key, None, form=form)
    assert refusal(raw, PrivateSigstore(style=style).trusted_root, [trusted(key)]).code == "SIG-BUNDLE"


def test_a_promise_that_the_log_did_not_give_is_refused():
    sigstore, key = PrivateSigstore(), new_key()
    raw = sigstore.seal(PAYLOAD, key, None)
    later = changed(raw, (*ENTRY, "integratedTime"), str(int(SIGNED_ON.timestamp()) + 1))
    assert "SET" in refusal(later, sigstore.trusted_root, [trusted(key)]).found


@pytest.mark.parametrize(("end", "good"), [("2026-04-10T09:01:00Z", True), ("2026-04-10T09:00:59Z", False)])
def test_a_log_that_was_retired_by_then_proves_nothing_of_a_key_either(end, good):
    sigstore, key = PrivateSigstore(), new_key()
    root = json.loads(sigstore.trusted_root)
    root["tlogs"][0]["publicKey"]["validFor"]["end"] = end
    raw, trusted_root = sigstore.seal(PAYLOAD, key, None), json.dumps(root).encode()
    if good:
        assert verify(raw, trusted_root, [trusted(key)]).signed_on == Instant.parse(end)
    else:
        assert "none of the trusted root's tlogs was in use" in refusal(raw, trusted_root, [trusted(key)]).found


def test_a_key_in_place_of_a_certificate_is_not_taken_from_the_log_entry():
    """A certificate's entry and signature, offered as a key's: the entry names no key."""
    sigstore = PrivateSigstore()
    bundle = json.loads(sealed(sigstore))
    del bundle["verificationMaterial"]["certificate"]
    bundle["verificationMaterial"]["publicKey"] = {"hint": "release-2026"}
    assert refusal(json.dumps(bundle).encode(), sigstore.trusted_root).code == "SIG-BUNDLE"


def test_a_bundle_with_a_key_and_a_certificate_is_refused():
    sigstore = PrivateSigstore()
    raw = changed(sealed(sigstore), ("verificationMaterial", "publicKey"), {"hint": ""})
    assert refusal(raw, sigstore.trusted_root).code == "SIG-BUNDLE"


@pytest.mark.parametrize("kind", ["rsa", "p384"])
def test_a_key_of_which_nobody_says_how_it_signs_is_not_called_bad(kind):
    sigstore = PrivateSigstore()
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP384R1())
    raw = sigstore.seal(PAYLOAD, signing(key, lambda _: b"some signature"), None)
    error = refusal(raw, sigstore.trusted_root, [trusted(key)])
    assert (error.code, "P-256" in error.found) == ("SIG-UNSUPPORTED", True)


def test_an_ed25519_key_signs_statements():
    sigstore, key = PrivateSigstore(), ed25519.Ed25519PrivateKey.generate()
    raw = sigstore.seal(PAYLOAD, signing(key, key.sign), None)
    assert verify(raw, sigstore.trusted_root, [trusted(key)]).key == trusted(key).fingerprint


@pytest.mark.parametrize("style", [1, 2])
def test_an_entry_over_another_kind_of_digest_is_not_called_bad(style):
    """Rekor v2 logs Ed25519 signatures over SHA-512."""
    sigstore, key = PrivateSigstore(style=style), new_key()
    record = sigstore.log.append

    def other(kind, version, spec):
        text = json.dumps(spec).replace("SHA2_256", "SHA2_512").replace('"sha256"', '"sha512"')
        return record(kind, version, json.loads(text))

    sigstore.log.append = other
    raw = sigstore.seal(PAYLOAD, key, None)
    error = refusal(raw, sigstore.trusted_root, [trusted(key)])
    assert (error.code, "512" in error.found) == ("SIG-UNSUPPORTED", True)
