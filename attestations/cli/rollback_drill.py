"""`attest rollback-drill`: walks the ways back from a bad version on real servers, and times them."""

import tempfile
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from attestations.cli.drilling import ended_by_signals, folder_or_temporary, zone_of
from attestations.command_line import INVALID, Parsed, output_option, show
from attestations.digest import sha256
from attestations.drills.observation import Occasion
from attestations.drills.probing import now
from attestations.drills.rollback.documents import read_releases
from attestations.drills.rollback.drill import Walked, run_drill
from attestations.drills.rollback.hsms import Bench, Module, bench_of, own_bench
from attestations.drills.rollback.observation import Seen, to_predicate, validation_statement
from attestations.drills.rollback.report import RollbackDrillReport, report, text_of
from attestations.drills.rollback.ways import WAYS
from attestations.drills.rollback.world import Plan, server_versions
from attestations.durable import refuse_replacing, resolved, write_durably
from attestations.hsm.documents import Inventory, read_inventory, read_request
from attestations.hsm.pin import pin_reader
from attestations.hsm.pkcs11 import module_path
from attestations.laboratory.build import KSK, ZSK
from attestations.predicates.common import EnvironmentReference
from attestations.predicates.rollback_drill import TYPE
from attestations.records import ZoneName
from attestations.rollover.keys import KeyName
from attestations.sealing import Sealer, open_sealer
from attestations.servers.files import insist_on_empty, insist_on_usable
from attestations.statement import write_statement
from attestations.times import Duration

EXIT_CODES = "Exit codes: 0 every way led back, 10 one did not or a key is missing, 2 usage or no laboratory."

_FILE = click.Path(path_type=Path, dir_okay=False)
_KEY_ID = Parsed("CKA_ID", lambda text: bytes.fromhex(text).hex())


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line, one field for each option."""

    request: Path
    environment: Path
    zone: ZoneName | None
    way: tuple[str, ...]
    module: str | None
    pin_file: Path | None
    module_setting: tuple[str, ...]
    ksk: str
    zsk: str
    old_key_stays: Duration
    delegations: int
    resolver_seconds: int
    folder: Path | None
    observer: str
    sign_with: tuple[str, ...]
    out: Path
    output: str

    @property
    def validation_out(self) -> Path:
        """Where the zone-validation statement goes: beside the other."""
        stem, dot, suffixes = self.out.name.partition(".")
        return self.out.with_name(f"{stem}-validation{dot}{suffixes}")


@click.command("rollback-drill", epilog=EXIT_CODES)
@click.option("--request", type=_FILE, required=True, help="The deployment request that the statement is for.")
@click.option("--environment", type=_FILE, required=True, help="The environment that the statement is about.")
@click.option("--zone", type=Parsed("zone", ZoneName.parse), help="Which zone, if the environment has several.")
@click.option("--way", type=click.Choice(tuple(WAYS)), multiple=True, help="Repeatable; without it every way back.")
@click.option("--module", help="The PKCS#11 module of the environment's HSMs; without it SoftHSM tokens of its own.")
@click.option("--pin-file", type=_FILE, help="With --module: the PIN; without it PKCS11_PIN_FILE, or a question.")
@click.option(
    "--module-setting",
    multiple=True,
    default=("SOFTHSM2_CONF",),
    metavar="VARIABLE",
    help="A variable that the module reads of its environment. Repeatable.",
)
@click.option("--ksk", type=_KEY_ID, default=KSK.key_id, show_default=True, help="CKA_ID of the KSK in the HSMs.")
@click.option("--zsk", type=_KEY_ID, default=ZSK.key_id, show_default=True, help="CKA_ID of the old ZSK in the HSMs.")
@click.option(
    "--old-key-stays",
    type=Parsed("duration", Duration.parse),
    default="30d",
    show_default=True,
    help="How long your rollover leaves the old ZSK published.",
)
@click.option("--delegations", type=click.IntRange(20, 100_000), default=100, show_default=True, help="Of the zone.")
@click.option(
    "--resolver-seconds",
    type=click.IntRange(0, 3600),
    default=75,
    show_default=True,
    help="Watch so long for a resolver that nobody flushes to be clean again; Unbound forgets after 60.",
)
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Keep configurations, zones and logs here."
)
@click.option("--observer", default="attest rollback-drill", show_default=True, help="Who looks.")
@click.option(
    "--sign-with",
    multiple=True,
    required=True,
    metavar="KEY",
    help="Sign the statements: file:KEY.pem, pkcs11:..., ssh:KEY, sigstore:CONFIG.json. Keys are repeatable.",
)
@click.option(
    "--out", type=_FILE, required=True, help="Where the signed statement goes; the validation lies beside it."
)
@output_option(RollbackDrillReport)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Let a bad version out in a laboratory of real servers, and walk each way back from it.

    A signer (Knot, keys in HSMs), a secondary (NSD) and resolvers (Unbound) run on loopback. For example:

    attest rollback-drill --request request.yaml --environment environment.yaml --sign-with file:operations.pem
    --out rollback-drill.dsse.json
    """
    options = Options(**given)
    _check(options)
    inventory, request = read_inventory(options.environment), read_request(options.request)
    releases, zone = read_releases(options.request), zone_of(inventory, options.zone)
    sealer, servers = open_sealer(options.sign_with), server_versions()
    started_on = now()
    bench, walked = _drill(options, inventory, zone, request.nonce)
    occasion = Occasion(
        observer=options.observer,
        environment=EnvironmentReference(name=inventory.name, digest=inventory.digest),
        zone=zone,
        request_digest=request.digest,
        nonce=request.nonce,
        started_on=started_on,
        finished_on=now(),
    )
    seen = Seen(occasion=occasion, releases=releases, walked=walked)
    digest = _write(sealer, options.validation_out, validation_statement(seen))
    _write(sealer, options.out, write_statement(request.components, TYPE, to_predicate(seen, digest)))
    document = report(seen, servers, tuple(unit.serial for unit in bench.units))
    show(options.output, document, text_of(document))
    ctx.exit(0 if document.verdict == "valid" else INVALID)


def _check(options: Options) -> None:
    if options.pin_file and not options.module:
        raise click.UsageError("--pin-file is for --module: the drill's own tokens have a PIN of their own")
    if options.folder:
        insist_on_usable(options.folder)
        insist_on_empty(options.folder)
    read = (options.request, options.environment, options.pin_file, *options.sign_with)
    refuse_replacing((options.out, options.validation_out), resolved(*(one for one in read if one)))


def _drill(options: Options, inventory: Inventory, zone: ZoneName, nonce: str) -> tuple[Bench, tuple[Walked, ...]]:
    names = tuple(dict.fromkeys(options.way)) or tuple(WAYS)
    walked = []
    with (
        ended_by_signals(),
        folder_or_temporary(options.folder) as folder,
        tempfile.TemporaryDirectory(prefix="attest-") as sockets,
        _bench(options, inventory, folder) as bench,
    ):
        plan = Plan(
            folder=folder,
            zone=zone,
            bench=bench,
            delegations=options.delegations,
            old_key_stays=f"+{options.old_key_stays.total_seconds():.0f}",
        )
        for one in run_drill(plan, Path(sockets), names, nonce, options.resolver_seconds):
            click.echo(f"{one.way.way}: {'restored' if one.is_restored else 'NOT RESTORED'}", err=True)
            walked.append(one)
    return bench, tuple(walked)


def _bench(options: Options, inventory: Inventory, folder: Path) -> AbstractContextManager[Bench]:
    ksk, old = KeyName(key_id=options.ksk, label=KSK.label), KeyName(key_id=options.zsk, label=ZSK.label)
    if options.module is None:
        return own_bench(folder, inventory.units, ksk, old)
    path, pin = module_path(options.module), pin_reader(options.pin_file)()
    module = Module(path=path, pin=pin, settings=options.module_setting)
    return bench_of(module, inventory.units, ksk, old)


def _write(sealer: Sealer, path: Path, statement: bytes) -> str:
    """Sign a statement and write it; return the digest of the file."""
    raw = sealer.seal(statement).raw
    write_durably(path, raw)
    click.echo(f"signed statement: {path}", err=True)
    return sha256(raw)
