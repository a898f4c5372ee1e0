"""The files of a GitLab pipeline: what it includes, as far as it was given, with a component's inputs put in."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from attestations.errors import Location
from attestations.strict.document import Document, Path
from gatekeeper.pipelines.model import Danger
from gatekeeper.pipelines.source import MAX_PUT_LENGTH, Files, document, listed, mapping, replaced, words

_INPUT = re.compile(r"\$\[\[\s*inputs\.([\w-]+)\s*\]\]")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A file of the pipeline: what it says once its inputs are put in, and where."""

    value: Any = field(repr=False)
    source: Document
    skipped: int = 0
    """lines before the part of the file that was read"""

    def where(self, path: Path) -> Location:
        """Return the place of what stands at the path, or nearest to it."""
        found = self.source.where(path)
        return Location(file=found.file, line=(found.line or 0) + self.skipped, column=found.column)


def parts(own: Document, files: Files) -> tuple[tuple[Part, ...], tuple[Danger, ...]]:
    """Return what was included and given, the pipeline's own file last, and dangers for what was not."""
    found: list[Part] = []
    unread: list[Danger] = []
    for index, include in enumerate(listed(mapping(own.value).get("include"))):
        one = include if isinstance(include, dict) else {"local": include}
        names = _names(one)
        given = [name for name in names if name in files.others]
        found += [_component(files.others[name], mapping(one.get("inputs")), name) for name in given]
        if len(given) < max(1, len(names)) or "rules" in one:
            why = "included by a rule, or not given: name its file after the pipeline"
            unread.append(_unread(own.where(("include", index)), f"{one!s:.120}", why))
    unread += [
        _unread(part.where(("include",)), "an include inside an include", "files included by the pipeline itself")
        for part in found
        if "include" in mapping(part.value)
    ]
    return (*found, Part(value=own.value, source=own)), tuple(unread)


def place(found: tuple[Part, ...], path: Path) -> Location:
    """Return the place in the last of the files that speaks of it."""
    return next((part for part in reversed(found) if path[0] in mapping(part.value)), found[-1]).where(path)


def _unread(where: Location, found: str, wanted: str) -> Danger:
    return Danger(rule="not-judged", place=where, found=f"{found}, which was not looked at", wanted=wanted)


def _names(include: dict[str, Any]) -> list[str]:
    """The names, without folder, of the files that an include asks for."""
    if "component" in include:
        return [words(include["component"]).partition("@")[0].rpartition("/")[2] + ".yml"]
    files = include.get("file") if "project" in include else include.get("local", include.get("template"))
    return [words(one).rpartition("/")[2] for one in listed(files)]


def _component(text: str, given: dict[str, Any], name: str) -> Part:
    """A component is two documents: what it asks for, and the jobs, in which that is put in the place of names.

    Into scripts nothing is put: what is spliced there stays visible.
    """
    header, separator, body = text.partition("\n---\n")
    if not separator:
        source = document(text, name)
        return Part(value=source.value, source=source)
    asked = mapping(mapping(mapping(document(header + "\n", name).value).get("spec")).get("inputs"))
    values = {key: mapping(one).get("default") for key, one in asked.items()} | given
    source = document(body, name)
    value = replaced(source.value, lambda found: _put(found, values), ("script", "before_script"))
    return Part(value=value, source=source, skipped=header.count("\n") + 2)


def _put(text: str, values: dict[str, Any]) -> Any:
    whole = _INPUT.fullmatch(text)
    if whole and whole[1] in values:
        return values[whole[1]]
    short = {key: one for key in values if len(one := _text(values[key])) <= MAX_PUT_LENGTH}
    return _INPUT.sub(lambda found: short.get(found[1], found[0]), text)


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, list | dict) else words(value)
