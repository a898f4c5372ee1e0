"""Public keys: known by their SubjectPublicKeyInfo, each with one signature scheme."""

import base64
import hashlib
import subprocess

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError
from attestations.keys import MAX_PEM_BYTES, MIN_RSA_BITS, read_public_key

DATA = b"DSSEv1 4 type 7 payload"
SHA256, SHA384 = hashes.SHA256(), hashes.SHA384()


def pem(private) -> bytes:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return private.public_key().public_bytes(encoding, form)


def pss(digest=SHA256, mask=SHA256, salt=padding.PSS.DIGEST_LENGTH):
    return padding.PSS(mgf=padding.MGF1(mask), salt_length=salt), digest


@pytest.fixture(scope="module")
def private():
    return {
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
        "ecdsa-p256-sha256": ec.generate_private_key(ec.SECP256R1()),
        "ecdsa-p384-sha384": ec.generate_private_key(ec.SECP384R1()),
        "rsa-pss-sha256": rsa.generate_private_key(65537, MIN_RSA_BITS),
    }


OWN_SCHEME = {
    "ed25519": (),
    "ecdsa-p256-sha256": (ec.ECDSA(SHA256),),
    "ecdsa-p384-sha384": (ec.ECDSA(SHA384),),
    "rsa-pss-sha256": pss(),
}
OTHER_SCHEMES = [
    ("ecdsa-p256-sha256", (ec.ECDSA(SHA384),)),
    ("ecdsa-p256-sha256", (ec.ECDSA(hashes.SHA1()),)),  # noqa: S303
    ("ecdsa-p384-sha384", (ec.ECDSA(SHA256),)),
    ("rsa-pss-sha256", (padding.PKCS1v15(), SHA256)),
    ("rsa-pss-sha256", pss(digest=hashes.SHA1())),  # noqa: S303
    ("rsa-pss-sha256", pss(digest=hashes.SHA512())),
    ("rsa-pss-sha256", pss(mask=hashes.SHA1())),  # noqa: S303
]
schemes = pytest.mark.parametrize("scheme", OWN_SCHEME)


@schemes
def test_a_signature_in_the_keys_own_scheme_verifies_and_over_other_data_does_not(private, scheme):
    public = read_public_key(pem(private[scheme]), "key.pem")
    signature = private[scheme].sign(DATA, *OWN_SCHEME[scheme])
    assert public.scheme == scheme
    assert public.verifies(signature, DATA)
    assert not public.verifies(signature, DATA + b" ")
    assert not public.verifies(signature, b"")


@schemes
@pytest.mark.parametrize("signature", [b"", b"\0", b"\0" * 64, b"\0" * 256, b"\x30\x00", b"A" * 5000])
def test_bytes_that_are_no_signature_are_false_and_no_exception(private, scheme, signature):
    assert not read_public_key(pem(private[scheme]), "key.pem").verifies(signature, DATA)


@pytest.mark.parametrize(("scheme", "how"), OTHER_SCHEMES)
def test_a_key_never_verifies_in_another_scheme(private, scheme, how):
    assert not read_public_key(pem(private[scheme]), "key.pem").verifies(private[scheme].sign(DATA, *how), DATA)


@schemes
def test_a_key_verifies_no_signature_by_a_key_of_another_kind(private, scheme):
    public = read_public_key(pem(private[scheme]), "key.pem")
    for other in set(OWN_SCHEME) - {scheme}:
        assert not public.verifies(private[other].sign(DATA, *OWN_SCHEME[other]), DATA)


def test_an_ecdsa_signature_has_one_encoding(private):
    key = private["ecdsa-p256-sha256"]
    public = read_public_key(pem(key), "key.pem")
    der = key.sign(DATA, ec.ECDSA(SHA256))
    r, s = decode_dss_signature(der)
    assert public.verifies(der, DATA)
    for other in (
        der + b"\0",
        der[:-1],
        der[:1] + b"\x81" + der[1:],  # the length in BER
        r.to_bytes(32, "big") + s.to_bytes(32, "big"),  # the form of DNSSEC and JOSE
        encode_dss_signature(0, s),
        encode_dss_signature(r, 0),
    ):
        assert not public.verifies(other, DATA)


@schemes
@pytest.mark.needs("openssl")
def test_the_fingerprint_is_the_sha256_of_the_key_as_openssl_writes_it(private, scheme, tmp_path):
    (tmp_path / "key.pem").write_bytes(pem(private[scheme]))
    command = ("openssl", "pkey", "-pubin", "-in", tmp_path / "key.pem", "-outform", "DER")
    der = subprocess.run(command, check=True, capture_output=True).stdout
    assert read_public_key(pem(private[scheme]), "key.pem").fingerprint == hashlib.sha256(der).hexdigest()


def test_one_key_in_other_bytes_is_one_key(private):
    """A label is not a key, and an encoding is not one either (threat A3)."""
    key = private["ecdsa-p256-sha256"].public_key()
    text = pem(private["ecdsa-p256-sha256"])
    body = b"".join(text.splitlines()[1:-1])
    point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    spki = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + point
    twins = (
        text,
        text.replace(b"\n", b"\r\n"),
        b"a note before\n" + text + b"and one after\n",
        b"-----BEGIN PUBLIC KEY-----\n" + body + b"\n-----END PUBLIC KEY-----\n",
        subprocess.run(
            ("openssl", "pkey", "-pubin", "-inform", "DER"), input=spki, check=True, capture_output=True
        ).stdout,
    )
    keys = {read_public_key(twin, "key.pem") for twin in twins}
    assert len(keys) == 1
    assert {key.pem for key in keys} == {text.decode()}


@pytest.mark.needs("openssl")
def test_a_curve_written_out_is_the_named_curve(tmp_path):
    """The parameters of P-256 in full instead of its name: another SubjectPublicKeyInfo, the same key."""
    private = tmp_path / "key.pem"
    made = ("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", private)
    subprocess.run(made, check=True, capture_output=True)
    written = ("openssl", "ec", "-in", private, "-pubout", "-param_enc")
    named, explicit = (
        subprocess.run((*written, form), check=True, capture_output=True).stdout for form in ("named_curve", "explicit")
    )
    assert len(explicit) > len(named)
    assert read_public_key(explicit, "explicit.pem") == read_public_key(named, "named.pem")


def test_a_kind_of_key_that_nobody_has_heard_of_is_refused():
    unknown = der_of(ed25519.Ed25519PrivateKey.generate()).replace(bytes.fromhex("2b6570"), bytes.fromhex("2b6501"))
    with pytest.raises(InputError, match="KEY"):
        read_public_key(to_pem(unknown), "key.pem")


@pytest.mark.parametrize("bits", [512 * 2, MIN_RSA_BITS - 8])
def test_an_rsa_key_that_is_too_short_is_refused(bits):
    with pytest.raises(InputError, match="KEY") as caught:
        read_public_key(pem(rsa.generate_private_key(65537, bits)), "short.pem")
    assert caught.value.where is not None
    assert caught.value.where.file == "short.pem"


OTHER_KINDS = {
    "dsa": lambda: dsa.generate_private_key(1024),
    "ed448": ed448.Ed448PrivateKey.generate,
    "x25519": x25519.X25519PrivateKey.generate,
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
}


@pytest.mark.parametrize("make", OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_a_key_of_another_kind_is_refused(make):
    with pytest.raises(InputError, match="unsupported kind"):
        read_public_key(pem(make()), "key.pem")


def der_of(key):
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def pkcs1_of(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)


def private_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


OTHER_FILES = {
    "der": der_of,
    "pkcs1": pkcs1_of,
    "private": private_pem,
    "two": lambda key: pem(key) + pem(key),
    "private-and-public": lambda key: private_pem(key) + pem(key),
    "other-label": lambda key: pem(key).replace(b"PUBLIC KEY", b"CERTIFICATE"),
    "cut": lambda key: pem(key)[:-40],
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("write", OTHER_FILES.values(), ids=OTHER_FILES)
def test_a_file_that_is_not_exactly_one_pem_public_key_is_refused(private, write):
    with pytest.raises(InputError, match="KEY"):
        read_public_key(write(private["rsa-pss-sha256"]), "key.pem")


def test_a_file_at_the_size_limit_is_read(private):
    text = pem(private["ed25519"])
    at_limit = text + b" " * (MAX_PEM_BYTES - len(text))
    assert read_public_key(at_limit, "key.pem").scheme == "ed25519"
    with pytest.raises(InputError):
        read_public_key(at_limit + b" ", "key.pem")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_key_or_an_input_error(raw):
    for text in (raw, b"-----BEGIN PUBLIC KEY-----\n" + raw + b"\n-----END PUBLIC KEY-----\n"):
        try:
            read_public_key(text, "key.pem")
        except InputError as error:
            assert error.code == "KEY"  # noqa: PT017  # either way is right


@settings(max_examples=40)
@given(st.data())
def test_a_key_with_a_byte_changed_is_another_key_or_none(data):
    der = bytearray(der_of(ec.derive_private_key(7, ec.SECP256R1())))
    position = data.draw(st.integers(0, len(der) - 1))
    changed = (
        bytes(der[:position]) + bytes([der[position] ^ data.draw(st.integers(1, 255))]) + bytes(der[position + 1 :])
    )
    original = read_public_key(to_pem(bytes(der)), "key.pem").fingerprint
    try:
        assert read_public_key(to_pem(changed), "key.pem").fingerprint != original
    except InputError as error:
        assert error.code == "KEY"  # noqa: PT017  # either way is right


def to_pem(der: bytes) -> bytes:
    return b"-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(der) + b"-----END PUBLIC KEY-----\n"
