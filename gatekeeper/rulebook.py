"""A policy made ready to judge: read, cross-checked, its expressions compiled. Its faults are wrong usage."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from attestations.errors import InputError
from attestations.provenance.references import is_version
from attestations.strict.document import Path
from attestations.times import Duration, Instant
from gatekeeper.documents import Loaded, Source, load
from gatekeeper.policy.document import EvidenceRequirement, Parameter
from gatekeeper.policy.expressions import compile_expression
from gatekeeper.policy.references import resolve_parameters, unknown_fields
from gatekeeper.request import Request
from gatekeeper.requirements import KINDS, AnyPolicy, AnyRequirement, assertion, provenance, sign_offs, source_review
from gatekeeper.trust import TrustRoot

Policy = Loaded[AnyPolicy]


def load_policy(source: Source) -> Policy:
    """Return the policy in `source`.

    Raises InputError: SCHEMA, POL-REF (a reference that leads nowhere, an id used twice), POL-EXPR (an expression).
    """
    resolved = replace(source, document=resolve_parameters(source.document))
    policy = replace(load(resolved, AnyPolicy, "Policy"), source=source)
    requirements = policy.record.spec.requirements
    ids = [requirement.id for requirement in requirements]
    for index, requirement in enumerate(requirements):
        path: Path = ("spec", "requirements", index)
        if requirement.id in ids[:index]:
            raise _reference(policy, (*path, "id"), f"id {requirement.id} a second time", "each id once")
        _check_references(policy, requirement, path)
    _check_sign_offs(policy)
    return policy


def check_policy_fits(policy: Policy, request: Request, trust: TrustRoot, now: Instant) -> None:
    """Raise InputError (POL-SCOPE, POL-TRUST) where this policy may not judge this request under this trust root."""
    asked, record = request.record.spec, policy.record
    scope = record.spec.applies_to
    if asked.change not in scope.changes or asked.stage not in scope.stages:
        found = f"a {asked.change} to stage {asked.stage}"
        wanted = f"{', '.join(scope.changes)} to {', '.join(scope.stages)}"
        raise _misfit(
            "POL-SCOPE", policy, ("spec", "applies_to"), found, wanted, "use the policy for this kind of change"
        )
    for what, expires, where in (
        ("policy", record.metadata.expires, policy.source),
        ("trust root", trust.metadata.expires, trust.loaded.source),
    ):
        if now >= expires:
            raise InputError(
                "POL-TRUST",
                found=f"a {what} that expired on {expires}",
                wanted=f"a {what} in force",
                fix="have its owners review and sign the next version",
                where=where.document.where(("metadata", "expires")),
            )
    known = {party.record.name for party in trust.parties}
    for index, requirement in enumerate(record.spec.requirements):
        named = requirement.parties if isinstance(requirement, EvidenceRequirement) else ()
        if unknown := [name for name in named if name not in known]:
            found = f"party {', '.join(unknown)}, which the trust root does not know"
            path: Path = ("spec", "requirements", index, "from")
            raise _misfit("POL-TRUST", policy, path, found, "parties of the trust root", "name parties that exist")


def parameters_of(policy: Policy) -> dict[str, Any]:
    """Return the policy's parameters by name, as expressions see them: durations in seconds, since CEL has no days."""
    return {name: _bound(parameter) for name, parameter in policy.record.spec.parameters.items()}


def _bound(parameter: Parameter) -> bool | int | str:
    if parameter.type != "duration":
        return parameter.default
    return f"{int(Duration.parse(parameter.default).total_seconds())}s"


def requirement_by_id(policy: Policy, wanted_id: str) -> AnyRequirement:
    """Return the requirement with this id, which the loader has checked to exist."""
    return next(r for r in policy.record.spec.requirements if r.id == wanted_id)


def _check_references(policy: Policy, requirement: AnyRequirement, path: Path) -> None:
    for template in _templates(requirement):
        if unknown := unknown_fields(template):
            found = f"the reference {{{unknown[0]}}} in {template!a:.120}"
            raise _reference(
                policy, (*path, "expect"), found, "{release.name}, {release.version}, {environment}, {stage}"
            )
    _check_expected_build(policy, requirement, path)
    if not isinstance(requirement, assertion.Options):
        return
    over = next((r for r in policy.record.spec.requirements if r.id == requirement.over), None)
    if over is None or type(over) not in KINDS:
        found = f"over: {requirement.over}"
        raise _reference(policy, (*path, "over"), found, "the id of a requirement that rests on attestations")
    for index, entry in enumerate(requirement.assertions):
        compile_expression(entry.expr, policy.source.document.where((*path, "assert", index, "expr")))


def _check_sign_offs(policy: Policy) -> None:
    """Places of two requirements are filled apart from each other, one person could fill one in each (threat D7)."""
    kinds = [isinstance(requirement, sign_offs.Options) for requirement in policy.record.spec.requirements]
    if sum(kinds) > 1:
        path: Path = ("spec", "requirements", len(kinds) - 1 - kinds[::-1].index(True))
        wanted = "one that names every place:  need: {ROLE: NUMBER, ...}"
        raise _reference(policy, path, "a second requirement of kind sign-offs", wanted)


def _check_expected_build(policy: Policy, requirement: AnyRequirement, path: Path) -> None:
    """Two ways to say which reference is meant could contradict each other; a layout may have any step, or one."""
    if not isinstance(requirement, provenance.Options):
        return
    expect = requirement.expect
    named = [name for name in ("ref", "tag", "versioned_tag", "branch") if getattr(expect, name) is not None]
    if "layout" in requirement.formats and not expect.steps:
        raise _reference(policy, (*path, "formats"), "the format layout without expect.steps", "the steps it must have")
    if len(named) > 1:
        raise _reference(policy, (*path, "expect", named[1]), f"{' and '.join(named)}", "one of them")
    if expect.versioned_tag is not None and "{" not in expect.versioned_tag and not is_version(expect.versioned_tag):
        found = f"versioned_tag: {expect.versioned_tag!a:.80}"
        raise _reference(
            policy, (*path, "expect", "versioned_tag"), found, "a version as tags have it: v1, v1.2, v1.2.3"
        )


def _templates(requirement: AnyRequirement) -> Iterator[str]:
    if isinstance(requirement, provenance.Options):
        yield from requirement.expect.templates
    if isinstance(requirement, source_review.Options):
        yield requirement.expect.source


def _reference(policy: Policy, path: Path, found: str, wanted: str) -> InputError:
    return _misfit("POL-REF", policy, path, found, wanted, "correct the reference, then:  gatekeeper policy lint")


def _misfit(code: str, policy: Policy, path: Path, found: str, wanted: str, fix: str) -> InputError:
    return InputError(code, found=found, wanted=wanted, fix=fix, where=policy.source.document.where(path))
