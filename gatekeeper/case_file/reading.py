"""A case file read back: every file as the manifest lists it, nothing more and nothing less."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from attestations.digest import sha256
from attestations.errors import InputError, Location
from attestations.records import decode
from attestations.strict import read_file, read_json
from attestations.strict.limits import Limits
from attestations.times import Instant
from gatekeeper.case_file import names
from gatekeeper.case_file.archive import MAX_ARCHIVE, pack, unpack
from gatekeeper.case_file.offered import read_offered
from gatekeeper.documents import parse_source
from gatekeeper.gate import Inputs

DECISION_LIMITS = Limits(max_bytes=16 * 1024 * 1024, max_depth=64, max_nodes=200_000)
_NEEDED = (names.REQUEST, names.ENVIRONMENT, names.POLICY, names.TRUST, names.OFFERED, names.DECISION, names.PROOF)


class RecordedResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a requirement ended."""

    id: str
    outcome: str


class RecordedDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay needs of the decision as it was recorded; its other members are compared by digest."""

    decision: str
    evaluated_on: Instant = msgspec.field(name="evaluatedOn")
    requirements: tuple[RecordedResult, ...]


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """What a case file holds, its manifest checked."""

    inputs: Inputs
    decision: RecordedDecision
    decision_digest: str
    approval: bytes | None = field(repr=False)
    proof: str = field(repr=False)


def read_case_file(path: Path) -> CaseFile:
    """Return the case file at `path`.

    Raises InputError: PATH, LIMIT, FILE, CASE-FILE (altered), and what its documents raise where they are none.
    """
    archive = read_file(path, MAX_ARCHIVE)
    files = unpack(archive, str(path))
    _check_manifest(files, path)
    if pack(files) != archive:
        raise _altered(path, "an archive with more in it than its files, or written by another tool")
    raw = files[names.DECISION]
    decision = decode(read_json(raw, names.DECISION, DECISION_LIMITS), RecordedDecision)
    return CaseFile(
        inputs=_inputs(files),
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
        raise _altered(path, f"files that differ from the manifest{': no ' + ', '.join(missing) if missing else ''}")


def _altered(path: Path, found: str) -> InputError:
    return InputError(
        "CASE-FILE",
        found=found,
        wanted="every file exactly as the manifest lists it, in the bytes that `gatekeeper issue` wrote",
        fix="take the case file from where it was first stored; this one was altered or cut",
        where=Location(file=str(path)),
    )


def _inputs(files: dict[str, bytes]) -> Inputs:
    trust_files = {
        name.removeprefix(names.TRUST_FILES): raw for name, raw in files.items() if name.startswith(names.TRUST_FILES)
    }
    return Inputs(
        request=parse_source(files[names.REQUEST], names.REQUEST),
        environment=parse_source(files[names.ENVIRONMENT], names.ENVIRONMENT),
        policy=parse_source(files[names.POLICY], names.POLICY),
        trust=parse_source(files[names.TRUST], names.TRUST),
        trust_files=trust_files,
        offered=tuple(read_offered(files)),
    )
