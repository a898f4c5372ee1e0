"""What the npm registry hands out with a package: provenance by its builder, and the registry's own word on publishing.

GET /-/npm/v1/attestations/NAME@VERSION; npm/attestation, specs/publish/v0.1.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import unquote

import msgspec

from attestations.digest import canonical_json
from attestations.keys import PublicKey, read_public_key
from attestations.provenance.build import text
from attestations.provenance.named_keys import NamedKey
from attestations.provenance.proven import KINDS, Proven, read_provenance, refused
from attestations.records import Name
from attestations.sigstore import looks_like_bundle, verify_bundle
from attestations.statement import Statement, read_statement
from attestations.strict import read_json
from attestations.strict.document import Document

PUBLISH = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
_PURL = "pkg:npm/"


class _Published(msgspec.Struct, frozen=True, kw_only=True):
    name: Name
    version: Name
    registry: Name


def looks_like_npm(document: Document) -> bool:
    """Return whether the document has the one member of what the registry hands out."""
    return isinstance(document.value, dict) and isinstance(document.value.get("attestations"), list)


def prove_npm(document: Document, trusted_root: bytes, keys: Sequence[NamedKey]) -> Proven:
    """Return the provenance; both attestations are proven, and must be about one and the same package."""
    verified = verify_bundle(_bundle(document, KINDS), trusted_root)
    statement = read_provenance(verified.payload, verified.payload_type, document)
    published, notes = _published(document, trusted_root, keys)
    if _package(published) != _package(statement) or package_of(published) != _said(published):
        raise refused(document, "SUBJ-DIGEST", "provenance and publishing of two packages", "one package, by digest")
    return Proven(
        form="npm",
        statement=statement,
        identity=verified.identity,
        key=None,
        signed_on=verified.signed_on,
        notes=notes,
    )


def package_of(statement: Statement) -> tuple[str, str] | None:
    """Return name and version of the one package that the statement is about; None where it is about none."""
    name = statement.subjects[0].name if len(statement.subjects) == 1 else ""
    package, at, version = unquote(name.removeprefix(_PURL)).rpartition("@")
    return (package, version) if name.startswith(_PURL) and at and package else None


def _package(statement: Statement) -> Any:
    return package_of(statement), statement.subjects[0].digest.get("sha512")


def _said(published: Statement) -> tuple[str, str]:
    return published.predicate.name, published.predicate.version


def _published(document: Document, trusted_root: bytes, keys: Sequence[NamedKey]) -> tuple[Statement, tuple[str, ...]]:
    bundle = _bundle(document, (PUBLISH,))
    given = tuple(each.key for each in keys)
    logged = () if given else (_logged_key(bundle),)
    verified = verify_bundle(bundle, trusted_root, given or logged)
    note = f"the key that signed the publishing, {verified.key}, was not compared with the registry's: --key FILE"
    statement = read_statement(verified.payload, document.name, {PUBLISH: _Published})
    return statement, () if given else (note,)


def _bundle(document: Document, kinds: Iterable[str]) -> Document:
    """Return the one bundle that says to hold one of these types; what it holds is compared when it is read."""
    value: Any = document.value
    entries = [entry for entry in value["attestations"] if text(entry, "predicateType") in tuple(kinds)]
    bundles = [read_json(canonical_json(entry.get("bundle")), document.name) for entry in entries]
    if len(bundles) != 1 or not looks_like_bundle(bundles[0]):
        wanted = "one bundle of provenance and one of publishing"
        raise refused(document, "TYPE-PREDICATE", f"{len(bundles)} attestations of type {' or '.join(kinds)}", wanted)
    return bundles[0]


def _logged_key(bundle: Document) -> PublicKey:
    """The registry's key as the log saw it: enough to tell that signature and payload belong together."""
    value: Any = bundle.value
    try:
        entry = value["verificationMaterial"]["tlogEntries"][0]
        body: Any = read_json(base64.b64decode(entry["canonicalizedBody"]), bundle.name).value
        signature = body["spec"]["content"]["envelope"]["signatures"][0]
        pem = base64.b64decode(text(signature, "publicKey") or "")
    except (KeyError, IndexError, TypeError, binascii.Error, ValueError):
        raise refused(bundle, "SIG-BUNDLE", "a log entry that names no key", "an entry of kind intoto 0.0.2") from None
    return read_public_key(pem, bundle.name)
