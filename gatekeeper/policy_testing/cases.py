"""Case folders: a request with everything around it, small because a folder may name another that it differs from.

request.yaml environment.yaml trust.yaml   the documents; the policy is the one under test
evidence/                                   signed statements, as they would be offered
now                                         the time of the case, one line
sign-offs.yaml                              who signs off: {people: [{name: alice}, {name: bob, verdict: reject}]}
base                                        one line: another case folder, whose files count where this has none
without                                     names of files of the base that do not count here, one a line
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from attestations.errors import InputError, Location
from attestations.predicates import sign_off
from attestations.predicates.sign_off import SignOff
from attestations.records import Name, Record, decode
from attestations.strict import read_file, read_yaml
from attestations.times import Instant
from gatekeeper.case import Case
from gatekeeper.case_file import read_case_file, replay
from gatekeeper.documents import Source, read_source
from gatekeeper.environment import check_request_fits, load_environment
from gatekeeper.evidence import Offered, Unreadable, collect
from gatekeeper.policy_testing.signing_off import Say, say
from gatekeeper.request import load_request
from gatekeeper.trust import TrustRoot, read_trust
from gatekeeper.verification import Attestation, verify

MAX_SMALL_FILE = 4096
MAX_BASES = 4
EVIDENCE, SIGN_OFFS = "evidence", "sign-offs.yaml"


class PersonSays(Record, frozen=True, kw_only=True):
    """One person's yes or no, taken for given."""

    name: Name
    verdict: Literal["approve", "reject"] = "approve"
    signed_on: Instant | None = None
    """the time of the case where it is not given"""


class SignOffs(Record, frozen=True, kw_only=True):
    """The file sign-offs.yaml."""

    people: tuple[PersonSays, ...]


@dataclass(frozen=True, kw_only=True)
class PolicyCase:
    """A case with its evidence verified, ready to be judged under any policy."""

    name: str
    case: Case = field(repr=False)
    sayings: tuple[Say, ...] = field(repr=False)


def read_case_folder(folder: Path) -> PolicyCase:
    """Return the case in `folder`; raise InputError where a file is missing or unusable."""
    files = _files(folder, MAX_BASES)
    case = _verified(
        read_source(_needed(folder, files, "request.yaml")),
        read_source(_needed(folder, files, "environment.yaml")),
        read_trust(_needed(folder, files, "trust.yaml")),
        collect(path for name, path in sorted(files.items()) if name.startswith(f"{EVIDENCE}/")),
        _instant(_needed(folder, files, "now")),
    )
    return PolicyCase(name=str(folder), case=case, sayings=_sayings(case, files.get(SIGN_OFFS)))


def read_recorded_case(path: Path) -> PolicyCase:
    """Return the case in a case file; raise InputError. Whoever signed that case off says so again, and no one else."""
    judgement = replay(read_case_file(path)).judgement
    case, recorded = judgement.case, judgement.decision.case_digest
    said = tuple(attestation for attestation in case.attestations if attestation.predicate_type == sign_off.TYPE)
    others = tuple(attestation for attestation in case.attestations if attestation not in said)
    sayings = tuple(_said_again(attestation) for attestation in said if _stands(attestation, recorded))
    return PolicyCase(name=str(path), case=replace(case, attestations=others), sayings=sayings)


def _verified(
    request: Source, environment: Source, trust: TrustRoot, offered: Iterable[Offered | Unreadable], now: Instant
) -> Case:
    asked, inventory = load_request(request), load_environment(environment)
    check_request_fits(asked, inventory)
    attestations, refusals = verify(offered, asked, inventory, trust, now)
    return Case(
        request=asked, environment=inventory, trust=trust, attestations=attestations, refusals=refusals, now=now
    )


def _stands(attestation: Attestation, case_digest: str) -> bool:
    said: SignOff = attestation.predicate
    names = [person.record.name for person in attestation.people]
    return said.verdict == "reject" or (said.case_digest == case_digest and names == [said.person])


def _said_again(attestation: Attestation) -> Say:
    said: SignOff = attestation.predicate
    return Say(person=attestation.people[0], verdict=said.verdict, signed_on=said.signed_on)


def _sayings(case: Case, path: Path | None) -> tuple[Say, ...]:
    if path is None:
        return ()
    document = read_yaml(read_file(path, MAX_SMALL_FILE), str(path))
    people = decode(document, SignOffs).people
    return tuple(say(case, each.name, each.verdict, each.signed_on) for each in people)


def _files(folder: Path, bases_left: int) -> Mapping[str, Path]:
    """Return every file of the case by its name, those of its base included."""
    if not folder.is_dir():
        fix = "correct the path, here or under `tests:` of the policy; or write the folder"
        raise _unusable(folder, "no such folder", "a case folder", fix)
    own = {path.relative_to(folder).as_posix(): path for path in (*folder.iterdir(), *folder.glob(f"{EVIDENCE}/*"))}
    if "base" not in own:
        return own
    if not bases_left:
        found = "more bases above one another than a reader can follow"
        raise _unusable(folder, found, f"at most {MAX_BASES}", "name the first one")
    inherited = _files(folder / _lines(own["base"])[0], bases_left - 1)
    without = _lines(own["without"]) if "without" in own else ()
    if strangers := sorted(set(without) - set(inherited)):
        found = f"without {', '.join(strangers)}, which the base does not have"
        raise _unusable(own["without"], found, "names of files of the base", "correct the names")
    return {name: path for name, path in inherited.items() if name not in without} | own


def _needed(folder: Path, files: Mapping[str, Path], name: str) -> Path:
    if name not in files:
        fix = "write it, or name a base that has it (docs/policies.md)"
        raise _unusable(folder, f"no {name}", "request.yaml, environment.yaml, trust.yaml and now", fix)
    return files[name]


def _instant(path: Path) -> Instant:
    try:
        return Instant.parse(_lines(path)[0])
    except ValueError as error:
        fix = "write one line such as 2026-04-10T12:00:00Z"
        raise _unusable(path, str(error), "the time of the case, RFC 3339 in UTC", fix) from None


def _lines(path: Path) -> tuple[str, ...]:
    lines = tuple(read_file(path, MAX_SMALL_FILE).decode("utf-8", "replace").split("\n"))
    text = tuple(line for line in lines if line)
    if not text:
        raise _unusable(path, "an empty file", "one line", "write the line, or delete the file")
    return text


def _unusable(path: Path, found: str, wanted: str, fix: str) -> InputError:
    return InputError("POLICY-CASE", found=found, wanted=wanted, fix=fix, where=Location(file=str(path)))
