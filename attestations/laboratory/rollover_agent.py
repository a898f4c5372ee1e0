"""The practice rollover agent as a command, correct or with the defect of 5 May 2026 (INC-01).

    python -m attestations.laboratory.rollover_agent [--defect one-key-pair-per-hsm] STEP ROLE CKA_ID LABEL

Everything else is in its environment, as for every agent that `attest rollover` drives. All keys are ECDSA P-256.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from attestations.laboratory.agent import PracticeAgent, RolloverAgent
from attestations.laboratory.units import LaboratoryHsm
from attestations.rollover.agent import MODULE, PIN_FILE, SERIALS, STAND_INS, Order
from attestations.rollover.keys import KeyName, Role

if TYPE_CHECKING:
    from attestations.predicates.hsm_key_coverage import Action

DEFECT = "one-key-pair-per-hsm"


@click.command()
@click.option("--defect", type=click.Choice([DEFECT]), help="Make a key pair of its own for each HSM.")
@click.argument("action", metavar="STEP", type=click.Choice(["generate", "publish", "activate", "retire", "remove"]))
@click.argument("role", type=click.Choice(get_args(Role)))
@click.argument("key_id", metavar="CKA_ID")
@click.argument("label")
@click.pass_context
def command(ctx: click.Context, *, defect: str | None, action: "Action", role: Role, key_id: str, label: str) -> None:
    """Carry out one step of a rollover in every HSM."""
    if action not in ("generate", "remove"):
        return  # the practice signer needs no telling: it takes its keys from the HSMs
    order = Order(action=action, role=role, name=KeyName(key_id=key_id, label=label))
    claim = agent_for(os.environ, RolloverAgent(one_key_pair_per_hsm=defect == DEFECT)).perform(order)
    if not claim.done:
        click.echo(claim.said, err=True)
        ctx.exit(1)


def agent_for(environment: Mapping[str, str], maker: RolloverAgent) -> PracticeAgent:
    """Return the agent for the HSMs that the environment names."""
    serials = environment[SERIALS].split("\n")
    found = _units(environment)
    hsms = tuple(found[serial] for serial in serials if serial in found)
    return PracticeAgent(hsms=hsms, maker=maker, missing=tuple(one for one in serials if one not in found))


def _units(environment: Mapping[str, str]) -> Mapping[str, LaboratoryHsm]:
    if stand_ins := environment.get(STAND_INS):
        from attestations.laboratory.software_hsm import software_units

        return software_units(Path(stand_ins))
    from attestations.laboratory.softhsm import token_units

    return token_units(environment[MODULE], Path(environment[PIN_FILE]).read_text(encoding="ascii").strip())


if __name__ == "__main__":
    command()
