"""Links as in-toto attestations (in-toto/attestation, spec/predicates/link.md, v0.3), read as the links that they are.

The package `in_toto` 3.1.0 cannot read them; the specification says how to convert one into the older form.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from attestations.errors import InputError
from attestations.statement import read_statement
from attestations.strict.document import Document, Path

TYPE = "https://in-toto.io/attestation/link/v0.3"


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """What went in (in-toto ResourceDescriptor, of which a link needs name and digest)."""

    name: Annotated[str, Meta(min_length=1, max_length=4096)]
    digest: Annotated[dict[str, str], Meta(min_length=1)]


class LinkPredicate(msgspec.Struct, frozen=True, kw_only=True):
    """What a functionary says to have done; what came out are the subjects. Unknown members are legal there."""

    name: str
    command: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    byproducts: dict[str, Any] = {}
    environment: dict[str, Any] = {}


def says_link(value: Any) -> bool:
    """Return whether a payload says that it is a link as an attestation."""
    return isinstance(value, dict) and value.get("predicateType") == TYPE


def link_in(payload: bytes, name: str) -> dict[str, Any]:
    """Return the link in a statement as in-toto's own form has it ("Converting to old-style links").

    Raises InputError: SCHEMA, TYPE-PAYLOAD, SUBJ-DIGEST; SCHEMA also for a name that stands for two artifacts.
    """
    statement = read_statement(payload, name, {TYPE: LinkPredicate})
    predicate, document = statement.predicate, statement.document
    materials = [(each.name, each.digest) for each in predicate.materials]
    products = [(subject.name, dict(subject.digest)) for subject in statement.subjects]
    return {
        "_type": "link",
        "name": predicate.name,
        "materials": _by_name(document, materials, ("predicate", "materials")),
        "products": _by_name(document, products, ("subject",)),
        "byproducts": predicate.byproducts,
        "command": list(predicate.command),
        "environment": predicate.environment,
    }


def _by_name(document: Document, artifacts: list[tuple[str, dict[str, str]]], path: Path) -> dict[str, dict[str, str]]:
    named = dict(artifacts)
    if len(named) != len(artifacts):
        raise InputError(
            "SCHEMA",
            found=f"{len(artifacts)} artifacts in {path[-1]} with {len(named)} names",
            wanted="each name once",
            fix="make the link again, each artifact under a name of its own",
            where=document.where(path),
        )
    return named
