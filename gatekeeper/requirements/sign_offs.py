"""People who neither asked for, made nor measured the change say yes to exactly this case.

Counted are people, never keys or accounts, placed by a proper matching so that one person never fills two places.
What they sign is the case digest they were shown: any change of the case voids every sign-off. A rejection stands
until there is a new request.

PASS: a release manager and a crypto officer, two people, signed the digest of this very case.
FAIL: one person in both roles; the requester; an author of the change; somebody who signed evidence; a sign-off
      over an earlier case; a rejection.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from attestations.predicates import sign_off
from attestations.predicates.sign_off import SignOff
from attestations.times import Duration
from gatekeeper.case import Case
from gatekeeper.finding import Finding, Outcome, inconclusive, met, note, unmet
from gatekeeper.people import behind, places_left
from gatekeeper.policy.document import People, Requirement
from gatekeeper.selection import Selection, Wanted
from gatekeeper.trust import Person
from gatekeeper.verification import Attestation

NEXT = "gatekeeper sign-off … --as PERSON --sign-with KEY --confirm DIGEST --out FILE"


class Options(Requirement, tag="sign-offs", frozen=True, kw_only=True):
    """How many people of which role, and who does not count."""

    need: People
    distinct_people: Literal[True] = True
    excluded: Annotated[tuple[Literal["requester", "author", "evidence-signer"], ...], Meta(min_length=1)] = (
        msgspec.field(name="not")
    )
    max_age: Duration | None = None
    waivable: Literal[False] = False


def wanted(_options: Options) -> Wanted:
    """Return what evidence this requirement asks for."""
    return Wanted(
        types=frozenset({sign_off.TYPE}),
        parties=None,
        max_age=None,  # a rejection does not grow old
        fresh=False,
        what="a sign-off",
        next=NEXT,
    )


def check(options: Options, case: Case, selection: Selection, case_digest: str) -> Iterator[Finding]:
    """Yield who counts, who does not and why, and which places are empty."""
    counted: dict[str, Person] = {}
    evidence: list[str] = []
    problems: list[Finding] = []
    for attestation in selection.attestations:
        problem = _problem(options, case, attestation, case_digest)
        if problem is not None:
            problems.append(problem)
            continue
        counted[attestation.people[0].record.name] = attestation.people[0]
        evidence.append(attestation.digest)
    roles = {name: frozenset(person.record.roles) for name, person in counted.items()}
    have = ", ".join(sorted(counted)) or "nobody"
    if left := places_left(options.need, roles):
        yield from problems
        places = ", ".join(f"{count} x {role}" for role, count in left.items())
        found = f"signed off by {have}; still empty: {places}"
        yield inconclusive("APPR-COUNT", found, _need(options), NEXT, tuple(evidence))
    else:
        yield from map(_beside_enough, problems)
        yield met("APPR-COUNT", f"signed off by {have}", tuple(evidence))


def _beside_enough(problem: Finding) -> Finding:
    """Where every place is filled, a sign-off that does not count is worth a note; a rejection still stands."""
    if problem.outcome is Outcome.UNMET:
        return problem
    return note(problem.code, problem.found, problem.evidence)


def _problem(options: Options, case: Case, attestation: Attestation, case_digest: str) -> Finding | None:
    """Return why this sign-off of this request does not count; a rejection stands, whoever else signed it."""
    said: SignOff = attestation.predicate
    names = [person.record.name for person in attestation.people]
    if said.verdict == "reject":
        found = f"{', '.join(names)} rejected: {said.reason or 'no reason given'}"
        return unmet("APPR-COUNT", found, "no rejection", "answer it with a new request", (attestation.digest,))
    if names != [said.person]:
        found = f"{attestation.name}: signed by {', '.join(names)}, says it is {said.person!a:.100}"
        return _not_counted("APPR-COUNT", found, "one person, under their own name", attestation)
    if options.max_age is not None and case.now - said.signed_on > options.max_age:
        found = f"{said.person} signed on {said.signed_on}"
        return _not_counted("EVID-STALE", found, f"at most {options.max_age} old", attestation)
    if said.case_digest != case_digest:
        found = f"{said.person} signed case {said.case_digest[:16]}…; the case has changed since"
        return _not_counted("APPR-REPLAY", found, f"case {case_digest[:16]}…", attestation)
    asked = case.request.record.spec
    if (said.stage, said.request_id) != (asked.stage, case.request.record.metadata.id):
        return _not_counted("APPR-REPLAY", f"{said.person}: stage {said.stage!a:.60}", asked.stage, attestation)
    if reason := _excluded(options, case, attestation.people[0]):
        return _not_counted(
            "APPR-COUNT", f"{said.person} {reason}", "somebody who stands apart from the change", attestation
        )
    return None


def _excluded(options: Options, case: Case, person: Person) -> str | None:
    metadata, name = case.request.record.metadata, person.record.name
    if "requester" in options.excluded and name in behind(case.trust, metadata.requester):
        return "asked for the change"
    if "author" in options.excluded:
        if not metadata.authors:
            return "cannot be told from the authors: the request names none"
        if any(name in behind(case.trust, author) for author in metadata.authors):
            return "is an author of the change"
    if "evidence-signer" in options.excluded and name in _evidence_signers(case):
        return "signed evidence of this case"
    return None


def _evidence_signers(case: Case) -> frozenset[str]:
    """The people behind every verified statement but the sign-offs: by their own key, or as holders of a party's."""
    others = [attestation for attestation in case.attestations if attestation.predicate_type != sign_off.TYPE]
    own = {person.record.name for attestation in others for person in attestation.people}
    held = {name for attestation in others for party in attestation.parties for name in party.record.people}
    return frozenset(own | held)


def _need(options: Options) -> str:
    return ", ".join(f"{count} x {role}" for role, count in sorted(options.need.items()))


def _not_counted(code: str, found: str, wanted_text: str, attestation: Attestation) -> Finding:
    return inconclusive(code, found, wanted_text, NEXT, (attestation.digest,))
