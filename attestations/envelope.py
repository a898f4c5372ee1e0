"""DSSE envelopes (secure-systems-lab/dsse, protocol.md): who signed these bytes, counted by key material.

A key id only says which key to try first; what counts is the key that verifies (threat A3).
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from attestations.digest import canonical_json
from attestations.errors import InputError
from attestations.keys import Verifier
from attestations.strict.document import Document, Path

if TYPE_CHECKING:
    from attestations.signers import Signer

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MAX_SIGNATURES = 16
MAX_HASHED = 512 * 1024 * 1024
"""bytes hashed to find out who signed one envelope: each key that is tried hashes the whole payload (threat E1)"""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Signature bytes, and an unauthenticated hint at the key."""

    value: bytes = field(repr=False)
    hint: str


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A payload and signatures over it. Holding one says nothing about who signed."""

    payload: bytes = field(repr=False)
    payload_type: str
    signatures: tuple[Signature, ...]


def looks_like_envelope(document: Document) -> bool:
    """Return whether the document has the members of a DSSE envelope."""
    return isinstance(document.value, dict) and "payload" in document.value and "payloadType" in document.value


def read_envelope(document: Document) -> Envelope:
    """Return the DSSE envelope in `document`; members that DSSE does not know are ignored (envelope.md, Parsing rules).

    Raises InputError: SCHEMA (shape), SIG-NONE (no signature), LIMIT (too many), ENC-B64 (encoding).
    """
    value = document.value
    if not isinstance(value, dict):
        raise _malformed(document, (), "no JSON object")
    payload, payload_type = value.get("payload"), value.get("payloadType")
    if not isinstance(payload, str) or not isinstance(payload_type, str):
        raise _malformed(document, (), "no text in payload or payloadType")
    return Envelope(
        payload=_decoded(document, payload, ("payload",)),
        payload_type=payload_type,
        signatures=_signatures(document, value.get("signatures")),
    )


def signers_of(envelope: Envelope, keys: Iterable[Verifier]) -> frozenset[str]:
    """Return the fingerprints of those `keys` that signed the envelope: distinct keys, not key ids.

    Raises InputError LIMIT where finding out would take too long: many keys to try on a large payload.
    """
    return frozenset(_makers(envelope, tuple(keys)))


def seal(payload: bytes, payload_type: str, signers: Sequence["Signer"], kept: Iterable[Signature] = ()) -> bytes:
    """Return a DSSE envelope over `payload` as canonical JSON, signed by `signers` beside the signatures `kept`.

    A kept signature that names a key of `signers` is left out: they sign anew.
    """
    signed = pre_authentication_encoding(payload_type, payload)
    made = [Signature(value=signer.sign(signed), hint=signer.public.fingerprint) for signer in signers]
    hints = {signature.hint for signature in made}
    signatures = [
        {"keyid": signature.hint, "sig": base64.b64encode(signature.value).decode("ascii")}
        for signature in (*(one for one in kept if one.hint not in hints), *made)
    ]
    encoded = base64.b64encode(payload).decode("ascii")
    return canonical_json({"payload": encoded, "payloadType": payload_type, "signatures": signatures})


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed (DSSE protocol, section Signature Definition: PAE)."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _makers(envelope: Envelope, keys: Sequence[Verifier]) -> Iterator[str]:
    signed = pre_authentication_encoding(envelope.payload_type, envelope.payload)
    checks_left = MAX_HASHED // len(signed)
    for signature in envelope.signatures:
        for key in sorted(keys, key=lambda key: key.fingerprint != signature.hint):  # the hinted key first
            if not checks_left:
                raise _too_much_work(len(envelope.signatures), len(keys), len(envelope.payload))
            checks_left -= 1
            if key.verifies(signature.value, signed):
                yield key.fingerprint
                break


def _too_much_work(signatures: int, keys: int, size: int) -> InputError:
    return InputError(
        "LIMIT",
        found=f"{signatures} signatures, to be tried with {keys} keys over a payload of {size} bytes",
        wanted=f"at most {MAX_HASHED} bytes to hash",
        fix="name the signing key in keyid (SHA-256 of its SubjectPublicKeyInfo), as `attest sign` does",
    )


def _signatures(document: Document, value: Any) -> tuple[Signature, ...]:
    if not isinstance(value, list) or not value:
        raise InputError(
            "SIG-NONE",
            found="an envelope without signatures",
            wanted="at least one signature by a party that the trust root names",
            fix="sign it with:  attest sign",
            where=document.where(("signatures",)),
        )
    if len(value) > MAX_SIGNATURES:
        raise InputError(
            "LIMIT",
            found=f"{len(value)} signatures",
            wanted=f"at most {MAX_SIGNATURES} signatures",
            fix="leave out the signatures that nobody asks for",
            where=document.where(("signatures",)),
        )
    return tuple(_signature(document, entry, index) for index, entry in enumerate(value))


def _signature(document: Document, entry: Any, index: int) -> Signature:
    path: Path = ("signatures", index)
    if not isinstance(entry, dict) or not isinstance(entry.get("sig"), str):
        raise _malformed(document, path, "a signature that is not {keyid, sig}")
    hint = "" if entry.get("keyid") is None else entry["keyid"]
    if not isinstance(hint, str):
        raise _malformed(document, path, "a keyid that is not text")
    if not (value := _decoded(document, entry["sig"], (*path, "sig"))):
        raise InputError(
            "SIG-NONE",
            found="an empty signature",
            wanted="a signature",
            fix="sign it with:  attest sign",
            where=document.where(path),
        )
    return Signature(value=value, hint=hint)


def _decoded(document: Document, text: str, path: Path) -> bytes:
    """One statement has one encoding: re-encoding must give the input back, in one of DSSE's two alphabets."""
    for altchars in (None, b"-_"):  # None: the standard alphabet, without a translation
        try:
            data = base64.b64decode(text, altchars=altchars, validate=True)
        except (binascii.Error, ValueError):
            continue
        if base64.b64encode(data, altchars=altchars).decode("ascii") == text:
            return data
    raise InputError(
        "ENC-B64",
        found="text that is not canonical base64",
        wanted="padded base64 without line breaks, standard or URL-safe (DSSE protocol)",
        fix="encode it again, for example with:  base64 -w0",
        where=document.where(path),
    )


def _malformed(document: Document, path: Path, found: str) -> InputError:
    return InputError(
        "SCHEMA",
        found=found,
        wanted="a DSSE envelope: payload, payloadType, signatures",
        fix="make envelopes with:  attest sign",
        where=document.where(path),
    )
