"""Flat lines in canonical order, be they many or few."""

import os
import tempfile

import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestations.errors import InputError
from attestations.zone.reading import sorting
from attestations.zone.reading.names import text_name, wire_name
from attestations.zone.reading.sorting import Sorter, key_of, key_of_text

LABELS = st.binary(min_size=1, max_size=4) | st.sampled_from([b"a", b"b", b"-", b"\0", b"\1", b"\n", b"."])
NAMES = st.lists(LABELS, max_size=4).map(lambda labels: dns.name.Name([*labels, b""]).canonicalize())


def in_order(batches):
    """Return what the sorter writes."""
    with tempfile.TemporaryFile() as file, Sorter() as sorter:
        for lines in batches:
            sorter.add(list(lines))
        sorter.write(file.fileno())
        return os.pread(file.fileno(), 1 << 24, 0)


@pytest.fixture
def small_runs(monkeypatch):
    monkeypatch.setattr(sorting, "RUN_BYTES", 100)


@given(st.lists(NAMES, unique=True, max_size=20))
def test_keys_sort_as_names_do(names):
    assert sorted(names, key=lambda name: key_of(name.to_wire())) == sorted(names)


@given(NAMES, NAMES)
def test_a_line_never_comes_between_those_of_another_owner(one, two):
    keys = [key_of(name.to_wire()) for name in (one, two)]
    assert (keys[0] + b"\xff" < keys[1] + b" ") == (one < two) or one == two


@pytest.mark.parametrize("text", [b".", b"a.", b"a.b.", b"*.xn--c-._d."])
def test_keys_of_plain_text_are_those_of_the_name(text):
    assert key_of_text(text) == key_of(wire_name(text))
    assert text_name(wire_name(text)).encode() == text


LINES = [key_of_text(b"%d.a." % (n % 7)) + b"%d.a. %d" % (n % 7, n) for n in range(50)]


@pytest.mark.parametrize("order", [1, -1])
def test_runs_on_disk_give_what_memory_gives(small_runs, order):
    expected = b"".join(sorted(line.rpartition(b"\0")[2] + b"\n" for line in LINES))
    lines = sorted(LINES)[::order]
    assert in_order([lines]) == expected
    assert in_order([line] for line in lines) == expected
    assert in_order(lines[at::3] for at in range(3)) == expected


def test_a_line_is_written_once(small_runs):
    assert in_order([LINES, LINES[:20], LINES[::-1]]) == in_order([LINES])


def test_the_soa_record_may_be_made_the_first_of_its_owner():
    key = key_of_text(b"a.")
    assert in_order([[key + b"a. 1 A", key + b"\0a. 2 SOA"]]) == b"a. 2 SOA\na. 1 A\n"


def test_nothing_is_nothing():
    assert in_order([]) == in_order([[]]) == b""


@pytest.fixture
def full_disk():
    descriptor = os.open("/dev/full", os.O_WRONLY)
    yield descriptor
    os.close(descriptor)


def test_a_full_disk_is_bad_input_that_says_what_to_do(full_disk):
    with Sorter() as sorter:
        sorter.add(LINES)
        with pytest.raises(InputError, match=r"LIMIT.*no room") as caught:
            sorter.write(full_disk)
    assert "TMPDIR" in caught.value.fix


def test_a_disk_that_fills_up_while_runs_are_written_is_the_same(small_runs, full_disk, monkeypatch):
    monkeypatch.setattr(sorting, "temporary_file", lambda: os.dup(full_disk))
    with Sorter() as sorter, pytest.raises(InputError, match=r"LIMIT.*no room"):
        sorter.add(LINES)
