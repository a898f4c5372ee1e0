"""What Google Cloud tells of an image: `gcloud artifacts docker images describe IMAGE --show-provenance --format json`.

Signed with keys of Cloud Build's regions, over the payload alone, or with one of its global keys, as DSSE has it. The
key id tells which, so a signature without one is not tried (slsa-verifier, verifiers/internal/gcb).
"""

import re
from collections.abc import Sequence
from typing import Any

from attestations.envelope import Envelope, Signature, pre_authentication_encoding, read_envelope
from attestations.errors import InputError
from attestations.predicates import slsa_provenance
from attestations.predicates.slsa_provenance import Provenance, ProvenanceV01
from attestations.provenance.build import members, text
from attestations.provenance.cloud_build import BUILDERS
from attestations.provenance.families import build_of
from attestations.provenance.named_keys import NamedKey
from attestations.provenance.proven import Proven, read_provenance, refused
from attestations.statement import Statement
from attestations.strict.document import Document

MAX_PROVENANCE = 64
"""provenance of one image; each is an envelope with signatures to try"""

_KINDS = {slsa_provenance.TYPE: Provenance, slsa_provenance.TYPE_V01: ProvenanceV01}
_TEXTS = {slsa_provenance.TYPE: ("inTotoSlsaProvenanceV1", "predicate")}
_TEXT_V01 = ("intotoStatement", "slsaProvenance")
_REGIONAL = re.compile(
    r"projects/verified-builder/locations/([a-z0-9-]+)/keyRings/attestor/cryptoKeys/builtByGCB/cryptoKeyVersions/1"
)
_GLOBAL = re.compile(
    r"projects/verified-builder/locations/global/keyRings/attestor/"
    r"cryptoKeys/(google-hosted-worker|provenanceSigner)/cryptoKeyVersions/1"
)


def looks_like_image(document: Document) -> bool:
    """Return whether the document has the members of an image's description."""
    return isinstance(document.value, dict) and "provenance_summary" in document.value


def prove_image(document: Document, keys: Sequence[NamedKey]) -> Proven:
    """Return the first provenance that one of `keys` signed, and that says what is written in clear beside it."""
    offered = members(document.value, "provenance_summary").get("provenance")
    entries = offered if isinstance(offered, list) else []
    if len(entries) > MAX_PROVENANCE:
        raise refused(document, "LIMIT", f"provenance of {len(entries)} builds", f"at most {MAX_PROVENANCE}")
    for entry in entries:
        envelope = _envelope(document, entry)
        signer = _signer(envelope, keys) if envelope else None
        if envelope and signer:
            statement = read_provenance(envelope.payload, envelope.payload_type, document, _KINDS)
            _check_text(document, entry, statement)
            _check_image(document, entry, statement)
            return Proven(
                form="cloud-build", statement=statement, identity=None, key=signer.key.fingerprint, signed_on=None
            )
    raise refused(document, "SIG-UNTRUSTED", "no provenance signed with a given key", "a key of Cloud Build by its id")


def _envelope(document: Document, entry: Any) -> Envelope | None:
    """Of several, one that cannot be read is passed over: another may be signed."""
    value = members(entry, "envelope")
    try:
        return read_envelope(
            Document(name=document.name, raw=document.raw, value=value, find_marks=document.find_marks)
        )
    except InputError:
        return None


def _signer(envelope: Envelope, keys: Sequence[NamedKey]) -> NamedKey | None:
    for signature in envelope.signatures:
        label, data = _of_key(envelope, signature)
        for key in keys:
            if label is not None and label in (key.label, key.id) and key.key.verifies(signature.value, data):
                return key
    return None


def _of_key(envelope: Envelope, signature: Signature) -> tuple[str | None, bytes]:
    """Return how the key's file is called, and what it signed."""
    if regional := _REGIONAL.fullmatch(signature.hint):
        return regional[1], envelope.payload
    if everywhere := _GLOBAL.fullmatch(signature.hint):
        data = pre_authentication_encoding(envelope.payload_type, envelope.payload)
        return f"global-pae-{everywhere[1]}_1", data
    return None, b""


def _check_text(document: Document, entry: Any, statement: Statement) -> None:
    """People read what is in clear: it must be what was signed (slsa-verifier, VerifyTextProvenance)."""
    member, predicate = _TEXTS.get(statement.predicate_type, _TEXT_V01)
    clear, signed = members(entry, "build", member), members(statement.document.value)
    pairs = [("_type", "_type"), ("predicateType", "predicateType"), ("subject", "subject"), (predicate, "predicate")]
    if any(_comparable(clear.get(one)) != _comparable(signed.get(other)) for one, other in pairs):
        raise refused(document, "SUBJ-DIGEST", "another text in clear than was signed", "the text that was signed")


def _comparable(value: Any) -> Any:
    """In clear, Cloud Build writes one member as text that SLSA v0.1 has as a number."""
    recipe = members(value, "recipe")
    if not recipe:
        return value
    return {**value, "recipe": {name: each for name, each in recipe.items() if name != "definedInMaterial"}}


def _check_image(document: Document, entry: Any, statement: Statement) -> None:
    """What is said around the signature is nobody's word; where it differs, somebody mixed up two images."""
    digests = {f"@sha256:{subject.digest.get('sha256')}" for subject in statement.subjects}
    summary = members(document.value, "image_summary")
    named = (text(entry, "resourceUri"), text(summary, "fully_qualified_digest"), f"@{text(summary, 'digest')}")
    if text(entry, "kind") != "BUILD":
        raise refused(document, "TYPE-PREDICATE", f"provenance of kind {text(entry, 'kind')!a:.40}", "kind BUILD")
    if any(not (name or "").endswith(tuple(digests)) for name in named):
        raise refused(document, "SUBJ-DIGEST", "an image of another digest than was signed", "one digest throughout")
    builder = build_of(statement.predicate).builder_id
    if builder not in BUILDERS:
        raise refused(document, "SIG-ROLE", f"Cloud Build's key for the builder {builder!a:.120}", "Cloud Build itself")
