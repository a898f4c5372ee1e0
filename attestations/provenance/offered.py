"""Provenance as it is handed over: a bundle, an envelope, npm's attestations, what gcloud tells of an image."""

from collections.abc import Sequence

from attestations.envelope import looks_like_envelope, read_envelope
from attestations.errors import InputError
from attestations.provenance.build import text
from attestations.provenance.cloud_build_image import looks_like_image, prove_image
from attestations.provenance.named_keys import NamedKey, signer_of
from attestations.provenance.npm_attestations import looks_like_npm, prove_npm
from attestations.provenance.proven import Proven, read_provenance, refused
from attestations.sigstore import looks_like_bundle, verify_bundle
from attestations.strict.document import Document


def prove(document: Document, trusted_root: bytes, keys: Sequence[NamedKey]) -> Proven:
    """Return the provenance in `document` with who signed it; raise InputError where nobody is known to have.

    The code is POL-TRUST where the trusted root is none; any other is about what is offered.
    """
    if looks_like_npm(document):
        return prove_npm(document, trusted_root, keys)
    if looks_like_image(document):
        return prove_image(document, keys)
    if looks_like_bundle(document):
        return _prove_bundle(document, trusted_root, keys)
    if looks_like_envelope(document):
        return _prove_envelope(document, keys)
    raise InputError(
        "TYPE-PAYLOAD",
        found="JSON that is no provenance in a form that can be proven",
        wanted="a Sigstore bundle, a DSSE envelope, npm's attestations, or what gcloud tells of an image",
        fix="give the file as the builder or the registry handed it out",
        where=document.where(),
    )


def _prove_bundle(document: Document, trusted_root: bytes, keys: Sequence[NamedKey]) -> Proven:
    hint = text(document.value, "verificationMaterial", "publicKey", "hint")
    named = tuple(each.key for each in keys if each.id is None or each.id == hint)
    verified = verify_bundle(document, trusted_root, named)
    return Proven(
        form="bundle",
        statement=read_provenance(verified.payload, verified.payload_type, document),
        identity=verified.identity,
        key=verified.key,
        signed_on=verified.signed_on,
    )


def _prove_envelope(document: Document, keys: Sequence[NamedKey]) -> Proven:
    """A certificate that came along in an envelope proves nothing: no log and no authority says when it signed."""
    envelope = read_envelope(document)
    if not keys:
        found = "an envelope without proof of its signer: neither log entry nor timestamp, and no key is given"
        raise refused(document, "SIG-UNTRUSTED", found, "a Sigstore bundle, or the key of the builder:  --key FILE")
    if (signer := signer_of(envelope, keys)) is None:
        raise refused(document, "SIG-UNTRUSTED", "no signature by a given key", "one by a key of the builder")
    return Proven(
        form="envelope",
        statement=read_provenance(envelope.payload, envelope.payload_type, document),
        identity=None,
        key=signer.key.fingerprint,
        signed_on=None,
    )
