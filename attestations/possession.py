"""The challenge by which an HSM shows that it holds a private key: made by the probe, checked by the gate."""

PREFIX = b"signer-gatekeeper hsm challenge v1\n"
"""Read as the RDATA of an RRSIG (RFC 4034, 3.1) this is algorithm 103: no signature over it is one over an RRset."""

RANDOM_BYTES = 32


def challenge(zone: str, serial: str, nonce: str | None, random: bytes) -> bytes:
    """Return what the HSM with `serial` is to sign for `zone`; `nonce` is the request's, `random` is fresh."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a challenge takes {RANDOM_BYTES} random bytes, not {len(random)}")
    return _head(zone, serial, nonce) + random


def is_challenge_for(data: bytes, zone: str, serial: str, nonce: str | None) -> bool:
    """Return whether `data` is a challenge for this zone, HSM and request, and for no other."""
    head = _head(zone, serial, nonce)
    return data.startswith(head) and len(data) == len(head) + RANDOM_BYTES


def _head(zone: str, serial: str, nonce: str | None) -> bytes:
    return PREFIX + "".join(f"{field}\n" for field in (zone, nonce or "-", serial)).encode()
