"""What a log keeps of a signature, by kind of entry. The library compares the kinds it knows; here are all of them."""

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate
from sigstore.errors import VerificationError

from attestations.sigstore.refusals import NotJudgedError
from attestations.sigstore.writing import at
from attestations.strict import read_json
from attestations.strict.document import JsonValue
from attestations.strict.text import quoted

if TYPE_CHECKING:
    from sigstore_models.rekor.v1 import KindVersion


@dataclass(frozen=True, kw_only=True)
class Logged:
    """One signature as a log recorded it."""

    digest: bytes
    """SHA-256 of what was signed: of the payload, of the file, or in Rekor v2 of the pre-authentication encoding"""
    signature: bytes
    signer: bytes
    """DER of the certificate, or of the plain key's SubjectPublicKeyInfo"""


def read_body(raw: bytes, kind: "KindVersion") -> Logged:
    """Return what the canonicalized body of a log entry records; raise VerificationError, ValueError or InputError."""
    body = read_json(raw, "log entry").value
    if (at(body, "kind"), at(body, "apiVersion")) != (kind.kind, kind.version):
        raise VerificationError(f"a log entry of kind {at(body, 'kind')} {at(body, 'apiVersion')}, called another")
    spec = at(body, "spec")
    match kind.kind, kind.version:
        case "dsse", "0.0.1":  # rekor, pkg/types/dsse/v0.0.1/dsse_v0_0_1_schema.json
            one = _only(at(spec, "signatures"))
            return _of_pem(at(spec, "payloadHash"), at(one, "signature"), at(one, "verifier"))
        case "intoto", "0.0.2":  # rekor, pkg/types/intoto/v0.0.2/intoto_v0_0_2_schema.json: sig is base64 of base64
            one = _only(at(spec, "content", "envelope", "signatures"))
            signature = _bytes(at(one, "sig")).decode("ascii")
            return _of_pem(at(spec, "content", "payloadHash"), signature, at(one, "publicKey"))
        case "hashedrekord", "0.0.1":  # rekor, pkg/types/hashedrekord/v0.0.1/hashedrekord_v0_0_1_schema.json
            one = at(spec, "signature")
            return _of_pem(at(spec, "data", "hash"), at(one, "content"), at(one, "publicKey", "content"))
        case "hashedrekord", "0.0.2":  # protobuf-specs, rekor/v2/hashedrekord.proto
            return _of_second_style(at(spec, "hashedRekordV002"))
    raise VerificationError(f"a log entry of kind {kind.kind} {kind.version}")


def _of_pem(digest: JsonValue, signature: JsonValue, verifier: JsonValue) -> Logged:
    value = at(digest, "value")
    _check_sha256(at(digest, "algorithm"), "sha256")
    if not isinstance(value, str):
        raise VerificationError("a log entry without a digest")
    return Logged(digest=bytes.fromhex(value), signature=_bytes(signature), signer=_der(_bytes(verifier)))


def _of_second_style(record: JsonValue) -> Logged:
    """Those with a certificate are the library's to read."""
    _check_sha256(at(record, "data", "algorithm"), "SHA2_256")
    return Logged(
        digest=_bytes(at(record, "data", "digest")),
        signature=_bytes(at(record, "signature", "content")),
        signer=_bytes(at(record, "signature", "verifier", "publicKey", "rawBytes")),
    )


def _check_sha256(found: JsonValue, wanted: str) -> None:
    if found != wanted:
        raise NotJudgedError(f"a log entry over a digest of kind {quoted(str(found))}")


def _only(values: JsonValue) -> JsonValue:
    if not isinstance(values, list) or len(values) != 1:
        raise VerificationError("a log entry that does not hold exactly one signature")
    return values[0]


def _der(pem: bytes) -> bytes:
    if b"BEGIN CERTIFICATE" in pem:
        return load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    return load_pem_public_key(pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _bytes(text: JsonValue) -> bytes:
    if not isinstance(text, str):
        raise VerificationError("a log entry that is not written as its kind asks")
    return base64.b64decode(text, validate=True)
