"""The whole flow on one page: read what is asked, verify what is offered, decide, record, approve.

Every stage is a file, and this is the only file that calls them. Nothing that `judge` calls touches the outside world.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from attestations.errors import InputError
from attestations.signers import Signer
from attestations.times import Instant
from gatekeeper.anchors import Anchors, check_anchored
from gatekeeper.approval import commission, end_of_approval
from gatekeeper.case import Case
from gatekeeper.decision import Decision, Verdict
from gatekeeper.documents import Source, read_source
from gatekeeper.environment import Environment, check_request_fits, load_environment
from gatekeeper.evaluation import evaluate
from gatekeeper.evidence import Offered, Unreadable, collect
from gatekeeper.orders import vouched_orders
from gatekeeper.record import check_clock, check_not_older, record_approval, record_decision, standing_orders
from gatekeeper.request import evidence_paths, load_request
from gatekeeper.rulebook import Policy, check_policy_fits, load_policy
from gatekeeper.summary import summarise
from gatekeeper.trust import TrustRoot, load_trust, read_trust_files
from gatekeeper.verification import verify

if TYPE_CHECKING:
    from gatekeeper.ledger.store import Ledger


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Everything that a decision is made from, as bytes that were read once."""

    request: Source
    environment: Source
    policy: Source
    trust: Source
    trust_files: Mapping[str, bytes]
    """files that the trust root names, by the names it gives them"""
    offered: tuple[Offered | Unreadable, ...]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What every request is judged by, loaded: inventory, policy and trust root. One set serves many requests."""

    environment: Environment
    policy: Policy
    trust: TrustRoot
    trust_files: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A decision with what it was made from."""

    inputs: Inputs
    case: Case
    policy: Policy
    decision: Decision


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The gate's two keys: one signs approvals, the other the ledger. They are never the same."""

    gate: Signer
    ledger: Signer

    def __post_init__(self) -> None:
        if self.gate.public.fingerprint == self.ledger.public.fingerprint:
            raise InputError(
                "SIGNER",
                found="one key for the gate and the ledger",
                wanted="two keys: whoever can sign approvals must not be able to rewrite their record",
                fix="give the ledger its own Ed25519 key",
            )


@dataclass(frozen=True, kw_only=True)
class Issued:
    """What `issue` leaves behind: the judgement, its place in the ledger, and the approval if there is one."""

    judgement: Judgement
    summary: bytes
    """the decision as a signed SLSA verification summary"""
    proof: str
    """C2SP tlog-proof of the approval, or of the decision where there is no approval"""
    index: int
    approval: bytes | None
    not_after: Instant | None = None
    """when the approval ends"""


def read_inputs(request: Path, environment: Path, policy: Path, trust: Path, evidence: Sequence[Path]) -> Inputs:
    """Return everything read from disk, each file opened once; raise InputError where that fails."""
    asked, believed = read_source(request), read_source(trust)
    beside = evidence_paths(load_request(asked), request.parent)
    return Inputs(
        request=asked,
        environment=read_source(environment),
        policy=read_source(policy),
        trust=believed,
        trust_files=read_trust_files(believed, trust.parent),
        offered=collect((*beside, *evidence)),
    )


def decide(inputs: Inputs, now: Instant) -> Judgement:
    """Return the decision on these inputs at this time; raise InputError where a trusted document is unusable."""
    rules = load_rules(inputs.environment, inputs.policy, inputs.trust, inputs.trust_files)
    return judge(rules, inputs.request, inputs.offered, now)


def load_rules(environment: Source, policy: Source, trust: Source, trust_files: Mapping[str, bytes]) -> Rules:
    """Return the documents made ready to judge by; raise InputError where one is unusable."""
    return Rules(
        environment=load_environment(environment),
        policy=load_policy(policy),
        trust=load_trust(trust, trust_files),
        trust_files=trust_files,
    )


def judge(rules: Rules, request: Source, offered: tuple[Offered | Unreadable, ...], now: Instant) -> Judgement:
    """Return the decision on this request; raise InputError where the rules are not for it."""
    asked = load_request(request)
    environment, policy, trust = rules.environment, rules.policy, rules.trust
    check_request_fits(asked, environment)
    check_policy_fits(policy, asked, trust, now)
    attestations, refusals = verify(offered, asked, environment, trust, now)
    inputs = Inputs(
        request=request,
        environment=environment.source,
        policy=policy.source,
        trust=trust.loaded.source,
        trust_files=rules.trust_files,
        offered=offered,
    )
    case = Case(
        request=asked,
        environment=environment,
        trust=trust,
        attestations=attestations,
        refusals=refusals,
        now=now,
    )
    return Judgement(inputs=inputs, case=case, policy=policy, decision=evaluate(case, policy))


def issue(inputs: Inputs, anchors: Anchors, ledger: "Ledger", keys: Keys, now: Instant) -> Issued:
    """Decide, record durably, and only then sign an approval, which is recorded before anybody is told of it.

    Each entry is recorded only at the index that follows what was read: a halt that came in between stops it.
    Raises InputError: POL-TRUST (unanchored or older documents, an order nobody vouches for), TIME-EFFECTIVE, LOG,
    DURABLE, RACE, SIGNER, TOKEN. Nothing is issued then.
    """
    trust = load_trust(inputs.trust, inputs.trust_files)
    check_anchored(anchors, inputs.policy, inputs.environment, trust, now)
    size = ledger.size()
    check_clock(ledger, now)
    vouched_orders(ledger, trust, now)
    judgement = decide(_with_standing_orders(inputs, ledger), now)
    check_not_older(ledger, judgement.decision)
    receipt = record_decision(ledger, judgement.decision, keys.ledger, only_at=size)
    summary = summarise(judgement.decision, keys.gate)
    if judgement.decision.verdict is not Verdict.APPROVE:
        return Issued(judgement=judgement, summary=summary, proof=receipt.proof, index=receipt.index, approval=None)
    not_after = end_of_approval(judgement.decision, now, judgement.policy.record.spec.approval.valid_for)
    approval = commission(judgement.decision, now, not_after, keys.gate, trust)
    receipt = record_approval(ledger, approval, keys.ledger, only_at=receipt.index + 1)
    return Issued(
        judgement=judgement,
        summary=summary,
        proof=receipt.proof,
        index=receipt.index,
        approval=approval,
        not_after=not_after,
    )


def _with_standing_orders(inputs: Inputs, ledger: "Ledger") -> Inputs:
    """Freezes and halts that the ledger holds count whether or not the requester offers them."""
    return replace(inputs, offered=(*inputs.offered, *standing_orders(ledger)))
