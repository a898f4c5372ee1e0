"""SSH signatures (OpenSSH PROTOCOL.sshsig): verified in process; made by `ssh-keygen`, so agents and tokens work.

The trusted key alone fixes what is accepted; a signature chooses nothing (threat A7).
"""

import base64
import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from attestations.digest import sha256
from attestations.edwards import WEAK_ED25519, is_weak_ed25519
from attestations.errors import InputError
from attestations.keys import MIN_RSA_BITS

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    Key = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey

NAMESPACE = "signer-gatekeeper@v1"
"""What our signatures are for: one made for another purpose (`git`, `file`) is not one of ours (threat D8)."""

SSH_KEYGEN = "/usr/bin/ssh-keygen"  # never looked up through PATH (threat S20)
SIGNING_SECONDS = 120  # time enough to type a passphrase or to touch a token
MAX_BLOB = 64 * 1024
MAX_LINE = 16 * 1024

_MAGIC = b"SSHSIG" + (1).to_bytes(4, "big")
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----\n", "\n-----END SSH SIGNATURE-----"
_SIGNATURE_ALGORITHMS: Mapping[str, tuple[bytes, ...]] = {
    "ssh-ed25519": (b"ssh-ed25519",),
    "ecdsa-sha2-nistp256": (b"ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": (b"ecdsa-sha2-nistp384",),
    "ssh-rsa": (b"rsa-sha2-256", b"rsa-sha2-512"),  # the algorithm `ssh-rsa` is SHA-1
    "sk-ssh-ed25519@openssh.com": (b"sk-ssh-ed25519@openssh.com",),
    "sk-ecdsa-sha2-nistp256@openssh.com": (b"sk-ecdsa-sha2-nistp256@openssh.com",),
}
_USER_PRESENT = 0x01


@dataclass(frozen=True, kw_only=True)
class SshPublicKey:
    """One SSH public key, known by the same fingerprint as the same key in PEM (threat A3)."""

    fingerprint: str
    algorithm: str
    wire: bytes = field(repr=False)
    underlying: "Key" = field(repr=False, compare=False)

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Return whether `signature` is an SSHSIG blob that this key made over `data` in our namespace."""
        return verifies(self, NAMESPACE, data, signature)


def read_ssh_public_key(line: str) -> SshPublicKey:
    """Return the key in one OpenSSH public key line.

    Raises InputError: KEY (not such a line), SIG-ALG (a certificate, another type, or RSA that is too short).
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    algorithm, wire = _algorithm_and_wire(line)
    if algorithm not in _SIGNATURE_ALGORITHMS:
        raise _unsupported(f"an SSH key of type {algorithm!a:.60}")
    key = _load(algorithm, wire)
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return SshPublicKey(fingerprint=sha256(spki), algorithm=algorithm, wire=wire, underlying=key)


def verifies(key: SshPublicKey, namespace: str, message: bytes, signature_blob: bytes) -> bool:
    """Return whether `signature_blob` (binary SSHSIG) was made by `key` over `message` for exactly `namespace`."""
    from cryptography.exceptions import InvalidSignature

    try:
        _verify(key, namespace.encode("utf-8"), message, signature_blob)
    except (ValueError, InvalidSignature):
        return False
    return True


def dearmor(text: str) -> bytes:
    """Return the binary SSHSIG in `text`, its armored form (PROTOCOL.sshsig, 1); raise InputError (ENC-B64) if none."""
    text = text.removesuffix("\n")
    if len(text) > 2 * MAX_BLOB or not text.startswith(_BEGIN) or not text.endswith(_END):
        raise _not_armored("text that is not one armored SSH signature")
    try:
        return _decode_base64(text[len(_BEGIN) : -len(_END)].replace("\n", ""))
    except ValueError:
        raise _not_armored("an SSH signature that is not canonical base64") from None


def sign_with_ssh(key_path: Path, namespace: str, message: bytes) -> bytes:
    """Return a binary SSHSIG over `message`, made by `ssh-keygen -Y sign`; raise InputError (SIGNER) if that fails."""
    import subprocess

    command = (SSH_KEYGEN, "-q", "-Y", "sign", "-n", namespace, "-f", str(key_path))
    try:  # stderr stays the caller's: there ssh-keygen asks for the touch of a token and says what went wrong
        done = subprocess.run(command, input=message, stdout=subprocess.PIPE, timeout=SIGNING_SECONDS, check=False)
    except OSError:
        raise _cannot_sign(f"no {SSH_KEYGEN} that runs", "install it:  apt-get install openssh-client") from None
    except subprocess.TimeoutExpired:
        raise _cannot_sign(f"no signature within {SIGNING_SECONDS} s", "unlock the key, or touch the token") from None
    if done.returncode != 0:
        fix = "see what ssh-keygen said above; a key with a passphrase goes into an agent first:  ssh-add KEY"
        raise _cannot_sign(f"exit code {done.returncode} of ssh-keygen with the key {str(key_path)!a:.200}", fix)
    return dearmor(done.stdout.decode("ascii", "replace"))


def _algorithm_and_wire(line: str) -> tuple[str, bytes]:
    algorithm, _, rest = line.partition(" ")
    if len(line) <= MAX_LINE and line.isprintable():
        with contextlib.suppress(ValueError):
            return algorithm, _decode_base64(rest.partition(" ")[0])
    raise _unreadable("text that is not one OpenSSH public key line")


def _load(algorithm: str, wire: bytes) -> "Key":
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    try:
        key = load_ssh_public_key(algorithm.encode("ascii") + b" " + base64.b64encode(wire))
    except (ValueError, NotImplementedError):  # the latter for a compressed point
        raise _unreadable(f"an {algorithm} line that holds no such key") from None
    match key:
        case Ed25519PublicKey() if is_weak_ed25519(key.public_bytes_raw()):
            raise _unsupported(WEAK_ED25519)
        case Ed25519PublicKey() | EllipticCurvePublicKey():
            return key
        case RSAPublicKey() if key.key_size >= MIN_RSA_BITS:
            return key
        case _:
            raise _unsupported(f"an {algorithm} key of {key.key_size} bits")


def _verify(key: SshPublicKey, namespace: bytes, message: bytes, blob: bytes) -> None:
    """PROTOCOL.sshsig, 2 and 3; raises ValueError (malformed or not for us) or InvalidSignature."""
    if len(blob) > MAX_BLOB or not blob.startswith(_MAGIC):
        raise ValueError
    wire, purpose, reserved, hash_name, signature = _strings(blob[len(_MAGIC) :])
    # OpenSSH skips `reserved` without checking that it was signed, and it may one day restrict what was meant.
    if wire != key.wire or purpose != namespace or not purpose or reserved:
        raise ValueError
    signed = b"SSHSIG" + b"".join(map(_string, (namespace, reserved, hash_name, _hashed(hash_name, message))))
    if key.algorithm.startswith("sk-"):
        application = _strings(wire)[-1]
        signature, signed = _by_security_key(application, signature, signed)
    name, value = _strings(signature)
    if name not in _SIGNATURE_ALGORITHMS[key.algorithm]:
        raise ValueError
    _verify_raw(key.underlying, name, value, signed)


def _verify_raw(key: "Key", name: bytes, signature: bytes, signed: bytes) -> None:
    """RFC 8709, 6 (Ed25519); RFC 5656, 3.1.2 (ECDSA); RFC 8332, 3 (RSA)."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    match key:
        case ed25519.Ed25519PublicKey():
            key.verify(signature, signed)
        case ec.EllipticCurvePublicKey():
            r, s = map(_integer, _strings(signature))
            p256 = isinstance(key.curve, ec.SECP256R1)
            key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256() if p256 else hashes.SHA384()))
        case _:
            rsa_hash = hashes.SHA256() if name == b"rsa-sha2-256" else hashes.SHA512()
            key.verify(signature, signed, padding.PKCS1v15(), rsa_hash)


def _by_security_key(application: bytes, signature: bytes, signed: bytes) -> tuple[bytes, bytes]:
    """Return the inner signature and what a FIDO key signs (OpenSSH PROTOCOL.u2f): the touch is part of it."""
    flags_and_counter = signature[-5:]
    if len(signature) < 5 or not flags_and_counter[0] & _USER_PRESENT:
        raise ValueError
    hashed = hashlib.sha256(signed).digest()
    return signature[:-5], hashlib.sha256(application).digest() + flags_and_counter + hashed


def _hashed(name: bytes, message: bytes) -> bytes:
    match name:
        case b"sha512":
            return hashlib.sha512(message).digest()
        case b"sha256":
            return hashlib.sha256(message).digest()
        case _:
            raise ValueError


def _strings(data: bytes) -> tuple[bytes, ...]:
    """Return the strings (RFC 4251, 5) that `data` is made of; raise ValueError if it is anything more or less."""
    strings, start = [], 0
    while start < len(data):
        begin = start + 4
        start = begin + int.from_bytes(data[start:begin], "big")
        if start > len(data):
            raise ValueError
        strings.append(data[begin:start])
    return tuple(strings)


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _integer(data: bytes) -> int:
    """Return an mpint (RFC 4251, 5) in its one shortest form; a negative one lacks the leading zero and is refused."""
    value = int.from_bytes(data, "big")
    if len(data) != value.bit_length() // 8 + 1:
        raise ValueError
    return value


def _decode_base64(text: str) -> bytes:
    """Return what `text` is the one canonical encoding of; raise ValueError if it is not."""
    data = base64.b64decode(text)
    if not data or base64.b64encode(data).decode("ascii") != text:
        raise ValueError
    return data


def _unreadable(found: str) -> InputError:
    wanted = "one line:  ssh-ed25519 BASE64 comment"
    return InputError("KEY", found=found, wanted=wanted, fix="copy the line of the .pub file, without options")


def _unsupported(found: str) -> InputError:
    types = ", ".join(_SIGNATURE_ALGORITHMS)
    wanted = f"{types} (RSA of {MIN_RSA_BITS} bits and more)"
    return InputError("SIG-ALG", found=found, wanted=wanted, fix="make a key with:  ssh-keygen -t ed25519")


def _not_armored(found: str) -> InputError:
    wanted = f"{_BEGIN.strip()}, base64 lines, {_END.strip()}"
    return InputError("ENC-B64", found=found, wanted=wanted, fix=f"sign again with:  ssh-keygen -Y sign -n {NAMESPACE}")


def _cannot_sign(found: str, fix: str) -> InputError:
    return InputError("SIGNER", found=found, wanted="an SSH key that can sign", fix=fix)
