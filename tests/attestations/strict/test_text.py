"""The characters that text may hold, against the Unicode database, and how keys are compared and text is shown."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestations.errors import Location
from attestations.strict.text import folded, hidden_character, hidden_error, quoted

WITHOUT_SHAPE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_every_control_format_and_line_separator_character_is_hidden_but_for_tab_and_line_feed():
    shapeless = {chr(point) for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point)) in WITHOUT_SHAPE}
    assert {character for character in shapeless if hidden_character(character) is None} == {"\t", "\n"}


def test_of_the_characters_with_a_shape_only_the_invisible_ones_are_hidden():
    """Letters, marks and symbols that are drawn as nothing (Default_Ignorable_Code_Point), and noncharacters."""
    points = (chr(point) for point in range(sys.maxunicode + 1))
    with_shape = (point for point in points if unicodedata.category(point) not in WITHOUT_SHAPE | {"Cn"})
    hidden = {point for point in with_shape if hidden_character(point)}
    letters = {"\u115f", "\u1160", "\u3164", "\uffa0"}
    marks = {*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))}
    joiners = {*"\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f"}
    hieroglyph_formats = {*map(chr, range(0x13440, 0x13460))}  # Cf or Mn, by version of the database
    assert hidden - hieroglyph_formats == letters | marks | joiners


@pytest.mark.parametrize("text", ["", "de.", "Zürich, Москва, 東京, 10 % ✓ 😀", "two\nlines\tand a tab", "e\u0301 नि"])
def test_text_that_reads_as_it_is_stored_passes(text):
    assert hidden_character(text) is None


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "M"]), max_size=30))
def test_text_with_a_hidden_character_anywhere_is_noticed(text):
    for place in (0, len(text) // 2, len(text)):
        assert hidden_character(f"{text[:place]}\u202e{text[place:]}") is not None


def test_a_hidden_character_is_named_and_not_shown():
    error = hidden_error("\u202e", Location(file="f", line=1, column=2))
    assert error.found == "the invisible character U+202E right-to-left override"
    assert hidden_error("\x1b", Location(file="f")).found == "the invisible character U+001B control"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("verdict", "Verdict", True),
        ("é", "e\u0301", True),
        ("É", "e\u0301", True),
        ("ß", "SS", True),
        ("Å", "\u212b", True),
        ("verdict", "verdict2", False),
        ("e", "é", False),
        ("a", "\u0430", False),
    ],
)
def test_keys_are_the_same_whatever_their_case_and_unicode_form(one, other, same):
    assert (folded(one) == folded(other)) is same


@given(st.text())
def test_folding_twice_changes_nothing(key):
    assert folded(folded(key)) == folded(key)


@given(st.text())
def test_quoted_text_is_printable_ascii_and_short(text):
    shown = quoted(text, 20)
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) <= 20 * len("\\U0001f600") + len("''...")
    assert shown.endswith("...") == (len(text) > 20)
