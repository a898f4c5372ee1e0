"""A slow, straightforward maker of entries, on dnspython: what the pass over a zone must hand to the denial check."""

import io
import pickle
from dataclasses import dataclass, field, replace
from itertools import accumulate, groupby

import dns.name
import dns.rdata
import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from flat_files import opened

from attestations.zone.practice.authority import authority_of
from attestations.zone.practice.denial import Nsec3, with_denial
from attestations.zone.practice.model import ZoneVersion
from attestations.zone.practice.records import canonical_text, read_records, records_of, zone_of
from attestations.zone.validation.denial.checking import Question, check_denial
from attestations.zone.validation.denial.entries import (
    ABOVE_DATA,
    ABOVE_INSECURE,
    DATA,
    INSECURE,
    LINK,
    ChainEntries,
    DenialEntries,
    bitmap_digest,
    name_key,
    partition,
)
from attestations.zone.validation.denial.gathering import Gathered
from attestations.zone.validation.denial.lookup import Source
from attestations.zone.validation.denial.parameters import announced, checked, parameters_in
from attestations.zone.validation.effort import MAX_EFFORT

ORIGIN = dns.name.from_text("test.")
SECRET = b"of this run"
RFC_9276 = Nsec3()
BASE = "@ IN SOA ns1 hostmaster 1 7200 3600 1209600 3600\n@ IN NS ns1\nns1 IN A 192.0.2.1\n"


@dataclass
class Bench:
    """One zone, and how its entries are made."""

    zone: ZoneVersion
    bits: int = 0
    hashes_insecure: bool = True
    bitmaps: dict = field(default_factory=dict)

    def edited(self, edit):
        """Return the bench with an edited zone."""
        return replace(self, zone=edit(self.zone))

    def without(self, wanted):
        """Return the bench without some RRsets."""
        return self.edited(lambda zone: replace(zone, rrsets=tuple(one for one in zone.rrsets if not wanted(one))))

    def with_rdatas(self, wanted, change):
        """Return the bench with changed RDATA in some RRsets."""

        def changed(rrset):
            return replace(rrset, rdatas=tuple(map(change, rrset.rdatas))) if wanted(rrset) else rrset

        return self.edited(lambda zone: replace(zone, rrsets=tuple(map(changed, zone.rrsets))))

    @property
    def text(self):
        return canonical_text(records_of(self.zone))

    @property
    def params(self):
        return tuple(
            rdata.to_digestable()
            for rrset in self.zone.rrsets
            if rrset.rtype == RdataType.NSEC3PARAM and rrset.owner == ORIGIN
            for rdata in rrset.rdatas
        )

    @property
    def has_nsec(self):
        return any(rrset.rtype == RdataType.NSEC and rrset.owner == ORIGIN for rrset in self.zone.rrsets)

    def entries(self):
        """Return what one piece that holds the whole zone must say."""
        authority = authority_of(self.zone)
        names = frozenset(authority.names())
        insecure = {name for name in names & authority.cuts if RdataType.DS not in authority.types[name]}
        chains = checked(announced(self.params))
        return DenialEntries(
            chains=tuple(self._chain(chain, authority, names, insecure) for chain in chains),
            nsec_owners=partition([self._key(name) for name in names] if self.has_nsec else (), self.bits),
            nsec_nexts=partition(
                [self._key(one.next) for name in names for one in self._rdatas(name, RdataType.NSEC)], self.bits
            ),
            nsec=any(rrset.rtype == RdataType.NSEC for rrset in self.zone.rrsets),
            parameters=frozenset(parameters_in(one.to_digestable()) for _, one in self._records(RdataType.NSEC3)),
            bitmaps=self.bitmaps,
        )

    def question(self, zone):
        chains = checked(announced(self.params))
        return Question(
            zone=replace(zone, is_sorted=True),
            source=Source(apex=zone.wire, chains=chains, bits=self.bits, allowed=MAX_EFFORT, secret=SECRET),
            spans=spans_of(zone),
            nsec3params=self.params,
            has_nsec=self.has_nsec,
            hashes_insecure=self.hashes_insecure,
            effort={},
        )

    def report(self, **changes):
        """Return what the denial check says of the zone; `changes` are made to the entries."""
        with Gathered(len(checked(announced(self.params)))) as gathered, opened(self.text) as zone:
            gathered.add(replace(self.entries(), **changes))
            return check_denial(gathered, self.question(zone), run)

    def messages(self):
        """Return owner and message of every finding."""
        return {(one.owner, one.message) for one in self.report().kept}

    def digest_of(self, types):
        wire = bitmap_in(types)
        self.bitmaps[bitmap_digest(wire, SECRET)] = wire
        return bitmap_digest(wire, SECRET)

    def _chain(self, chain, authority, names, insecure):
        hashed_names = names if self.hashes_insecure else names - insecure
        entries = [
            chain.hash(name.to_digestable())
            + self.digest_of(self._types(name, authority))
            + (INSECURE if name in insecure else DATA)
            for name in hashed_names
        ]
        entries += [
            chain.hash(ancestor.to_digestable())
            + self.digest_of(frozenset())
            + (ABOVE_INSECURE if name in insecure else ABOVE_DATA)
            for name in hashed_names
            for ancestor in authority.ancestors(name)
            if ancestor != ORIGIN
        ]
        links = [
            LINK.pack(hash_of(owner), one.next, self._digest_in(one), one.flags)
            for owner, one in self._records(RdataType.NSEC3)
            if parameters_in(one.to_digestable()) == chain
        ]
        return ChainEntries(names=partition(entries, self.bits), links=partition(links, self.bits))

    def _types(self, name, authority):
        types = authority.types_to_deny_around(name)
        is_insecure = name in authority.cuts and RdataType.DS not in types
        return types if is_insecure else types | {RdataType.RRSIG}

    def _digest_in(self, nsec3):
        stream = io.BytesIO()
        nsec3.to_wire(stream)
        wire = stream.getvalue()[5 + len(nsec3.salt) + 1 + len(nsec3.next) :]
        self.bitmaps[bitmap_digest(wire, SECRET)] = wire
        return bitmap_digest(wire, SECRET)

    def _rdatas(self, owner, rtype):
        return [one for at, one in self._records(rtype) if at == owner]

    def _records(self, rtype):
        return [(rrset.owner, one) for rrset in self.zone.rrsets if rrset.rtype == rtype for one in rrset.rdatas]

    @staticmethod
    def _key(name):
        return name_key(name.to_digestable(), SECRET)


def run(function, items):
    """Apply a function as another process would: it travels, and results come in another order."""
    travelled = travel(function)
    return [travel(travelled(item)) for item in items][::-1]


def travel(thing):
    return pickle.loads(pickle.dumps(thing))  # noqa: S301  # our own


def spans_of(zone):
    """Cut a zone into the smallest pieces: one owner each."""
    raw = zone.read(0, zone.size).splitlines(keepends=True)
    sizes = [sum(map(len, lines)) for _, lines in groupby(raw, key=lambda line: line.split()[0])]
    return list(zip(accumulate([0, *sizes]), sizes, strict=False))


def hash_of(owner):
    return int(owner.labels[0], 32).to_bytes(20, "big")


def bitmap_in(types):
    """Return a bitmap in wire form as dnspython writes it."""
    text = " ".join(RdataType.to_text(one) for one in types)
    wire = dns.rdata.from_text(RdataClass.IN, RdataType.NSEC, f". {text}").to_digestable()
    return wire[1:]


@pytest.fixture(scope="session")
def bench():
    """Return the bench of a zone made of text and a kind of denial."""

    def made(further="", denial=RFC_9276, **options):
        zone = zone_of(ORIGIN, read_records(BASE + further, ORIGIN))
        return Bench(zone_of(ORIGIN, with_denial(zone, denial)), **options)

    return made
