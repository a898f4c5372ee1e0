"""Which private keys really signed, which of them are published, and which HSM holds them (INC-01)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from attestations import dnskey
from attestations.predicates.zone_validation import SigningKey
from attestations.zone.forensics.gathering import Observed, gather
from attestations.zone.forensics.recovery import Keys, keys_of
from attestations.zone.forensics.rsa import Search
from attestations.zone.forensics.signing_keys import Forensics, Unattributed
from attestations.zone.reading.flat import Zone
from attestations.zone.reading.names import text_name
from attestations.zone.validation.apex import Apex
from attestations.zone.validation.published import KeySet

_OWNERS = 3
_FLAGS = (256, 257)


@dataclass(frozen=True, kw_only=True)
class KnownKey:
    """A public key that somebody shows, and who: an HSM by its name."""

    name: str
    algorithm: int
    public_key: bytes = field(repr=False)
    """in DNSKEY form (RFC 4034, 2.1.4)"""


def signers_of(
    zone: Zone,
    apex: Apex,
    *,
    known: Sequence[KnownKey] = (),
    owners: Collection[str] = (),
    limit: int = 2000,
    rsa_search: Search | None = None,
) -> Forensics:
    """Return the private keys behind the zone's signatures: all of a small zone, a bounded number of a large one.

    At most `limit` signatures that no published key verifies are attributed. ECDSA keys are recovered from two
    signatures each; RSA keys only with `rsa_search`, which takes minutes; EdDSA keys must be published or `known`.
    `owners` are names at which signatures are known to fail. Says nothing about validity: expired signatures count.
    The records of an owner must stand together, as in the file that validation rewrites where they do not.
    Raises InputError (USAGE): an RSA search without gmpy2.
    """
    gathered = gather(zone, apex, limit, owners)
    failing = [one for one in gathered.observed if one.key is None]
    found = keys_of(failing, _suspects(apex.keys, known), rsa_search)
    verified: Keys = {one: one.key.rdata[4:] for one in gathered.observed if one.key is not None}
    return Forensics(
        signatures=len(gathered.observed),
        complete=gathered.is_complete,
        keys=tuple(_signing_keys(verified | found, apex.keys, known)),
        unattributed=tuple(_unattributed(one for one in failing if one not in found)),
    )


def _suspects(published: KeySet, known: Iterable[KnownKey]) -> Mapping[int, Collection[bytes]]:
    """Return the keys that may have signed under a tag that is not theirs, by algorithm."""
    suspects: defaultdict[int, set[bytes]] = defaultdict(set)
    for key in published.keys:
        suspects[key.algorithm].add(key.rdata[4:])
    for one in known:
        suspects[one.algorithm].add(one.public_key)
    return suspects


def _signing_keys(keys: Keys, published: KeySet, known: Sequence[KnownKey]) -> Iterator[SigningKey]:
    """Yield the keys by tag and algorithm; published ones first, then those with most signatures."""
    signatures: defaultdict[tuple[int, int, bytes], list[Observed]] = defaultdict(list)
    for one, public_key in keys.items():
        signatures[one.rrsig.key_tag, one.rrsig.algorithm, public_key].append(one)
    rows = [_signing_key(*key, made, published, known) for key, made in signatures.items()]
    yield from sorted(
        rows, key=lambda row: (row.tag, row.algorithm, not row.published, -row.signatures, row.fingerprint)
    )


def _signing_key(
    tag: int,
    algorithm: int,
    public_key: bytes,
    made: Sequence[Observed],
    published: KeySet,
    known: Sequence[KnownKey],
) -> SigningKey:
    own = [key for key in published.keys if (key.algorithm, key.rdata[4:]) == (algorithm, public_key)]
    rdata = own[0].rdata if own else _rdata(tag, algorithm, public_key, published)
    return SigningKey(
        tag=tag,
        algorithm=algorithm,
        real_tag=dnskey.key_tag(rdata),
        fingerprint=dnskey.fingerprint(rdata),
        published=bool(own),
        signatures=len(made),
        held_by=tuple(
            sorted({one.name for one in known if (one.algorithm, one.public_key) == (algorithm, public_key)})
        ),
        owners=_owners(made),
    )


def _rdata(tag: int, algorithm: int, public_key: bytes, published: KeySet) -> bytes:
    """Return DNSKEY RDATA with the flags that the published key of the tag has, or that give the key this tag."""
    candidates = published.candidates(tag, algorithm)
    flags = tuple(key.flags for key in candidates) or _FLAGS
    possible = [dnskey.rdata(one, 3, algorithm, public_key) for one in flags]
    return next((rdata for rdata in possible if dnskey.key_tag(rdata) == tag), possible[0])


def _unattributed(rest: Iterable[Observed]) -> Iterator[Unattributed]:
    by_tag: defaultdict[tuple[int, int], list[Observed]] = defaultdict(list)
    for one in rest:
        by_tag[one.rrsig.key_tag, one.rrsig.algorithm].append(one)
    for (tag, algorithm), signatures in sorted(by_tag.items()):
        yield Unattributed(tag=tag, algorithm=algorithm, signatures=len(signatures), owners=_owners(signatures))


def _owners(signatures: Sequence[Observed]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text_name(one.owner)[:256] for one in signatures))[:_OWNERS]
