"""The systemd drop-in: systemd reads it, and its line, run as it is written, starts only what was approved."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from world.documents import COMPONENTS
from world.registry import World

from tests.ci_templates import real_systemd
from tests.ci_templates.screens import missing
from tests.gatekeeper.cli.conftest import written

DROP_IN = Path(__file__).parents[2] / "ci_templates" / "systemd" / "50-signer-gatekeeper.conf"
PROGRAM = Path(sys.executable).parent / "gatekeeper"
PLACES = {
    "signer": "/usr/sbin/signer",
    "rollover-agent": "/usr/sbin/rollover-agent",
    "pkcs11-module": "/usr/lib/pkcs11.so",
    "configuration": "/etc/signer.conf",
}


def put_in(folder):
    """The drop-in with the paths of a folder in the place of those of a host."""
    text = DROP_IN.read_text(encoding="utf-8")
    text = text.replace("/usr/bin/gatekeeper ", f"{PROGRAM} ")
    text = text.replace("/etc/signer-gatekeeper/approval.dsse.json", f"{folder}/approval.json")
    text = text.replace("/etc/signer-gatekeeper/trust.trust", f"{folder}/trust.yaml")
    for name, place in PLACES.items():
        text = text.replace(f"{name}={place}", f"{name}={folder}/installed/{name}")
    return text


def commands(text):
    return [line.removeprefix("ExecStartPre=") for line in text.splitlines() if line.startswith("ExecStartPre=")]


def starts(folder):
    """What systemd does before it starts the signer: run every line, in /, without a shell; exit codes and output."""
    ended = [
        subprocess.run(shlex.split(line), cwd="/", env={"HOME": "/"}, capture_output=True, text=True, check=False)
        for line in commands(put_in(folder))
    ]
    return [one.returncode for one in ended], "".join(one.stdout + one.stderr for one in ended)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    registry = written(tmp_path_factory.mktemp("host"), World())
    assert registry.issue().code == 0
    return registry


def test_what_was_approved_starts_and_starts_again(host):
    for _ in range(2):
        codes, said = starts(host.folder)
        assert codes == [0], said
        assert missing("systemd", 1, said) == ""


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_swapped_component_does_not_start(host, name):
    path = host.path(f"installed/{name}")
    before = path.read_bytes()
    path.write_bytes(b"another build")
    try:
        codes, said = starts(host.folder)
    finally:
        path.write_bytes(before)
    assert codes == [11], said
    if name == "signer":
        assert missing("systemd", 0, said) == ""


def test_without_the_approval_nothing_starts(host):
    path = host.path("approval.json")
    before = path.read_bytes()
    path.unlink()
    try:
        assert starts(host.folder)[0] == [11]
    finally:
        path.write_bytes(before)


LINE = "ExecStartPre=/usr/bin/gatekeeper verify"
EDITS = {
    "failure-ignored": ("ExecStartPre=/", "ExecStartPre=-/"),
    "as-root": ("ExecStartPre=/", "ExecStartPre=+/"),
    "in-a-shell": (LINE, "ExecStartPre=/bin/sh -c 'true' /usr/bin/gatekeeper verify"),
    "left-out-in-silence": ("ExecStartPre=", "ExecCondition="),
    "after-the-start": ("ExecStartPre=", "ExecStartPost="),
    "taken-back": ("/etc/signer.conf", "/etc/signer.conf\nExecStartPre="),
    "start-replaced": (LINE, f"ExecStart=\nExecStart=/tmp/signer\n{LINE}"),
    "another-program": ("/usr/bin/gatekeeper", "/home/gatekeeper"),
    "another-path": ("[Service]\n", "[Service]\nEnvironment=PYTHONPATH=/tmp\n"),
    "evaluate": ("gatekeeper verify", "gatekeeper evaluate"),
    "help": (" --approval", " --help --approval"),
    "trust-that-others-write": ("--trust /etc/signer-gatekeeper/", "--trust /tmp/"),
    "success-whatever-it-says": ("[Service]\n", "[Service]\nSuccessExitStatus=10 11\n"),
    "assertion-made-a-condition": ("AssertPathExists", "ConditionPathExists"),
}


def is_plain(text):
    """Whether the drop-in asks for the approval and runs one line without prefix or shell, which checks it."""
    said = [line for line in text.splitlines() if line and not line.startswith("#")]
    *around, line = said
    program, mode, *rest = shlex.split(line.partition("=")[2]) or ("", "")
    options, values = rest[::2], rest[1::2]
    return (
        around == ["[Unit]", "AssertPathExists=/etc/signer-gatekeeper/approval.dsse.json", "[Service]"]
        and (line.partition("=")[0], program, mode) == ("ExecStartPre", "/usr/bin/gatekeeper", "verify")
        and options == ["--approval", "--trust", "--environment", "--stage", *["--component"] * len(COMPONENTS)]
        and all(value.startswith("/etc/signer-gatekeeper/") for value in values[:2])
        and [value.partition("=")[0] for value in values[4:]] == list(COMPONENTS)
        and not {"$", "%", ";", "|", "&"} & set(line)
    )


@pytest.mark.parametrize("name", EDITS)
def test_the_shipped_drop_in_stops_the_start_and_an_edited_one_is_not_taken_for_it(name):
    text, (old, new) = DROP_IN.read_text(encoding="utf-8"), EDITS[name]
    assert old in text, "the edit must meet the drop-in"
    assert is_plain(text)
    assert not is_plain(text.replace(old, new, 1))


@pytest.mark.needs("systemd-analyze")
def test_systemd_reads_it_without_complaint_and_complains_of_what_is_planted(tmp_path):
    (tmp_path / "signer.service.d").mkdir()
    (tmp_path / "signer.service").write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    drop_in = tmp_path / "signer.service.d" / DROP_IN.name

    def complaints(text):
        drop_in.write_text(text, encoding="utf-8")
        call = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / "signer.service")]
        ended = subprocess.run(call, capture_output=True, text=True, check=False, timeout=60)
        return [line for line in ended.stderr.splitlines() if "signer" in line]

    text = put_in(tmp_path)
    assert complaints(text) == []
    assert complaints(text.replace("AssertPathExists", "AssertPathIsThere")) != []
    assert complaints(text.replace(str(PROGRAM), "/no/such/gatekeeper")) != []


@pytest.fixture
def systemd(host, tmp_path):
    """Start a unit with the drop-in under a real systemd; where none can run, the tests above run the line alone."""
    if why := real_systemd.cannot_run(tmp_path):
        pytest.skip(f"no systemd can be started here: {why}")
    return lambda: real_systemd.start(tmp_path, put_in(host.folder))


def test_systemd_starts_what_was_approved(systemd):
    started, said = systemd()
    assert started, said
    assert "APPROVED signer" in said


def test_systemd_does_not_start_another_build(systemd, host):
    path = host.path("installed/signer")
    before = path.read_bytes()
    path.write_bytes(b"another build")
    try:
        started, said = systemd()
    finally:
        path.write_bytes(before)
    assert not started
    assert missing("systemd", 0, said) == ""


def test_systemd_does_not_start_without_the_approval(systemd, host):
    path = host.path("approval.json")
    before = path.read_bytes()
    path.unlink()
    try:
        assert systemd() == (False, "")
    finally:
        path.write_bytes(before)
