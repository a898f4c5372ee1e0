"""A7 Algorithm and key-type confusion."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from world.keys import signer, zone_key
from world.registry import World

from attacks.model import Attack, Family, allowed, denied
from attacks.signing import holds, pem_of, rsa_key, signed_by, with_envelope

ED25519 = bytes.fromhex("300506032b6570")  # AlgorithmIdentifier of Ed25519 (RFC 8410, 3)


def _rsa(sign: Callable[[bytes], bytes]) -> World:
    return _laboratory(pem_of(rsa_key().public_key()), sign)


def _p256(sign: Callable[[bytes], bytes]) -> World:
    return _laboratory(pem_of(zone_key("hsm-lab").public_key()), sign)


def _laboratory(pem: str, sign: Callable[[bytes], bytes]) -> World:
    return with_envelope("hsm.json", signed_by(sign)).with_document("trust", holds("hsm-lab", pem))


def _pss(data: bytes) -> bytes:
    """PSS without salt: the same bytes in every run."""
    return rsa_key().sign(data, padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=0), hashes.SHA256())


def _pss_sha1(data: bytes) -> bytes:
    return rsa_key().sign(data, padding.PSS(mgf=padding.MGF1(hashes.SHA1()), salt_length=0), hashes.SHA1())  # noqa: S303


def _pkcs1v15(data: bytes) -> bytes:
    return rsa_key().sign(data, padding.PKCS1v15(), hashes.SHA256())


def _ecdsa(algorithm: hashes.HashAlgorithm) -> Callable[[bytes], bytes]:
    return lambda data: zone_key("hsm-lab").sign(data, ec.ECDSA(algorithm, deterministic_signing=True))


def _trailing(data: bytes) -> bytes:
    return _ecdsa(hashes.SHA256())(data) + b"\0"


def _long_form_length(data: bytes) -> bytes:
    """The same values in BER: the length in two octets where DER wants one."""
    der = _ecdsa(hashes.SHA256())(data)
    return der[:1] + b"\x81" + der[1:]


def _labelled_ed25519() -> str:
    """The RSA key's bits under the AlgorithmIdentifier of Ed25519."""
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.PKCS1
    bits = rsa_key().public_key().public_bytes(encoding, form)
    string = b"\x03\x82" + (len(bits) + 1).to_bytes(2, "big") + b"\0" + bits
    body = ED25519 + string
    spki = b"\x30\x82" + len(body).to_bytes(2, "big") + body
    text = base64.encodebytes(spki).decode("ascii")
    return f"-----BEGIN PUBLIC KEY-----\n{text}-----END PUBLIC KEY-----\n"


def _claims(envelope: dict[str, Any]) -> None:
    """Members that DSSE does not know must be ignored (envelope.md, Parsing rules)."""
    envelope["signatures"][0].update(scheme="none", keyid=signer("ci-builder").public.fingerprint)


def _refused(variant: str, why: str, deny: World, allow: World) -> Attack:
    return Attack(variant=variant, why=why, deny=denied(deny, 11, "SIG-UNTRUSTED"), allow=allowed(allow))


_SOUND_RSA = _rsa(_pss)
_SOUND_P256 = _p256(_ecdsa(hashes.SHA256()))

FAMILY = Family(
    id="A7",
    title="The trusted key fixes the algorithm, never the message; a signature in another one is by no trusted key.",
    attacks=(
        Attack(
            variant="rsa-key-ed25519-scheme",
            why="The trust root holds an RSA key that is labelled Ed25519.",
            deny=denied(replace(_laboratory(_labelled_ed25519(), _pss), signing_off=()), 2, "KEY"),
            allow=allowed(_SOUND_RSA),
        ),
        _refused(
            "pkcs1v15-vs-pss", "An RSA signature by PKCS#1 v1.5, where PSS is wanted.", _rsa(_pkcs1v15), _SOUND_RSA
        ),
        _refused(
            "p256-under-p384",
            "The P-256 key signed over SHA-384, as the P-384 scheme does.",
            _p256(_ecdsa(hashes.SHA384())),
            _SOUND_P256,
        ),
        _refused("der-trailing-bytes", "A byte follows the DER of the ECDSA signature.", _p256(_trailing), _SOUND_P256),
        _refused(
            "ber-length",
            "The ECDSA signature in BER with a longer length: other bytes, same values.",
            _p256(_long_form_length),
            _SOUND_P256,
        ),
        _refused("sha1-digest", "The P-256 key signed over SHA-1.", _p256(_ecdsa(hashes.SHA1())), _SOUND_P256),  # noqa: S303
        _refused("sha1-digest-rsa", "The RSA key signed over SHA-1.", _rsa(_pss_sha1), _SOUND_RSA),
        Attack(
            variant="scheme-in-envelope",
            why="The envelope names the scheme `none` and another party's key. Both are ignored.",
            deny=denied(with_envelope("hsm.json", signed_by(lambda _: b"\0" * 64), _claims), 11, "SIG-UNTRUSTED"),
            allow=allowed(with_envelope("hsm.json", _claims)),
        ),
    ),
)
