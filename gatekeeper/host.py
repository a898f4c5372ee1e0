"""What the signer's host asks of the ledger before it starts: that the approval is recorded and no halt stands."""

from typing import TYPE_CHECKING

from attestations.errors import InputError
from attestations.predicates import halt
from attestations.predicates.commissioning_approval import CommissioningApproval
from attestations.times import Instant
from gatekeeper.halts import standing
from gatekeeper.ledger import proof
from gatekeeper.orders import halts_among, vouched_orders
from gatekeeper.record import APPROVAL
from gatekeeper.trust import TrustRoot

if TYPE_CHECKING:
    from gatekeeper.ledger.store import Ledger

NEXT = "take the proof that `gatekeeper issue` wrote beside the approval, or give --ledger"


def check_proof(raw: bytes, text: str, trust: TrustRoot) -> None:
    """Raise InputError (LOG, TOKEN) unless `text` proves that the trust root's ledger holds this very approval."""
    ledger = trust.loaded.record.spec.ledger
    if ledger is None or trust.ledger_key is None:
        raise _unrecorded("a trust root that names no ledger", "a trust root with the ledger's origin and key")
    proof.verify(APPROVAL, raw, text, origin=ledger.origin, key=trust.ledger_key)


def check_recorded(raw: bytes, ledger: "Ledger") -> None:
    """Raise InputError (TOKEN) unless the ledger holds this very approval."""
    if not any(entry.content == raw for entry in ledger.entries(APPROVAL)):
        raise _unrecorded("an approval that the ledger does not hold", "an approval recorded when it was issued")


def halt_in_force(
    ledger: "Ledger", trust: TrustRoot, approval: CommissioningApproval, now: Instant
) -> halt.Halt | None:
    """Return the first halt in the ledger that stands against what was approved, else None."""
    orders = halts_among(vouched_orders(ledger, trust, now))
    return next(iter(standing(orders, approval.environment.name, approval.change, now)), None)


def _unrecorded(found: str, wanted: str) -> InputError:
    return InputError("TOKEN", found=found, wanted=wanted, fix=NEXT)
