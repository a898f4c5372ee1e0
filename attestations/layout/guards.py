"""What a layout may not be, though in-toto accepts it: each is a way in which nothing, or too little, is asked.

Measured with in-toto 3.1.0; each has a test that fails without its guard.
"""

from collections.abc import Mapping
from typing import Any

from attestations.errors import InputError
from attestations.keys import PublicKey
from attestations.layout.signed import Signed
from attestations.times import Instant

MAX_STEPS = 64
MAX_RULES = 256
MAX_PATTERN = 256
_LAST = ["disallow", "*"]


def check_layout(layout: Signed, keys: Mapping[str, PublicKey], now: Instant) -> None:
    """Raise InputError for a layout that asks too little, runs commands, or is not in force at `now`."""
    model = layout.model
    if model.inspect:
        names = ", ".join(str(each.name) for each in model.inspect)
        raise refused(layout, "LAYOUT", f"inspections ({names!a:.120}), which run commands on the host", "none")
    if not 0 < len(model.steps) <= MAX_STEPS:
        raise refused(layout, "LAYOUT", f"{len(model.steps)} steps", f"1 to {MAX_STEPS} steps")
    expires = _expiry(layout)
    if expires <= now:
        raise refused(layout, "EVID-STALE", f"a layout that expired on {expires}", "a layout in force")
    for step in model.steps:
        _check_step(layout, step, keys)


def _expiry(layout: Signed) -> Instant:
    try:
        return Instant.parse(layout.model.expires)
    except ValueError as error:
        raise refused(layout, "LAYOUT", str(error), "a time in UTC ending in Z") from None


def _check_step(layout: Signed, step: Any, keys: Mapping[str, PublicKey]) -> None:
    for what, rules in (("materials", step.expected_materials), ("products", step.expected_products)):
        if not rules or [str(part).lower() for part in rules[-1]] != _LAST:
            found = f"step {step.name!a:.80} without DISALLOW * at the end of its {what}"
            raise refused(layout, "LAYOUT", found, "rules that refuse what none of them names")
        if len(rules) > MAX_RULES or any(len(str(part)) > MAX_PATTERN for rule in rules for part in rule):
            wanted = f"at most {MAX_RULES} rules, each part of {MAX_PATTERN} characters"
            raise refused(layout, "LIMIT", f"step {step.name!a:.80} with {len(rules)} rules", wanted)
    named = set(step.pubkeys)
    if unknown := sorted(named - set(keys)):
        found = f"step {step.name!a:.80} for the key {unknown[0]!a:.80}, which the layout does not hold"
        raise refused(layout, "LAYOUT", found, "keys of the layout")
    if not 1 <= step.threshold <= len(named):
        found = f"step {step.name!a:.80} with a threshold of {step.threshold} of {len(named)} keys"
        raise refused(layout, "LAYOUT", found, "a threshold of at least 1 that can be met")


def check_link(layout: Signed, step: Any, link: Any) -> None:
    """Raise InputError for a link of a command that failed, or of another command than the layout expects."""
    returned = link.byproducts.get("return-value")
    if isinstance(returned, bool) or returned != 0:
        found = f"step {step.name!a:.80} ended with return value {returned!a:.40}"
        raise refused(layout, "LAYOUT", found, "a step that ended with 0")
    if step.expected_command and link.command != step.expected_command:
        found = f"step {step.name!a:.80} ran {' '.join(map(str, link.command))!a:.200}"
        raise refused(layout, "LAYOUT", found, f"{' '.join(map(str, step.expected_command))!a:.200}")


def refused(layout: Signed, code: str, found: str, wanted: str) -> InputError:
    """Return the refusal of a layout, or of what was offered with it."""
    fix = "have the owner of the project correct the layout, or the functionaries repeat the step (docs/provenance.md)"
    return InputError(code, found=found, wanted=wanted, fix=fix, where=layout.document.where())
