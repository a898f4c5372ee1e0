"""Each signature is drawn with the same probability, and the seed decides which."""

from collections import Counter
from itertools import islice

import pytest
from flat_files import opened

from attestations.zone.sampling.draw import Draw, draw, signatures


def signature_line(owner, octets):
    return b"%s. 0 IN RRSIG A 8 0 0 0 0 1 . %s\n" % (owner, b"A" * octets)


def hits(zone, seed=b"seed", trials=4000):
    return [drawn.line for drawn in signatures(zone, seed, trials) if drawn]


def test_short_and_long_lines_are_drawn_equally_often():
    lines = [signature_line(b"a" * size, octets) for size, octets in ((0, 88), (60, 88), (0, 684), (1, 2730))]
    other = [b"n. 0 IN NS m.\n" * 3, b"n. 0 IN TXT %s\n" % (b"x" * 500), b"", b"; RRSIG\n"]
    starts, text = [], b""
    for line, gap in zip(lines, other, strict=True):
        starts.append(len(text))
        text += line + gap
    with opened(text) as zone:
        counts = Counter(hits(zone, trials=30_000))
    assert sorted(counts) == starts
    expected = 30_000 * 112 / len(text)
    assert all(abs(counts[start] - expected) < 5 * expected**0.5 for start in starts)


def test_the_type_that_is_covered_is_told():
    with opened(signature_line(b"a", 88).replace(b" A 8", b" TYPE65534 8")) as zone:
        assert {drawn.covered for drawn in signatures(zone, b"seed", 50) if drawn} == {65534}


def test_the_seed_decides():
    with opened(b"".join(signature_line(b"a%d" % number, 88) for number in range(50))) as zone:
        assert hits(zone) == hits(zone)
        assert hits(zone) != hits(zone, b"other")


def test_the_number_of_signatures_is_estimated():
    text = b"".join(signature_line(b"a%d" % number, 88) + b"b. 0 IN A 1\n" * 9 for number in range(500))
    with opened(text) as zone:
        drawn = draw(zone, b"seed", 4000)
    assert len(drawn.uniform) == 4000
    assert drawn.population == pytest.approx(500, rel=0.1)


def test_a_quarter_is_of_each_sort_even_where_it_is_rare():
    text = signature_line(b"a", 88) * 60 + signature_line(b"d", 88).replace(b" A 8", b" DS 8")
    with opened(text) as zone:
        drawn = draw(zone, b"seed", 40)
    assert len(drawn.uniform) == 40
    assert Counter(one.stratum for one in (*drawn.uniform, *drawn.further))["DS"] == 10
    assert {one.stratum for one in drawn.further} == {"DS"}


def test_the_uniform_part_of_a_draw_does_not_depend_on_sorts():
    text = signature_line(b"a", 88) * 60 + signature_line(b"d", 88).replace(b" A 8", b" DS 8")
    with opened(text) as zone:
        first = [one.line for one in draw(zone, b"seed", 40).uniform]
        assert first == hits(zone)[:40]


@pytest.mark.parametrize("text", [b"", b"a. 0 IN NS b.\n" * 100, b"a. 0 IN RRSIG A\n", b"\n" * 300, b"RRSIG" * 300])
def test_without_signatures_nothing_is_drawn(text):
    with opened(text) as zone:
        assert hits(zone) == []


def test_no_more_bytes_are_drawn_than_allowed():
    with opened(b"a. 0 IN NS b.\n" * 100) as zone:
        assert len(list(islice(signatures(zone, b"seed", 7), 100))) == 7


@pytest.mark.parametrize("text", [b"", b"a. 0 IN NS b.\n" * 100])
def test_nothing_drawn_estimates_nothing(text):
    with opened(text) as zone:
        assert draw(zone, b"seed", 5) == Draw(uniform=(), further=(), population=0)
