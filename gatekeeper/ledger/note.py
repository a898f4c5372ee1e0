"""C2SP signed notes (c2sp.org/signed-note) that hold a checkpoint (c2sp.org/tlog-checkpoint), signed with Ed25519."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from attestations.errors import InputError
from attestations.keys import PublicKey
from attestations.signers import Signer
from gatekeeper.ledger.refusal import KEEP_THE_FILE, refusal
from gatekeeper.ledger.tree import HASH_BYTES

ED25519 = b"\x01"
"""The signature type of Ed25519 (signed-note, "Signature types")."""

MAX_NOTE = 128 * 1024
"""Characters of a note: room for the 16 signatures that a reader must accept, the largest post-quantum ones too."""

MAX_ORIGIN = 255
KEY_ID_BYTES = 4
DECIMAL = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a log says of itself at one moment."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the note text: the three lines that are signed (tlog-checkpoint, "Note text")."""
        return f"{self.origin}\n{self.size}\n{encode(self.root)}\n"


@dataclass(frozen=True, kw_only=True)
class LogKey:
    """The key of one log. Its id only tells which signature lines to verify; it proves nothing."""

    origin: str
    key: PublicKey
    id: bytes


@dataclass(frozen=True, kw_only=True)
class SignatureLine:
    """One signature line of a note. Whose it really is, only verifying tells."""

    name: str
    key_id: bytes
    signature: bytes


def log_key(origin: str, key: PublicKey) -> LogKey:
    """Return the key under the log's name; raise InputError (LOG) for an origin or a key that cannot sign notes."""
    _check_origin(origin)
    identity = origin.encode() + b"\n" + ED25519 + _raw(key)
    return LogKey(origin=origin, key=key, id=hashlib.sha256(identity).digest()[:KEY_ID_BYTES])


def sign(checkpoint: Checkpoint, signer: Signer) -> str:
    """Return the signed note of `checkpoint`; raise InputError (LOG) if the signer's key is not Ed25519."""
    key = log_key(checkpoint.origin, ed25519_key(signer))
    signature = signer.sign(checkpoint.text().encode())
    return f"{checkpoint.text()}\n— {key.origin} {encode(key.id + signature)}\n"


def ed25519_key(signer: Signer) -> PublicKey:
    """Return the signer's public key; raise InputError (LOG) if it is not Ed25519."""
    if not isinstance(signer.public, PublicKey):
        raise _not_ed25519(type(signer.public).__name__)
    _raw(signer.public)
    return signer.public


def verify(note: str, key: LogKey) -> Checkpoint:
    """Return the checkpoint in a note that `key` signed; raise InputError (LOG) if it did not.

    Signatures by others are ignored (signed-note, "Signatures"): witnesses and key rotation rest on that.
    """
    checkpoint, lines = parse(note)
    if checkpoint.origin != key.origin:
        raise refusal(f"a checkpoint of the log {checkpoint.origin!a:.80}", wanted=f"one of the log {key.origin!a}")
    claimed = [line for line in lines if (line.name, line.key_id) == (key.origin, key.id)]
    signed = checkpoint.text().encode()
    if not claimed or not all(key.key.verifies(line.signature, signed) for line in claimed):
        raise refusal(
            f"a checkpoint of size {checkpoint.size} without a valid signature of the log's key",
            wanted=f"a signature by the key {key.key.fingerprint}",
            fix="check that this is the ledger's own key; if it is, " + KEEP_THE_FILE,
        )
    return checkpoint


def parse(note: str) -> tuple[Checkpoint, tuple[SignatureLine, ...]]:
    """Return what a note says and its signatures, none verified; raise InputError (LOG) if the note is malformed."""
    if len(note) > MAX_NOTE or any(character < " " and character != "\n" for character in note):
        raise _malformed("a note that is too long or holds control characters")
    text, _, signatures = note.rpartition("\n\n")
    if not signatures.endswith("\n"):
        raise _malformed("a note that does not end with lines of signatures")
    return _checkpoint(text.split("\n")), tuple(_signature_line(line) for line in signatures.split("\n")[:-1])


def encode(data: bytes) -> str:
    """Return the base64 form of `data` (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes of a base64 text; raise InputError (LOG) for anything but the one canonical form."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise _malformed(f"{text!a:.60} where base64 belongs") from None
    if encode(data) != text:
        raise _malformed(f"base64 with stray bits at its end: {text[-8:]!a}")
    return data


def decode_hash(text: str) -> bytes:
    """Return the hash in a base64 text; raise InputError (LOG) if it is not one SHA-256."""
    data = decode(text)
    if len(data) != HASH_BYTES:
        raise _malformed(f"a hash of {len(data)} bytes")
    return data


def _checkpoint(lines: list[str]) -> Checkpoint:
    # Extension lines are legal but nobody audits them (tlog-checkpoint): a place to hide things, so refused.
    if len(lines) != 3:
        raise _malformed(f"a checkpoint text of {len(lines)} lines; extension lines are not accepted")
    origin, size, root = lines
    _check_origin(origin)
    if not DECIMAL.fullmatch(size):
        raise _malformed(f"the tree size {size!a:.40}")
    return Checkpoint(origin=origin, size=int(size), root=decode_hash(root))


def _signature_line(line: str) -> SignatureLine:
    match line.split(" "):
        case ["—", name, signature] if _is_key_name(name):
            data = decode(signature)
            if len(data) > KEY_ID_BYTES:
                return SignatureLine(name=name, key_id=data[:KEY_ID_BYTES], signature=data[KEY_ID_BYTES:])
    raise _malformed(f"the signature line {line!a:.60}")


def _is_key_name(name: str) -> bool:
    return bool(name) and not any(character.isspace() or character == "+" for character in name)


def _check_origin(origin: str) -> None:
    if not _is_key_name(origin) or len(origin) > MAX_ORIGIN or not origin.isprintable():
        raise refusal(
            f"the log name {origin!a:.80}",
            wanted=f"at most {MAX_ORIGIN} characters without spaces and plus signs",
            fix="name the log like a URL without its scheme, such as log.registry.example/gatekeeper",
        )


def _raw(key: PublicKey) -> bytes:
    """Return the 32 bytes of an Ed25519 key (RFC 8032, section 5.1.5); raise InputError (LOG) for any other key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    loaded = load_pem_public_key(key.pem.encode("ascii"))
    if not isinstance(loaded, Ed25519PublicKey):
        raise _not_ed25519(key.scheme)
    return loaded.public_bytes_raw()


def _not_ed25519(found: str) -> InputError:
    return refusal(
        f"a key of the kind {found}",
        wanted="an Ed25519 key for the ledger",
        fix="make one with:  openssl genpkey -algorithm ed25519 -out ledger.pem",
    )


def _malformed(found: str) -> InputError:
    return refusal(
        found, wanted="a checkpoint as c2sp.org/tlog-checkpoint defines it", fix="get the file again from its source"
    )
