"""The practice signer: signs a small zone in all HSMs in turn. Like real ones, it does not look at what it signed."""

from typing import TYPE_CHECKING

from attestations.dnskey import ECDSAP256SHA256
from attestations.hsm.published import PublishedKey
from attestations.laboratory.units import Rack, public_key_in
from attestations.rollover.keys import KeyName
from attestations.rollover.signing import SignedZone, ZoneKey, sign_zone

if TYPE_CHECKING:
    from attestations.times import Instant


def published_key(name: KeyName, flags: int, rack: Rack) -> PublishedKey:
    """Return what the signer publishes of a key: the public key in its first HSM."""
    public_key = public_key_in(rack.hsms[0], name)
    return PublishedKey(flags=flags, protocol=3, algorithm=ECDSAP256SHA256, public_key=public_key)


def sign_in_turn(zone: str, keys: tuple[ZoneKey, ...], rack: Rack, at: "Instant") -> SignedZone:
    """Return the practice zone with RRset i signed in HSM number i, around the rack."""
    return sign_zone(zone, keys, lambda index: rack.hsms[index % len(rack.hsms)].token, at)
