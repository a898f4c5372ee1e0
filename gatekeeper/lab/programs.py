"""What the laboratory runs of other projects; all of it must be there before anything is started."""

from importlib.util import find_spec
from pathlib import Path

from attestations.errors import InputError
from attestations.tool import ToolError, find_tool

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")

PACKAGES = {
    "softhsm2-util": "softhsm2",
    "knotd": "knot",
    "keymgr": "knot",
    "kzonesign": "knot-dnssecutils",
    "nsd": "nsd",
    "unbound": "unbound",
    "unbound-control": "unbound",
    "dnssec-verify": "bind9-utils",
    "ldns-verify-zone": "ldnsutils",
    "setpriv": "util-linux",
}
"""program -> Debian package"""


def insist_on_programs() -> None:
    """Raise InputError (LABORATORY) that names every program that is missing, and the packages to install."""
    missing = [program for program in PACKAGES if not _is_installed(program)]
    if not MODULE.is_file():
        missing.append(str(MODULE))
    if missing:
        packages = sorted({PACKAGES.get(program, "softhsm2") for program in missing})
        raise InputError(
            "LABORATORY",
            found=f"no {', '.join(missing)}",
            wanted="the real components that the laboratory runs",
            fix=f"sudo apt-get install --no-install-recommends {' '.join(packages)}",
        )
    if find_spec("pkcs11") is None:
        raise InputError(
            "LABORATORY",
            found="no python-pkcs11",
            wanted="the extra for HSMs",
            fix="pip install 'signer-gatekeeper[hsm]'",
        )


def _is_installed(program: str) -> bool:
    try:
        find_tool(program)
    except ToolError:
        return False
    return True
