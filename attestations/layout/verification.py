"""Whether every step of a layout was done, by those it names, as its rules say; and what came out at the end.

The steps, after the in-toto specification v1.0, section 4.3 and 5.2; the numbers stand again in the code:
 1. the layout asks for something, runs nothing, and is in force (guards.py);
 2. each link is for a step of the layout, and a functionary of that step signed it;
 3. each step has links by as many distinct keys as its threshold, and they agree on materials and products;
 4. each link is of a command that ended well, and is the expected one;
 5. the artifact rules of every step hold.
Who signed the layout itself is for the caller to judge.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from attestations.keys import PublicKey
from attestations.layout.chain import Chain
from attestations.layout.functionaries import functionaries
from attestations.layout.guards import check_layout, check_link, refused
from attestations.layout.signed import Signed
from attestations.statement import Subject
from attestations.strict.text import quoted
from attestations.times import Instant

MAX_COMPARISONS = 1_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class StepDone:
    """A step, and the keys of those who say to have done it."""

    name: str
    done_by: tuple[str, ...]
    """SHA-256 of each key's SubjectPublicKeyInfo"""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a layout with its links shows."""

    steps: tuple[StepDone, ...]
    products: tuple[Subject, ...]
    """what came out of the last step, by SHA-256"""

    @property
    def facts(self) -> dict[str, Any]:
        """The same as plain JSON values, for expressions of a policy."""
        return {
            "steps": [{"name": step.name, "doneBy": list(step.done_by)} for step in self.steps],
            "products": [{"name": subject.name, "digest": dict(subject.digest)} for subject in self.products],
        }


def verify_chain(chain: Chain, now: Instant) -> Verified:
    """Return what the layout and its links show, as of `now`; nothing is executed, fetched or written.

    Raises InputError: LAYOUT, SCHEMA, KEY, LIMIT, SIG-THRESHOLD, SIG-UNTRUSTED (a link), EVID-STALE (expired).
    """
    keys = functionaries(chain.layout)
    check_layout(chain.layout, keys, now)  # (1)
    by_step = _by_step(chain)
    steps, links = [], {}
    for step in chain.layout.model.steps:
        done = _done(chain.layout, step, by_step.get(step.name, ()), keys)  # (2) (3) (4)
        steps.append(StepDone(name=step.name, done_by=tuple(sorted(done))))
        links[step.name] = by_step[step.name][0].model
    _check_rules(chain.layout, links)  # (5)
    return Verified(steps=tuple(steps), products=tuple(_products(links[steps[-1].name])))


def _by_step(chain: Chain) -> dict[str, tuple[Signed, ...]]:
    names = {step.name for step in chain.layout.model.steps}
    for link in chain.links:
        if link.model.name not in names:
            found = f"a link for the step {link.model.name!a:.80}"
            raise refused(chain.layout, "LAYOUT", found, f"links for: {', '.join(sorted(names))!a:.200}")
    return {name: tuple(link for link in chain.links if link.model.name == name) for name in names}


def _done(layout: Signed, step: Any, links: tuple[Signed, ...], keys: dict[str, PublicKey]) -> frozenset[str]:
    allowed = [keys[key_id] for key_id in step.pubkeys]
    done: set[str] = set()
    for link in links:
        if not (by := link.signers(allowed)):  # (2)
            found = f"a link for step {step.name!a:.80} that no key of that step signed"
            raise refused(layout, "SIG-UNTRUSTED", found, "a link by a functionary of the step")
        done |= by
        check_link(layout, step, link)  # (4)
        first = links[0].model
        if (link.model.materials, link.model.products) != (first.materials, first.products):  # (3)
            found = f"links for step {step.name!a:.80} with different artifacts"
            raise refused(layout, "LAYOUT", found, "functionaries who agree")
    if len(done) < step.threshold:
        found = f"step {step.name!a:.80} done by {len(done)} distinct keys"
        raise refused(layout, "SIG-THRESHOLD", found, f"{step.threshold} distinct keys")
    return frozenset(done)


def _check_rules(layout: Signed, links: dict[str, Any]) -> None:
    from in_toto.verifylib import verify_all_item_rules  # type: ignore[import-untyped,unused-ignore]

    _check_work(layout, links)
    try:
        verify_all_item_rules(layout.model.steps, links)
    except Exception as error:  # noqa: BLE001 - a broken rule, or one that the library cannot apply: both refuse
        text = f"{type(error).__name__}: {quoted(str(error), 300)[1:-1]}"
        raise refused(layout, "LAYOUT", f"artifacts that break a rule: {text}", "artifacts as the rules say") from None


def _check_work(layout: Signed, links: dict[str, Any]) -> None:
    """Every rule is held against every artifact that no rule before it has named (threat E1)."""
    work = sum(
        len(step.expected_materials) * len(links[step.name].materials)
        + len(step.expected_products) * len(links[step.name].products)
        for step in layout.model.steps
    )
    if work > MAX_COMPARISONS:
        raise refused(layout, "LIMIT", f"{work} rules times artifacts", f"at most {MAX_COMPARISONS}")


def _products(link: Any) -> Iterator[Subject]:
    for name, digest in sorted(link.products.items()):
        value = digest.get("sha256") if isinstance(digest, dict) else None
        if isinstance(value, str) and _SHA256.fullmatch(value):
            yield Subject(name=name, digest={"sha256": value})
