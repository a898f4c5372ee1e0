"""Reads layouts and links from the files that in-toto writes (in-toto specification v1.0, 4.4 and 4.5.2)."""

import re
from pathlib import Path

from attestations.layout.chain import MAX_DEPTH, MAX_LINKS, Delegation
from attestations.layout.signed import malformed, read_signed
from attestations.strict import read_file, read_json
from attestations.strict.document import Document
from attestations.strict.limits import EVIDENCE

_NAME = re.compile(r"(?P<step>.+)\.[^.]{1,8}\.link", re.DOTALL)


def read_part(path: Path, depth: int = 1) -> Document | Delegation:
    """Return the link in a file; or a sublayout, STEP.KEYID8.link, with its links in the folder STEP.KEYID8 beside it.

    The file's name tells the step, as nothing in a layout does. Raises InputError (FILE, PARSE-*, SCHEMA, SIG-NONE).
    """
    document = read_document(path)
    if read_signed(document).kind == "link":
        return document
    named = _NAME.fullmatch(path.name)
    if named is None:
        wanted = "the name STEP.KEYID8.link, and its links in the folder STEP.KEYID8 beside it"
        raise malformed(document, (), f"a sublayout in {path.name!a:.120}", wanted)
    files = sorted(path.with_suffix("").glob("*.link"))
    if depth >= MAX_DEPTH or len(files) > MAX_LINKS:
        found = f"a sublayout {depth} deep with {len(files)} links"
        raise malformed(document, (), found, f"layouts {MAX_DEPTH} deep at most, with {MAX_LINKS} links")
    return Delegation(step=named["step"], layout=document, links=tuple(read_part(file, depth + 1) for file in files))


def read_document(path: Path) -> Document:
    """Return the JSON in a file; raise InputError (FILE, PARSE-*)."""
    return read_json(read_file(path, EVIDENCE.max_bytes), str(path))
