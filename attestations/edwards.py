"""EdDSA public keys that anybody can sign for: libraries take them, nothing here does (RFC 8032; threat A3)."""

WEAK_ED25519 = "an Ed25519 key that anybody can sign for (of small order), or not in its one encoding"
"""how such a key is called where it is refused"""

_PRIME_25519 = 2**255 - 19
_OF_ORDER_EIGHT = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_25519 = frozenset({0, 1, _PRIME_25519 - 1, _OF_ORDER_EIGHT, _PRIME_25519 - _OF_ORDER_EIGHT})
"""y of the eight points of edwards25519 whose order divides eight (RFC 8032, 5.1: the cofactor)"""

_PRIME_448 = 2**448 - 2**224 - 1
_SMALL_448 = frozenset({0, 1, _PRIME_448 - 1})
"""y of the four points of edwards448 whose order divides four (RFC 8032, 5.2: the cofactor)"""


def is_weak_ed25519(raw: bytes) -> bool:
    """Return whether 32 bytes are an Ed25519 key that anybody can sign for, or a second encoding of one.

    OpenSSL takes all of them. Under a key of small order one signature fits every eighth message or more, and nobody
    needs a private key to write it. A y of the field's prime or more is another key's y once again, under another
    fingerprint (RFC 8032, 5.1.3).
    """
    y = int.from_bytes(raw, "little") & ((1 << 255) - 1)
    return y >= _PRIME_25519 or y in _SMALL_25519


def is_weak_ed448(raw: bytes) -> bool:
    """Return the same of 57 bytes and Ed448 (RFC 8032, 5.2.3)."""
    y = int.from_bytes(raw, "little") & ((1 << 455) - 1)
    return y >= _PRIME_448 or y in _SMALL_448
