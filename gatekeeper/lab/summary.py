"""What the story came to, on one screen."""

from collections.abc import Iterator

from attestations.inert import visible
from gatekeeper.lab.deciding import Refusal
from gatekeeper.lab.printed import HaltDrill, RollbackDrill, read
from gatekeeper.lab.story import Told


def lines(told: Told) -> Iterator[str]:
    """Yield the three refusals, the approval, the figures of the drills, and where the evidence lies."""
    yield "3.0.0  REFUSED THREE TIMES, each time by one requirement alone"
    for number, refusal in enumerate(told.refusals, 1):
        yield from _refusal(number, refusal)
    yield ""
    yield f"3.0.1  APPROVED at all three points: {told.approval}, evidence/approval"
    yield ""
    yield "DRILLS  seconds after the fault was injected; after the decision to go back"
    for name, printed in told.halt_drills.items():
        yield f"  halt      {name}"
        yield from _halts(read(printed, HaltDrill))
    for name, printed in told.rollback_drills.items():
        yield f"  way back  {name}"
        yield from _ways(read(printed, RollbackDrill))


def _refusal(number: int, refusal: Refusal) -> Iterator[str]:
    met = len(refusal.decision.requirements) - len(refusal.refusing)
    yield f"  {number}  {refusal.point}: {met} requirements met, not met {_names(refusal)}; {refusal.folder}"
    for requirement in refusal.refusing:
        finding = next(one for one in requirement.findings if one.outcome != "met")
        yield f"     {finding.code:<17} {visible(finding.found)}"


def _names(refusal: Refusal) -> str:
    return ", ".join(one.id for one in refusal.refusing)


def _halts(drill: HaltDrill) -> Iterator[str]:
    for one in drill.faults:
        seconds = f"detected {_seconds(one.seconds_to_detection)}, halted {_seconds(one.seconds_to_halt)}"
        yield f"    {one.fault:<18}{one.verdict:<13}{seconds}"


def _ways(drill: RollbackDrill) -> Iterator[str]:
    for one in drill.ways:
        seen = one.resolver
        servfail = f"{seen.outage.servfail} of {seen.outage.asked}, then {seen.after.servfail}"
        answers = f"SERVFAIL {servfail}, {seen.after_flush.servfail} after a flush"
        yield f"    {one.way:<18}{one.verdict:<13}{_seconds(one.seconds_to_restore):<14}{answers}"


def _seconds(number: float | None) -> str:
    return "never" if number is None else f"after {number:.1f} s"
