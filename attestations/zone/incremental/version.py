"""The zone after a step, as far as it is looked at: owners that changed over those that the state has."""

from collections.abc import Mapping

from attestations.zone.incremental.refusal import full_pass_needed
from attestations.zone.incremental.steps import Lines
from attestations.zone.incremental.store import Store
from attestations.zone.reading.flat import line_of
from attestations.zone.reading.names import order, text_name
from attestations.zone.reading.sorting import key_of
from attestations.zone.validation.apex import SOA, Apex
from attestations.zone.validation.denial.authority import ancestors
from attestations.zone.validation.groups import rrsets_of
from attestations.zone.validation.hiding import AS_CUT, AS_DNAME, NOTHING, Hider, Hides


class Version:
    """One version of the zone."""

    def __init__(self, store: Store, apex: bytes, changes: Mapping[bytes, Lines]) -> None:
        self._store = store
        self._apex = apex
        self._lines = dict(changes)

    @property
    def name(self) -> bytes:
        """The name of the zone, in wire form."""
        return self._apex

    def lines(self, name: bytes) -> Lines:
        """Return the lines of an owner; none if there is no such owner."""
        if name not in self._lines:
            owner = self._store.owner(key_of(name))
            self._lines[name] = owner.lines if owner else ()
        return self._lines[name]

    def hides(self, name: bytes) -> Hides:
        """Return how an owner hides what is below it: as a delegation, by a DNAME record, not at all."""
        types = {line.split(None, 4)[3] for line in self.lines(name)}
        if b"NS" in types and name != self._apex:
            return AS_CUT
        return AS_DNAME if b"DNAME" in types else NOTHING

    def hiding(self, name: bytes) -> Hider | None:
        """Return the topmost name that hides an owner; None if nothing does."""
        above = (*ancestors(name, self._apex), *((self._apex,) if name != self._apex else ()))
        hiding = next((one for one in reversed(above) if self.hides(one)), None)
        if hiding is None:
            return None
        return Hider(order(hiding)[len(order(self._apex)) :], self.hides(hiding) == AS_DNAME)

    @property
    def apex(self) -> Apex:
        """What stands at the apex; raise InputError (DNS-STATE) without exactly one SOA record."""
        rrsets = rrsets_of(line_of(line, 0) for line in self.lines(self._apex))[1]
        if SOA not in rrsets or len(rrsets[SOA].rdatas) != 1:
            raise full_pass_needed("not exactly one SOA record at the apex")
        return Apex(wire=self._apex, name=text_name(self._apex), rrsets=rrsets)
