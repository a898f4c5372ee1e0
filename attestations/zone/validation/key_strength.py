"""Published keys that are too weak, or whose private half anybody can compute."""

from collections.abc import Collection, Iterator
from functools import cache
from math import gcd, isqrt, prod

from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.validation.published import PublishedKey
from attestations.zone.validation.rsa_key import ALGORITHMS, RsaNumbers, rsa_numbers

MIN_RSA_BITS = 2048
"""NIST SP 800-57, part 1, 5.6.1: 112 bits of security. Below 1024 a key is not used at all (attestations.dnskey)."""
MIN_EXPONENT = 65537
"""NIST SP 800-56B, 6.2. With 3, one fault in a validator's padding check is enough to forge (CVE-2006-4339)."""

_LARGEST_TRIAL = 1 << 16
_FERMAT_STEPS = 100  # keys of CVE-2022-26320 fall in the first; a sound key never
_ROCA_PRIMES_TO = 167
_ROCA_BASE = 65537


def strength_findings(
    zone: str, keys: Collection[PublishedKey], previous: Collection[PublishedKey] = ()
) -> Iterator[ZoneFinding]:
    """Yield what is weak or broken about the RSA keys of a zone, `previous` being keys of its version before.

    Points of elliptic curves are checked where the key is read: one that is not on its curve is unusable.
    """
    numbers = {key: found for key in (*keys, *previous) if (found := _numbers(key)) is not None}
    moduli = frozenset(found.modulus for found in numbers.values())
    for key in keys:
        if key in numbers:
            for broken in _broken(numbers[key], moduli):
                yield finding("KEY_BROKEN", "error", zone, "DNSKEY", f"{_described(key)}: {broken}")
            for weak in _weak(numbers[key]):
                yield finding("KEY_WEAK", "warning", zone, "DNSKEY", f"{_described(key)} {weak}")


def has_roca_mark(modulus: int) -> bool:
    """Return whether a modulus carries the mark of the flawed key generator of CVE-2017-15361 (ROCA).

    Its primes are powers of 65537 modulo the product of the first primes, so its moduli are too: no other modulus is,
    but for one in 2^80 (Nemec and others, "The Return of Coppersmith's Attack", 2017, 2.2 and 5.1). The discrete
    logarithm exists if it exists for each prime power of the group's order (Pohlig and Hellman).
    """
    product, order, powers = _roca_group()
    return all(_is_power(modulus, order // power, power, product) for power in powers)


def _numbers(key: PublishedKey) -> RsaNumbers | None:
    """Return the numbers of a key that is usable; of others it is said elsewhere that they are not."""
    if key.algorithm not in ALGORITHMS or key.verify is None:
        return None
    return rsa_numbers(key.rdata[4:])


def _broken(key: RsaNumbers, moduli: Collection[int]) -> Iterator[str]:
    """Yield each way in which the private key can be computed from what is published."""
    if (factor := gcd(key.modulus, _product_of_small_primes())) > 1:
        yield f"its modulus has the small factor {_smallest(factor)}"
    others = prod(other for other in moduli if other != key.modulus)
    if (shared := gcd(key.modulus, others % key.modulus)) > 1:
        yield f"its modulus shares a factor of {shared.bit_length()} bits with that of another key"
    if _has_close_factors(key.modulus):
        yield "the two factors of its modulus are close to each other (Fermat's factorization)"
    if has_roca_mark(key.modulus):
        yield "its modulus carries the mark of CVE-2017-15361 (ROCA)"


def _weak(key: RsaNumbers) -> Iterator[str]:
    if key.bits < MIN_RSA_BITS:
        yield f"has {key.bits} bits; RSA keys want {MIN_RSA_BITS} or more"
    if key.exponent < MIN_EXPONENT:
        yield f"has the exponent {key.exponent}; RSA keys want {MIN_EXPONENT}"


def _described(key: PublishedKey) -> str:
    return f"the RSA key {key.tag} (algorithm {key.algorithm})"


def _has_close_factors(modulus: int) -> bool:
    mean = isqrt(modulus - 1) + 1
    for step in range(_FERMAT_STEPS):
        square = (mean + step) ** 2 - modulus
        if isqrt(square) ** 2 == square:
            return True
    return False


def _primes_to(limit: int) -> list[int]:
    is_prime = bytearray([1]) * (limit + 1)
    for number in range(2, isqrt(limit) + 1):
        if is_prime[number]:
            is_prime[number * number :: number] = bytes(len(range(number * number, limit + 1, number)))
    return [number for number in range(2, limit + 1) if is_prime[number]]


@cache
def _product_of_small_primes() -> int:
    return prod(_primes_to(_LARGEST_TRIAL))


def _smallest(number: int) -> int:
    return next(prime for prime in _primes_to(_LARGEST_TRIAL) if number % prime == 0)


@cache
def _roca_group() -> tuple[int, int, tuple[int, ...]]:
    """Return the product of the primes to 167, the order of 65537 modulo it, and the prime powers in that order."""
    primes = _primes_to(_ROCA_PRIMES_TO)
    product = prod(primes)
    order = prod(prime - 1 for prime in primes)
    for prime in primes:
        while order % prime == 0 and pow(_ROCA_BASE, order // prime, product) == 1:
            order //= prime
    powers = []
    for prime in primes:
        power = 1
        while order % (power * prime) == 0:
            power *= prime
        powers.append(power)
    return product, order, tuple(power for power in powers if power > 1)


def _is_power(element: int, cofactor: int, power: int, product: int) -> bool:
    """Return whether the part of `element` of order `power` is a power of that part of the base."""
    wanted, base = pow(element, cofactor, product), pow(_ROCA_BASE, cofactor, product)
    reached = 1
    for _ in range(power):
        if reached == wanted:
            return True
        reached = reached * base % product
    return False
