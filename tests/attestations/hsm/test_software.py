"""attestations.hsm.software: stand-ins that are strict about their files and never taken for hardware."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.dnskey import verifies
from attestations.errors import InputError
from attestations.hsm.dnssec_form import public_form, sign
from attestations.hsm.software import SoftwareTokens
from attestations.hsm.token import Selector, TokenError
from attestations.laboratory.software_hsm import software_hsm
from attestations.rollover.keys import KeyName

NAME = KeyName(key_id="a1", label="zsk")
KEYS = {
    8: lambda: rsa.generate_private_key(65537, 2048),
    10: lambda: rsa.generate_private_key(3, 2048),
    13: lambda: ec.generate_private_key(ec.SECP256R1()),
    14: lambda: ec.generate_private_key(ec.SECP384R1()),
    15: ed25519.Ed25519PrivateKey.generate,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    software_hsm(tmp_path / "A1", "A1", 0).generate(NAME, replicable=True)
    return tmp_path


def sign_in(folder: Path, algorithm: int = 13) -> bytes | None:
    with SoftwareTokens(folder=folder).open("A1") as token:
        return token.sign(NAME.selector, algorithm, b"data")


def test_a_token_signs_and_names_itself_a_stand_in(folder: Path) -> None:
    assert len(sign_in(folder) or b"") == 64
    with SoftwareTokens(folder=folder).open("A1") as token:
        assert token.identity.model == "software stand-in"


def test_a_token_cannot_give_itself_another_model(folder: Path) -> None:
    (folder / "A1" / "token.json").write_text(json.dumps({"serial": "A1", "model": "nShield"}))
    with pytest.raises(InputError):
        sign_in(folder)


@pytest.mark.parametrize(("mode", "accepted"), [(0o600, True), (0o400, True), (0o640, False), (0o604, False)])
def test_a_private_key_that_others_can_read_is_refused(folder: Path, mode: int, accepted: bool) -> None:
    (folder / "A1" / "a1.pem").chmod(mode)
    if accepted:
        assert sign_in(folder) is not None
        return
    with pytest.raises(InputError) as refused:
        sign_in(folder)
    assert refused.value.code == "HSM-SOFTWARE"


def test_two_tokens_with_one_serial_are_not_one(folder: Path) -> None:
    software_hsm(folder / "copy", "A1", 1)
    with pytest.raises(TokenError, match="2 tokens"):
        sign_in(folder)


def test_a_serial_that_nothing_has_cannot_be_asked(folder: Path) -> None:
    with pytest.raises(TokenError, match="0 tokens"), SoftwareTokens(folder=folder).open("a1"):
        pass


def test_a_folder_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError), SoftwareTokens(folder=tmp_path / "nowhere").open("A1"):
        pass


def ask(folder: Path) -> None:
    with SoftwareTokens(folder=folder).open("A1") as token:
        token.holds(NAME.selector)
        token.sign(NAME.selector, 13, b"data")


@pytest.mark.parametrize("name", ["a1.pem", "a1.pub", "token.json"])
@given(noise=st.binary(max_size=120))
@settings(max_examples=15)
def test_arbitrary_octets_in_a_file_are_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, noise: bytes
) -> None:
    folder = tmp_path_factory.mktemp("tokens")
    software_hsm(folder / "A1", "A1", 0).generate(NAME, replicable=True)
    (folder / "A1" / name).write_bytes(noise)
    with pytest.raises(InputError):
        ask(folder)


def test_a_key_of_another_kind_gives_no_signature(folder: Path) -> None:
    assert sign_in(folder, 8) is None
    key = ed448.Ed448PrivateKey.generate()
    (folder / "A1" / "a1.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert sign_in(folder, 16) is None
    assert public_form(key.public_key()) is None


def test_a_selection_of_nothing_is_not_signed_with(folder: Path) -> None:
    with SoftwareTokens(folder=folder).open("A1") as token, pytest.raises(TokenError):
        token.sign(Selector(by="label", value=b"other"), 13, b"data")


@pytest.mark.parametrize("algorithm", KEYS)
def test_keys_and_signatures_are_in_dnssec_form(algorithm: int) -> None:
    key = KEYS[algorithm]()
    signature, public_key = sign(key, algorithm, b"data"), public_form(key.public_key())
    assert signature is not None
    assert public_key is not None
    assert verifies(algorithm, public_key, signature, b"data")
