"""`gatekeeper sign-off`: shows a case, and signs it as a person once its digest has been confirmed."""

from pathlib import Path
from typing import Any, Literal

import click

from attestations.command_line import output_option, show
from attestations.durable import refuse_replacing, write_durably
from attestations.envelope import PAYLOAD_TYPE, seal
from attestations.errors import InputError
from attestations.predicates import sign_off
from attestations.predicates.common import EnvironmentReference
from attestations.predicates.sign_off import SignOff
from attestations.printed import schema_uri
from attestations.records import JsonRecord, Name, Sha256
from attestations.signers import Signer, open_signer
from attestations.statement import Subject, write_statement
from attestations.times import Instant
from gatekeeper.cli.arguments import FILE, case_options, clock, colour_wanted, files_read, read_case
from gatekeeper.cli.reporting import report_of
from gatekeeper.decision import Verdict
from gatekeeper.gate import Judgement, decide
from gatekeeper.report import render


class CaseSignOff(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("sign-off-result")):
    """What `gatekeeper sign-off --output json` prints."""

    signed: bool
    """false where the digest was not confirmed"""
    person: Name
    verdict: Literal["approve", "reject"]
    case_digest: Sha256
    request: Name
    release: Name
    environment: Name
    stage: Name
    decision: Verdict
    """what the gate says of the case as it is now"""
    out: str | None


@click.command("sign-off")
@case_options
@click.option("--as", "person", required=True, metavar="PERSON", help="Your name in the trust root.")
@click.option("--sign-with", required=True, metavar="KEY", help="Your key: file:, pkcs11: or ssh: URI.")
@click.option("--reject", is_flag=True, help="Say no. A rejection stands until there is a new request.")
@click.option("--reason", default="", help="Why; wanted with --reject.")
@click.option("--confirm", metavar="DIGEST", help="The case digest that you were shown. Without it nothing is signed.")
@click.option("--out", type=FILE, required=True, help="Where the signed statement is written.")
@output_option(CaseSignOff)
@click.pass_context
def command(  # one parameter for each option
    ctx: click.Context,
    /,
    person: str,
    sign_with: str,
    reject: bool,  # noqa: FBT001  # click passes flags so
    reason: str,
    confirm: str | None,
    out: Path,
    output: str,
    **files: Any,
) -> None:
    """Say yes or no, as a person, to exactly one case.

    Without --confirm it shows the case and the digest to confirm, and signs nothing. Compare that digest with what
    another machine shows before you confirm it. Sign-offs travel as evidence.
    """
    now = clock()
    read = files_read(files | {"evidence": ()}, sign_with)  # an earlier sign-off among the evidence may be replaced
    judgement = decide(read_case(files), now)
    digest = judgement.decision.case_digest
    verdict: Literal["approve", "reject"] = "reject" if reject else "approve"
    if confirm is None:
        shown = render("text", report_of(judgement), colour=colour_wanted())
        invitation = _invitation(person, digest, reject=reject)
        show(output, _result(judgement, person, verdict, None), f"{shown}\n{invitation}")
        ctx.exit(0)
    refuse_replacing((out,), read)
    signer = open_signer(sign_with)
    _check(judgement, person, signer, confirm, reason if reject else None)
    write_durably(out, _statement(judgement, person, signer, now, verdict=verdict, reason=reason))
    said = f"{person} {'rejected' if reject else 'signed off'} case {digest}; offer {out} as evidence"
    show(output, _result(judgement, person, verdict, out), said)


def _check(judgement: Judgement, person: str, signer: Signer, confirm: str, rejection: str | None) -> None:
    if confirm != judgement.decision.case_digest:
        raise _refused(
            f"the digest {confirm!a:.80}",
            f"{judgement.decision.case_digest}, the digest of the case as it is now",
            "look at the case again without --confirm: it is not the one you were shown",
        )
    holder = next((who for who in judgement.case.trust.people if who.record.name == person), None)
    if holder is None:
        known = ", ".join(who.record.name for who in judgement.case.trust.people) or "nobody"
        raise _refused(f"no person {person!a} in the trust root", f"one of its people: {known}", "correct --as")
    if signer.public.fingerprint not in {key.fingerprint for key in holder.keys}:
        raise _refused(
            f"a key ({signer.public.fingerprint[:16]}…) that is not one of {person}'s",
            f"a key that the trust root names for {person}",
            "correct --as or --sign-with",
        )
    if rejection == "":
        raise _refused("a rejection without a reason", "a reason that others can act on", "give --reason")


def _statement(judgement: Judgement, person: str, signer: Signer, now: Instant, *, verdict: Any, reason: str) -> bytes:
    decision = judgement.decision
    subjects = [Subject(name=name, digest={"sha256": digest}) for name, digest in decision.components]
    predicate = SignOff(
        case_digest=decision.case_digest,
        request_id=decision.request.name,
        request_digest=decision.request.digest,
        environment=EnvironmentReference(name=decision.environment.name, digest=decision.environment.digest),
        stage=decision.stage,
        person=person,
        verdict=verdict,
        reason=reason,
        signed_on=now,
    )
    return seal(write_statement(subjects, sign_off.TYPE, predicate), PAYLOAD_TYPE, (signer,))


def _result(judgement: Judgement, person: str, verdict: Literal["approve", "reject"], out: Path | None) -> CaseSignOff:
    decision = judgement.decision
    return CaseSignOff(
        signed=out is not None,
        person=person,
        verdict=verdict,
        case_digest=decision.case_digest,
        request=decision.request.name,
        release=decision.release,
        environment=decision.environment.name,
        stage=decision.stage,
        decision=decision.verdict,
        out=None if out is None else str(out),
    )


def _invitation(person: str, digest: str, *, reject: bool) -> str:
    verb = "reject" if reject else "sign off"
    groups = " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))
    return f"Nothing was signed. {person} would {verb} the case\n  {groups}\nTo do so, add:  --confirm {digest}"


def _refused(found: str, wanted: str, fix: str) -> InputError:
    return InputError("APPR-COUNT", found=found, wanted=wanted, fix=fix)
