"""Zones of other projects with known verdicts. The collection lies beside the repository; without it: skipped."""

import json
from datetime import UTC, datetime
from pathlib import Path

import dns.name
import pytest

from attestations.errors import InputError
from attestations.times import Instant
from attestations.zone.source import zone_from_file
from attestations.zone.validation import validate

FOLDER = Path(__file__).parents[4] / "shared" / "corpora" / "zones"
MANIFEST = FOLDER / "manifest.jsonl"
ROWS = [json.loads(line) for line in MANIFEST.read_text(encoding="utf-8").splitlines()] if MANIFEST.exists() else []
CASES = {row["id"]: row for row in ROWS if row["profile"] == "dnssec"}

UNREADABLE = {
    "validns-signed-ok": "RDATA that BIND, ldns and Knot cannot parse either",
    "validns-rare-rrs": "the types MB, MG, MR, MD, MF and MINFO in text form, which dnspython does not know",
}
"""Zones that we cannot read though their collection calls them good: no verdict, so no false alarm."""


def verdict_of(row):
    """Return our verdict, or the code of the error. No anchors are known, so the best that there is is inconclusive."""
    at = Instant.of(datetime.fromtimestamp(row["at_time"], UTC))
    try:
        zone = zone_from_file(FOLDER / row["files"][0], dns.name.from_text(row["origin"]))
    except InputError as error:
        return error.code, set()
    findings = validate(zone, (), at).findings
    return findings.verdict, {code for code, severity in findings.totals if severity == "error"}


@pytest.mark.skipif(not CASES, reason="the collection of zones is not there")
def test_the_collection_has_both_sorts():
    assert {row["expected"] for row in CASES.values()} == {"pass", "fail"}


@pytest.mark.parametrize("name", CASES)
def test_zones_of_other_projects_come_out_as_their_collections_say(name):
    row = CASES[name]
    verdict, errors = verdict_of(row)
    if row["expected"] == "fail":
        assert verdict in ("invalid", "DNS-ZONEFILE")
    elif name in UNREADABLE:
        assert verdict == "DNS-ZONEFILE"
    else:
        assert (verdict, errors) == ("inconclusive", set())
