"""Which owners a step, and the time that has passed, may have changed the judgement of."""

from collections.abc import Collection, Iterable, Mapping

from attestations.zone.incremental.refusal import full_pass_needed
from attestations.zone.incremental.steps import Lines
from attestations.zone.incremental.store import Owner, Store
from attestations.zone.incremental.version import Version
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.rdata import read_rrsig
from attestations.zone.validation.published import KeySet

MAX_OWNERS = 100_000
"""judged anew; for more a full pass is faster"""

Names = frozenset[bytes]
"""owners in wire form"""


def changed_names(changes: Mapping[bytes, Lines], store: Store, old: Version, new: Version) -> Names:
    """Return the owners that a step changes, and those below where it begins or ends to hide names; with the apex."""
    cuts = [name for name in changes if old.hides(name) != new.hides(name)]
    below = (owner for cut in cuts for owner in store.owners_below(cut))
    return _bounded({new.name, *changes}, below)


def due_names(store: Store, now: int) -> Names:
    """Return the owners that time may have changed, and those at which something was found."""
    return _bounded(set(), store.owners_expired(now)) | flagged_names(store)


def flagged_names(store: Store) -> Names:
    """Return the owners at which something was found."""
    return _bounded(set(), store.owners_flagged())


def names_signed_by(tags: Collection[tuple[int, int]], store: Store) -> Names:
    """Return the owners with a signature of one of these tags and algorithms; looks at all owners."""
    return _bounded(set(), (owner for owner in store.owners() if not _tags_of(owner).isdisjoint(tags)))


def changed_tags(before: KeySet, after: KeySet) -> frozenset[tuple[int, int]]:
    """Return tag and algorithm of each key that came or went; a key that is revoked does both."""
    keys = {key.rdata: (key.tag, key.algorithm) for key in (*before.keys, *after.keys)}
    stayed = {key.rdata for key in before.keys} & {key.rdata for key in after.keys}
    return frozenset(tag for rdata, tag in keys.items() if rdata not in stayed)


def _tags_of(owner: Owner) -> set[tuple[int, int]]:
    fields = (line.split() for line in owner.lines)
    rrsigs = (read_rrsig(one[4:]) for one in fields if one[3] == b"RRSIG")
    return {(rrsig.key_tag, rrsig.algorithm) for rrsig in rrsigs}


def _bounded(names: set[bytes], owners: Iterable[Owner]) -> Names:
    for owner in owners:
        names.add(name_of(owner))
        if len(names) > MAX_OWNERS:
            raise full_pass_needed(f"more than {MAX_OWNERS} owners to be judged anew", "a smaller step")
    return frozenset(names)


def name_of(owner: Owner) -> bytes:
    """Return the name of an owner in wire form."""
    return wire_name(owner.lines[0].split(None, 1)[0])
