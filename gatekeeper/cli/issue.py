"""`gatekeeper issue`: decide, record durably, then sign the commissioning approval."""

from pathlib import Path
from typing import Any

import click

from attestations.durable import refuse_replacing, write_durably
from attestations.signers import open_signer
from gatekeeper.anchors import DEFAULT_PATH, read_anchors
from gatekeeper.case_file import write_case_file
from gatekeeper.cli.approved import PROOF_SUFFIX
from gatekeeper.cli.arguments import FILE, case_options, clock, files_read, read_case
from gatekeeper.cli.reporting import publish, report_of, report_option, telling_reports
from gatekeeper.gate import Keys, issue
from gatekeeper.ledger.note import ed25519_key
from gatekeeper.ledger.store import open_ledger
from gatekeeper.report import Approval


@click.command("issue")
@case_options
@click.option("--gate", type=FILE, default=DEFAULT_PATH, show_default=True, help="The gate's own configuration.")
@click.option("--sign-with", required=True, metavar="KEY", help="The gate's key: file: or pkcs11: URI.")
@click.option("--ledger", required=True, metavar="URL", help="The ledger: sqlite:PATH.")
@click.option("--ledger-key", required=True, metavar="KEY", help="The ledger's Ed25519 key, as a URI.")
@click.option("--approval", type=FILE, required=True, help="Where the approval is written, if there is one.")
@click.option("--case-file", type=FILE, help="Where the case file is written: everything, in one file.")
@report_option
@click.pass_context
def command(  # one parameter for each option
    ctx: click.Context,
    /,
    gate: Path,
    sign_with: str,
    ledger: str,
    ledger_key: str,
    approval: Path,
    case_file: Path | None,
    report: tuple[str, ...],
    **files: Any,
) -> None:
    """Decide on a request and, if everything is met, sign the commissioning approval.

    The decision is in the ledger before anything is signed, and the approval is in the ledger before it is written.
    Policy, environment and trust root must be signed by their owners or pinned in the gate's configuration.
    """
    proof_file = approval.with_name(approval.name + PROOF_SUFFIX)
    results = (approval, proof_file) if case_file is None else (approval, proof_file, case_file)
    read = files_read(files, gate, sign_with, ledger, ledger_key)
    for path in results:
        if path.resolve() not in read:
            path.unlink(missing_ok=True)  # an approval of an earlier run must not survive a run that fails (P10)
    with telling_reports(report, read):
        refuse_replacing(results, read)
        keys = Keys(gate=open_signer(sign_with), ledger=open_signer(ledger_key))
        with open_ledger(ledger, ed25519_key(keys.ledger)) as opened:
            issued = issue(read_case(files), read_anchors(gate), opened, keys, clock())
    if issued.approval is not None:
        write_durably(proof_file, issued.proof.encode("utf-8"))
        write_durably(approval, issued.approval)
    made = Approval(path=str(approval), not_after=str(issued.not_after)) if issued.not_after else None
    shown = report_of(issued.judgement, issued.index, made)
    if case_file is not None:
        write_durably(case_file, write_case_file(issued, shown))
    publish(report, shown)
    ctx.exit(issued.judgement.decision.verdict.exit_code)
