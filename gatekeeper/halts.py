"""Which halts stand: each until it is ended by at least two, and none of them against the way back."""

from collections.abc import Iterable
from dataclasses import dataclass

from attestations.predicates.halt import Halt
from attestations.times import Instant
from gatekeeper.trust import Party, Person

NEEDED_TO_END = 2
"""distinct signers: one may halt, one alone may not go on (threat D10)"""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A verified halt, or the end of one, with those who said it."""

    said: Halt
    parties: tuple[Party, ...]
    people: tuple[Person, ...]
    signed_by: frozenset[str]

    @property
    def signers(self) -> int:
        """How many distinct people signed, as far as the trust root can tell.

        A key of a party counts for one of those who hold it and have not signed otherwise, or for itself where the
        trust root names no holder.
        """
        counted = {person.record.name for person in self.people}
        keys_of_nobody = 0
        for party in self.parties:
            keys = len(party.fingerprints & self.signed_by)
            if party.record.people:
                counted |= set(sorted(set(party.record.people) - counted)[:keys])
            else:
                keys_of_nobody += keys
        return len(counted) + keys_of_nobody


def standing(orders: Iterable[Order], environment: str, change: str, now: Instant) -> tuple[Halt, ...]:
    """Return the halts of `environment` that stand against this kind of change now.

    By the name of the environment alone: a new version of the inventory ends no halt. A rollback is never halted
    (house rule 10): it has a policy of its own.
    """
    if change == "rollback":
        return ()
    orders = tuple(orders)
    here = (order.said for order in orders if order.said.environment.name == environment)
    halts = (said for said in here if said.state == "halted" and said.effective_on <= now)
    return tuple(halt for halt in halts if not any(ends(order, halt, now) for order in orders))


def ends(order: Order, halt: Halt, now: Instant) -> bool:
    """Return whether two or more ended this halt by now: never an end of an earlier one, even under the same id."""
    end = order.said
    return (
        end.state == "ended"
        and order.signers >= NEEDED_TO_END
        and (end.environment.name, end.id) == (halt.environment.name, halt.id)
        and halt.effective_on <= end.effective_on <= now
    )
