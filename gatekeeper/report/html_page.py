"""For the case file, the printer and the auditor: one static page without script, link or anything from elsewhere."""

from collections.abc import Iterable, Iterator

from attestations.errors import InputError
from gatekeeper.decision import Considered, Decision
from gatekeeper.finding import Result
from gatekeeper.report.inert import html_text
from gatekeeper.report.model import Report, halt_of, in_order
from gatekeeper.report.wording import (
    DEVELOPMENT,
    MARKS,
    NOT_DECIDED,
    NOTHING_ISSUED,
    Told,
    change,
    faults,
    headline,
    missing,
    standing,
    summary,
    tally,
    told,
    told_fault,
    told_refusal,
)

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em }
body { color: #111; background: #fff }
h1, .banner { border: 3px double #111; padding: .4em .8em }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #555; padding: .4em .6em; text-align: left; vertical-align: top }
caption { text-align: left; font-weight: bold; padding: .4em 0 }
p { margin: .2em 0 }
p, td, th { overflow-wrap: anywhere; unicode-bidi: isolate }
.outcome { white-space: nowrap }
@media print { body { max-width: none; margin: 0; font-size: 11px } tr { break-inside: avoid } }
"""


class Markup(str):
    """HTML that this module made: everything else is text and gets escaped."""

    __slots__ = ()


def render(report: Report) -> str:
    """Return the report as one HTML page; every state has a word and a shape, and no colour of its own."""
    decision = report.decision
    return _page(
        headline(decision),
        _element("h1", f"{headline(decision)} exit {decision.verdict.exit_code}"),
        *_banners(decision),
        _labelled(_facts(report)),
        _requirements(decision),
        _evidence(decision),
        *(Markup(picture) for picture in report.pictures),
        _element("p", summary(report)),
    )


def render_error(error: InputError, exit_code: int) -> str:
    """Return why nothing was decided."""
    title = f"{NOT_DECIDED} exit {exit_code}"
    return _page(title, _element("h1", title), _told(map(told_fault, faults(error))), _element("p", NOTHING_ISSUED))


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    decision = report.decision
    yield "Sign-off", standing(decision)
    yield "Change", change(report)
    for name, digest in decision.components:
        yield "Component", f"{name} sha256 {digest}"
    yield "Missing", missing(decision)
    yield "A signature would say", f"case {decision.case_digest}"
    yield "Decision", f"sha256 {report.decision_digest}, of {decision.evaluated_on}"
    for label, document in (
        ("Request", decision.request),
        ("Environment", decision.environment),
        ("Policy", decision.policy),
        ("Trust root", decision.trust),
    ):
        yield label, f"{document.name} {document.version} sha256 {document.digest}"
    yield "Requester", decision.requester
    if report.ledger_index is not None:
        yield "Ledger", f"entry #{report.ledger_index}"
    if report.approval is not None:
        yield "Approval", f"{report.approval.path} until {report.approval.not_after}"


def _banners(decision: Decision) -> Iterator[Markup]:
    if decision.development:
        yield _element("p", f"TEST: {DEVELOPMENT}", class_="banner")
    if halt := halt_of(decision):
        yield _element("div", _element("p", f"■ halted: {halt.title}"), _told(told(decision, halt)), class_="banner")


def _requirements(decision: Decision) -> Markup:
    rows = [_requirement(decision, result) for result in in_order(decision)]
    return _table(tally(decision), ("Result", "Requirement", "Findings"), rows)


def _requirement(decision: Decision, result: Result) -> Markup:
    outcome = _element("td", f"{MARKS[result.outcome]} {result.outcome.value}", class_="outcome")
    name = _element("th", result.id, _element("br"), result.title, scope="row")
    return _element("tr", outcome, name, _element("td", _told(told(decision, result)) or "none against it"))


def _evidence(decision: Decision) -> Markup:
    rows = [_considered(item) for item in decision.evidence]
    return _table(f"Evidence offered: {len(rows)}", ("Evidence", "Type", "SHA-256", "Said by"), rows)


def _considered(item: Considered) -> Markup:
    """No cell begins with text from outside: pasted into a spreadsheet, none is a formula."""
    reason = told_refusal(item)
    said_by = f"said by {', '.join(item.said_by)}" if item.said_by else "nobody we believe"
    return _element(
        "tr",
        _element("th", f"{'✗ refused' if reason else '✓ verified'}: {item.name}", scope="row"),
        _element("td", f"{'claims' if reason else 'is'} {item.predicate_type or 'nothing'}"),
        _element("td", item.digest or "unknown"),
        _element("td", _told((reason,)) if reason else said_by),
    )


def _told(items: Iterable[Told]) -> Markup:
    return Markup("".join(f"{_element('code', item.code)}{_labelled(item.rows)}" for item in items))


def _labelled(rows: Iterable[tuple[str, str]]) -> Markup:
    return Markup("".join(_element("p", _element("b", f"{label}:"), Markup(" "), text) for label, text in rows))


def _table(caption: str, columns: tuple[str, ...], rows: Iterable[Markup]) -> Markup:
    heads = (_element("th", column, scope="col") for column in columns)
    head = _element("thead", _element("tr", *heads))
    return _element("table", _element("caption", caption), head, _element("tbody", *rows))


def _element(name: str, *children: str, class_: str = "", scope: str = "") -> Markup:
    attributes = "".join(f' {key}="{value}"' for key, value in (("class", class_), ("scope", scope)) if value)
    if name == "br":
        return Markup("<br>")
    inside = "".join(child if isinstance(child, Markup) else html_text(child) for child in children)
    return Markup(f"<{name}{attributes}>{inside}</{name}>")


def _page(title: str, *body: Markup) -> str:
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
{_element("title", title)}
<style>{STYLE}</style>
</head>
<body>
<main>
{chr(10).join(body)}
</main>
</body>
</html>
"""
