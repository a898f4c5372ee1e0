"""The keys that a zone publishes, found by what they are: tag and algorithm only narrow the search."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from attestations import dnskey
from attestations.dnskey import Verifier
from attestations.errors import InputError
from attestations.predicates.zone_validation import ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.validation.verifiers import is_judged, verifier_of

MAX_KEYS_OF_ONE_TAG = 4
_HEAD = 4  # flags, protocol, algorithm
_ZONE_KEY, _REVOKED, _SEP, _PROTOCOL = 0x0100, 0x0080, 0x0001, 3
_REFUSED_FLAGS = 0xFE00
"""reserved ones, which validators must ignore (RFC 4034, 2.1.1) and do not: BIND expects more octets behind 0x1000,
Knot refuses all of them"""


@dataclass(frozen=True, kw_only=True)
class PublishedKey:
    """One DNSKEY record of the apex."""

    rdata: bytes = field(repr=False)
    fingerprint: str
    tag: int
    """recomputed from the RDATA"""
    algorithm: int
    flags: int
    verify: Verifier | None = field(repr=False, compare=False)
    """None: the algorithm is not judged here, or the key is malformed"""
    fault: str
    """what is wrong with a key that cannot verify; empty otherwise"""

    @property
    def public_key(self) -> bytes:
        """The key itself, in DNSKEY form."""
        return self.rdata[_HEAD:]

    @property
    def is_revoked(self) -> bool:
        """Whether the REVOKE bit is set (RFC 5011, 2.1)."""
        return bool(self.flags & _REVOKED)

    @property
    def is_ksk(self) -> bool:
        """Whether the key is marked as secure entry point: a hint to people, never decisive (RFC 4034, 2.1.1)."""
        return bool(self.flags & _SEP)

    @property
    def is_judged(self) -> bool:
        """Whether signatures of the key's algorithm are verified here at all."""
        return is_judged(self.algorithm)


@dataclass(frozen=True, kw_only=True)
class KeySet:
    """The zone keys of the apex DNSKEY RRset, by tag and algorithm."""

    keys: tuple[PublishedKey, ...]
    by_tag: Mapping[tuple[int, int], tuple[PublishedKey, ...]] = field(repr=False)

    @property
    def algorithms(self) -> tuple[int, ...]:
        """The algorithms that must sign every RRset (RFC 4035, 2.2)."""
        return tuple(sorted({key.algorithm for key in self.keys if not key.is_revoked}))

    def candidates(self, tag: int, algorithm: int) -> tuple[PublishedKey, ...]:
        """Return the keys that may have made a signature with this tag and algorithm."""
        return self.by_tag.get((tag, algorithm), ())

    def __reduce__(self) -> tuple[object, ...]:
        """Travel as RDATA: verifiers hold keys of a library that stay in their process."""
        return key_set, (tuple(key.rdata for key in self.keys),)


def key_set(rdatas: Iterable[bytes]) -> KeySet:
    """Return the zone keys (flag ZONE, protocol 3; RFC 4034, 2.1) among the RDATA of a DNSKEY RRset."""
    keys = tuple(
        _key(rdata) for rdata in rdatas if len(rdata) > _HEAD and rdata[0] & _ZONE_KEY >> 8 and rdata[2] == _PROTOCOL
    )
    by_tag: dict[tuple[int, int], tuple[PublishedKey, ...]] = defaultdict(tuple)
    for key in keys:
        by_tag[key.tag, key.algorithm] += (key,)
    return KeySet(keys=keys, by_tag=dict(by_tag))


def ignored_findings(zone: str, rdatas: Iterable[bytes]) -> Iterator[ZoneFinding]:
    """Yield what of a DNSKEY RRset is no zone key, so that nothing verifies with it (RFC 4034, 2.1)."""
    for rdata in (one for one in rdatas if len(one) > _HEAD):
        named = f"the DNSKEY record with tag {dnskey.key_tag(rdata)}, algorithm {rdata[3]}"
        if rdata[2] != _PROTOCOL:
            message = f"{named} has protocol {rdata[2]}; it must be {_PROTOCOL} (RFC 4034, 2.1.2)"
            yield finding("KEY_IGNORED", "warning", zone, "DNSKEY", message)
        if not rdata[0] & _ZONE_KEY >> 8:
            message = f"{named} has no ZONE flag: it is a key for something else (RFC 4034, 2.1.1)"
            yield finding("KEY_IGNORED", "warning", zone, "DNSKEY", message)


def key_findings(zone: str, keys: KeySet) -> Iterator[ZoneFinding]:
    """Yield what is wrong or remarkable about the published keys themselves."""
    for key in keys.keys:
        if key.fault and key.is_judged:
            message = f"the published key {key.tag} (algorithm {key.algorithm}) cannot be used: {key.fault}"
            yield finding("KEY_UNUSABLE", "error", zone, "DNSKEY", message)
        if reserved := key.flags & _REFUSED_FLAGS:
            message = (
                f"the published key {key.tag} (algorithm {key.algorithm}) has reserved flags, {reserved:#06x}: "
                "BIND or Knot refuses it (RFC 4034, 2.1.1)"
            )
            yield finding("KEY_UNUSABLE", "error", zone, "DNSKEY", message)
    for (tag, algorithm), count in Counter((key.tag, key.algorithm) for key in keys.keys).items():
        if count > MAX_KEYS_OF_ONE_TAG:
            message = f"{count} keys with tag {tag} and algorithm {algorithm}; at most {MAX_KEYS_OF_ONE_TAG} are tried"
            yield finding("DNS_BUDGET", "error", zone, "DNSKEY", message)
        elif count > 1:
            message = f"{count} published keys share tag {tag} and algorithm {algorithm}"
            yield finding("TAG_COLLISION", "warning", zone, "DNSKEY", message)


def _key(rdata: bytes) -> PublishedKey:
    verify, fault = _verifier(rdata)
    return PublishedKey(
        rdata=rdata,
        fingerprint=dnskey.fingerprint(rdata),
        tag=dnskey.key_tag(rdata),
        algorithm=rdata[3],
        flags=int.from_bytes(rdata[:2], "big"),
        verify=verify,
        fault=fault,
    )


def _verifier(rdata: bytes) -> tuple[Verifier | None, str]:
    try:
        return verifier_of(rdata[3], rdata[4:]), ""
    except InputError as error:
        return None, error.found
