"""`attest zone`: validate a signed zone from outside, and say what was seen."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from attestations.command_line import Parsed, output_option, show
from attestations.durable import refuse_replacing, resolved, write_durably
from attestations.records import ZoneName
from attestations.strict import read_file
from attestations.times import Instant
from attestations.zone.command import Before, State, Step, Task, engines_named, run, run_step
from attestations.zone.engines import ENGINES
from attestations.zone.output import ZoneOutput
from attestations.zone.reading import zone_from_file, zone_from_transfer
from attestations.zone.reading.flat import Zone
from attestations.zone.reading.transfer import Server, differences_from_transfer, key_from_file
from attestations.zone.validation.anchors import Anchor, read_anchors
from attestations.zone.validation.work import Workers

if TYPE_CHECKING:
    from attestations.zone.forensics import KnownKey, Search
    from attestations.zone.stating import Witness

EXIT_CODES = "Exit codes: 0 no error, 10 at least one error, 11 could not be validated, 2 usage."

_MAX_ANCHOR_FILE = 64 * 1024
_MAX_SECRET = 64
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_OUT = click.Path(path_type=Path, dir_okay=False)
_TIME = Parsed("time", Instant.parse)
_SERVER = Parsed("server", Server.parse)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line, one field for each option."""

    zone: ZoneName
    file: Path | None
    axfr: Server | None
    ixfr: Server | None
    from_serial: int | None
    state: Path | None
    state_key: Path | None
    tsig: Path | None
    include: bool
    ds: Path | None
    trust_anchor: Path | None
    at: Instant | None
    engine: tuple[str, ...]
    previous: Path | None
    previous_ds: Path | None
    previous_seen: Instant | None
    sample: int | None
    jobs: int | None
    cluster: str | None
    hsm_key: tuple[str, ...]
    search_rsa: float | None
    picture: Path | None
    environment: Path | None
    request: Path | None
    observer: str
    sign_with: tuple[str, ...]
    out: Path | None
    output: str

    @property
    def read(self) -> tuple[str | Path, ...]:
        """The files that are read."""
        names = (
            *(self.file, self.tsig, self.ds, self.trust_anchor, self.previous, self.previous_ds, self.state_key),
            *(self.environment, self.request, *self.sign_with),
            *(text.partition("=")[2] for text in self.hsm_key),
        )
        return tuple(name for name in names if name)


@click.command("zone", epilog=EXIT_CODES)
@click.option("--zone", type=Parsed("zone", ZoneName.parse), required=True, help="The zone, such as example.")
@click.option("--file", type=_FILE, help="The signed zone as a master file, plain or packed with gzip.")
@click.option("--axfr", type=_SERVER, metavar="HOST[@PORT]", help="Transfer it from a server.")
@click.option(
    "--ixfr", type=_SERVER, metavar="HOST[@PORT]", help="Judge what changed since --from-serial, from --state."
)
@click.option("--from-serial", type=click.IntRange(0, 2**32 - 1), help="The serial number of the state.")
@click.option(
    "--state", type=_OUT, help="With --ixfr: where the last valid version is kept. Else: keep it there, if valid."
)
@click.option("--state-key", type=_FILE, help="16 to 64 random octets of yours, which seal the state.")
@click.option("--tsig", type=_FILE, help="The key for the transfer, as tsig-keygen writes it.")
@click.option("--include", is_flag=True, help="Allow $INCLUDE of files below the master file's folder.")
@click.option("--ds", type=_FILE, help="The DS records at the parent.")
@click.option("--trust-anchor", type=_FILE, help="DNSKEY records that are trusted, instead of a DS.")
@click.option("--at", type=_TIME, metavar="TIME", help="Judge at this time, not now.")
@click.option(
    "--engine", type=click.Choice(tuple(ENGINES)), multiple=True, default=("native",), help="Code base. Repeatable."
)
@click.option("--previous", type=_FILE, help="The version before: compare content, and what caches may still hold.")
@click.option("--previous-ds", type=_FILE, help="The DS records of the version before, if they were others.")
@click.option("--previous-seen", type=_TIME, metavar="TIME", help="When the version before was served last.")
@click.option("--sample", type=click.IntRange(1, 100_000), help="First judge so many signatures, drawn at random.")
@click.option("--jobs", type=click.IntRange(1, 1024), help="Processes; default: one for each processor.")
@click.option("--cluster", metavar="tcp://HOST:PORT", help="Let the engine native work on a Dask cluster.")
@click.option(
    "--hsm-key",
    multiple=True,
    metavar="NAME=FILE",
    help="DNSKEY records of the keys that an HSM holds: tells which HSM made which signatures. Repeatable.",
)
@click.option(
    "--search-rsa",
    type=click.FloatRange(1, 86_400),
    metavar="SECONDS",
    help="Search so long for RSA keys that nobody published; each takes minutes.",
)
@click.option("--picture", type=_OUT, help="Draw which keys signed what share of the zone (SVG).")
@click.option("--environment", type=_FILE, help="The environment that the statement is about.")
@click.option("--request", type=_FILE, help="The deployment request that the statement is for.")
@click.option("--observer", default="attest zone", show_default=True, help="Who looks.")
@click.option(
    "--sign-with",
    multiple=True,
    metavar="KEY",
    help="Sign the statement: file:KEY.pem, pkcs11:..., ssh:KEY, sigstore:CONFIG.json. Keys are repeatable.",
)
@click.option("--out", type=_OUT, help="Where the signed statement goes.")
@output_option(ZoneOutput)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Validate a signed zone from outside: every signature must verify with a published key.

    For example, with two code bases:

    attest zone --zone example. --file example.signed --ds ds.txt --engine bind --engine ldns
    """
    options = Options(**given)
    _check(options)
    started_on = _now()
    stated_by = _witness(options)
    at = options.at or started_on
    with _workers(options) as workers:
        outcome = run_step(_step(options, options.ixfr, at)) if options.ixfr else run(_task(options, at, workers))
    if stated_by is not None:
        for path in stated_by.state(outcome, started_on, _now()):
            click.echo(f"signed statement: {path}", err=True)
    if options.picture and outcome.results:
        from attestations.signing_picture import picture
        from attestations.zone.picture import signed_by_report

        drawn = picture(signed_by_report(outcome.results[0].report, outcome.forensics))
        write_durably(options.picture, drawn.encode("utf-8"))
    show(options.output, outcome.document, "\n".join(outcome.lines))
    ctx.exit(outcome.exit_code)


def _check(options: Options) -> None:
    if [options.file, options.axfr, options.ixfr].count(None) != 2:
        raise click.UsageError("--file, --axfr and --ixfr: give one of them")
    _check_state(options)
    if options.ds and options.trust_anchor:
        raise click.UsageError("--ds and --trust-anchor: give one of them")
    if bool(options.sign_with) != bool(options.out):
        raise click.UsageError("--sign-with and --out: give both or neither")
    if options.sign_with and not options.environment:
        raise click.UsageError("--sign-with needs --environment: a statement says where it holds")
    if (options.environment or options.request) and not options.sign_with:
        raise click.UsageError("--environment and --request are for the statement that --sign-with signs")
    if (options.previous_ds or options.previous_seen) and not options.previous:
        raise click.UsageError("--previous-ds and --previous-seen are about --previous")
    if options.previous and "native" not in options.engine:
        raise click.UsageError("--previous needs --engine native, which compares versions")
    if options.cluster and "native" not in options.engine:
        raise click.UsageError("--cluster is for --engine native")
    timeless = [name for name in options.engine if not ENGINES[name].takes_time]
    if options.at and timeless:
        raise click.UsageError(f"--at: the engine {timeless[0]} can judge only now")
    refuse_replacing(filter(None, (options.out, options.picture)), resolved(*options.read))


def _check_state(options: Options) -> None:
    if bool(options.state) != bool(options.state_key):
        raise click.UsageError("--state and --state-key: give both or neither")
    if bool(options.ixfr) != (options.from_serial is not None):
        raise click.UsageError("--ixfr and --from-serial: give both or neither")
    if options.state and "native" not in options.engine:
        raise click.UsageError("--state needs --engine native, whose state it is")
    if options.ixfr and not options.state:
        raise click.UsageError("--ixfr needs --state, made by a full pass:  attest zone --axfr ... --state FILE")
    if options.ixfr and (options.engine != ("native",) or options.previous or options.sample or options.cluster):
        raise click.UsageError("--ixfr judges what changed: no other engine, no --previous, --sample or --cluster")


def _step(options: Options, server: Server, at: Instant) -> Step:
    key = key_from_file(options.tsig) if options.tsig else None
    state = _state(options)
    if state is None or options.from_serial is None:
        raise LookupError("--ixfr without state or serial, which _check excludes")
    return Step(
        name=options.zone,
        ask=partial(differences_from_transfer, server, options.zone, options.from_serial, key=key),
        server=server,
        state=state,
        anchors=_anchors(options),
        at=at,
    )


def _state(options: Options) -> State | None:
    if options.state is None or options.state_key is None:
        return None
    return State(path=options.state, secret=read_file(options.state_key, _MAX_SECRET))


def _workers(options: Options) -> AbstractContextManager[Workers | None]:
    if options.cluster is None:
        return nullcontext()
    from attestations.zone.validation.cluster import cluster

    return cluster(options.cluster)


def _task(options: Options, at: Instant, workers: Workers | None) -> Task:
    anchors = _anchors(options)
    previous_ds = _records(options.previous_ds, options.zone, "DS") if options.previous_ds else None
    return Task(
        name=options.zone,
        read=_reader(options),
        anchors=anchors,
        at=at,
        engines=engines_named(options.engine, workers),
        before=Before(
            read=partial(zone_from_file, options.previous, options.zone),
            anchors=previous_ds,
            seen_on=options.previous_seen,
        )
        if options.previous
        else None,
        jobs=options.jobs,
        sample=options.sample,
        known=_known(options),
        state=_state(options),
        search=_search(options.search_rsa),
    )


def _reader(options: Options) -> Callable[[], Zone]:
    if options.file:
        return partial(zone_from_file, options.file, options.zone, include=options.include)
    if options.axfr:
        key = key_from_file(options.tsig) if options.tsig else None
        return partial(zone_from_transfer, options.axfr, options.zone, key=key)
    raise LookupError("neither file nor server, which _check excludes")


def _anchors(options: Options) -> tuple[Anchor, ...]:
    if options.ds:
        return _records(options.ds, options.zone, "DS")
    return _records(options.trust_anchor, options.zone, "DNSKEY") if options.trust_anchor else ()


def _records(path: Path, zone: str, kind: str) -> tuple[Anchor, ...]:
    return read_anchors(read_file(path, _MAX_ANCHOR_FILE), str(path), zone, "DS" if kind == "DS" else "DNSKEY")


def _witness(options: Options) -> "Witness | None":
    if not (options.sign_with and options.environment and options.out):
        return None
    from attestations.zone.stating import witness

    return witness(options.sign_with, options.observer, options.environment, options.request, options.out)


def _known(options: Options) -> "tuple[KnownKey, ...]":
    if not options.hsm_key:
        return ()
    from attestations.zone.forensics.known_keys import read_known_keys

    return read_known_keys(options.hsm_key, options.zone)


def _search(seconds: float | None) -> "Search | None":
    if seconds is None:
        return None
    from attestations.zone.forensics.rsa import Search

    return Search(cpu_seconds=seconds)


def _now() -> Instant:
    return Instant.of(datetime.now(UTC))
