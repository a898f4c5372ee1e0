"""Entries: fixed width, in buckets of the leading bits, held in bounded memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestations.zone.validation.denial import spool as spool_module
from attestations.zone.validation.denial.entries import (
    DATA,
    LINK,
    NAME,
    NO_HASH,
    ChainEntries,
    DenialEntries,
    bits_for,
    partition,
)
from attestations.zone.validation.denial.gathering import MAX_BITMAPS, Gathered
from attestations.zone.validation.denial.parameters import MAX_CHAINS, Parameters
from attestations.zone.validation.denial.spool import Spool


@pytest.mark.parametrize(
    ("names", "bits"),
    [(0, 0), (4095, 0), (4096, 1), (8191, 1), (8192, 2), (1_050_000, 9), (18_000_000, 13), (10**9, 16)],
)
def test_buckets_are_small_and_at_most_65536(names, bits):
    assert bits_for(names) == bits


@given(entries=st.lists(st.binary(min_size=20, max_size=20)), bits=st.integers(0, 16))
def test_a_bucket_holds_what_begins_with_its_number(entries, bits):
    buckets = partition(entries, bits)
    cut = {number: [joined[at : at + 20] for at in range(0, len(joined), 20)] for number, joined in buckets.items()}
    assert sorted(entry for found in cut.values() for entry in found) == sorted(entries)
    for number, found in cut.items():
        assert {int.from_bytes(entry[:2], "big") >> 16 - bits for entry in found} == {number}


def test_a_written_entry_is_what_a_fast_loop_writes():
    assert NAME.pack(b"h" * 20, b"d" * 8, 0) == b"h" * 20 + b"d" * 8 + DATA
    assert LINK.pack(b"h" * 20, NO_HASH, b"d" * 8, 1) == b"h" * 20 + bytes(20) + b"d" * 8 + b"\1"


@pytest.mark.parametrize("held", [0, 100, 10_000])
def test_entries_come_back_whether_they_were_written_to_disk_or_not(monkeypatch, held):
    monkeypatch.setattr(spool_module, "MAX_HELD", held)
    with Spool() as spool:
        for number in range(200):
            spool.add({number % 3: bytes([number]) * 2, 7: b"x"})
        assert spool.numbers() == [0, 1, 2, 7]
        assert sorted(spool.bucket(1)) == sorted(number for number in range(1, 200, 3) for _ in range(2))
        assert spool.bucket(7) == b"x" * 200
        assert spool.bucket(5) == b""


def piece(**fields):
    empty = {"chains": (), "nsec_owners": {}, "nsec_nexts": {}, "nsec": False, "parameters": frozenset(), "bitmaps": {}}
    return DenialEntries(**empty | fields)


def test_pieces_add_up():
    with Gathered(1) as gathered:
        for text in (b"a", b"b"):
            chain = ChainEntries(names={0: text}, links={1: text * 2})
            gathered.add(piece(chains=(chain,), nsec_owners={2: text}, nsec_nexts={3: text}, bitmaps={text: text}))
        assert gathered.names[0].bucket(0) == b"ab"
        assert gathered.links[0].bucket(1) == b"aabb"
        assert (gathered.nsec_owners.bucket(2), gathered.nsec_nexts.bucket(3)) == (b"ab", b"ab")
        assert gathered.bitmaps == {b"a": b"a", b"b": b"b"}
        assert not gathered.has_nsec


def test_what_a_hostile_zone_repeats_in_every_piece_does_not_grow_without_end():
    with Gathered(0) as gathered:
        for number in range(100):
            many = {Parameters(algorithm=1, iterations=number, salt=bytes([salt])) for salt in range(MAX_CHAINS + 1)}
            bitmaps = {(number * 1000 + index).to_bytes(8, "big"): b"" for index in range(1000)}
            gathered.add(piece(parameters=frozenset(many), bitmaps=bitmaps, nsec=True))
        assert len(gathered.parameters) == MAX_CHAINS + 1
        assert len(gathered.bitmaps) == MAX_BITMAPS
        assert gathered.has_nsec
