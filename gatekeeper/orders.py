"""Freezes and halts in the ledger, as far as the trust root still vouches for those who said them."""

from typing import TYPE_CHECKING

from attestations.errors import InputError
from attestations.predicates.freeze import Freeze
from attestations.predicates.halt import Halt
from attestations.times import Instant
from gatekeeper.authentication import Authenticated, Claim, authenticate, check_in_use, read_claim
from gatekeeper.halts import Order, ends
from gatekeeper.record import standing_orders
from gatekeeper.trust import TrustRoot

if TYPE_CHECKING:
    from gatekeeper.ledger.store import Ledger


def vouched_orders(ledger: "Ledger", trust: TrustRoot, now: Instant) -> tuple[Authenticated, ...]:
    """Return the freezes and halts in the ledger that the trust root vouches for.

    Raises InputError (POL-TRUST) for one that it does not and that may still stand: taking a key out of the trust
    root must not lift what it stopped.
    """
    said: list[Authenticated] = []
    unvouched: list[tuple[str, Freeze | Halt, InputError]] = []
    for offered in standing_orders(ledger):
        claim = read_claim(offered)
        try:
            said.append(_authenticated(claim, trust, now, offered.sha256))
        except InputError as error:
            unvouched.append((offered.name, claim.statement.predicate, error))
    orders = halts_among(said)
    for name, predicate, reason in unvouched:
        if not _is_over(predicate, orders, now):
            raise _unvouched(name, predicate, reason)
    return tuple(said)


def _authenticated(claim: Claim, trust: TrustRoot, now: Instant, digest: str) -> Authenticated:
    said = authenticate(claim, trust)
    if isinstance(said.statement.predicate, Halt) and said.statement.predicate.state == "ended":
        check_in_use(said, now)  # what stops stays when its author goes or it is taken back; what lets go on does not
        trust.check_attestation(digest, claim.statement.document.sha256)
    return said


def halts_among(said: list[Authenticated] | tuple[Authenticated, ...]) -> tuple[Order, ...]:
    """Return the halts, and ends of halts, among authenticated orders."""
    return tuple(
        Order(said=each.statement.predicate, parties=each.parties, people=each.people, signed_by=each.signed_by)
        for each in said
        if isinstance(each.statement.predicate, Halt)
    )


def _is_over(predicate: Freeze | Halt, orders: tuple[Order, ...], now: Instant) -> bool:
    if isinstance(predicate, Freeze):
        return predicate.not_after <= now
    return predicate.state == "ended" or any(ends(order, predicate, now) for order in orders)


def _unvouched(name: str, predicate: Freeze | Halt, error: InputError) -> InputError:
    return InputError(
        "POL-TRUST",
        found=f"{name}: {type(predicate).__name__.lower()} {predicate.id!a:.80}, by nobody the trust root still knows",
        wanted=f"an order that somebody entitled vouches for ({error.found})",
        fix="let two who are entitled end it or say it again:  gatekeeper log record …",
    )
