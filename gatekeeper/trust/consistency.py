"""What a trust root may not say: one name for two, one key for two, a threshold that cannot be met (A3, P11)."""

from collections.abc import Iterator

from attestations.errors import InputError
from attestations.identity import check_issuer, check_pattern
from attestations.keys import Verifier
from attestations.predicates import NAMES
from attestations.strict.document import Path
from gatekeeper.trust.document import DOCUMENT_KINDS
from gatekeeper.trust.owners import read_owner_keys
from gatekeeper.trust.root import Party, TrustRoot, unusable


def check_consistent(root: TrustRoot) -> None:
    """Raise InputError (POL-TRUST, ID-PATTERN): a key listed for two is a hole, not a convenience (A3)."""
    _check_holders(root)
    people = {person.record.name for person in root.people}
    for index, party in enumerate(root.parties):
        _check_party(root, party, people, ("spec", "parties", index))
    for identity in root.revoked.identities:
        check_issuer(identity.issuer)
        check_pattern(identity.identity)
    if root.ledger_key and root.ledger_key.scheme != "ed25519":
        found = f"a ledger key of kind {root.ledger_key.scheme}"
        raise _refusal(root, ("spec", "ledger", "key"), found, "an Ed25519 key (C2SP signed-note)")


def _check_holders(root: TrustRoot) -> None:
    names: set[str] = set()
    holder_of: dict[str, str] = {}
    for name, keys in (*believed(root), *_owners(root)):
        if name in names:
            raise _refusal(root, ("spec",), f"{name} twice", "each name once")
        names.add(name)
        for key in keys:
            if key.fingerprint in holder_of:
                found = f"one key ({key.fingerprint[:16]}…) for {holder_of[key.fingerprint]} and {name}"
                raise _refusal(root, ("spec",), found, "each key once, with one holder")
            holder_of[key.fingerprint] = name


def believed(root: TrustRoot) -> Iterator[tuple[str, tuple[Verifier, ...]]]:
    """Yield everybody whose word counts, with their keys: parties, people, the gate, the ledger."""
    for party in root.parties:
        yield f"party {party.record.name}", party.keys
    for person in root.people:
        yield f"person {person.record.name}", person.keys
    yield "the gate", root.gate_keys
    if root.ledger_key:
        yield "the ledger", (root.ledger_key,)


def _owners(root: TrustRoot) -> Iterator[tuple[str, tuple[Verifier, ...]]]:
    if owners := root.loaded.record.spec.owners:
        yield "the owners", read_owner_keys(owners, "the trust root")


def _check_party(root: TrustRoot, party: Party, people: set[str], path: Path) -> None:
    record = party.record
    unknown = [name for name in record.may if name not in NAMES and name not in DOCUMENT_KINDS]
    if unknown or "sign-off" in record.may:
        found = f"party {record.name} may say {', '.join(unknown) or 'sign-off'}"
        wanted = f"statement types of this gate ({', '.join(NAMES)}); sign-offs are for people"
        raise _refusal(root, (*path, "may"), found, wanted)
    if not party.keys and record.sigstore is None:
        raise _refusal(root, path, f"party {record.name} without keys and identity", "a key or a Sigstore identity")
    if record.sigstore is not None:
        check_issuer(record.sigstore.issuer)
        check_pattern(record.sigstore.identity)
    if record.threshold > len(party.keys) + (record.sigstore is not None):
        found = f"threshold {record.threshold} of {len(party.keys)} keys"
        raise _refusal(root, (*path, "threshold"), found, "a threshold that can be met")
    if strangers := sorted(set(record.people) - people):
        found = f"party {record.name} held by {', '.join(strangers)}, who are not in people"
        raise _refusal(root, (*path, "people"), found, "people of this trust root")


def _refusal(root: TrustRoot, path: Path, found: str, wanted: str) -> InputError:
    return unusable(root.loaded.source, path, found, wanted)
