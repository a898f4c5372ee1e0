"""What was offered, in its order and under its names: the evidence itself lies in files named by digest."""

from collections.abc import Iterator, Mapping, Sequence

from attestations.digest import canonical_json, sha256
from attestations.errors import InputError
from attestations.records import Name, Record, Sha256, decode, plain
from attestations.strict import read_json
from gatekeeper.case_file import names
from gatekeeper.evidence import Offered, Unreadable


class Reason(Record, frozen=True, kw_only=True):
    """Why a file could not be read."""

    code: Name
    found: str
    wanted: str
    next: str


class Entry(Record, frozen=True, kw_only=True):
    """One file that was offered: its digest, or why it could not be read."""

    name: str
    sha256: Sha256 | None = None
    unreadable: Reason | None = None


class Listing(Record, frozen=True, kw_only=True):
    """The file offered.json."""

    offered: tuple[Entry, ...]


def file_of(digest: str) -> str:
    """Return where the evidence with this SHA-256 lies in a case file."""
    return f"{names.EVIDENCE}{digest}.json"


def list_offered(offered: Sequence[Offered | Unreadable]) -> bytes:
    """Return the list of what was offered, as canonical JSON."""
    return canonical_json(plain(Listing(offered=tuple(map(_entry, offered)))))


def read_offered(files: Mapping[str, bytes]) -> Iterator[Offered | Unreadable]:
    """Yield what was offered, as it was; raise InputError (SCHEMA, CASE-FILE) where list and files differ."""
    entries = decode(read_json(files[names.OFFERED], names.OFFERED), Listing).offered
    listed = {file_of(entry.sha256) for entry in entries if entry.sha256 is not None}
    if listed != {name for name in files if name.startswith(names.EVIDENCE)}:
        raise _differs("evidence other than it lists")
    for entry in entries:
        yield _item(entry, files)


def _entry(item: Offered | Unreadable) -> Entry:
    if isinstance(item, Offered):
        return Entry(name=item.name, sha256=item.sha256)
    error = item.error
    reason = Reason(code=error.code, found=error.found, wanted=error.wanted, next=error.fix)
    return Entry(name=item.name, unreadable=reason)


def _item(entry: Entry, files: Mapping[str, bytes]) -> Offered | Unreadable:
    why = entry.unreadable
    if entry.sha256 is not None and why is None:
        raw = files[file_of(entry.sha256)]
        if sha256(raw) != entry.sha256:
            raise _differs(f"{file_of(entry.sha256)} with SHA-256 {sha256(raw)}")
        return Offered(name=entry.name, raw=raw, sha256=entry.sha256)
    if why is None or entry.sha256 is not None:
        raise _differs("an entry with neither or both of a digest and a reason")
    return Unreadable(name=entry.name, error=InputError(why.code, found=why.found, wanted=why.wanted, fix=why.next))


def _differs(found: str) -> InputError:
    return InputError(
        "CASE-FILE",
        found=f"in {names.OFFERED}: {found}",
        wanted="each file that was offered, with its digest or the reason why it could not be read",
        fix="take the case file from where it was first stored; this one was altered",
    )
