"""Domain names: between presentation form and lower-case wire form, and their canonical order (RFC 1035, 3.1; 5.1)."""

import re

MAX_NAME, MAX_LABEL = 255, 63
ROOT = b"\0"

_MAX_TEXT = 4 * MAX_NAME  # every octet as an escape
_LENGTHS = tuple(bytes([length]) for length in range(MAX_LABEL + 1))
_LABELS = re.compile(rb"((?:[^.\\]|\\[0-9]{3}|\\[^0-9])+)\.", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-9]{3}|[^0-9])", re.DOTALL)
_TO_ESCAPE = frozenset(b'"().;\\@$')


class RelativeNameError(ValueError):
    """A name without a dot at its end: what it means depends on an origin."""


def wire_name(text: bytes) -> bytes:
    """Return an absolute name in lower-case wire form (RFC 4034, 6.2).

    Raises ValueError for what is no name or too long, and its subclass RelativeNameError for one without a final dot.
    """
    return cased_wire_name(text.lower()) if b"\\" not in text else cased_wire_name(text).lower()


def cased_wire_name(text: bytes) -> bytes:
    """Return an absolute name in wire form with its letters as they are (RFC 6840, 5.1); raise as wire_name."""
    if text == b".":
        return ROOT
    labels = _escaped_labels(text) if b"\\" in text else text.split(b".")
    if labels[-1]:
        raise RelativeNameError(f"the name {shown(text)} does not end in a dot")
    try:
        wire = b"".join([_LENGTHS[len(label)] + label for label in labels])
    except IndexError:
        raise ValueError(f"a label of more than {MAX_LABEL} octets in {shown(text)}") from None
    if len(wire) > MAX_NAME:
        raise ValueError(f"the name {shown(text)} has more than {MAX_NAME} octets")
    if not all(labels[:-1]) or len(labels) == 1:
        raise ValueError(f"an empty label in {shown(text)}")
    return wire


def text_name(wire: bytes) -> str:
    """Return a name in presentation form, absolute, with escapes (RFC 1035, 5.1; RFC 4343, 2.1)."""
    return "".join(f"{_text_label(label)}." for label in labels_of(wire)) or "."


def labels_of(wire: bytes) -> tuple[bytes, ...]:
    """Return the labels of a name, leftmost first, without the root."""
    labels = []
    at = 0
    while wire[at]:
        labels.append(wire[at + 1 : at + 1 + wire[at]])
        at += 1 + wire[at]
    return tuple(labels)


def order(wire: bytes) -> tuple[bytes, ...]:
    """Return a key that sorts lower-case names canonically (RFC 4034, 6.1)."""
    return labels_of(wire)[::-1]


def label_count(wire: bytes) -> int:
    """Return the Labels field that a signature over the name must have: without root and `*` (RFC 4034, 3.1.3)."""
    return len(labels_of(wire)) - (wire[:2] == b"\1*")


def parent(wire: bytes) -> bytes:
    """Return the name without its leftmost label; the root has no parent."""
    return wire[1 + wire[0] :]


def is_below(wire: bytes, ancestor: bytes) -> bool:
    """Return whether a name is a proper descendant of another; both in lower-case wire form."""
    while len(wire) > len(ancestor):
        wire = wire[1 + wire[0] :]
        if wire == ancestor:
            return True
    return False


def shown(text: bytes) -> str:
    """Return outside text for a message: ASCII, escaped, cut."""
    return repr(text[:80])[1:]


def _escaped_labels(text: bytes) -> list[bytes]:
    if len(text) > _MAX_TEXT:
        raise ValueError(f"the name {shown(text)} has more than {MAX_NAME} octets")
    labels = []
    at = 0
    for match in _LABELS.finditer(text):
        if match.start() != at:
            break
        labels.append(_ESCAPE.sub(_octet, match[1]))
        at = match.end()
    if at == len(text):
        return [*labels, b""]
    if _LABELS.fullmatch(text[at:] + b"."):
        return [*labels, text[at:]]
    raise ValueError(f"the name {shown(text)} cannot be parsed")


def _octet(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    if len(code) == 1:
        return code
    if int(code) > 255:
        raise ValueError(f"the escape \\{code.decode('ascii')} stands for no octet")
    return bytes([int(code)])


def _text_label(label: bytes) -> str:
    return "".join(
        f"\\{chr(octet)}" if octet in _TO_ESCAPE else chr(octet) if 0x20 < octet < 0x7F else f"\\{octet:03}"
        for octet in label
    )
