"""What `attest zone` does beside judging a file: sample, compare, tell whose keys signed, draw."""

import json
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from attestations import dnskey
from attestations.cli import main
from attestations.predicates.zone_validation import TYPE, ZoneValidation
from attestations.strict import read_json
from attestations.times import Instant
from attestations.zone.practice.keys import ZSK_FLAGS, new_key
from attestations.zone.practice.signing import Hooks, practice_zone

ENVIRONMENT = "apiVersion: gatekeeper/v1\nkind: Environment\nmetadata: {name: practice, version: 1}\nspec: {}\n"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(scope="module")
def split_keys():
    """Three private keys behind the tag of the one that is published (INC-01)."""
    return [new_key(ZSK_FLAGS) for _ in range(3)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, ksk, split_keys, now):
    path = tmp_path_factory.mktemp("options")
    zsk = split_keys[0]
    split = Hooks(signer=lambda i, _rrset, key: key.sign if key.is_ksk else split_keys[i % 3].sign)
    good = practice_zone([ksk, zsk], now, serial=2, delegations=40)
    (path / "good.zone").write_bytes(good.text)
    (path / "bad.zone").write_bytes(practice_zone([ksk, zsk], now, serial=2, delegations=40, hooks=split).text)
    (path / "before.zone").write_bytes(practice_zone([ksk, zsk], now, serial=1, delegations=40).text)
    (path / "larger.zone").write_bytes(practice_zone([ksk, zsk], now, serial=1, delegations=80).text)
    (path / "ds").write_bytes(good.ds)
    for number, key in enumerate(split_keys, 1):
        flags, protocol, algorithm = int.from_bytes(key.rdata[:2]), key.rdata[2], key.rdata[3]
        text = f"test. 3600 IN DNSKEY {flags} {protocol} {algorithm} {dnskey_text(key.rdata)}\n"
        (path / f"hsm-{number}.dnskey").write_text(text)
    (path / "environment.yaml").write_text(ENVIRONMENT)
    (path / "key.pem").write_bytes(pem())
    (path / "state.key").write_bytes(b"\x17" * 32)
    return path


def dnskey_text(rdata):
    from base64 import b64encode

    return b64encode(rdata[4:]).decode("ascii")


def pem():
    from world.keys import signer

    return signer("validator-native").private_pem


@pytest.fixture
def attest(folder, monkeypatch, capsys):
    """Run the whole command line, as the installed program does, in this process."""
    monkeypatch.chdir(folder)

    def call(*arguments, zone="good.zone"):
        given = ["--zone", "test.", "--file", zone, "--ds", "ds"]
        monkeypatch.setattr(sys, "argv", ["attest", "zone", *given, *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return Done(code=left.value.code, out=printed.out, err=printed.err)

    return call


def codes(done):
    return {(one["code"], one["severity"]) for one in done.json["findings"]}


def test_a_sample_that_shows_a_fault_is_the_answer(attest):
    done = attest("--sample", 60, "--output", "json", zone="bad.zone")
    assert (done.code, done.json["engines"][0]["coverage"]["mode"]) == (10, "sample")
    assert ("SIG_WRONG_KEY", "error") in codes(done)


def test_a_sample_that_shows_none_is_followed_by_the_full_pass(attest):
    done = attest("--sample", 60, "--output", "json")
    assert (done.code, done.json["engines"][0]["coverage"]["mode"]) == (0, "full")


def test_the_private_keys_behind_a_tag_are_counted_and_named(attest, split_keys):
    named = [part for number in (1, 2, 3) for part in ("--hsm-key", f"hsm-{number}=hsm-{number}.dnskey")]
    done = attest(*named, "--output", "json", zone="bad.zone")
    behind = [key for key in done.json["forensics"]["keys"] if key["tag"] == split_keys[0].tag]
    assert {(key["published"], *key["heldBy"]) for key in behind} == {
        (True, "hsm-1"),
        (False, "hsm-2"),
        (False, "hsm-3"),
    }
    assert {key["fingerprint"] for key in behind} == {dnskey.fingerprint(key.rdata) for key in split_keys}
    text = attest(*named, zone="bad.zone").out
    assert "3 private keys signed under this tag, 1 is published; the others are hsm-2 and hsm-3" in text


def test_nobody_asks_for_keys_where_everything_verifies(attest):
    assert attest("--output", "json").json["forensics"] is None


def test_a_zone_is_compared_with_the_version_before(attest):
    done = attest("--previous", "before.zone", "--output", "json")
    assert (done.code, done.json["previous"]["serial"]) == (0, 1)
    shrunk = attest("--previous", "larger.zone", "--output", "json")
    assert (shrunk.code, ("CONTENT_DELTA", "error") in codes(shrunk)) == (10, True)
    again = attest("--previous", "good.zone", "--output", "json", zone="before.zone")
    assert (again.code, ("SERIAL_NOT_HIGHER", "error") in codes(again)) == (10, True)


def test_the_statement_carries_keys_and_the_version_before(attest, folder):
    named = ("--hsm-key", "hsm-2=hsm-2.dnskey", "--previous", "before.zone")
    signed = ("--environment", "environment.yaml", "--sign-with", "file:key.pem", "--out", "zone.dsse.json")
    assert attest(*named, *signed, zone="bad.zone").code == 10
    from attestations.envelope import read_envelope
    from attestations.statement import read_statement

    payload = read_envelope(read_json((folder / "zone.dsse.json").read_bytes(), "e")).payload
    statement = read_statement(payload, "s")
    said: ZoneValidation = statement.predicate
    assert statement.predicate_type == TYPE
    assert (len(said.signing_keys), said.previous.serial) == (4, 1)
    assert {use.not_verified > 0 for use in said.by_tag} == {True, False}


def test_a_picture_is_drawn_of_good_and_bad(attest, folder):
    for zone, word in (("good.zone", "published key"), ("bad.zone", "NOT PUBLISHED")):
        attest("--picture", "keys.svg", zone=zone)
        text = (folder / "keys.svg").read_text(encoding="utf-8")
        ET.fromstring(text)  # noqa: S314  # our own
        assert word in text


def test_a_state_is_kept_of_a_valid_zone_only(attest, folder):
    kept = ("--state", "state.db", "--state-key", "state.key")
    assert attest(*kept, zone="bad.zone").code == 10
    assert not Path("state.db").exists()
    assert attest(*kept).code == 0
    assert (folder / "state.db").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--previous-seen", "2026-05-05T00:00:00Z"],
        ["--previous", "before.zone", "--engine", "bind"],
        ["--state", "s.db"],
        ["--state-key", "state.key"],
        ["--state", "s.db", "--state-key", "state.key", "--engine", "ldns"],
        ["--ixfr", "127.0.0.1"],
        ["--from-serial", "1"],
        ["--hsm-key", "hsm-1"],
        ["--hsm-key", "hsm-1=environment.yaml"],
        ["--sample", "0"],
        ["--jobs", "0"],
        ["--picture", "good.zone"],
        ["--tsig", "missing.key"],
    ],
    ids=" ".join,
)
def test_calls_that_make_no_sense_end_in_2(attest, arguments, folder):
    before = (folder / "good.zone").read_bytes()
    assert attest(*arguments).code == 2
    assert (folder / "good.zone").read_bytes() == before


def test_one_process_and_several_say_the_same(attest, now):
    one, three = (attest("--jobs", jobs, "--at", now, "--output", "json").json for jobs in (1, 3))
    assert {**one, "engines": [], "validationTime": ""} == {**three, "engines": [], "validationTime": ""}


def test_a_version_seen_long_ago_is_in_no_cache_any_more(attest, now, ksk, folder):
    other = practice_zone([ksk, new_key(ZSK_FLAGS)], now, serial=3, delegations=40)
    (folder / "rolled.zone").write_bytes(other.text)
    at_once = attest("--previous", "good.zone", "--output", "json", zone="rolled.zone")
    assert (at_once.code, ("CACHE_UNSAFE", "error") in codes(at_once)) == (10, True)
    long_ago = str(Instant.of(now - timedelta(days=30)))
    later = attest("--previous", "good.zone", "--previous-seen", long_ago, "--output", "json", zone="rolled.zone")
    assert (later.code, ("CACHE_UNSAFE", "error") in codes(later)) == (0, False)
