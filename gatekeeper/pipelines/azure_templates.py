"""Templates of Azure Pipelines: jobs and steps from other files, with parameters put in."""

import re
from dataclasses import dataclass, field
from typing import Any

from attestations.errors import Location
from attestations.strict.document import Document, Path
from gatekeeper.pipelines.source import MAX_PUT_LENGTH, Files, document, listed, mapping, replaced, words

_PARAMETER = re.compile(r"\$\{\{\s*parameters\.([\w-]+)\s*\}\}")
_SCRIPTS = ("script", "bash", "pwsh", "powershell")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A file of the pipeline: what it says once its parameters are put in, and where."""

    value: Any = field(repr=False)
    source: Document

    def where(self, path: Path) -> Location:
        """Return the place of what stands at the path, or nearest to it."""
        return self.source.where(path)


def template(files: Files, use: dict[str, Any]) -> Part | None:
    """Return the template that is used, if it was given, with its parameters put in; raise InputError.

    Into scripts nothing is put: what is spliced there stays visible.
    """
    name = words(use.get("template")).rpartition("/")[2]
    if name not in files.others:
        return None
    source = document(files.others[name], name)
    asked = [mapping(one) for one in listed(mapping(source.value).get("parameters"))]
    values = {words(one.get("name")): one.get("default") for one in asked} | mapping(use.get("parameters"))
    return Part(value=replaced(source.value, lambda text: _put(text, values), _SCRIPTS), source=source)


def _put(text: str, values: dict[str, Any]) -> Any:
    whole = _PARAMETER.fullmatch(text)
    if whole and whole[1] in values:
        return values[whole[1]]
    short = {key: one for key in values if len(one := words(values[key])) <= MAX_PUT_LENGTH}
    return _PARAMETER.sub(lambda found: short.get(found[1], found[0]), text)
