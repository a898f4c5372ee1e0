"""The one error of both packages: input that cannot be accepted.

A finding is data, an error is bad input, a bug is any other exception. The three never mix
(docs/architecture.md, house rule 8).
"""

from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True, kw_only=True)
class Location:
    """A place in a file, as an editor understands it: lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


class InputError(Exception):
    """Input that cannot be accepted: what was found, what was wanted, what to do next.

    `code` is a stable reason code that `gatekeeper explain` knows.
    `also` holds further errors of the same file, so that one run shows them all.
    """

    def __init__(
        self,
        code: str,
        *,
        found: str,
        wanted: str,
        fix: str,
        where: Location | None = None,
        also: tuple["InputError", ...] = (),
    ) -> None:
        super().__init__(code, found, wanted, fix, where)
        self.code = code
        self.found = found
        self.wanted = wanted
        self.fix = fix
        self.where = where
        self.also = also

    def __reduce__(self) -> tuple[partial["InputError"], tuple[()]]:
        """Return how to make it again: what came as keywords is not in `args`, of which pickling would make it."""
        again = partial(
            InputError,
            self.code,
            found=self.found,
            wanted=self.wanted,
            fix=self.fix,
            where=self.where,
            also=self.also,
        )
        return again, ()

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.code}: found {self.found}; wanted {self.wanted}"
