"""`gatekeeper guard`: halts a zone at its servers, and holds the halt until a fixed release is approved."""

import secrets
from pathlib import Path

import click

from attestations.command_line import output_option
from attestations.inert import visible
from attestations.records import ZoneName
from gatekeeper.cli.arguments import clock
from gatekeeper.cli.guard_options import CONFIG, FOLDER, ZONE, insist_on_lock, tell
from gatekeeper.cli.guard_resume import resume
from gatekeeper.guard.configuration import GuardedZone, read_configuration, zone_of
from gatekeeper.guard.holding import hold
from gatekeeper.guard.latch import Halt, halted_on, latch, locked, standing, with_witnesses
from gatekeeper.guard.report import GuardReport, ZoneState, zone_state

_LONGEST = 4096


@click.group("guard")
def command() -> None:
    """Halt zones at their servers, and hold the halts: exit code 12 where every halt is seen to hold."""


command.add_command(resume)


@command.command("halt")
@ZONE
@click.option("--reason", required=True, help="Why; whoever reads the halt reads this.")
@FOLDER
@CONFIG
@output_option(GuardReport)
@click.pass_context
def halt(ctx: click.Context, /, zone: ZoneName, reason: str, folder: Path, config: Path, output: str) -> None:
    """Latch a halt on disk, tell every server of the zone to give it to nobody, and look whether they obey.

    Exit code 12: latched, and every server was seen to hold it. 11: latched, but not seen to hold everywhere. 10: a
    server still gives the zone. 1: it could not be latched; the servers were told all the same.
    """
    guarded = zone_of(read_configuration(config), zone)
    with locked(folder):  # where another command holds it for too long, a halt goes on without
        before = standing(folder, zone)
        made = Halt(
            id=secrets.token_hex(8),
            zone=zone,
            reason=_reason(reason),
            halted_on=halted_on(before, clock()),
            witnessed=before.witnessed if before else (),
        )
        try:
            latch(folder, made)
        finally:
            seen = hold(guarded, made)
        with_witnesses(folder, made, (one.server for one in seen if one.state == "holds"))
    tell(ctx, output, [zone_state(zone, made, seen)])


@command.command("assert")
@FOLDER
@CONFIG
@output_option(GuardReport)
@click.pass_context
def assert_(ctx: click.Context, /, folder: Path, config: Path, output: str) -> None:
    """Make every halt hold again, after the start of a server and from a timer; harmless where it holds already.

    Exit codes as for `halt`; 0: no halt stands. A halt that cannot be read stands.
    """
    zones = read_configuration(config).zones
    with locked(folder) as is_ours:
        insist_on_lock(folder, is_ours=is_ours)
        states = [_asserted(folder, zone) for zone in zones]
    tell(ctx, output, states)


@command.command("status")
@ZONE
@FOLDER
@CONFIG
@output_option(GuardReport)
@click.pass_context
def status(ctx: click.Context, /, zone: ZoneName, folder: Path, config: Path, output: str) -> None:
    """Say whether a halt of the zone stands. Asks no server: a verifier in line calls this before it lets a zone pass.

    Exit code 0: none stands. 12: one does, or it cannot be known. 2: the configuration knows no such zone.
    """
    zone_of(read_configuration(config), zone)  # of a zone with another name no halt stands, whatever was halted
    tell(ctx, output, [zone_state(zone, standing(folder, zone))])


def _asserted(folder: Path, zone: GuardedZone) -> ZoneState:
    stands = standing(folder, zone.name)
    if stands is None:
        return zone_state(zone.name, None)
    seen = hold(zone, stands)
    with_witnesses(folder, stands, (one.server for one in seen if one.state == "holds"))
    return zone_state(zone.name, stands, seen)


def _reason(text: str) -> str:
    """Return the reason in a form that can be written: no wording is worth refusing a halt."""
    return visible(text)[:_LONGEST] or "no reason was given"
