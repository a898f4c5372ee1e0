"""A piece that carries its bytes reads as the same piece of the file does."""

import pickle

import pytest

from attestations.zone.validation.carrying import Excerpt, Piece

FILE = Excerpt(0, bytes(range(100)))


@pytest.mark.parametrize("margin", [0, 10, 1000])
@pytest.mark.parametrize(("offset", "size"), [(0, 20), (5, 20), (40, 20), (80, 20), (0, 100)])
def test_a_piece_reads_alike_from_the_file_and_from_what_it_carries(offset, size, margin):
    piece = Piece(FILE, offset, size, margin)
    carried = pickle.loads(pickle.dumps(piece.carried()))  # noqa: S301  # our own
    assert (carried.offset, carried.size) == (offset, size)
    assert carried.text() == piece.text() == FILE.data[offset : offset + size]
    assert carried.margins() == piece.margins()
    assert piece.margins() == (FILE.data[max(0, offset - margin) : offset], FILE.data[offset + size :][:margin])


def test_a_piece_carries_no_more_than_its_margins():
    assert Piece(FILE, 40, 20, 10).carried().source == Excerpt(30, FILE.data[30:70])


def test_what_stands_before_an_excerpt_is_not_read():
    excerpt = Excerpt(30, b"abc")
    assert excerpt.read(30, 2) == b"ab"
    with pytest.raises(LookupError, match="begins at 30"):
        excerpt.read(29, 2)
