"""`attest hsm`: asks every HSM of an environment for every published key, and says what it saw."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from attestations.digest import canonical_json
from attestations.envelope import PAYLOAD_TYPE, seal
from attestations.errors import InputError
from attestations.hsm.documents import Inventory, Request, read_exercises, read_inventory, read_request
from attestations.hsm.observation import Occasion, coverage
from attestations.hsm.picture import picture
from attestations.hsm.pin import pin_reader
from attestations.hsm.pkcs11 import open_tokens
from attestations.hsm.probe import Question, probe
from attestations.hsm.published import published_keys
from attestations.hsm.report import report
from attestations.hsm.selection import GRAMMAR, select
from attestations.hsm.software import SoftwareTokens
from attestations.hsm.token import Tokens
from attestations.hsm.verdict import rows, verdict_of
from attestations.predicates.hsm_key_coverage import TYPE, HsmKeyCoverage
from attestations.records import ZoneName
from attestations.signers import open_signer
from attestations.statement import write_statement
from attestations.times import Instant

_FILE = click.Path(path_type=Path, dir_okay=False)


class _Zone(click.ParamType):
    name = "zone"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> ZoneName:
        try:
            return ZoneName.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command(
    "hsm", epilog="Exit codes: 0 proved by every HSM, 10 shown otherwise, 11 an HSM could not be asked, 2 usage."
)
@click.option("--environment", type=_FILE, required=True, help="The inventory: which HSMs there are.")
@click.option("--zone", type=_Zone(), required=True, help="The zone, such as example.")
@click.option("--keys", "selections", multiple=True, required=True, metavar="SELECTOR", help=f"{GRAMMAR}. Repeatable.")
@click.option("--dnskey-from", required=True, metavar="HOST@PORT|FILE", help="The keys that are or will be published.")
@click.option("--module", help="The PKCS#11 module; without it PKCS11_MODULE.")
@click.option("--software", type=click.Path(path_type=Path), help="A folder of software stand-ins instead of HSMs.")
@click.option("--pin-file", type=_FILE, help="A file with the PIN; without it PKCS11_PIN_FILE, or a question.")
@click.option("--request", "request_file", type=_FILE, help="The deployment request: its nonce and its components.")
@click.option(
    "--exercises", "exercises_file", type=_FILE, help="Rollover exercises (JSON) that the statement shall carry."
)
@click.option("--observer", default="attest hsm", show_default=True, help="Who looks.")
@click.option("--sign-with", metavar="KEY", help="Sign the statement: file:KEY.pem, pkcs11:..., ssh:KEY.")
@click.option("--out", type=_FILE, help="Where the signed statement goes.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    environment: Path,
    zone: ZoneName,
    selections: tuple[str, ...],
    dnskey_from: str,
    module: str | None,
    software: Path | None,
    pin_file: Path | None,
    request_file: Path | None,
    exercises_file: Path | None,
    observer: str,
    sign_with: str | None,
    out: Path | None,
    output: str,
) -> None:
    """Prove that every HSM of the environment holds exactly the published keys.

    Each HSM is found by its serial number and signs a fresh challenge for each published DNSKEY.

    \b
      attest hsm --environment environment.yaml --zone example. --dnskey-from 127.0.0.1@53 \\
                 --keys zsk=id:A1 --keys ksk=id:B2 --module /usr/lib/softhsm/libsofthsm2.so
    """
    _check_options(module, software, sign_with, out, request_file)
    inventory = _inventory(environment, zone)
    request = read_request(request_file) if request_file else None
    exercises = read_exercises(exercises_file) if exercises_file else ()
    selected = select(selections, published_keys(dnskey_from, zone))
    tokens: Tokens = SoftwareTokens(folder=software) if software else open_tokens(module, pin_reader(pin_file))
    question = Question(zone=zone, nonce=request.nonce if request else None, selected=selected, random=os.urandom)
    started_on = Instant.of(datetime.now(UTC))
    observations = probe(inventory.units, tokens, question)
    occasion = Occasion(
        zone=zone,
        observer=observer,
        started_on=started_on,
        finished_on=Instant.of(datetime.now(UTC)),
        request=request,
    )
    if sign_with and out and request:
        _sign(coverage(inventory, occasion, observations, exercises), request, sign_with, out)
    table = rows(observations)
    verdict = verdict_of(table)
    if output == "json":
        click.echo(canonical_json(report(zone, verdict, selected, table)))
    else:
        click.echo(picture(zone, selected, table))
    ctx.exit(verdict.value)


def _check_options(
    module: str | None, software: Path | None, sign_with: str | None, out: Path | None, request_file: Path | None
) -> None:
    if module and software:
        raise click.UsageError("--module and --software: give one of them")
    if bool(sign_with) != bool(out):
        raise click.UsageError("--sign-with and --out: give both or neither")
    if sign_with and not request_file:
        raise click.UsageError("--sign-with needs --request: its components are what the statement is about")


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


def _sign(predicate: HsmKeyCoverage, request: Request, key: str, out: Path) -> None:
    statement = write_statement(request.components, TYPE, predicate)
    out.write_bytes(seal(statement, PAYLOAD_TYPE, [open_signer(key)]))
    click.echo(f"signed statement: {out}", err=True)
