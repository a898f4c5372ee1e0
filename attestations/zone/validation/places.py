"""Where owners lie below the apex of the zone, and which of them hide what lies below them."""

from functools import lru_cache

from attestations.zone.reading.names import MAX_LABEL, MAX_NAME, order, text_name, wire_name
from attestations.zone.reading.types import TYPES, type_number
from attestations.zone.validation.hiding import AS_CUT, AS_DNAME, NOTHING, Hides, Place

_NS, _DNAME = TYPES[b"NS"], TYPES[b"DNAME"]
_ALONE = frozenset({b"NSEC3", b"RRSIG"})


class Places:
    """Finds the places of owners in one zone."""

    def __init__(self, apex: bytes) -> None:
        self.apex = text_name(apex).encode("ascii")
        self.suffix = b"." if self.apex == b"." else b"." + self.apex
        """what names below the apex end in"""
        self.max_label = min(MAX_LABEL, MAX_NAME - 1 - len(apex))
        """octets of a label just below the apex"""
        self._order = order(apex)

    def of(self, owner: bytes) -> Place | None:
        """Return the place of an owner in lower case; None if it is outside the zone. Raises ValueError: no name."""
        if owner == self.apex:
            return ()
        if b"\\" not in owner and owner.endswith(self.suffix):
            label = owner[: -len(self.suffix)]
            if b"." not in label and 0 < len(label) <= self.max_label:
                return (label,)
            return _deep_place(label.split(b"."), len(owner))
        labels, depth = order(wire_name(owner)), len(self._order)
        return labels[depth:] if labels[:depth] == self._order else None

    def seen(self, margins: tuple[bytes, bytes]) -> dict[Place, Hides]:
        """Return the owners in the margins, and how each hides what is below it."""
        seen: dict[Place, Hides] = {}
        given, place = b"", None
        for line in (*margins[0].split(b"\n")[1:], *margins[1].split(b"\n")[:-1]):
            fields = line.split(None, 4)
            if len(fields) < 5 or fields[3] in _ALONE or line.startswith(b";"):
                continue
            if fields[0] != given:
                given = fields[0]
                place = self._seen_place(given)
            if place is not None:
                seen[place] = max(_hides(fields[3], place), seen.get(place, NOTHING))
        return seen

    def _seen_place(self, owner: bytes) -> Place | None:
        try:
            return self.of(owner.lower())
        except ValueError:  # its own piece says so
            return None


def is_below(place: Place, other: Place) -> bool:
    """Return whether a place lies below another."""
    return len(place) > len(other) and place[: len(other)] == other


def _deep_place(labels: list[bytes], size: int) -> Place:
    """Return the place of a name of several labels below the apex, with so many characters in all."""
    sizes = [len(label) for label in labels]
    if min(sizes) == 0 or max(sizes) > MAX_LABEL or size >= MAX_NAME:
        raise ValueError("not a name")
    return tuple(labels[::-1])


def _hides(rtype: bytes, place: Place) -> Hides:
    number = _number(rtype)
    return AS_DNAME if number == _DNAME else AS_CUT if number == _NS and place != () else NOTHING


@lru_cache(maxsize=256)
def _number(rtype: bytes) -> int:
    try:
        return type_number(rtype)
    except ValueError:  # its own piece says so
        return 0
