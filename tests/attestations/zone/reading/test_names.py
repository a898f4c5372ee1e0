"""Names against a second implementation: text to wire and back, order, and what is no name."""

import dns.exception
import dns.name
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.zone.reading.names import (
    RelativeNameError,
    cased_wire_name,
    is_below,
    label_count,
    labels_of,
    order,
    parent,
    text_name,
    wire_name,
)

LABELS = st.lists(st.binary(min_size=1, max_size=12), max_size=5)
NAMES = LABELS.map(lambda labels: dns.name.Name([*labels, b""]))
TEXTS = st.text('ab.\\019 -_*@$"(;', max_size=20).map(lambda text: text.encode("ascii"))


@settings(max_examples=200)
@given(name=NAMES)
def test_the_presentation_form_is_read_as_dnspython_reads_it(name):
    text = name.to_text().encode("ascii")
    assert wire_name(text) == name.canonicalize().to_wire()
    assert cased_wire_name(text) == name.to_wire()


@settings(max_examples=200)
@given(name=NAMES)
def test_the_presentation_form_is_written_as_dnspython_writes_it(name):
    assert text_name(name.to_wire()) == name.to_text()


@settings(max_examples=300)
@given(text=TEXTS)
def test_what_dnspython_refuses_is_refused(text):
    try:
        theirs = dns.name.from_text(text.decode("ascii"), origin=None)
    except (dns.exception.DNSException, ValueError):
        theirs = None
    try:
        ours = wire_name(text)
    except ValueError:
        ours = None
    assert (ours is not None) == (theirs is not None and theirs.is_absolute())


@settings(max_examples=200)
@given(one=NAMES, two=NAMES)
def test_the_order_is_the_canonical_one(one, two):
    ours = order(one.canonicalize().to_wire()) < order(two.canonicalize().to_wire())
    assert ours == (one.canonicalize() < two.canonicalize())


@pytest.mark.parametrize(
    ("label", "octets", "is_name"),
    [(63, 100, True), (64, 100, False), (49, 255, True), (50, 256, False)],
)
def test_labels_and_names_are_bounded(label, octets, is_name):
    labels = [b"a" * label]
    while sum(map(len, labels)) + len(labels) + 1 < octets:
        labels.append(b"b" * min(49, octets - sum(map(len, labels)) - len(labels) - 2))
    text = b".".join(labels) + b"."
    if is_name:
        assert len(wire_name(text)) == octets
    else:
        with pytest.raises(ValueError, match="more than"):
            wire_name(text)


@pytest.mark.parametrize("text", [b"a", b"a.b", rb"a\.", rb"a.b\."])
def test_a_name_without_a_final_dot_is_told_from_what_is_no_name(text):
    with pytest.raises(RelativeNameError):
        wire_name(text)


@pytest.mark.parametrize("text", [b"", b"..", b".a.", b"a..", rb"a\1.", rb"a\256.", rb"\12", b"a" * 64 + b"."])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(ValueError, match=r"name|label|escape"):
        wire_name(text)


def test_the_root_is_a_name():
    assert (wire_name(b"."), text_name(b"\0"), labels_of(b"\0"), label_count(b"\0")) == (b"\0", ".", (), 0)


@pytest.mark.parametrize(("text", "labels"), [(b"a.b.", 2), (b"*.b.", 1), (b"a.*.", 2), (rb"\*.b.", 1), (b"**.b.", 2)])
def test_a_wildcard_label_does_not_count_at_the_left_alone(text, labels):
    assert label_count(wire_name(text)) == labels


@pytest.mark.parametrize(
    ("name", "ancestor", "below"),
    [
        (b"a.b.", b"b.", True),
        (b"b.", b"b.", False),
        (b"ab.", b"b.", False),
        (rb"a\.b.", b"b.", False),
        (b"a.b.", b".", True),
        (b"b.", b"a.b.", False),
    ],
)
def test_below_means_whole_labels(name, ancestor, below):
    assert is_below(wire_name(name), wire_name(ancestor)) is below


def test_the_parent_lacks_the_first_label():
    assert parent(wire_name(b"a.b.")) == wire_name(b"b.")


@pytest.mark.timeout(1)
def test_a_bad_escape_in_a_long_text_is_refused_at_once():
    with pytest.raises(ValueError, match="more than 255 octets"):
        wire_name(b"a." * 8_000 + rb"\999.")


def test_a_name_of_nothing_but_escapes_may_have_the_full_length():
    label = rb"\200" * 63 + b"."
    text = label * 3 + rb"\200" * 61 + b"."
    assert len(wire_name(text)) == 255
    with pytest.raises(ValueError, match="more than 255 octets"):
        wire_name(text[:-1] + rb"\200.")
