"""Zone transfers over TCP: a whole zone (AXFR), or what changed since a version (IXFR); signed if there is a key."""

from attestations.zone.reading.transfer.differences import Difference, Differences, differences_from_transfer
from attestations.zone.reading.transfer.server import Server
from attestations.zone.reading.transfer.tsig import Key, key_from_file
from attestations.zone.reading.transfer.whole import transferred

__all__ = ["Difference", "Differences", "Key", "Server", "differences_from_transfer", "key_from_file", "transferred"]
