"""Halt and freeze as files to fill in, with the commands that sign and record them."""

from attestations.records import ZoneName
from attestations.runbooks.common import recorded
from attestations.runbooks.model import Action, Paste

_FREEZE = """\
{
  "id": "FREEZE-ID",
  "environment": {"name": "ENVIRONMENT-NAME", "digest": "SHA-256-OF-ENVIRONMENT.YAML"},
  "changes": ["zsk-rollover", "ksk-rollover", "algorithm-rollover", "signer-release", "configuration"],
  "reason": "wrong signatures since hh:mm UTC",
  "exitConditions": ["the repaired rollover agent passes on all HSMs"],
  "notBefore": "YYYY-MM-DDThh:mm:ssZ",
  "notAfter": "YYYY-MM-DDThh:mm:ssZ"
}"""


def halt(zone: ZoneName) -> Action:
    """Return how to halt the environment in the ledger."""
    text = f"""\
{{
  "id": "HALT-ID",
  "environment": {{"name": "ENVIRONMENT-NAME", "digest": "SHA-256-OF-ENVIRONMENT.YAML"}},
  "zones": ["{zone}"],
  "reason": "NUMBER of NUMBER signatures verify with no published key, seen by WHOM",
  "effectiveOn": "YYYY-MM-DDThh:mm:ssZ",
  "exitConditions": ["a version that two code bases validate is published", "one key is shown in every HSM"]
}}"""
    return Action(
        paste=Paste(where="halt.json", text=text),
        commands=recorded("halt", "PERSON"),
        see="`recorded as entry NUMBER`; `gatekeeper verify --ledger …` ends with 12",
        otherwise="go on with step 2 now and come back: what is not recorded must not delay what works",
    )


def freeze() -> Action:
    """Return how to freeze changes in the ledger."""
    return Action(
        paste=Paste(where="freeze.json", text=_FREEZE),
        commands=recorded("freeze", "PERSON"),
        see="`recorded as entry NUMBER`; requests for these changes end with exit code 12",
        otherwise="tell everybody who can start a rollover, by name",
    )
