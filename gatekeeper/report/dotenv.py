"""For the next job of a pipeline: `NAME=value` lines of a fixed alphabet, as shells and CI systems read them."""

import re
from collections.abc import Iterator, Mapping

from attestations.errors import InputError
from gatekeeper.finding import Outcome
from gatekeeper.report.model import Report, in_order
from gatekeeper.report.wording import faults

PREFIX = "GATEKEEPER_"
_OUTSIDE_THE_ALPHABET = re.compile(r"[^A-Za-z0-9.,:_-]")
_LISTED = (Outcome.UNMET, Outcome.INCONCLUSIVE, Outcome.WAIVED, Outcome.MET)


def render(report: Report) -> str:
    """Return decision, exit code, reason codes, digest, end of the approval, and the requirements by outcome."""
    decision = report.decision
    values = {
        "DECISION": decision.verdict.value,
        "EXIT_CODE": str(decision.verdict.exit_code),
        "REASON_CODES": ",".join(decision.reason_codes),
        "DECISION_DIGEST": report.decision_digest,
        "EXPIRES_AT": report.approval.not_after if report.approval else "",
    }
    for outcome in _LISTED:
        ids = (result.id for result in in_order(decision) if result.outcome is outcome)
        values[outcome.value.upper()] = ",".join(ids)
    return "".join(_lines(values))


def render_error(error: InputError, exit_code: int) -> str:
    """Return an empty decision with the exit code and the codes of what was wrong."""
    codes = ",".join(dict.fromkeys(fault.code for fault in faults(error)))
    return "".join(_lines({"DECISION": "", "EXIT_CODE": str(exit_code), "REASON_CODES": codes}))


def _lines(values: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        yield f"{PREFIX}{name}={_OUTSIDE_THE_ALPHABET.sub('_', value)}\n"
