"""`attest hsm`: asks every HSM of an environment for every published key, and says what it saw."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attestations.command_line import Parsed, output_option, show
from attestations.durable import refuse_replacing, resolved, write_durably
from attestations.errors import InputError
from attestations.hsm.documents import Inventory, Request, read_exercises, read_inventory, read_request
from attestations.hsm.isolation import HSM_SECONDS, IsolatedTokens
from attestations.hsm.observation import Occasion, coverage
from attestations.hsm.picture import picture
from attestations.hsm.pin import pin_reader
from attestations.hsm.pkcs11 import module_path
from attestations.hsm.probe import Question, probe
from attestations.hsm.published import published_keys
from attestations.hsm.report import HsmReport, report
from attestations.hsm.selection import GRAMMAR, Selected, select
from attestations.hsm.software import SoftwareTokens
from attestations.hsm.verdict import Row, rows, verdict_of
from attestations.predicates.hsm_key_coverage import TYPE, HsmKeyCoverage
from attestations.records import ZoneName
from attestations.sealing import Sealer, open_sealer
from attestations.statement import write_statement
from attestations.times import Instant

if TYPE_CHECKING:
    from attestations.hsm.token import Tokens

EXIT_CODES = "Exit codes: 0 every HSM proved it, 10 shown otherwise, 11 an HSM could not be asked, 2 usage."

_SECONDS = click.IntRange(1, 3600)
_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line, one field for each option."""

    environment: Path
    zone: ZoneName
    keys: tuple[str, ...]
    dnskey_from: str
    module: str | None
    software: Path | None
    pin_file: Path | None
    hsm_seconds: int
    request: Path | None
    exercises: Path | None
    observer: str
    sign_with: tuple[str, ...]
    out: Path | None
    output: str


@click.command("hsm", epilog=EXIT_CODES)
@click.option("--environment", type=_FILE, required=True, help="The inventory: which HSMs there are.")
@click.option("--zone", type=Parsed("zone", ZoneName.parse), required=True, help="The zone, such as example.")
@click.option("--keys", multiple=True, required=True, metavar="SELECTOR", help=f"{GRAMMAR}. Repeatable.")
@click.option("--dnskey-from", required=True, metavar="HOST@PORT|FILE", help="The keys that are or will be published.")
@click.option("--module", help="The PKCS#11 module; without it PKCS11_MODULE.")
@click.option("--software", type=click.Path(path_type=Path), help="A folder of software stand-ins instead of HSMs.")
@click.option("--pin-file", type=_FILE, help="A file with the PIN; without it PKCS11_PIN_FILE, or a question.")
@click.option(
    "--hsm-seconds",
    type=click.IntRange(1, 3600),
    default=HSM_SECONDS,
    show_default=True,
    help="Time limit of each HSM.",
)
@click.option("--request", type=_FILE, help="The deployment request: its nonce and its components.")
@click.option("--exercises", type=_FILE, help="Rollover exercises (JSON) for the statement to carry.")
@click.option("--observer", default="attest hsm", show_default=True, help="Who looks.")
@click.option(
    "--sign-with",
    multiple=True,
    metavar="KEY",
    help="Sign the statement: file:KEY.pem, pkcs11:..., ssh:KEY; repeat for several. Or sigstore:CONFIG.json.",
)
@click.option("--out", type=_FILE, help="Where the signed statement goes.")
@output_option(HsmReport)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Prove that every HSM of the environment holds exactly the published keys.

    Each HSM is found by its serial number and signs a fresh challenge for each published DNSKEY.
    For example, with the keys of SoftHSM:

    attest hsm --environment environment.yaml --zone example. --dnskey-from 127.0.0.1@53
    --keys zsk=id:A1 --keys ksk=id:B2 --module /usr/lib/softhsm/libsofthsm2.so
    """
    options = Options(**given)
    _check(options)
    if options.out:
        read = (options.environment, options.request, options.exercises, options.pin_file, *options.sign_with)
        refuse_replacing((options.out,), resolved(*(file for file in read if file)))
    inventory = _inventory(options.environment, options.zone)
    request = read_request(options.request) if options.request else None
    exercises = read_exercises(options.exercises) if options.exercises else ()
    sealer = open_sealer(options.sign_with) if options.sign_with else None
    selected = select(options.keys, published_keys(options.dnskey_from, options.zone))
    nonce = request.nonce if request else None
    started_on = _now()
    question = Question(zone=options.zone, nonce=nonce, selected=selected, random=os.urandom)
    observations = probe(inventory.units, _tokens(options), question)
    occasion = Occasion(
        zone=options.zone, observer=options.observer, started_on=started_on, finished_on=_now(), request=request
    )
    if sealer and options.out and request:
        _sign(coverage(inventory, occasion, observations, exercises), request, sealer, options.out)
    ctx.exit(_show(options, selected, rows(observations)))


def _check(options: Options) -> None:
    if options.module and options.software:
        raise click.UsageError("--module and --software: give one of them")
    if bool(options.sign_with) != bool(options.out):
        raise click.UsageError("--sign-with and --out: give both or neither")
    if options.sign_with and not options.request:
        raise click.UsageError("--sign-with needs --request: its components are what the statement is about")


def _now() -> Instant:
    return Instant.of(datetime.now(UTC))


def _tokens(options: Options) -> "Tokens":
    if options.software:
        return SoftwareTokens(folder=options.software)
    module = module_path(options.module)
    return IsolatedTokens(module=module, pin=pin_reader(options.pin_file), seconds=options.hsm_seconds)


def _show(options: Options, selected: tuple[Selected, ...], table: tuple[Row, ...]) -> int:
    verdict = verdict_of(table)
    document = report(options.zone, verdict, selected, table)
    show(options.output, document, picture(options.zone, selected, table))
    return verdict.value


def _inventory(environment: Path, zone: ZoneName) -> Inventory:
    inventory = read_inventory(environment)
    if zone not in inventory.zones:
        raise InputError(
            "ENVIRONMENT",
            found=f"zone {zone}",
            wanted=f"a zone of environment {inventory.name!a}: {', '.join(inventory.zones)}",
            fix="give the environment that signs this zone",
        )
    return inventory


def _sign(predicate: HsmKeyCoverage, request: Request, sealer: Sealer, out: Path) -> None:
    write_durably(out, sealer.seal(write_statement(request.components, TYPE, predicate)).raw)
    click.echo(f"signed statement: {out}", err=True)
