"""`gatekeeper guard resume`: ends a halt, with the approval of a fixed release that was issued after it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from attestations.command_line import HALTED, INCONCLUSIVE, output_option, show
from attestations.errors import InputError
from attestations.printed import fault_of
from attestations.records import ZoneName
from attestations.strict import read_file
from attestations.strict.limits import EVIDENCE
from gatekeeper.approval import Place, check_approval
from gatekeeper.cli.approved import check_ledger, digests_of
from gatekeeper.cli.arguments import FILE, clock
from gatekeeper.cli.guard_options import CONFIG, FOLDER, ZONE, insist_on_lock
from gatekeeper.guard.configuration import GuardedZone, GuardSpec, read_configuration, zone_of
from gatekeeper.guard.holding import Seen, hold, let_go
from gatekeeper.guard.latch import Halt, locked, release, standing
from gatekeeper.guard.report import GuardResumption, ZoneState, text_of_resumption, zone_state
from gatekeeper.trust import TrustRoot, read_trust

NEXT = "have the fixed release approved after the halt:  gatekeeper issue …"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line, one field for each option."""

    zone: ZoneName
    halt_id: str
    folder: Path
    config: Path
    approval: Path
    trust: Path
    components: tuple[str, ...]
    ledger: str | None
    ledger_proof: Path | None
    output: str


@click.command("resume")
@ZONE
@click.option("--halt", "halt_id", required=True, help="The id of the halt that is ended, as `status` says it.")
@FOLDER
@CONFIG
@click.option("--approval", type=FILE, required=True, help="The commissioning approval of the fixed release.")
@click.option("--trust", type=FILE, required=True, help="This host's own trust root; never the pipeline's.")
@click.option(
    "--component",
    "components",
    multiple=True,
    required=True,
    metavar="NAME=FILE",
    help="An installed component; repeat for each one of the release.",
)
@click.option("--ledger", help="The ledger (sqlite:PATH): the approval must be in it, and no halt may stand.")
@click.option(
    "--ledger-proof", type=FILE, help="Proof of the ledger entry; default: the approval's name + .tlog-proof."
)
@output_option(GuardResumption)
@click.pass_context
def resume(ctx: click.Context, /, **given: Any) -> None:
    """End a halt: only with an approval that was issued after it, for what is installed here, as `verify` checks it.

    Exit code 0: ended, and every server gives the zone again. 11: not ended (the approval does not do), or ended and
    not seen at every server. 12: not ended: a halt stands in the ledger, or a server could not be told.
    """
    options = Options(**given)
    spec = read_configuration(options.config)
    zone = zone_of(spec, options.zone)
    with locked(options.folder) as is_ours:
        insist_on_lock(options.folder, is_ours=is_ours)
        made = _resumed(options, spec, zone, _named(options))
    show(options.output, made, text_of_resumption(made))
    ctx.exit(made.exit_code)


def _named(options: Options) -> Halt:
    """Return the halt that stands, and that was meant; raise InputError (USAGE) otherwise."""
    stands = standing(options.folder, options.zone)
    if stands is None or stands.id != options.halt_id:
        raise InputError(
            "USAGE",
            found=f"halt {options.halt_id!a}",
            wanted=f"the halt of {options.zone} that stands: {stands.id if stands else 'none does'}",
            fix=f"gatekeeper guard status --zone {options.zone} --latch {options.folder} --config {options.config}",
        )
    return stands


def _resumed(options: Options, spec: GuardSpec, zone: GuardedZone, halt: Halt) -> GuardResumption:
    """End the halt, the servers first: a latch that a crash leaves behind stops them again, and nothing is lost."""
    root = read_trust(options.trust)
    place = Place(environment=spec.environment, stage=spec.stage, components=digests_of(options.components))
    try:
        _check(options, root, place, halt)
    except InputError as error:
        code = HALTED if error.code == "HALT" else INCONCLUSIVE
        return _made(code, zone_state(zone.name, halt), refusal=error)
    seen = let_go(zone)
    if untold := [one for one in seen if one.told is not None]:
        return _made(HALTED, zone_state(zone.name, halt, hold(zone, halt)), refusal=_untold(untold))
    if (stands := standing(options.folder, zone.name)) is not None and stands != halt:
        return _made(HALTED, zone_state(zone.name, stands, hold(zone, stands)), refusal=_halted_again(stands))
    release(options.folder, zone.name)
    code = 0 if all(one.state == "given" for one in seen) else INCONCLUSIVE
    return _made(code, zone_state(zone.name, None, seen))


def _check(options: Options, root: TrustRoot, place: Place, halt: Halt) -> None:
    """Raise InputError unless the approval ends the halt."""
    now = clock()
    raw = read_file(options.approval, EVIDENCE.max_bytes)
    approval = check_approval(raw, str(options.approval), root, place, now)
    if approval.issued_on <= halt.halted_on:
        raise InputError(
            "TOKEN",
            found=f"an approval issued on {approval.issued_on}, before the halt of {halt.halted_on}",
            wanted="one that was issued after the halt: none before knew of it",
            fix=NEXT,
        )
    ledger_halt = check_ledger(raw, options.approval, root, approval, now, options.ledger, options.ledger_proof)
    if ledger_halt is not None:
        raise InputError(
            "HALT",
            found=f"halt {ledger_halt.id!a} in the ledger: {ledger_halt.reason}",
            wanted="a ledger in which no halt stands",
            fix="have it ended by two who are entitled:  gatekeeper log record …",
        )


def _untold(seen: list[Seen]) -> InputError:
    return InputError(
        "HALT",
        found="; ".join(f"{one.server}: {one.told}" for one in seen),
        wanted="servers that can be told to give the zone again",
        fix="repair them; the halt stands, and was asserted again at every server",
    )


def _halted_again(stands: Halt) -> InputError:
    """A halt does not wait for ever for a command that works on the folder."""
    return InputError(
        "HALT",
        found=f"halt {stands.id}, which was made in the meantime: {stands.reason}",
        wanted="no other halt than the one that was to be ended",
        fix=NEXT,
    )


def _made(exit_code: int, zone: ZoneState, refusal: InputError | None = None) -> GuardResumption:
    return GuardResumption(
        exit_code=exit_code,
        resumed=refusal is None,
        refusal=fault_of(refusal) if refusal else None,
        zone=zone,
    )
