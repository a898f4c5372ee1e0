"""`attest zone`: validates a signed zone with one code base or several, and says what it saw."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
import dns.name

from attestations.command_line import Parsed, output_option, show
from attestations.durable import write_durably
from attestations.envelope import PAYLOAD_TYPE, seal
from attestations.records import ZoneName
from attestations.signers import Signer, open_signer
from attestations.strict import read_file
from attestations.times import Instant
from attestations.zone.anchors import Anchor, read_anchors
from attestations.zone.command import Outcome, run
from attestations.zone.documents import read_environment, read_request
from attestations.zone.engines import ENGINES
from attestations.zone.model import ZoneVersion
from attestations.zone.observation import Occasion, to_statement
from attestations.zone.output import ZoneOutput
from attestations.zone.source import zone_from_file, zone_from_transfer
from attestations.zone.transfer import Server

EXIT_CODES = "Exit codes: 0 no error, 10 at least one error, 11 could not be validated, 2 usage."

_MAX_ANCHOR_FILE = 64 * 1024
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line, one field for each option."""

    zone: ZoneName
    file: Path | None
    axfr: Server | None
    ds: Path | None
    trust_anchor: Path | None
    at: Instant | None
    engine: tuple[str, ...]
    environment: Path | None
    request: Path | None
    observer: str
    sign_with: str | None
    out: Path | None
    output: str


@click.command("zone", epilog=EXIT_CODES)
@click.option("--zone", type=Parsed("zone", ZoneName.parse), required=True, help="The zone, such as example.")
@click.option("--file", type=_FILE, help="The signed zone as a master file.")
@click.option("--axfr", type=Parsed("server", Server.parse), metavar="HOST[@PORT]", help="Transfer it from a server.")
@click.option("--ds", type=_FILE, help="The DS records at the parent.")
@click.option("--trust-anchor", type=_FILE, help="DNSKEY records that are trusted, instead of a DS.")
@click.option("--at", type=Parsed("time", Instant.parse), metavar="TIME", help="Judge at this time, not now.")
@click.option(
    "--engine", type=click.Choice(tuple(ENGINES)), multiple=True, default=("native",), help="Code base. Repeatable."
)
@click.option("--environment", type=_FILE, help="The environment that the statement is about.")
@click.option("--request", type=_FILE, help="The deployment request that the statement is for.")
@click.option("--observer", default="attest zone", show_default=True, help="Who looks.")
@click.option("--sign-with", metavar="KEY", help="Sign the statement: file:KEY.pem, pkcs11:..., ssh:KEY.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where the signed statement goes.")
@output_option(ZoneOutput)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Validate a signed zone from outside: every signature must verify with a published key.

    For example, with two code bases:

    attest zone --zone example. --file example.signed --ds ds.txt --engine bind --engine ldns
    """
    options = Options(**given)
    _check(options)
    name = dns.name.from_text(options.zone)
    started_on = _now()
    # The signer is opened first: a key that cannot sign is found out before the work, not after.
    signer = open_signer(options.sign_with) if options.sign_with else None
    environment = read_environment(options.environment) if options.environment else None
    request = read_request(options.request) if options.request else None
    engines = [ENGINES[engine] for engine in dict.fromkeys(options.engine)]
    outcome = run(_reader(options, name), name, _anchors(options, name), engines, options.at or started_on)
    if signer and options.out and environment:
        occasion = Occasion(
            observer=options.observer,
            environment=environment,
            request=request,
            started_on=started_on,
            finished_on=_now(),
        )
        _sign(outcome, occasion, signer, options.out)
    show(options.output, outcome.document, "\n".join(outcome.lines))
    ctx.exit(outcome.exit_code)


def _check(options: Options) -> None:
    if (options.file is None) == (options.axfr is None):
        raise click.UsageError("--file and --axfr: give one of them")
    if options.ds and options.trust_anchor:
        raise click.UsageError("--ds and --trust-anchor: give one of them")
    if bool(options.sign_with) != bool(options.out):
        raise click.UsageError("--sign-with and --out: give both or neither")
    if options.sign_with and not options.environment:
        raise click.UsageError("--sign-with needs --environment: a statement says where it holds")
    timeless = [name for name in options.engine if not ENGINES[name].takes_time]
    if options.at and timeless:
        raise click.UsageError(f"--at: the engine {timeless[0]} can judge only now")


def _reader(options: Options, name: dns.name.Name) -> "partial[ZoneVersion]":
    if options.file:
        return partial(zone_from_file, options.file, name)
    if options.axfr:
        return partial(zone_from_transfer, options.axfr, name)
    raise LookupError("neither file nor server, which _check excludes")


def _anchors(options: Options, name: dns.name.Name) -> tuple[Anchor, ...]:
    if options.ds:
        return read_anchors(read_file(options.ds, _MAX_ANCHOR_FILE), str(options.ds), name, "DS")
    if options.trust_anchor:
        raw = read_file(options.trust_anchor, _MAX_ANCHOR_FILE)
        return read_anchors(raw, str(options.trust_anchor), name, "DNSKEY")
    return ()


def _sign(outcome: Outcome, occasion: Occasion, signer: Signer, out: Path) -> None:
    for result in outcome.results:
        path = out if len(outcome.results) == 1 else _beside(out, result.engine.name)
        write_durably(path, seal(to_statement(result, occasion), PAYLOAD_TYPE, [signer]))
        click.echo(f"signed statement: {path}", err=True)


def _beside(out: Path, engine: str) -> Path:
    """Return `zone-bind.dsse.json` for `zone.dsse.json`: the engine stands before all suffixes."""
    stem, dot, suffixes = out.name.partition(".")
    return out.with_name(f"{stem}-{engine}{dot}{suffixes}")


def _now() -> Instant:
    return Instant.of(datetime.now(UTC))
