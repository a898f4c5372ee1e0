"""The PKCS#11 signer on a real token (SoftHSM), with openssl as the judge of what it signs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from attestations.envelope import PAYLOAD_TYPE, pre_authentication_encoding, read_envelope, seal, signers_of
from attestations.errors import InputError
from attestations.keys import PublicKey, read_public_key
from attestations.signers import open_signer
from attestations.strict import read_json

PAYLOAD = b'{"_type": "https://in-toto.io/Statement/v1"}'
SIGNED = pre_authentication_encoding(PAYLOAD_TYPE, PAYLOAD)
MODULE = "/usr/lib/softhsm/libsofthsm2.so"
TOKEN, PIN = "gate keys", "1234"
KEYS = (("p256", "02"), ("p384", "0103"), ("rsa", "04"), ("p256", "05"), ("p384", "05"))
GENERATE = {
    "p256": ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "p384": ("EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
    "rsa": ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
}
needs_softhsm = pytest.mark.needs("softhsm2-util", "openssl")


def openssl(*arguments):
    return subprocess.run(("openssl", *arguments), check=True, capture_output=True).stdout


def generate(kind, path):
    openssl("genpkey", "-algorithm", *GENERATE[kind], "-out", path)
    return path


def public_key(path) -> PublicKey:
    return read_public_key(openssl("pkey", "-in", path, "-pubout"), "public.pem")


def refusal(uri) -> InputError:
    with pytest.raises(InputError) as caught:
        open_signer(uri)
    return caught.value


@pytest.mark.parametrize(
    "rest",
    [
        "token=x",
        "id=",
        "token=x;id=%02;object=label",
        "id=%02?pin-value=1234",
        "id=%02?module-name=softhsm",
        "id=%00%02",
        "id=%00",
        "object=label",
    ],
)
def test_a_pkcs11_name_that_could_mean_another_key_is_refused(rest):
    """A key is chosen by its CKA_ID, never by label; a PIN is never an argument; 0002 is not 02."""
    assert refusal(f"pkcs11:{rest}").code == "SIGNER"


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """One token with keys of several kinds; two of them share an id."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    (folder / "pin").write_text(PIN + "\n")
    (folder / "wrong-pin").write_text("9999\n")
    util(folder, "--init-token", "--free", "--label", TOKEN, "--so-pin", PIN, "--pin", PIN)
    for kind, key_id in KEYS:
        path = generate(kind, folder / f"{kind}-{key_id}.pem")
        util(folder, "--import", path, "--token", TOKEN, "--label", "same", "--id", key_id, "--pin", PIN, "--force")
    stray = generate("p256", folder / "private-06.pem")
    util(folder, "--import", stray, "--token", TOKEN, "--label", "x", "--id", "06", "--pin", PIN, "--no-public-key")
    return folder


def util(folder, *arguments):
    environment = os.environ | {"SOFTHSM2_CONF": str(folder / "softhsm2.conf")}
    subprocess.run(("softhsm2-util", *arguments), env=environment, check=True, capture_output=True)


def in_a_process(folder, key_id, *, token=TOKEN, pin="pin", module=MODULE, prepare=""):
    """SoftHSM reads its settings once per process. Returns what the signer says, or why it does not."""
    uri = f"pkcs11:token={token.replace(' ', '%20')};id={key_id}?module-path={module}&pin-source=file:{folder / pin}"
    environment = os.environ | {"SOFTHSM2_CONF": str(folder / "softhsm2.conf")}
    program = (sys.executable, __file__, uri, prepare, str(folder))
    done = subprocess.run(program, env=environment, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_softhsm
@pytest.mark.parametrize(
    ("key", "name", "scheme", "digest"),
    [
        ("p256-02.pem", "%02", "ecdsa-p256-sha256", "-sha256"),
        ("p384-0103.pem", "%01%03", "ecdsa-p384-sha384", "-sha384"),
    ],
    ids=["p256", "p384"],
)
def test_openssl_verifies_the_envelope_that_a_token_signed(key, name, scheme, digest, token, tmp_path):
    said = in_a_process(token, name)
    public = public_key(token / key)
    (envelope,) = read_envelope(read_json(said["envelope"].encode(), "e")).signatures
    files = {"public.pem": public.pem.encode(), "signature": envelope.value, "data": SIGNED}
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    judged = openssl(
        *("dgst", digest, "-verify", tmp_path / "public.pem"),
        *("-signature", tmp_path / "signature", tmp_path / "data"),
    )
    assert judged == b"Verified OK\n"
    assert (said["fingerprint"], said["scheme"]) == (public.fingerprint, scheme)


@needs_softhsm
def test_a_token_and_a_file_sign_one_envelope_together(token):
    raw = in_a_process(token, "%02")["with a file"].encode()
    keys = [public_key(token / name) for name in ("p256-02.pem", "p384-0103.pem")]
    assert signers_of(read_envelope(read_json(raw, "e")), keys) == {key.fingerprint for key in keys}


@needs_softhsm
@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({"key_id": "%09"}, "could not find ECDSA key"),
        ({"key_id": "%00%02"}, "begins with a zero octet"),
        ({"key_id": "%04"}, "could not find ECDSA key"),
        ({"key_id": "%05"}, "found multiple ECDSA keys"),
        ({"key_id": "%02", "token": "another"}, "No PKCS#11 token found for label another"),
        ({"key_id": "%02", "module": "/nowhere/module.so"}, "no usable PKCS#11 key"),
        ({"key_id": "%09", "pin": "wrong-pin"}, "PinIncorrect"),
    ],
    ids=[
        "no-such-id",
        "zero-before-an-id",
        "rsa",
        "two-keys-with-one-id",
        "no-such-token",
        "no-such-module",
        "wrong-pin",
    ],
)
def test_a_token_that_cannot_sign_says_why(how, found, token):
    said = in_a_process(token, **how)
    assert said["code"] == "SIGNER"
    assert found in said["found"]


@needs_softhsm
def test_a_wrong_pin_is_told_when_it_is_needed(token):
    said = in_a_process(token, "%02", pin="wrong-pin")
    assert (said["code"], "PinIncorrect" in said["found"]) == ("SIGNER", True)


@needs_softhsm
def test_a_token_whose_private_key_is_not_that_of_its_public_key_signs_nothing(token):
    """One CKA_ID, one label, two different keys: the shape of 5 May 2026, in a real token."""
    said = in_a_process(token, "%06", prepare="public of p256-02 as 06")
    assert said["code"] == "SIGNER"
    assert "its own public key does not verify" in said["found"]


def test_without_a_module_a_token_cannot_be_used(monkeypatch):
    monkeypatch.delenv("PYKCS11LIB", raising=False)
    assert refusal("pkcs11:id=%02").code == "SIGNER"


def publish_another_key(folder: Path) -> None:
    import pkcs11
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
    from pkcs11.util.ec import encode_named_curve_parameters

    key = load_pem_private_key((folder / "p256-02.pem").read_bytes(), None).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    with pkcs11.lib(MODULE).get_token(token_label=TOKEN).open(user_pin=PIN, rw=True) as session:
        session.create_object(
            {
                pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PUBLIC_KEY,
                pkcs11.Attribute.KEY_TYPE: pkcs11.KeyType.EC,
                pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1"),
                pkcs11.Attribute.EC_POINT: b"\x04\x41" + point,
                pkcs11.Attribute.ID: b"\x06",
                pkcs11.Attribute.TOKEN: True,
                pkcs11.Attribute.PRIVATE: False,
            }
        )


def say(uri: str, prepare: str, folder: Path) -> dict[str, str]:
    if prepare:
        publish_another_key(folder)
    beside = open_signer(f"file:{folder / 'p384-0103.pem'}")
    try:
        signer = open_signer(uri)
        return {
            "fingerprint": signer.public.fingerprint,
            "scheme": signer.public.scheme,
            "envelope": seal(PAYLOAD, PAYLOAD_TYPE, (signer,)).decode(),
            "with a file": seal(PAYLOAD, PAYLOAD_TYPE, (signer, beside)).decode(),
        }
    except InputError as error:
        return {"code": error.code, "found": error.found}


if __name__ == "__main__":
    print(json.dumps(say(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))  # noqa: T201
