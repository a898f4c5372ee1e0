"""The validators that are compared, each as one command line, and what they say their version is."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from composition import ORIGIN
from signing import VARIANTS, SignedZone

OURS, OTHER = "attest zone", "attest zone, other"
PEERS = ("dnssec-verify", "kzonecheck", "ldns-verify-zone", "validns")
_VERSIONS = {
    OURS: (sys.executable, "-c", "from attestations import __version__; print(__version__)"),
    "awscrt": (sys.executable, "-c", "import awscrt; print(awscrt.__version__)"),
    "PyNaCl": (sys.executable, "-c", "import nacl; print(nacl.__version__)"),
    "dnssec-verify": ("dnssec-verify", "-V"),
    "ldns-verify-zone": ("ldns-verify-zone", "-v"),
    "kzonecheck": ("kzonecheck", "-V"),
    "validns": ("dpkg-query", "-W", "-f", "${Version}", "validns"),
}


def commands(zone: SignedZone, other: Path | None) -> Mapping[str, Sequence[str]]:
    """Return the commands that validate `zone` in full, in the order of a round; every one must end with 0."""
    file, ds = str(zone.file), str(zone.ds)
    arguments = ("zone", "--zone", ORIGIN, "--file", file, "--ds", ds)
    found: dict[str, Sequence[str]] = {OURS: (str(Path(sys.executable).parent / "attest"), *arguments)}
    if other:
        found[OTHER] = (str(other), *arguments)
    found["dnssec-verify"] = ("dnssec-verify", "-q", "-o", ORIGIN, file)
    found["kzonecheck"] = ("kzonecheck", "-o", ORIGIN, "-d", "on", file)
    found["ldns-verify-zone"] = ("ldns-verify-zone", "-V", "1", "-k", ds, file)
    if VARIANTS[zone.variant].algorithm == 8:  # the only algorithm that the packaged validns verifies
        found["validns"] = ("validns", "-z", ORIGIN, file)
    return found


def versions() -> dict[str, str]:
    """Return the version of each tool, as it or its package says."""
    return {name: _first_line(command) for name, command in _VERSIONS.items()}


def _first_line(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().partition("\n")[0]
