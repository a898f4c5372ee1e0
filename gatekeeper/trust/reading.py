"""Reads a trust root with the files that it names, and leaves out the keys that it revokes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from attestations.digest import sha256
from attestations.keys import PublicKey, Verifier, read_public_key
from attestations.strict import read_file
from attestations.strict.document import Path as DocumentPath
from gatekeeper.documents import Source, load, read_source
from gatekeeper.trust.consistency import check_consistent
from gatekeeper.trust.document import KeyFile, KeyReference, Keys, PersonRecord, SigstoreRoot, TrustDocument, TrustSpec
from gatekeeper.trust.root import Party, Person, TrustRoot, unusable

MAX_FILE = 4 * 1024 * 1024
PEM_START = "-----BEGIN"
_PLAIN_PATH = re.compile(r"(?!.*(?:^|/)\.\.?(?:/|$))[A-Za-z0-9._ -]+(?:/[A-Za-z0-9._ -]+)*")
"""such as keys/gate.pem: what a case file can hold on any system"""


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
    check_consistent(root)
    return _without_revoked_keys(root)


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
            raise unusable(self.source, path, found, f"fingerprint {reference.sha256}")
        return key

    def pinned(self, root: SigstoreRoot, path: DocumentPath) -> bytes:
        raw = self._file(root.trusted_root, path)
        if sha256(raw) != root.sha256:
            raise unusable(self.source, path, f"{root.trusted_root} with SHA-256 {sha256(raw)}", root.sha256)
        return raw

    def _file(self, name: str, path: DocumentPath) -> bytes:
        if name not in self.files:
            raise unusable(self.source, path, f"no file {name!a}", "every file that the trust root names")
        return self.files[name]


def _below(source: Source, folder: Path, name: str) -> Path:
    if not _PLAIN_PATH.fullmatch(name):
        wanted = "a path below the trust root's own folder, of letters, digits, dots, dashes and spaces"
        raise unusable(source, ("spec",), f"the path {name!a}", wanted)
    return folder / name


def _person(reader: _KeyReader, person: PersonRecord, index: int) -> Person:
    path: DocumentPath = ("spec", "people", index)
    keys = reader.keys(person.keys, (*path, "keys"))
    if person.ssh:
        from attestations.ssh_signature import read_ssh_public_key

        keys += tuple(read_ssh_public_key(line) for line in person.ssh)
    return Person(record=person, keys=keys)


def _without_revoked_keys(root: TrustRoot) -> TrustRoot:
    """A revoked key stays in the document, so that it stays forbidden, and counts for nothing any more."""
    revoked = frozenset(one.sha256 for one in root.revoked.keys)
    if root.ledger_key and root.ledger_key.fingerprint in revoked:
        found = f"a ledger whose key ({root.ledger_key.fingerprint[:16]}…) is revoked"
        source = root.loaded.source
        raise unusable(source, ("spec", "ledger", "key"), found, "a ledger with a key in force: begin a new one")
    return replace(
        root,
        parties=tuple(replace(party, keys=_in_force(party.keys, revoked)) for party in root.parties),
        people=tuple(replace(person, keys=_in_force(person.keys, revoked)) for person in root.people),
        gate_keys=_in_force(root.gate_keys, revoked),
    )


def _in_force(keys: tuple[Verifier, ...], revoked: frozenset[str]) -> tuple[Verifier, ...]:
    return tuple(key for key in keys if key.fingerprint not in revoked)


def _references(spec: TrustSpec) -> Iterator[KeyReference]:
    for party in spec.parties:
        yield from party.keys
    for person in spec.people:
        yield from person.keys
    yield from spec.gate.keys
    if spec.ledger:
        yield spec.ledger.key
