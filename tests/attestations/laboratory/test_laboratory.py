"""`attest laboratory`: a correct agent and a defective one, rollovers that really happen, HSMs that stay."""

import json
import os
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import dns.dnssec
import dns.name
import dns.rdatatype
import dns.zone
import pytest
from click.testing import CliRunner, Result

from attestations.cli.hsm import command as hsm_command
from attestations.cli.laboratory import command
from attestations.errors import InputError
from attestations.hsm.dnssec_form import public_form
from attestations.hsm.documents import read_exercises, read_inventory
from attestations.hsm.published import PublishedKey, published_keys
from attestations.laboratory.wanted_tag import key_with_tag

DEFECT = ("--defect", "one-key-pair-per-hsm")
SCENARIOS = ["zsk-rollover", "ksk-rollover", "hsm-loss-during-rollover"]


def run(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(command, [str(folder), *options])


def report(folder: Path, *options: str) -> dict:
    result = run(folder, "--output", "json", *options)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def probe(folder: Path) -> int:
    files = {"environment": "environment.yaml", "software": "tokens", "dnskey-from": "dnskey.zone"}
    given = [part for option, name in files.items() for part in (f"--{option}", str(folder / name))]
    return (
        CliRunner()
        .invoke(hsm_command, [*given, "--zone", "example.", "--keys", "ksk=id:b2", "--keys", "zsk=id:a1"])
        .exit_code
    )


def verified_by_dnspython(folder: Path) -> Counter:
    """Count good and bad signatures with a validator that shares nothing with the signer's own count."""
    zone = dns.zone.from_text(
        (folder / "zone.signed").read_text(), origin="example.", relativize=False, check_origin=False
    )
    keys = {dns.name.from_text("example."): zone.find_rdataset("example.", "DNSKEY")}
    counts: Counter = Counter()
    for owner, rdataset in zone.iterate_rdatasets():
        for rrsig in (rdata for rdata in rdataset if rdata.rdtype == dns.rdatatype.RRSIG):
            signed = zone.find_rdataset(owner, rrsig.type_covered)
            try:
                dns.dnssec.validate_rrsig((owner, signed), rrsig, keys)
                counts["good"] += 1
            except dns.dnssec.ValidationFailure:
                counts["bad"] += 1
    return counts


def test_the_correct_agent_gives_a_zone_that_verifies_and_hsms_that_prove_it(tmp_path: Path) -> None:
    seen = report(tmp_path)
    assert seen["good"] == seen["signatures"] > 20
    assert verified_by_dnspython(tmp_path) == {"good": seen["signatures"]}
    assert seen["exercises"] == dict.fromkeys(SCENARIOS, True)
    assert probe(tmp_path) == 0


def test_the_defective_agent_gives_the_incident(tmp_path: Path) -> None:
    seen = report(tmp_path, *DEFECT)
    counts = verified_by_dnspython(tmp_path)
    assert (counts["good"], counts["good"] + counts["bad"]) == (seen["good"], seen["signatures"])
    assert 0.5 < counts["bad"] / counts.total() < 0.7
    assert seen["exercises"] == dict.fromkeys(SCENARIOS, False)
    assert probe(tmp_path) == 10


def test_the_ksk_stays_secure_in_the_incident(tmp_path: Path) -> None:
    """The agent's defect met the ZSK; the DNSKEY RRset of 5 May 2026 verified throughout (INC-01)."""
    report(tmp_path, *DEFECT)
    zone = dns.zone.from_text((tmp_path / "zone.signed").read_text(), origin="example.", relativize=False)
    apex = dns.name.from_text("example.")
    keys = zone.find_rdataset(apex, "DNSKEY")
    dns.dnssec.validate((apex, keys), (apex, zone.find_rdataset(apex, "RRSIG", "DNSKEY")), {apex: keys})


def test_in_one_hsm_the_defect_is_invisible(tmp_path: Path) -> None:
    seen = report(tmp_path, *DEFECT, "--hsms", "A1=fra")
    assert seen["good"] == seen["signatures"]
    assert seen["exercises"] == {"zsk-rollover": True, "ksk-rollover": True}
    assert probe(tmp_path) == 0


def test_the_hsms_and_the_inventory_stay_when_a_repaired_agent_rolls_again(tmp_path: Path) -> None:
    report(tmp_path, *DEFECT)
    before, keys = (
        read_inventory(tmp_path / "environment.yaml"),
        published_keys(str(tmp_path / "dnskey.zone"), "example."),
    )
    report(tmp_path)
    assert read_inventory(tmp_path / "environment.yaml") == before
    ksk, zsk = published_keys(str(tmp_path / "dnskey.zone"), "example.")
    assert ksk == keys[0]
    assert zsk != keys[1]
    assert probe(tmp_path) == 0


def test_exercises_tell_each_step_and_leave_nothing_behind(tmp_path: Path) -> None:
    report(tmp_path)
    exercises = {one.scenario: one for one in read_exercises(tmp_path / "exercises.json")}
    loss = exercises["hsm-loss-during-rollover"]
    assert loss.serials == ("A1", "B7", "C2")
    assert loss.serials_down == ("C2",)
    steps = [event.step for event in loss.events]
    held, sign = steps.index("generate successor zsk"), steps.index("activate successor zsk")
    assert steps.index("lose C2") < held < steps.index("bring back C2") < sign
    assert loss.events[held].observed == "2 of 3 HSMs hold the key; 36 of 36 signatures verify"
    assert loss.events[held].claimed is False
    assert all(one.events == tuple(sorted(one.events, key=lambda event: event.at)) for one in exercises.values())
    assert sorted(file.name for file in (tmp_path / "tokens" / "C2").iterdir()) == [
        "a1.pem",
        "a1.pub",
        "b2.pem",
        "b2.pub",
        "token.json",
    ]


def test_the_laboratory_leaves_a_call_that_drives_its_agent_as_a_command(tmp_path: Path) -> None:
    for options, exit_code in (((), 0), (DEFECT, 10)):
        _, command, *arguments = shlex.split(report(tmp_path / "lab", *options)["rollover"])
        done = attest(command, *arguments, "--scenario", "hsm-loss-during-rollover")
        assert done.returncode == exit_code, done.stdout + done.stderr
    [loss] = read_exercises(tmp_path / "lab" / "exercises.json")
    assert (loss.serials, loss.serials_down, loss.completed) == (("A1", "B7", "C2"), ("C2",), False)


def test_a_wanted_key_tag_is_found() -> None:
    form = public_form(key_with_tag(33834).public_key())
    assert PublishedKey(flags=256, protocol=3, algorithm=13, public_key=form or b"").tag == 33834


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear all")
    result = run(tmp_path)
    assert isinstance(result.exception, InputError)
    assert result.exception.code == "LABORATORY"
    assert [file.name for file in tmp_path.iterdir()] == ["letters.txt"]


@pytest.mark.parametrize(
    "options",
    [
        ["--hsms", "A1"],
        ["--hsms", "A1=fra,A1=ams"],
        ["--hsms", "../A1=fra"],
        ["--hsms", "A1=fra="],
        ["--hsms", ""],
        ["--zone", "Example."],
        ["--key-tag", "65536"],
        ["--defect", "none"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(tmp_path: Path, options: list[str]) -> None:
    assert run(tmp_path, *options).exit_code == 2
    assert list(tmp_path.iterdir()) == []


def attest(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "attestations", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )


@pytest.mark.needs("softhsm2-util")
def test_with_real_tokens_the_incident_is_shown_and_then_repaired(tmp_path: Path) -> None:
    """The command that the laboratory prints is the one that probes it."""
    folder = tmp_path / "lab"
    for options, exit_code in ((DEFECT, 10), ((), 0)):
        made = attest("laboratory", str(folder), "--tokens", "softhsm", "--output", "json", *options)
        assert made.returncode == 0, made.stderr
        seen = json.loads(made.stdout)
        assert (seen["good"] == seen["signatures"]) == (exit_code == 0)
        setting, program, *arguments = seen["next"].split()
        assert (setting.partition("=")[0], program) == ("SOFTHSM2_CONF", "attest")
        probed = attest(*arguments, SOFTHSM2_CONF=setting.partition("=")[2])
        assert probed.returncode == exit_code, probed.stdout + probed.stderr
        assert "No HSM" not in probed.stdout
