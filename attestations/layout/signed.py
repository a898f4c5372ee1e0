"""A layout or a link as it was signed: in a DSSE envelope, a link also as a statement, or in the older Metablock."""

import binascii
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from attestations.digest import sha256
from attestations.envelope import MAX_SIGNATURES, PAYLOAD_TYPE, looks_like_envelope, read_envelope, signers_of
from attestations.errors import InputError
from attestations.keys import Verifier
from attestations.layout.link_statement import link_in, says_link
from attestations.layout.shapes import SHAPES
from attestations.strict import read_json
from attestations.strict.document import Document, Path
from attestations.strict.text import quoted

KINDS = ("layout", "link")


@dataclass(frozen=True, kw_only=True)
class Signed(ABC):
    """A layout or a link, with a way to tell which keys signed it. Holding one says nothing about who did."""

    kind: str
    model: Any = field(repr=False)
    """the library's Layout or Link"""
    digest: str
    """SHA-256 over what was signed"""
    document: Document = field(repr=False)

    @property
    def content(self) -> str:
        """SHA-256 over what it says, the same in every form in which it may have been signed."""
        return sha256(self.model.signable_bytes)

    @property
    def key_hints(self) -> tuple[str, ...]:
        """What its signatures say of their keys: nobody's word."""
        value = self.document.value
        signatures = value.get("signatures") if isinstance(value, dict) else None
        each = signatures if isinstance(signatures, list) else []
        hints = (one.get("keyid") for one in each if isinstance(one, dict))
        return tuple(hint for hint in hints if isinstance(hint, str))

    @abstractmethod
    def signers(self, keys: Iterable[Verifier]) -> frozenset[str]:
        """Return the fingerprints of those `keys` that signed it: distinct keys, whatever their ids."""


@dataclass(frozen=True, kw_only=True)
class _InEnvelope(Signed):
    def signers(self, keys: Iterable[Verifier]) -> frozenset[str]:
        return signers_of(read_envelope(self.document), keys)


@dataclass(frozen=True, kw_only=True)
class _InMetablock(Signed):
    signatures: tuple[bytes, ...] = field(repr=False)
    data: bytes = field(repr=False)
    """what is signed: canonical JSON of securesystemslib"""

    def signers(self, keys: Iterable[Verifier]) -> frozenset[str]:
        return frozenset(key.fingerprint for key in keys for each in self.signatures if key.verifies(each, self.data))


def looks_like_metablock(document: Document) -> bool:
    """Return whether the document has the members of in-toto's own older form."""
    return isinstance(document.value, dict) and {"signed", "signatures"} <= set(document.value)


def read_signed(document: Document) -> Signed:
    """Return the layout or link in `document`.

    Raises InputError: PARSE-*, SCHEMA (neither, or one that in-toto cannot read), SIG-NONE, ENC-B64, LIMIT.
    """
    if not looks_like_envelope(document):
        return _metablock(document)
    envelope = read_envelope(document)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise malformed(document, ("payloadType",), f"payload type {envelope.payload_type!a:.80}", PAYLOAD_TYPE)
    payload = read_json(envelope.payload, document.name)
    value = link_in(envelope.payload, document.name) if says_link(payload.value) else payload.value
    kind, model = _model(document, value)
    return _InEnvelope(kind=kind, model=model, digest=payload.sha256, document=document)


def _metablock(document: Document) -> Signed:
    value = document.value if isinstance(document.value, dict) else {}
    kind, model = _model(document, value.get("signed"))
    try:
        data = model.signable_bytes
    except Exception as error:  # noqa: BLE001 - its canonical JSON has no form for some values
        raise _unreadable(document, kind, error) from None
    signatures = _signatures(document, value.get("signatures"))
    return _InMetablock(
        kind=kind,
        model=model,
        digest=sha256(data),
        document=document,
        signatures=signatures,
        data=data,
    )


def malformed(document: Document, path: Path, found: str, wanted: str) -> InputError:
    """Return the refusal of a layout or link that cannot be used."""
    fix = "make layouts and links with in-toto 1.0 or newer; docs/provenance.md tells what a layout may hold"
    return InputError("SCHEMA", found=found, wanted=wanted, fix=fix, where=document.where(path))


def _model(document: Document, value: Any) -> tuple[str, Any]:
    """Links, layouts and statements share one payload type: `_type` tells them apart, before anything reads them."""
    from in_toto.models.layout import Layout  # type: ignore[import-untyped,unused-ignore]
    from in_toto.models.link import Link  # type: ignore[import-untyped,unused-ignore]

    kind = value.get("_type") if isinstance(value, dict) else None
    if kind not in KINDS:
        raise malformed(document, (), f"a payload of _type {kind!a:.80}", "a layout or a link of in-toto")
    try:
        msgspec.convert(value, SHAPES[kind])
        return kind, (Layout if kind == "layout" else Link).read(_copy(value))
    except Exception as error:  # noqa: BLE001 - the library raises format errors of three packages, and bare KeyErrors
        raise _unreadable(document, kind, error) from None


def _unreadable(document: Document, kind: str, error: Exception) -> InputError:
    text = f"{type(error).__name__}: {quoted(str(error), 200)[1:-1]}"
    return malformed(document, (), f"a {kind} that in-toto cannot read: {text}", f"a {kind} as in-toto has it")


def _copy(value: Any) -> Any:
    """The library takes its argument apart."""
    if isinstance(value, dict):
        return {name: _copy(each) for name, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value


def _signatures(document: Document, value: Any) -> tuple[bytes, ...]:
    if not isinstance(value, list) or not value:
        raise InputError(
            "SIG-NONE",
            found="a layout or link without signatures",
            wanted="at least one signature",
            fix="sign it with:  in-toto-sign",
            where=document.where(("signatures",)),
        )
    if len(value) > MAX_SIGNATURES:
        raise malformed(document, ("signatures",), f"{len(value)} signatures", f"at most {MAX_SIGNATURES}")
    return tuple(_signature(document, entry, index) for index, entry in enumerate(value))


def _signature(document: Document, entry: Any, index: int) -> bytes:
    text = entry.get("sig") if isinstance(entry, dict) else None
    try:
        return binascii.unhexlify(text) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        raise malformed(document, ("signatures", index, "sig"), "text that is no hexadecimal", "sig in hex") from None
