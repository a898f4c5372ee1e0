"""SSH signatures: OpenSSH's own ssh-keygen is the judge in both directions."""

import base64
import contextlib
import hashlib
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations import ssh_signature
from attestations.errors import InputError
from attestations.keys import read_public_key
from attestations.ssh_signature import (
    MAX_BLOB,
    MAX_LINE,
    NAMESPACE,
    dearmor,
    read_ssh_public_key,
    sign_with_ssh,
    verifies,
)

pytestmark = pytest.mark.needs("ssh-keygen")

MESSAGE = b'{"case": "sha256:5b"}'
KINDS = {"ed25519": ("ed25519", 256), "p256": ("ecdsa", 256), "p384": ("ecdsa", 384), "rsa": ("rsa", 3072)}


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    path: Path
    line: str


def generate(folder: Path, kind: str, bits: int) -> KeyPair:
    path = folder / f"{kind}-{bits}"
    command = ("ssh-keygen", "-q", "-t", kind, "-b", str(bits), "-N", "", "-C", "alice@registry.example", "-f", path)
    subprocess.run(command, check=True)
    return KeyPair(path=path, line=path.with_suffix(".pub").read_text().strip())


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return {name: generate(folder, *kind) for name, kind in KINDS.items()}


@pytest.fixture(params=KINDS)
def pair(request, pairs):
    return pairs[request.param]


def ssh_keygen_signs(pair: KeyPair, namespace: str = NAMESPACE, hash_name: str = "sha512") -> bytes:
    command = ("ssh-keygen", "-Y", "sign", "-n", namespace, "-O", f"hashalg={hash_name}", "-f", pair.path)
    return dearmor(subprocess.run(command, input=MESSAGE, capture_output=True, check=True).stdout.decode())


def ssh_keygen_accepts(
    folder: Path, line: str, blob: bytes, message: bytes = MESSAGE, namespace: str = NAMESPACE
) -> bool:
    (folder / "allowed").write_text(f"alice {line}\n")
    (folder / "signature").write_text(armored(blob))
    command = ("ssh-keygen", "-Y", "verify", "-I", "alice", "-n", namespace, "-f", folder / "allowed")
    done = subprocess.run((*command, "-s", folder / "signature"), input=message, capture_output=True, check=False)
    return done.returncode == 0


def armored(blob: bytes) -> str:
    return f"-----BEGIN SSH SIGNATURE-----\n{base64.encodebytes(blob).decode()}-----END SSH SIGNATURE-----\n"


def strings(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def sshsig(
    wire: bytes,
    sign: Callable[[bytes], bytes],
    *,
    namespace: bytes = NAMESPACE.encode(),
    reserved: bytes = b"",
    hash_name: str = "sha512",
    version: int = 1,
) -> bytes:
    """A signature made by hand, so that each field can be wrong in its own way and the rest right."""
    tail = (namespace, reserved, hash_name.encode())
    signed = b"SSHSIG" + strings(*tail, hashlib.new(hash_name, MESSAGE).digest())
    return b"SSHSIG" + version.to_bytes(4, "big") + strings(wire, *tail, sign(signed))


@dataclass(frozen=True, kw_only=True)
class HandMade:
    """A key whose signatures we put together ourselves."""

    line: str
    sign: Callable[[bytes], bytes]

    @property
    def wire(self) -> bytes:
        return wire_of(self.line)


def wire_of(line: str) -> bytes:
    return base64.b64decode(line.split()[1])


def openssh_line(key) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


@pytest.fixture(scope="module")
def by_hand():
    key = ed25519.Ed25519PrivateKey.generate()
    return HandMade(line=openssh_line(key), sign=lambda data: strings(b"ssh-ed25519", key.sign(data)))


def with_rsa(key: rsa.RSAPrivateKey, name: bytes, algorithm: hashes.HashAlgorithm) -> HandMade:
    return HandMade(
        line=openssh_line(key), sign=lambda data: strings(name, key.sign(data, padding.PKCS1v15(), algorithm))
    )


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(65537, 2048)


def mpint(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def security_key(kind: str, flags: int = 1, application: bytes = b"ssh:") -> HandMade:
    """A FIDO token in software (OpenSSH PROTOCOL.u2f)."""
    touched = bytes((flags, 0, 0, 0, 7))
    if kind == "ed25519":
        name = b"sk-ssh-ed25519@openssh.com"
        key = ed25519.Ed25519PrivateKey.generate()
        wire = strings(name, key.public_key().public_bytes_raw(), application)
        inner = key.sign
    else:
        name = b"sk-ecdsa-sha2-nistp256@openssh.com"
        key = ec.generate_private_key(ec.SECP256R1())
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        wire = strings(name, b"nistp256", point, application)

        def inner(data):
            return strings(*map(mpint, decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))))

    def sign(data):
        said = hashlib.sha256(b"ssh:").digest() + touched + hashlib.sha256(data).digest()
        return strings(name, inner(said)) + touched

    return HandMade(line=f"{name.decode()} {base64.b64encode(wire).decode()} token", sign=sign)


def accepted(line: str, blob: bytes, message: bytes = MESSAGE, namespace: str = NAMESPACE) -> bool:
    return verifies(read_ssh_public_key(line), namespace, message, blob)


# --- what ssh-keygen makes, and what it accepts


@pytest.mark.parametrize("hash_name", ["sha512", "sha256"])
def test_what_ssh_keygen_signs_is_accepted(pair, hash_name):
    assert accepted(pair.line, ssh_keygen_signs(pair, hash_name=hash_name))


def test_what_we_let_be_signed_is_accepted_by_us_and_by_ssh_keygen(pair, tmp_path):
    blob = sign_with_ssh(pair.path, NAMESPACE, MESSAGE)
    assert read_ssh_public_key(pair.line).verifies(blob, MESSAGE)
    assert ssh_keygen_accepts(tmp_path, pair.line, blob)


def test_an_altered_message_is_refused_by_both(pair, tmp_path):
    blob = ssh_keygen_signs(pair)
    assert not accepted(pair.line, blob, MESSAGE + b" ")
    assert not ssh_keygen_accepts(tmp_path, pair.line, blob, MESSAGE + b" ")


def test_a_signature_for_git_is_good_for_git_only(pair):
    blob = ssh_keygen_signs(pair, namespace="git")
    assert accepted(pair.line, blob, namespace="git")
    assert not accepted(pair.line, blob)
    assert not read_ssh_public_key(pair.line).verifies(blob, MESSAGE)


def test_a_signature_for_us_is_not_good_for_git(pair):
    assert not accepted(pair.line, ssh_keygen_signs(pair), namespace="git")


def test_the_signature_of_another_key_of_the_same_kind_is_refused(pair, tmp_path):
    name, bits = pair.path.name.split("-")
    other = generate(tmp_path, name, min(int(bits), 2048))
    assert accepted(other.line, ssh_keygen_signs(other))
    assert not accepted(pair.line, ssh_keygen_signs(other))


def test_our_key_named_in_the_signature_of_another_is_refused(by_hand):
    other = ed25519.Ed25519PrivateKey.generate()
    blob = sshsig(by_hand.wire, lambda data: strings(b"ssh-ed25519", other.sign(data)))
    assert not accepted(by_hand.line, blob)


def test_every_truncation_is_refused(pair):
    blob = ssh_keygen_signs(pair)
    key = read_ssh_public_key(pair.line)
    assert not any(key.verifies(blob[:length], MESSAGE) for length in range(len(blob)))


@pytest.mark.parametrize("extra", [b"\0", b"\0\0\0\0", b"\n"])
def test_trailing_bytes_are_refused(pair, extra, tmp_path):
    blob = ssh_keygen_signs(pair)
    assert not accepted(pair.line, blob + extra)
    assert not ssh_keygen_accepts(tmp_path, pair.line, blob + extra)


def test_trailing_bytes_inside_the_signature_are_refused(by_hand):
    assert accepted(by_hand.line, sshsig(by_hand.wire, by_hand.sign))
    assert not accepted(by_hand.line, sshsig(by_hand.wire, lambda data: by_hand.sign(data) + b"\0"))
    assert not accepted(by_hand.line, sshsig(by_hand.wire, lambda data: by_hand.sign(data) + strings(b"")))


# --- fields made by hand


def test_another_version_is_refused(by_hand):
    assert accepted(by_hand.line, sshsig(by_hand.wire, by_hand.sign, version=1))
    assert not accepted(by_hand.line, sshsig(by_hand.wire, by_hand.sign, version=2))


def test_anything_in_the_reserved_field_is_refused(by_hand):
    assert not accepted(by_hand.line, sshsig(by_hand.wire, by_hand.sign, reserved=b"test only"))


def test_a_reserved_field_filled_after_signing_is_refused_though_ssh_keygen_accepts_it(by_hand, tmp_path):
    blob = sshsig(by_hand.wire, by_hand.sign)
    mark = strings(NAMESPACE.encode(), b"")
    filled = blob.replace(mark, strings(NAMESPACE.encode(), b"x"))
    assert ssh_keygen_accepts(tmp_path, by_hand.line, filled)
    assert not accepted(by_hand.line, filled)


@pytest.mark.parametrize("hash_name", ["sha1", "sha384", "md5"])
def test_another_hash_of_the_message_is_refused(by_hand, hash_name):
    assert not accepted(by_hand.line, sshsig(by_hand.wire, by_hand.sign, hash_name=hash_name))


def test_an_empty_namespace_is_refused(by_hand):
    assert not accepted(by_hand.line, sshsig(by_hand.wire, by_hand.sign, namespace=b""), namespace="")


@pytest.mark.parametrize(
    ("name", "algorithm"), [(b"rsa-sha2-256", hashes.SHA256()), (b"rsa-sha2-512", hashes.SHA512())]
)
def test_rsa_with_sha2_is_accepted_by_both(rsa_key, name, algorithm, tmp_path):
    made = with_rsa(rsa_key, name, algorithm)
    blob = sshsig(made.wire, made.sign)
    assert accepted(made.line, blob)
    assert ssh_keygen_accepts(tmp_path, made.line, blob)


def test_rsa_with_sha1_is_refused_by_both(rsa_key, tmp_path):
    made = with_rsa(rsa_key, b"ssh-rsa", hashes.SHA1())  # noqa: S303  (made to be refused)
    blob = sshsig(made.wire, made.sign)
    assert not accepted(made.line, blob)
    assert not ssh_keygen_accepts(tmp_path, made.line, blob)


@pytest.mark.parametrize("algorithm", [hashes.SHA256(), hashes.SHA512()], ids=["sha256", "sha512"])
@pytest.mark.parametrize("name", [b"ssh-rsa", b"ssh-ed25519", b""])
def test_a_right_rsa_signature_under_another_algorithm_name_is_refused(rsa_key, name, algorithm):
    made = with_rsa(rsa_key, name, algorithm)
    assert not accepted(made.line, sshsig(made.wire, made.sign))


def test_a_right_rsa_signature_under_the_name_of_the_other_hash_is_refused(rsa_key):
    made = with_rsa(rsa_key, b"rsa-sha2-512", hashes.SHA256())
    assert not accepted(made.line, sshsig(made.wire, made.sign))


@pytest.mark.parametrize(("before", "after"), [(b"\0", b""), (b"", b"\0"), (b"\xff", b"")])
def test_an_ecdsa_number_in_another_form_is_refused(before, after):
    key = ec.generate_private_key(ec.SECP256R1())
    line = openssh_line(key)

    def blob(before, after):
        def sign(data):
            r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
            return strings(b"ecdsa-sha2-nistp256", strings(mpint(r), before + mpint(s) + after))

        return sshsig(wire_of(line), sign)

    assert accepted(line, blob(b"", b""))
    assert not accepted(line, blob(before, after))


@pytest.mark.parametrize("numbers", [(), (b"\1",), (b"", b""), (b"\1", b""), (b"\1", b"\1", b"\1")])
def test_an_ecdsa_signature_that_is_not_two_positive_numbers_is_refused(numbers):
    line = openssh_line(ec.generate_private_key(ec.SECP256R1()))
    assert not accepted(line, sshsig(wire_of(line), lambda _: strings(b"ecdsa-sha2-nistp256", strings(*numbers))))


def test_a_signature_of_64_kib_is_read_and_one_byte_more_is_refused(by_hand):
    room = MAX_BLOB - len(sshsig(by_hand.wire, by_hand.sign, namespace=b""))
    for length, expected in ((room, True), (room + 1, False)):
        blob = sshsig(by_hand.wire, by_hand.sign, namespace=b"n" * length)
        assert accepted(by_hand.line, blob, namespace="n" * length) is expected


# --- hardware tokens


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_a_touched_token_is_accepted_by_both(kind, tmp_path):
    token = security_key(kind)
    blob = sshsig(token.wire, token.sign)
    assert accepted(token.line, blob)
    assert ssh_keygen_accepts(tmp_path, token.line, blob)


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_a_token_that_nobody_touched_is_refused(kind):
    token = security_key(kind, flags=4)
    assert not accepted(token.line, sshsig(token.wire, token.sign))


@pytest.mark.parametrize("position", [-1, -5])
def test_a_counter_or_flag_altered_after_signing_is_refused(position):
    token = security_key("ed25519")
    blob = bytearray(sshsig(token.wire, token.sign))
    blob[position] ^= 4
    assert not accepted(token.line, bytes(blob))


def test_a_token_signature_for_another_application_is_refused():
    token = security_key("ed25519", application=b"ssh:other")
    assert not accepted(token.line, sshsig(token.wire, token.sign))


@pytest.mark.parametrize("ending", [b"", b"\1", b"\1\0\0\0"])
def test_a_token_signature_without_flags_and_counter_is_refused(ending):
    token = security_key("ed25519")
    assert not accepted(token.line, sshsig(token.wire, lambda data: token.sign(data)[:-5] + ending))
    assert not accepted(token.line, sshsig(token.wire, lambda _: ending))


# --- armor


def test_armor_gives_the_bytes_back(by_hand):
    blob = sshsig(by_hand.wire, by_hand.sign)
    assert dearmor(armored(blob)) == blob
    assert dearmor(armored(blob).rstrip("\n")) == blob


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("-----BEGIN SSH", "\n-----BEGIN SSH"),
        ("-----BEGIN SSH", "-----BEGIN PGP"),
        ("-----END", "----END"),
        ("\n-----END", "-----END"),
        ("\n-----END", "====\n-----END"),
        ("\n", "\r\n"),
        ("SIGNATURE-----\n", "SIGNATURE-----\n\n"),
        ("U1NI", "U1N!"),
        ("U1NI", "U1N"),
        ("U1NI", "U1N "),
        ("U1NI", "U1N\u0130"),
    ],
)
def test_corrupted_armor_is_refused(by_hand, good, bad):
    with pytest.raises(InputError) as refused:
        dearmor(armored(sshsig(by_hand.wire, by_hand.sign)).replace(good, bad))
    assert refused.value.code == "ENC-B64"


@pytest.mark.parametrize("body", ["", "\n", "U1NIU0lHAB==\n"])
def test_armor_around_nothing_or_around_another_spelling_is_refused(body):
    with pytest.raises(InputError, match="ENC-B64"):
        dearmor(f"-----BEGIN SSH SIGNATURE-----\n{body}-----END SSH SIGNATURE-----\n")


def test_two_signatures_in_one_armor_file_are_refused(by_hand):
    text = armored(sshsig(by_hand.wire, by_hand.sign))
    with pytest.raises(InputError, match="ENC-B64"):
        dearmor(text + text)


def test_armor_is_read_up_to_128_kib():
    frame = len(armored(b"")) - 1
    lines = (2 * MAX_BLOB - frame - 5) * "\n"
    text = f"-----BEGIN SSH SIGNATURE-----\nU1NI{lines}\n-----END SSH SIGNATURE-----"
    assert len(text) == 2 * MAX_BLOB
    assert dearmor(text) == b"SSH"
    with pytest.raises(InputError):
        dearmor(text.replace("U1NI", "U1NI\n"))


# --- public keys


@pytest.mark.parametrize("name", ["p256", "p384", "rsa"])
def test_a_key_has_one_fingerprint_as_ssh_line_and_as_pem(pairs, name):
    command = ("ssh-keygen", "-e", "-m", "PKCS8", "-f", pairs[name].path)
    pem = subprocess.run(command, capture_output=True, check=True).stdout
    assert read_ssh_public_key(pairs[name].line).fingerprint == read_public_key(pem, "alice.pem").fingerprint


def test_an_ed25519_key_has_the_fingerprint_of_rfc_8410(pairs):
    line = pairs["ed25519"].line
    spki = bytes.fromhex("302a300506032b6570032100") + wire_of(line)[-32:]
    assert read_ssh_public_key(line).fingerprint == hashlib.sha256(spki).hexdigest()


def test_an_ecdsa_key_with_a_compressed_point_is_refused():
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    for form, refused in ((PublicFormat.UncompressedPoint, False), (PublicFormat.CompressedPoint, True)):
        wire = strings(b"ecdsa-sha2-nistp256", b"nistp256", key.public_bytes(Encoding.X962, form))
        with pytest.raises(InputError, match="KEY") if refused else contextlib.nullcontext():
            read_ssh_public_key(f"ecdsa-sha2-nistp256 {base64.b64encode(wire).decode()}")


def test_a_token_has_the_fingerprint_of_the_key_inside():
    token = security_key("ed25519")
    raw = token.wire[4 + 26 + 4 :][:32]
    pem = ed25519.Ed25519PublicKey.from_public_bytes(raw).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert read_ssh_public_key(token.line).fingerprint == read_public_key(pem, "token.pem").fingerprint


def test_a_comment_changes_nothing(by_hand):
    bare = " ".join(by_hand.line.split()[:2])
    assert read_ssh_public_key(bare) == read_ssh_public_key(f"{bare} Zoë, crypto officer")


@pytest.mark.parametrize(("bits", "refused"), [(2048, False), (2047, True), (1024, True)])
def test_rsa_is_accepted_from_2048_bits(bits, refused):
    line = openssh_line(rsa.generate_private_key(65537, bits))
    if not refused:
        assert read_ssh_public_key(line).algorithm == "ssh-rsa"
        return
    with pytest.raises(InputError, match=f"{bits} bits") as error:
        read_ssh_public_key(line)
    assert error.value.code == "SIG-ALG"


def test_an_unsupported_curve_is_refused_with_what_is_supported(tmp_path):
    with pytest.raises(InputError, match=r"ecdsa-sha2-nistp521.*wanted ssh-ed25519") as refused:
        read_ssh_public_key(generate(tmp_path, "ecdsa", 521).line)
    assert refused.value.code == "SIG-ALG"


def test_a_certificate_is_refused(pairs, tmp_path):
    (tmp_path / "key.pub").write_text(pairs["ed25519"].line)
    authority = pairs["p256"].path
    subprocess.run(("ssh-keygen", "-q", "-s", authority, "-I", "alice", tmp_path / "key.pub"), check=True)
    with pytest.raises(InputError) as refused:
        read_ssh_public_key((tmp_path / "key-cert.pub").read_text().strip())
    assert refused.value.code == "SIG-ALG"


@pytest.mark.parametrize(
    ("code", "good", "bad"),
    [
        ("KEY", "ssh-ed25519 ", ""),
        ("KEY", "ssh-ed25519 ", "ssh-ed25519  "),
        ("KEY", "ssh-ed25519 ", "ssh-ed25519\t"),
        ("KEY", "ssh-ed25519 ", "ssh-ed25519 \n"),
        ("KEY", "ssh-ed25519 ", 'namespaces="git" ssh-ed25519 '),
        ("KEY", "ssh-ed25519 ", "* ssh-ed25519 "),
        ("KEY", "ssh-ed25519 ", "ssh-rsa "),
        ("KEY", "ssh-ed25519 ", "sk-ssh-ed25519@openssh.com "),
        ("KEY", "AAAA", "AAA!"),
        ("KEY", "AAAA", "AAA"),
        ("SIG-ALG", "ssh-ed25519 ", "ssh-dss "),
        ("SIG-ALG", "ssh-ed25519 ", "SSH-ED25519 "),
    ],
)
def test_a_line_that_is_not_a_usable_key_is_refused(by_hand, code, good, bad):
    with pytest.raises(InputError) as refused:
        read_ssh_public_key(by_hand.line.replace(good, bad, 1))
    assert refused.value.code == code


def test_two_lines_are_refused(by_hand):
    with pytest.raises(InputError, match="KEY"):
        read_ssh_public_key(f"{by_hand.line} alice\n{by_hand.line}")


@pytest.mark.parametrize("tail", [b"\0", b"\0\0\0\0"])
def test_bytes_after_the_key_are_refused(by_hand, tail):
    with pytest.raises(InputError, match="KEY"):
        read_ssh_public_key(f"ssh-ed25519 {base64.b64encode(by_hand.wire + tail).decode()}")


def test_a_token_made_for_a_web_site_is_refused():
    with pytest.raises(InputError) as refused:
        read_ssh_public_key(security_key("ed25519", application=b"https://registry.example").line)
    assert refused.value.code == "KEY"


def test_a_line_is_read_up_to_16_kib(by_hand):
    bare = " ".join(by_hand.line.split()[:2]) + " "
    longest = bare.ljust(MAX_LINE, "c")
    assert read_ssh_public_key(longest) == read_ssh_public_key(bare)
    with pytest.raises(InputError):
        read_ssh_public_key(longest + "c")


# --- signing


@pytest.mark.needs("ssh-agent", "ssh-add")
def test_a_key_that_lives_only_in_an_agent_signs(pairs, tmp_path, monkeypatch):
    pair = pairs["ed25519"]
    socket = tmp_path / "agent"
    monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
    (tmp_path / "alice.pub").write_text(pair.line)
    with subprocess.Popen(("ssh-agent", "-D", "-a", socket), stdout=subprocess.DEVNULL) as agent:
        try:
            deadline = time.monotonic() + 10
            while not socket.exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            subprocess.run(("ssh-add", "-q", pair.path), check=True)
            assert accepted(pair.line, sign_with_ssh(tmp_path / "alice", NAMESPACE, MESSAGE))
        finally:
            agent.terminate()


def test_a_missing_key_is_an_input_error_and_ssh_keygen_is_heard(tmp_path, capfd):
    with pytest.raises(InputError, match="exit code 255") as refused:
        sign_with_ssh(tmp_path / "absent", NAMESPACE, MESSAGE)
    assert refused.value.code == "SIGNER"
    assert "No such file" in capfd.readouterr().err


def test_signing_is_silent_when_it_works(pairs, capfd):
    sign_with_ssh(pairs["ed25519"].path, NAMESPACE, MESSAGE)
    assert capfd.readouterr() == ("", "")


def test_a_missing_ssh_keygen_is_an_input_error_that_says_what_to_install(pairs, tmp_path, monkeypatch):
    monkeypatch.setattr(ssh_signature, "SSH_KEYGEN", str(tmp_path / "ssh-keygen"))
    with pytest.raises(InputError) as refused:
        sign_with_ssh(pairs["ed25519"].path, NAMESPACE, MESSAGE)
    assert refused.value.code == "SIGNER"
    assert "openssh-client" in refused.value.fix


def program(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_a_token_that_is_never_touched_ends_the_wait(pairs, tmp_path, monkeypatch):
    monkeypatch.setattr(ssh_signature, "SSH_KEYGEN", program(tmp_path / "ssh-keygen", "exec sleep 60"))
    monkeypatch.setattr(ssh_signature, "SIGNING_SECONDS", 0.1)
    with pytest.raises(InputError, match="no signature within") as refused:
        sign_with_ssh(pairs["ed25519"].path, NAMESPACE, MESSAGE)
    assert refused.value.code == "SIGNER"


def test_an_ssh_keygen_found_first_on_path_is_never_run(pairs, tmp_path, monkeypatch):
    program(tmp_path / "ssh-keygen", f"touch {tmp_path}/run; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    pair = pairs["ed25519"]
    assert accepted(pair.line, sign_with_ssh(pair.path, NAMESPACE, MESSAGE))
    assert not (tmp_path / "run").exists()


# --- any input


KEY = ed25519.Ed25519PrivateKey.from_private_bytes(b"k" * 32)
LINE = openssh_line(KEY)
WIRE = wire_of(LINE)
BLOB = sshsig(WIRE, lambda data: strings(b"ssh-ed25519", KEY.sign(data)))
TOKEN = security_key("ecdsa")
FIELDS = st.binary(max_size=80) | st.sampled_from((WIRE, TOKEN.wire, NAMESPACE.encode(), b"", b"sha512", b"sha256"))


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda rest: b"SSHSIG\0\0\0\1" + rest))
def test_no_bytes_are_a_signature(blob):
    assert not accepted(LINE, blob)


@settings(max_examples=200)
@given(
    made=st.sampled_from(
        ((LINE, WIRE, b"ssh-ed25519"), (TOKEN.line, TOKEN.wire, b"sk-ecdsa-sha2-nistp256@openssh.com"))
    ),
    signature=st.binary(max_size=80) | st.lists(FIELDS, max_size=3).map(lambda parts: strings(*parts)),
    ending=st.binary(max_size=6),
)
def test_no_forged_signature_field_is_a_signature(made, signature, ending):
    line, wire, name = made
    assert not accepted(line, sshsig(wire, lambda _: strings(name, signature) + ending))


@given(st.lists(FIELDS, max_size=6))
def test_no_other_fields_are_a_signature(fields):
    assert not accepted(LINE, b"SSHSIG\0\0\0\1" + strings(*fields))


@given(position=st.integers(0, len(BLOB) - 1), change=st.integers(1, 255))
def test_every_byte_of_a_signature_counts(position, change):
    assert accepted(LINE, BLOB)
    altered = bytearray(BLOB)
    altered[position] ^= change
    assert not accepted(LINE, bytes(altered))


@settings(max_examples=50)
@given(st.text("AQgw=\n+/-_ \u0130", max_size=30))
def test_any_text_in_the_frame_is_armor_or_an_input_error(body):
    text = f"-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----"
    with contextlib.suppress(InputError):
        assert base64.b64encode(dearmor(text)).decode() == body.replace("\n", "")


@given(
    algorithm=st.sampled_from(sorted(ssh_signature._SIGNATURE_ALGORITHMS)),
    fields=st.lists(FIELDS | st.just(b"nistp256") | st.binary(min_size=32, max_size=32), max_size=4),
    tail=st.binary(max_size=3),
)
def test_any_key_bytes_are_a_key_or_an_input_error(algorithm, fields, tail):
    wire = strings(algorithm.encode(), *fields) + tail
    with contextlib.suppress(InputError):
        assert read_ssh_public_key(f"{algorithm} {base64.b64encode(wire).decode()}").wire == wire


@given(st.text(max_size=200))
def test_any_text_is_a_key_or_an_input_error(line):
    with pytest.raises(InputError):
        read_ssh_public_key(line)
