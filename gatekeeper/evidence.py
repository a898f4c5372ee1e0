"""What was offered: files, read once and bounded. Untrusted until verification has looked at them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from attestations.digest import sha256
from attestations.errors import InputError, Location
from attestations.inert import visible
from attestations.strict import read_file
from attestations.strict.limits import EVIDENCE

MAX_FILES = 256
MAX_DEPTH = 16
MAX_TOTAL_BYTES = 16 * 1024 * 1024
SUFFIXES = (".json", ".jsonl", ".sigstore")


@dataclass(frozen=True, kw_only=True)
class Offered:
    """Bytes that somebody says are evidence."""

    name: str
    """the path below what was offered, made inert: the same wherever the folder lies, so that decisions repeat"""
    raw: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A file that was offered and could not even be read, with the reason."""

    name: str
    error: InputError


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Evidence that does not count, with the reason. `claimed_type` is what it says it is, believed by nobody."""

    name: str
    digest: str
    code: str
    found: str
    wanted: str
    next: str
    claimed_type: str | None


def collect(paths: Iterable[Path]) -> tuple[Offered | Unreadable, ...]:
    """Return every evidence file at or below `paths`, in the order of their names, each content once.

    Raises InputError (FILE, LIMIT): a path that does not exist is a slip in the call, too much is refused whole.
    """
    found = (pair for path in paths for pair in _files(path, visible(path.name)))
    files = sorted(set(islice(found, MAX_FILES + 1)))
    if len(files) > MAX_FILES:
        raise _too_much(f"more than {MAX_FILES} evidence files", f"at most {MAX_FILES}")
    seen: set[str] = set()
    collected: list[Offered | Unreadable] = []
    total = 0
    for name, file in files:
        item = _read(name, file)
        if isinstance(item, Offered):
            total += len(item.raw)
            if total > MAX_TOTAL_BYTES:
                raise _too_much("more evidence than can be held", f"at most {MAX_TOTAL_BYTES} bytes in all")
            if item.sha256 in seen:
                continue
            seen.add(item.sha256)
        collected.append(item)
    return tuple(collected)


def _files(path: Path, name: str, depth: int = 0) -> Iterator[tuple[str, Path]]:
    if depth > MAX_DEPTH:
        raise _too_much(f"folders {depth} deep", f"at most {MAX_DEPTH} levels")
    if not path.exists():
        raise InputError(
            "FILE",
            found="no such file or folder",
            wanted="a file or folder with evidence",
            fix="correct --evidence or spec.evidence of the request",
            where=Location(file=str(path)),
        )
    if not path.is_dir():
        yield name, path
        return
    for child in sorted(path.iterdir()):
        below = f"{name}/{visible(child.name)}"
        if child.is_dir() and not child.is_symlink():
            yield from _files(child, below, depth + 1)
        elif child.name.endswith(SUFFIXES):
            yield below, child


def _read(name: str, file: Path) -> Offered | Unreadable:
    try:
        raw = read_file(file, EVIDENCE.max_bytes)
    except InputError as error:
        return Unreadable(name=name, error=error)
    return Offered(name=name, raw=raw, sha256=sha256(raw))


def _too_much(found: str, wanted: str) -> InputError:
    return InputError("LIMIT", found=found, wanted=wanted, fix="offer only the evidence of this request")
