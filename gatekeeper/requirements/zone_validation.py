"""External validators confirm that every published signature verifies against a published key.

Counted are code bases, not signatures and not tools: a validator that shares code with the signer repeats the
signer's error and calls it green (B9, R19). Figures are compared with each other, never a field called `verdict`
alone: nothing checked is nothing shown.

PASS: bind and dnspython+openssl, both calibrated in the same run, each checked all 3,311 RRsets of serial
      2026050501 from the parent's DS on, and found no fault.
FAIL: two runs of one code base; a validator built on the signer's library; one finds what the other does not;
      0 RRsets checked; only the apex; a bad signature beside a good one that no declared rollover explains.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta

from attestations.predicates import zone_validation
from attestations.predicates.zone_validation import Coverage, ZoneFinding, ZoneValidation
from attestations.records import Name, Record
from attestations.times import Duration, Instant
from gatekeeper.case import Case
from gatekeeper.environment import Zone
from gatekeeper.finding import Finding, inconclusive, met, note, unmet
from gatekeeper.independence import shared_with_signer
from gatekeeper.policy.document import EvidenceRequirement
from gatekeeper.selection import Selection, Wanted
from gatekeeper.verification import CLOCK_SKEW, Attestation

NEXT = "attest zone --zone ZONE --axfr HOST --ds DS --engine ENGINE --request REQUEST --sign-with KEY --out FILE"
REPAIR = "do not publish this zone; find the key that signed, sign again with the published key, validate again"


class Quorum(Record, frozen=True, kw_only=True):
    """How many independent validators must agree. Disagreement always denies: never a majority vote (INC-23)."""

    at_least: Annotated[int, Meta(ge=1, le=8)]
    distinct_by: Literal["code_base"]
    disagreement: Literal["deny"]


class Sample(Record, frozen=True, kw_only=True):
    """The weakest sample that is accepted instead of a full pass."""

    detectable_fraction: Annotated[float, Meta(gt=0, le=1)]
    confidence: Annotated[float, Meta(gt=0, lt=1)]


class Options(EvidenceRequirement, tag="zone-validation", frozen=True, kw_only=True):
    """Validation from outside: how many code bases, how much of the zone, which warnings are refused."""

    quorum: Quorum
    shares_no_code_with: Literal["environment.signer"]
    coverage: Literal["full"] | Sample
    max_age: Duration
    min_remaining: Duration | None = None
    """shortest remaining life of any signature at the time of the decision"""
    refuse_warnings: tuple[str, ...] = ()
    """codes of warnings that deny; a rollover declared in the request explains signatures by its own keys only"""
    may_share: tuple[Name, ...] = ()
    """what validator and signer may both contain where bills of materials are given, as `pkg:deb/debian/libc6`"""


def wanted(options: Options) -> Wanted:
    """Return what evidence this requirement asks for."""
    return Wanted(
        types=frozenset({zone_validation.TYPE}),
        parties=frozenset(options.parties),
        max_age=options.max_age,
        fresh=True,
        what="a zone-validation statement",
        next=NEXT,
    )


def check(options: Options, case: Case, selection: Selection) -> Iterator[Finding]:
    """Yield what the validators saw in each zone of the environment."""
    for zone in case.environment.record.spec.zones:
        about = [a for a in selection.attestations if a.predicate.zone.name == zone.name]
        yield from _check_zone(options, case, zone, about)


def _check_zone(options: Options, case: Case, zone: Zone, about: Sequence[Attestation]) -> Iterator[Finding]:
    version = max((a.predicate for a in about), key=_newness).zone if about else None
    votes: dict[str, Attestation] = {}
    for attestation in about:
        if attestation.predicate.zone != version:
            yield _other_version(attestation)
            continue
        faults = [*_dependent(options, case, attestation), *_faults(options, case, zone, attestation)]
        yield from faults
        if not faults and _abstains(attestation.predicate):
            found = f"{attestation.name} has no vote: not every signature was judged"
            yield note("EXT-VALID", found, (attestation.digest,))
        elif not faults:
            votes[attestation.predicate.validator.code_base] = attestation
    yield from _disagreement(zone, votes)
    yield _quorum(options, zone, votes)


def _newness(predicate: ZoneValidation) -> tuple[Instant, int, str]:
    """Which version of the zone is looked at never depends on how files are called (S08)."""
    return predicate.validation_time, predicate.zone.serial, predicate.zone.sha256


def _disagreement(zone: Zone, votes: Mapping[str, Attestation]) -> Iterator[Finding]:
    """The same bytes hold the same number of RRsets: a validator that counts fewer has not looked at all of them."""
    sizes = {base: attestation.predicate.coverage.population for base, attestation in sorted(votes.items())}
    if len(set(sizes.values())) > 1:
        found = f"{zone.name} has " + ", ".join(f"{size} RRsets to {base}" for base, size in sizes.items())
        evidence = tuple(attestation.digest for attestation in votes.values())
        yield unmet("EXT-VALID", found, "validators that agree on what there is to check", NEXT, evidence)


def _quorum(options: Options, zone: Zone, votes: dict[str, Attestation]) -> Finding:
    evidence = tuple(attestation.digest for attestation in votes.values())
    names = ", ".join(sorted(votes)) or "none"
    if len(votes) < options.quorum.at_least:
        found = f"{zone.name} confirmed by {len(votes)} code bases ({names})"
        wanted_text = f"{options.quorum.at_least} code bases, none of them the signer's, on one version of the zone"
        return inconclusive("EXT-VALID", found, wanted_text, NEXT, evidence)
    some: ZoneValidation = next(iter(votes.values())).predicate
    found = f"{zone.name} serial {some.zone.serial}: {some.counts.rrsigs} signatures, all good, by {names}"
    return met("EXT-VALID", found, evidence)


def _dependent(options: Options, case: Case, attestation: Attestation) -> Iterator[Finding]:
    """The validator must be foreign to the signer, and its party must be known for its very code base."""
    validator = attestation.predicate.validator
    if shared := shared_with_signer(case, attestation, frozenset(options.may_share)):
        found = f"{attestation.name}: the validator shares {', '.join(shared)} with the signer"
        yield _deny(attestation, found, "a validator that shares no code with the signer", NEXT)
    known = {party.record.code_base for party in attestation.parties if party.record.name in options.parties}
    if validator.code_base not in known:
        granted = ", ".join(sorted(filter(None, known))) or "none"
        found = f"{attestation.name}: code base {validator.code_base} from a party trusted for {granted}"
        yield _deny(attestation, found, "each validator under the code base it is trusted for", NEXT)


def _faults(options: Options, case: Case, zone: Zone, attestation: Attestation) -> tuple[Finding, ...]:
    faults = (
        *_uncalibrated(attestation),
        *_unanchored(zone, attestation),
        *_coverage(options.coverage, attestation),
        *_counts(attestation),
        *_reported(options, case, attestation),
        *_remaining(options, case, attestation),
    )
    if not faults and attestation.predicate.validator.verdict == "invalid":
        found = f"{attestation.name}: verdict invalid, for no reason that it names"
        return (_deny(attestation, found, "valid", REPAIR),)
    return faults


def _uncalibrated(attestation: Attestation) -> Iterator[Finding]:
    run = attestation.predicate.validator.calibration
    sound = run.good > 0 and run.bad > 0 and run.good_passed == run.good and run.bad_refused == run.bad
    if not sound:
        judged = f"{run.good_passed} of {run.good} good and {run.bad_refused} of {run.bad} bad zones"
        found = f"{attestation.name}: judged {judged} rightly"
        yield _deny(attestation, found, "known-good zones passed and known-bad refused, in the same run", NEXT)


def _unanchored(zone: Zone, attestation: Attestation) -> Iterator[Finding]:
    """Without the parent's DS nothing ties the keys to the zone: every static tool passes."""
    used, parent = set(map(_normal, attestation.predicate.trust_anchors)), set(map(_normal, zone.parent_ds))
    if not used or not used <= parent:
        found = f"{attestation.name}: validated from {len(used)} trust anchors, {len(used - parent)} not the parent's"
        step = "give the parent's DS:  attest zone --ds FILE"
        yield _deny(attestation, found, "the DS records of the environment", step)


def _coverage(wanted_coverage: str | Sample, attestation: Attestation) -> Iterator[Finding]:
    coverage: Coverage = attestation.predicate.coverage
    if coverage.checked == 0:
        yield _deny(attestation, f"{attestation.name}: 0 RRsets checked", "every RRset of the zone", NEXT)
    elif coverage.mode == "full":
        if coverage.checked != coverage.population or attestation.predicate.counts.rrsets < coverage.population:
            found = f"{attestation.name}: {coverage.checked} of {coverage.population} RRsets checked"
            yield _deny(attestation, found, "all of them", NEXT)
    elif not _sampled_enough(wanted_coverage, coverage):
        found = f"{attestation.name}: coverage {coverage.mode}, {coverage.checked} of {coverage.population} RRsets"
        wanted_text = "a full pass" if wanted_coverage == "full" else "a sample within the bound"
        yield _deny(attestation, found, wanted_text, NEXT)


def _sampled_enough(wanted_coverage: str | Sample, coverage: Coverage) -> bool:
    """The bound is recomputed : 1 - (1 - f)^n, from the number of RRsets really checked."""
    if not isinstance(wanted_coverage, Sample) or coverage.mode != "sample":
        return False
    reached: float = 1 - (1 - wanted_coverage.detectable_fraction) ** coverage.checked
    return coverage.checked <= coverage.population and reached >= wanted_coverage.confidence


def _counts(attestation: Attestation) -> Iterator[Finding]:
    predicate: ZoneValidation = attestation.predicate
    counts, tolerated = predicate.counts, _tolerates_extra(predicate)
    shown = (
        (0 if tolerated else counts.bogus, "signatures that a published key should verify and does not"),
        (0 if tolerated else counts.no_key, "signatures by a key that is not published"),
        (counts.expired, "signatures that have expired"),
        (counts.not_yet, "signatures that are not yet valid"),
        (counts.missing, "RRsets without a signature"),
    )
    for count, what in shown:
        if count:
            found = f"{attestation.name}: {count} {what}, of {counts.rrsigs} signatures"
            yield _deny(attestation, found, "none", REPAIR)
    if counts.ok < predicate.coverage.checked:
        found = f"{attestation.name}: {counts.ok} good signatures for {predicate.coverage.checked} RRsets"
        yield _deny(attestation, found, "a good signature for every RRset", REPAIR)
    if _judged(predicate) > counts.rrsigs:
        yield _deny(attestation, f"{attestation.name}: counts that do not add up", "each signature counted once", NEXT)
    if not predicate.denial.chain_ok:
        yield _deny(attestation, f"{attestation.name}: a broken denial chain", "a complete and closed chain", REPAIR)


def _tolerates_extra(predicate: ZoneValidation) -> bool:
    """A bad signature beside a good one is legal (RFC 6840, 5.4): then it is a warning, refused by code if at all."""
    return predicate.validator.verdict == "valid" and all(found.severity != "error" for found in predicate.findings)


def _judged(predicate: ZoneValidation) -> int:
    counts = predicate.counts
    return counts.ok + counts.bogus + counts.no_key + counts.expired + counts.not_yet


def _abstains(predicate: ZoneValidation) -> bool:
    """A validator that could not judge, or not every signature, has no vote: neither for the zone nor against it."""
    return predicate.validator.verdict == "inconclusive" or _judged(predicate) < predicate.counts.rrsigs


def _reported(options: Options, case: Case, attestation: Attestation) -> Iterator[Finding]:
    refused: dict[str, list[ZoneFinding]] = {}
    for finding in attestation.predicate.findings:
        if _refuses(options, case, attestation, finding):
            refused.setdefault(finding.code, []).append(finding)
    for code, found in refused.items():
        first = found[0]
        text = f"{len(found)} x {code}, the first at {first.owner} {first.rtype}: {first.message}"
        yield _deny(attestation, f"{attestation.name}: {text}", "none, or a declared rollover that explains it", REPAIR)
    if options.refuse_warnings:
        yield from _unlisted(attestation)


def _unlisted(attestation: Attestation) -> Iterator[Finding]:
    predicate: ZoneValidation = attestation.predicate
    extra = predicate.counts.bogus + predicate.counts.no_key
    listed = sum(finding.code.startswith("SIG_EXTRA_") for finding in predicate.findings)
    if _tolerates_extra(predicate) and (predicate.findings_omitted or extra > listed):
        text = f"{attestation.name}: {extra} unverifiable signatures, {listed} of them listed"
        yield _deny(attestation, text, "every finding listed, where warnings are refused", NEXT)


def _refuses(options: Options, case: Case, attestation: Attestation, finding: ZoneFinding) -> bool:
    """A code that the policy names is refused however mildly a validator puts it."""
    if finding.severity == "error":
        return True
    return finding.code in options.refuse_warnings and not _explained(case, attestation, finding)


def _explained(case: Case, attestation: Attestation, finding: ZoneFinding) -> bool:
    """Signatures may precede their key in a conservative algorithm roll (RFC 6781, 4.1.4): the declared keys'."""
    rollover = case.request.record.spec.rollover
    return (
        rollover is not None
        and rollover.zone == attestation.predicate.zone.name
        and finding.code == "SIG_EXTRA_NO_KEY"
        and finding.algorithm == rollover.algorithm
        and finding.key_tag in rollover.key_tags
    )


def _remaining(options: Options, case: Case, attestation: Attestation) -> Iterator[Finding]:
    predicate: ZoneValidation = attestation.predicate
    if abs(predicate.validation_time - predicate.finished_on) > CLOCK_SKEW + (
        predicate.finished_on - predicate.started_on
    ):
        found = f"{attestation.name}: validated as of {predicate.validation_time}, made on {predicate.finished_on}"
        yield _deny(attestation, found, "validation as of the time it was done", NEXT)
    if options.min_remaining is None:
        return
    left = predicate.min_remaining_seconds - (case.now - predicate.validation_time).total_seconds()
    if left < options.min_remaining.total_seconds():
        found = f"{attestation.name}: the first signature expires in {max(0, int(left))} s"
        yield _deny(attestation, found, f"at least {options.min_remaining} left", "sign the zone again")


def _other_version(attestation: Attestation) -> Finding:
    zone = attestation.predicate.zone
    found = f"{attestation.name} is about serial {zone.serial} ({zone.sha256[:16]}…), another version than the newest"
    return note("EXT-VALID", found, (attestation.digest,))


def _deny(attestation: Attestation, found: str, wanted_text: str, step: str) -> Finding:
    return unmet("EXT-VALID", found, wanted_text, step, (attestation.digest,))


def _normal(anchor: str) -> str:
    return " ".join(anchor.upper().split())
