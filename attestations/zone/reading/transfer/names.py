"""Names in DNS messages, compressed or not (RFC 1035, 4.1.4), to presentation form."""

import re

from attestations.zone.reading.names import wire_name

MAX_STEPS = 128
"""labels and pointers of one name; 127 labels are the longest name, and pointers in a circle never end"""

_LONGEST_PLAIN = 254
_ODD = re.compile(rb"[^0-9A-Za-z_*/+-]")


class Names:
    """The names of one message. Whatever is wrong with one raises ValueError or IndexError."""

    def __init__(self, wire: bytes) -> None:
        self.wire = wire
        self._known: dict[int, bytes] = {}

    def at(self, at: int) -> tuple[bytes, int]:
        """Return the name that begins at an octet, absolute, case and all, and where it ends; pointers lead back."""
        return self._read(at, MAX_STEPS)

    def uncompressed(self, at: int) -> tuple[bytes, int]:
        """Return a name of RDATA in which compression is forbidden (RFC 3597, 4)."""
        end = at
        while length := self.wire[end]:
            if length > 63:
                raise ValueError("a compressed name where none may be")
            end += 1 + length
        return self._read(at, MAX_STEPS)

    def _read(self, at: int, steps: int) -> tuple[bytes, int]:
        length = self.wire[at]
        if length >= 0xC0:
            target = (length & 0x3F) << 8 | self.wire[at + 1]
            if target >= at:
                raise ValueError("a compression pointer that leads forward")
            known = self._known.get(target)
            return (known if known is not None else self._followed(target, steps)), at + 2
        if not length:
            return b".", at + 1
        if length > 63 or not steps:
            raise ValueError("a name that is too long, or of labels that do not exist")
        end = at + 1 + length
        rest, after = self._read(end, steps - 1)
        label = self.wire[at + 1 : end]
        if not label.isalnum():
            label = _ODD.sub(_escaped, label)
        text = label + b"." + (rest if rest != b"." else b"")
        if len(text) > _LONGEST_PLAIN:
            wire_name(text)
        self._known[at] = text
        return text, after

    def _followed(self, target: int, steps: int) -> bytes:
        if not steps:
            raise ValueError("compression pointers in a circle")
        return self._read(target, steps - 1)[0]


def _escaped(octet: re.Match[bytes]) -> bytes:
    return b"\\%03d" % octet[0][0]
