"""Keys of practice zones: a published key, and the private key that signs for it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from attestations import dnskey

KSK_FLAGS, ZSK_FLAGS = 257, 256
Sign = Callable[[bytes], bytes]
"""Takes data, returns a signature in DNSSEC form. An HSM can stand behind it."""

_RSA_BITS = 2048


@dataclass(frozen=True, kw_only=True)
class PracticeKey:
    """A key to publish, and the private key that signs for it: normally, but not necessarily, its own."""

    rdata: bytes
    """DNSKEY RDATA, as attestations.dnskey.rdata makes it"""
    sign: Sign = field(repr=False)
    signs: bool = True
    """False: published only (stand-by)"""

    @property
    def tag(self) -> int:
        """The key tag, computed."""
        return dnskey.key_tag(self.rdata)

    @property
    def algorithm(self) -> int:
        """The algorithm number."""
        return self.rdata[3]

    @property
    def is_ksk(self) -> bool:
        """Whether it signs the DNSKEY RRset; others sign the rest."""
        return bool(self.rdata[1] & 1)


def new_key(flags: int, algorithm: int = dnskey.ECDSAP256SHA256) -> PracticeKey:
    """Return a fresh key pair of an algorithm in attestations.dnskey.NAMES, which signs deterministically."""
    public, sign = _MAKERS[algorithm](algorithm)
    return PracticeKey(rdata=dnskey.rdata(flags, 3, algorithm, public), sign=sign)


def _rsa(algorithm: int) -> tuple[bytes, Sign]:
    """RFC 3110, 2; RFC 5702."""
    private = rsa.generate_private_key(65537, _RSA_BITS)
    modulus = private.public_key().public_numbers().n.to_bytes(_RSA_BITS // 8, "big")
    hashed = SHA512() if algorithm == dnskey.RSASHA512 else SHA256()
    return b"\x03\x01\x00\x01" + modulus, lambda data: private.sign(data, padding.PKCS1v15(), hashed)


def _ecdsa(algorithm: int) -> tuple[bytes, Sign]:
    """RFC 6605, 4; RFC 6979."""
    is_small = algorithm == dnskey.ECDSAP256SHA256
    private = ec.generate_private_key(ec.SECP256R1() if is_small else ec.SECP384R1())
    point = private.public_key().public_numbers()
    scheme = ec.ECDSA(SHA256() if is_small else SHA384(), deterministic_signing=True)
    size = private.key_size // 8

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(data, scheme))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    return point.x.to_bytes(size, "big") + point.y.to_bytes(size, "big"), sign


def _eddsa(algorithm: int) -> tuple[bytes, Sign]:
    """RFC 8080, 3 and 4."""
    is_small = algorithm == dnskey.ED25519
    private = ed25519.Ed25519PrivateKey.generate() if is_small else ed448.Ed448PrivateKey.generate()
    return private.public_key().public_bytes_raw(), private.sign


_MAKERS: dict[int, Callable[[int], tuple[bytes, Sign]]] = {
    dnskey.RSASHA256: _rsa,
    dnskey.RSASHA512: _rsa,
    dnskey.ECDSAP256SHA256: _ecdsa,
    dnskey.ECDSAP384SHA384: _ecdsa,
    dnskey.ED25519: _eddsa,
    dnskey.ED448: _eddsa,
}
