"""Signers: PEM files and SSH keys, with openssl as the judge of what they sign."""

import subprocess

import pytest

from attestations.envelope import PAYLOAD_TYPE, pre_authentication_encoding, read_envelope, seal, signers_of
from attestations.errors import InputError
from attestations.keys import read_public_key
from attestations.signers import KeySigner, open_signer
from attestations.strict import read_json

PAYLOAD = b'{"_type": "https://in-toto.io/Statement/v1"}'
SIGNED = pre_authentication_encoding(PAYLOAD_TYPE, PAYLOAD)

GENERATE = {
    "ed25519": ("-algorithm", "ed25519"),
    "p256": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "p384": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
    "rsa": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
}
SCHEMES = {
    "ed25519": "ed25519",
    "p256": "ecdsa-p256-sha256",
    "p384": "ecdsa-p384-sha384",
    "rsa": "rsa-pss-sha256",
}
JUDGE = {
    "ed25519": (
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "public.pem",
        "-rawin",
        "-in",
        "data",
        "-sigfile",
        "signature",
    ),
    "p256": ("dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "data"),
    "p384": ("dgst", "-sha384", "-verify", "public.pem", "-signature", "signature", "data"),
    "rsa": (
        *("dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_mgf1_md:sha256"),
        *("-verify", "public.pem", "-signature", "signature", "data"),
    ),
}
needs_openssl = pytest.mark.needs("openssl")
kinds = pytest.mark.parametrize("kind", GENERATE)


def openssl(*arguments, folder):
    return subprocess.run(("openssl", *arguments), cwd=folder, check=True, capture_output=True).stdout


def generate(kind, folder, name="private.pem"):
    openssl("genpkey", *GENERATE[kind], "-out", name, folder=folder)
    return folder / name


def openssl_verifies(kind, folder, public: bytes, signature: bytes, data: bytes) -> bool:
    for name, content in {"public.pem": public, "signature": signature, "data": data}.items():
        (folder / name).write_bytes(content)
    return subprocess.run(("openssl", *JUDGE[kind]), cwd=folder, check=False, capture_output=True).returncode == 0


def signatures_of(raw: bytes) -> list[bytes]:
    return [signature.value for signature in read_envelope(read_json(raw, "envelope.json")).signatures]


def refusal(uri) -> InputError:
    with pytest.raises(InputError) as caught:
        open_signer(uri)
    return caught.value


# PEM files


@needs_openssl
@kinds
def test_openssl_verifies_the_envelope_that_a_pem_key_signed(kind, tmp_path):
    path = generate(kind, tmp_path)
    signer = open_signer(f"file:{path}")
    raw = seal(PAYLOAD, PAYLOAD_TYPE, (signer,))
    public = openssl("pkey", "-in", path, "-pubout", folder=tmp_path)
    assert signer.public.scheme == SCHEMES[kind]
    assert signer.public == read_public_key(public, "public.pem")
    assert signers_of(read_envelope(read_json(raw, "e")), [signer.public]) == {signer.public.fingerprint}
    assert openssl_verifies(kind, tmp_path, public, signatures_of(raw)[0], SIGNED)
    assert not openssl_verifies(kind, tmp_path, public, signatures_of(raw)[0], SIGNED + b" ")


@needs_openssl
def test_a_key_in_the_older_form_of_openssl_is_the_same_key(tmp_path):
    path = generate("p256", tmp_path)
    openssl("ec", "-in", path, "-out", "sec1.pem", folder=tmp_path)
    assert b"BEGIN EC PRIVATE KEY" in (tmp_path / "sec1.pem").read_bytes()
    assert open_signer(f"file:{tmp_path / 'sec1.pem'}").public == open_signer(f"file:{path}").public


@needs_openssl
def test_a_key_that_nobody_can_use_is_refused(tmp_path):
    path = generate("ed25519", tmp_path)
    openssl("pkey", "-in", path, "-aes256", "-passout", "pass:secret", "-out", "locked.pem", folder=tmp_path)
    openssl("pkey", "-in", path, "-outform", "DER", "-out", "key.der", folder=tmp_path)
    openssl("pkey", "-in", path, "-pubout", "-out", "public.pem", folder=tmp_path)
    (tmp_path / "empty.pem").touch()
    for name in ("locked.pem", "key.der", "public.pem", "empty.pem"):
        error = refusal(f"file:{tmp_path / name}")
        assert (error.code, "openssl genpkey" in error.fix) == ("SIGNER", True)
    assert refusal(f"file:{tmp_path / 'none.pem'}").code == "FILE"
    (tmp_path / "link.pem").symlink_to(path)
    assert refusal(f"file:{tmp_path / 'link.pem'}").code == "PATH"
    assert refusal(f"file:{tmp_path}").code == "PATH"


WEAK = {
    "ed448": ("-algorithm", "ed448"),
    "x25519": ("-algorithm", "x25519"),
    "p521": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"),
    "secp256k1": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"),
    "rsa-1024": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"),
}


@needs_openssl
@pytest.mark.parametrize("kind", WEAK)
def test_a_private_key_of_a_kind_that_no_trust_root_accepts_is_refused(kind, tmp_path):
    openssl("genpkey", *WEAK[kind], "-out", "key.pem", folder=tmp_path)
    assert refusal(f"file:{tmp_path / 'key.pem'}").code in {"SIGNER", "KEY"}


@pytest.mark.parametrize(
    "uri", ["", "key.pem", "file:", "pkcs11:", "ssh:", "sigstore:", "FILE:key.pem", "file", "\u202e"]
)
def test_a_name_that_is_no_signer_is_refused_and_shown_inertly(uri):
    error = refusal(uri)
    assert error.code == "SIGNER"
    assert error.found.isascii()
    assert "file:KEY.pem" in error.wanted


@needs_openssl
def test_a_signature_that_its_own_public_key_does_not_verify_never_leaves(tmp_path):
    """The fault of 5 May 2026 in our own house: the private key in use is not that of the public key."""
    one, other = (open_signer(f"file:{generate('ed25519', tmp_path, name)}") for name in ("one.pem", "other.pem"))
    assert one.public.verifies(one.sign(b"data"), b"data")
    faulty = KeySigner(public=one.public, _library=other._library)
    with pytest.raises(InputError, match="its own public key does not verify"):
        faulty.sign(b"data")


@pytest.mark.needs("ssh-keygen")
def test_an_ssh_key_seals_an_envelope_that_its_public_half_verifies(tmp_path):
    path = tmp_path / "id"
    subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path), check=True)
    signer = open_signer(f"ssh:{path}")
    envelope = read_envelope(read_json(seal(PAYLOAD, PAYLOAD_TYPE, (signer,)), "e"))
    assert signers_of(envelope, [signer.public]) == {signer.public.fingerprint}
    assert refusal(f"ssh:{tmp_path / 'other'}").code == "FILE"
