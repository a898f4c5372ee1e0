"""Where faulty zones are made: one pair of keys, the practice signer, and ways to put one thing wrong."""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

import dns.name
import dns.rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from attestations import dnskey
from attestations.times import Instant
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, PracticeKey, new_key
from attestations.zone.practice.model import RRset, ZoneVersion
from attestations.zone.practice.signing import (
    RFC_9276,
    Hooks,
    PracticeZone,
    changed,
    practice_zone,
    re_signed,
)

DAY = 86400
REVOKED = 0x80


@cache
def key(algorithm: int, flags: int, number: int) -> PracticeKey:
    """Return key `number` of a kind: made once, since RSA keys take their time."""
    return new_key(flags, algorithm)


def revoked(one: PracticeKey) -> PracticeKey:
    """Return the key with the flag that revokes it (RFC 5011)."""
    return replace(one, rdata=bytes((one.rdata[0], one.rdata[1] | REVOKED)) + one.rdata[2:])


@dataclass(frozen=True)
class Bench:
    """An honest pair of keys of one algorithm, and the time at which zones are signed."""

    now: Instant
    algorithm: int = dnskey.ECDSAP256SHA256

    @property
    def ksk(self) -> PracticeKey:
        return self.spare(KSK_FLAGS, 0)

    @property
    def zsk(self) -> PracticeKey:
        return self.spare(ZSK_FLAGS, 0)

    def spare(self, flags: int, number: int = 1) -> PracticeKey:
        """Return a further key of the same algorithm."""
        return key(self.algorithm, flags, number)

    def zone(self, keys: Iterable[PracticeKey] = (), **options) -> PracticeZone:
        return practice_zone(tuple(keys) or (self.ksk, self.zsk), self.now, **options)

    def edited(self, edit: Callable[[ZoneVersion], ZoneVersion], **options) -> PracticeZone:
        """Change the zone, its denial chain included, before it is signed."""
        return self.zone(hooks=Hooks(edit=edit), **options)

    def finished(self, rtype, change, owner=None, **options) -> PracticeZone:
        """Put in place of each signature over a type, at one owner or at all, what `change` makes of it."""

        def finish(_index, rrset, rrsig):
            hit = rrset.rtype == rtype and owner in (None, rrset.owner.to_text())
            return change(rrset, rrsig) if hit else (rrsig,)

        return self.zone(hooks=Hooks(finish=finish), **options)

    def refielded(self, rtype, owner, **fields) -> PracticeZone:
        """Sign the RRset with other values in some fields of the RRSIG: correctly, but for those."""
        return self.finished(
            rtype, lambda rrset, rrsig: (re_signed(changed(rrsig, **fields), rrset, self.sign_of(rrset)),), owner
        )

    def retimed(self, wanted, start: int, end: int, **options) -> PracticeZone:
        """Let the signatures over some RRsets run from `start` to `end`, seconds from now."""
        now = int(self.now.timestamp())

        def finish(_index, rrset, rrsig):
            moved = changed(rrsig, inception=now + start, expiration=now + end)
            return (re_signed(moved, rrset, self.sign_of(rrset)) if wanted(rrset) else rrsig,)

        return self.zone(hooks=Hooks(finish=finish), **options)

    def sign_of(self, rrset: RRset):
        """Return the private key that signs it in an honest zone."""
        return (self.ksk if rrset.rtype == RdataType.DNSKEY else self.zsk).sign


def with_lines(practice: PracticeZone, *lines: str) -> PracticeZone:
    """Add records after signing."""
    return replace(practice, text=practice.text + "".join(f"{line}\n" for line in lines).encode("ascii"))


def with_text(practice: PracticeZone, old: str, new: str) -> PracticeZone:
    """Replace text after signing; it must be there."""
    if old.encode("ascii") not in practice.text:
        raise LookupError(old)
    return replace(practice, text=practice.text.replace(old.encode("ascii"), new.encode("ascii")))


def line_of(practice: PracticeZone, start: str) -> str:
    """Return the record that begins so."""
    lines = practice.text.decode("ascii").splitlines()
    return next(line for line in lines if line.startswith(start))


def rewriting(rtype: RdataType, text_of: Callable[[str], str], owner: str | None = None):
    """Return an edit: the RDATA of one type, at one owner or at all, written anew from its text."""

    def rewritten(rrset: RRset) -> RRset:
        if rrset.rtype != rtype or owner not in (None, rrset.owner.to_text()):
            return rrset
        made = [dns.rdata.from_text(RdataClass.IN, rtype, text_of(one.to_text())) for one in rrset.rdatas]
        return replace(rrset, rdatas=tuple(made))

    return lambda zone: replace(zone, rrsets=tuple(map(rewritten, zone.rrsets)))


def nsec3_owner(name: str, denial: Nsec3 = RFC_9276) -> str:
    """Return the owner of the NSEC3 record of a name of test."""
    hashed = denial.hash(dns.name.from_text(name))
    return base64.b32hexencode(hashed).decode("ascii").lower() + ".test."


def unlinking(name: str):
    """Return an edit: the NSEC3 record of a name goes, and the chain is closed over the gap."""
    owner = nsec3_owner(name)

    def edit(zone: ZoneVersion) -> ZoneVersion:
        gone = next(rrset for rrset in zone.rrsets if rrset.owner.to_text() == owner)
        rest = tuple(rrset for rrset in zone.rrsets if rrset is not gone)
        closed = rewriting(RdataType.NSEC3, _linked(_hash_of(owner), gone.rdatas[0].to_text().split()[4]))
        return closed(replace(zone, rrsets=rest))

    return edit


def linking(name: str):
    """Return an edit: an NSEC3 record for a name that does not exist, woven into the chain."""
    owner = nsec3_owner(name)

    def edit(zone: ZoneVersion) -> ZoneVersion:
        chain = sorted((r for r in zone.rrsets if r.rtype == RdataType.NSEC3), key=lambda r: r.owner.to_text())
        before = max(
            (r for r in chain if r.owner.to_text() < owner), default=chain[-1], key=lambda r: r.owner.to_text()
        )
        after = before.rdatas[0].to_text().split()[4]
        woven = rewriting(RdataType.NSEC3, _linked(after, _hash_of(owner)))(zone)
        rdata = dns.rdata.from_text(RdataClass.IN, RdataType.NSEC3, f"1 0 0 - {after} A RRSIG")
        made = replace(before, owner=dns.name.from_text(owner), rdatas=(rdata,))
        return replace(woven, rrsets=(*woven.rrsets, made))

    return edit


def _hash_of(owner: str) -> str:
    return owner.partition(".")[0]


def _linked(old: str, new: str) -> Callable[[str], str]:
    def text_of(text: str) -> str:
        fields = text.split()
        fields[4] = new if fields[4].lower() == old.lower() else fields[4]
        return " ".join(fields)

    return text_of
