"""What a piece of the zone leaves for the check of the denial chains: names that they must deny around, and records."""

from attestations.zone.reading.flat import Unflat
from attestations.zone.reading.rdata import bitmap_wire, rdata_wire
from attestations.zone.reading.types import TYPES, type_number
from attestations.zone.validation.denial.authority import ancestors
from attestations.zone.validation.denial.bitmap import nsec3_types
from attestations.zone.validation.denial.entries import (
    ABOVE_DATA,
    ABOVE_INSECURE,
    DATA,
    INSECURE,
    NO_HASH,
    OPT_OUT,
    ChainEntries,
    DenialEntries,
    bitmap_digest,
    name_key,
    partition,
)
from attestations.zone.validation.denial.parameters import HASH_SIZE, MAX_CHAINS, Parameters, parameters_in
from attestations.zone.validation.effort import HASHING, OF_NAME, insist_on_bounded
from attestations.zone.validation.terms import Terms

_REMEMBERED = 4096
_NS = frozenset({TYPES[b"NS"]})
_NSEC3PARAM = TYPES[b"NSEC3PARAM"]
_HASH_TEXT = 32
_Head = tuple[bytes, int, bytes]
"""of NSEC3 RDATA: wire form up to the next hash, place of the chain among those that are checked, flags"""


class ChainWriter:
    """Collects the entries of one piece after the other."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._chains = terms.chains
        self._insists = terms.sees_all and not terms.is_sorted
        self._names: tuple[list[bytes], ...] = tuple([] for _ in terms.chains)
        self._hashing = [(chain.hash, names.append) for chain, names in zip(terms.chains, self._names, strict=True)]
        self._effort_of_name = sum(OF_NAME + chain.iterations for chain in terms.chains)
        self._links: tuple[list[bytes], ...] = tuple([] for _ in terms.chains)
        self._owners: list[bytes] = []
        self._nexts: list[bytes] = []
        self._above: set[tuple[bytes, bytes]] = set()
        self._has_nsec = False
        self.opt_out = False
        """an NSEC3 record with the opt-out flag was seen"""
        self._parameters: set[Parameters] = set()
        self._bitmaps: dict[bytes, bytes] = {}
        self._digests: dict[tuple[frozenset[int], bool], bytes] = {}
        self._empty = self._digest(b"")
        self._insecure = self._digest_of(_NS, is_cut=True) + INSECURE
        self._heads: dict[bytes, _Head] = {}
        self._types: dict[bytes, tuple[bytes, bytes]] = {}
        self._next_text, self._next_hash = b"", b""

    def add_name(self, name: bytes, types: frozenset[int], *, is_cut: bool, is_deep: bool) -> None:
        """Note a name with authoritative data or a secure delegation; deep: other names lie between it and the apex."""
        if self._chains:
            digest = self._digest_of(types, is_cut=is_cut)
            for hash_of, append in self._hashing:
                append(hash_of(name) + digest + DATA)
            if is_deep:
                self._add_above(name, ABOVE_DATA)
        if self._terms.has_nsec:
            self._owners.append(name_key(name, self._terms.secret))

    def add_insecure(self, name: bytes, *, is_deep: bool) -> None:
        """Note an insecure delegation."""
        if self._terms.hashes_insecure:
            for hash_of, append in self._hashing:
                append(hash_of(name) + self._insecure)
            if is_deep and self._chains:
                self._add_above(name, ABOVE_INSECURE)
        if self._terms.has_nsec:
            self._owners.append(name_key(name, self._terms.secret))

    def add_next(self, following: bytes) -> None:
        """Note the next name of an NSEC record, in lower-case wire form."""
        self._nexts.append(name_key(following, self._terms.secret))

    def see_nsec(self) -> None:
        """Note that there is an NSEC record."""
        self._has_nsec = True

    def add_link(self, hashed: bytes, rdata: bytes) -> None:
        """Note an NSEC3 record by the hash in its owner and its canonical RDATA; raise Unflat as read_nsec3 does."""
        at = 6 + rdata[4]
        following, bitmap = rdata[at : at + rdata[at - 1]], rdata[at + rdata[at - 1] :]
        chain = self._chain_of(parameters_in(rdata))
        self.opt_out |= bool(rdata[1] & OPT_OUT)
        if chain >= 0:
            following = following if len(following) == HASH_SIZE else NO_HASH
            self._links[chain].append(hashed + following + self._digest(bitmap) + rdata[1:2])

    def read_nsec3(self, label: bytes, text: bytes) -> bytes | None:
        """Return canonical RDATA of a plain NSEC3 record, from the first label of its owner and its text; None if odd.

        Its entry is noted. Raises Unflat for a record of no checked chain, unless the file is sorted: nobody would see
        that its owner stands in two places. A hot path: of an opt-in zone nearly every other line passes here.
        """
        fields = text.split(None, 5)
        if len(fields) < 5 or len(label) != _HASH_TEXT:
            return None
        following = fields[4]
        begin = text[: text.rindex(following)]  # a salt may hold the same text
        try:
            prefix, chain, flags = self._heads.get(begin) or self._read_head(begin)
            types = fields[5] if len(fields) == 6 else b""
            bitmap, digest = self._types.get(types) or self._read_types(types)
            hashed = self._next_hash if label == self._next_text else _hash_of(label)
            next_hash = _hash_of(following)
        except ValueError:
            return None
        self._next_text, self._next_hash = following, next_hash
        if chain >= 0:
            self._links[chain].append(hashed + next_hash + digest + flags)
        return prefix + next_hash + bitmap

    @property
    def effort(self) -> int:
        """Units of work for the names that were hashed since the last time."""
        return self._effort_of_name * len(self._names[0]) if self._names else 0

    def drain(self) -> DenialEntries:
        """Return what was collected since the last time."""
        bits = self._terms.bits
        entries = DenialEntries(
            chains=tuple(
                ChainEntries(names=partition(names, bits), links=partition(links, bits))
                for names, links in zip(self._names, self._links, strict=True)
            ),
            nsec_owners=partition(self._owners, bits),
            nsec_nexts=partition(self._nexts, bits),
            nsec=self._has_nsec,
            parameters=frozenset(self._parameters),
            bitmaps=dict(self._bitmaps),
        )
        for entered in (*self._names, *self._links, self._owners, self._nexts):
            entered.clear()
        self._above.clear()
        self._forget()
        return entries

    def _forget(self) -> None:
        """Keep what is remembered from growing with the zone."""
        for remembered in (self._digests, self._heads, self._types):
            if len(remembered) > _REMEMBERED:
                remembered.clear()
                self._bitmaps.clear()

    def _add_above(self, name: bytes, kind: bytes) -> None:
        for ancestor in ancestors(name, self._terms.apex):
            if (ancestor, kind) in self._above:
                break
            self._above.add((ancestor, kind))
            for hash_of, append in self._hashing:
                append(hash_of(ancestor) + self._empty + kind)
        insist_on_bounded({HASHING: self.effort}, self._terms.allowed)

    def _digest_of(self, types: frozenset[int], *, is_cut: bool) -> bytes:
        digest = self._digests.get((types, is_cut))
        if digest is None:
            digest = self._digest(bitmap_wire(nsec3_types(types, is_cut=is_cut)))
            self._digests[types, is_cut] = digest
        return digest

    def _digest(self, bitmap: bytes) -> bytes:
        digest = bitmap_digest(bitmap, self._terms.secret)
        self._bitmaps[digest] = bitmap
        return digest

    def _read_head(self, begin: bytes) -> _Head:
        rdata = rdata_wire(_NSEC3PARAM, begin.split())
        self.opt_out |= bool(rdata[1] & OPT_OUT)
        head = rdata + bytes([HASH_SIZE]), self._chain_of(parameters_in(rdata)), rdata[1:2]
        self._heads[begin] = head
        return head

    def _read_types(self, text: bytes) -> tuple[bytes, bytes]:
        bitmap = bitmap_wire(map(type_number, text.split()))
        self._types[text] = bitmap, self._digest(bitmap)
        return self._types[text]

    def _chain_of(self, parameters: Parameters) -> int:
        if len(self._parameters) <= MAX_CHAINS:
            self._parameters.add(parameters)
        if parameters in self._chains:
            return self._chains.index(parameters)
        if self._insists:
            raise Unflat(0, "NSEC3 records of a chain that is not checked: other ones of their owners are not seen")
        return -1


def _hash_of(text: bytes) -> bytes:
    """Return a hash from base32hex; int() alone takes signs, underscores and blanks too."""
    if len(text) != _HASH_TEXT or not text.isalnum():
        raise ValueError("no hash")
    return int(text, 32).to_bytes(HASH_SIZE)
