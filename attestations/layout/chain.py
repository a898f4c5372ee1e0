"""One file with a layout and its links: what is offered together is judged together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from attestations.digest import canonical_json
from attestations.layout.signed import Signed, malformed, read_signed
from attestations.predicates.common import predicate_type
from attestations.strict import read_json
from attestations.strict.document import Document

TYPE = predicate_type("layout-with-links")
"""what such a file says to be, and how trust roots name it among builders"""
MAX_LINKS = 128


@dataclass(frozen=True, kw_only=True)
class Chain:
    """A layout and the links offered with it, believed by nobody yet."""

    layout: Signed
    links: tuple[Signed, ...] = field(repr=False)
    document: Document = field(repr=False)


def looks_like_chain(document: Document) -> bool:
    """Return whether the document says that it is a layout with links."""
    return isinstance(document.value, dict) and document.value.get("_type") == TYPE


def read_chain(document: Document) -> Chain:
    """Return the layout and the links in `document`; raise InputError (SCHEMA, PARSE-*, SIG-NONE, ENC-B64, LIMIT)."""
    value: Any = document.value
    links = value.get("links")
    if set(value) != {"_type", "layout", "links"} or not isinstance(links, list):
        raise malformed(document, (), f"members {', '.join(sorted(value))!a:.120}", "_type, layout and links")
    if len(links) > MAX_LINKS:
        raise malformed(document, ("links",), f"{len(links)} links", f"at most {MAX_LINKS}")
    chain = Chain(
        layout=read_signed(_part(document, value["layout"])),
        links=tuple(read_signed(_part(document, link)) for link in links),
        document=document,
    )
    kinds = (chain.layout.kind, *(link.kind for link in chain.links))
    if kinds != ("layout", *["link"] * len(links)):  # a layout in a link's place is a sublayout
        found = f"a {kinds[0]} with {len(links)} parts, of them {kinds[1:].count('layout')} layouts"
        raise malformed(document, (), found, "one layout with links; sublayouts are not read")
    return chain


def write_chain(layout: Document, links: Sequence[Document]) -> bytes:
    """Return the file that holds a layout and its links; raise InputError as `read_chain` does."""
    raw = canonical_json({"_type": TYPE, "layout": layout.value, "links": [link.value for link in links]})
    read_chain(read_json(raw, layout.name))  # nothing is written that a reader would refuse
    return raw


def _part(document: Document, value: Any) -> Document:
    return Document(name=document.name, raw=document.raw, value=value, find_marks=dict)
