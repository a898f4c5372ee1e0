"""How a bundle is written: one spelling for each member, one encoding for all bytes, and only forms that are judged."""

import base64
import binascii
from collections.abc import Iterator

from attestations.errors import InputError
from attestations.sigstore.refusals import bad, unsupported
from attestations.strict.document import Document, JsonValue, Path
from attestations.strict.text import quoted

_MEDIA_TYPE = "application/vnd.dev.sigstore.bundle"
_VERSIONS = frozenset({f"{_MEDIA_TYPE}+json;version=0.{number}" for number in (1, 2, 3)} | {f"{_MEDIA_TYPE}.v0.3+json"})
_BASE64_MEMBERS = frozenset(
    {
        "canonicalizedBody",
        "digest",
        "hashes",
        "keyId",
        "payload",
        "rawBytes",
        "rootHash",
        "sig",
        "signature",
        "signedEntryTimestamp",
        "signedTimestamp",
    }
)
_NUMBERS = frozenset({"integratedTime", "logIndex", "treeSize"})
_ENTRIES = ("verificationMaterial", "tlogEntries")
ENTRY_KINDS = {
    "dsseEnvelope": ("dsse 0.0.1", "intoto 0.0.2", "hashedrekord 0.0.2"),
    "messageSignature": ("hashedrekord 0.0.1", "hashedrekord 0.0.2"),
}
"""content of a bundle -> what a log keeps of it: Rekor v1 in its new and its old form, Rekor v2"""


_MEANING = {
    "dsseEnvelope": "a signed statement, not a signature over a file",
    "messageSignature": "a signature over a file, with no statement",
}


def looks_like_bundle(document: Document) -> bool:
    """Return whether the document says that it is a Sigstore bundle, of whatever version."""
    media_type = at(document.value, "mediaType")
    return isinstance(media_type, str) and media_type.startswith(_MEDIA_TYPE)


def envelope_in(document: Document) -> Document:
    """Return the DSSE envelope in a bundle, whoever signed it; raise InputError (SIG-UNSUPPORTED) where a file was."""
    if at(document.value, "messageSignature") is not None:
        raise unsupported(document, ("messageSignature",), _MEANING["messageSignature"])
    envelope = at(document.value, "dsseEnvelope")
    return Document(name=document.name, raw=document.raw, value=envelope, find_marks=document.find_marks)


def at(value: JsonValue, *path: str | int) -> JsonValue:
    """Return the value at `path`; None where there is none."""
    for part in path:
        match value, part:
            case dict(), str():
                value = value.get(part)
            case list(), int() if part < len(value):
                value = value[part]
            case _:
                return None
    return value


def check_writing(document: Document) -> None:
    """Raise InputError (ENC-B64, SIG-BUNDLE) for what the library would read although it is written otherwise.

    It skips what is no base64 (threat A6), takes each member under a second name in snake case, and a number as `+1`.
    """
    for path, value in _members(document.value, ()):
        name = next(part for part in reversed(path) if isinstance(part, str))
        if "_" in name:
            raise bad(document, path, f"the member {quoted(name)}, a second spelling of another")
        if name in _NUMBERS and isinstance(value, str) and not (value.isdecimal() and str(int(value)) == value):
            raise bad(document, path, f"the number {quoted(value)} in {name}, not written as protobuf does")
        if name in _BASE64_MEMBERS and isinstance(value, str) and not _is_base64(value):
            raise InputError(
                "ENC-B64",
                found=f"text in {name} that is not canonical base64",
                wanted="padded standard base64 without line breaks",
                fix="offer the bundle as its signer wrote it",
                where=document.where(path),
            )


def check_form(document: Document, content: str) -> None:
    """Raise InputError where the bundle does not hold one `content`, logged once in a way that is judged here.

    SIG-UNSUPPORTED says that other verifiers may accept it, SIG-BUNDLE that none should.
    """
    if not looks_like_bundle(document):
        raise bad(document, (), "JSON that is no Sigstore bundle")
    if (media_type := at(document.value, "mediaType")) not in _VERSIONS:
        raise unsupported(document, ("mediaType",), f"a document of the type {quoted(str(media_type))}")
    entries = at(document.value, *_ENTRIES)
    if not isinstance(entries, list):
        raise bad(document, _ENTRIES, "no list of log entries")
    if len(entries) != 1:
        raise unsupported(document, _ENTRIES, f"a bundle with {len(entries)} log entries instead of one")
    _check_content(document, content)
    kind, version = (at(entries[0], "kindVersion", name) for name in ("kind", "version"))
    if not isinstance(kind, str) or not isinstance(version, str):
        raise bad(document, (*_ENTRIES, 0), "a log entry that does not say of which kind it is")
    if f"{kind} {version}" not in ENTRY_KINDS[content]:
        found = quoted(f"{kind} {version}")[1:-1]
        raise unsupported(document, (*_ENTRIES, 0, "kindVersion"), f"a log entry of kind {found}")


def _check_content(document: Document, content: str) -> None:
    present = [name for name in ENTRY_KINDS if at(document.value, name) is not None]
    if len(present) != 1:
        raise bad(document, (), f"a bundle with {len(present)} contents instead of one")
    if present != [content]:
        raise unsupported(document, (present[0],), _MEANING[present[0]])
    if content == "dsseEnvelope":
        _check_signatures(document)


def _check_signatures(document: Document) -> None:
    signatures = at(document.value, "dsseEnvelope", "signatures")
    if not isinstance(signatures, list) or len(signatures) != 1:
        count = len(signatures) if isinstance(signatures, list) else "no"
        raise bad(document, ("dsseEnvelope", "signatures"), f"an envelope with {count} signatures instead of one")


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
