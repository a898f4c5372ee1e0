"""D4 Effective-time manipulation. Variables of the environment: tests/gatekeeper/attacks/test_d4.py."""

from dataclasses import replace

from world.documents import NOW
from world.host import Host
from world.registry import World

from attacks.d1 import unusable
from attacks.d9 import HONEST
from attacks.model import EVALUATE, Attack, Family, Side, allowed, denied

ISSUE = ("issue", *EVALUATE[1:], "--sign-with", "file:gate.pem", "--ledger", "sqlite:ledger.db")
ISSUE += ("--ledger-key", "file:ledger.pem", "--approval", "approval.json")
EARLY, TOO_EARLY = "2026-04-10T10:55:00Z", "2026-04-10T10:54:59Z"


def _at(time: str) -> World:
    """The base world, signed off as it is at noon and judged at another time."""
    return replace(World(), now=time)


FAMILY = Family(
    id="D4",
    title="Turn the clock back and expired evidence is fresh again.",
    attacks=(
        Attack(
            variant="past-date",
            why="The pipeline tells `issue` an earlier time.",
            deny=Side(world=World(), exit=2, codes=("USAGE",), command=(*ISSUE, "--at", "2026-04-01T00:00:00Z")),
            allow=Side(world=World(), exit=0, command=(*EVALUATE, "--at", NOW)),
        ),
        Attack(
            variant="future-date",
            why="The host is told a time at which the approval is in force.",
            deny=Side(files=lambda: Host().files(), exit=2, codes=("USAGE",), command=(*Host().command(), "--at", NOW)),
            allow=HONEST,
        ),
        Attack(
            variant="client-now",
            why="The requester supplies the time with the request.",
            deny=unusable("request", lambda request: request["spec"].update(now=NOW), "SCHEMA"),
        ),
        Attack(
            variant="clock-behind-newest-signed-time",
            why="The gate's clock is behind the newest thing it holds: a sign-off from its future.",
            deny=denied(_at(TOO_EARLY), 11, "APPR-COUNT", "EVID-STALE"),
            allow=allowed(_at(EARLY)),
        ),
        Attack(
            variant="clock-a-day-ahead",
            why="The gate's clock is a day ahead: zone validation is older than six hours.",
            deny=denied(_at("2026-04-11T12:00:00Z"), 11, "EVID-STALE"),
        ),
        Attack(
            variant="time-without-zone",
            why="A time without Z is some hour or other.",
            deny=Side(world=World(), exit=2, codes=("USAGE",), command=(*EVALUATE, "--at", "2026-04-10T12:00:00")),
        ),
    ),
)
