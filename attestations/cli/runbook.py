"""`attest runbook`: what to do now, step by step, filled in with the operator's zone."""

import click

from attestations.command_line import Parsed, output_option, show
from attestations.records import ZoneName
from attestations.runbooks.model import SERVERS, Runbook, Server
from attestations.runbooks.shelf import RUNBOOKS, only_for
from attestations.runbooks.text import text_of

EXIT_CODES = "Exit codes: 0 printed, 2 usage."


@click.command("runbook", epilog=EXIT_CODES)
@click.argument("name", type=click.Choice(tuple(RUNBOOKS)))
@click.option("--zone", type=Parsed("zone", ZoneName.parse), required=True, help="Your zone, such as example.")
@click.option("--server", type=click.Choice(SERVERS), multiple=True, help="Only what is for this server. Repeatable.")
@output_option(Runbook)
def command(name: str, zone: ZoneName, server: tuple[Server, ...], output: str) -> None:
    """Print a runbook for your zone: numbered steps, each with what must be seen and what to do if it is not.

    Needs no network and no file. Nothing is run. For example:

    attest runbook stop-publication --zone example. --server knot --server nsd
    """
    runbook = RUNBOOKS[name](zone)
    chosen = only_for(runbook, frozenset(server)) if server else runbook
    show(output, chosen, text_of(chosen))
