"""The trust root as it is used: every key read, every name and key belonging to one holder."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from attestations.digest import sha256
from attestations.errors import InputError
from attestations.identity import check_issuer, check_pattern
from attestations.keys import PublicKey, Verifier, read_public_key
from attestations.predicates import NAMES
from attestations.strict import read_file
from attestations.strict.document import Path as DocumentPath
from gatekeeper.documents import Loaded, Source, load, read_source
from gatekeeper.trust.document import (
    DOCUMENT_KINDS,
    KeyFile,
    KeyReference,
    Keys,
    PartyRecord,
    PersonRecord,
    SigstoreRoot,
    TrustDocument,
    TrustMetadata,
    TrustSpec,
)

MAX_FILE = 4 * 1024 * 1024
PEM_START = "-----BEGIN"
_PLAIN_PATH = re.compile(r"(?!.*(?:^|/)\.\.?(?:/|$))[A-Za-z0-9._ -]+(?:/[A-Za-z0-9._ -]+)*")
"""such as keys/gate.pem: what a case file can hold on any system"""


@dataclass(frozen=True, kw_only=True)
class Party:
    """A party with its keys read."""

    record: PartyRecord
    keys: tuple[Verifier, ...] = field(repr=False)

    @cached_property
    def types(self) -> frozenset[str]:
        """Predicate types that this party may say."""
        return frozenset(NAMES[name] for name in self.record.may if name in NAMES)

    @cached_property
    def fingerprints(self) -> frozenset[str]:
        """Fingerprints of the party's keys."""
        return frozenset(key.fingerprint for key in self.keys)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person with their keys read."""

    record: PersonRecord
    keys: tuple[Verifier, ...] = field(repr=False)

    @cached_property
    def fingerprints(self) -> frozenset[str]:
        """Fingerprints of the person's keys."""
        return frozenset(key.fingerprint for key in self.keys)


@dataclass(frozen=True, kw_only=True)
class TrustRoot:
    """Everything the gate believes, with all keys read and no key belonging to two."""

    loaded: Loaded[TrustDocument]
    parties: tuple[Party, ...]
    people: tuple[Person, ...]
    gate_keys: tuple[Verifier, ...] = field(repr=False)
    ledger_key: PublicKey | None = field(repr=False)
    sigstore_root: bytes | None = field(repr=False)
    unpinned_keys: tuple[str, ...]
    """key files that are named without a fingerprint: neither a signature nor a pin of this document covers them"""

    @property
    def metadata(self) -> TrustMetadata:
        """Name, version, expiry."""
        return self.loaded.record.metadata

    @property
    def digest(self) -> str:
        """SHA-256 of the document's own bytes."""
        return self.loaded.digest


def read_trust(path: Path) -> TrustRoot:
    """Return the trust root at `path` with the files that it names; raise InputError where one of them is unusable."""
    source = read_source(path)
    return load_trust(source, read_trust_files(source, path.parent))


def read_trust_files(source: Source, folder: Path) -> dict[str, bytes]:
    """Return every file that the trust root names, read once from below `folder`; raise InputError (PATH, FILE)."""
    spec = load(source, TrustDocument, "TrustRoot").record.spec
    keys = [key if isinstance(key, str) else key.file for key in _references(spec)]
    names = [name for name in keys if not name.startswith(PEM_START)]
    names += [spec.sigstore.trusted_root] if spec.sigstore else []
    return {name: read_file(_below(source, folder, name), MAX_FILE) for name in dict.fromkeys(names)}


def load_trust(source: Source, files: Mapping[str, bytes]) -> TrustRoot:
    """Return the trust root with the keys in `files`, by the names it gives them.

    Raises InputError: SCHEMA, KEY, and POL-TRUST where one key belongs to two or a name is used twice.
    """
    loaded = load(source, TrustDocument, "TrustRoot")
    reader = _KeyReader(source=source, files=files)
    spec = loaded.record.spec
    parties = tuple(
        Party(record=party, keys=reader.keys(party.keys, ("spec", "parties", index, "keys")))
        for index, party in enumerate(spec.parties)
    )
    root = TrustRoot(
        loaded=loaded,
        parties=parties,
        people=tuple(_person(reader, person, index) for index, person in enumerate(spec.people)),
        gate_keys=reader.keys(spec.gate.keys, ("spec", "gate", "keys")),
        ledger_key=reader.key(spec.ledger.key, ("spec", "ledger", "key")) if spec.ledger else None,
        sigstore_root=reader.pinned(spec.sigstore, ("spec", "sigstore")) if spec.sigstore else None,
        unpinned_keys=tuple(key for key in _references(spec) if isinstance(key, str) and not key.startswith(PEM_START)),
    )
    _check(root)
    return root


@dataclass(frozen=True, kw_only=True)
class _KeyReader:
    source: Source
    files: Mapping[str, bytes]

    def keys(self, references: Keys, path: DocumentPath) -> tuple[Verifier, ...]:
        return tuple(self.key(reference, (*path, index)) for index, reference in enumerate(references))

    def key(self, reference: KeyReference, path: DocumentPath) -> PublicKey:
        if isinstance(reference, str) and reference.startswith(PEM_START):
            return read_public_key(reference.encode("utf-8"), str(self.source.document.where(path)))
        name = reference if isinstance(reference, str) else reference.file
        key = read_public_key(self._file(name, path), name)
        if isinstance(reference, KeyFile) and reference.sha256 != key.fingerprint:
            found = f"{name} with fingerprint {key.fingerprint}"
            raise _refused(self.source, path, found, f"fingerprint {reference.sha256}")
        return key

    def pinned(self, root: SigstoreRoot, path: DocumentPath) -> bytes:
        raw = self._file(root.trusted_root, path)
        if sha256(raw) != root.sha256:
            raise _refused(self.source, path, f"{root.trusted_root} with SHA-256 {sha256(raw)}", root.sha256)
        return raw

    def _file(self, name: str, path: DocumentPath) -> bytes:
        if name not in self.files:
            raise _refused(self.source, path, f"no file {name!a}", "every file that the trust root names")
        return self.files[name]


def _below(source: Source, folder: Path, name: str) -> Path:
    if not _PLAIN_PATH.fullmatch(name):
        wanted = "a path below the trust root's own folder, of letters, digits, dots, dashes and spaces"
        raise _refused(source, ("spec",), f"the path {name!a}", wanted)
    return folder / name


def _person(reader: _KeyReader, person: PersonRecord, index: int) -> Person:
    path: DocumentPath = ("spec", "people", index)
    keys = reader.keys(person.keys, (*path, "keys"))
    if person.ssh:
        from attestations.ssh_signature import read_ssh_public_key

        keys += tuple(read_ssh_public_key(line) for line in person.ssh)
    return Person(record=person, keys=keys)


def _check(root: TrustRoot) -> None:
    """One name, one key, one holder (threat A3: a key listed for two is a hole, not a convenience)."""
    _check_holders(root)
    people = {person.record.name for person in root.people}
    for index, party in enumerate(root.parties):
        _check_party(root, party, people, ("spec", "parties", index))
    if root.ledger_key and root.ledger_key.scheme != "ed25519":
        found = f"a ledger key of kind {root.ledger_key.scheme}"
        raise _refusal(root, ("spec", "ledger", "key"), found, "an Ed25519 key (C2SP signed-note)")


def _check_holders(root: TrustRoot) -> None:
    names: set[str] = set()
    holder_of: dict[str, str] = {}
    for name, keys in _holders(root):
        if name in names:
            raise _refusal(root, ("spec",), f"{name} twice", "each name once")
        names.add(name)
        for key in keys:
            if key.fingerprint in holder_of:
                found = f"one key ({key.fingerprint[:16]}…) for {holder_of[key.fingerprint]} and {name}"
                raise _refusal(root, ("spec",), found, "each key once, with one holder")
            holder_of[key.fingerprint] = name


def _holders(root: TrustRoot) -> Iterator[tuple[str, tuple[Verifier, ...]]]:
    for party in root.parties:
        yield f"party {party.record.name}", party.keys
    for person in root.people:
        yield f"person {person.record.name}", person.keys
    yield "the gate", root.gate_keys
    if root.ledger_key:
        yield "the ledger", (root.ledger_key,)


def _check_party(root: TrustRoot, party: Party, people: set[str], path: DocumentPath) -> None:
    record = party.record
    unknown = [name for name in record.may if name not in NAMES and name not in DOCUMENT_KINDS]
    if unknown or "sign-off" in record.may:
        found = f"party {record.name} may say {', '.join(unknown) or 'sign-off'}"
        wanted = f"statement types of this gate ({', '.join(NAMES)}); sign-offs are for people"
        raise _refusal(root, (*path, "may"), found, wanted)
    if not party.keys and record.sigstore is None:
        raise _refusal(root, path, f"party {record.name} without keys and identity", "a key or a Sigstore identity")
    if record.sigstore is not None:
        check_issuer(record.sigstore.issuer)
        check_pattern(record.sigstore.identity)
    if record.threshold > len(party.keys) + (record.sigstore is not None):
        found = f"threshold {record.threshold} of {len(party.keys)} keys"
        raise _refusal(root, (*path, "threshold"), found, "a threshold that can be met")
    if strangers := sorted(set(record.people) - people):
        found = f"party {record.name} held by {', '.join(strangers)}, who are not in people"
        raise _refusal(root, (*path, "people"), found, "people of this trust root")


def _refusal(root: TrustRoot, path: DocumentPath, found: str, wanted: str) -> InputError:
    return _refused(root.loaded.source, path, found, wanted)


def _refused(source: Source, path: DocumentPath, found: str, wanted: str) -> InputError:
    return InputError(
        "POL-TRUST",
        found=found,
        wanted=wanted,
        fix="correct the trust root and have its owners sign it again",
        where=source.document.where(path),
    )


def _references(spec: TrustSpec) -> Iterator[KeyReference]:
    for party in spec.parties:
        yield from party.keys
    for person in spec.people:
        yield from person.keys
    yield from spec.gate.keys
    if spec.ledger:
        yield spec.ledger.key
