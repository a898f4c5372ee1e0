"""attestations.hsm.pkcs11 on a real token: the algorithms, and what goes wrong."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from attestations.dnskey import ECDSAP384SHA384, ED25519, RSASHA256, RSASHA512, verifies
from attestations.errors import InputError
from attestations.hsm.pin import pin_reader
from attestations.hsm.pkcs11 import module_path, open_tokens
from attestations.hsm.token import Selector, TokenError
from attestations.laboratory.softhsm import PIN_FILE, softhsm_module, softhsm_units

DATA = b"a challenge"
ALGORITHMS = {"RSA": (RSASHA256, RSASHA512), "P-384": (ECDSAP384SHA384,), "Ed25519": (ED25519,)}
ID = bytes.fromhex("a1")
ONE = Selector(by="id", value=ID)


def generate(hsm, kind: str) -> None:
    from pkcs11 import Attribute, KeyType
    from pkcs11.util.ec import encode_named_curve_parameters

    session = hsm._session
    if kind == "RSA":
        session.generate_keypair(KeyType.RSA, 2048, store=True, id=ID)
        return
    ed25519 = b"\x13\x0cedwards25519"  # PrintableString, the form that SoftHSM takes
    curve = ed25519 if kind == "Ed25519" else encode_named_curve_parameters("secp384r1")
    key_type = KeyType.EC_EDWARDS if kind == "Ed25519" else KeyType.EC
    parameters = session.create_domain_parameters(key_type, {Attribute.EC_PARAMS: curve}, local=True)
    mechanism = None
    if kind == "Ed25519":
        from pkcs11 import Mechanism

        mechanism = Mechanism.EC_EDWARDS_KEY_PAIR_GEN
    parameters.generate_keypair(store=True, id=ID, mechanism=mechanism)


def proofs(kind: str, folder: Path) -> dict:
    hsm = softhsm_units(folder, ["A1"])[0]
    generate(hsm, kind)
    held = hsm.token.holds(ONE)
    signatures = {algorithm: hsm.token.sign(ONE, algorithm, DATA) for algorithm in ALGORITHMS[kind]}
    return {
        "private_keys": held.private_keys,
        "local": held.local,
        "never_extractable": held.never_extractable,
        "verified": [verifies(algorithm, held.public_keys[0], made, DATA) for algorithm, made in signatures.items()],
        "with another algorithm": hsm.token.sign(ONE, 13 if kind != "P-384" else 8, DATA),
    }


def faults(_kind: str, folder: Path) -> dict:
    hsm = softhsm_units(folder, ["A1"])[0]
    hsm.disconnect()
    seen = {}
    for name, serial, pin in (("wrong PIN", hsm.serial, "0000"), ("wrong serial", "nowhere", hsm._pin)):
        try:
            with open_tokens(softhsm_module(), lambda pin=pin: pin).open(serial):
                seen[name] = "opened"
        except TokenError as error:
            seen[name] = str(error)
    with open_tokens(softhsm_module(), (folder / PIN_FILE).read_text).open(hsm.serial) as token:
        seen["identity"] = [token.identity.serial == hsm.serial, token.identity.model, token.identity.firmware]
        try:
            token.sign(ONE, 13, DATA)
        except TokenError as error:
            seen["nothing selected"] = str(error)
    return seen


def in_a_process(function: str, kind: str, folder: Path) -> dict:
    """SoftHSM reads its settings once per process."""
    program = [sys.executable, __file__, function, kind, str(folder / "softhsm")]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.needs("softhsm2-util")
@pytest.mark.parametrize("kind", ALGORITHMS)
def test_keys_of_each_kind_prove_themselves_in_dnssec_form(kind: str, tmp_path: Path) -> None:
    seen = in_a_process("proofs", kind, tmp_path)
    assert seen["verified"] == [True] * len(ALGORITHMS[kind])
    assert (seen["private_keys"], seen["local"], seen["never_extractable"]) == (1, True, True)
    assert seen["with another algorithm"] is None


@pytest.mark.needs("softhsm2-util")
def test_a_token_that_cannot_be_asked_says_why(tmp_path: Path) -> None:
    seen = in_a_process("faults", "-", tmp_path)
    assert seen["wrong PIN"] == "the token answers PinIncorrect"
    assert seen["wrong serial"] == "0 slots of the PKCS#11 module show the serial 'nowhere'"
    assert seen["nothing selected"] == "0 private keys where one was selected"
    assert seen["identity"] == [True, "SoftHSM v2", "2.6"]


def test_a_module_that_is_not_there_is_bad_input() -> None:
    with pytest.raises(InputError) as refused:
        open_tokens("/nowhere/module.so", lambda: "1234")
    assert refused.value.code == "HSM-MODULE"


def test_the_module_is_named_by_the_call_or_else_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PKCS11_MODULE", "/usr/lib/other.so")
    assert module_path("/usr/lib/module.so") == "/usr/lib/module.so"
    assert module_path(None) == "/usr/lib/other.so"
    monkeypatch.delenv("PKCS11_MODULE")
    with pytest.raises(InputError) as refused:
        module_path(None)
    assert refused.value.code == "HSM-MODULE"


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(InputError) as refused:
        module_path("/usr/lib/module.so")
    assert refused.value.fix == "pip install signer-gatekeeper[hsm]"


@pytest.fixture
def pin_file(tmp_path: Path) -> Path:
    file = tmp_path / "pin"
    file.touch(mode=0o600)
    file.write_text("1234\n")
    return file


def test_the_pin_comes_from_a_file(pin_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pin_reader(pin_file)() == "1234"
    monkeypatch.setenv("PKCS11_PIN_FILE", str(pin_file))
    assert pin_reader(None)() == "1234"


@pytest.mark.parametrize(("mode", "text"), [(0o640, "1234"), (0o604, "1234"), (0o600, "\n")])
def test_a_pin_file_that_others_read_or_that_is_empty_is_refused(pin_file: Path, mode: int, text: str) -> None:
    pin_file.write_text(text)
    pin_file.chmod(mode)
    with pytest.raises(InputError) as refused:
        pin_reader(pin_file)()
    assert refused.value.code == "HSM-PIN"


def test_without_a_file_and_a_terminal_there_is_no_pin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PKCS11_PIN_FILE", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO("1234\n"))
    with pytest.raises(InputError) as refused:
        pin_reader(None)()
    assert refused.value.code == "HSM-PIN"


if __name__ == "__main__":
    print(json.dumps({"proofs": proofs, "faults": faults}[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))))  # noqa: T201
