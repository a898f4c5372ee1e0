"""docs/statements: one page for each statement type, from its module, its types and its example."""

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

from attestations.predicates import NAMES, PREDICATES
from gatekeeper.documentation.markdown import fenced, linked, page, prose, table
from gatekeeper.documentation.members import docstring_of, member_tables
from gatekeeper.documentation.requirements import KINDS, statements_read_by

ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "deployment-request": "Read by no requirement: it is for those who sign what they ask.",
        "drift-report": "Read by no requirement: it is a record of what was seen in production.",
        "freeze": "Read by no requirement: while it is in force, every decision it covers is `frozen`.",
        "halt": "Read by no requirement: while it stands, every decision but a rollback's is `frozen`.",
        "sbom": "Read by `zone-validation` too: a validator that shares code with the signer is none.",
        "sbom-spdx": "The same as `sbom`, in the other format.",
        "waiver": "Read by no requirement: it can turn a requirement that is not met into one that is waived.",
    }
)
"""What the types are for that no kind of requirement reads."""


def pages() -> dict[str, str]:
    """Return the index and one page for each statement type."""
    return {"statements/index.md": _index(), **{f"statements/{name}.md": _page(name) for name in NAMES}}


def _index() -> str:
    rows = [(f"[`{name}`]({name}.md)", _purpose(name), _readers(name) or "-") for name in NAMES]
    return page(
        "# Statement types",
        "A predicate inside an in-toto Statement v1, signed in a DSSE envelope. The name is what trust roots, policies "
        "and `attest sign --type` write.",
        table(("name", "says", "read by"), rows),
    )


def _purpose(name: str) -> str:
    return _text(name).splitlines()[0]


def _text(name: str) -> str:
    """Return the module's docstring; where it begins with the type's name, without it."""
    head, _, rest = (text := docstring_of(PREDICATES[NAMES[name]])).partition(": ")
    return rest[0].upper() + rest[1:] if head == name else text


def _readers(name: str) -> str:
    return linked((kind for kind in KINDS if name in statements_read_by(kind)), "requirements")


def _page(name: str) -> str:
    uri = NAMES[name]
    kind = PREDICATES[uri]
    readers = _readers(name)
    return page(
        f"# Statement `{name}`",
        prose(_text(name)),
        f"Predicate type: `{uri}`  \nJSON Schema: [{name}](../schemas/{name}.schema.json)",
        f"Read by the requirements {readers}." if readers else ELSEWHERE[name],
        "## Members",
        (kind.__doc__ or "").strip(),
        member_tables(kind),
        "## Example",
        fenced("json", _example(name)),
    )


def _example(name: str) -> str:
    return files("attestations.predicates").joinpath("examples", f"{name}.json").read_text(encoding="utf-8")
