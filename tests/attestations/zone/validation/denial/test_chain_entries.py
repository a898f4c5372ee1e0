"""Plain NSEC3 records are read by a short way of their own: it must come to what the long one comes to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestations.zone.reading.rdata import rdata_wire
from attestations.zone.reading.types import TYPES
from attestations.zone.validation.chain_entries import ChainWriter
from attestations.zone.validation.denial.entries import LINK
from attestations.zone.validation.denial.parameters import Parameters
from attestations.zone.validation.published import key_set
from attestations.zone.validation.terms import Terms

LABEL, NEXT = b"1" * 32, b"0123456789abcdef" * 2
"""a hash of which every digit is a hexadecimal one too, so that a salt can hold its text"""


def read(text, salt):
    """Return RDATA as it was read, that of the long way, and the links of the chain with a salt."""
    terms = Terms(apex=b"\4test\0", keys=key_set(()), now=0, chains=(Parameters(algorithm=1, iterations=0, salt=salt),))
    writer = ChainWriter(terms)
    short = writer.read_nsec3(LABEL, text)
    links = b"".join(writer.drain().chains[0].links.values())
    return short, rdata_wire(TYPES[b"NSEC3"], text.split()), len(links) // LINK.size


@pytest.mark.parametrize("salt", [b"aa", b"aa" + NEXT, b"aa" + NEXT + b"bb", NEXT])
def test_a_salt_that_holds_the_text_of_the_next_hash_is_read_whole(salt):
    short, long, links = read(b"1 0 0 %b %b A RRSIG" % (salt, NEXT), bytes.fromhex(salt.decode()))
    assert (short, links) == (long, 1)


@given(st.binary(max_size=40), st.sampled_from([b"A RRSIG", b"", b"TYPE65280"]), st.sampled_from([b"0", b"1"]))
def test_any_salt_is(salt, types, flags):
    text = b"1 %b 0 %b %b %b" % (flags, salt.hex().encode() or b"-", NEXT, types)
    short, long, links = read(text, salt)
    assert (short, links) == (long, 1)
