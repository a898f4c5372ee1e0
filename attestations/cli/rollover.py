"""`attest rollover`: drives a rollover agent through rollovers, and says what every HSM showed after each step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from attestations.cli.drilling import ended_by_signals, zone_of
from attestations.command_line import Parsed, output_option, show
from attestations.digest import canonical_json
from attestations.dnskey import ECDSAP256SHA256, NAMES
from attestations.durable import refuse_replacing, resolved, write_durably
from attestations.hsm.documents import Inventory, read_inventory
from attestations.hsm.isolation import HSM_SECONDS, IsolatedTokens
from attestations.hsm.pin import pin_reader
from attestations.hsm.pkcs11 import module_path
from attestations.hsm.software import SoftwareTokens
from attestations.records import ZoneName, plain
from attestations.rollover.agent import ALGORITHM, MODULE, PIN_FILE, SERIALS, STAND_INS, ZONE
from attestations.rollover.command_agent import AGENT_SECONDS, Command, CommandAgent, words_of
from attestations.rollover.course import Bench
from attestations.rollover.evidence import exercise
from attestations.rollover.publication import Publication
from attestations.rollover.report import EXIT_CODES, RolloverReport, report
from attestations.rollover.scenarios import LOSS, Scenario, possible, run_scenarios
from attestations.rollover.switch import CommandSwitch
from attestations.rollover.table import text_of

if TYPE_CHECKING:
    from attestations.hsm.token import Tokens

_EXIT_CODES = "Exit codes: 0 all completed, 10 one was not, 11 an HSM could not be asked, 2 usage."
_ALGORITHMS = {name: number for number, name in NAMES.items()}
_SECONDS = click.IntRange(1, 3600)
_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line, one field for each option."""

    environment: Path
    zone: ZoneName
    agent: str
    hsm_away: str | None
    hsm_back: str | None
    scenario: tuple[Scenario, ...]
    module: str | None
    software: Path | None
    pin_file: Path | None
    dnskey_from: str | None
    algorithm: str
    agent_seconds: int
    hsm_seconds: int
    exercises: Path
    output: str


@click.command("rollover", epilog=_EXIT_CODES)
@click.option("--environment", type=_FILE, required=True, help="The inventory: which HSMs there are.")
@click.option("--zone", type=Parsed("zone", ZoneName.parse), required=True, help="The zone, such as example.")
@click.option(
    "--agent", required=True, metavar="COMMAND", help="Called with STEP ROLE CKA_ID LABEL (docs/rollover.md)."
)
@click.option("--hsm-away", metavar="COMMAND", help="Called with a SERIAL: takes that HSM away.")
@click.option("--hsm-back", metavar="COMMAND", help="Called with a SERIAL: brings that HSM back.")
@click.option("--scenario", type=click.Choice(get_args(Scenario)), multiple=True, help="Repeatable; without it all.")
@click.option("--module", help="The PKCS#11 module; without it PKCS11_MODULE.")
@click.option("--software", type=click.Path(path_type=Path), help="A folder of software stand-ins instead of HSMs.")
@click.option("--pin-file", type=_FILE, help="A file with the PIN; without it PKCS11_PIN_FILE, or a question.")
@click.option("--dnskey-from", metavar="HOST@PORT|FILE", help="Where the agent's signer publishes its DNSKEYs.")
@click.option(
    "--algorithm",
    type=click.Choice(tuple(_ALGORITHMS)),
    default=NAMES[ECDSAP256SHA256],
    show_default=True,
    help="Of keys.",
)
@click.option(
    "--agent-seconds", type=_SECONDS, default=AGENT_SECONDS, show_default=True, help="Time limit of each call."
)
@click.option("--hsm-seconds", type=_SECONDS, default=HSM_SECONDS, show_default=True, help="Time limit of each HSM.")
@click.option("--exercises", type=_FILE, required=True, help="Where the exercises go, for attest hsm --exercises.")
@output_option(RolloverReport)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Drive a rollover agent through rollovers, and look after each step what every HSM really holds and signs.

    The keys are new ones with CKA_IDs of their own; others are not touched. For example, with SoftHSM:

    attest rollover --environment environment.yaml --zone example. --agent ./rollover-agent
    --hsm-away ./hsm-away --hsm-back ./hsm-back --module /usr/lib/softhsm/libsofthsm2.so --exercises exercises.json
    """
    options = Options(**given)
    _check(options)
    read = (options.environment, options.pin_file)
    refuse_replacing((options.exercises,), resolved(*(one for one in read if one)))
    inventory = read_inventory(options.environment)
    zone_of(inventory, options.zone)
    bench = _bench(options, inventory)
    scenarios = _scenarios(options, bench)
    with ended_by_signals():
        runs = run_scenarios(bench, scenarios)
    write_durably(options.exercises, canonical_json(plain(tuple(map(exercise, runs)))))
    click.echo(f"exercises: {options.exercises}", err=True)
    document = report(options.zone, options.agent, tuple(unit.serial for unit in bench.units), runs)
    show(options.output, document, text_of(document))
    ctx.exit(EXIT_CODES[document.verdict])


def _check(options: Options) -> None:
    if options.module and options.software:
        raise click.UsageError("--module and --software: give one of them")
    if bool(options.hsm_away) != bool(options.hsm_back):
        raise click.UsageError("--hsm-away and --hsm-back: give both or neither")


def _bench(options: Options, inventory: Inventory) -> Bench:
    tokens, reach, secret = _tokens(options)
    told = {ZONE: options.zone, SERIALS: "\n".join(unit.serial for unit in inventory.units)}
    environment = {**told, ALGORITHM: str(_ALGORITHMS[options.algorithm]), **reach}

    def command_of(text: str) -> Command:
        words = words_of(text)
        return Command(words=words, environment=environment, seconds=options.agent_seconds, secret=secret)

    switch = None
    if options.hsm_away and options.hsm_back:
        switch = CommandSwitch(away_command=command_of(options.hsm_away), back_command=command_of(options.hsm_back))
    return Bench(
        zone=options.zone,
        units=inventory.units,
        tokens=tokens,
        agent=CommandAgent(command=command_of(options.agent)),
        algorithm=_ALGORITHMS[options.algorithm],
        switch=switch,
        publication=Publication(source=options.dnskey_from, zone=options.zone) if options.dnskey_from else None,
    )


def _tokens(options: Options) -> "tuple[Tokens, Mapping[str, str], Callable[[], str] | None]":
    """Return the HSMs, how the agent is told to reach them, and what gives the PIN."""
    if options.software:
        return SoftwareTokens(folder=options.software), {STAND_INS: str(options.software.absolute())}, None
    module, pin = module_path(options.module), pin_reader(options.pin_file)
    named = {} if options.pin_file is None else {PIN_FILE: str(options.pin_file.absolute())}
    tokens = IsolatedTokens(module=module, pin=pin, seconds=options.hsm_seconds)
    return tokens, {MODULE: module, **named}, pin


def _scenarios(options: Options, bench: Bench) -> tuple[Scenario, ...]:
    if LOSS in options.scenario and LOSS not in possible(bench):
        raise click.UsageError(f"--scenario {LOSS} needs --hsm-away, --hsm-back and two HSMs")
    return tuple(dict.fromkeys(options.scenario)) or possible(bench)
