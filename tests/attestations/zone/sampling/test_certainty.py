"""A fault in a sample is one only if the whole owner was seen, and nothing hides it."""

import pytest
from flat_files import opened

from attestations.zone.reading.flat import Unflat
from attestations.zone.sampling import certainty
from attestations.zone.sampling.certainty import is_certain

OWNER = b"a.b.test. 1 IN A 192.0.2.1\na.b.test. 1 IN RRSIG A 13 3 1 0 0 1 test. AAAA\n"


def judged(text, chunk=1 << 20):
    with opened(text) as zone, pytest.MonkeyPatch.context() as patch:
        patch.setattr(certainty, "_CHUNK", chunk)
        return is_certain(zone, (text.index(OWNER), len(OWNER)))


@pytest.mark.parametrize("chunk", [1, 7, 64, 1 << 20])
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (b"", b"", True),
        (b"b.test. 1 IN A 192.0.2.9\n", b"c.test. 1 IN NS d.\n", True),
        (b"b.test. 1 IN NS ns.b.test.\n", b"", False),
        (b"", b"b.test.\t1\tIN\tDNAME\tc.\n", False),
        (b"test. 1 IN NS ns.test.\n", b"", True),
        (b"xb.test. 1 IN NS ns.\nx.b.test. 1 IN NS ns.\n", b"a.b.test.x. 1 IN A 192.0.2.1\n", True),
    ],
)
def test_a_delegation_or_dname_above_hides_an_owner(chunk, before, after, expected):
    assert judged(before + OWNER + after, chunk) == expected


@pytest.mark.parametrize("chunk", [1, 40, 1 << 20])
@pytest.mark.parametrize("place", ["before", "after"])
def test_an_owner_with_records_elsewhere_was_not_seen_as_a_whole(chunk, place):
    other, between = b"a.b.test. 1 IN TXT x\n", b"c.test. 1 IN A 192.0.2.7\n" * 9
    text = other + between + OWNER if place == "before" else OWNER + between + other
    with pytest.raises(Unflat):
        judged(text, chunk)
