"""`attest laboratory`: practice HSMs, a rollover agent with or without the defect of 5 May 2026, a signed zone."""

import shlex
from pathlib import Path
from typing import Any, Literal

import click

from attestations.command_line import output_option, show
from attestations.laboratory.build import (
    DNSKEY_FILE,
    ENVIRONMENT_FILE,
    EXERCISES_FILE,
    KSK,
    SOFTHSM_FOLDER,
    SOFTWARE_FOLDER,
    ZONE_FILE,
    ZSK,
    Laboratory,
    Plan,
    set_up,
)
from attestations.laboratory.softhsm import CONFIGURATION, PIN_FILE, softhsm_module
from attestations.printed import schema_uri
from attestations.records import Count, JsonRecord, Name, ZoneName

DEFECT = "one-key-pair-per-hsm"
HSMS = "A1=fra,B7=fra,C2=ams"


class LaboratoryReport(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("laboratory-report")):
    """What `attest laboratory --output json` prints."""

    folder: str
    zone: ZoneName
    tokens: Literal["software", "softhsm"]
    serials: tuple[Name, ...]
    signatures: Count
    """in the practice zone"""
    good: Count
    """of these, those that a published key verifies"""
    exercises: dict[str, bool]
    """scenario -> whether it was completed"""
    next: str
    """the call that probes these HSMs"""


@click.command("laboratory")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--defect", type=click.Choice([DEFECT]), help="Let the agent make a key pair of its own for each HSM.")
@click.option("--tokens", type=click.Choice(["software", "softhsm"]), default="software", show_default=True)
@click.option("--hsms", default=HSMS, show_default=True, metavar="SERIAL=SITE,...", help="The HSMs and their sites.")
@click.option("--zone", default="example.", show_default=True, help="The practice zone.")
@click.option("--key-tag", type=click.IntRange(0, 65535), help="Search a ZSK with this key tag, 33834 for example.")
@output_option(LaboratoryReport)
def command(folder: Path, *, output: str, **given: Any) -> None:
    """Set up practice HSMs in DIR, or use those that are there: roll the ZSK, sign a small zone, exercise rollovers.

    Nothing here is for production. With --tokens softhsm the HSMs are real PKCS#11 tokens, and their serial numbers
    are SoftHSM's; with --tokens software they are files, and call themselves so.
    """
    plan = Plan(
        folder=folder,
        zone=_zone(given["zone"]),
        tokens=given["tokens"],
        hsms=_hsms(given["hsms"]),
        one_key_pair_per_hsm=given["defect"] == DEFECT,
        key_tag=given["key_tag"],
    )
    laboratory = set_up(plan)
    show(output, _report(laboratory), _text(laboratory))


def _zone(text: str) -> ZoneName:
    try:
        return ZoneName.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--zone") from None


def _hsms(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [tuple(part.strip() for part in entry.split("=")) for entry in text.split(",")]
    names = [pair[0] for pair in pairs]
    well_formed = all(len(pair) == 2 and all(part.isalnum() and part.isascii() for part in pair) for pair in pairs)
    if not well_formed or len(set(names)) != len(names):
        raise click.BadParameter(
            f"wanted {HSMS} or the like: letters and digits, each serial once", param_hint="--hsms"
        )
    return tuple((pair[0], pair[1]) for pair in pairs)


def _text(laboratory: Laboratory) -> str:
    plan, signed, rack = laboratory.plan, laboratory.signed, laboratory.rack
    way = "one key pair for each HSM (the defect)" if plan.one_key_pair_per_hsm else "one key pair, copied to each HSM"
    hsms = ", ".join(f"{hsm.serial} at {site}" for hsm, site in zip(rack.hsms, rack.sites, strict=True))
    zsk = laboratory.keys[1].published
    exercises = (f"{one.scenario} {'completed' if one.completed else 'FAILED'}" for one in laboratory.exercises)
    lines = (
        f"HSMs       {hsms}  ({plan.tokens})",
        f"agent      made the ZSK as {way}; published: tag {zsk.tag}, SHA-256 {zsk.fingerprint[:16]}",
        f"zone       {signed.good} of {signed.signatures} signatures of {plan.zone} verify: {plan.folder / ZONE_FILE}",
        f"exercises  {', '.join(exercises)}",
        f"next       {next_command(plan)}",
    )
    return "\n".join(lines)


def next_command(plan: Plan) -> str:
    """Return the call that probes the laboratory's HSMs."""
    folder = plan.folder
    software = plan.tokens == "software"
    tokens = ["--software", folder / SOFTWARE_FOLDER] if software else ["--module", softhsm_module()]
    pin = [] if software else ["--pin-file", folder / SOFTHSM_FOLDER / PIN_FILE]
    files = ["--dnskey-from", folder / DNSKEY_FILE, "--exercises", folder / EXERCISES_FILE]
    keys = ["--keys", f"ksk=id:{KSK.key_id}", "--keys", f"zsk=id:{ZSK.key_id}"]
    call = ["attest", "hsm", "--environment", folder / ENVIRONMENT_FILE, "--zone", plan.zone]
    setting = folder.absolute() / SOFTHSM_FOLDER / CONFIGURATION
    before = "" if software else f"SOFTHSM2_CONF={shlex.quote(str(setting))} "
    return before + shlex.join(map(str, [*call, *tokens, *pin, *files, *keys]))


def _report(laboratory: Laboratory) -> LaboratoryReport:
    return LaboratoryReport(
        folder=str(laboratory.plan.folder),
        zone=laboratory.plan.zone,
        tokens=laboratory.plan.tokens,
        serials=tuple(hsm.serial for hsm in laboratory.rack.hsms),
        signatures=laboratory.signed.signatures,
        good=laboratory.signed.good,
        exercises={one.scenario: one.completed for one in laboratory.exercises},
        next=next_command(laboratory.plan),
    )
