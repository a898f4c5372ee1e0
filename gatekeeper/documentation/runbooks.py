"""docs/runbooks: what `attest runbook` prints, as pages for the zone `example.`, and the page that leads to them."""

from collections.abc import Mapping
from shlex import join
from types import MappingProxyType

from attestations.records import ZoneName
from attestations.runbooks.model import Action, Runbook, Server, Step
from attestations.runbooks.shelf import RUNBOOKS
from attestations.runbooks.text import CAPITALS
from gatekeeper.documentation.markdown import fenced, page, table

ZONE = ZoneName.parse("example.")
TITLES: Mapping[Server, str] = MappingProxyType({"knot": "Knot", "nsd": "NSD", "bind": "BIND", "unbound": "Unbound"})


def pages() -> dict[str, str]:
    """Return one page for each runbook, and the index."""
    runbooks = {name: make(ZONE) for name, make in RUNBOOKS.items()}
    made = {f"runbooks/{name}.md": _page(runbook) for name, runbook in runbooks.items()}
    return {"runbooks/README.md": _index(runbooks), **made}


def _index(runbooks: dict[str, Runbook]) -> str:
    rows = [(one.use_when, f"[{one.title}]({name}.md)", one.first) for name, one in runbooks.items()]
    return page(
        "# Runbooks",
        "Woken up? Find your line, open the page, do step 1.",
        table(("what you see", "page", "first"), rows),
        "The same with your zone filled in, without network, on any host that has the command:",
        fenced("sh", f"attest runbook {next(iter(runbooks))} --zone {ZONE} --server knot --server nsd"),
        "The signer does not start and the gate says no: [the operator at 3 a.m.](../roles/operator.md).",
        "The commands for servers are made by the functions that drills, guard and tests call, and the tests run "
        "them against "
        "the versions that each page names at its end. The pages are made from the code; do not edit them.",
    )


def _page(runbook: Runbook) -> str:
    return page(
        f"# {runbook.title}",
        f"**When:** {runbook.use_when}",
        f"**First:** {runbook.first}",
        f"**You need:** {'; '.join(runbook.needs)}. {CAPITALS}",
        f"With your zone filled in: `attest runbook {runbook.name} --zone {ZONE}`. [All runbooks](README.md).",
        *(part for number, step in enumerate(runbook.steps, 1) for part in _step(number, step)),
        *_wrong(runbook),
        "## Where this comes from",
        "\n".join(f"- {one}" for one in runbook.rests_on),
        f"Sources: {'; '.join(runbook.sources)}.",
    )


def _step(number: int, step: Step) -> tuple[str, ...]:
    return (
        f"## Step {number}",
        f"**{step.do}**",
        "\n".join(f"- {text}" for text in step.choices),
        *(part for action in step.actions for part in _action(action)),
        "\n".join(f"- *Beware:* {text}" for text in step.beware),
    )


def _action(action: Action) -> tuple[str, ...]:
    paste = action.paste
    return (
        f"**{TITLES[action.server]}**" if action.server else "",
        f"{paste.where}:" if paste else "",
        fenced("text", paste.text) if paste else "",
        fenced("sh", "\n".join(map(join, action.commands))) if action.commands else "",
        f"- *See:* {action.see}\n- *If not:* {action.otherwise}",
    )


def _wrong(runbook: Runbook) -> tuple[str, ...]:
    if not runbook.wrong:
        return ()
    rows = [
        (
            one.server,
            "<br>".join(f"`{line.strip()}`" for line in one.setting.splitlines()),
            "accepted" if one.accepted else "refused",
            one.effect,
            one.instead,
        )
        for one in runbook.wrong
    ]
    head = ("server", "setting", "its own checker", "what it does", "instead")
    return ("## Settings that circulate and are wrong", table(head, rows))
