"""What a rollover agent is asked, and what it claims."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from attestations.rollover.keys import KeyName, Role

if TYPE_CHECKING:
    from attestations.predicates.hsm_key_coverage import Action

ZONE, SERIALS, ALGORITHM = "ROLLOVER_ZONE", "ROLLOVER_SERIALS", "ROLLOVER_ALGORITHM"
MODULE, PIN_FILE, STAND_INS = "PKCS11_MODULE", "PKCS11_PIN_FILE", "ROLLOVER_STAND_INS"
"""what an agent that is a command finds in its environment"""


@dataclass(frozen=True, kw_only=True)
class Order:
    """One thing that the agent is asked to do with one key."""

    action: "Action"
    role: Role
    name: KeyName


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What the agent says of an order. It is compared with what is seen, and decides nothing."""

    done: bool
    said: str = ""
    """why it is not done, for people"""
    orderly: bool = True
    """False: it hung, crashed, talked without end or left processes behind, and is not called again"""


class Agent(Protocol):
    """A rollover agent: an operator's command, or the practice agent in this process."""

    def perform(self, order: Order) -> Claim:
        """Carry out the order, or not, and return what it claims."""
        ...
