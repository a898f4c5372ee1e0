"""ZONEMD against the examples of RFC 8976, another library, ldns, and a collection of zones where it is there."""

import json
import shutil
import subprocess
from pathlib import Path

import dns.zone
import pytest

from attestations.errors import InputError
from attestations.zone.practice.signing import practice_zone
from attestations.zone.reading import rewritten, zone_from_bytes, zone_from_file
from attestations.zone.reading.flat import pieces
from attestations.zone.validation.apex import apex_of
from attestations.zone.validation.whole import validate
from attestations.zone.validation.work import Pool
from attestations.zone.validation.zonemd import zone_digests, zonemd_findings

FOLDER = Path(__file__).parents[5] / "shared" / "corpora" / "zones"
MANIFEST = FOLDER / "manifest.jsonl"
ROWS = [json.loads(line) for line in MANIFEST.read_text(encoding="utf-8").splitlines()] if MANIFEST.exists() else []
FOR_ANOTHER_CHECK = {"unbound-zonemd-01", "unbound-zonemd-15", "unbound-zonemd-18"}
"""refused for a missing DNSKEY, a bitmap, a signature: their ZONEMD is absent"""
WITHOUT_TTL = {"unbound-zonemd-01", "unbound-zonemd-02", "unbound-zonemd-22"}
"""no record of them has a TTL, nor is there a $TTL: unbound puts 3600 there, RFC 2308, 4 knows no such default"""

RFC_8976_A1 = b"""
example.      86400  IN  SOA     ns1 admin 2018031900 (
                                 1800 900 604800 86400 )
              86400  IN  NS      ns1
              86400  IN  NS      ns2
              86400  IN  ZONEMD  2018031900 1 1 (
                                 c68090d90a7aed71
                                 6bc459f9340e3d7c
                                 1370d4d24b7e2fc3
                                 a1ddc0b9a87153b9
                                 a9713b3c9ae5cc27
                                 777f98b8e730044c )
ns1           3600   IN  A       203.0.113.63
ns2           3600   IN  AAAA    2001:db8::63
"""


DEEPER = "x IN ZONEMD 1 1 1 " + "AB" * 48 + "\n"
"""below the apex it is a record like any other"""


def found(text, name="example."):
    with zone_from_bytes(text, "zone", name) as given, rewritten(given) as zone:
        return [(one.code, one.severity) for one in zonemd_findings(apex_of(zone), zone)]


def test_the_example_of_the_rfc_fits():
    assert found(RFC_8976_A1) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"203.0.113.63", b"203.0.113.64"),
        (b"ns2           3600", b"ns2           3601"),
        (b"ns2           3600   IN  AAAA    2001:db8::63", b""),
        (b"ns1           3600", b"ns1           3600   IN  TXT added\nns1           3600"),
        (b"admin 2018031900", b"admin 2018031901"),
        (b"ZONEMD  2018031900", b"ZONEMD  2018031899"),
        (b"777f98b8e730044c", b"777f98b8e730044d"),
        (b"777f98b8e730044c", b""),
    ],
    ids=["address", "TTL", "record gone", "record more", "SOA serial", "its serial", "digest", "short digest"],
)
def test_any_difference_is_an_error(before, after):
    assert before in RFC_8976_A1
    assert found(RFC_8976_A1.replace(before, after)) == [("ZONEMD_MISMATCH", "error")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"ns1           3600", b"NS1.Example.  3600"),
        (b"ns2           3600", b"elsewhere.    3600   IN  A  192.0.2.1\nns2           3600"),
        (b"ns2           3600", b"ns1           3600   IN  A  203.0.113.63\nns2           3600"),
    ],
    ids=["case", "outside the zone", "twice"],
)
def test_what_makes_no_difference_makes_none(before, after):
    assert found(RFC_8976_A1.replace(before, after)) == []


def test_what_is_not_known_is_a_note_and_absence_is_nothing():
    for record in (b"2018031900 1 240 (", b"2018031900 240 1 ("):
        assert found(RFC_8976_A1.replace(b"2018031900 1 1 (", record)) == [("ZONEMD_UNJUDGED", "note")]
    start, end = RFC_8976_A1.index(b"              86400  IN  ZONEMD"), RFC_8976_A1.index(b"ns1           3600")
    assert found(RFC_8976_A1[:start] + RFC_8976_A1[end:]) == []


def test_a_digest_that_does_not_fit_beside_one_that_does_is_a_warning():
    further = b"              86400  IN  ZONEMD  2018031900 1 2 " + b"ab" * 64 + b"\n"
    text = RFC_8976_A1.replace(b"ns1           3600", further + b"ns1           3600")
    assert found(text) == [("ZONEMD_MISMATCH", "warning")]


@pytest.mark.parametrize(("address", "expected"), [(b"63", set()), (b"64", {("ZONEMD_MISMATCH", "error")})])
def test_the_digest_of_an_unsigned_zone_is_compared_too(now, address, expected):
    """Nothing ties it to the zone's owner without signatures; that it fits or not can be said (RFC 8976, 4)."""
    with zone_from_bytes(RFC_8976_A1.replace(b"203.0.113.63", b"203.0.113." + address), "zone", "example.") as zone:
        report = validate(zone, (), now)
    assert set(report.findings.totals) - expected == {("NOTHING_CHECKED", "warning"), ("NO_TRUST_ANCHOR", "warning")}
    assert report.verdict == ("invalid" if expected else "inconclusive")


def test_two_of_one_kind_count_as_none():
    further = b"              86400  IN  ZONEMD  2018031900 1 1 " + b"ab" * 48 + b"\n"
    text = RFC_8976_A1.replace(b"ns1           3600", further + b"ns1           3600")
    assert found(text) == [("ZONEMD_MISMATCH", "error")] * 2


@pytest.mark.parametrize("algorithm", [1, 2])
def test_another_library_computes_the_same(ksk, zsk, now, algorithm):
    further = 'a\\.b IN TXT "x y"\n_h IN HTTPS 1 . alpn=h2\nx IN MX 5 Y.x\n' + DEEPER
    practice = practice_zone([ksk, zsk], now, further=further)
    theirs = dns.zone.from_text(practice.text.decode(), practice.name, relativize=False)
    with zone_from_bytes(practice.text, "zone", practice.name) as zone:
        ours = zone_digests(zone, {algorithm})
    assert ours == {algorithm: theirs.compute_digest(algorithm).digest}


def test_the_order_of_the_file_makes_no_difference(ksk, zsk, now):
    practice = practice_zone([ksk, zsk], now)
    backwards = b"\n".join(reversed(practice.text.splitlines())) + b"\n"
    with zone_from_bytes(practice.text, "zone", "test.") as one, zone_from_bytes(backwards, "zone", "test.") as two:
        assert zone_digests(one, {1, 2}) == zone_digests(two, {1, 2})


def test_a_zone_of_several_pieces_has_one_digest_whoever_computes_it():
    records = [b"test. 60 IN SOA ns.test. h.test. 1 7200 3600 1209600 60", b"test. 60 IN NS ns.test."]
    records += [b"d%06d.test. 60 IN NS ns%d.example." % (number, number % 7) for number in range(9000)]
    lines = [record.replace(b" ", b" " * (61 - len(record)), 1) + b"\n" for record in records]
    text = b"".join(lines)
    with zone_from_bytes(text, "zone", "test.") as zone, Pool(2) as pool:
        (_, first), (_, second), _ = pieces(zone)
        digests = zone_digests(zone, {1})
        assert zone_digests(zone, {1}, pool) == digests
    assert first == second  # so that whole pieces can change places
    swapped = text[first : 2 * first] + text[:first] + text[2 * first :]
    with zone_from_bytes(swapped, "zone", "test.") as zone:
        assert zone_digests(zone, {1}) == digests


@pytest.mark.needs("ldns-signzone", "ldns-keygen", "ldns-verify-zone")
def test_ldns_agrees_on_its_own_digest_and_on_a_changed_zone(tmp_path):
    plain = RFC_8976_A1[: RFC_8976_A1.index(b"              86400  IN  ZONEMD")] + b"ns1 3600 IN A 203.0.113.63\n"
    (tmp_path / "zone").write_bytes(plain.replace(b"ns2", b"ns1"))

    def run(*command):
        program = shutil.which(command[0])
        assert program
        return subprocess.run([program, *command[1:]], cwd=tmp_path, capture_output=True, text=True, check=False)

    names = [run("ldns-keygen", "-a", "13", *extra, "example").stdout.strip() for extra in ([], ["-k"])]
    assert run("ldns-signzone", "-z", "1:1", "-z", "1:2", "-f", "signed", "zone", *names).returncode == 0
    signed = (tmp_path / "signed").read_bytes()
    assert signed.count(b"\tZONEMD\t") >= 2
    assert found(signed) == []
    assert run("ldns-verify-zone", "-ZZ", "signed").returncode == 0
    changed = signed.replace(b"203.0.113.63", b"203.0.113.64")
    (tmp_path / "changed").write_bytes(changed)
    assert found(changed) == [("ZONEMD_MISMATCH", "error")] * 2
    assert run("ldns-verify-zone", "-ZZ", "changed").returncode != 0


@pytest.mark.skipif(not ROWS, reason="the collection of zones is not there")
def test_the_collection_has_both_sorts():
    assert {row["expected"] for row in ROWS if row["profile"] == "zonemd"} == {"pass", "fail"}


@pytest.mark.parametrize("row", [row for row in ROWS if row["profile"] == "zonemd"], ids=lambda row: row["id"])
def test_zones_of_other_projects_come_out_as_their_collections_say(row):
    name = row["origin"] or "example."
    if row["id"] in WITHOUT_TTL:
        with pytest.raises(InputError, match="DNS-ZONEFILE"):
            zone_from_file(FOLDER / row["files"][0], name)
        return
    is_mismatch = row["expected"] == "fail" and row["id"] not in FOR_ANOTHER_CHECK
    with zone_from_file(FOLDER / row["files"][0], name) as given, rewritten(given) as zone:
        errors = {one.code for one in zonemd_findings(apex_of(zone), zone) if one.severity == "error"}
    assert errors == ({"ZONEMD_MISMATCH"} if is_mismatch else set())
