"""docs/requirements: one page for each kind of requirement, from its module's docstring and options."""

import sys
from types import ModuleType
from typing import get_args

from attestations.predicates import NAMES
from gatekeeper.documentation.markdown import linked, page, prose, table
from gatekeeper.documentation.members import docstring_of, member_tables
from gatekeeper.requirements import AnyRequirement

KINDS: dict[str, type] = {str(options.__struct_config__.tag): options for options in get_args(AnyRequirement)}
"""Kind, as policies write it -> its options, in the order of the table of requirements."""


def statements_read_by(kind: str) -> tuple[str, ...]:
    """Return the short names of the statement types whose modules a kind of requirement imports."""
    imported = [value for value in vars(sys.modules[KINDS[kind].__module__]).values() if isinstance(value, ModuleType)]
    uris = {uri for module in imported for name, uri in vars(module).items() if name in ("TYPE", "TYPE_V02")}
    return tuple(name for name, uri in NAMES.items() if uri in uris)


def pages() -> dict[str, str]:
    """Return the index and one page for each kind."""
    made = {f"requirements/{kind}.md": _page(kind, options) for kind, options in KINDS.items()}
    return {"requirements/index.md": _index(), **made}


def _index() -> str:
    rows = [(f"[`{kind}`]({kind}.md)", docstring_of(options).splitlines()[0]) for kind, options in KINDS.items()]
    return page("# Kinds of requirement", table(("kind", "met when"), rows))


def _page(kind: str, options: type) -> str:
    read = statements_read_by(kind)
    return page(
        f"# Requirement `{kind}`",
        prose(docstring_of(options)),
        f"Reads: {linked(read, 'statements')}." if read else "Reads the evidence of the requirement that `over` names.",
        "## Options",
        "The JSON Schema is part of [Policy](../schemas/Policy.schema.json).",
        member_tables(options),
    )
