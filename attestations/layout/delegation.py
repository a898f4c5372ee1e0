"""What a sublayout may not do, though in-toto accepts it (in-toto specification v1.0, 4.5).

A functionary who hands in a layout instead of a link becomes the owner of a small project. in-toto 3.1.0 recurses
without a limit, runs the inspections of every level, and takes a sublayout for whatever step its file is named after.
Each guard has a test that fails without it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from attestations.keys import PublicKey
from attestations.layout.guards import refused
from attestations.layout.part import Part
from attestations.layout.rules import Links
from attestations.layout.signed import Signed


def signers_for_step_alone(
    layout: Signed, step: Any, sublayout: Signed, keys: Mapping[str, PublicKey]
) -> frozenset[str]:
    """Return the functionaries of `step` who signed its sublayout; raise InputError (SIG-UNTRUSTED, LAYOUT).

    A link says for which step it is, a layout does not: whoever offers it does. So only a functionary of this one step
    can say it; another's sublayout for linting could be offered as that for building.
    """
    by = sublayout.signers([keys[key_id] for key_id in step.pubkeys])
    if not by:
        found = f"a sublayout for step {step.name!a:.80} that no key of that step signed"
        raise refused(layout, "SIG-UNTRUSTED", found, "a sublayout by a functionary of the step")
    elsewhere = {keys[key_id].fingerprint for one in layout.model.steps if one is not step for key_id in one.pubkeys}
    if not by - elsewhere:
        found = f"a sublayout for step {step.name!a:.80} by a key that the layout names for other steps too"
        raise refused(layout, "LAYOUT", found, "a functionary of this step alone: no layout says for which it is")
    return by - elsewhere


def summary(layout: Signed, links: Links, name: str) -> Any:
    """Return the link that a followed sublayout stands for: materials of its first step, products of its last."""
    from in_toto.verifylib import get_summary_link  # type: ignore[import-untyped,unused-ignore]

    return get_summary_link(layout.model, dict(links), name)


def check_once(layout: Signed, parts: Sequence[Part]) -> None:
    """Raise InputError (LAYOUT) where one link stands in two layouts: what was done once shows one step."""
    seen = {one for part in parts if not part.is_sublayout for one in part.said}
    for sublayout in (part for part in parts if part.is_sublayout):
        if again := sorted(seen & sublayout.said):
            found = f"one link by the key {again[0][1][:16]}… in two layouts"
            raise refused(layout, "LAYOUT", found, "each link once, in whatever form, in the layout that asks for it")
        seen |= sublayout.said


def check_apart(layout: Signed, step: Any, parts: Sequence[Part]) -> None:
    """Raise InputError (SIG-THRESHOLD) where those whose agreement is asked for let one and the same do the work."""
    for part in (each for each in parts if each.is_sublayout):
        others = frozenset(key for other in parts if other is not part for key in other.keys)
        if shared := sorted(part.keys & others):
            found = f"step {step.name!a:.80} done twice with the key {shared[0][:16]}…, once in a sublayout"
            raise refused(layout, "SIG-THRESHOLD", found, f"{step.threshold} who did it apart from each other")
