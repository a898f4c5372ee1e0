"""Which key made each signature that no published key verifies."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from attestations import dnskey
from attestations.errors import InputError
from attestations.zone.forensics import ecdsa, rsa
from attestations.zone.forensics.gathering import Observed

MAX_SUSPECTS = 32
"""known keys of one algorithm that each signature is tried against"""
MAX_RSA_KEYS = 8
"""searched for"""

Keys = dict[Observed, bytes]
"""The public key, in DNSKEY form, of each signature that is attributed."""


def keys_of(failing: Sequence[Observed], suspects: Mapping[int, Collection[bytes]], search: rsa.Search | None) -> Keys:
    """Return the key behind each signature for which one is found.

    `suspects` are public keys by algorithm, `search` says how long RSA keys that are not among them are looked for
    (None: not at all). Raises InputError (USAGE): an RSA search without gmpy2.
    """
    by_algorithm: defaultdict[int, list[Observed]] = defaultdict(list)
    for one in failing:
        by_algorithm[one.rrsig.algorithm].append(one)
    found: Keys = {}
    for algorithm, observed in sorted(by_algorithm.items()):
        usual = sorted(suspects.get(algorithm, ()))[:MAX_SUSPECTS]
        if algorithm in ecdsa.ALGORITHMS:
            found |= _recovered(algorithm, observed, usual)
            continue
        found |= _tried(algorithm, observed, usual)
        if search is not None and algorithm in rsa.ALGORITHMS:
            rest = [one for one in observed if one not in found]
            found |= _searched(algorithm, rest, usual, search)
    return found


def _recovered(algorithm: int, observed: Sequence[Observed], suspects: Collection[bytes]) -> Keys:
    """ECDSA: a possible key that is known, or possible for two signatures, is the one."""
    possible = {one: ecdsa.possible_keys(algorithm, one.rrsig.signature, one.data) for one in observed}
    distinct = {(one.data, ecdsa.identity(algorithm, one.rrsig.signature)): keys for one, keys in possible.items()}
    seen = Counter(key for keys in distinct.values() for key in keys)
    return {one: key for one, keys in possible.items() for key in keys if key in suspects or seen[key] > 1}


def _tried(algorithm: int, observed: Sequence[Observed], suspects: Collection[bytes]) -> Keys:
    verifiers = dict(_verifiers(algorithm, suspects))
    return {one: key for one in observed for key, verify in verifiers.items() if verify(one.rrsig.signature, one.data)}


def _verifiers(algorithm: int, keys: Collection[bytes]) -> Iterator[tuple[bytes, dnskey.Verifier]]:
    for key in keys:
        try:
            yield key, dnskey.public_key_of(algorithm, key)
        except InputError:  # a key that cannot verify has not signed either, as far as anybody can tell
            continue


def _searched(algorithm: int, observed: Sequence[Observed], suspects: Collection[bytes], search: rsa.Search) -> Keys:
    rest = {one: rsa.Signed(signature=one.rrsig.signature, data=one.data) for one in observed}
    exponents = [rsa.exponent_of(key) for key in suspects]
    found: Keys = {}
    for _ in range(MAX_RSA_KEYS):
        key = rsa.public_key_of(algorithm, tuple(rest.values()), exponents, search)
        if key is None:
            break
        by_it = [one for one, signed in rest.items() if rsa.made_by(algorithm, key, signed)]
        found |= dict.fromkeys(by_it, key)
        rest = {one: signed for one, signed in rest.items() if one not in found}
    return found
