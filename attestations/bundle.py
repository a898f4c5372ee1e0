"""Sigstore bundles (sigstore/protobuf-specs): which statement was signed, by whom, and when, proven offline.

The library proves certificate, log and time. What it leaves open is closed here: how the bundle is written, that
the certificate names somebody, and that "unsupported" is never said as "bad".
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from attestations.digest import canonical_json
from attestations.errors import InputError
from attestations.identity import Identity, read_identity
from attestations.strict import read_json
from attestations.strict.document import Document, JsonValue, Path
from attestations.strict.text import quoted
from attestations.times import Instant

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from sigstore.verify import Verifier

_MEDIA_TYPE = "application/vnd.dev.sigstore.bundle"
_BASE64_MEMBERS = frozenset(
    {
        "canonicalizedBody",
        "hashes",
        "keyId",
        "payload",
        "rawBytes",
        "rootHash",
        "sig",
        "signedEntryTimestamp",
        "signedTimestamp",
    }
)
_LOG_ENTRIES = ("dsse 0.0.1", "hashedrekord 0.0.2")
"""what a log keeps of a DSSE envelope: Rekor v1, Rekor v2"""


@dataclass(frozen=True, kw_only=True)
class VerifiedBundle:
    """What a bundle proves. Whether that identity may say it, and of which type it is, is for the caller to judge."""

    payload: bytes = field(repr=False)
    payload_type: str
    identity: Identity
    signed_on: Instant
    """the earliest time that a log or timestamp authority of the trusted root signed for: it existed by then"""


def looks_like_bundle(document: Document) -> bool:
    """Return whether the document says that it is a Sigstore bundle, of whatever version."""
    media_type = document.value.get("mediaType") if isinstance(document.value, dict) else None
    return isinstance(media_type, str) and media_type.startswith(_MEDIA_TYPE)


def verify_bundle(document: Document, trusted_root: bytes) -> VerifiedBundle:
    """Return what the bundle in `document` proves under the Sigstore instance that `trusted_root` describes.

    No network, no cache. Raises InputError: POL-TRUST (the trusted root is none), ENC-B64, SIG-BUNDLE (all else).
    """
    _check_writing(document)
    _check_supported(document)
    root = _trusted_root(trusted_root)
    try:
        return _verified(document, root)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - five classes of its own, pydantic's and bare ValueErrors: all refuse
        raise _bad(document, (), f"a bundle that does not verify: {_reason(error)}") from None


def _verified(document: Document, root: Document) -> VerifiedBundle:
    from sigstore.models import Bundle

    bundle = Bundle.from_json(document.raw)
    # The library keeps the times to itself. Those of timestamps are verified here; the log's own time is a claim that
    # chooses the keys, and verify_dsse then holds it against the log's signature.
    times = tuple(found.time for found in _verifier(root.raw)._establish_time(bundle))  # noqa: SLF001
    verifier = _verifier(_in_use(document, root, times))
    signer = _Signer()
    payload_type, payload = verifier.verify_dsse(bundle, signer)
    return VerifiedBundle(
        payload=payload,
        payload_type=payload_type,
        identity=signer.identity,
        signed_on=Instant.of(min(times)),
    )


def _in_use(document: Document, root: Document, times: Sequence[datetime]) -> bytes:
    """Return the trusted root without what was not in use at `times`: the library believes retired keys for ever."""
    members = dict(root.value) if isinstance(root.value, dict) else {}
    for section in ("tlogs", "certificateAuthorities", "ctlogs"):  # it asks timestamp authorities itself
        instances = members.get(section, [])
        members[section] = [one for one in instances if _covers(one, times)] if isinstance(instances, list) else []
        if not members[section]:
            signed = " and ".join(str(Instant.of(time)) for time in times)
            raise _bad(
                document, (), f"a signing time of {signed}, when none of the trusted root's {section} was in use"
            )
    return canonical_json(members)


def _covers(instance: JsonValue, times: Sequence[datetime]) -> bool:
    window = _at(instance, "validFor") or _at(instance, "publicKey", "validFor")
    start, end = _at(window, "start"), _at(window, "end")
    return start is not None and all(
        Instant.parse(start) <= time and (end is None or time <= Instant.parse(end)) for time in times
    )


@lru_cache(maxsize=8)
def _trusted_root(raw: bytes) -> Document:
    try:
        document = read_json(raw, "trusted root")
        _check_writing(document)
    except InputError as error:
        raise _no_root(error.found) from None
    _verifier(raw)
    return document


@lru_cache(maxsize=32)
def _verifier(trusted_root: bytes) -> "Verifier":
    from sigstore.models import TrustedRoot
    from sigstore.verify import Verifier

    try:
        with NamedTemporaryFile(prefix="trusted_root", suffix=".json") as file:
            file.write(trusted_root)
            file.flush()
            return Verifier(trusted_root=TrustedRoot.from_file(file.name))
    except Exception as error:  # noqa: BLE001 - as in verify_bundle
        raise _no_root(_reason(error)) from None


class _Signer:
    """What the library asks of a certificate beside its own checks: that it names one signer and one issuer."""

    identity: Identity

    def verify(self, cert: "Certificate") -> None:
        """Keep whom the certificate names; raise InputError SIG-BUNDLE where that is nobody, or several."""
        self.identity = read_identity(cert)


def _check_writing(document: Document) -> None:
    """The library skips what is no base64 (threat A6), and takes each member under a second name, in snake case."""
    for path, value in _members(document.value, ()):
        name = next(part for part in reversed(path) if isinstance(part, str))
        if "_" in name:
            raise _bad(document, path, f"the member {quoted(name)}, a second spelling of another")
        if name in _BASE64_MEMBERS and isinstance(value, str) and not _is_base64(value):
            raise InputError(
                "ENC-B64",
                found=f"text in {name} that is not canonical base64",
                wanted="padded standard base64 without line breaks",
                fix="offer the bundle as its signer wrote it",
                where=document.where(path),
            )


def _members(value: JsonValue, path: Path) -> Iterator[tuple[Path, JsonValue]]:
    if isinstance(value, dict):
        children: Iterator[tuple[str | int, JsonValue]] = iter(value.items())
    else:
        children = iter(enumerate(value)) if isinstance(value, list) else iter(())
    for key, child in children:
        yield (*path, key), child
        yield from _members(child, (*path, key))


def _is_base64(text: str) -> bool:
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode("ascii") == text
    except (binascii.Error, ValueError):
        return False


def _check_supported(document: Document) -> None:
    """Bundles that other verifiers accept and this one cannot judge are refused by that name, before any proof."""
    if _at(document.value, "verificationMaterial", "publicKey") is not None:
        raise _unsupported(document, ("verificationMaterial", "publicKey"), "a bundle signed with a plain key")
    if _at(document.value, "messageSignature") is not None:
        raise _unsupported(document, ("messageSignature",), "a signature over a file, with no statement")
    signatures = _at(document.value, "dsseEnvelope", "signatures")
    if not isinstance(signatures, list) or len(signatures) != 1:
        count = len(signatures) if isinstance(signatures, list) else "no"
        raise _bad(document, ("dsseEnvelope", "signatures"), f"an envelope with {count} signatures instead of one")
    entries = _at(document.value, "verificationMaterial", "tlogEntries")
    if not isinstance(entries, list) or len(entries) != 1:
        raise _bad(document, ("verificationMaterial", "tlogEntries"), "not exactly one log entry")
    kind = f"{_at(entries[0], 'kindVersion', 'kind')} {_at(entries[0], 'kindVersion', 'version')}"
    if kind not in _LOG_ENTRIES:
        path = ("verificationMaterial", "tlogEntries", 0, "kindVersion")
        raise _unsupported(document, path, f"a log entry of kind {quoted(kind)[1:-1]}")


def _at(value: JsonValue, *names: str) -> JsonValue:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _unsupported(document: Document, path: Path, found: str) -> InputError:
    return InputError(
        "SIG-BUNDLE",
        found=f"unsupported: {found}; it was not judged, neither good nor bad",
        wanted=f"one certificate and one DSSE envelope, logged as {' or '.join(_LOG_ENTRIES)}",
        fix="have the statement made by a producer that logs envelopes this way (docs/sigstore.md)",
        where=document.where(path),
    )


def _bad(document: Document, path: Path, found: str) -> InputError:
    return InputError(
        "SIG-BUNDLE",
        found=found,
        wanted="a Sigstore bundle that the pinned trusted root proves: certificate, log entry, time, signature",
        fix="offer the bundle as its signer wrote it; check that the trusted root is that of the signer's instance",
        where=document.where(path),
    )


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {quoted(str(error), 200)[1:-1]}"


def _no_root(found: str) -> InputError:
    return InputError(
        "POL-TRUST",
        found=f"a Sigstore trusted root that cannot be used: {found}",
        wanted="a trusted root, version 0.1, with certificate authority, CT log and transparency log",
        fix="take trusted_root.json from the operator of the Sigstore instance and pin it again",
    )
