"""How much of a zone is read before it is refused."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Bounds of one zone; what they cost is disk space and time, not memory."""

    max_bytes: int = 64 * 1024**3
    """of the file, of what it unpacks to, or of the transfer"""
    max_records: int = 1_000_000_000
    max_seconds: float = 21_600.0
    """of a transfer"""
    idle_seconds: float = 60.0
    """that a server may be silent during a transfer"""


DEFAULT_BOUNDS = Bounds()
