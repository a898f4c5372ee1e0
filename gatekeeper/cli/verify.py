"""`gatekeeper verify`: what the signer's host runs before it starts."""

from collections.abc import Iterator
from pathlib import Path

import click

from attestations.command_line import HALTED, INCONCLUSIVE, output_option, show
from attestations.errors import InputError
from attestations.predicates.commissioning_approval import CommissioningApproval, WaiverReference
from attestations.predicates.common import Instance
from attestations.predicates.halt import Halt
from attestations.printed import Fault, fault_of, schema_uri
from attestations.records import JsonRecord, Name, Sha256, Text
from attestations.strict import read_file
from attestations.strict.limits import EVIDENCE
from attestations.times import Instant
from gatekeeper.approval import Place, check_approval
from gatekeeper.cli.approved import check_ledger, digests_of
from gatekeeper.cli.arguments import FILE, clock
from gatekeeper.trust import read_trust


class Verified(JsonRecord, frozen=True, kw_only=True):
    """What the approval says that this host's trust root vouches for."""

    request_id: Name
    release: Name
    version: Name
    environment: Name
    stage: Name
    policy: Instance
    decision_digest: Sha256
    expires_at: Instant
    waivers: tuple[WaiverReference, ...]
    development: bool
    """made under a development trust root: not for production"""


class Standing(JsonRecord, frozen=True, kw_only=True):
    """A halt that stands."""

    id: Name
    effective_on: Instant
    reason: Text


class Verification(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("verify")):
    """What `gatekeeper verify --output json` prints."""

    approved: bool
    exit_code: int
    code: str | None
    """why not; null where approved"""
    approval: Verified | None
    """null where it was refused: nothing that it says counts"""
    refusal: Fault | None
    halt: Standing | None
    halts_looked_for: bool
    """only the ledger knows of halts; a proof does not"""


@click.command("verify")
@click.option("--approval", type=FILE, required=True, help="The commissioning approval.")
@click.option("--trust", type=FILE, required=True, help="This host's own trust root; never the pipeline's.")
@click.option("--environment", required=True, help="Name of the environment that this host belongs to.")
@click.option("--stage", required=True, help="Stage that this host is in.")
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
@output_option(Verification)
@click.pass_context
def command(  # noqa: PLR0913, PLR0917  # one parameter for each option
    ctx: click.Context,
    /,
    approval: Path,
    trust: Path,
    environment: str,
    stage: str,
    components: tuple[str, ...],
    ledger: str | None,
    ledger_proof: Path | None,
    output: str,
) -> None:
    """Say whether this host may start what it has installed.

    Reads nothing from the network. Exit code 0: it may. 11: it may not (no, another, an expired or an altered
    approval). 12: a halt stands. 2: the trust root or the call is unusable.
    """
    root = read_trust(trust)
    place = Place(environment=environment, stage=stage, components=digests_of(components))
    now = clock()
    try:
        raw = read_file(approval, EVIDENCE.max_bytes)
        checked = check_approval(raw, str(approval), root, place, now)
        halt = check_ledger(raw, approval, root, checked, now, ledger, ledger_proof)
    except InputError as error:
        made = _refused(error)
    else:
        made = _verified(checked, halt, asked_ledger=ledger is not None)
    show(output, made, _text(made))
    ctx.exit(made.exit_code)


def _refused(error: InputError) -> Verification:
    return Verification(
        approved=False,
        exit_code=INCONCLUSIVE,
        code=error.code,
        approval=None,
        refusal=fault_of(error),
        halt=None,
        halts_looked_for=False,
    )


def _verified(approval: CommissioningApproval, halt: Halt | None, *, asked_ledger: bool) -> Verification:
    return Verification(
        approved=halt is None,
        exit_code=HALTED if halt else 0,
        code="HALT" if halt else None,
        approval=Verified(
            request_id=approval.request_id,
            release=approval.release,
            version=approval.version,
            environment=approval.environment.name,
            stage=approval.stage,
            policy=approval.policy,
            decision_digest=approval.decision_digest,
            expires_at=approval.not_after,
            waivers=approval.waivers,
            development=approval.development,
        ),
        refusal=None,
        halt=Standing(id=halt.id, effective_on=halt.effective_on, reason=halt.reason) if halt else None,
        halts_looked_for=asked_ledger,
    )


def _text(made: Verification) -> str:
    return "\n".join(_lines(made))


def _lines(made: Verification) -> Iterator[str]:
    if made.halt is not None:
        yield f"✗ HALTED: {made.halt.id} since {made.halt.effective_on}: {made.halt.reason}"
    elif made.approval is not None:
        yield from _acceptance(made.approval)
        if not made.halts_looked_for:
            yield "  halts were not looked for: give --ledger where the host can read it"
    elif made.refusal is not None:
        yield "  ".join(filter(None, ("✗ NOT APPROVED", made.refusal.code, made.refusal.file)))
        yield f"    found   {made.refusal.found}"
        yield f"    wanted  {made.refusal.wanted}"
        yield f"    next    {made.refusal.next}"


def _acceptance(approval: Verified) -> Iterator[str]:
    yield f"✓ APPROVED {approval.release} {approval.version} for {approval.environment}, stage {approval.stage}"
    yield f"  request {approval.request_id}, policy {approval.policy.name} version {approval.policy.version}"
    yield f"  until {approval.expires_at}; decision {approval.decision_digest[:16]}…"
    yield from (f"  ~ waived: {use.requirement} until {use.not_after}: {use.reason!a}" for use in approval.waivers)
    if approval.development:
        yield "  made under a development trust root: not for production"
