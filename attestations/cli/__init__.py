"""`attest`: observes and says. Each sub-command is a module; none is imported before it runs."""

from types import MappingProxyType
from typing import NoReturn

from attestations.command_line import LazyGroup, run

COMMANDS = MappingProxyType(
    {
        "zone": ("attestations.cli.zone", "Validate a signed zone from outside and say what was seen."),
        "hsm": ("attestations.cli.hsm", "Ask every HSM to prove that it holds the published keys."),
        "rollover": ("attestations.cli.rollover", "Drive a rollover agent and look what every HSM really holds."),
        "halt-drill": ("attestations.cli.halt_drill", "Inject faults into real name servers; did publication stop?"),
        "rollback-drill": (
            "attestations.cli.rollback_drill",
            "Walk the ways back from a bad version; how long did it take?",
        ),
        "runbook": ("attestations.cli.runbook", "Print what to do now, step by step, for your zone."),
        "sign": ("attestations.cli.sign", "Sign a predicate as an in-toto statement."),
        "layout": ("attestations.cli.layout", "Put an in-toto layout and its links into one file."),
        "verify-bundle": ("attestations.cli.verify_bundle", "Verify a Sigstore bundle over a file, offline."),
        "verify-provenance": ("attestations.cli.verify_provenance", "Verify who built an artifact, and from what."),
        "verify-vsa": ("attestations.cli.verify_vsa", "Verify what somebody else says to have verified."),
        "inspect": ("attestations.cli.inspect", "Show what a file says. Nothing is verified."),
        "replay": ("attestations.cli.replay", "Let Knot sign in every HSM in turn; what do resolvers get?"),
        "laboratory": ("attestations.cli.laboratory", "Make HSM stand-ins and a signed practice zone."),
    }
)

main_group = LazyGroup(
    name="attest",
    help="Make and look at evidence. What attest says is believed by nobody until gatekeeper has verified it.",
    table=COMMANDS,
)


def main() -> NoReturn:
    """Run `attest`."""
    run(main_group)
