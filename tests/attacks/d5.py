"""D5 Fail-open switch. All options, variables and formats on a denied case: tests/gatekeeper/attacks/test_d5.py."""

from world.documents import NOW
from world.registry import World

from attacks.d4 import ISSUE
from attacks.model import EVALUATE, Attack, Family, Side

DENIED = World().without("hsm.json")
CASE = (*EVALUATE, "--at", NOW)


def _call(*command: str, code: str = "USAGE") -> Side:
    return Side(world=DENIED, exit=2, codes=(code,), command=command)


FAMILY = Family(
    id="D5",
    title="Gates are mostly not broken, they are switched off: by a flag for debugging that stayed.",
    attacks=(
        Attack(variant="strict-false", why="A flag that makes refusals warnings.", deny=_call(*CASE, "--strict=false")),
        Attack(variant="dry-run", why="A flag that lets everything pass.", deny=_call(*CASE, "--dry-run")),
        Attack(
            variant="dry-run-token",
            why="A credential whose value means: do not do it really.",
            deny=_call(*(part.replace("file:gate.pem", "DRY_RUN") for part in ISSUE), code="SIGNER"),
        ),
        Attack(
            variant="unknown-subcommand",
            why="A mistyped command must not print its help and end well.",
            deny=_call("evaluat", *CASE[1:]),
        ),
        Attack(
            variant="empty-boolean-flag",
            why="A boolean flag with an empty value, as a template with an unset variable makes it.",
            deny=_call("sign-off", *EVALUATE[1:], "--as", "alice", "--sign-with", "file:k", "--out", "o", "--reject="),
        ),
        Attack(
            variant="abbreviated-option",
            why="An option is cut short and might mean another one tomorrow.",
            deny=_call(*(part.replace("--policy", "--pol") for part in CASE)),
        ),
        Attack(
            variant="report-format-unknown",
            why="A report that cannot be made must not be left out in silence.",
            deny=_call(*CASE, "--report", "none"),
        ),
    ),
)
