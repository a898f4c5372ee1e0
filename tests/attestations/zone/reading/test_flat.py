"""The flat form: which lines are in it, and where a file can be cut."""

import pytest
from flat_files import opened
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError
from attestations.zone.reading import flat
from attestations.zone.reading.flat import Unflat, fields_of, line_number, line_of, lines, pieces

FLAT = [
    b"a.test. 60 IN A 192.0.2.1",
    b"a.test.\t\t60\tIN\tA\t192.0.2.1",
    b'a.test. 60 IN TXT "a;b (c" d',
    rb"a\.b.test. 60 IN TXT a\;b",
    rb"a.test. 60 IN TYPE65280 \# 1 00",
    b"*.test. 0 IN NS .",
]
NOT_FLAT = [
    b" 60 IN A 192.0.2.1 x",
    b"a 60 IN A 192.0.2.1",
    rb"a.test\. 60 IN A 192.0.2.1",
    b"a.test. IN A 192.0.2.1",
    b"a.test. 60 A 192.0.2.1 x",
    b"a.test. 60 CH A 192.0.2.1",
    b"a.test. 60 in A 192.0.2.1",
    b"a.test. 1h IN A 192.0.2.1",
    b"a.test. 60 IN A",
    b"a.test. 60 IN A 192.0.2.1 ; comment",
    b"a.test. 60 IN SOA a. b. ( 1 2 3 4 5",
    b'a.test. 60 IN TXT "open',
    b"a.test. 60 IN A 192.0.2.1\r",
    b"a.test. 60 IN TXT \xff",
    b"a.test. 60 IN TXT a\x0bb",
    b"$ORIGIN test.",
    b"@ 60 IN A 192.0.2.1",
]


@pytest.mark.parametrize("line", FLAT)
def test_flat_lines_are_taken_as_they_are(line):
    assert line_of(line, 7).owner == line.split()[0]


@pytest.mark.parametrize("line", NOT_FLAT)
def test_other_lines_are_for_the_general_reader(line):
    with pytest.raises(Unflat) as refused:
        line_of(line, 7)
    assert refused.value.offset == 7


def test_comment_lines_and_empty_lines_are_skipped():
    text = b"; made by\n\na.test. 60 IN A 192.0.2.1\n  \t\n;\nb.test. 60 IN A 192.0.2.2"
    with opened(text) as zone:
        assert [(line.owner, text[line.offset :].split()[0]) for line in lines(zone, 0, zone.size)] == [
            (b"a.test.", b"a.test."),
            (b"b.test.", b"b.test."),
        ]


@pytest.mark.parametrize(
    ("rest", "fields"),
    [
        (b"a  b\tc ", [b"a", b"b", b"c"]),
        (b'"a b" c', [b'"a b"', b"c"]),
        (b'"a""b"', [b'"a"', b'"b"']),
        (b'1 a. alpn="h2 h3"', [b"1", b"a.", b'alpn="h2 h3"']),
        (rb'a\ b "c\" d"', [rb"a\ b", rb'"c\" d"']),
        (b'""', [b'""']),
    ],
)
def test_quotes_hold_fields_together(rest, fields):
    assert fields_of(rest) == fields


@pytest.mark.parametrize("rest", [b'"', b'"a', rb'"a\"', b"a\\"])
def test_open_quotes_are_refused(rest):
    with pytest.raises(ValueError, match="quotes"):
        fields_of(rest)


OWNERS = st.lists(st.sampled_from(["a", "b", "ns.a", "ns.ns.a", "c-d", "x.y.z"]), min_size=1, max_size=60)


@settings(max_examples=100, deadline=None)
@given(owners=OWNERS, size=st.integers(1, 500), window=st.integers(60, 400), newline=st.booleans())
def test_pieces_are_the_file_and_cut_no_owner(owners, size, window, newline):
    text = "".join(f"{owner}.test. 60 IN A 192.0.2.1\n" for owner in owners).encode("ascii")
    text = text if newline else text[:-1]
    with opened(text) as zone, pytest.MonkeyPatch.context() as patched:
        patched.setattr(flat, "_WINDOW", window)
        parts = list(pieces(zone, size))
        assert b"".join(zone.read(*part) for part in parts) == text
    ends = [text[: offset + size].splitlines() for offset, size in parts[:-1]]
    for before, part in zip(ends, parts[1:], strict=True):
        assert before[-1].split()[0] != text[part[0] :].split()[0]


def test_a_cut_keeps_a_delegation_and_its_glue_together():
    owners = ["a", "b", "ns1.b", "ns2.b", "ns3.b", "c", "d"]
    text = "".join(f"{owner}.test. 60 IN A 192.0.2.1\n" for owner in owners).encode("ascii")
    with opened(text) as zone:
        (_, first), _ = list(pieces(zone, text.index(b"ns1.b") + 3))[:2]
    assert text[first:].startswith(b"c.test.")


def test_an_owner_may_have_as_many_lines_as_fit_and_no_more(monkeypatch):
    monkeypatch.setattr(flat, "_WINDOW", 64)
    monkeypatch.setattr(flat, "MAX_OWNER_BYTES", 4096)
    line, other = b"a.test. 60 IN TXT a\n", b"b.test. 60 IN TXT a\n"
    with opened(line * 10 + other * 100) as zone:
        assert len(list(pieces(zone, 64))) == 2
    with opened(line * 1000 + other * 100) as zone, pytest.raises(InputError, match="octets of records at one owner"):
        list(pieces(zone, 64))


def test_lines_are_counted_up_to_a_place():
    text = b"a\nb\nc\n"
    with opened(text) as zone:
        assert [line_number(zone, at) for at in (0, 2, 4)] == [1, 2, 3]
