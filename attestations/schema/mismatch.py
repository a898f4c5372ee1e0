"""One rule of a schema that a value breaks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attestations.strict.document import JsonValue, Path

if TYPE_CHECKING:
    from jsonschema import ValidationError


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """A value, the keyword of the schema that it fails, and that keyword's value."""

    path: Path
    """from the root of the document"""
    value: JsonValue
    keyword: str
    bound: Any
    schema: Mapping[str, Any]
    """the object that holds the keyword"""
    branches: Mapping[int, tuple["Mismatch", ...]]
    """what each branch of a union finds wrong; empty for other keywords"""

    @property
    def tag(self) -> str:
        """The member that tells the branches of a tagged union apart; empty elsewhere."""
        return str(self.schema.get("discriminator", {}).get("propertyName", ""))

    @property
    def kinds(self) -> Mapping[str, str]:
        """The values of the tag, each with the reference to its branch; empty elsewhere."""
        kinds: Mapping[str, str] = self.schema.get("discriminator", {}).get("mapping", {})
        return kinds


def mismatch_of(error: "ValidationError", base: Path) -> Mismatch:
    """Return what `error`, of a value at `base`, says."""
    schema: Any = error.schema
    value: Any = error.instance
    key = (value,) if "propertyNames" in error.absolute_schema_path else ()
    branches: dict[Any, list[Mismatch]] = defaultdict(list)
    for below in error.context:
        branches[below.relative_schema_path[0]].append(mismatch_of(below, base))
    return Mismatch(
        path=(*base, *error.absolute_path, *key),
        value=value,
        keyword=str(error.validator),
        bound=error.validator_value,
        schema=schema,
        branches={index: tuple(found) for index, found in branches.items()},
    )


def causes(mismatch: Mismatch) -> Iterator[Mismatch]:
    """Yield the mismatch itself, or for a union those of the branch that was meant, where that is clear."""
    meant = _meant_branches(mismatch)
    if len(meant) != 1:
        yield mismatch
        return
    for below in mismatch.branches[meant[0]]:
        yield from causes(below)


def _meant_branches(union: Mismatch) -> list[int]:
    kind = union.value.get(union.tag) if isinstance(union.value, dict) else None
    if isinstance(kind, str) and kind in union.kinds:
        return [union.bound.index({"$ref": union.kinds[kind]})]
    return [
        index for index, found in union.branches.items() if not any(_is_of_another_type(union, one) for one in found)
    ]


def _is_of_another_type(union: Mismatch, below: Mismatch) -> bool:
    return below.keyword == "type" and below.path == union.path
