"""Keys and signatures of other kinds than the world's own, always the same bytes, for attacks on signatures."""

import base64
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from world.pieces import Change
from world.registry import World

from attestations.envelope import pre_authentication_encoding

# Two primes for a test key that is worth nothing; generating one anew would change every folder.
_P = int(
    "edc09cef676c3aa29a31249394bf641de202df5b2b6877045f3fcea70fa8f5367be181acb00161e277b8a00fb4773324"
    "847d80f7ddc7256c6591398f33c8bb4e4aae3c20fd312e032e06fa3a9903010c9da68386839e36170a0d9b2da077e604"
    "79a03937317b2a05876938f181260064c29e9b890cb961aa458e515279536d39",
    16,
)
_Q = int(
    "d079ee849c8b3302afe07d18e24cb083fbad9b62a913def30cd062a92a809b9838496c80136d494d2ec115c59d1879fc"
    "6418a6ee55c31f6b50d1a6c0f8de5c083032acd063f685366f47b64b5e8e868a0a82e6c9dd8d200e494266eee25f3792"
    "74f0689c60743f1faa6ef4044407ffad63208ef6d0e7b8d2dceae2714cc0acb1",
    16,
)
_E = 65537


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """Return the RSA key of the test laboratory, always the same."""
    d = pow(_E, -1, (_P - 1) * (_Q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p=_P,
        q=_Q,
        d=d,
        dmp1=d % (_P - 1),
        dmq1=d % (_Q - 1),
        iqmp=pow(_Q, -1, _P),
        public_numbers=rsa.RSAPublicNumbers(_E, _P * _Q),
    )
    return numbers.private_key()


def pem_of(key: PublicKeyTypes) -> str:
    """Return a public key as PEM text."""
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(encoding, form).decode("ascii")


def with_envelope(name: str, *changes: Change) -> World:
    """Return the base world with the envelope of one piece changed after it was signed."""
    return World().with_piece(name, lambda piece: replace(piece, envelope_changes=changes))


def signed_by(sign: Callable[[bytes], bytes]) -> Change:
    """Return the change that replaces the first signature of an envelope by what `sign` makes of the same bytes."""

    def change(envelope: dict[str, Any]) -> None:
        payload = base64.b64decode(envelope["payload"])
        made = sign(pre_authentication_encoding(envelope["payloadType"], payload))
        envelope["signatures"][0]["sig"] = base64.b64encode(made).decode("ascii")

    return change


def holds(name: str, *pems: str) -> Callable[[dict[str, Any]], None]:
    """Return the change of a trust root that gives the party or person `name` these keys."""

    def change(trust: dict[str, Any]) -> None:
        holder(trust, name)["keys"] = list(pems)

    return change


def holder(trust: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the record of the party or person called `name`."""
    found: dict[str, Any] = next(
        one for one in trust["spec"]["parties"] + trust["spec"]["people"] if one["name"] == name
    )
    return found
