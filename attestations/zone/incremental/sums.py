"""The sums over all owners of a state: what a full pass would have counted."""

from collections.abc import Mapping

from attestations.zone.findings import Findings
from attestations.zone.incremental.judging import DENIAL_TTLS, LIVES, OPTED_OUT, TTLS, UNTIL, tally_of
from attestations.zone.incremental.store import Store
from attestations.zone.validation.tally import Tally

_END = b"\xff" * 16


def tally_of_state(store: Store, counts: Mapping[str, int], findings: Findings, now: int) -> Tally:
    """Return the tally of the whole zone with these counts at a moment, in seconds since 1970."""
    tally = tally_of(counts)
    until = _least(store, UNTIL)
    tally.remaining = None if until is None else until - now
    tally.longest_life = _greatest(store, LIVES)
    tally.max_ttl = _greatest(store, TTLS)
    tally.denial_ttls = {_greatest(store, DENIAL_TTLS)}
    tally.opt_out = store.count(OPTED_OUT, b"") > 0
    tally.findings = findings
    return tally


def _least(store: Store, kind: int) -> int | None:
    entry = store.first_entry(kind, b"")
    return None if entry is None else int.from_bytes(entry, "big")


def _greatest(store: Store, kind: int) -> int:
    """Return the greatest value, 0 without any."""
    return int.from_bytes(store.last_entry(kind, _END) or b"", "big")
