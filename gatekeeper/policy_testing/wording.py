"""A policy in plain words, for those who answer for a release and do not read YAML."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from attestations.records import JsonRecord
from attestations.times import Duration
from gatekeeper.policy.document import EvidenceRequirement
from gatekeeper.requirements import (
    AnyRequirement,
    approved_before,
    assertion,
    halt_drill,
    hsm_key_coverage,
    kind_name,
    provenance,
    rollback_drill,
    sign_offs,
    source_review,
    test_result,
    zone_validation,
)
from gatekeeper.rulebook import Policy

APART = {
    "requester": "asked for the change",
    "author": "made it",
    "evidence-signer": "signed evidence of it",
}


class Clause(JsonRecord, frozen=True, kw_only=True):
    """One requirement in words."""

    id: str
    kind: str
    title: str
    asks: tuple[str, ...]
    """what must be shown, a sentence each"""
    of: str
    """who must show it"""
    age: str
    waivable: bool


def clauses_of(policy: Policy) -> tuple[Clause, ...]:
    """Return every requirement of the policy in words, in its order."""
    may_waive = policy.record.spec.waivers is not None
    return tuple(_clause(requirement, may_waive=may_waive) for requirement in policy.record.spec.requirements)


def waiver_rules(policy: Policy) -> str:
    """Return who may waive and for how long, in words."""
    rules = policy.record.spec.waivers
    if rules is None:
        return "nothing can be waived"
    return f"a waiver takes {_people(rules.approvers)} and ends after {rules.max_life}"


def _clause(requirement: AnyRequirement, *, may_waive: bool) -> Clause:
    max_age: Duration | None = getattr(requirement, "max_age", None)
    return Clause(
        id=requirement.id,
        kind=kind_name(requirement),
        title=requirement.title,
        asks=tuple(ASKS[type(requirement)](requirement)),
        of=_of(requirement),
        age=f"at most {max_age} old" if max_age is not None else "of any age",
        waivable=may_waive and requirement.waivable,
    )


def _of(requirement: AnyRequirement) -> str:
    match requirement:
        case EvidenceRequirement(parties=parties):
            return " or ".join(parties)
        case approved_before.Options():
            return "the gate"
        case assertion.Options(over=over):
            return f"the evidence of {over}"
    return "people of the trust root"


def _provenance(options: provenance.Options) -> Iterator[str]:
    expect = options.expect
    yield f"every component was built from {expect.source} by a builder that is granted level {expect.level}"
    if expect.ref is not None:
        yield f"at {expect.ref}"
    yield from _listed("in a build of type", expect.build_types)
    yield f"with no parameters but {', '.join(expect.parameters.allow_only) or 'none'}"


def _review(options: source_review.Options) -> Iterator[str]:
    expect = options.expect
    yield f"the commit that was built was reviewed, at SLSA source level {expect.level}, in {expect.source}"


def _tests(options: test_result.Options) -> Iterator[str]:
    yield f"at least {options.expect.at_least} tests passed, none failed or warned"
    yield from _listed("among them", options.expect.tests)


def _coverage(options: hsm_key_coverage.Options) -> Iterator[str]:
    yield "every HSM of the environment signed a challenge with the key that will be published"
    yield from _listed("for keys in the role of", options.roles)
    yield from _listed("exercised on all of them at once:", options.scenarios)


def _validation(options: zone_validation.Options) -> Iterator[str]:
    yield f"{options.quorum.at_least} code bases, none of them the signer's, find the same version of the zone valid"
    yield "every RRset was checked" if options.coverage == "full" else f"a sample is enough: {options.coverage}"
    if options.min_remaining is not None:
        yield f"every signature stays valid for at least {options.min_remaining}"
    yield from _listed("code that it may share with the signer:", options.may_share)
    yield from _listed("refused although legal:", options.refuse_warnings)


def _halt(options: halt_drill.Options) -> Iterator[str]:
    helped = "without a human" if options.expect.unattended else "by hand if need be"
    yield f"publication stopped within {options.expect.halted_within}, {helped}, as seen from outside"
    yield from _listed("after each of these faults:", options.expect.faults)


def _rollback(options: rollback_drill.Options) -> Iterator[str]:
    yield f"the way back was walked within {options.expect.restored_within} and the zone validated afterwards"
    if options.expect.backup_valid_for is not None:
        yield f"the backup's signatures stay valid for at least {options.expect.backup_valid_for}"


def _approved(_: approved_before.Options) -> Iterator[str]:
    yield "the gate approved exactly these components before, for this environment and stage"


def _assertions(options: assertion.Options) -> Iterator[str]:
    yield from (f"{entry.expr}  ({entry.why})" for entry in options.assertions)


def _people_agree(options: sign_offs.Options) -> Iterator[str]:
    yield f"{_people(options.need)} sign off exactly this case"
    yield "nobody counts who " + " or ".join(APART[name] for name in options.excluded)


ASKS: Mapping[type, Callable[[Any], Iterator[str]]] = MappingProxyType(
    {
        provenance.Options: _provenance,
        source_review.Options: _review,
        test_result.Options: _tests,
        hsm_key_coverage.Options: _coverage,
        zone_validation.Options: _validation,
        halt_drill.Options: _halt,
        rollback_drill.Options: _rollback,
        approved_before.Options: _approved,
        assertion.Options: _assertions,
        sign_offs.Options: _people_agree,
    }
)
"""What each kind of requirement asks, in sentences."""


def _listed(lead: str, names: Iterable[str]) -> Iterator[str]:
    if text := ", ".join(names):
        yield f"{lead} {text}"


def _people(need: Mapping[str, int]) -> str:
    return " and ".join(f"{count} {role}" for role, count in need.items())
