"""The terms by which the owners of a state are judged: what the apex says, at one moment."""

import hashlib

from attestations.zone.incremental.refusal import full_pass_needed
from attestations.zone.reading.types import TYPES
from attestations.zone.validation.apex import NSEC, Apex
from attestations.zone.validation.denial.parameters import Parameters, checked
from attestations.zone.validation.terms import Terms

_ZONEMD = TYPES[b"ZONEMD"]
_SECRET_SIZE = 16


def terms_of(apex: Apex, now: int, secret: bytes) -> Terms:
    """Return the terms of one moment. Entries of one state have short digests by one key, which `secret` gives.

    Raises InputError (DNS-STATE) for a zone whose steps cannot be judged by themselves.
    """
    chains = checked(apex.nsec3)
    if chains != apex.nsec3:
        raise full_pass_needed("NSEC3 chains that are not checked", "chains with SHA-1 and few iterations")
    if apex.rdatas(_ZONEMD):
        raise full_pass_needed("a ZONEMD record, whose digest is over all records", "a zone without one")
    return Terms(
        apex=apex.wire,
        keys=apex.keys,
        now=now,
        chains=chains,
        is_sorted=True,
        has_nsec=bool(apex.rdatas(NSEC)),
        secret=hashlib.blake2b(b"entries", digest_size=_SECRET_SIZE, key=secret).digest(),
    )


def insist_on_one_denial(terms: Terms, seen: frozenset[Parameters], *, has_nsec: bool) -> None:
    """Raise InputError (DNS-STATE) for NSEC or NSEC3 records that belong to no chain which the apex announces."""
    if not seen <= frozenset(terms.chains) or (has_nsec and not terms.has_nsec):
        raise full_pass_needed("NSEC or NSEC3 records of a chain that the apex does not announce")


def insist_on_same_denial(before: Terms, after: Terms) -> None:
    """Raise InputError (DNS-STATE) if all owners must be judged anew: other chains, or other algorithms."""
    if (before.chains, before.has_nsec) != (after.chains, after.has_nsec):
        raise full_pass_needed("another kind of denial of existence than before, or other NSEC3 parameters")
    if before.keys.algorithms != after.keys.algorithms:
        raise full_pass_needed("a DNSKEY RRset with other algorithms than before")
