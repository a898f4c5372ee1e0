"""Parts of a flat file hold whole owners, wherever they are taken."""

import pytest
from flat_files import opened
from hypothesis import given
from hypothesis import strategies as st

from attestations.errors import InputError
from attestations.zone import excerpts
from attestations.zone.excerpts import excerpt, owner_around

OWNERS = st.lists(st.tuples(st.sampled_from(["a", "b", "Bb", "ccc"]), st.integers(1, 4)), min_size=1, max_size=12)


def text_of(owners, *, ends_with_newline=True):
    """Return the file, and the runs of one owner in it as (offset, size)."""
    lines = []
    runs = []
    at = 0
    for name, count in owners:
        group = "".join(
            f"{name.upper() if number % 2 else name}.test.\t60 IN A 192.0.2.{number}\n" for number in range(count)
        ).encode()
        if runs and runs[-1][0].lower() == name.lower():
            runs[-1][2] += len(group)
        else:
            runs.append([name, at, len(group)])
        lines.append(group)
        at += len(group)
    text = b"".join(lines)
    if not ends_with_newline:
        text, runs[-1][2] = text[:-1], runs[-1][2] - 1
    return text, [(offset, size) for _, offset, size in runs]


@given(OWNERS, st.integers(0, 400), st.integers(0, 300), st.sampled_from([8, 64, 4096]), st.booleans())
def test_an_excerpt_begins_and_ends_with_an_owner(owners, offset, size, window, newline):
    text, runs = text_of(owners, ends_with_newline=newline)
    cuts = {start for start, _ in runs} | {len(text)}
    with opened(text) as zone, pytest.MonkeyPatch.context() as patch:
        patch.setattr(excerpts, "_WINDOW", window)
        start, length = excerpt(zone, offset, size)
    assert start in cuts
    assert start + length in cuts
    assert min(offset, len(text)) <= start


@given(OWNERS, st.data(), st.sampled_from([24, 64, 4096]), st.booleans())
def test_all_lines_of_the_owner_around_a_line_are_found(owners, data, window, newline):
    text, runs = text_of(owners, ends_with_newline=newline)
    run = data.draw(st.sampled_from(runs))
    starts = [run[0], *(at + 1 for at in range(run[0], sum(run) - 1) if text[at] == 0x0A)]
    with opened(text) as zone, pytest.MonkeyPatch.context() as patch:
        patch.setattr(excerpts, "_WINDOW", window)
        assert owner_around(zone, data.draw(st.sampled_from(starts))) == run


def test_comments_end_no_owner():
    text = b"a.test. 1 IN A 1\n; resign\n\na.test. 1 IN A 2\nb.test. 1 IN A 3\n"
    with opened(text) as zone:
        assert owner_around(zone, 0) == (0, text.index(b"b.test."))
        assert owner_around(zone, text.index(b"a.test. 1 IN A 2")) == (0, text.index(b"b.test."))


def test_an_owner_with_too_many_lines_is_refused(monkeypatch):
    monkeypatch.setattr(excerpts, "MAX_OWNER_BYTES", 4096)
    with opened(b"a.test. 1 IN A 192.0.2.1\n" * 2000) as zone:
        with pytest.raises(InputError):
            owner_around(zone, 25 * 1000)
        with pytest.raises(InputError):
            excerpt(zone, 25 * 1000, 10)
