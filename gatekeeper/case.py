"""The case: everything a decision rests on, gathered before it is reached."""

from dataclasses import dataclass, field

from attestations.times import Instant
from gatekeeper.environment import Environment
from gatekeeper.evidence import Refusal
from gatekeeper.request import Request
from gatekeeper.trust import TrustRoot
from gatekeeper.verification import Attestation


@dataclass(frozen=True, kw_only=True)
class Case:
    """Request, environment, trust root, verified and refused evidence, and one time."""

    request: Request
    environment: Environment
    trust: TrustRoot
    attestations: tuple[Attestation, ...] = field(repr=False)
    refusals: tuple[Refusal, ...] = field(repr=False)
    now: Instant
