"""attestations.possession: a challenge belongs to one zone, one HSM and one request."""

import pytest

from attestations.dnskey import NAMES
from attestations.possession import RANDOM_BYTES, challenge, is_challenge_for

RANDOM = bytes(range(RANDOM_BYTES))
MADE = challenge("example.", "A1", "5f2c", RANDOM)


def test_a_challenge_is_one_for_its_own_zone_hsm_and_request() -> None:
    assert is_challenge_for(MADE, "example.", "A1", "5f2c")
    assert is_challenge_for(challenge("example.", "A1", None, RANDOM), "example.", "A1", None)


@pytest.mark.parametrize(
    ("zone", "serial", "nonce"),
    [("example.org.", "A1", "5f2c"), ("example.", "B7", "5f2c"), ("example.", "A1", "5f2d"), ("example.", "A1", None)],
)
def test_a_challenge_is_none_for_any_other(zone: str, serial: str, nonce: str | None) -> None:
    assert not is_challenge_for(MADE, zone, serial, nonce)


@pytest.mark.parametrize("data", [b"", MADE[:-1], MADE + b"\0", b"x" + MADE[1:]])
def test_a_challenge_has_exactly_its_length_and_prefix(data: bytes) -> None:
    assert not is_challenge_for(data, "example.", "A1", "5f2c")


@pytest.mark.parametrize("size", [0, RANDOM_BYTES - 1, RANDOM_BYTES + 1])
def test_a_challenge_takes_exactly_its_random_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="random bytes"):
        challenge("example.", "A1", None, bytes(size))


def test_a_signed_challenge_is_no_signature_over_an_rrset() -> None:
    """Signed data of an RRset begin with RRSIG RDATA, whose third octet is the algorithm (RFC 4034, 3.1.8.1)."""
    assert MADE[2] not in NAMES
