"""The same decision again: on any machine, whatever was offered, and what another policy would change."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from world.documents import dump
from world.pieces import freeze
from world.registry import World

from attestations.envelope import seal
from attestations.errors import InputError
from attestations.strict import read_json
from gatekeeper.case_file import names, read_case_file, replay
from gatekeeper.case_file.archive import pack, unpack
from gatekeeper.documents import parse_source
from gatekeeper.evidence import Unreadable, collect

ELSEWHERE = [
    {"TZ": "Pacific/Kiritimati", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "1"},
    {"TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONHASHSEED": "4294967295"},
    {"TZ": ":/nowhere", "LC_ALL": "de_DE.ISO-8859-1", "PYTHONHASHSEED": "0", "PYTHONUTF8": "0", "PYTHONOPTIMIZE": "2"},
]


def read(archive, folder):
    path = folder / "case.zip"
    path.write_bytes(archive)
    return read_case_file(path)


def with_manifest(files):
    """An archive that was altered by somebody who knows how it is made."""
    from attestations.digest import sha256

    listed = {name: raw for name, raw in files.items() if name != names.MANIFEST}
    manifest = "".join(f"{sha256(raw)}  {name}\n" for name, raw in sorted(listed.items()))
    return pack(listed | {names.MANIFEST: manifest.encode()})


def altered(archive, **changes):
    files = unpack(archive, "case.zip")
    for name, change in changes.items():
        files[getattr(names, name)] = change(files[getattr(names, name)])
    return with_manifest(files)


@pytest.mark.parametrize("environment", ELSEWHERE, ids=["kiritimati", "st-johns", "nowhere"])
def test_a_replay_elsewhere_gives_the_identical_decision(archive, tmp_path, environment):
    (tmp_path / "case.zip").write_bytes(archive)
    ended = subprocess.run(
        [sys.executable, "-m", "gatekeeper", "replay", "case.zip", "--output", "json"],
        cwd=tmp_path,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(ended.stdout)
    assert (ended.returncode, said["identical"], said["digest"]) == (0, True, said["recordedDigest"])


def test_a_denial_replays_with_evidence_that_could_not_be_read_or_counts_twice(issue_inputs, write_case, tmp_path):
    """The second envelope around one payload sorts first by its digest, not by its name."""
    files = World().without("hsm.json").files()
    envelope = read_json(files["evidence/tests.json"], "tests").value
    files["evidence/tests-2.json"] = json.dumps(envelope, indent=1).encode()
    files["evidence/torn.json"] = b'{"payload"'
    inputs = World().inputs(files)
    unread = Unreadable(name="evidence/a.json", error=InputError("PATH", found="a link", wanted="a file", fix="copy"))
    issued = issue_inputs(replace(inputs, offered=(unread, *inputs.offered)))
    again = replay(read(write_case(issued), tmp_path))
    assert again.decision.verdict.value == "inconclusive"
    assert again.identical
    assert [item.name for item in again.judgement.inputs.offered] == [item.name for item in (unread, *inputs.offered)]


def test_a_freeze_that_only_the_ledger_held_is_in_the_case_file(gate, write_case, tmp_path):
    from world.keys import signer

    from gatekeeper.record import record_order

    files = World().files()
    order = freeze("signer-release").make(World().bindings(files))
    with gate.ledger() as ledger:
        record_order(ledger, order, signer("ledger"))
    again = replay(read(write_case(gate.issue(files)), tmp_path))
    assert (again.decision.verdict.value, again.identical) == ("frozen", True)


def test_file_names_that_steer_a_terminal_are_kept_in_their_inert_form(gate, issue_inputs, write_case, tmp_path):
    folder = tmp_path / "evidence"
    World().write(tmp_path)
    (folder / "provenance.json").rename(folder / "\x1b[2Jprov\u202e\n::error::\udcff.json")
    inputs = replace(World().inputs(World().files()), offered=collect([folder]))
    issued = issue_inputs(inputs)
    again = replay(read(write_case(issued), tmp_path))
    assert again.identical
    assert all(item.name.isprintable() for item in again.judgement.inputs.offered)
    gate.issue(World().files())  # nor does such a name keep the gate from reading its ledger again


def test_another_policy_says_what_it_would_change(archive, tmp_path):
    stricter = World().with_document(
        "policy", lambda policy: policy["spec"]["requirements"][2]["expect"].update(at_least=1000)
    )
    again = replay(read(archive, tmp_path), parse_source(dump(stricter.policy), "other.yaml"))
    assert not again.identical
    changed = ("decision: approve then, deny now", "release-tests: met then, unmet now")
    assert set(changed) <= set(again.differences)


def test_the_command_ends_as_the_other_policy_decides(archive, tmp_path):
    (tmp_path / "case.zip").write_bytes(archive)
    shorter = World().with_document("policy", lambda policy: policy["spec"]["requirements"].pop(2))
    stricter = World().with_document(
        "policy", lambda policy: policy["spec"]["requirements"][2]["expect"].update(at_least=1000)
    )
    for world, code, text in (
        (shorter, 11, "release-tests: met then, not asked now"),
        (stricter, 10, "release-tests: met then, unmet now"),
        (World(), 0, "the same decision: approve"),
    ):
        (tmp_path / "other.yaml").write_bytes(dump(world.policy))
        command = [sys.executable, "-m", "gatekeeper", "replay", "case.zip", "--policy", "other.yaml"]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (ended.returncode, text in ended.stdout) == (code, True), ended.stdout + ended.stderr


def test_a_forged_decision_is_not_what_its_inputs_give(archive, tmp_path):
    forged = altered(archive, DECISION=lambda raw: raw.replace(b'"stage":"canary"', b'"stage":"full"'))
    assert forged != archive
    assert not replay(read(forged, tmp_path)).identical


HOSTILE_DECISIONS = [
    b"",
    b"[]",
    b"{}",
    b'{"decision":"approve"}',
    b'{"decision":1,"evaluatedOn":"2026-04-10T12:00:00Z","requirements":[]}',
    b'{"decision":"approve","evaluatedOn":"now","requirements":[]}',
    b'{"decision":"approve","evaluatedOn":"2026-04-10T12:00:00Z","requirements":[1]}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("raw", HOSTILE_DECISIONS, ids=range(len(HOSTILE_DECISIONS)))
def test_a_decision_that_is_none_is_bad_input(archive, tmp_path, raw):
    with pytest.raises(InputError) as caught:
        read(altered(archive, DECISION=lambda _: raw), tmp_path)
    assert caught.value.code in {"SCHEMA", "PARSE-JSON", "LIMIT"}


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [{}],
        [{"name": "x"}],
        [{"name": "x", "sha256": "0" * 64}],
        [{"name": "x", "sha256": "0" * 64, "unreadable": {"code": "A", "found": "", "wanted": "", "next": ""}}],
        [{"name": "x", "unreadable": {"code": "PATH", "found": "", "wanted": "", "next": ""}}],
        {},
    ],
    ids=range(7),
)
def test_a_list_that_differs_from_the_evidence_is_found(archive, tmp_path, entries):
    with pytest.raises(InputError) as caught:
        read(altered(archive, OFFERED=lambda _: json.dumps({"offered": entries}).encode()), tmp_path)
    assert caught.value.code in {"CASE-FILE", "SCHEMA"}


def test_evidence_that_is_not_what_its_name_says_is_found(archive, tmp_path):
    files = unpack(archive, "case.zip")
    first = min(name for name in files if name.startswith(names.EVIDENCE))
    files[first] = seal(b"{}", "application/vnd.in-toto+json", ())
    with pytest.raises(InputError) as caught:
        read(with_manifest(files), tmp_path)
    assert caught.value.code == "CASE-FILE"


def test_a_key_file_that_is_not_in_the_case_file_is_bad_input(archive, tmp_path):
    def outside(raw):
        more = f"spec:\n  sigstore: {{trusted_root: gone.json, sha256: '{'0' * 64}'}}\n"
        return raw.replace(b"spec:\n", more.encode(), 1)

    with pytest.raises(InputError) as caught:
        replay(read(altered(archive, TRUST=outside), tmp_path))
    assert caught.value.code == "POL-TRUST"
