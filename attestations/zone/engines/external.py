"""What all engines share that are other programs: asked in a private folder, no vote where they cannot judge."""

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from attestations.predicates.zone_validation import ZoneFinding
from attestations.times import Instant
from attestations.tool import Ran, ToolError, path_of, run_tool
from attestations.zone.engines.complaints import Complaints
from attestations.zone.engines.material import descriptor_for_tools
from attestations.zone.engines.reporting import Said, has_signatures, of_flat, report_of
from attestations.zone.findings import finding
from attestations.zone.reading.flat import Zone
from attestations.zone.validation.anchors import Anchor, chain_findings
from attestations.zone.validation.apex import DNSKEY, Apex, apex_of
from attestations.zone.validation.published import PublishedKey
from attestations.zone.validation.report import ZoneReport

MAX_SECONDS = 900.0
"""time limit of a tool, on top of what a large zone takes"""

_BYTES_A_SECOND = 200_000  # the slowest reads 3 MB a second where nothing else runs


class NoVote(Exception):  # noqa: N818  # no error: a known limit of the tool
    """The tool cannot judge this zone; the message says why."""

    def __init__(self, why: str, code: str = "VALIDATOR_BLIND") -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a tool is asked."""

    name: str
    apex: Apex
    anchors: tuple[Anchor, ...]
    at: Instant
    folder: Path
    """private and empty; the tool runs in it"""
    descriptor: int
    """of the zone's bytes"""
    seconds: float

    @property
    def file(self) -> str:
        """The zone, as the tool can open it."""
        return path_of(self.descriptor)

    def run(self, program: str, *arguments: str) -> Ran:
        """Return what the program prints; raise ToolError."""
        return run_tool(program, arguments, self.folder, self.seconds, (self.descriptor,))


def signing_keys(apex: Apex) -> frozenset[PublishedKey]:
    """Return the published keys that have a signature over the DNSKEY RRset by their tag, verified or not."""
    rrset = apex.rrsets.get(DNSKEY)
    return frozenset(
        key
        for rrsig in (rrset.signatures if rrset else ())
        for key in apex.keys.candidates(rrsig.key_tag, rrsig.algorithm)
    )


def ds_findings(question: Question) -> Iterator[ZoneFinding]:
    """Yield what our own reader finds of the DS, for a tool that knows none but verifies every signature."""
    yield from chain_findings(question.anchors, question.name, question.apex.keys, signing_keys(question.apex))


@dataclass(frozen=True)
class External(ABC):
    """A validator that is another program."""

    name: str
    code_base: str
    crypto_library: str
    takes_time: bool
    calibrated_with: int

    @abstractmethod
    def version(self) -> str:
        """Return its version; raise ToolError."""

    @abstractmethod
    def ask(self, question: Question) -> Complaints:
        """Return what the tool complains about; raise NoVote, and ToolError where it did not come to a verdict."""

    def validate(self, zone: Zone, anchors: tuple[Anchor, ...], at: Instant, *, jobs: int | None = None) -> ZoneReport:
        """Return what the tool says of `zone` at `at`; raise InputError where our own reader cannot read it."""
        said = of_flat(zone, lambda flat: self._said(flat, anchors, at, jobs))
        return replace(of_flat(zone, lambda flat: report_of(flat, anchors, at, said, jobs)), zone=zone)

    def _said(self, zone: Zone, anchors: tuple[Anchor, ...], at: Instant, jobs: int | None) -> Said:
        apex = apex_of(zone)
        if DNSKEY not in apex.rrsets and not has_signatures(zone, apex, at, jobs):
            return None
        try:
            with tempfile.TemporaryDirectory() as folder, descriptor_for_tools(zone) as descriptor:
                return self.ask(
                    Question(
                        name=zone.name,
                        apex=apex,
                        anchors=anchors,
                        at=at,
                        folder=Path(folder),
                        descriptor=descriptor,
                        seconds=MAX_SECONDS + zone.size / _BYTES_A_SECOND,
                    )
                )
        except NoVote as blind:
            return finding(blind.code, "warning", zone.name, None, str(blind))
        except (ToolError, OSError) as error:
            return finding("VALIDATOR_FAILED", "warning", zone.name, None, str(error))
