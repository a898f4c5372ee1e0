"""`gatekeeper replay`: the decision of a case file, reached again."""

from pathlib import Path

import click

from attestations.command_line import INVALID, output_option, show
from attestations.printed import schema_uri
from attestations.records import JsonRecord, Sha256
from gatekeeper.case_file import Replay, read_case_file, replay
from gatekeeper.cli.arguments import FILE
from gatekeeper.decision import Verdict
from gatekeeper.documents import read_source


class Replayed(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("replay")):
    """What `gatekeeper replay --output json` prints."""

    identical: bool
    recorded_digest: Sha256
    digest: Sha256
    decision: Verdict
    differences: tuple[str, ...]


@click.command("replay")
@click.argument("case_file", type=FILE)
@click.option("--policy", type=FILE, help="Say what would differ under this policy.")
@output_option(Replayed)
@click.pass_context
def command(ctx: click.Context, /, case_file: Path, policy: Path | None, output: str) -> None:
    """Reach the decision of a case file again, from nothing but the file.

    Exit code 0: the same decision, byte for byte. 10: another one; the recorded decision is not what its inputs give.
    With --policy the exit code is that of the decision under the other policy.
    """
    again = replay(read_case_file(case_file), read_source(policy) if policy else None)
    show(output, _document(again), _text(again, compared=policy is not None))
    if policy is not None:
        ctx.exit(again.decision.verdict.exit_code)
    ctx.exit(0 if again.identical else INVALID)


def _document(again: Replay) -> Replayed:
    return Replayed(
        identical=again.identical,
        recorded_digest=again.recorded_digest,
        digest=again.decision.digest,
        decision=again.decision.verdict,
        differences=again.differences,
    )


def _text(again: Replay, *, compared: bool) -> str:
    if again.identical:
        return f"✓ the same decision: {again.decision.verdict.value}, {again.decision.digest}"
    head = "under the other policy:" if compared else f"✗ another decision than the recorded {again.recorded_digest}:"
    lines = again.differences or (f"the same outcomes; decision {again.decision.digest}",)
    return "\n".join((head, *(f"  {line}" for line in lines)))
