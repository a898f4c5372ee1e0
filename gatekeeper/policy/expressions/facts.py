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
            fault = _fault_of(self.bindings[name])
            if fault is not None:
                return f"`{name}` holds {fault}"
        return None


def _fault_of(value: object) -> str | None:
    """Level by level, so that depth costs no stack."""
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for item in level:
            # Exact types: a subclass may carry behaviour of its own, and bool is a subclass of int.
            if type(item) is dict:
                if not set(map(type, item)) <= {str}:
                    return "an object with a key that is not text"
                below += item.values()
            elif type(item) is list:
                below += item
            elif fault := _fault_of_scalar(item):
                return fault
        if not below:
            return None
        level = below
    return f"more than {MAX_DEPTH} levels"


def _fault_of_scalar(value: object) -> str | None:
    if value is None or type(value) in (str, bool):
        return None
    if type(value) is int:
        return None if value in _INT64 else "an integer beyond signed 64 bits"
    if type(value) is float:
        return None if isfinite(value) else "a number that is not finite"
    return f"a value of type {type(value).__name__}, which JSON does not have"
