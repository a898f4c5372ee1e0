"""A ZIP archive with one byte form: stored, sorted, without times; and its bounded reading."""

import io
import zipfile
from collections.abc import Mapping

from attestations.errors import InputError, Location

MAX_ARCHIVE = 64 * 1024 * 1024
MAX_MEMBERS = 10_000
MAX_NAME = 512
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the archive of `files`: the same files give the same bytes, anywhere."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, date_time=_EPOCH)
            member.external_attr = _PLAIN_FILE
            member.create_system = 3
            archive.writestr(member, files[name])
    return buffer.getvalue()


def unpack(raw: bytes, name: str) -> dict[str, bytes]:
    """Return the files in an archive, in memory: nothing is ever extracted to disk.

    Raises InputError (PATH, LIMIT): a name that is not plain and relative, a name twice, compression, too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            _check_members(members, name)
            return {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise _refused("PATH", name, f"no archive that can be read ({error!a:.120})", "a case file") from None


def _check_members(members: list[zipfile.ZipInfo], name: str) -> None:
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_ARCHIVE:
        raise _refused(
            "LIMIT", name, "too many or too large files", f"{MAX_MEMBERS} files, {MAX_ARCHIVE} bytes at most"
        )
    seen: set[str] = set()
    for member in members:
        if not _plain(member) or member.filename.casefold() in seen:
            found = f"a member {member.filename!a:.120}"
            raise _refused("PATH", name, found, "plain files, stored, each relative ASCII name once")
        seen.add(member.filename.casefold())


def _plain(member: zipfile.ZipInfo) -> bool:
    kind = member.external_attr >> 16 & 0o170000
    parts = member.filename.split("/")
    return (
        member.compress_type == zipfile.ZIP_STORED
        and member.filename == member.orig_filename  # zipfile cuts a name at its first NUL
        and kind in (0, 0o100000)
        and len(member.filename) <= MAX_NAME
        and member.filename.isascii()
        and member.filename.isprintable()
        and not any(part in ("", ".", "..") for part in parts)
        and not set(member.filename) & set('\\:*?"<>|')
    )


def _refused(code: str, name: str, found: str, wanted: str) -> InputError:
    return InputError(
        code, found=found, wanted=wanted, fix="use the file that `gatekeeper issue` wrote", where=Location(file=name)
    )
