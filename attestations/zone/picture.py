"""What the picture of a zone's signatures shows, from a report and, where there was any, from forensics."""

from attestations.signing_picture import Signed
from attestations.zone.forensics.signing_keys import Forensics
from attestations.zone.validation.report import ZoneReport


def signed_by_report(report: ZoneReport, forensics: Forensics | None = None) -> Signed:
    """Return who signed the zone of a report."""
    unattributed = forensics.unattributed if forensics else ()
    return Signed(
        zone=report.zone.name,
        serial=report.zone.serial,
        verdict=report.verdict,
        is_whole=report.coverage.mode == "full" and (forensics is None or forensics.complete),
        by_key=report.by_key,
        by_tag=report.by_tag,
        keys=forensics.keys if forensics else (),
        unattributed={(one.tag, one.algorithm): one.signatures for one in unattributed},
    )
