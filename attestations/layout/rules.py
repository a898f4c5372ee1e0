"""The artifact rules of layouts (in-toto specification v1.0, 4.3.3): in-toto judges, their work is bounded here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from attestations.layout.guards import refused
from attestations.layout.signed import Signed
from attestations.strict.text import quoted

MAX_COMPARISONS = 1_000_000

Links = Mapping[str, Any]
"""step -> the library's Link for it"""


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """A layout with the one link for each of its steps that its rules are about."""

    layout: Signed
    links: Links = field(repr=False)

    @property
    def work(self) -> int:
        """Every rule is held against every artifact that no rule before it has named (threat E1)."""
        return sum(
            len(step.expected_materials) * len(self.links[step.name].materials)
            + len(step.expected_products) * len(self.links[step.name].products)
            for step in self.layout.model.steps
        )


def check_rules(ruled: Sequence[Ruled]) -> None:
    """Raise InputError (LAYOUT, LIMIT) unless the rules of every layout hold; all of their work is counted first."""
    work = sum(one.work for one in ruled)
    if work > MAX_COMPARISONS:
        raise refused(ruled[0].layout, "LIMIT", f"{work} rules times artifacts", f"at most {MAX_COMPARISONS}")
    for one in ruled:
        _check(one)


def _check(ruled: Ruled) -> None:
    from in_toto.verifylib import verify_all_item_rules  # type: ignore[import-untyped,unused-ignore]

    try:
        verify_all_item_rules(ruled.layout.model.steps, dict(ruled.links))
    except Exception as error:  # noqa: BLE001 - a broken rule, or one that the library cannot apply: both refuse
        text = f"{type(error).__name__}: {quoted(str(error), 300)[1:-1]}"
        found = f"artifacts that break a rule: {text}"
        raise refused(ruled.layout, "LAYOUT", found, "artifacts as the rules say") from None
