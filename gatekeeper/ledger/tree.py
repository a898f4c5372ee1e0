"""The Merkle tree of RFC 6962: roots, inclusion and consistency proofs, and their checks (RFC 9162, section 2.1)."""

import hashlib
from collections.abc import Iterable, Sequence

from attestations.errors import InputError
from gatekeeper.ledger.refusal import refusal

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class MerkleTree:
    """A growing tree over leaf hashes; it answers for the tree it is and for every smaller one it was."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        # _levels[k][i] is the root of the complete subtree over the leaves i * 2**k to (i + 1) * 2**k.
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._levels[0])

    def leaf(self, index: int) -> bytes:
        """Return the leaf hash at `index`."""
        return self._levels[0][index]

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash, and every subtree that it completes."""
        level = 0
        self._levels[0].append(leaf)
        while len(self._levels[level]) % 2 == 0:
            if level + 1 == len(self._levels):
                self._levels.append([])
            left, right = self._levels[level][-2:]
            level += 1
            self._levels[level].append(node_hash(left, right))

    def root(self, size: int) -> bytes:
        """Return the root over the first `size` leaves (RFC 9162, section 2.1.1)."""
        return self._subtree(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the path from leaf `index` to the root over the first `size` leaves (RFC 9162, section 2.1.3.1)."""
        path = []
        start, end = 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._subtree(middle, end))
                end = middle
            else:
                path.append(self._subtree(start, middle))
                start = middle
        return tuple(reversed(path))

    def consistency_proof(self, old: int, size: int) -> tuple[bytes, ...]:
        """Return what shows that the tree of `old` (not 0) begins the tree of `size` (RFC 9162, section 2.1.4.1)."""
        path = []
        start, end = 0, size
        while old != end:
            middle = start + _split(end - start)
            if old <= middle:
                path.append(self._subtree(middle, end))
                end = middle
            else:
                path.append(self._subtree(start, middle))
                start = middle
        if start:  # a subtree that begins at 0 is the old tree itself: the reader has its root
            path.append(self._subtree(start, end))
        return tuple(reversed(path))

    def _subtree(self, start: int, end: int) -> bytes:
        """Return the root over the leaves from `start` to `end`: stored if complete, computed at the right edge."""
        width = end - start
        if width & (width - 1) == 0:
            return self._levels[width.bit_length() - 1][start // width]
        middle = start + _split(width)
        return node_hash(self._subtree(start, middle), self._subtree(middle, end))


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that `leaf` is at `index` in the tree of `size` under `root`; raise InputError (LOG) if it is not.

    RFC 9162, section 2.1.3.2, by its own step numbers.
    """
    if index >= size:  # 1
        raise _unproven(f"a proof for entry {index} of a log that has {size}")
    fn, sn = index, size - 1  # 2
    computed = leaf  # 3
    for node in path:  # 4
        if sn == 0:  # 4a
            raise _unproven(f"an inclusion proof of {len(path)} hashes, more than the tree is high")
        if fn % 2 == 1 or fn == sn:  # 4b
            computed = node_hash(node, computed)
            fn, sn = _up_to_a_right_child(fn, sn)
        else:
            computed = node_hash(computed, node)
        fn, sn = fn >> 1, sn >> 1  # 4c
    if sn != 0 or computed != root:  # 5
        raise _unproven(f"an inclusion proof for entry {index} that does not lead to the root of the checkpoint")


def verify_consistency(old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> None:
    """Check that the tree (`old`, `old_root`) begins the tree (`size`, `root`); raise InputError (LOG) if it does not.

    RFC 9162, section 2.1.4.2, by its own step numbers, which hold for 0 < old < size; before them the two plain cases.
    """
    if old in {0, size}:
        if path or old_root != (EMPTY_ROOT if old == 0 else root):
            raise _forked(old, size)
        return
    if not path or old > size:  # 1
        raise _forked(old, size)
    nodes = [old_root, *path] if old & (old - 1) == 0 else list(path)  # 2
    fn, sn = old - 1, size - 1  # 3
    while fn % 2 == 1:  # 4
        fn, sn = fn >> 1, sn >> 1
    old_computed = computed = nodes[0]  # 5
    for node in nodes[1:]:  # 6
        if sn == 0:  # 6a
            raise _forked(old, size)
        if fn % 2 == 1 or fn == sn:  # 6b
            old_computed = node_hash(node, old_computed)
            computed = node_hash(node, computed)
            fn, sn = _up_to_a_right_child(fn, sn)
        else:
            computed = node_hash(computed, node)
        fn, sn = fn >> 1, sn >> 1  # 6c
    if old_computed != old_root or computed != root or sn != 0:  # 7
        raise _forked(old, size)


def _up_to_a_right_child(fn: int, sn: int) -> tuple[int, int]:
    """Shift both (steps 4b.ii and 6b.iii) until the least significant bit of `fn` is set or `fn` is 0."""
    while fn % 2 == 0 and fn != 0:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _split(width: int) -> int:
    """Return the largest power of two smaller than `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def _unproven(found: str) -> InputError:
    return refusal(found, wanted="an entry that is in the log", fix="get a new proof with `gatekeeper log prove`")


def _forked(old: int, size: int) -> InputError:
    return refusal(
        f"no proof that the log of {size} entries continues the log of {old}",
        wanted="one history: every later log begins with all entries of every earlier one",
    )
