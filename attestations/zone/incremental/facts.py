"""What a state is of, and what it is bound to: another zone, validator or library makes it worthless."""

from importlib.metadata import version

from attestations import __version__
from attestations.digest import canonical_json
from attestations.records import Count, Record, Sha256, decode, plain
from attestations.strict import read_json
from attestations.zone.incremental.refusal import full_pass_needed
from attestations.zone.incremental.store import Store

_FORMAT = 3


class Facts(Record, frozen=True, kw_only=True):
    """The version of the zone that the state holds, and the sums over its owners."""

    zone: str
    serial: int
    at: int
    """when it was judged, in seconds since 1970: no later step is judged at an earlier moment"""
    sha256: Sha256
    """of the zone; after a step, over the digest before it and the step"""
    bound_to: str
    counts: dict[str, Count]


def binding() -> str:
    """Return what a state is bound to: its own form, this validator, and the library that verifies."""
    from cryptography.hazmat.backends.openssl import backend

    libraries = f"cryptography {version('cryptography')}, {backend.openssl_version_text()}"
    return f"form {_FORMAT}, signer-gatekeeper {__version__}, {libraries}"


def put_facts(store: Store, facts: Facts) -> None:
    """Seal facts and put them into the state."""
    store.put_facts(canonical_json(plain(facts)))


def facts_of(store: Store, zone: str) -> Facts:
    """Return the facts of the state of a zone; raise InputError (DNS-STATE): not sealed, bound to something else."""
    facts = decode(read_json(store.facts(), "zone state"), Facts)
    if (facts.zone, facts.bound_to) != (zone, binding()):
        found = f"a state of {facts.zone}, made by {facts.bound_to}"
        raise full_pass_needed(found, f"one of {zone}, made by {binding()}")
    return facts
