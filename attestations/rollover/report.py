"""The result of `attest rollover` as one JSON document: what each HSM showed after each step."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, get_args

from attestations.hsm.verdict import Answer
from attestations.predicates.hsm_key_coverage import Action
from attestations.predicates.zone_validation import Verdict
from attestations.printed import schema_uri
from attestations.records import Count, JsonRecord, Name, Sha256, ZoneName
from attestations.rollover.course import Step
from attestations.rollover.observation import Sight
from attestations.rollover.scenarios import Run, Scenario

VerdictWord = Literal["valid", "invalid", "inconclusive"]
State = Literal["completed", "not completed", "not run"]


class SeenHsm(JsonRecord, frozen=True, kw_only=True):
    """What one HSM showed after one step."""

    serial: Name
    answer: Answer
    """for the key that the step was about"""
    private_keys: Count
    public_keys: Count
    fingerprint: Sha256 | None
    """of the public key that it shows, as a DNSKEY record; null where it shows none"""
    signatures: Count
    """in the zone that it signed; 0 where it signed none"""
    verified: Count
    zone: Verdict | None
    """what the validator says of that zone; null where there is none"""
    as_wanted: bool


class SeenStep(JsonRecord, frozen=True, kw_only=True):
    """One step, and what was seen after it."""

    step: str
    action: Action | None
    key_id: str | None
    """the CKA_ID of the key that the HSMs were asked for"""
    claimed: bool | None
    """whether the agent said that it was done; null where it was not asked"""
    published: Count
    """DNSKEY records"""
    hsms: tuple[SeenHsm, ...]
    faults: tuple[str, ...]


class SeenScenario(JsonRecord, frozen=True, kw_only=True):
    """One scenario."""

    scenario: Scenario
    state: State
    steps: tuple[SeenStep, ...]


class RolloverReport(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("rollover-report")):
    """What `attest rollover --output json` prints."""

    verdict: VerdictWord
    zone: ZoneName
    agent: str
    serials: tuple[Name, ...]
    """the HSMs of the environment"""
    scenarios: tuple[SeenScenario, ...]


EXIT_CODES: Mapping[VerdictWord, int] = MappingProxyType({"valid": 0, "invalid": 10, "inconclusive": 11})


def report(zone: ZoneName, agent: str, serials: Sequence[str], runs: Sequence[Run]) -> RolloverReport:
    """Return what `attest rollover --output json` prints; a scenario that was not run is named, too."""
    ran = {run.scenario: run for run in runs}
    return RolloverReport(
        verdict=_verdict(runs),
        zone=zone,
        agent=agent,
        serials=tuple(serials),
        scenarios=tuple(_scenario(name, ran.get(name)) for name in get_args(Scenario)),
    )


def _verdict(runs: Sequence[Run]) -> VerdictWord:
    faults = [fault for run in runs for fault in run.faults]
    if any(not fault.unasked for fault in faults):
        return "invalid"
    return "valid" if runs and not faults else "inconclusive"


def _scenario(name: Scenario, run: Run | None) -> SeenScenario:
    if run is None:
        return SeenScenario(scenario=name, state="not run", steps=())
    state: State = "not completed" if run.faults else "completed"
    return SeenScenario(scenario=name, state=state, steps=tuple(map(_step, run.steps)))


def _step(step: Step) -> SeenStep:
    faulty = {fault.serial for fault in step.faults}
    return SeenStep(
        step=step.what,
        action=step.action,
        key_id=step.key.name.key_id if step.key else None,
        claimed=step.claim.done if step.claim else None,
        published=len(step.published),
        hsms=tuple(_hsm(sight, as_wanted=sight.unit.serial not in faulty) for sight in step.sights),
        faults=tuple(str(fault) for fault in step.faults),
    )


def _hsm(sight: Sight, *, as_wanted: bool) -> SeenHsm:
    row, run = sight.row, sight.signing
    return SeenHsm(
        serial=sight.unit.serial,
        answer=row.answer if row else Answer.NOT_ASKED,
        private_keys=row.private_keys if row else 0,
        public_keys=sight.public_keys,
        fingerprint=row.fingerprint if row else None,
        signatures=run.signatures if run else 0,
        verified=run.verified if run else 0,
        zone=run.zone if run else None,
        as_wanted=as_wanted,
    )
