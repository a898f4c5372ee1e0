"""`attest laboratory`: practice HSMs, a rollover agent with or without the defect of 5 May 2026, a signed zone."""

import shlex
from pathlib import Path
from typing import Any, Literal

import click

from attestations.command_line import output_option, show
from attestations.laboratory.build import KSK, ZSK, Laboratory, Plan, set_up
from attestations.laboratory.places import (
    AGENT_FILE,
    AWAY_FILE,
    BACK_FILE,
    DNSKEY_FILE,
    ENVIRONMENT_FILE,
    EXERCISES_FILE,
    SOFTHSM_FOLDER,
    SOFTWARE_FOLDER,
    ZONE_FILE,
)
from attestations.laboratory.rollover_agent import DEFECT
from attestations.laboratory.softhsm import CONFIGURATION, PIN_FILE, softhsm_module
from attestations.printed import schema_uri
from attestations.records import Count, JsonRecord, Name, ZoneName

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
    rollover: str
    """the call that drives the practice agent through rollovers, as a command that `attest` does not know"""


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
        f"           {rollover_command(plan)}",
    )
    return "\n".join(lines)


def next_command(plan: Plan) -> str:
    """Return the call that probes the laboratory's HSMs."""
    files = ["--dnskey-from", plan.folder / DNSKEY_FILE, "--exercises", plan.folder / EXERCISES_FILE]
    return _call(plan, "hsm", *files, "--keys", f"ksk=id:{KSK.key_id}", "--keys", f"zsk=id:{ZSK.key_id}")


def rollover_command(plan: Plan) -> str:
    """Return the call that drives the laboratory's agent through rollovers."""
    files = {"--agent": AGENT_FILE, "--hsm-away": AWAY_FILE, "--hsm-back": BACK_FILE, "--exercises": EXERCISES_FILE}
    return _call(plan, "rollover", *(part for option, name in files.items() for part in (option, plan.folder / name)))


def _call(plan: Plan, command: str, *more: object) -> str:
    folder = plan.folder
    about = ["--environment", folder / ENVIRONMENT_FILE, "--zone", plan.zone]
    if plan.tokens == "software":
        return shlex.join(map(str, ["attest", command, *about, "--software", folder / SOFTWARE_FOLDER, *more]))
    tokens = ["--module", softhsm_module(), "--pin-file", folder / SOFTHSM_FOLDER / PIN_FILE]
    setting = shlex.quote(str(folder.absolute() / SOFTHSM_FOLDER / CONFIGURATION))
    return f"SOFTHSM2_CONF={setting} " + shlex.join(map(str, ["attest", command, *about, *tokens, *more]))


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
        rollover=rollover_command(laboratory.plan),
    )
