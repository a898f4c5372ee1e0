"""Signatures of every algorithm that zones are signed with are verified, and the dated table says which should be."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from attestations import dnskey
from attestations.errors import InputError
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.reading import zone_from_bytes
from attestations.zone.reading.flat import pieces
from attestations.zone.validation import verifiers
from attestations.zone.validation.algorithms import AS_OF, DIGEST_LEVELS, LEVELS, algorithm_findings
from attestations.zone.validation.apex import apex_of
from attestations.zone.validation.groups import groups
from attestations.zone.validation.published import key_set
from attestations.zone.validation.signatures import Outcome, judge
from attestations.zone.validation.verifiers import is_judged, verifier_of

ZONE = b"""test. 3600 IN SOA ns1.test. admin.test. 1 7200 3600 1209600 3600
test. 3600 IN NS ns1.test.
ns1.test. 3600 IN A 192.0.2.1
*.test. 3600 IN TXT "any"
a.test. 3600 IN NS ns.a.test.
a.test. 3600 IN DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000001
"""
BIND_NAMES = {
    5: "RSASHA1",
    7: "NSEC3RSASHA1",
    8: "RSASHA256",
    10: "RSASHA512",
    13: "ECDSAP256SHA256",
    14: "ECDSAP384SHA384",
    15: "ED25519",
    16: "ED448",
}


@pytest.fixture(scope="module", params=BIND_NAMES)
def signed_by_bind(request, tmp_path_factory):
    """Return an algorithm and a zone that BIND's signer signed with it."""
    folder = tmp_path_factory.mktemp("signed")
    (folder / "zone").write_bytes(ZONE)

    def run(program, *arguments):
        path = shutil.which(program)
        assert path
        return subprocess.run([path, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()

    kind = ["-a", BIND_NAMES[request.param], *(["-b", "2048"] if request.param < 13 else [])]
    keys = [run("dnssec-keygen", *kind, *flags, "test.") for flags in ([], ["-f", "KSK"])]
    run("dnssec-signzone", "-S", "-z", *([] if request.param == 5 else ["-3", "-"]), "-o", "test.", "zone", *keys)
    return request.param, (folder / "zone.signed").read_bytes()


def outcomes(text, now):
    with zone_from_bytes(text, "zone", "test.") as zone:
        keys = apex_of(zone).keys
        return [
            judged.outcome
            for piece in pieces(zone)
            for _, rrsets in groups(zone, *piece)
            for rrset in rrsets.values()
            for judged in judge(rrset, keys=keys, apex=zone.wire, now=int(now.timestamp()))
        ]


@pytest.mark.needs("dnssec-keygen", "dnssec-signzone")
def test_every_signature_of_another_signer_verifies(signed_by_bind, now):
    _, text = signed_by_bind
    found = outcomes(text, now)
    assert len(found) > 10
    assert set(found) == {Outcome.OK}


@pytest.mark.needs("dnssec-keygen", "dnssec-signzone")
def test_no_signature_verifies_over_other_data(signed_by_bind, now):
    algorithm, text = signed_by_bind
    changed = text.replace(b"admin.test.", b"nobody.test.")
    assert changed != text
    found = outcomes(changed, now)
    assert Outcome.BOGUS in found, algorithm
    assert Outcome.OK in found


@pytest.mark.parametrize("algorithm", [5, 7])
def test_sha1_is_verified_here_and_nowhere_else(algorithm):
    public_key = new_key(ZSK_FLAGS, dnskey.RSASHA256).rdata[4:]
    assert verifier_of(algorithm, public_key)(bytes(256), b"data") is False
    with pytest.raises(InputError, match="DNS-ALG"):
        dnskey.public_key_of(algorithm, public_key)
    assert is_judged(algorithm)


@pytest.mark.parametrize("algorithm", [5, 7])
def test_where_the_library_has_no_sha1_nothing_is_judged(monkeypatch, algorithm):
    monkeypatch.setattr(verifiers, "_has_sha1", lambda: False)
    public_key = new_key(ZSK_FLAGS, dnskey.RSASHA256).rdata[4:]
    assert not is_judged(algorithm)
    with pytest.raises(InputError, match="DNS-ALG"):
        verifier_of(algorithm, public_key)


@pytest.mark.parametrize("algorithm", [1, 3, 6, 12, 17, 23, 253])
def test_other_algorithms_are_not_judged(algorithm):
    assert not is_judged(algorithm)
    with pytest.raises(InputError, match="DNS-ALG"):
        verifier_of(algorithm, bytes(64))


@pytest.mark.parametrize("public_key", [b"", b"\3\1\0\1", b"\3\1\0\1" + b"\xff" * 64, b"\1\1" + b"\xff" * 256])
def test_sha1_keys_have_the_bounds_of_other_rsa_keys(public_key):
    for algorithm in (5, 8):
        with pytest.raises(InputError, match="DNS-ALG"):
            verifier_of(algorithm, public_key)


def key_of(algorithm):
    return dnskey.rdata(KSK_FLAGS, 3, algorithm, bytes(64))


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        (1, ["error"]),
        (3, ["error"]),
        (5, ["warning"]),
        (6, ["error"]),
        (7, ["warning"]),
        (8, []),
        (10, ["note"]),
        (12, ["error"]),
        (13, []),
        (14, []),
        (15, []),
        (16, []),
        (17, []),
        (253, []),
    ],
)
def test_the_table_decides_what_is_said_of_an_algorithm(algorithm, expected):
    found = list(algorithm_findings("test.", key_set([key_of(algorithm)])))
    assert [one.severity for one in found] == expected
    assert {one.code for one in found} <= {"ALG_DEPRECATED"}
    assert all(AS_OF in one.message and LEVELS[algorithm].source in one.message for one in found)


def test_each_algorithm_is_told_once():
    both = key_set([key_of(5), dnskey.rdata(ZSK_FLAGS, 3, 5, bytes(64)), key_of(7)])
    assert len(list(algorithm_findings("test.", both))) == 2


def test_the_tables_are_dated_and_rest_on_rfcs():
    assert re.fullmatch(r"20\d\d-\d\d", AS_OF)
    assert {level.source for level in (*LEVELS.values(), *DIGEST_LEVELS.values())} == {
        "RFC 9904",
        "RFC 9905",
        "RFC 9906",
    }
    assert all(level.signing == "MUST NOT" for level in LEVELS.values() if level.validation == "MUST NOT")
    assert set(dnskey.NAMES) <= set(LEVELS)
    assert all(dnskey.NAMES[number] == LEVELS[number].mnemonic for number in dnskey.NAMES)


def test_the_page_shows_the_tables_of_the_code():
    page = (Path(__file__).parents[4] / "docs" / "zone-algorithms.md").read_text(encoding="utf-8")
    rows = [row.split(" | ") for row in re.findall(r"^\| (\d+ \| .+) \|$", page, re.MULTILINE)]
    tables = [*LEVELS.items()], [*DIGEST_LEVELS.items()]
    judged = ([is_judged(number) for number in LEVELS], [number in (2, 4) for number in DIGEST_LEVELS])
    assert rows == [
        [str(number), level.mnemonic, level.signing, level.validation, level.source, "yes" if is_yes else "no"]
        for table, yes in zip(tables, judged, strict=True)
        for (number, level), is_yes in zip(table, yes, strict=True)
    ]
    assert f"as of {AS_OF}" in page
