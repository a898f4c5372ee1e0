"""What key forensics states: which private keys signed under which tag, for the predicate and the JSON document."""

from typing import Annotated

from msgspec import Meta

from attestations.predicates.zone_validation import SigningKey
from attestations.records import Count, JsonRecord, Name

Tag = Annotated[int, Meta(ge=0, le=65535)]
Algorithm = Annotated[int, Meta(ge=0, le=255)]


class Unattributed(JsonRecord, frozen=True, kw_only=True):
    """Signatures that fail and for which no key was found: damaged, or the only one of their key, or EdDSA."""

    tag: Tag
    algorithm: Algorithm
    signatures: Count
    owners: tuple[Name, ...] = ()


class Forensics(JsonRecord, frozen=True, kw_only=True):
    """The keys behind the signatures that were looked at."""

    signatures: Count
    """looked at"""
    complete: bool
    """whether those are all of the zone"""
    keys: tuple[SigningKey, ...]
    """by tag and algorithm, published ones first"""
    unattributed: tuple[Unattributed, ...]

    @property
    def tags(self) -> tuple[tuple[int, int], ...]:
        """The tags and algorithms that signatures name."""
        known = {(key.tag, key.algorithm) for key in self.keys}
        return tuple(sorted(known | {(one.tag, one.algorithm) for one in self.unattributed}))

    def keys_under(self, tag: int, algorithm: int) -> tuple[SigningKey, ...]:
        """Return the keys that signed under one tag."""
        return tuple(key for key in self.keys if (key.tag, key.algorithm) == (tag, algorithm))

    def unattributed_under(self, tag: int, algorithm: int) -> int:
        """Return how many signatures under one tag have no known key."""
        return sum(one.signatures for one in self.unattributed if (one.tag, one.algorithm) == (tag, algorithm))
