"""Where a whole chain is touched, the stretches around are wrong exactly if the chain is."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from steps import SECRET

from attestations.zone.incremental.denial import touched_findings
from attestations.zone.incremental.judging import NSEC_NAMES, NSEC_NEXTS, links_of, names_of
from attestations.zone.incremental.store import created, opened
from attestations.zone.validation.denial.entries import ABOVE_DATA, ABOVE_INSECURE, DATA, INSECURE, LINK, NAME
from attestations.zone.validation.denial.nsec3 import Bucket, check_bucket, join
from attestations.zone.validation.denial.parameters import Parameters
from attestations.zone.validation.published import key_set
from attestations.zone.validation.terms import Terms

KINDS = (DATA, INSECURE, ABOVE_DATA, ABOVE_INSECURE)
BITMAPS = {DATA: b"d" * 8, INSECURE: b"i" * 8, ABOVE_DATA: b"e" * 8, ABOVE_INSECURE: b"e" * 8}
TERMS = Terms(
    apex=b"\x04test\0",
    keys=key_set(()),
    now=0,
    chains=(Parameters(algorithm=1, iterations=0, salt=b""),),
    has_nsec=True,
)


def hashed(number):
    return bytes([number * 25]) * 20


def name_entry(number, kind):
    return NAME.pack(hashed(number), BITMAPS[kind], kind[0])


def wanted_bitmap(kinds):
    return BITMAPS[next(kind for kind in KINDS if kind in kinds)]


def links_for(numbers, names, flags):
    """Return the records of a closed chain over some hashes."""
    ring = sorted(numbers)
    return {
        LINK.pack(hashed(one), hashed(following), wanted_bitmap(names[one]), flags[one])
        for one, following in zip(ring, (*ring[1:], *ring[:1]), strict=True)
    }


def is_whole(names, links):
    """Return whether the check of the whole chain finds no fault, and no hash has two records."""
    bucket = Bucket(number=0, names=b"".join(sorted(names)), links=b"".join(sorted(links)))
    return not join([check_bucket(bucket)]).faults.totals and len({link[:20] for link in links}) == len(links)


NAMES = st.dictionaries(st.integers(0, 9), st.sets(st.sampled_from(KINDS), min_size=1), min_size=1)
FLAGS = st.lists(st.integers(0, 1), min_size=10, max_size=10)
LINKS = st.tuples(
    st.integers(0, 9), st.integers(0, 9), st.sampled_from(sorted(set(BITMAPS.values()))), st.integers(0, 2)
)


@st.composite
def chains(draw):
    names, flags = draw(NAMES), draw(FLAGS)
    optional = [one for one, kinds in names.items() if kinds <= {INSECURE, ABOVE_INSECURE}]
    hidden = set(draw(st.lists(st.sampled_from(optional)))) if optional else set()
    ring = set(names) - hidden
    assume(ring)
    entries = {name_entry(one, kind) for one, kinds in names.items() for kind in kinds}
    return entries, links_for(ring, names, flags)


def findings_after(before, after):
    """Return what is found in the state that went from one set of entries to another."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "state"
        with created(path, SECRET) as store:
            store.stage(before)
        changes = dict.fromkeys(after - before, 1) | dict.fromkeys(before - after, -1)
        with opened(path, SECRET) as store, store.transaction():
            store.add_entries(changes)
            return list(touched_findings(store, TERMS, changes, "test."))


def of_chain(names, links):
    return {(names_of(0), entry) for entry in names} | {(links_of(0), entry) for entry in links}


@given(chains(), chains(), st.lists(LINKS, max_size=2), st.lists(st.integers(0, 30), max_size=2))
@settings(deadline=None, max_examples=60, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_a_touched_chain_is_wrong_where_the_whole_chain_is(before, after, further, gone):
    assume(is_whole(*before))
    names, links = after
    links = sorted(links)
    for pick in gone[: len(links) - 1]:
        links.pop(pick % len(links))
    links = {*links, *(LINK.pack(hashed(a), hashed(b), bitmap, flags) for a, b, bitmap, flags in further)}
    found = findings_after(of_chain(*before), of_chain(names, links))
    assert bool(found) != is_whole(names, links)


RING = st.lists(st.integers(0, 9), min_size=1, unique=True)


def of_ring(names, nexts):
    return {(NSEC_NAMES, bytes([one]) * 16) for one in names} | {(NSEC_NEXTS, bytes([one]) * 16) for one in nexts}


@given(RING, RING, RING)
@settings(deadline=None, max_examples=60)
def test_an_nsec_ring_is_whole_while_names_and_next_names_are_the_same(before, names, nexts):
    found = findings_after(of_ring(before, before), of_ring(names, nexts))
    assert bool(found) == (set(names) != set(nexts))
