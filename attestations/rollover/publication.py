"""Whether keys that an agent says to have published, or withdrawn, are in the DNSKEY set that its signer serves."""

from dataclasses import dataclass

from attestations.errors import InputError
from attestations.hsm.published import PublishedKey, published_keys
from attestations.servers.waiting import wait_until

PUBLICATION_SECONDS = 60.0
"""for a signer that was told to publish a key, or to withdraw one"""


@dataclass(frozen=True, kw_only=True)
class Publication:
    """Where the DNSKEY set is seen: a server, or a file with DNSKEY records."""

    source: str
    zone: str
    seconds: float = PUBLICATION_SECONDS

    def seen(self, wanted: frozenset[PublishedKey], gone: frozenset[PublishedKey]) -> frozenset[PublishedKey]:
        """Return the DNSKEY set as soon as it has all of `wanted` and none of `gone`, or as it is in the end."""

        def fits() -> frozenset[PublishedKey] | None:
            keys = self._keys()
            return keys if wanted <= keys and not gone & keys else None

        return wait_until(fits, self.seconds) or self._keys()

    def _keys(self) -> frozenset[PublishedKey]:
        try:
            return frozenset(published_keys(self.source, self.zone))
        except InputError:
            return frozenset()  # nothing is published, or nothing answers yet
