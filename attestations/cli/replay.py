"""`attest replay`: what becomes of a zone that Knot signs in every HSM in turn, at real servers and resolvers."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from attestations.cli.drilling import ended_by_signals, zone_of
from attestations.command_line import INVALID, Parsed, output_option, show
from attestations.hsm.documents import Unit, read_inventory
from attestations.hsm.isolation import IsolatedTokens
from attestations.hsm.pin import pin_reader
from attestations.hsm.published import PublishedKey, published_keys
from attestations.hsm.token import Selector, TokenError
from attestations.laboratory.build import KSK, ZSK
from attestations.laboratory.places import DS_FILE, ENVIRONMENT_FILE, SOFTHSM_FOLDER
from attestations.laboratory.softhsm import CONFIGURATION, PIN_FILE, softhsm_module
from attestations.operations.knot import key_of
from attestations.printed import text_of as json_of
from attestations.records import ZoneName
from attestations.replay import incident
from attestations.replay.incident import Plan, replay
from attestations.replay.registry import Registry
from attestations.replay.report import ReplayReport, Setting, report, text_of
from attestations.replay.signing import SigningPlan
from attestations.servers.files import write_file
from attestations.servers.knot_signer import Keystore
from attestations.servers.operating import versions
from attestations.servers.refusal import laboratory_error
from attestations.strict import read_file

EXIT_CODES = "Exit codes: 0 all is well, 10 what the HSMs signed is not, 2 usage or no laboratory."
SOFTHSM_VARIABLE = "SOFTHSM2_CONF"
REPLAY_FOLDER, REPORT_FILE = "replay", "report.json"
PROGRAMS = {"knotd": "--version", "nsd": "-v", "unbound": "-V"}
"""the programs whose versions are told, and how they are asked"""

_MAX_DS = 64 * 1024
_FILE = click.Path(path_type=Path, dir_okay=False)
_KEY_ID = Parsed("hexadecimal", key_of)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line, one field for each option."""

    directory: Path
    environment: Path | None
    zone: ZoneName | None
    ds: Path | None
    module: str | None
    module_setting: tuple[str, ...]
    pin_file: Path | None
    ksk: str
    zsk: str
    delegations: int
    opt_out: bool
    folder: Path | None
    output: str


@click.command("replay", epilog=EXIT_CODES)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--environment", type=_FILE, help=f"Which HSMs there are; without it {ENVIRONMENT_FILE} in DIR.")
@click.option("--zone", type=Parsed("zone", ZoneName.parse), help="Which zone, if the environment has several.")
@click.option("--ds", type=_FILE, help=f"The DS records of the KSK; without it {DS_FILE} in DIR.")
@click.option("--module", help="The PKCS#11 module; without it that of SoftHSM.")
@click.option(
    "--module-setting",
    multiple=True,
    default=(SOFTHSM_VARIABLE,),
    metavar="VARIABLE",
    help="A variable that the module reads of its environment. Repeatable.",
)
@click.option("--pin-file", type=_FILE, help=f"A file with the PIN; without it {SOFTHSM_FOLDER}/{PIN_FILE} in DIR.")
@click.option("--ksk", type=_KEY_ID, default=KSK.key_id, show_default=True, help="CKA_ID of the key signing key.")
@click.option("--zsk", type=_KEY_ID, default=ZSK.key_id, show_default=True, help="CKA_ID of the zone signing key.")
@click.option("--delegations", type=click.IntRange(20, 100_000), default=1000, show_default=True)
@click.option("--opt-out", is_flag=True, help="Sign with NSEC3 opt-out.")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help=f"New; without it {REPLAY_FOLDER} in DIR."
)
@output_option(ReplayReport)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Let Knot sign a zone like a top-level domain in every HSM in turn, publish it, and ask resolvers for it.

    DIR is what `attest laboratory DIR --tokens softhsm` has made, or holds an environment and DS records of yours.
    On loopback run a hidden primary (Knot), a guard with its verifier (NSD), a secondary behind it and one without
    guard (Knot), and a validating resolver (Unbound) behind each. For example:

    attest laboratory lab --tokens softhsm --defect one-key-pair-per-hsm --key-tag 33834

    attest replay lab
    """
    options = Options(**given)
    inventory = read_inventory(options.environment or options.directory / ENVIRONMENT_FILE)
    zone = zone_of(inventory, options.zone)
    programs = versions(PROGRAMS)
    keystores = _keystores(options, inventory.units)
    plan = _plan(options, zone, keystores)
    with ended_by_signals():
        replayed = replay(plan)
    document = report(_setting(plan, inventory.units, keystores, programs), replayed)
    write_file(plan.folder / REPORT_FILE, json_of(document).encode())
    show(options.output, document, text_of(document))
    ctx.exit(0 if document.verdict == "valid" else INVALID)


def _setting(plan: Plan, units: tuple[Unit, ...], keystores: tuple[Keystore, ...], programs: dict[str, str]) -> Setting:
    keys = published_keys(str(plan.folder / incident.DNSKEY_FILE), plan.registry.zone)
    published = next(key for key in keys if key.role == "zsk")
    return Setting(
        registry=plan.registry,
        units=units,
        published=published,
        held=tuple(_held(keystore, plan.signing.zsk, published) for keystore in keystores),
        programs=programs,
        files=_files(plan.folder),
    )


def _plan(options: Options, zone: ZoneName, keystores: tuple[Keystore, ...]) -> Plan:
    folder = (options.folder or options.directory / REPLAY_FOLDER).absolute()
    return Plan(
        folder=folder,
        signing=SigningPlan(
            folder=folder / "signer",
            zone=zone,
            keystores=keystores,
            ksk=options.ksk,
            zsk=options.zsk,
            opt_out=options.opt_out,
        ),
        registry=Registry(zone=zone, delegations=options.delegations),
        ds=read_file(options.ds or options.directory / DS_FILE, _MAX_DS),
    )


def _keystores(options: Options, units: tuple[Unit, ...]) -> tuple[Keystore, ...]:
    own = options.directory.absolute() / SOFTHSM_FOLDER
    if (own / CONFIGURATION).exists():
        os.environ[SOFTHSM_VARIABLE] = str(own / CONFIGURATION)
    return tuple(
        Keystore(
            module=options.module or softhsm_module(),
            serial=unit.serial,
            pin_file=(options.pin_file or own / PIN_FILE).absolute(),
            environment={name: os.environ[name] for name in options.module_setting if name in os.environ},
        )
        for unit in units
    )


def _held(keystore: Keystore, key_id: str, published: PublishedKey) -> PublishedKey:
    """Return what this HSM holds where the others hold the published key; raise InputError (LABORATORY)."""
    tokens = IsolatedTokens(module=keystore.module, pin=pin_reader(keystore.pin_file))
    selector = Selector(by="id", value=bytes.fromhex(key_id))
    try:
        (public_key,) = tokens.ask(keystore.serial, lambda token: token.holds(selector).public_keys)
    except (TokenError, ValueError) as error:
        raise laboratory_error(f"HSM {keystore.serial}: {error}", f"one public key with CKA_ID {key_id}") from None
    return replace(published, public_key=public_key)


def _files(folder: Path) -> dict[str, str]:
    names = (incident.OFFERED_FILE, incident.DNSKEY_FILE, incident.DS_FILE, incident.LAST_GOOD_FILE, REPORT_FILE)
    return {name: str(folder / name) for name in names}
