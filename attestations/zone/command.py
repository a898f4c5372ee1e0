"""What `attest zone` does, apart from reading its arguments: read, judge, state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dns.name import Name

from attestations.errors import InputError
from attestations.predicates.zone_validation import Verdict
from attestations.times import Instant
from attestations.zone.anchors import Anchor
from attestations.zone.engines import Engine, Result, judge_with
from attestations.zone.model import ZoneVersion
from attestations.zone.output import ZoneOutput, error_output, output_of
from attestations.zone.text import error_text, text_of

EXIT_CODES: dict[Verdict, int] = {"valid": 0, "invalid": 10, "inconclusive": 11}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome of a run, in both forms."""

    exit_code: int
    document: ZoneOutput
    lines: tuple[str, ...]
    results: tuple[Result, ...]
    """by engine, in the order asked; empty if the zone could not be read"""


def run(
    read: Callable[[], ZoneVersion], name: Name, anchors: tuple[Anchor, ...], engines: Sequence[Engine], at: Instant
) -> Outcome:
    """Return what `engines` say of the zone that `read` gives; one that cannot be read is inconclusive."""
    try:
        zone = read()
    except InputError as error:
        document = error_output(str(name), at, error)
        return Outcome(exit_code=11, document=document, lines=tuple(error_text(str(name), error)), results=())
    results = tuple(judge_with(engine, zone, anchors, at) for engine in engines)
    verdict = overall(results)
    return Outcome(
        exit_code=EXIT_CODES[verdict],
        document=output_of(results, verdict),
        lines=tuple(text_of(results, verdict)),
        results=results,
    )


def overall(results: Sequence[Result]) -> Verdict:
    """Return the verdict over all engines: one that refuses outweighs one that cannot tell, and that one a pass."""
    verdicts = {result.report.verdict for result in results}
    if "invalid" in verdicts:
        return "invalid"
    return "valid" if verdicts == {"valid"} else "inconclusive"
