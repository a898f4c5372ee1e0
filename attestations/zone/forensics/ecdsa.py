"""The public keys that can have made an ECDSA signature (SEC 1 v2, 4.1.6), for algorithms 13 and 14.

Two are possible for each signature. One of them is the true one, the other looks random; so a key that is possible
for two signatures over different data did make both.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    SECP384R1,
    EllipticCurve,
    EllipticCurvePublicKey,
    derive_private_key,
)

from attestations.dnskey import ECDSAP256SHA256, ECDSAP384SHA384


@dataclass(frozen=True, kw_only=True)
class _Curve:
    curve: EllipticCurve
    field: int
    order: int
    size: int
    """octets of a coordinate"""
    hash: str


_CURVES: Mapping[int, _Curve] = MappingProxyType(
    {  # SEC 2 v2, 2.4.2 and 2.5.1
        ECDSAP256SHA256: _Curve(
            curve=SECP256R1(),
            field=2**256 - 2**224 + 2**192 + 2**96 - 1,
            order=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
            size=32,
            hash="sha256",
        ),
        ECDSAP384SHA384: _Curve(
            curve=SECP384R1(),
            field=2**384 - 2**128 - 2**96 + 2**32 - 1,
            order=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
            size=48,
            hash="sha384",
        ),
    }
)
ALGORITHMS = frozenset(_CURVES)


def possible_keys(algorithm: int, signature: bytes, data: bytes) -> tuple[bytes, ...]:
    """Return the public keys, in DNSKEY form (RFC 6605, 4), under which `signature` over `data` verifies.

    Normally two; none for octets that no key can have signed with. R of more than the order is ignored (2^-128).
    """
    curve = _CURVES[algorithm]
    digest = int.from_bytes(hashlib.new(curve.hash, data).digest(), "big")
    r, s = int.from_bytes(signature[: curve.size], "big"), int.from_bytes(signature[curve.size :], "big")
    if len(signature) != 2 * curve.size or not (0 < r < curve.order and 0 < s < curve.order):
        return ()
    if digest % curve.order == 0:
        return ()
    return _recovered(curve, r, s, digest)


def identity(algorithm: int, signature: bytes) -> bytes:
    """Return r: (r, s) and (r, -s) have the same possible keys, so both together prove no more than one."""
    return signature[: _CURVES[algorithm].size]


def _recovered(curve: _Curve, r: int, s: int, digest: int) -> tuple[bytes, ...]:
    # Q = (s/r) R - (e/r) G for both points R with abscissa r. OpenSSL multiplies: ECDH gives the abscissa of the
    # first product, a private key's public half is the second. 0.2 ms on P-256, a third of windowed gmpy2 integers.
    inverse = pow(r, -1, curve.order)
    try:
        point = _with_abscissa(curve, r.to_bytes(curve.size, "big"))
    except ValueError:
        return ()
    abscissa = derive_private_key(s * inverse % curve.order, curve.curve).exchange(ECDH(), point)
    first = _numbers(_with_abscissa(curve, abscissa))
    second = _numbers(derive_private_key(-digest * inverse % curve.order, curve.curve).public_key())
    if first[0] == second[0]:
        return ()
    return tuple(_sum(curve, (first[0], y), second) for y in (first[1], curve.field - first[1]))


def _with_abscissa(curve: _Curve, x: bytes) -> EllipticCurvePublicKey:
    return EllipticCurvePublicKey.from_encoded_point(curve.curve, b"\x02" + x)


def _numbers(key: EllipticCurvePublicKey) -> tuple[int, int]:
    point = key.public_numbers()
    return point.x, point.y


def _sum(curve: _Curve, first: tuple[int, int], second: tuple[int, int]) -> bytes:
    """Return the sum of two points with different abscissas, as X | Y."""
    slope = (second[1] - first[1]) * pow(second[0] - first[0], -1, curve.field) % curve.field
    x = (slope * slope - first[0] - second[0]) % curve.field
    y = (slope * (first[0] - x) - first[1]) % curve.field
    return x.to_bytes(curve.size, "big") + y.to_bytes(curve.size, "big")
