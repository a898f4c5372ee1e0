"""Which git reference was built: compared whole, or as a version by its leading parts (semver.org)."""

import re

_VERSION = re.compile(
    r"v(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?)?)?", re.ASCII
)
_RELEASE = re.compile(r"refs/tags/v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)", re.ASCII)
TAGS, BRANCHES = "refs/tags/", "refs/heads/"


def is_version(text: str) -> bool:
    """Return whether `text` can be asked for as a version: v3, v3.0, v3.0.1 or v3.0.1-rc.1."""
    return _VERSION.fullmatch(text) is not None


def is_release_tag(ref: str) -> bool:
    """Return whether `ref` is a tag of the form vX.Y.Z, which builders release under."""
    return _RELEASE.fullmatch(ref) is not None


def is_of_version(ref: str | None, wanted: str) -> bool:
    """Return whether the tag `ref` is of the version `wanted`: v14 takes v14.2, v14.2 does not take v14.3.

    A tag with fewer parts stands for zeros in their places. A pre-release is only taken where it is asked for.
    """
    asked = _VERSION.fullmatch(wanted)
    found = _VERSION.fullmatch(ref.removeprefix(TAGS)) if ref is not None and ref.startswith(TAGS) else None
    if asked is None or found is None:
        return False
    have = (found[1], found[2] or "0", found[3] or "0")
    want = tuple(part for part in asked.groups()[:3] if part is not None)
    return have[: len(want)] == want and (found[4] or "") == (asked[4] or "")
