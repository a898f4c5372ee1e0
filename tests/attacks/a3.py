"""A3 Threshold met by ONE key under two key ids."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from world.documents import pem
from world.keys import P256_ORDER, signer, zone_key
from world.registry import World

from attacks.model import Attack, Family, Side, allowed, denied
from attacks.signing import holder, holds, pem_of, signed_by, with_envelope

Envelope = dict[str, Any]
DER_FILE = "keys/hsm-lab.der"


def _repeated(change: Callable[[dict[str, Any]], Any]) -> World:
    """The drill that two holders must sign carries the first one's signature twice; `change` relabels the repeat."""

    def repeat(envelope: Envelope) -> None:
        envelope["signatures"][1] = dict(envelope["signatures"][0])
        change(envelope["signatures"][1])

    return with_envelope("halt.json", repeat)


def _without_key_ids(envelope: Envelope) -> None:
    for signature in envelope["signatures"]:
        del signature["keyid"]


def _one_signature(signer_name: str) -> World:
    return World().with_piece(
        "hsm.json", lambda piece: replace(piece, signers=(signer_name,), envelope_changes=(_without_key_ids,))
    )


def _p256_operations(second: Callable[[bytes], bytes]) -> World:
    """One holder has an ECDSA key and signs first; `second` makes the other signature."""

    def sign_twice(envelope: Envelope) -> None:
        signed_by(_ecdsa)(envelope)
        first = dict(envelope["signatures"][0])
        signed_by(second)(envelope)
        envelope["signatures"] = [first, dict(envelope["signatures"][0])]

    world = with_envelope("halt.json", sign_twice)
    first = pem_of(zone_key("operations").public_key())
    return world.with_document("trust", holds("operations", first, pem("operations-1"), pem("operations-2")))


def _ecdsa(data: bytes) -> bytes:
    return zone_key("operations").sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def _other_half(data: bytes) -> bytes:
    """For every ECDSA signature (r, s), (r, n - s) is one too: anybody can make it from the first."""
    r, s = decode_dss_signature(_ecdsa(data))
    return encode_dss_signature(r, P256_ORDER - s)


def _laboratory_with(key: dict[str, str] | str, files: dict[str, bytes] | None = None) -> World:
    """The laboratory has its key and a second one, two must sign, and both would be known by `key`."""

    def change(trust: dict[str, Any]) -> None:
        holder(trust, "hsm-lab")["keys"] = [pem("hsm-lab"), key]

    return replace(World().with_document("trust", change), texts=files or {})


def _in_file(name: str, content: bytes, key: str) -> World:
    return _laboratory_with({"file": name, "sha256": signer(key).public.fingerprint}, {name: content})


def _der(name: str) -> bytes:
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return signer(name).private.public_key().public_bytes(encoding, form)


def _points(second: str) -> World:
    """One P-256 key with its point written in full, and one that is compressed (SEC 1, 2.3.3)."""

    def change(trust: dict[str, Any]) -> None:
        holder(trust, "validator-ldns")["keys"] = [pem_of(zone_key("ldns").public_key()), _compressed(second)]

    return World().with_document("trust", change)


def _compressed(name: str) -> str:
    point = (
        zone_key(name)
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    )
    algorithm = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")  # id-ecPublicKey, prime256v1
    bits = b"\x03" + bytes([len(point) + 1]) + b"\x00" + point
    spki = b"\x30" + bytes([len(algorithm) + len(bits)]) + algorithm + bits
    body = base64.encodebytes(spki).decode("ascii").replace("\n", "")
    return f"-----BEGIN PUBLIC KEY-----\n{body[:64]}\n{body[64:]}\n-----END PUBLIC KEY-----\n"


def _people_share(ssh_key_of: str) -> World:
    """Alice's key stands as PEM; Dave's stands as an SSH line of the key called `ssh_key_of`."""
    line = (
        signer(ssh_key_of)
        .private.public_key()
        .public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    )

    def change(trust: dict[str, Any]) -> None:
        holder(trust, "dave").update(keys=[], ssh=[line.decode("ascii")])

    return World().with_document("trust", change)


def _unusable(world: World, code: str) -> Side:
    """The side whose trust root is refused: no case exists that could be signed off."""
    return denied(replace(world, signing_off=()), 2, code)


FAMILY = Family(
    id="A3",
    title="A label is not a key: two sign-offs or two signatures that are one key are one.",
    attacks=(
        Attack(
            variant="two-keyids",
            why="One signature stands twice, the second time under the key id of the other holder.",
            deny=denied(
                _repeated(lambda s: s.update(keyid=signer("operations-2").public.fingerprint)), 11, "SIG-THRESHOLD"
            ),
        ),
        Attack(
            variant="keyid-absent",
            why="The repeat carries no key id at all. Two signatures by two keys need none (DSSE).",
            deny=denied(_repeated(lambda s: s.pop("keyid")), 11, "SIG-THRESHOLD"),
            allow=allowed(with_envelope("halt.json", _without_key_ids)),
        ),
        Attack(
            variant="keyid-absent-threshold-1",
            why="Without a key id the trusted keys are tried: one that signed counts, one that nobody knows does not.",
            deny=denied(_one_signature("laptop"), 11, "SIG-UNTRUSTED"),
            allow=allowed(_one_signature("hsm-lab")),
        ),
        Attack(
            variant="hex-case-keyid",
            why="The repeat differs in the case of the hexadecimal key id.",
            deny=denied(_repeated(lambda s: s.update(keyid=s["keyid"].upper())), 11, "SIG-THRESHOLD"),
        ),
        Attack(
            variant="malleated-signature",
            why="The repeat is another signature by the same ECDSA key, computed without its private half.",
            deny=denied(_p256_operations(_other_half), 11, "SIG-THRESHOLD"),
            allow=allowed(_p256_operations(signer("operations-2").sign)),
        ),
        Attack(
            variant="pem-der-twin",
            why="The trust root holds one key as PEM and again as a DER file; only PEM is read.",
            deny=_unusable(_in_file(DER_FILE, _der("hsm-lab"), "hsm-lab"), "KEY"),
            allow=allowed(_in_file("keys/hsm-lab-2.pem", pem("hsm-lab-2").encode(), "hsm-lab-2")),
        ),
        Attack(
            variant="pem-file-twin",
            why="The trust root holds one key as PEM text and again as a PEM file that is wrapped otherwise.",
            deny=_unusable(
                _in_file("keys/hsm-lab-2.pem", pem("hsm-lab").replace("\n", "\r\n").encode(), "hsm-lab"), "POL-TRUST"
            ),
            allow=allowed(_in_file("keys/hsm-lab-2.pem", pem("hsm-lab-2").replace("\n", "\r\n").encode(), "hsm-lab-2")),
        ),
        Attack(
            variant="compressed-point-twin",
            why="The trust root holds one P-256 key with its point in full and again compressed: other bytes, one key.",
            deny=_unusable(_points("ldns"), "POL-TRUST"),
            allow=allowed(_points("ldns-2")),
        ),
        Attack(
            variant="pem-ssh-twin",
            why="One Ed25519 key stands as PEM for one person and as an SSH key for another.",
            deny=_unusable(_people_share("alice"), "POL-TRUST"),
            allow=allowed(_people_share("dave")),
        ),
        Attack(
            variant="key-listed-twice",
            why="The trust root names one key for two people.",
            deny=_unusable(World().with_document("trust", holds("dave", pem("alice"))), "POL-TRUST"),
            allow=allowed(World().with_document("trust", holds("dave", pem("dave-2")))),
        ),
    ),
)
