"""The incident of 5 May 2026 with real components, and its repair: what each server and resolver made of it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from processes import left_about

from attestations.command_line import INVALID, USAGE
from attestations.hsm.published import published_keys
from gatekeeper.documentation.schemas import pages

pytestmark = [
    pytest.mark.needs("softhsm2-util", "knotd", "keymgr", "kzonesign", "nsd", "unbound", "unbound-control", "setpriv"),
    pytest.mark.timeout(900),
]
WORLD = ("guard", "secondary", "plain")
GUARDED, UNGUARDED = "behind-the-guard", "without-guard"
EVERYWHERE = {"dnskey", "apex-soa", "ds-signed", "ds-unsigned", "a-below-unsigned", "nxdomain"}


def signatures(zone):
    """The RRSIG records of a zone file, as lists of words."""
    return [line.split() for line in zone.read_text().splitlines() if line.split()[2] == "RRSIG"]


def test_exit_codes_and_verdicts_agree(defective, repaired):
    assert (defective.code, defective.document["verdict"]) == (INVALID, "invalid")
    assert (repaired.code, repaired.document["verdict"]) == (0, "valid")


def test_what_is_printed_fits_its_schema_and_lies_in_the_folder(defective):
    Draft202012Validator(json.loads(pages()["schemas/replay-report.schema.json"])).validate(defective.document)
    assert json.loads((defective.folder / "report.json").read_text()) == defective.document
    assert all(Path(path).exists() for path in defective.document["files"].values())


def test_each_hsm_signs_a_third_and_only_the_one_with_the_published_key_signs_well(defective):
    first, *others = defective.document["hsms"]
    counts = [one["signatures"] for one in (first, *others)]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) == defective.document["signatures"] == len(signatures(defective.folder / "offered.zone"))
    assert first["good"] == first["signatures"]
    assert first["fingerprint"] == defective.document["published"]["fingerprint"]
    assert sum(one["good"] for one in others) <= 1, "at most the DNSKEY RRset, which the KSK signs, the same everywhere"
    assert len({one["fingerprint"] for one in (first, *others)}) == 3


def test_three_keys_sign_under_one_tag(defective):
    tags = {int(words[9]) for words in signatures(defective.folder / "offered.zone") if words[3] != "DNSKEY"}
    assert tags == {defective.document["published"]["tag"]}


def test_one_key_in_every_hsm_signs_well_everywhere(repaired):
    assert repaired.document["good"] == repaired.document["signatures"] > 0
    for one in repaired.document["hsms"]:
        assert one["good"] == one["signatures"] > 0
        assert one["fingerprint"] == repaired.document["published"]["fingerprint"]


def test_the_world_behind_the_guard_keeps_the_last_good_version(defective):
    assert defective.document["refusedByGuard"]
    assert defective.server("primary")["serial"] == defective.document["serial"]
    for name in ("guard", "secondary"):
        assert defective.server(name) == {
            "name": name,
            "serial": defective.document["lastGoodSerial"],
            "validates": True,
        }


def test_a_secondary_without_guard_serves_what_does_not_validate(defective):
    assert defective.server("plain") == {"name": "plain", "serial": defective.document["serial"], "validates": False}


def test_the_repaired_version_reaches_every_server(repaired):
    assert not repaired.document["refusedByGuard"]
    for name in ("primary", *WORLD):
        assert repaired.server(name) == {"name": name, "serial": repaired.document["serial"], "validates": True}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_resolver_behind_the_guard_answers_everything(defective, when):
    answers = defective.answers(GUARDED, when)
    assert set(answers) == EVERYWHERE
    for kind, tally in answers.items():
        assert tally["insecure" if kind == "a-below-unsigned" else "secure"] == tally["asked"] > 0, kind


def test_a_resolver_without_guard_answered_everything_before(defective):
    assert all(
        not tally["servfail"] and not tally["other"] for tally in defective.answers(UNGUARDED, "before").values()
    )


def test_without_guard_signed_and_unsigned_delegations_fail_while_the_keys_are_secure(defective):
    answers = defective.answers(UNGUARDED)
    assert answers["dnskey"]["secure"] == 1, "the KSK is in order, which tells this from a fault of DS or KSK"
    for kind in ("ds-signed", "ds-unsigned", "a-below-unsigned", "nxdomain"):
        assert answers[kind]["servfail"] > 0, kind
    assert 0 < answers["ds-signed"]["servfail"] < answers["ds-signed"]["asked"], "each DS has a signature of its own"
    assert set(answers["ds-signed"]["errorCodes"]) == {"6"}


def test_one_signature_decides_for_all_names_that_do_not_exist(defective):
    """Every denial carries the SOA (RFC 4035, 3.1.3.1 and 3.1.3.2): where that is bad none of them validates."""
    answers = defective.answers(UNGUARDED)
    if answers["apex-soa"]["servfail"]:
        for kind in ("ds-unsigned", "nxdomain"):
            assert answers[kind]["servfail"] == answers[kind]["asked"], kind


@pytest.mark.parametrize("resolver", [GUARDED, UNGUARDED])
def test_resolvers_answer_everything_of_the_repaired_version(repaired, resolver):
    assert not any(tally["servfail"] or tally["other"] for tally in repaired.answers(resolver).values())


@pytest.mark.needs("dnssec-verify", "ldns-verify-zone")
@pytest.mark.parametrize("engine", ["native", "bind", "ldns"])
def test_code_bases_that_are_not_the_signers_refuse_what_it_signed(defective, repaired, engine, attest):
    def judged(replay, version):
        source = ("--file", replay.folder / f"{version}.zone", "--ds", replay.folder / "ds.zone")
        return attest("zone", "--zone=example.", *source, "--engine", engine).returncode

    assert judged(defective, "offered") == INVALID
    assert judged(defective, "last-good") == 0, "one HSM alone signs well: a laboratory with one HSM sees nothing"
    assert judged(repaired, "offered") == 0


def test_the_keys_for_the_probe_are_those_that_the_signer_publishes(defective):
    keys = published_keys(str(defective.folder / "dnskey.zone"), "example.")
    assert defective.document["published"]["fingerprint"] in {key.fingerprint for key in keys}
    assert {key.role for key in keys} == {"ksk", "zsk"}


def test_no_pin_is_left_in_any_file(defective):
    pin = (defective.laboratory / "softhsm" / "pin").read_bytes()
    assert not [path for path in defective.folder.rglob("*") if path.is_file() and pin in path.read_bytes()]


def test_no_server_outlives_a_replay(defective, repaired):
    assert defective.left == repaired.left == []


def test_a_replay_that_is_told_to_end_leaves_nothing_running(repaired, tmp_path):
    """Told when the servers run, in the midst of it."""
    folder = tmp_path / "ended"
    call = [sys.executable, "-m", "attestations", "replay", repaired.laboratory, "--folder", folder]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (folder / "plain" / "log").exists() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    _, talk = process.communicate(timeout=120)
    assert process.returncode == 1, talk
    assert "nothing was decided" in talk
    assert left_about(folder) == []


def test_opt_out_leaves_unsigned_delegations_without_proof_and_with_an_answer(repaired, tmp_path, attest):
    call = ("replay", repaired.laboratory, "--folder", tmp_path / "opt-out", "--delegations", 40, "--opt-out")
    ended = attest(*call, "--output=json")
    assert ended.returncode == 0, ended.stderr
    answers = {tally["kind"]: tally for tally in json.loads(ended.stdout)["resolvers"][0]["after"]}
    assert answers["ds-unsigned"]["insecure"] == answers["ds-unsigned"]["asked"] > 0
    assert answers["ds-signed"]["secure"] == answers["ds-signed"]["asked"] > 0


def test_a_folder_in_use_is_left_alone(repaired, attest):
    ended = attest("replay", repaired.laboratory, "--folder", repaired.folder)
    assert ended.returncode == USAGE
    assert "which is in use" in ended.stderr


def test_a_key_that_no_hsm_holds_is_told_as_what_the_signer_says(repaired, tmp_path, attest):
    ended = attest("replay", repaired.laboratory, "--folder", tmp_path / "new", "--zsk", "abcd")
    assert ended.returncode == USAGE
    assert "LABORATORY" in ended.stderr
    assert "import-pkcs11 abcd" in ended.stderr


def test_a_folder_without_environment_is_no_laboratory(tmp_path, attest):
    ended = attest("replay", tmp_path)
    assert ended.returncode == USAGE
    assert "environment.yaml" in ended.stderr
