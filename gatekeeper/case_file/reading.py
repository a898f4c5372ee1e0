"""A case file read back: every file as the manifest lists it, nothing more and nothing less."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attestations.digest import sha256
from attestations.errors import InputError, Location
from attestations.records import value_at
from attestations.strict import read_file, read_json
from attestations.strict.limits import Limits
from gatekeeper.case_file import names
from gatekeeper.case_file.archive import MAX_ARCHIVE, unpack
from gatekeeper.documents import parse_source
from gatekeeper.evidence import Offered, Unreadable
from gatekeeper.gate import Inputs

DECISION_LIMITS = Limits(max_bytes=16 * 1024 * 1024, max_depth=64, max_nodes=1_000_000)
_NEEDED = (names.REQUEST, names.ENVIRONMENT, names.POLICY, names.TRUST, names.DECISION, names.PROOF)


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """What a case file holds, its manifest checked."""

    inputs: Inputs
    decision: Mapping[str, Any]
    """the decision as it was recorded"""
    decision_digest: str
    approval: bytes | None = field(repr=False)
    proof: str = field(repr=False)


def read_case_file(path: Path) -> CaseFile:
    """Return the case file at `path`; raise InputError (PATH, LIMIT, FILE, CASE-FILE) where it is none or altered."""
    files = unpack(read_file(path, MAX_ARCHIVE), str(path))
    _check_manifest(files, path)
    raw = files[names.DECISION]
    decision = value_at(read_json(raw, names.DECISION, DECISION_LIMITS), ())
    return CaseFile(
        inputs=_inputs(files, decision),
        decision=decision,
        decision_digest=sha256(raw),
        approval=files.get(names.APPROVAL),
        proof=files[names.PROOF].decode("utf-8", "replace"),
    )


def _check_manifest(files: dict[str, bytes], path: Path) -> None:
    listed = files.get(names.MANIFEST, b"").decode("utf-8", "replace").splitlines()
    found = [f"{sha256(raw)}  {name}" for name, raw in sorted(files.items()) if name != names.MANIFEST]
    missing = [name for name in _NEEDED if name not in files]
    if listed != found or missing:
        raise InputError(
            "CASE-FILE",
            found=f"files that differ from the manifest{': no ' + ', '.join(missing) if missing else ''}",
            wanted="every file exactly as the manifest lists it",
            fix="take the case file from where it was first stored; this one was altered or cut",
            where=Location(file=str(path)),
        )


def _inputs(files: dict[str, bytes], decision: Mapping[str, Any]) -> Inputs:
    trust_files = {
        name.removeprefix(names.TRUST_FILES): raw for name, raw in files.items() if name.startswith(names.TRUST_FILES)
    }
    return Inputs(
        request=parse_source(files[names.REQUEST], names.REQUEST),
        environment=parse_source(files[names.ENVIRONMENT], names.ENVIRONMENT),
        policy=parse_source(files[names.POLICY], names.POLICY),
        trust=parse_source(files[names.TRUST], names.TRUST),
        trust_files=trust_files,
        offered=_offered(files, decision),
    )


def _offered(files: dict[str, bytes], decision: Mapping[str, Any]) -> tuple[Offered | Unreadable, ...]:
    """Evidence goes back under the names it was offered by; they are labels, the digests are checked."""
    labels = {item["digest"]: item["name"] for item in decision["evidence"] if item["digest"]}
    offered: list[Offered | Unreadable] = []
    for name, raw in sorted(files.items()):
        if name.startswith(names.EVIDENCE):
            digest = sha256(raw)
            offered.append(Offered(name=labels.get(digest, name), raw=raw, sha256=digest))
    unread = (item for item in decision["evidence"] if not item["digest"])
    return (*sorted(offered, key=lambda item: item.name), *map(_unreadable, unread))


def _unreadable(item: Mapping[str, Any]) -> Unreadable:
    why = item["refused"]
    error = InputError(why["code"], found=why["found"], wanted=why["wanted"], fix=why["next"])
    return Unreadable(name=item["name"], error=error)
