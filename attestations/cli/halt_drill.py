"""`attest halt-drill`: injects faults into real name servers, and says whether publication stopped."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from attestations.cli.drilling import ended_by_signals, folder_or_temporary, zone_of
from attestations.command_line import INVALID, Parsed, output_option, show
from attestations.drills.drill import Drilled, run_drill
from attestations.drills.faults import FAULTS
from attestations.drills.laboratory import VERIFIER_SECONDS, Plan, server_versions
from attestations.drills.observation import Occasion, to_predicate
from attestations.drills.probing import now
from attestations.drills.report import HaltDrillReport, report, text_of
from attestations.durable import refuse_replacing, resolved, write_durably
from attestations.hsm.documents import Inventory, Request, read_inventory, read_request
from attestations.predicates.common import EnvironmentReference
from attestations.predicates.halt_drill import TYPE
from attestations.records import ZoneName
from attestations.sealing import open_sealer
from attestations.statement import write_statement
from attestations.times import Instant

EXIT_CODES = "Exit codes: 0 every fault was stopped, 10 one was not or no way back, 2 usage or no laboratory."

_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line, one field for each option."""

    request: Path
    environment: Path
    zone: ZoneName | None
    fault: tuple[str, ...]
    wrapper: Path | None
    verifier_seconds: int
    folder: Path | None
    observer: str
    sign_with: tuple[str, ...]
    out: Path
    output: str


@click.command("halt-drill", epilog=EXIT_CODES)
@click.option("--request", type=_FILE, required=True, help="The deployment request that the statement is for.")
@click.option("--environment", type=_FILE, required=True, help="The environment that the statement is about.")
@click.option("--zone", type=Parsed("zone", ZoneName.parse), help="Which zone, if the environment has several.")
@click.option("--fault", type=click.Choice(tuple(FAULTS)), multiple=True, help="Repeatable; without it every fault.")
@click.option("--wrapper", type=_FILE, help="Drill this wrapper around the verifier instead of the shipped one.")
@click.option(
    "--verifier-seconds",
    type=click.IntRange(1, 3600),
    default=VERIFIER_SECONDS,
    show_default=True,
    help="Time limit of the verifier.",
)
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Keep configurations, zones and logs here."
)
@click.option("--observer", default="attest halt-drill", show_default=True, help="Who looks.")
@click.option(
    "--sign-with",
    multiple=True,
    required=True,
    metavar="KEY",
    help="Sign the statement: file:KEY.pem, pkcs11:..., ssh:KEY, sigstore:CONFIG.json. Keys are repeatable.",
)
@click.option("--out", type=_FILE, required=True, help="Where the signed statement goes.")
@output_option(HaltDrillReport)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Inject faults into a laboratory of real name servers and look from outside whether publication stops.

    Three servers run on loopback: a hidden primary (Knot), a guard that verifies what comes in (NSD), a secondary
    behind it (Knot). They sign and serve a practice zone of the environment's name. For example:

    attest halt-drill --request request.yaml --environment environment.yaml --sign-with file:operations.pem
    --out halt-drill.dsse.json
    """
    options = Options(**given)
    names = tuple(dict.fromkeys(options.fault)) or tuple(FAULTS)
    read = (options.request, options.environment, options.wrapper, *options.sign_with)
    refuse_replacing((options.out,), resolved(*(one for one in read if one)))
    inventory, request = read_inventory(options.environment), read_request(options.request)
    zone = zone_of(inventory, options.zone)
    sealer = open_sealer(options.sign_with)
    servers = server_versions()
    started_on = now()
    drilled = _drill(options, zone, names)
    predicate = to_predicate(_occasion(options, inventory, request, zone, started_on), drilled)
    write_durably(options.out, sealer.seal(write_statement(request.components, TYPE, predicate)).raw)
    click.echo(f"signed statement: {options.out}", err=True)
    document = report(zone, servers, names, drilled)
    show(options.output, document, text_of(document))
    ctx.exit(0 if document.verdict == "valid" else INVALID)


def _drill(options: Options, zone: ZoneName, names: tuple[str, ...]) -> tuple[Drilled, ...]:
    drilled = []
    with folder_or_temporary(options.folder) as folder, ended_by_signals():
        plan = Plan(folder=folder, zone=zone, wrapper=options.wrapper, verifier_seconds=options.verifier_seconds)
        for one in run_drill(plan, names):
            click.echo(f"{one.fault.fault}: {'stopped' if one.is_stopped else 'NOT STOPPED'}", err=True)
            drilled.append(one)
    return tuple(drilled)


def _occasion(
    options: Options, inventory: Inventory, request: Request, zone: ZoneName, started_on: Instant
) -> Occasion:
    return Occasion(
        observer=options.observer,
        environment=EnvironmentReference(name=inventory.name, digest=inventory.digest),
        zone=zone,
        request_digest=request.digest,
        nonce=request.nonce,
        started_on=started_on,
        finished_on=now(),
    )
