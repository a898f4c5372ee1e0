"""`gatekeeper verify`: what the signer's host runs before it starts."""

import hashlib
from pathlib import Path

import click

from attestations.command_line import HALTED, INCONCLUSIVE, output_option
from attestations.errors import InputError
from attestations.inert import json_text, visible
from attestations.predicates.commissioning_approval import CommissioningApproval
from attestations.strict import read_file
from attestations.strict.limits import EVIDENCE
from attestations.times import Instant
from gatekeeper.approval import Place, check_approval
from gatekeeper.cli.arguments import FILE, clock
from gatekeeper.documents import read_source
from gatekeeper.trust import TrustRoot, load_trust, read_trust_files

SCHEMA = "https://signer-gatekeeper.github.io/schemas/verify/v1"
PROOF_SUFFIX = ".tlog-proof"


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
@output_option
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
    source = read_source(trust)
    root = load_trust(source, read_trust_files(source, trust.parent))
    place = Place(environment=environment, stage=stage, components=_digests(components))
    now = clock()
    try:
        raw = read_file(approval, EVIDENCE.max_bytes)
        checked = check_approval(raw, str(approval), root, place, now)
        halted = _check_ledger(raw, approval, root, place, now, ledger, ledger_proof)
    except InputError as error:
        _tell(output, approved=False, lines=_refusal(error), code=error.code)
        ctx.exit(INCONCLUSIVE)
    if halted:
        _tell(output, approved=False, lines=(f"✗ HALTED: {halted}",), code="HALT")
        ctx.exit(HALTED)
    _tell(output, approved=True, lines=_acceptance(checked), code=None)


def _check_ledger(  # everything that the host knows
    raw: bytes,
    approval: Path,
    root: TrustRoot,
    place: Place,
    now: Instant,
    ledger: str | None,
    ledger_proof: Path | None,
) -> str | None:
    from gatekeeper.host import check_proof, check_recorded, halt_in_force

    if ledger is not None:
        from gatekeeper.ledger.store import open_ledger

        if root.ledger_key is None:
            raise InputError(
                "TOKEN",
                found="--ledger, and a trust root that names no ledger",
                wanted="a trust root with the ledger's origin and key",
                fix="add spec.ledger to the host's trust root",
            )
        with open_ledger(ledger, root.ledger_key) as opened:
            check_recorded(raw, opened)
            standing = halt_in_force(opened, root, place.environment, now)
            return f"{standing.id} since {standing.effective_on}: {standing.reason}" if standing else None
    if root.ledger_key is not None or ledger_proof is not None:
        path = ledger_proof or approval.with_name(approval.name + PROOF_SUFFIX)
        check_proof(raw, read_file(path, EVIDENCE.max_bytes).decode("utf-8", "replace"), root)
    return None


def _digests(components: tuple[str, ...]) -> dict[str, str]:
    digests: dict[str, str] = {}
    for text in components:
        name, equals, file = text.partition("=")
        if not equals or not name or name in digests:
            raise InputError(
                "USAGE",
                found=f"--component {text!a}",
                wanted="NAME=FILE, each name once",
                fix="name every component of the release with the file that is installed",
            )
        digests[name] = _digest(Path(file))
    return digests


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            "FILE",
            found=f"{path}: {error.strerror}",
            wanted="a file that can be read",
            fix="give the path of the installed component",
        ) from None


def _acceptance(approval: CommissioningApproval) -> tuple[str, ...]:
    lines = [
        f"✓ APPROVED {approval.release} {approval.version} for {approval.environment.name}, stage {approval.stage}",
        f"  request {approval.request_id}, policy {approval.policy.name} version {approval.policy.version}",
        f"  until {approval.not_after}; decision {approval.decision_digest[:16]}…",
    ]
    lines += [f"  ~ waived: {use.requirement} until {use.not_after}: {use.reason!a}" for use in approval.waivers]
    if approval.development:
        lines.append("  made under a development trust root: not for production")
    return tuple(lines)


def _refusal(error: InputError) -> tuple[str, ...]:
    return (
        f"✗ NOT APPROVED  {error.code}",
        f"    found   {error.found}",
        f"    wanted  {error.wanted}",
        f"    next    {error.fix}",
    )


def _tell(output: str, *, approved: bool, lines: tuple[str, ...], code: str | None) -> None:
    if output == "json":
        document = {"schema": SCHEMA, "approved": approved, "code": code, "lines": list(lines)}
        click.echo(json_text(document), nl=False)
    else:
        click.echo("\n".join(map(visible, lines)))
