"""Zones of other projects with known verdicts. The collection lies beside the repository; without it: skipped.

Where we differ from one, it is written down here, and with the section that decides it in docs/zone-engines.md.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from attestations.errors import InputError
from attestations.times import Instant
from attestations.zone.reading import rewritten, zone_from_file
from attestations.zone.validation.anchors import read_anchors
from attestations.zone.validation.apex import apex_of
from attestations.zone.validation.whole import validate
from attestations.zone.validation.zonemd import zonemd_findings

FOLDER = Path(__file__).parents[4] / "shared" / "corpora" / "zones"
MANIFEST = FOLDER / "manifest.jsonl"
ROWS = [json.loads(line) for line in MANIFEST.read_text(encoding="utf-8").splitlines()] if MANIFEST.exists() else []
CASES = {row["id"]: row for row in ROWS}
SIGNED = [name for name, row in CASES.items() if row["profile"] == "dnssec" or row["trust_root"]]
DIGESTS = [name for name, row in CASES.items() if row["profile"] == "zonemd" and not row["trust_root"]]
SYNTAX = [name for name, row in CASES.items() if row["profile"] == "syntax"]
POLICY = [name for name, row in CASES.items() if row["profile"] == "policy"]

ZONES = {
    "validns-dnskey-exponent": "nz.",
    "validns-dnskey-exponent-policy": "nz.",
    "validns-ipseckey-errors": "example.sec.",
    "ldns-zonemd-repeated": "example.",
}
"""names that the collection leaves to the reader"""

UNREADABLE = {
    "validns-signed-ok": "RDATA that BIND, ldns and Knot cannot parse either",
    "unbound-zonemd-02": "no record has a TTL: RFC 2308, 4 knows no default",
}
"""zones that we cannot read though their collection calls them good: no verdict, so no false alarm"""

REFUSED = {
    "validns-rare-rrs": "ALG_INCOMPLETE",  # an algorithm is published and does not sign (RFC 4035, 2.2)
}
"""zones that their collection calls good and we refuse, and why"""

CONTENT = {
    "validns-mx-ns-alias": "NS and MX that point to an alias (RFC 2181, 10.3)",
    "validns-rp-policy": "an RP record that points to a TXT that is not there (RFC 1183, 2.2)",
    "validns-slash": "a host name with a slash (RFC 1123, 2.1)",
    "validns-starting-hyphen": "a host name that begins with a hyphen (RFC 1123, 2.1)",
    "validns-issue41-no-ksk": "no key with the SEP flag: validators must not look at it (RFC 4034, 2.1.1)",
}
"""faults of content that no validator of signatures looks at: passed"""


UNREAD = {"DNS-ZONEFILE", "FILE"}


def opened(name):
    return zone_from_file(
        FOLDER / CASES[name]["files"][0], CASES[name]["origin"] or ZONES.get(name, "example.com."), include=True
    )


def judged(name):
    """Return our verdict, or the code of the error; and the errors found."""
    row = CASES[name]
    at = Instant.of(datetime.fromtimestamp(row["at_time"] or 1_700_000_000, UTC))
    root = row["trust_root"]
    anchors = read_anchors(root.encode(), "trust root", row["origin"], "DS") if root else ()
    try:
        with opened(name) as zone:
            report = validate(zone, anchors, at)
    except InputError as error:
        return error.code, set()
    return report.verdict, {code for code, severity in report.findings.totals if severity == "error"}


@pytest.mark.skipif(not CASES, reason="the collection of zones is not there")
def test_the_collection_has_both_sorts_and_each_row_is_judged():
    assert {row["expected"] for row in CASES.values()} == {"pass", "fail"}
    assert len({*SIGNED, *DIGESTS, *SYNTAX, *POLICY}) == len(CASES) > 80


@pytest.mark.parametrize("name", SIGNED)
def test_signed_zones_come_out_as_their_collections_say(name):
    verdict, errors = judged(name)
    if CASES[name]["expected"] == "fail":
        assert verdict in {"invalid"} | UNREAD
    elif name in UNREADABLE:
        assert verdict in UNREAD
    elif name in REFUSED:
        assert (verdict, errors) == ("invalid", {REFUSED[name]})
    else:
        assert (verdict, errors) == ("valid" if CASES[name]["trust_root"] else "inconclusive", set())


@pytest.mark.parametrize("name", DIGESTS)
def test_digests_of_zones_that_need_not_be_signed_fit_or_not_as_their_collections_say(name):
    try:
        with opened(name) as zone, rewritten(zone) as flat:
            fits = not any(one.severity == "error" for one in zonemd_findings(apex_of(flat), flat))
    except InputError:
        assert CASES[name]["expected"] == "fail" or name in UNREADABLE
    else:
        assert fits is (CASES[name]["expected"] == "pass")


@pytest.mark.parametrize("name", SYNTAX)
def test_files_are_read_or_not_as_their_collection_says(name):
    assert (judged(name)[0] in UNREAD) is (CASES[name]["expected"] == "fail")


@pytest.mark.parametrize("name", POLICY)
def test_policies_of_other_projects_are_ours_where_they_are_about_keys(name):
    verdict, errors = judged(name)
    if CASES[name]["expected"] == "pass" or name in CONTENT:
        assert (verdict, errors) == ("inconclusive", set())
    else:
        assert "KEY_UNUSABLE" in errors
