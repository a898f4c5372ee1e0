"""Whether every step of a layout was done, by those it names, as its rules say; and what came out at the end.

The steps, after the in-toto specification v1.0, section 4.3 and 5.2; the numbers stand again in the code:
 1. the layout asks for something, runs nothing, and is in force (guards.py);
 2. each link is for a step of the layout, and a functionary of that step signed it; a sublayout in its place is
    followed by these same steps, with its own keys (delegation.py), and its summary stands for a link;
 3. each step has links by as many distinct keys as its threshold, and they agree on materials and products;
 4. each link is of a command that ended well, and is the expected one;
 5. the artifact rules of every step hold, in every layout.
Who signed the outermost layout is for the caller to judge.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from attestations.keys import PublicKey
from attestations.layout.chain import Chain
from attestations.layout.delegation import check_apart, check_once, signers_for_step_alone, summary
from attestations.layout.functionaries import functionaries
from attestations.layout.guards import check_layout, check_link, refused
from attestations.layout.part import Part, StepDone
from attestations.layout.rules import Links, Ruled, check_rules
from attestations.layout.signed import Signed
from attestations.statement import Subject
from attestations.times import Instant

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a layout with its links shows."""

    steps: tuple[StepDone, ...]
    """of the outermost layout: how a functionary divided a step is told below it"""
    products: tuple[Subject, ...]
    """what came out of the last step, by SHA-256"""

    @property
    def keys(self) -> frozenset[str]:
        """Fingerprints of all who did a step or signed a sublayout, at every depth."""
        return frozenset(key for step in self.steps for key in step.keys)

    @property
    def facts(self) -> dict[str, Any]:
        """The same as plain JSON values, for expressions of a policy."""
        return {
            "steps": [step.facts for step in self.steps],
            "products": [{"name": subject.name, "digest": dict(subject.digest)} for subject in self.products],
        }


@dataclass(frozen=True, kw_only=True)
class _Followed:
    """A layout whose steps were done by those entitled, its artifact rules not yet held."""

    steps: tuple[StepDone, ...]
    links: Links
    ruled: tuple[Ruled, ...]
    """this layout and all below it, with what their rules are about"""
    said: frozenset[tuple[str, str]]
    """content and signer of every link, here and below"""


def verify_chain(chain: Chain, now: Instant) -> Verified:
    """Return what the layout and its links show, as of `now`; nothing is executed, fetched or written.

    Raises InputError: LAYOUT, SCHEMA, KEY, LIMIT, SIG-THRESHOLD, SIG-UNTRUSTED (a link), EVID-STALE (expired).
    """
    followed = _follow(chain, now, ())
    check_rules(followed.ruled)  # (5)
    return Verified(steps=followed.steps, products=tuple(_products(followed.links[followed.steps[-1].name])))


def _follow(chain: Chain, now: Instant, above: tuple[str, ...]) -> _Followed:
    """Follow one layout; `above` is what those around it say, so that none stands within itself."""
    layout, content = chain.layout, chain.layout.content
    if content in above:
        raise refused(layout, "LAYOUT", "a layout within itself", "a sublayout that says more than the one above it")
    keys = functionaries(layout)
    check_layout(layout, keys, now)  # (1)
    parts = _parts(chain, keys, now, (*above, content))  # (2)
    everything = [part for each in parts.values() for part in each]
    check_once(layout, everything)
    for step in layout.model.steps:
        _check_done(layout, step, parts[step.name])  # (3) (4)
    links = {name: each[0].model for name, each in parts.items()}
    return _Followed(
        steps=tuple(_step_done(step.name, parts[step.name]) for step in layout.model.steps),
        links=links,
        ruled=(*(one for part in everything for one in part.ruled), Ruled(layout=layout, links=links)),
        said=frozenset(one for part in everything for one in part.said),
    )


def _parts(chain: Chain, keys: Mapping[str, PublicKey], now: Instant, above: tuple[str, ...]) -> dict[str, list[Part]]:
    steps = {step.name: step for step in chain.layout.model.steps}
    parts: dict[str, list[Part]] = {name: [] for name in steps}
    for link in chain.links:
        step = _step_of(chain.layout, steps, link.model.name)
        parts[step.name].append(_link(chain.layout, step, link, [keys[key_id] for key_id in step.pubkeys]))
    for sublayout in chain.sublayouts:
        step = _step_of(chain.layout, steps, str(sublayout.step))
        by = signers_for_step_alone(chain.layout, step, sublayout.layout, keys)
        parts[step.name].append(_delegated(step, sublayout, by, _follow(sublayout, now, above)))
    return parts


def _step_of(layout: Signed, steps: Mapping[str, Any], name: str) -> Any:
    if name not in steps:
        found = f"a link for the step {name!a:.80}"
        raise refused(layout, "LAYOUT", found, f"links for: {', '.join(sorted(steps))!a:.200}")
    return steps[name]


def _link(layout: Signed, step: Any, link: Signed, allowed: list[PublicKey]) -> Part:
    if not (by := link.signers(allowed)):
        found = f"a link for step {step.name!a:.80} that no key of that step signed"
        raise refused(layout, "SIG-UNTRUSTED", found, "a link by a functionary of the step")
    content = link.content
    return Part(model=link.model, by=by, said=frozenset((content, key) for key in by))


def _delegated(step: Any, sublayout: Chain, by: frozenset[str], followed: _Followed) -> Part:
    return Part(
        model=summary(sublayout.layout, followed.links, step.name),
        by=by,
        said=followed.said,
        steps=followed.steps,
        ruled=followed.ruled,
    )


def _check_done(layout: Signed, step: Any, parts: list[Part]) -> None:
    for part in parts:
        check_link(layout, step, part.model)  # (4)
        first = parts[0].model
        if (part.model.materials, part.model.products) != (first.materials, first.products):  # (3)
            found = f"links for step {step.name!a:.80} with different artifacts"
            raise refused(layout, "LAYOUT", found, "functionaries who agree")
    done = len(frozenset(key for part in parts if not part.is_sublayout for key in part.by))
    done += sum(part.is_sublayout for part in parts)  # a sublayout counts once, however many signed it
    if done < step.threshold:
        found = f"step {step.name!a:.80} done by {done} distinct keys"
        raise refused(layout, "SIG-THRESHOLD", found, f"{step.threshold} distinct keys")
    if step.threshold > 1:
        check_apart(layout, step, parts)


def _step_done(name: str, parts: list[Part]) -> StepDone:
    done_by = frozenset(key for part in parts for key in part.by)
    steps = tuple(step for part in parts for step in part.steps)
    return StepDone(name=name, done_by=tuple(sorted(done_by)), steps=steps)


def _products(link: Any) -> Iterator[Subject]:
    for name, digest in sorted(link.products.items()):
        value = digest.get("sha256") if isinstance(digest, dict) else None
        if isinstance(value, str) and _SHA256.fullmatch(value):
            yield Subject(name=name, digest={"sha256": value})
