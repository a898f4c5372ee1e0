"""What was built, as the caller has it: a file, or its digest."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from attestations.statement import Subject
from attestations.strict import digest_file

STRONG = ("sha256", "sha384", "sha512")
"""digests that a file can be known by; a match of a weaker one is none (threat B1)"""
_DIGEST = re.compile(r"(sha256):([0-9a-f]{64})|(sha384):([0-9a-f]{96})|(sha512):([0-9a-f]{128})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A file, or something of which only a digest is known."""

    text: str
    """as the caller named it"""
    file: Path | None
    digest: tuple[str, str] | None
    """algorithm and value; None where there is a file"""

    @classmethod
    def parse(cls, text: str) -> "Artifact":
        """Return what `text` names: a digest such as sha256:9f2c…, otherwise a file."""
        match = _DIGEST.fullmatch(text)
        if match is None:
            return cls(text=text, file=Path(text), digest=None)
        algorithm, value = (part for part in match.groups() if part is not None)
        return cls(text=text, file=None, digest=(algorithm, value))

    def is_among(self, subjects: Iterable[Subject]) -> bool:
        """Return whether a subject is this artifact: every strong digest that both have is the same, and one is.

        Raises InputError (FILE, PATH) where the file cannot be read.
        """
        return any(self._is(subject) for subject in subjects)

    def _is(self, subject: Subject) -> bool:
        named = {algorithm: value for algorithm, value in subject.digest.items() if algorithm in STRONG}
        if self.digest is not None:
            algorithm, value = self.digest
            return named.get(algorithm) == value
        return bool(named) and all(self._of_file(algorithm) == value for algorithm, value in named.items())

    def _of_file(self, algorithm: str) -> str:
        return digest_file(self.file, algorithm) if self.file is not None else ""
