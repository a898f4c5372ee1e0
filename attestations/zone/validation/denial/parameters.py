"""Parameters of NSEC3 chains: what NSEC3PARAM announces, and the hash they define (RFC 5155, 3 to 5)."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha1

MAX_ITERATIONS = 150
"""beyond it resolvers treat the zone as insecure (BIND, Unbound, RFC 9276 3.2); nothing is hashed"""
MAX_CHAINS = 4
SHA1, HASH_SIZE = 1, 20
_LABEL_LENGTH = 32  # of a hash in base32hex


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Hash algorithm, iterations and salt of one chain."""

    algorithm: int
    iterations: int
    salt: bytes

    @property
    def is_hashed(self) -> bool:
        """Whether names are hashed here at all: SHA-1, and not too often."""
        return self.algorithm == SHA1 and self.iterations <= MAX_ITERATIONS

    def hash(self, name: bytes) -> bytes:
        """Return the hash of a name in lower-case wire form (RFC 5155, 5)."""
        salt = self.salt
        digest = sha1(name + salt, usedforsecurity=False).digest()
        for _ in range(self.iterations):
            digest = sha1(digest + salt, usedforsecurity=False).digest()
        return digest

    def __str__(self) -> str:
        return f"algorithm {self.algorithm}, {self.iterations} iterations, salt {self.salt.hex() or '-'}"


def parameters_in(rdata: bytes) -> Parameters:
    """Return the parameters in the RDATA of an NSEC3 or NSEC3PARAM record, which begin alike (RFC 5155, 3.2)."""
    return Parameters(algorithm=rdata[0], iterations=int.from_bytes(rdata[2:4], "big"), salt=rdata[5 : 5 + rdata[4]])


def announced(nsec3params: Iterable[bytes]) -> tuple[Parameters, ...]:
    """Return what the RDATAs of the apex NSEC3PARAM records announce; those with flags only if there are no others."""
    rdatas = tuple(nsec3params)
    return tuple(parameters_in(one) for one in rdatas if one[1] == 0) or tuple(map(parameters_in, rdatas))


def checked(wanted: Iterable[Parameters]) -> tuple[Parameters, ...]:
    """Return those of the announced chains whose names are hashed; none if more are announced than MAX_CHAINS."""
    chains = tuple(wanted)
    return tuple(chain for chain in chains if chain.is_hashed) if len(chains) <= MAX_CHAINS else ()


def hash_in(label: bytes) -> bytes | None:
    """Return the hash that the first label of an NSEC3 owner holds; None if it holds none (RFC 5155, 3)."""
    if len(label) != _LABEL_LENGTH:
        return None
    try:
        hashed = base64.b32hexdecode(label.upper())
    except (binascii.Error, ValueError):
        return None
    return hashed if len(hashed) == HASH_SIZE else None


def hashed_owner(hashed: bytes, apex: str) -> str:
    """Return the owner of the NSEC3 record for a hash, in presentation form (RFC 5155, 3)."""
    label = base64.b32hexencode(hashed).decode("ascii").lower()
    return f"{label}." if apex == "." else f"{label}.{apex}"
