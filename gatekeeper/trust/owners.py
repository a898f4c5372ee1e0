"""Who owns a trust root: the keys that sign its versions, and how many of them must."""

from collections.abc import Collection
from typing import Annotated

from msgspec import Meta

from attestations.envelope import signers_of
from attestations.errors import InputError
from attestations.keys import MAX_PEM_BYTES, PublicKey, read_public_key
from attestations.records import Record
from gatekeeper.documents import Source


class Owners(Record, frozen=True, kw_only=True):
    """The keys, as PEM text, of those who own the trust root, and how many of them must sign."""

    keys: Annotated[tuple[Annotated[str, Meta(max_length=MAX_PEM_BYTES)], ...], Meta(min_length=1, max_length=16)]
    threshold: Annotated[int, Meta(ge=1, le=16)] = 1


def read_owner_keys(owners: Owners, name: str) -> tuple[PublicKey, ...]:
    """Return the owners' keys; raise InputError: KEY, POL-TRUST (a key twice, a threshold that cannot be met)."""
    keys = tuple(read_public_key(pem.encode("utf-8"), name) for pem in owners.keys)
    if len({key.fingerprint for key in keys}) != len(keys):
        raise _refused(f"one owner key listed twice in {name}", "each key once", "remove the repeated key")
    if owners.threshold > len(keys):
        found = f"owners of {name} with threshold {owners.threshold} and {len(keys)} keys"
        raise _refused(found, "a threshold that can be met", "lower the threshold, or add the missing keys")
    return keys


def signing_owners(source: Source, owners: Owners, name: str, revoked: Collection[str] = ()) -> frozenset[str]:
    """Return the fingerprints of those `owners` that signed the document: distinct keys, not key ids (TUF 5.3.4).

    A key among `revoked` signs nothing, its owner's office notwithstanding.
    """
    keys = [key for key in read_owner_keys(owners, name) if key.fingerprint not in revoked]
    return signers_of(source.envelope, keys) if source.envelope else frozenset()


def _refused(found: str, wanted: str, fix: str) -> InputError:
    return InputError("POL-TRUST", found=found, wanted=wanted, fix=fix)
