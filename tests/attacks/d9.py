"""D9 Commissioning approval misuse. `after-halt` needs a ledger: tests/gatekeeper/attacks/test_d9.py."""

from collections.abc import Callable

from world.documents import COMPONENTS
from world.host import Host, approve, lasting, prove
from world.keys import signer

from attacks.model import Attack, Family, Side
from gatekeeper.summary import summarise

INSTALLED = {name: f"file {name}".encode() for name in COMPONENTS}


def on_host(make: Callable[[], Host], exit_code: int, *codes: str) -> Side:
    """Return the side of an attack on a signer's host."""
    return Side(files=lambda: make().files(), command=make().command(), exit=exit_code, codes=codes)


def _summary_of_a_denial() -> Host:
    world = lasting().with_predicate("hsm.json", lambda predicate: predicate["possession"].pop() and None)
    return Host(approval=summarise(world.judge().decision, signer("gate")))


def _proof_of_another_approval() -> Host:
    return Host(proof=prove(approve(notAfter="9998-12-30T00:00:00Z")))


HONEST = on_host(Host, 0)

FAMILY = Family(
    id="D9",
    title="The approval that the signer's host checks is the last line before production.",
    attacks=(
        Attack(
            variant="used-twice",
            why="The approval of one release is used a second time, for the next release's signer.",
            deny=on_host(lambda: Host(installed={**INSTALLED, "signer": b"file signer 3.0.2"}), 11, "TOKEN"),
            allow=HONEST,
        ),
        Attack(
            variant="after-expiry",
            why="The approval ran out, and nobody asked for a new one.",
            deny=on_host(lambda: Host(approval=approve(notAfter="2026-04-12T12:00:00Z")), 11, "TOKEN"),
            allow=HONEST,
        ),
        Attack(
            variant="other-target",
            why="The approval is for the stage canary; the host is in the stage full.",
            deny=on_host(lambda: Host(stage="full"), 11, "TOKEN"),
            allow=HONEST,
        ),
        Attack(
            variant="other-environment",
            why="The approval is for another environment than the host's.",
            deny=on_host(lambda: Host(environment="example-staging"), 11, "TOKEN"),
            allow=HONEST,
        ),
        Attack(
            variant="other-digest",
            why="One byte of the rollover agent differs from what was approved.",
            deny=on_host(lambda: Host(installed={**INSTALLED, "rollover-agent": b"file rollover-agenT"}), 11, "TOKEN"),
            allow=HONEST,
        ),
        Attack(
            variant="component-left-out",
            why="The host names three of the four approved components: the swapped one is not looked at.",
            deny=on_host(lambda: Host(installed={name: INSTALLED[name] for name in COMPONENTS[:-1]}), 11, "TOKEN"),
            allow=HONEST,
        ),
        Attack(
            variant="component-unapproved",
            why="A fifth component was installed that no approval names.",
            deny=on_host(lambda: Host(installed={**INSTALLED, "debugger": b"file debugger"}), 11, "TOKEN"),
            allow=HONEST,
        ),
        Attack(
            variant="from-denied-decision",
            why="The gate's own signed summary of a denial is offered as if it were an approval.",
            deny=on_host(_summary_of_a_denial, 11, "TYPE-PREDICATE"),
            allow=HONEST,
        ),
        Attack(
            variant="other-gate",
            why="The approval is signed by the gate of another registry.",
            deny=on_host(lambda: Host(approval=approve(by="other gate")), 11, "SIG-UNTRUSTED"),
            allow=HONEST,
        ),
        Attack(
            variant="never-recorded",
            why="The proof beside the approval is that of another approval: this one is in no ledger.",
            deny=on_host(_proof_of_another_approval, 11, "LOG"),
            allow=HONEST,
        ),
    ),
)
