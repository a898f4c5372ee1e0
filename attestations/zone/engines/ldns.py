"""ldns-verify-zone (NLnet Labs). Sees signatures, chain links and the DS; not bitmaps, NSEC3PARAM, silent algorithms.

Known: without -k it compares with no DS (so it is never run without); messages about ZONEMD may hang before
1.9.0 (so there is a time limit); expirations after 2038-01-19 are misread (so it gets no vote then).
"""

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from dns.rdatatype import RdataType

from attestations.predicates.zone_validation import ZoneFinding
from attestations.times import Instant
from attestations.zone.anchors import Anchor, anchors_text
from attestations.zone.engines.complaints import ANY, Complaints, blame, no_vote, report_of, unsigned
from attestations.zone.engines.tool import Ran, ToolError, run_tool, version_of
from attestations.zone.findings import finding
from attestations.zone.model import ZoneVersion
from attestations.zone.report import ZoneReport

_PROGRAM = "ldns-verify-zone"
_SECONDS = 900.0
_YEAR_2038 = 2**31
_SIGNATURE = re.compile(r"Error: .+ for (\S+)\t(\S+)")
_CHAIN = re.compile(r"Error: (there is no NSEC|[Tt]he NSEC|.+ has an NSEC\(3\))", re.ASCII)
_NO_CHAIN = re.compile(r"Error: No keys with the keytag and algorithm from the RRSIG found for (\S+)\tDNSKEY")
_END = "There were errors in the zone"


@dataclass(frozen=True)
class Ldns:
    """The ldns code base."""

    name: str = "ldns"
    code_base: str = "ldns"
    crypto_library: str = "OpenSSL"
    takes_time: bool = True

    def version(self) -> str:
        """Return the version of ldns; raise ToolError."""
        return version_of(_PROGRAM, "-v")

    def validate(self, zone: ZoneVersion, anchors: tuple[Anchor, ...], at: Instant) -> ZoneReport:
        """Return what ldns-verify-zone says of `zone` at `at`; without an anchor it is not asked."""
        if (nothing := unsigned(zone, anchors, at)) is not None:
            return nothing
        if not anchors:
            return no_vote(zone, anchors, at, "NO_TRUST_ANCHOR", "ldns-verify-zone is not run without a DS")
        if any(rrsig.expiration >= _YEAR_2038 for rrset in zone.rrsets for rrsig in rrset.signatures):
            return no_vote(zone, anchors, at, "VALIDATOR_BLIND", "ldns misreads expirations after 2038-01-19")
        try:
            ran = _run(zone, anchors, at)
        except ToolError as error:
            return no_vote(zone, anchors, at, "VALIDATOR_FAILED", str(error))
        if ran.exit_code != 0 and _END not in ran.lines:
            return no_vote(zone, anchors, at, "VALIDATOR_FAILED", f"exit code {ran.exit_code}: {ran.lines[-1:]}")
        return report_of(zone, anchors, at, _complaints(zone, ran), each_algorithm=False)


def _run(zone: ZoneVersion, anchors: tuple[Anchor, ...], at: Instant) -> Ran:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "zone").write_bytes(zone.master)
        (folder / "ds").write_bytes(anchors_text(anchors, zone.name))
        moment = at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
        return run_tool(_PROGRAM, ["-k", "ds", "-t", moment, "-V", "2", "zone"], folder, _SECONDS)


def _complaints(zone: ZoneVersion, ran: Ran) -> Complaints:
    matches = (_SIGNATURE.fullmatch(line) for line in ran.lines if not _NO_CHAIN.fullmatch(line))
    blamed = blame((match[1], match[2], ANY) for match in matches if match)
    others = tuple(_others(zone, ran))
    explained = not any(one.code in ("DS_CHAIN", "VALIDATOR_REFUSED") for one in others)
    return Complaints(refused=ran.exit_code != 0, blamed=blamed, others=others, explained=explained)


def _others(zone: ZoneVersion, ran: Ran) -> Iterator[ZoneFinding]:
    if ran.exit_code == 0:
        return
    for line in ran.lines:
        if _NO_CHAIN.fullmatch(line):  # with -k, only keys that the DS names count for the DNSKEY RRset
            yield finding("DS_CHAIN", "error", zone.name, RdataType.DNSKEY, line)
        elif _CHAIN.match(line):
            yield finding("DENIAL_CHAIN", "error", zone.name, None, line)
        elif line.startswith("Error: ") and not _SIGNATURE.fullmatch(line):
            yield finding("VALIDATOR_REFUSED", "error", zone.name, None, line)
