"""What an assertion can see: five names and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from attestations.times import Instant

VARIABLES = ("request", "environment", "parameters", "predicate", "now")

MAX_DEPTH = 64
_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Plain JSON values bound to the variables of an assertion, and the one time of the decision."""

    request: Mapping[str, object]
    environment: Mapping[str, object]
    parameters: Mapping[str, object]
    predicate: Mapping[str, object]
    now: Instant

    @cached_property
    def bindings(self) -> dict[str, object]:
        """Return the value of every variable by its name."""
        return {name: getattr(self, name) for name in VARIABLES}

    @cached_property
    def fault(self) -> str | None:
        """Return why these facts cannot be reasoned about, or None.

        Both engines convert only the values an expression touches, and not alike: integers beyond 64 bits
        become unsigned in one and an error in the other. So everything is looked at first.
        """
        for name in VARIABLES[:-1]:
            fault = _fault_of(self.bindings[name], MAX_DEPTH)
            if fault is not None:
                return f"`{name}` holds {fault}"
        return None


def _fault_of(value: object, depth: int) -> str | None:
    if depth == 0:
        return f"more than {MAX_DEPTH} levels"
    # Exact types: a subclass may carry behaviour of its own, and bool is a subclass of int.
    if type(value) is dict:
        return _fault_of_object(value, depth)
    if type(value) is list:
        return next((fault for item in value if (fault := _fault_of(item, depth - 1))), None)
    if type(value) is int:
        return None if value in _INT64 else "an integer beyond signed 64 bits"
    if type(value) is float:
        return None if isfinite(value) else "a number that is not finite"
    if value is None or type(value) in (str, bool):
        return None
    return f"a value of type {type(value).__name__}, which JSON does not have"


def _fault_of_object(value: dict[object, object], depth: int) -> str | None:
    if any(type(key) is not str for key in value):
        return "an object with a key that is not text"
    return next((fault for item in value.values() if (fault := _fault_of(item, depth - 1))), None)
