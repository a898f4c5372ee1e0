"""The two numbers of an RSA key, as DNSKEY records carry them (RFC 3110, 2)."""

from dataclasses import dataclass, field

ALGORITHMS = frozenset({1, 5, 7, 8, 10})
"""DNSSEC algorithms whose keys are RSA keys"""


@dataclass(frozen=True, kw_only=True)
class RsaNumbers:
    """A public RSA key."""

    exponent: int
    modulus: int = field(repr=False)

    @property
    def bits(self) -> int:
        """The size of the modulus."""
        return self.modulus.bit_length()


def rsa_numbers(public_key: bytes) -> RsaNumbers:
    """Return exponent and modulus of a public key in DNSKEY form; raise ValueError if it does not hold both."""
    size, start = (public_key[0], 1) if public_key[:1] != b"\0" else (int.from_bytes(public_key[1:3], "big"), 3)
    exponent, modulus = public_key[start : start + size], public_key[start + size :]
    if not exponent or not modulus:
        raise ValueError("an RSA key without exponent or modulus")
    return RsaNumbers(exponent=int.from_bytes(exponent, "big"), modulus=int.from_bytes(modulus, "big"))
