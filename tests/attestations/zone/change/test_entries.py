"""Entries come back bucket by bucket, each once, whether they fit into memory or not."""

import hashlib

import pytest

from attestations.zone.change import entries
from attestations.zone.change.entries import BUCKETS, SIZE, Buckets


@pytest.mark.parametrize("held", [SIZE, 100 * SIZE, 10**6])
def test_every_entry_comes_back_once_in_one_bucket(monkeypatch, held):
    monkeypatch.setattr(entries, "HELD_BYTES", held)
    every = [hashlib.sha256(b"%d" % number).digest()[:SIZE] for number in range(1000)]
    with Buckets() as buckets:
        for entry in [*every, *every[:10]]:
            buckets.add(entry)
        sets = list(buckets.sets())
    assert len(sets) == BUCKETS
    assert sorted(entry for one in sets for entry in one) == sorted(every)
    assert all(len({entry[0] % BUCKETS for entry in one}) <= 1 for one in sets)
