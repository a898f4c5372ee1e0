"""RRsets whose signatures are all good, judged from their text. What is not plainly good is left to `signatures`.

This is the hot path: of a million signed RRsets nearly all are good, and each of them passes here once. What recurs in
signatures (all but times and signature) is parsed once, and sums are kept where it is remembered.
"""

from binascii import a2b_base64
from collections.abc import Mapping, Sequence
from struct import Struct

from attestations.dnskey import ECDSAP256SHA256, ECDSAP384SHA384, Verifier
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.text_forms import algorithm_number, number, time_number
from attestations.zone.reading.types import type_number
from attestations.zone.validation.effort import of_signature, signatures_with
from attestations.zone.validation.faster import faster_for
from attestations.zone.validation.published import MAX_KEYS_OF_ONE_TAG, PublishedKey
from attestations.zone.validation.signatures import MAX_SIGNATURES, Outcome, serial_difference
from attestations.zone.validation.tally import DENIAL, Tally
from attestations.zone.validation.terms import Terms

_REMEMBERED = 4096
_FOREVER = 2**31
_LARGE = 2**15
"""octets of an RRset about which somebody else asks whether it fits a message"""
_CLASS_IN = 1
_ECDSA = frozenset({ECDSAP256SHA256, ECDSAP384SHA384})
_FIRST = Struct("!HBBI")
_TIMES = Struct("!II")
_FIXED = Struct("!HHI")
_SECONDS = {b"%02d" % second: second for second in range(60)}
_MINUTES = {b"%02d%02d" % (hour, minute): (hour * 60 + minute) * 60 for hour in range(24) for minute in range(60)}
_PADDED_TWICE = frozenset((b"A==", b"Q==", b"g==", b"w=="))
_PADDED_ONCE = frozenset(b"%c=" % last for last in b"AEIMQUYcgkosw048")
"""how base64 ends whose spare bits are zero"""
_LENGTHS = tuple(length.to_bytes(2) for length in range(512))

Fields = list[bytes]
"""of a line: owner, TTL, class, type, RDATA text"""


class _Key:
    """A published key, how many signatures it verified in this piece, and on how many it was tried."""

    __slots__ = (
        "_key",
        "_openssl",
        "confirmer",
        "count",
        "effort",
        "fingerprint",
        "nonce_of",
        "tries",
        "verify",
        "what",
    )

    def __init__(self, key: PublishedKey, verify: Verifier, index: int, *, in_a_hurry: bool) -> None:
        self._key, self._openssl = key, verify
        self.verify: Verifier = self._first if in_a_hurry else verify
        self.confirmer = ""
        self.fingerprint = key.fingerprint
        self.nonce_of = bytes([index]) if key.algorithm in _ECDSA and index < 256 else b""
        self.effort, self.what = of_signature(key.algorithm), signatures_with(key.tag, key.algorithm)
        self.count = self.tries = 0

    def _first(self, signature: bytes, data: bytes) -> bool:
        """Verify a signature; once one is good, leave those that follow to a faster library that is right about it."""
        if not self._openssl(signature, data):
            return False
        faster = faster_for(self._key.algorithm, self._key.public_key, signature, data)
        self.confirmer, self.verify = (faster.name, faster.verify) if faster else ("", self._openssl)
        return True


class _Stem:
    """What signatures share that differ in their times alone, and how many of them were good in this piece."""

    __slots__ = (
        "algorithm",
        "count",
        "covered",
        "first",
        "fixed",
        "keys",
        "labels",
        "last",
        "signer",
        "tag",
        "ttl",
        "ttl_text",
    )

    def __init__(
        self, covered: bytes, algorithm: bytes, labels: bytes, ttl: bytes, tag: bytes, signer: bytes, keys: "_Keys"
    ) -> None:
        self.covered, self.algorithm, self.tag = type_number(covered), algorithm_number(algorithm), number(tag, 16)
        self.labels, self.ttl, self.ttl_text = number(labels, 8), number(ttl, 32), ttl
        self.signer = wire_name(signer)
        self.first = _FIRST.pack(self.covered, self.algorithm, self.labels, self.ttl)
        self.last = self.tag.to_bytes(2) + self.signer
        self.fixed = _FIXED.pack(self.covered, _CLASS_IN, self.ttl)
        self.keys = keys.get((self.tag, self.algorithm), ())
        self.count = 0


_Keys = Mapping[tuple[int, int], tuple[_Key, ...]]
_Head = tuple[bytes, int, _Stem | None]
"""a signature without its last field: wire form, seconds until it expires, stem (None: it cannot be good)"""
_Verified = tuple[_Stem, _Key, int, bytes]
"""a good signature: stem, key, seconds until it expires, octets"""
_UNUSABLE: _Head = (b"", 0, None)


class Good:
    """Finds RRsets that are good beyond doubt."""

    def __init__(self, terms: Terms) -> None:
        self._now = terms.now
        self._apex = terms.apex
        self._algorithms = frozenset(terms.keys.algorithms)
        self._only_algorithm = terms.keys.algorithms[0] if len(terms.keys.algorithms) == 1 else -1
        usable = {
            key: _Key(key, key.verify, index, in_a_hurry=terms.in_a_hurry)
            for index, key in enumerate(terms.keys.keys)
            if key.verify is not None and not key.is_revoked and terms.blame is None
        }
        self._keys = {
            tag: tuple(usable[key] for key in keys)
            for tag, keys in terms.keys.by_tag.items()
            if len(keys) <= MAX_KEYS_OF_ONE_TAG and all(key in usable for key in keys)
        }
        self._every_key = tuple(usable.values())
        self._heads: dict[bytes, _Head] = {}
        self._stems: dict[tuple[bytes, ...], _Stem] = {}
        self._days: dict[bytes, int] = {}
        self._remaining = _FOREVER
        self._longest_life = 0
        self._rrsets = 0
        self.nonces: list[bytes] = []
        """for each ECDSA signature that a key verifies: its place among the published ones, and the beginning of r"""

    def is_good(
        self, owner: bytes, labels: int, records: Sequence[Fields], rdatas: list[bytes], rrsigs: list[bytes]
    ) -> bool:
        """Return whether an RRset has good signatures only, of each algorithm, and fitting TTLs; if so, count it.

        `owner` is in lower-case wire form with so many labels, `rdatas` are the canonical ones of `records`, `rrsigs`
        the texts of its signatures. Raises nothing for malformed signatures: they are not good.
        """
        if len(rrsigs) == 1:
            one = self._verified(owner, labels, records, rdatas, rrsigs[0])
            if one is None or one[0].algorithm != self._only_algorithm:
                return False
            self._count(one)
            remaining = one[2]
        else:
            every = self._all_verified(owner, labels, records, rdatas, rrsigs)
            if not every or {one[0].algorithm for one in every} < self._algorithms:
                return False
            for one in every:
                self._count(one)
            remaining = max(one[2] for one in every)
        self._rrsets += 1
        self._remaining = min(self._remaining, remaining)
        return True

    def drain(self, tally: Tally) -> None:
        """Add what was counted since the last time to a tally."""
        tally.population += self._rrsets
        tally.checked += self._rrsets
        if self._rrsets:
            tally.note_remaining(self._remaining)
        tally.longest_life = max(tally.longest_life, self._longest_life)
        for stem in self._stems.values():
            if stem.count:
                tally.outcomes[Outcome.OK] += stem.count
                tally.by_type[stem.covered] += stem.count
                tally.verified_by_tag[stem.tag, stem.algorithm] += stem.count
                if stem.covered in DENIAL:
                    tally.denial_ttls.add(stem.ttl)
                stem.count = 0
        for key in self._every_key:
            if key.tries:
                tally.verified_by_key[key.fingerprint] += key.count
                tally.effort[key.what] += key.tries * key.effort
                tally.libraries |= {key.confirmer} - {""}
                key.count = key.tries = 0
        self._rrsets, self._remaining, self._longest_life = 0, _FOREVER, 0
        self.nonces.clear()
        if len(self._stems) > _REMEMBERED:
            self._stems.clear()
            self._heads.clear()
        if len(self._days) > _REMEMBERED:
            self._days.clear()

    def _count(self, one: "_Verified") -> None:
        stem, key, _, signature = one
        stem.count += 1
        key.count += 1
        if key.nonce_of:
            self.nonces.append(key.nonce_of + signature[:8])

    def _all_verified(
        self, owner: bytes, labels: int, records: Sequence[Fields], rdatas: list[bytes], rrsigs: list[bytes]
    ) -> "list[_Verified] | None":
        if len(rrsigs) > MAX_SIGNATURES or len(set(rrsigs)) != len(rrsigs):
            return None
        every = []
        for text in rrsigs:
            one = self._verified(owner, labels, records, rdatas, text)
            if one is None:
                return None
            every.append(one)
        return every

    def _verified(
        self, owner: bytes, labels: int, records: Sequence[Fields], rdatas: list[bytes], text: bytes
    ) -> "_Verified | None":
        fields = text.split(None, 8)
        if len(fields) != 9:
            return None
        signature = fields[8]
        begin = text[: len(text) - len(signature)]
        head, remaining, stem = self._heads.get(begin) or self._head(begin, fields)
        if stem is None or stem.labels != labels:
            return None
        ttl = stem.ttl_text
        for record in records:
            if record[1] != ttl:
                return None
        if len(rdatas) == 1:
            rdata = rdatas[0]
            size = len(rdata)
            data = b"".join((head, owner, stem.fixed, _LENGTHS[size] if size < 512 else size.to_bytes(2), rdata))
        else:
            data = head + _joined(owner + stem.fixed, rdatas)
        signature = signature.replace(b" ", b"")
        ends_well = signature[-3:] in _PADDED_TWICE or signature[-1:] != b"=" or signature[-2:] in _PADDED_ONCE
        if len(data) > _LARGE or not ends_well:
            return None
        try:
            octets = a2b_base64(signature, strict_mode=True)
        except ValueError:
            return None
        for key in stem.keys:
            key.tries += 1
            if key.verify(octets, data):
                return stem, key, remaining, octets
        return None

    def _head(self, begin: bytes, fields: list[bytes]) -> _Head:
        """Parse and remember the beginning of a signature; one that cannot be good is remembered as such."""
        try:
            head = self._parsed(fields)
        except ValueError:
            head = _UNUSABLE
        if len(self._heads) > _REMEMBERED:
            self._heads.clear()
        self._heads[begin] = head
        return head

    def _parsed(self, fields: list[bytes]) -> _Head:
        covered, algorithm, labels, ttl, expiration_text, inception_text, tag, signer, _ = fields
        stem = self._stems.get((covered, algorithm, labels, ttl, tag, signer))
        if stem is None:
            stem = _Stem(covered, algorithm, labels, ttl, tag, signer, self._keys)
            self._stems[covered, algorithm, labels, ttl, tag, signer] = stem
        expiration, inception = self._time(expiration_text), self._time(inception_text)
        remaining = serial_difference(expiration, self._now)
        life = serial_difference(expiration, inception)
        self._longest_life = max(self._longest_life, life)
        is_in_time = remaining >= 0 and serial_difference(inception, self._now) <= 0 and life >= 0
        if not (is_in_time and stem.ttl <= life and stem.keys and stem.signer == self._apex):
            return _UNUSABLE
        return stem.first + _TIMES.pack(expiration, inception) + stem.last, remaining, stem

    def _time(self, text: bytes) -> int:
        """Days recur, also where a signer spreads its times."""
        if len(text) != 14:
            return time_number(text)
        day = self._days.get(text[:8])
        if day is None:
            day = self._days[text[:8]] = time_number(text[:8] + b"000000")
        try:
            return (day + _MINUTES[text[8:12]] + _SECONDS[text[12:]]) % 2**32
        except KeyError:
            return time_number(text)


def _joined(prefix: bytes, rdatas: list[bytes]) -> bytes:
    """Return the records of an RRset as they are signed: in canonical order, without duplicates."""
    return b"".join([prefix + len(rdata).to_bytes(2) + rdata for rdata in sorted(set(rdatas))])
