"""RFC 6962 trees: the classic vectors of certificate-transparency, an independent recursion, and changed proofs."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestations.errors import InputError
from gatekeeper.ledger.tree import EMPTY_ROOT, MerkleTree, leaf_hash, node_hash, verify_consistency, verify_inclusion

# The eight leaves and their roots, as in the tests of certificate-transparency and transparency-dev/merkle.
LEAVES = tuple(
    leaf_hash(bytes.fromhex(text))
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
)
ROOTS = tuple(
    bytes.fromhex(text)
    for text in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
)
N01 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
N03 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
N23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
N47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
N67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
INCLUSION = {
    (0, 1): (),
    (0, 8): (LEAF_1, N23, N47),
    (5, 8): (LEAF_4, N67, N03),
    (2, 3): (N01,),
    (1, 5): (LEAVES[0].hex(), N23, LEAF_4),
}
CONSISTENCY = {(1, 1): (), (1, 8): (LEAF_1, N23, N47), (6, 8): (N45, N67, N03), (2, 5): (N23, LEAF_4)}

MANY = tuple(leaf_hash(b"%d" % number) for number in range(70))
FOREST = MerkleTree(MANY)


def by_definition(leaves):
    """The root as RFC 6962, section 2.1, writes it: nothing stored, nothing shared with the code under test."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:half]) + by_definition(leaves[half:])).digest()


def flipped(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def refused(check, *arguments):
    with pytest.raises(InputError) as caught:
        check(*arguments)
    assert caught.value.code == "LOG"


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_classic_vectors(size):
    assert MerkleTree(LEAVES[:size]).root(size) == ROOTS[size]
    assert MerkleTree(LEAVES).root(size) == ROOTS[size]


@pytest.mark.parametrize(("place", "expected"), INCLUSION.items(), ids=map(str, INCLUSION))
def test_the_inclusion_proofs_are_those_of_the_classic_vectors(place, expected):
    index, size = place
    path = MerkleTree(LEAVES).inclusion_proof(index, size)
    assert tuple(node.hex() for node in path) == expected
    verify_inclusion(LEAVES[index], index, size, path, ROOTS[size])


@pytest.mark.parametrize(("sizes", "expected"), CONSISTENCY.items(), ids=map(str, CONSISTENCY))
def test_the_consistency_proofs_are_those_of_the_classic_vectors(sizes, expected):
    old, size = sizes
    path = MerkleTree(LEAVES).consistency_proof(old, size)
    assert tuple(node.hex() for node in path) == expected
    verify_consistency(old, ROOTS[old], size, ROOTS[size], path)


def test_a_leaf_and_a_node_over_the_same_bytes_have_different_hashes():
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != node_hash(LEAVES[0], LEAVES[1])


def test_the_roots_of_all_sizes_are_those_of_the_definition():
    assert [FOREST.root(size) for size in range(71)] == [by_definition(MANY[:size]) for size in range(71)]


def test_every_inclusion_proof_of_every_size_verifies():
    for size in range(1, 71):
        for index in range(size):
            verify_inclusion(MANY[index], index, size, FOREST.inclusion_proof(index, size), FOREST.root(size))


def test_every_consistency_proof_of_every_pair_of_sizes_verifies():
    for size in range(1, 71):
        for old in range(1, size + 1):
            proof = FOREST.consistency_proof(old, size)
            verify_consistency(old, FOREST.root(old), size, FOREST.root(size), proof)


@settings(max_examples=150)
@given(st.data())
def test_an_inclusion_proof_with_one_bit_changed_is_refused(data):
    size = data.draw(st.integers(2, 70))
    index = data.draw(st.integers(0, size - 1))
    path, root = FOREST.inclusion_proof(index, size), FOREST.root(size)
    parts = [MANY[index], root, *path]
    place, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[place] = flipped(parts[place], bit)
    refused(verify_inclusion, parts[0], index, size, parts[2:], parts[1])


@settings(max_examples=150)
@given(st.data())
def test_a_consistency_proof_with_one_bit_changed_is_refused(data):
    size = data.draw(st.integers(2, 70))
    old = data.draw(st.integers(1, size - 1))
    parts = [FOREST.root(old), FOREST.root(size), *FOREST.consistency_proof(old, size)]
    place, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[place] = flipped(parts[place], bit)
    refused(verify_consistency, old, parts[0], size, parts[1], parts[2:])


@given(st.integers(2, 70), st.data())
def test_an_inclusion_proof_holds_for_no_other_index(size, data):
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size + 2).filter(lambda number: number != index))
    path = FOREST.inclusion_proof(index, size)
    verify_inclusion(MANY[index], index, size, path, FOREST.root(size))
    refused(verify_inclusion, MANY[index], other, size, path, FOREST.root(size))


@pytest.mark.parametrize(
    "change",
    [lambda path: path[:-1], lambda path: (*path, MANY[0]), lambda _: ()],
    ids=["too few", "too many", "none"],
)
def test_a_proof_with_a_hash_too_few_or_too_many_is_refused(change):
    refused(verify_inclusion, MANY[3], 3, 11, change(FOREST.inclusion_proof(3, 11)), FOREST.root(11))
    refused(verify_consistency, 5, FOREST.root(5), 11, FOREST.root(11), change(FOREST.consistency_proof(5, 11)))


def test_the_only_entry_needs_no_path():
    verify_inclusion(MANY[0], 0, 1, (), MANY[0])
    refused(verify_inclusion, MANY[0], 0, 1, (MANY[1],), MANY[0])
    refused(verify_inclusion, MANY[0], 1, 1, (), MANY[0])


def test_nothing_is_in_an_empty_tree():
    refused(verify_inclusion, MANY[0], 0, 0, (), EMPTY_ROOT)


def test_the_empty_tree_begins_every_tree_and_has_one_root():
    verify_consistency(0, EMPTY_ROOT, 11, FOREST.root(11), ())
    refused(verify_consistency, 0, FOREST.root(1), 11, FOREST.root(11), ())
    refused(verify_consistency, 0, EMPTY_ROOT, 11, FOREST.root(11), (MANY[0],))


def test_two_trees_of_one_size_are_consistent_only_if_they_are_the_same():
    verify_consistency(11, FOREST.root(11), 11, FOREST.root(11), ())
    refused(verify_consistency, 11, FOREST.root(11), 11, FOREST.root(12), ())
    refused(verify_consistency, 11, FOREST.root(11), 11, FOREST.root(11), (MANY[0],))


def test_a_tree_never_begins_a_smaller_one():
    refused(verify_consistency, 12, FOREST.root(12), 11, FOREST.root(11), FOREST.consistency_proof(11, 12))


def test_an_inner_node_is_no_leaf_although_it_leads_to_the_root():
    n01, n23 = node_hash(*MANY[:2]), node_hash(*MANY[2:4])
    verify_inclusion(n01, 0, 2, (n23,), FOREST.root(4))  # what such a tree of two would be
    refused(verify_inclusion, n01, 0, 4, (n23,), FOREST.root(4))


def test_a_consistency_proof_that_ends_below_the_root_is_refused():
    verify_consistency(1, MANY[0], 2, node_hash(*MANY[:2]), (MANY[1],))
    refused(verify_consistency, 1, MANY[0], 4, node_hash(*MANY[:2]), (MANY[1],))


def test_one_root_cannot_stand_for_two_sizes():
    root = node_hash(MANY[1], MANY[0])
    refused(verify_consistency, 6, root, 5, root, (MANY[0], MANY[1]))
