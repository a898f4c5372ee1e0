"""`gatekeeper`: decides. Each sub-command is a module; none is imported before it runs."""

from types import MappingProxyType
from typing import NoReturn

from attestations.command_line import LazyGroup, run

COMMANDS = MappingProxyType(
    {
        "evaluate": ("gatekeeper.cli.evaluate", "Decide on a request. Never makes an approval."),
        "issue": ("gatekeeper.cli.issue", "Decide, record durably, and sign the commissioning approval."),
        "verify": ("gatekeeper.cli.verify", "On the signer's host: may it start what it has installed?"),
        "sign-off": ("gatekeeper.cli.sign_off", "Show a case, and sign it as a person once the digest is confirmed."),
        "replay": ("gatekeeper.cli.replay", "Reach the decision of a case file again, from nothing but the file."),
        "policy": ("gatekeeper.cli.policy", "Check, test, compare and show policies."),
        "explain": ("gatekeeper.cli.explain", "Say what a reason code means and what to do."),
        "log": ("gatekeeper.cli.log", "Make, check and export the ledger."),
        "trust": ("gatekeeper.cli.trust", "Show, compare, sign and renew trust roots."),
        "sign-document": ("gatekeeper.cli.sign_document", "Sign a policy or an environment as its owner."),
        "guard": ("gatekeeper.cli.guard", "Halt a zone at its servers, and hold the halt until a fix is approved."),
        "doctor": ("gatekeeper.cli.doctor", "Look for ways around the gate in a pipeline."),
        "lab": ("gatekeeper.cli.lab", "The same incident with real HSM tokens, signer, name servers and resolvers."),
        "demo": ("gatekeeper.cli.demo", "The incident of 5 May 2026: refused; repaired: approved; tampered: refused."),
    }
)

main_group = LazyGroup(
    name="gatekeeper",
    help="Decide whether a signer release may be commissioned. Everything but exit code 0 means no.",
    table=COMMANDS,
)


def main() -> NoReturn:
    """Run `gatekeeper`."""
    run(main_group)
