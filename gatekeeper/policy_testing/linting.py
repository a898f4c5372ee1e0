"""What a policy may not say, or should not, although it loads: each remark with its place in the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from attestations.errors import Location
from attestations.strict.document import Path
from attestations.times import Instant
from gatekeeper.policy.document import EvidenceRequirement
from gatekeeper.policy.expressions import compile_expression
from gatekeeper.requirements import (
    AnyRequirement,
    assertion,
    hsm_key_coverage,
    provenance,
    sign_offs,
    test_result,
    zone_validation,
)
from gatekeeper.rulebook import Policy
from gatekeeper.trust import TrustRoot

EXPIRY_NOTICE = timedelta(days=30)
OBSERVED = (hsm_key_coverage.Options, zone_validation.Options)
"""kinds whose evidence somebody other than the builder saw, and which the gate recomputes"""
CLAIMED = (provenance.Options, test_result.Options)
"""kinds whose evidence is what the maker of a release says of it"""


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One thing about a policy, where it stands, and what to do."""

    refused: bool
    """a policy with such a remark must not be used; any other remark is a warning"""
    found: str
    fix: str
    where: Location


@dataclass(frozen=True, kw_only=True)
class _Finding:
    found: str
    fix: str
    path: Path
    refused: bool = False


def lint(policy: Policy, now: Instant, trust: TrustRoot | None = None) -> tuple[Remark, ...]:
    """Return the remarks about a policy that loads, in the order of the file; with `trust`, whether the two fit."""
    findings = [
        *_tests(policy),
        *_expiry(policy, now),
        *_rests_on_claims(policy),
        *(finding for index, each in enumerate(_requirements(policy)) for finding in _about(each, _path(index))),
        *(_parties(policy, trust) if trust else ()),
    ]
    document = policy.source.document
    remarks = [
        Remark(refused=each.refused, found=each.found, fix=each.fix, where=document.where(each.path))
        for each in findings
    ]
    return tuple(sorted(remarks, key=lambda remark: (remark.where.line or 0, remark.found)))


def _requirements(policy: Policy) -> tuple[AnyRequirement, ...]:
    return policy.record.spec.requirements


def _path(index: int) -> Path:
    return ("spec", "requirements", index)


def _tests(policy: Policy) -> Iterator[_Finding]:
    if not policy.record.tests:
        found, fix = "a policy without tests", "write cases beside it and name them in `tests` (docs/policies.md)"
        yield _Finding(found=found, fix=fix, path=(), refused=True)
    known = {requirement.id for requirement in _requirements(policy)}
    for index, test in enumerate(policy.record.tests):
        if strangers := sorted(set(test.expect.by) - known):
            found = f"a test that expects {', '.join(strangers)}, which no requirement is called"
            yield _Finding(found=found, fix="name ids of requirements", path=("tests", index, "expect"), refused=True)


def _expiry(policy: Policy, now: Instant) -> Iterator[_Finding]:
    expires, path = policy.record.metadata.expires, ("metadata", "expires")
    fix = "have its owners review and sign the next version"
    if expires <= now:
        yield _Finding(found=f"a policy that expired on {expires}", fix=fix, path=path, refused=True)
    elif expires - now < EXPIRY_NOTICE:
        days = (expires - now).days
        yield _Finding(found=f"a policy that expires in {days} days, on {expires}", fix=fix, path=path)


def _rests_on_claims(policy: Policy) -> Iterator[_Finding]:
    """On 5 May 2026 what the maker of the signer said of it was all true, and none of it was the fault (P17)."""
    if "signer-release" not in policy.record.spec.applies_to.changes:
        return
    makers = _named_by(_requirements(policy), CLAIMED)
    seen_by = _named_by(_requirements(policy), OBSERVED)
    if not seen_by - makers:
        found = "rests on claims only: nothing in it was observed by anybody but the makers of the release"
        fix = "require hsm-key-coverage or zone-validation from parties that neither build nor test the release"
        yield _Finding(found=found, fix=fix, path=("spec", "requirements"))


def _named_by(requirements: Iterable[AnyRequirement], kinds: tuple[type, ...]) -> frozenset[str]:
    named = (each.parties for each in requirements if isinstance(each, kinds) and isinstance(each, EvidenceRequirement))
    return frozenset(party for parties in named for party in parties)


def _about(requirement: AnyRequirement, path: Path) -> Iterator[_Finding]:
    if isinstance(requirement, OBSERVED) and requirement.waivable:
        found = f"{requirement.id} can be waived: it is one of the two that would have seen 5 May 2026"
        yield _Finding(found=found, fix="write  waivable: false", path=path)
    if isinstance(requirement, sign_offs.Options) and requirement.max_age is None:
        found = f"{requirement.id} has no max_age: a yes would count for as long as the case stays as it is"
        yield _Finding(found=found, fix="write  max_age: 72h  or what suits you", path=path)
    if isinstance(requirement, assertion.Options):
        yield from _expressions(requirement, path)


def _expressions(requirement: assertion.Options, path: Path) -> Iterator[_Finding]:
    for index, entry in enumerate(requirement.assertions):
        for warning in compile_expression(entry.expr, None).warnings:
            text, _, fix = warning.partition(": ")
            yield _Finding(found=text, fix=fix, path=(*path, "assert", index, "expr"))


def _parties(policy: Policy, trust: TrustRoot) -> Iterator[_Finding]:
    """Parties that do not exist, and validators that cannot reach their quorum under this trust root."""
    known = {party.record.name: party.record for party in trust.parties}
    for index, requirement in enumerate(_requirements(policy)):
        if not isinstance(requirement, EvidenceRequirement):
            continue
        path = (*_path(index), "from")
        if unknown := [name for name in requirement.parties if name not in known]:
            found = f"party {', '.join(unknown)}, which the trust root does not know"
            yield _Finding(found=found, fix="name parties that exist", path=path, refused=True)
        elif isinstance(requirement, zone_validation.Options):
            bases = {known[name].code_base for name in requirement.parties} - {None}
            if len(bases) < requirement.quorum.at_least:
                found = f"{len(bases)} code bases among its parties, and a quorum of {requirement.quorum.at_least}"
                fix = "name validators of more code bases, each with its code_base in the trust root"
                yield _Finding(found=found, fix=fix, path=path, refused=True)
