"""One file with a layout and its links: what is offered together is judged together.

In the place of a link may stand a sublayout with links of its own (in-toto specification v1.0, 4.5): an object like the
file itself, which also names the step that it stands for, since nothing in a layout says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from attestations.digest import canonical_json
from attestations.layout.signed import Signed, malformed, read_signed
from attestations.predicates.common import predicate_type
from attestations.strict import read_json
from attestations.strict.document import Document
from attestations.strict.text import quoted

TYPE = predicate_type("layout-with-links")
"""what such a file says to be, and how trust roots name it among builders"""
MAX_LINKS = 128
MAX_LAYOUTS = 16
MAX_DEPTH = 4
"""of layouts within layouts, the outermost counted"""
_MAX_STEP_NAME = 256


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A layout and what was offered with it, believed by nobody yet."""

    layout: Signed
    links: tuple[Signed, ...] = field(repr=False)
    sublayouts: tuple["Chain", ...] = field(repr=False)
    step: str | None
    """the step of the layout above for which it stands, as whoever offers it says; None for the outermost"""
    document: Document = field(repr=False)

    @property
    def digests(self) -> Iterator[str]:
        """SHA-256 of everything that was signed, at every depth."""
        yield self.layout.digest
        yield from (link.digest for link in self.links)
        for sublayout in self.sublayouts:
            yield from sublayout.digests


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """A sublayout with its links, as documents that are to be written into one file."""

    step: str
    layout: Document
    links: tuple["Document | Delegation", ...]


def looks_like_chain(document: Document) -> bool:
    """Return whether the document says that it is a layout with links."""
    return _says_so(document.value)


def read_chain(document: Document) -> Chain:
    """Return the layout and the links in `document`; raise InputError (SCHEMA, PARSE-*, SIG-NONE, ENC-B64, LIMIT)."""
    value: Any = document.value
    _check_size(document, tuple(_layouts(value)))
    return _chain(document, value, {"_type", "layout", "links"})


def write_chain(layout: Document, links: Sequence[Document | Delegation]) -> bytes:
    """Return the file that holds a layout and its links; raise InputError as `read_chain` does."""
    raw = canonical_json(_written(layout, links))
    read_chain(read_json(raw, layout.name))  # nothing is written that a reader would refuse
    return raw


def _says_so(value: Any) -> bool:
    return isinstance(value, dict) and value.get("_type") == TYPE


def _layouts(value: Any, depth: int = 1) -> Iterator[tuple[int, int]]:
    """Yield depth and number of links of every layout, before any is read."""
    links = value.get("links")
    parts = links if isinstance(links, list) else []
    yield depth, len(parts)
    for part in parts:
        if _says_so(part):
            yield from _layouts(part, depth + 1)


def _check_size(document: Document, layouts: Sequence[tuple[int, int]]) -> None:
    depth, links = max(depth for depth, _ in layouts), sum(links for _, links in layouts)
    if depth > MAX_DEPTH or links > MAX_LINKS or len(layouts) > MAX_LAYOUTS:
        found = f"{len(layouts)} layouts, {depth} deep, with {links} links"
        wanted = f"at most {MAX_LAYOUTS} layouts, {MAX_DEPTH} deep, with {MAX_LINKS} links"
        raise malformed(document, ("links",), found, wanted)


def _chain(document: Document, value: Any, members: set[str]) -> Chain:
    links, step = value.get("links"), value.get("step")
    if set(value) != members or not isinstance(links, list):
        found = f"members {', '.join(sorted(value))!a:.120}"
        raise malformed(document, (), found, ", ".join(sorted(members)))
    return Chain(
        layout=_signed(document, value["layout"], "layout"),
        links=tuple(_signed(document, link, "link") for link in links if not _says_so(link)),
        sublayouts=tuple(_sublayout(document, link) for link in links if _says_so(link)),
        step=step,
        document=document,
    )


def _sublayout(document: Document, value: Any) -> Chain:
    step = value.get("step")
    if not isinstance(step, str) or not 0 < len(step) <= _MAX_STEP_NAME:
        raise malformed(document, (), f"a sublayout for the step {step!a:.80}", "the name of a step")
    named = f"{document.name}, sublayout for step {quoted(step, 80)}"
    return _chain(_within(document, named, value), value, {"_type", "layout", "links", "step"})


def _signed(document: Document, value: Any, kind: str) -> Signed:
    signed = read_signed(_within(document, document.name, value))
    if signed.kind != kind:
        wanted = f"a {kind}; a sublayout with its links, and the step that it stands for (docs/provenance.md)"
        raise malformed(document, (), f"a {signed.kind} in the place of a {kind}", wanted)
    return signed


def _within(document: Document, name: str, value: Any) -> Document:
    return Document(name=name, raw=document.raw, value=value, find_marks=dict)


def _written(layout: Document, links: Sequence[Document | Delegation]) -> dict[str, Any]:
    return {
        "_type": TYPE,
        "layout": layout.value,
        "links": [
            {**_written(link.layout, link.links), "step": link.step} if isinstance(link, Delegation) else link.value
            for link in links
        ],
    }
