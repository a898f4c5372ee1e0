"""The life of a trust root: each version is signed by the owners of the one before it (TUF specification, 5.3).

Versions lie in one folder, `1.trust`, `2.trust`, ..., as their owners signed them. The first is believed because the
gate's configuration says so, every other because its predecessor's owners signed it. None can be left out.
"""

import fcntl
import os
import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from attestations.durable import write_durably
from attestations.errors import InputError
from attestations.times import Instant
from gatekeeper.documents import Loaded, Source, load, read_source
from gatekeeper.trust.document import TrustDocument
from gatekeeper.trust.owners import signing_owners

Version = Loaded[TrustDocument]
MAX_VERSIONS = 1024
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


def load_version(source: Source) -> Version:
    """Return one version of a trust root, its keys unread; raise InputError (SCHEMA)."""
    return load(source, TrustDocument, "TrustRoot")


def read_chain(folder: Path) -> tuple[Version, ...]:
    """Return the versions in `folder`, oldest first, none where it is not there yet.

    Raises InputError: FILE, SCHEMA, TRUST-VERSION (a version left out, or under another's number).
    """
    numbers = _numbers(folder)
    chain = tuple(load_version(read_source(_place(folder, number))) for number in numbers)
    for number, version in zip(numbers, chain, strict=True):
        if version.record.metadata.version != number:
            found = f"version {version.record.metadata.version} in {number}.trust"
            raise _refused("TRUST-VERSION", version, found, "each version under its own number")
    return chain


def check_chain(chain: Sequence[Version]) -> None:
    """Raise InputError unless each version may follow the one before it. Who vouches for the first is not asked."""
    for old, new in pairwise(chain):
        check_successor(old, new)


def check_successor(old: Version, new: Version) -> None:
    """Raise InputError unless `new` may take the place of `old`.

    1. It has the same name, and both are for production or neither is. 2. Its version is the next one: a lower one
    is a rollback, a higher one would hide versions from us (TUF 5.3.5). 3. The owners whom `old` names signed it up to
    their threshold, and so did those whom it names itself (TUF 5.3.4). Codes: POL-TRUST, TRUST-VERSION, SIG-THRESHOLD.
    """
    before, after = old.record.metadata, new.record.metadata
    if (before.name, before.development) != (after.name, after.development):  # 1
        found = f"the {_kind(new)} trust root {after.name!a}"
        raise _refused("POL-TRUST", new, found, f"a successor of the {_kind(old)} trust root {before.name!a}")
    if after.version != before.version + 1:  # 2
        wanted = f"version {before.version + 1}, the one after {before.version}"
        raise _refused("TRUST-VERSION", new, f"version {after.version} of trust root {after.name!a}", wanted)
    _check_signed(old, new)  # 3
    _check_signed(new, new)


def check_not_expired(version: Version, now: Instant) -> None:
    """Raise InputError (POL-TRUST) for a version that is not in force any more: nobody rotates into the past."""
    if now >= version.record.metadata.expires:
        found = f"a trust root that expired on {version.record.metadata.expires}"
        raise _refused("POL-TRUST", version, found, "one in force")


def append(folder: Path, version: Version) -> Path:
    """Write the version durably as the newest of the chain in `folder` and return where.

    Raises InputError: TRUST-VERSION (it is there already), FILE (there is no such folder), DURABLE.
    """
    path = _place(folder, version.record.metadata.version)
    with _only_writer(folder):
        if path.exists():
            raise _refused("TRUST-VERSION", version, f"a file {path.name} that is already there", "a new version")
        write_durably(path, version.source.raw)
    return path


def lacking(owned: Version, signed: Version) -> int:
    """Return how many more of the owners that `owned` names, and does not revoke, must sign `signed`.

    Raises InputError (POL-TRUST) where it names none.
    """
    owners = owned.record.spec.owners
    if owners is None:
        raise _refused("POL-TRUST", owned, "a trust root that names no owners", "spec.owners: keys and threshold")
    name = f"version {owned.record.metadata.version} of the trust root"
    revoked = {one.sha256 for one in owned.record.spec.revoked.keys}
    return max(0, owners.threshold - len(signing_owners(signed.source, owners, name, revoked)))


def _check_signed(owned: Version, signed: Version) -> None:
    if missing := lacking(owned, signed):
        number = owned.record.metadata.version
        found = f"a trust root that lacks {missing} signature(s) by the owners named in version {number}"
        wanted = "signatures by the owners of the old and of the new version, up to each threshold"
        raise _refused("SIG-THRESHOLD", signed, found, wanted)


def _numbers(folder: Path) -> tuple[int, ...]:
    names = [path.stem for path in folder.glob("*.trust")]
    if strange := sorted(name for name in names if not _NUMBER.fullmatch(name)):
        raise InputError(
            "TRUST-VERSION",
            found=f"a file {strange[0] + '.trust'!a:.80} in {str(folder)!a}",
            wanted="versions alone, each under its number, such as 13.trust",
            fix="take it out of the folder; take new versions in with:  gatekeeper trust rotate NEW",
        )
    numbers = tuple(sorted(map(int, names)))
    if len(numbers) > MAX_VERSIONS or numbers != tuple(range(numbers[0], numbers[0] + len(numbers)) if numbers else ()):
        raise InputError(
            "TRUST-VERSION",
            found=f"versions {', '.join(map(str, numbers[:8]))}{', …' if len(numbers) > 8 else ''} in {str(folder)!a}",
            wanted=f"each version after the first, none left out, at most {MAX_VERSIONS}",
            fix="bring the missing version back from the owners or a backup",
        )
    return numbers


@contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    """Of two who take in the same version at once, one is told that it is there."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise InputError(
            "FILE",
            found=f"{folder}: {error.strerror}",
            wanted="the folder that the gate's configuration names in trust_chain",
            fix=f"make it, where only the gate's owners can write:  mkdir {shlex.quote(str(folder))}",
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _place(folder: Path, number: int) -> Path:
    return folder / f"{number}.trust"


def _kind(version: Version) -> str:
    return "development" if version.record.metadata.development else "production"


def _refused(code: str, version: Version, found: str, wanted: str) -> InputError:
    return InputError(
        code,
        found=found,
        wanted=wanted,
        fix="have its owners sign the right version:  gatekeeper trust sign FILE --sign-with KEY --out FILE",
        where=version.source.document.where(("metadata",)),
    )
