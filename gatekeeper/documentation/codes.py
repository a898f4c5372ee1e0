"""docs/exit-codes.md and docs/reason-codes: the table that `gatekeeper explain` shows, as pages."""

from gatekeeper import reasons
from gatekeeper.documentation.markdown import page, table
from gatekeeper.reasons import Reason

FINDINGS = "Findings about a zone have codes of their own, with underscores: see [zone findings](../zone-findings.md)."


def pages() -> dict[str, str]:
    """Return the page of exit codes, the index of reason codes, and one page for each."""
    made = {f"reason-codes/{code}.md": _page(code, reason) for code, reason in reasons.table().reasons.items()}
    return {"exit-codes.md": _exit_codes(), "reason-codes/index.md": _index(), **made}


def _exit_codes() -> str:
    rows = [(str(row.code), row.title, row.next, _leading_to(row.code)) for row in reasons.table().exit_codes]
    return page(
        "# Exit codes",
        "Both commands end with one of these and with nothing else. Everything but 0 is *not approved*. When several "
        "apply: 12 before 10 before 11. The code does not depend on the form of the output.",
        table(("code", "meaning", "what to do", "reason codes"), rows),
    )


def _leading_to(number: int) -> str:
    codes = [code for code, reason in reasons.table().reasons.items() if number in reason.exits]
    return ", ".join(f"[{code}](reason-codes/{code}.md)" for code in codes)


def _index() -> str:
    rows = [
        (f"[`{code}`]({code}.md)", reason.title, _numbers(reason)) for code, reason in reasons.table().reasons.items()
    ]
    return page(
        "# Reason codes",
        "Every refusal carries one. The same text: `gatekeeper explain CODE`.",
        FINDINGS,
        table(("code", "meaning", "exit"), rows),
    )


def _page(code: str, reason: Reason) -> str:
    exits = {row.code: row.title for row in reasons.table().exit_codes}
    rows = [(str(number), exits[number]) for number in reason.exits]
    return page(
        f"# {code}",
        f"{reason.title}.",
        reason.meaning,
        "## What to do",
        reason.next,
        "## Exit codes it can lead to",
        table(("code", "meaning"), rows),
    )


def _numbers(reason: Reason) -> str:
    return ", ".join(map(str, reason.exits))
