"""For machines: the decision itself, from which every figure of the other formats is derived."""

from typing import Any

from attestations.errors import InputError
from attestations.inert import json_text
from attestations.printed import error_document, text_of
from gatekeeper.report.model import Report


def render(report: Report) -> str:
    """Return `document(report)` as ASCII."""
    return json_text(document(report))


def document(report: Report) -> dict[str, Any]:
    """Return the decision with what became of it; its digest covers the members that `Decision.to_json` gives.

    decision.schema.json describes it.
    """
    approval = report.approval
    return {
        **report.decision.to_json(),
        "decisionDigest": report.decision_digest,
        "replaces": report.replaces,
        "places": [
            {"requirement": name, "file": place.file, "line": place.line} for name, place in report.places.items()
        ],
        "ledgerIndex": report.ledger_index,
        "approval": None if approval is None else {"path": approval.path, "notAfter": approval.not_after},
    }


def render_error(error: InputError, exit_code: int) -> str:
    """Return the document that every command prints where it has no result."""
    return text_of(error_document(error, exit_code))
