"""The result of `attest rollover` for people: a table of steps by HSMs for each scenario."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from types import MappingProxyType

from attestations.rollover.report import RolloverReport, SeenHsm, SeenScenario, SeenStep, VerdictWord
from attestations.rollover.scenarios import LOSS

_WORDS: Mapping[VerdictWord, str] = MappingProxyType(
    {"valid": "COMPLETED", "invalid": "NOT COMPLETED", "inconclusive": "INCONCLUSIVE"}
)
_NEEDS = "needs --hsm-away, --hsm-back and two HSMs"
_GAP = "  "


def text_of(document: RolloverReport) -> str:
    """Return the result for people: what each HSM showed after each step."""
    return "\n".join(_lines(document))


def _lines(document: RolloverReport) -> Iterator[str]:
    yield f"{_WORDS[document.verdict]}   {document.zone}  {len(document.serials)} HSMs, agent: {document.agent}"
    for scenario in document.scenarios:
        yield ""
        yield f"  {scenario.scenario}: {scenario.state.upper()}"
        if scenario.steps:
            yield from _table(document.serials, scenario)
        elif scenario.scenario == LOSS:
            yield f"    {_NEEDS}"


def _table(serials: tuple[str, ...], scenario: SeenScenario) -> Iterator[str]:
    rows = [("", "agent", "DNSKEYs", *serials), *map(_row, scenario.steps)]
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    lines = (_GAP.join(map(str.ljust, row, widths)).rstrip() for row in rows)
    yield f"    {next(lines)}"
    told: set[str] = set()
    for line, step in zip(lines, scenario.steps, strict=True):
        yield f"    {line}"
        news = [fault for fault in step.faults if fault not in told | _in_cells(step)]
        yield from (f"      ✗ {fault}" for fault in news)
        told |= set(news)


def _row(step: SeenStep) -> tuple[str, ...]:
    agent = {True: "says done", False: "says no", None: ""}[step.claimed]
    return (step.step, agent, str(step.published or ""), *map(_cell, step.hsms))


def _cell(hsm: SeenHsm) -> str:
    mark = "✓" if hsm.as_wanted else "✗"
    signed = f", {hsm.verified}/{hsm.signatures} verify" if hsm.signatures else ""
    return f"{mark} {hsm.answer.value}{signed}"


def _in_cells(step: SeenStep) -> set[str]:
    answers = {f"{hsm.serial}: {hsm.answer.value}" for hsm in step.hsms}
    return answers | {f"{hsm.serial}: {hsm.verified} of {hsm.signatures} signatures verify" for hsm in step.hsms}
