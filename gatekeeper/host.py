"""What the signer's host asks of the ledger before it starts: that the approval is recorded and no halt stands."""

from typing import TYPE_CHECKING

from attestations.errors import InputError
from attestations.predicates import halt
from attestations.times import Instant
from gatekeeper.authentication import authenticate, read_claim
from gatekeeper.ledger import proof
from gatekeeper.record import APPROVAL, standing_orders
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


def halt_in_force(ledger: "Ledger", trust: TrustRoot, environment: str, now: Instant) -> halt.Halt | None:
    """Return the first halt of this environment that the ledger holds and an entitled party signed, else None."""
    for order in standing_orders(ledger):
        said = authenticate(read_claim(order), trust).statement.predicate
        if isinstance(said, halt.Halt) and said.environment.name == environment and said.effective_on <= now:
            return said
    return None


def _unrecorded(found: str, wanted: str) -> InputError:
    return InputError("TOKEN", found=found, wanted=wanted, fix=NEXT)
