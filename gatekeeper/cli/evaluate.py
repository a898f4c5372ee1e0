"""`gatekeeper evaluate`: the decision, never an approval."""

from typing import Any

import click

from attestations.times import Instant
from gatekeeper.cli.arguments import case_options, clock, files_read, parse_instant, read_case
from gatekeeper.cli.reporting import publish, report_of, report_option, telling_reports
from gatekeeper.gate import decide


@click.command("evaluate")
@case_options
@click.option("--at", callback=parse_instant, help="Decide as of this time (RFC 3339, UTC), not now.")
@report_option
@click.pass_context
def command(ctx: click.Context, /, at: Instant | None, report: tuple[str, ...], **files: Any) -> None:
    """Decide on a request.

    Exit code 0 says that an approval could be issued; only `gatekeeper issue` issues one, and only a signed approval
    lets a signer start. 10 denied, 11 inconclusive, 12 halted or frozen, 2 a file or the call is unusable.
    """
    with telling_reports(report, files_read(files)):
        judgement = decide(read_case(files), at or clock())
    publish(report, report_of(judgement))
    ctx.exit(judgement.decision.verdict.exit_code)
