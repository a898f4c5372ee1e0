"""What the figures were measured on: hardware, libraries, and how many signatures OpenSSL itself verifies here."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.backends.openssl.backend import backend

_OPENSSL = "openssl"
_NAMES = {13: "ecdsap256", 8: "rsa2048", 15: "ed25519"}
_TOTAL = re.compile(r"^\+F\d+:.*:[\d.]+:([\d.]+)$", re.MULTILINE)


def machine() -> dict[str, object]:
    """Return hardware, kernel, Python and OpenSSL, the system's and the one that Python's library brings."""
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*: (.+)$", info, re.MULTILINE)
    system = subprocess.run([_OPENSSL, "version"], capture_output=True, text=True, check=True).stdout
    return {
        "measuredOn": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": model[1] if model else platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "openssl": {"system": system.strip(), "python": backend.openssl_version_text()},
    }


def openssl_speed(algorithm: int) -> float:
    """Return the signatures of an algorithm that `openssl speed` verifies in a second on all cores together."""
    command = [_OPENSSL, "speed", "-mr", "-seconds", "3", "-multi", str(os.cpu_count()), _NAMES[algorithm]]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(_TOTAL.findall(printed)[-1])
