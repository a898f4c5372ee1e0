"""The errors for zones that cannot be read."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from attestations.errors import InputError, Location
from attestations.zone.reading.bounds import Bounds

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def too_many_bytes(bounds: Bounds, where: Location | None = None) -> InputError:
    """Return the error for a zone over the bound of bytes."""
    return InputError(
        "LIMIT",
        found=f"more than {bounds.max_bytes} bytes",
        wanted=f"a zone of at most {bounds.max_bytes} bytes",
        fix="check that it is the right file:  ls -l FILE",
        where=where,
    )


def too_many_records(bounds: Bounds, where: Location | None = None) -> InputError:
    """Return the error for a zone over the bound of records."""
    return InputError(
        "DNS-ZONEFILE",
        found=f"more than {bounds.max_records} records",
        wanted=f"a zone of at most {bounds.max_records} records",
        fix="check that it is the right zone",
        where=where,
    )


@contextmanager
def room_on_disk() -> Iterator[None]:
    """Turn a full disk, while a zone is written to a temporary file, into an InputError (LIMIT)."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise InputError(
            "LIMIT",
            found="no room left on the disk for the zone in flat form",
            wanted="room for twice the zone, unpacked, where temporary files are",
            fix="look at:  df -h ${TMPDIR:-/tmp}  and name a larger place:  export TMPDIR=/large/folder",
        ) from None
