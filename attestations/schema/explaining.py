"""What is wrong with a document, by its schema."""

from collections.abc import Iterator
from functools import reduce
from itertools import islice
from operator import getitem
from typing import TYPE_CHECKING, Any

from attestations.errors import InputError
from attestations.schema.making import schema_of
from attestations.schema.mismatch import causes, mismatch_of
from attestations.schema.wording import input_errors
from attestations.strict.document import Document, Path
from attestations.times import Instant

if TYPE_CHECKING:
    from jsonschema import FormatChecker

MAX_ERRORS = 20
MAX_FAULTS = 200
"""how many are looked at: a file with 100,000 faults must not cost 100,000 messages (threat E1)"""


def explain(document: Document, kind: type, path: Path = ()) -> tuple[InputError, ...]:
    """Return what keeps the value at `path` of `document` from being a `kind`: SCHEMA or NAME-ZONE, sorted by place."""
    errors = {str(fault): fault for fault in islice(_faults(document, kind, path), MAX_FAULTS)}
    return tuple(sorted(errors.values(), key=_line_and_column)[:MAX_ERRORS])


def _faults(document: Document, kind: type, path: Path) -> Iterator[InputError]:
    from jsonschema import Draft202012Validator
    from referencing import Registry

    # A registry without retrieval: without one, jsonschema 4.26.0 fetches remote references (threat E3).
    validator = Draft202012Validator(schema_of(kind), registry=Registry(), format_checker=format_checker())
    root: Any = document.value
    for error in validator.iter_errors(reduce(getitem, path, root)):
        for cause in causes(mismatch_of(error, path)):
            yield from input_errors(cause, document)


def format_checker() -> "FormatChecker":
    """Return a checker of the one format of ours whose pattern does not say it all: the calendar."""
    from jsonschema import FormatChecker

    def is_utc_time(value: object) -> bool:
        return not isinstance(value, str) or Instant.parse(value) is not None

    checker = FormatChecker(formats=())
    checker.checks("utc-time", raises=ValueError)(is_utc_time)
    return checker


def _line_and_column(error: InputError) -> tuple[int, int]:
    where = error.where
    return (where.line or 0, where.column or 0) if where else (0, 0)
