"""What all pieces of a zone say about its denial of existence, put together."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from attestations.zone.validation.denial.entries import DenialEntries
from attestations.zone.validation.denial.parameters import MAX_CHAINS, Parameters
from attestations.zone.validation.denial.spool import Spool

MAX_BITMAPS = 10_000
"""different bitmaps that are remembered for messages; a zone has some hundred"""


class Gathered:
    """Grows piece by piece. A context manager: large zones go to temporary files."""

    def __init__(self, chains: int) -> None:
        """Make room for so many NSEC3 chains, in the order of `parameters.checked`."""
        self.names = tuple(Spool() for _ in range(chains))
        self.links = tuple(Spool() for _ in range(chains))
        self.nsec_owners, self.nsec_nexts = Spool(), Spool()
        self.has_nsec = False
        self.parameters: set[Parameters] = set()
        """of the NSEC3 records; at most MAX_CHAINS + 1 of them"""
        self.bitmaps: dict[bytes, bytes] = {}
        self._files = ExitStack()

    def add(self, entries: DenialEntries) -> None:
        """Add what one piece said; raise OSError if the disk is full."""
        for chain, names, links in zip(entries.chains, self.names, self.links, strict=True):
            names.add(chain.names)
            links.add(chain.links)
        self.nsec_owners.add(entries.nsec_owners)
        self.nsec_nexts.add(entries.nsec_nexts)
        self.has_nsec |= entries.nsec
        for parameters in sorted(entries.parameters - self.parameters, key=str):
            if len(self.parameters) <= MAX_CHAINS:
                self.parameters.add(parameters)
        if len(self.bitmaps) < MAX_BITMAPS:
            self.bitmaps.update(entries.bitmaps)

    def __enter__(self) -> Self:
        for spool in (*self.names, *self.links, self.nsec_owners, self.nsec_nexts):
            self._files.enter_context(spool)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()
