"""A value from YAML parser events, one at a time, so that every limit holds while the text still streams (threat E1).

PyYAML's own composer is never used: at 40,000 nested sequences it crashes the process (PyYAML 6.0.3).
"""

from collections.abc import Iterator
from typing import NoReturn, Protocol

import yaml

from attestations.errors import InputError, Location
from attestations.strict.document import JsonValue, Marks, Path
from attestations.strict.limits import Limits
from attestations.strict.text import folded, hidden_character, hidden_error, quoted, twin_error
from attestations.strict.yaml_scalars import plain_scalar


def compose(text: str, name: str, limits: Limits) -> tuple[JsonValue, Marks]:
    """Return the value of the only document in `text`, and line and column of each value in it by path.

    Raises InputError: PARSE-YAML, PARSE-DUPKEY, LIMIT, INJECT.
    """
    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None:
        raise InputError(
            "PARSE-YAML",
            found="PyYAML without its C parser",
            wanted="PyYAML built with libyaml, as its wheels on PyPI are",
            fix="pip install --force-reinstall --only-binary :all: pyyaml",
            where=Location(file=name),
        )
    composer = _Composer(yaml.parse(text, Loader=loader), name, limits)
    return composer.document(), composer.marks


class _Mark(Protocol):
    line: int
    column: int


class _Composer:
    """Reads the events of one text; `marks` fills as it goes."""

    def __init__(self, events: Iterator[yaml.Event], name: str, limits: Limits) -> None:
        self.marks: dict[Path, tuple[int, int]] = {}
        self._events = events
        self._name = name
        self._limits = limits

    def document(self) -> JsonValue:
        self._next()  # the start of the stream
        start = self._next()
        if isinstance(start, yaml.StreamEndEvent):
            self._refuse("nothing: the file is empty", "one YAML document", "write the document", start)
        if isinstance(start, yaml.DocumentStartEvent) and (start.version or start.tags):
            self._refuse("a directive", "YAML without directives", "delete the lines that begin with %", start)
        value = self._value(self._next(), ())
        self._next()  # the end of the document
        if not isinstance(end := self._next(), yaml.StreamEndEvent):
            self._refuse("a second document", "one YAML document", "put each document into a file of its own", end)
        return value

    def _value(self, event: yaml.Event, path: Path) -> JsonValue:
        self._refuse_graph_and_types(event)
        self._refuse_excess(event, path)
        self.marks[path] = _line_and_column(event.start_mark)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _sequence(self, path: Path) -> list[JsonValue]:
        items: list[JsonValue] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, JsonValue]:
        members: dict[str, JsonValue] = {}
        places: dict[str, Location] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key, where = self._key(event), self._where(event)
            first = places.setdefault(folded(key), where)
            if first is not where:
                raise twin_error(key, first, where)
            members[key] = self._value(self._next(), (*path, key))
        return members

    def _key(self, event: yaml.Event) -> str:
        self._refuse_graph_and_types(event)
        if not isinstance(event, yaml.ScalarEvent):
            self._refuse("a mapping or sequence as a key", "keys that are strings", "use a name as the key", event)
        if event.value == "<<" and not event.style:
            self._refuse("a merge key", "every mapping written out", "copy the members to this place", event)
        key = self._scalar(event)
        if not isinstance(key, str):
            self._refuse(f"the key {quoted(event.value)}", "keys that are strings", "put the key in quotes", event)
        return key

    def _scalar(self, event: yaml.ScalarEvent) -> JsonValue:
        if hidden := hidden_character(event.value):
            raise hidden_error(hidden[0], self._where(event))
        if event.style:
            return str(event.value)
        try:
            return plain_scalar(event.value)
        except ValueError as error:
            self._refuse(
                f"{error}: {quoted(event.value, 20)}",
                "integers below 2^53 without leading zero, and numbers such as 0.5",
                "put it in quotes if it is a name or a digest",
                event,
            )

    def _refuse_graph_and_types(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            self._refuse("an anchor or alias", "every value written out", "copy the value to where it is used", event)
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            self._refuse(f"the tag {quoted(event.tag)}", "YAML without tags", "delete the tag; quote strings", event)

    def _refuse_excess(self, event: yaml.Event, path: Path) -> None:
        nested = len(path) + isinstance(event, yaml.CollectionStartEvent)
        if nested > self._limits.max_depth:
            self._refuse_over(f"level {nested} of nesting", f"at most {self._limits.max_depth} levels", event)
        if len(self.marks) >= self._limits.max_nodes:
            self._refuse_over("one value too many", f"at most {self._limits.max_nodes} values", event)

    def _refuse_over(self, found: str, wanted: str, event: yaml.Event) -> NoReturn:
        fix = "check that this is the right file; keep bulk data out of YAML"
        raise InputError("LIMIT", found=found, wanted=wanted, fix=fix, where=self._where(event))

    def _refuse(self, found: str, wanted: str, fix: str, event: yaml.Event) -> NoReturn:
        raise InputError("PARSE-YAML", found=found, wanted=wanted, fix=fix, where=self._where(event))

    def _where(self, event: yaml.Event) -> Location:
        return self._at(event.start_mark)

    def _at(self, mark: _Mark | None) -> Location:
        line, column = _line_and_column(mark)
        return Location(file=self._name, line=line, column=column)

    def _next(self) -> yaml.Event:
        try:
            return next(self._events)
        except yaml.MarkedYAMLError as error:
            raise self._syntax_error(error) from None

    def _syntax_error(self, error: yaml.MarkedYAMLError) -> InputError:
        found = ", ".join(str(part) for part in (error.context, error.problem) if part)
        fix = "check indentation (spaces, no tabs), colons and closing brackets and quotes at this place"
        return InputError(
            "PARSE-YAML", found=quoted(found, 200)[1:-1], wanted="YAML", fix=fix, where=self._at(error.problem_mark)
        )


def _line_and_column(mark: _Mark | None) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
