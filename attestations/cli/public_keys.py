"""What callers of verifying commands trust: plain keys by file, folder or key id, and a Sigstore instance."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from attestations.errors import InputError
from attestations.keys import read_public_key
from attestations.provenance.named_keys import NamedKey
from attestations.strict import read_file
from attestations.strict.limits import EVIDENCE

MAX_KEYS = 64
_MAX_BYTES = 64 * 1024
_SUFFIXES = (".pem", ".pub", ".key")


def read_keys(named: Iterable[str]) -> tuple[NamedKey, ...]:
    """Return the keys that options name: FILE, a FOLDER of them, or ID=FILE for signatures with that key id alone.

    Raises InputError (FILE, PATH, KEY, LIMIT).
    """
    keys = tuple(key for text in named for key in _keys(text))
    if len(keys) > MAX_KEYS:
        raise InputError("LIMIT", found=f"{len(keys)} keys", wanted=f"at most {MAX_KEYS}", fix="name fewer with --key")
    return keys


def read_trusted_root(file: Path | None) -> tuple[str, bytes]:
    """Return the Sigstore instance to trust with its name: that in `file`, else the public one, as installed."""
    from attestations.sigstore.public_good import embedded_root

    return embedded_root() if file is None else (str(file), read_file(file, EVIDENCE.max_bytes))


def _keys(text: str) -> Iterator[NamedKey]:
    key_id, equals, name = text.rpartition("=")
    path = Path(name)
    if path.is_dir():
        for file in sorted(child for child in path.iterdir() if child.suffix in _SUFFIXES):
            yield _key(file, None)
    else:
        yield _key(path, key_id if equals else None)


def _key(file: Path, key_id: str | None) -> NamedKey:
    return NamedKey(key=read_public_key(read_file(file, _MAX_BYTES), str(file)), label=file.stem, id=key_id)
