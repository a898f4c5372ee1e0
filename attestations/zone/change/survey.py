"""One pass over a version of a zone: what a comparison with another version needs to know of it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

from attestations.errors import InputError
from attestations.zone.change.entries import Buckets
from attestations.zone.change.proof import Proof, Signers, good_signers
from attestations.zone.reading.flat import Zone, line_of, pieces
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.text_forms import algorithm_number, number, ttl_number
from attestations.zone.reading.types import TYPES, type_number, type_text
from attestations.zone.validation.effort import TooMuchWorkError, allowed_for, insist_on_bounded
from attestations.zone.validation.signatures import effort_of

NAME_SIZE = 8
NS, DS = b"\2", b"\53"
"""what an entry is about: its octet after the name"""
MAX_SIGNER_SETS = 1024
"""ways in which RRsets of one zone are signed; with n keys there are a few times n"""

_RDATA_SIZE = 7
_KEY_TYPES = frozenset({b"DNSKEY", b"CDS", b"CDNSKEY"})


@dataclass(frozen=True, kw_only=True)
class Use:
    """The RRsets that one set of keys signs."""

    ttl: int
    """the longest"""
    example: str
    """owner and type of one of them"""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What was seen."""

    counts: Mapping[str, int]
    """records by type"""
    max_ttl: int
    delegations: Buckets = field(repr=False)
    """an entry for each NS and DS record below the apex: name, NS or DS, digest of the RDATA"""
    signed_by: Mapping[Signers, Use]
    """how data are signed; DNSKEY and its kin are not data: resolvers reach them through the DS. Where an RRset has
    several signatures and the keys change, only those count that verify"""


def survey_of(zone: Zone, delegations: Buckets, proof: Proof) -> Survey:
    """Return the survey of a flat zone, its delegations going into `delegations`; `proof` tells who signed.

    An owner is taken to stand in one place of the file. Raises Unflat, InputError (DNS-ZONEFILE, LIMIT), and
    ValueError for a number or name that cannot be read.
    """
    tally = _Tally(delegations, zone, proof)
    for offset, size in pieces(zone):
        tally.look(zone, offset, size)
    return Survey(
        counts={rtype.decode("ascii"): count for rtype, count in tally.counts.items()},
        max_ttl=tally.max_ttl,
        delegations=delegations,
        signed_by=tally.signed_by,
    )


def name_digest(owner: bytes) -> bytes:
    """Return the short name of an owner that is given as it stands in the file."""
    plain = wire_name(owner) if b"\\" in owner else owner.lower()
    return blake2b(plain, digest_size=NAME_SIZE).digest()


class _Tally:
    """What the pass has gathered so far."""

    def __init__(self, delegations: Buckets, zone: Zone, proof: Proof) -> None:
        self.delegations, self.apex = delegations, zone.name.encode("ascii")
        self.proof, self.allowed = proof, allowed_for(zone.size)
        self.effort: Counter[str] = Counter()
        self.counts: Counter[bytes] = Counter()
        self.max_ttl = 0
        self.signed_by: dict[Signers, Use] = {}

    def look(self, zone: Zone, offset: int, size: int) -> None:
        """Take a piece of the file. One loop, because it runs for each of up to 10^8 records."""
        counts, apex, add, known_types = self.counts, self.apex, self.delegations.add, TYPES
        last, name, last_ttl, seconds = b"", b"", b"", 0
        signed: defaultdict[bytes, set[tuple[int, int]]] = defaultdict(set)
        ttls: dict[bytes, int] = {}
        lines, begin = zone.read(offset, size).split(b"\n"), 0
        for index, raw in enumerate(lines):
            parts = raw.split(None, 4)
            if not parts or raw[:1] == b";":
                continue
            if len(parts) < 5 or parts[2] != b"IN" or raw[0] <= 32 or b"(" in raw or b";" in raw or b"\\#" in raw:
                line_of(raw, offset)
            owner, ttl, _, rtype, rest = parts
            if rtype not in known_types:
                rtype = _mnemonic(rtype)
            if owner != last:
                if signed:
                    self._note(last, signed, ttls, lines[begin:index])
                last, name, begin = owner, b"", index
            if ttl != last_ttl:
                last_ttl, seconds = ttl, _seconds(ttl)
                self.max_ttl = max(self.max_ttl, seconds)
            counts[rtype] += 1
            if rtype == b"RRSIG":
                covered, algorithm, _, _, _, _, tag, _ = rest.split(None, 7)
                covered = covered if covered in known_types else _mnemonic(covered)
                signed[covered].add(_signer(tag, algorithm))
                ttls[covered] = seconds
            elif rtype in (b"NS", b"DS") and owner.lower() != apex:
                name = name or name_digest(owner)
                add(name + (NS if rtype == b"NS" else DS) + _rdata_digest(rtype, rest))
        self._note(last, signed, ttls, lines[begin:])

    def _note(
        self,
        owner: bytes,
        signed: defaultdict[bytes, set[tuple[int, int]]],
        ttls: dict[bytes, int],
        lines: Sequence[bytes],
    ) -> None:
        """Take how the RRsets of one owner are signed, and forget them."""
        for covered, claimed in signed.items():
            if covered in _KEY_TYPES:
                continue
            signers = self._good(covered, lines) if self.proof.is_needed(claimed) else frozenset(claimed)
            known = self.signed_by.get(signers)
            if signers and (known is None or ttls[covered] > known.ttl):
                example = f"{owner[:200].decode('ascii', 'replace')} {covered.decode('ascii', 'replace')}"
                self.signed_by[signers] = Use(ttl=ttls[covered], example=example)
        if len(self.signed_by) > MAX_SIGNER_SETS:
            raise _too_many_signers()
        signed.clear()

    def _good(self, covered: bytes, lines: Sequence[bytes]) -> Signers:
        """Return who made the good signatures over an RRset; nobody where it is wrong in this version by itself."""
        records = (line for line in lines if line and line[:1] != b";" and not line.isspace())
        judged = self.proof.judged(type_number(covered), records)
        self.effort.update(effort_of(judged.signatures, self.proof.keys))
        try:
            insist_on_bounded(self.effort, self.allowed)
        except TooMuchWorkError as reason:
            raise _too_costly(str(reason)) from None
        return good_signers(judged)


@lru_cache(maxsize=4096)
def _mnemonic(rtype: bytes) -> bytes:
    """Return the one spelling of a type that has others (`ns`, `TYPE2`)."""
    return type_text(type_number(rtype)).encode("ascii")


@lru_cache(maxsize=4096)
def _seconds(ttl: bytes) -> int:
    return ttl_number(ttl)


@lru_cache(maxsize=4096)
def _signer(tag: bytes, algorithm: bytes) -> tuple[int, int]:
    return number(tag, 16), algorithm_number(algorithm)


@lru_cache(maxsize=65536)
def _rdata_digest(rtype: bytes, rest: bytes) -> bytes:
    """Return a digest of NS or DS RDATA in which case and the blanks in a hash make no difference."""
    if rtype == b"NS":
        (target,) = rest.split()
        plain = wire_name(target)
    else:
        tag, algorithm, digest_type, *parts = rest.lower().split()
        plain = b" ".join((tag, algorithm, digest_type, b"".join(parts)))
    return blake2b(plain, digest_size=_RDATA_SIZE).digest()


def _too_many_signers() -> InputError:
    found = f"a zone that is signed in more than {MAX_SIGNER_SETS} ways"
    return _over_limit(found, "RRsets that are each signed by one of a few sets of keys")


def _too_costly(found: str) -> InputError:
    return _over_limit(found, "signatures by a few keys, each with a tag of its own")


def _over_limit(found: str, wanted: str) -> InputError:
    fix = "look at the signatures:  attest zone --zone ZONE --file FILE"
    return InputError("LIMIT", found=found, wanted=wanted, fix=fix)
