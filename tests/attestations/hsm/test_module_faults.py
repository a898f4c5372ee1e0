"""`attest hsm` with a PKCS#11 module that crashes, hangs or refuses: the other HSMs answer, nothing is left over."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from attestations.hsm.isolation import isolated
from attestations.hsm.token import TokenError
from attestations.laboratory.softhsm import softhsm_module
from attestations.servers.process import session_members

SOURCE = Path(__file__).with_name("faulty_module.c")
NEEDS = pytest.mark.needs("cc", "softhsm2-util")
PIN_FILE = "pin"
PIN = "4711"
REQUEST = f"""\
kind: DeploymentRequest
spec:
  release: {{components: [{{name: signer, digest: {{sha256: {"a1" * 32}}}}}]}}
  nonce: {"5f" * 32}
"""

WHY = {
    "crashes": "the PKCS#11 module ended by signal SIGSEGV",
    "hangs": "the PKCS#11 module gave no answer within 10 seconds",
    "has locked the PIN": "the token answers PinLocked",
}


class Laboratory:
    """Three SoftHSM tokens with one key pair, behind a module that has one fault at the second of them."""

    def __init__(self, folder: Path, module: Path) -> None:
        self.folder = folder / "lab"
        made = self._attest("laboratory", str(self.folder), "--tokens", "softhsm", "--output", "json")
        assert made.returncode == 0, made.stderr
        report = json.loads(made.stdout)
        setting, _, *self._call = shlex.split(report["next"])
        self._call[self._call.index("--module") + 1] = str(module)
        self.serials = report["serials"]
        self._environment = dict([setting.split("=", 1)])

    def probe(self, fault: str) -> subprocess.CompletedProcess[str]:
        given = {"REAL_MODULE": softhsm_module(), "FAULT": fault, "FAULTY_SERIAL": self.serials[1]}
        more = ("--output", "json", "--hsm-seconds", "10")
        return self._attest(*self._call, *more, **self._environment, **given)

    def signed(self, folder: Path) -> subprocess.CompletedProcess[str]:
        """Make a fourth token and let it sign the statement; its module is loaded before the HSMs are asked."""
        environment = {**os.environ, **self._environment}
        key, pin, request = folder / "key.pem", folder / "pin", folder / "request.yaml"
        for command in (
            f"softhsm2-util --init-token --free --label laboratory --pin {PIN} --so-pin {PIN}",
            f"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {key}",
            f"softhsm2-util --import {key} --token laboratory --label key --id 02 --pin {PIN}",
        ):
            subprocess.run(shlex.split(command), env=environment, check=True, capture_output=True, timeout=60)
        pin.write_text(PIN)
        request.write_text(REQUEST)
        uri = f"pkcs11:token=laboratory;id=%02?module-path={softhsm_module()}&pin-source=file:{pin}"
        signing = ("--request", str(request), "--sign-with", uri, "--out", str(folder / "hsm.dsse.json"))
        call = [*self._call, "--module", softhsm_module(), *signing]
        return self._attest(*call, **self._environment)

    def pin(self) -> str:
        return (self.folder / "softhsm" / PIN_FILE).read_text()

    def _attest(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        call = [sys.executable, "-m", "attestations", *arguments]
        process = subprocess.Popen(
            call,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, **environment},
        )
        out, err = process.communicate(timeout=100)
        assert list(session_members(process.pid)) == []
        return subprocess.CompletedProcess(call, process.returncode, out, err)


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    folder = tmp_path_factory.mktemp("faults")
    module = folder / "faulty.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", module, SOURCE, "-ldl"], check=True, timeout=60)
    return Laboratory(folder, module)


def answers(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [hsm["answer"] for hsm in json.loads(done.stdout)["keys"][0]["hsms"]]


@NEEDS
@pytest.mark.parametrize("fault", WHY)
def test_an_hsm_whose_module_fails_is_not_asked_and_says_why_while_others_answer(
    laboratory: Laboratory, fault: str
) -> None:
    done = laboratory.probe(fault)
    assert done.returncode == 11, done.stderr
    hsms = {hsm["serial"]: hsm for hsm in json.loads(done.stdout)["keys"][0]["hsms"]}
    assert [hsms[serial]["answer"] for serial in laboratory.serials] == ["same key", "not asked", "same key"]
    assert hsms[laboratory.serials[1]]["note"] == WHY[fault]
    assert laboratory.pin() not in done.stdout + done.stderr


@NEEDS
def test_an_hsm_that_gives_no_signature_has_not_proved_it(laboratory: Laboratory) -> None:
    done = laboratory.probe("breaks")
    assert (done.returncode, sorted(answers(done))) == (10, ["no signature", "same key", "same key"])


@NEEDS
def test_a_module_without_a_fault_that_talks_does_not_spoil_the_result(laboratory: Laboratory) -> None:
    done = laboratory.probe("talks")
    assert (done.returncode, answers(done)) == (0, ["same key"] * 3)
    assert "debug: initialised" in done.stderr


@NEEDS
def test_a_module_that_crashes_when_it_is_loaded_leaves_every_hsm_unasked(laboratory: Laboratory) -> None:
    done = laboratory.probe("crashes when it is loaded")
    assert (done.returncode, answers(done)) == (11, ["not asked"] * 3)


@NEEDS
def test_three_slots_of_one_token_are_no_hsm_at_all(laboratory: Laboratory) -> None:
    done = laboratory.probe("shows three slots of one token")
    notes = [hsm["note"] for hsm in json.loads(done.stdout)["keys"][0]["hsms"]]
    assert (done.returncode, answers(done)) == (11, ["not asked"] * 3)
    assert sum(note.startswith("3 slots of the PKCS#11 module show the serial") for note in notes) == 1


@pytest.mark.needs("softhsm2-util", "openssl")
def test_the_statement_may_be_signed_with_a_key_behind_the_same_module(tmp_path: Path) -> None:
    signed = Laboratory(tmp_path, Path(softhsm_module())).signed(tmp_path)
    assert signed.returncode == 0, signed.stderr
    assert json.loads((tmp_path / "hsm.dsse.json").read_bytes())["signatures"]


@pytest.mark.parametrize(
    ("work", "why"),
    [
        (lambda: os._exit(0), "the PKCS#11 module ended without an answer"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "the PKCS#11 module ended by signal SIGKILL"),
    ],
)
def test_a_process_that_ends_without_an_answer_is_a_token_that_gave_none(work: Callable[[], object], why: str) -> None:
    with pytest.raises(TokenError, match=why):
        isolated(work, 60)


def test_what_came_of_the_work_comes_back() -> None:
    assert isolated(lambda: ("any", b"thing"), 60) == ("any", b"thing")
