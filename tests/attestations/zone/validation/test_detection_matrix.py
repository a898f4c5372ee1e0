"""Every fault of the incident library that a static check can see, and which code base sees it too.

Where BIND or ldns differ from the native engine, docs/zone-findings.md says why.
"""

from dataclasses import dataclass, replace

import dns.name
import dns.rdata
import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from attestations import dnskey
from attestations.zone.engines import ENGINES
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, PracticeKey, new_key
from attestations.zone.practice.signing import RFC_9276, Hooks, changed, ds_text, practice_zone, re_signed, without

DAY = 86400
REVOKED_KSK_FLAGS = KSK_FLAGS | 0x80


@dataclass(frozen=True)
class Bench:
    ksk: PracticeKey
    zsk: PracticeKey
    now: object

    def zone(self, keys=None, **options):
        return practice_zone(keys or [self.ksk, self.zsk], self.now, **options)

    def signed_by(self, chooser):
        """Sign with private keys that the published RDATA does not belong to."""
        return self.zone(hooks=Hooks(signer=lambda i, rrset, key: key.sign if key.is_ksk else chooser(i, rrset)))

    def retimed(self, wanted, start, end):
        """Let signatures over some RRsets run from `start` to `end`, seconds from now."""
        now = int(self.now.timestamp())

        def finish(_index, rrset, rrsig):
            key = self.ksk if rrset.rtype == RdataType.DNSKEY else self.zsk
            moved = changed(rrsig, inception=now + start, expiration=now + end)
            return (re_signed(moved, rrset, key.sign) if wanted(rrset) else rrsig,)

        return self.zone(hooks=Hooks(finish=finish))

    def altered(self, rtype, **fields):
        """Change fields of the signatures over one type at nic, and sign again."""

        def finish(_index, rrset, rrsig):
            hit = rrset.rtype == rtype and rrset.owner.labels[0] == b"nic"
            return (re_signed(changed(rrsig, **fields), rrset, self.zsk.sign) if hit else rrsig,)

        return self.zone(hooks=Hooks(finish=finish))

    def rebuilt(self, rtype, text_of, denial=RFC_9276):
        """Rewrite the text of RDATA of one type before signing."""

        def rewritten(rrset):
            if rrset.rtype != rtype:
                return rrset
            made = [dns.rdata.from_text(RdataClass.IN, rtype, text_of(rrset, one.to_text())) for one in rrset.rdatas]
            return replace(rrset, rdatas=tuple(made))

        edit = Hooks(edit=lambda zone: replace(zone, rrsets=tuple(map(rewritten, zone.rrsets))))
        return self.zone(denial=denial, hooks=edit)


@pytest.fixture
def bench(ksk, zsk, now):
    return Bench(ksk, zsk, now)


def three_keys(bench, hit=lambda _: True):
    private = [bench.zsk.sign, new_key(ZSK_FLAGS).sign, new_key(ZSK_FLAGS).sign]
    return bench.signed_by(lambda i, rrset: private[i % 3 if hit(rrset) else 0])


def finished(bench, rtype, change, owner=None):
    def finish(_index, rrset, rrsig):
        hit = rrset.rtype == rtype and (owner is None or rrset.owner.labels[0] == owner)
        return change(rrset, rrsig) if hit else (rrsig,)

    return bench.zone(hooks=Hooks(finish=finish))


def unpublished_zsk(bench):
    stranger = new_key(ZSK_FLAGS)
    hooks = Hooks(edit=lambda zone: without_key(zone, stranger))
    return bench.zone([bench.ksk, replace(bench.zsk, signs=False), stranger], hooks=hooks)


def without_key(zone, key):
    def kept(rrset):
        rdatas = tuple(rdata for rdata in rrset.rdatas if rdata.to_digestable() != key.rdata)
        return replace(rrset, rdatas=rdatas)

    return replace(zone, rrsets=tuple(map(kept, zone.rrsets)))


def other_ds(bench):
    practice = bench.zone()
    return replace(practice, ds=ds_text([new_key(KSK_FLAGS)], practice.name))


def ds_of_silent_ksk(bench):
    silent = replace(new_key(KSK_FLAGS), signs=False)
    practice = bench.zone([bench.ksk, silent, bench.zsk])
    return replace(practice, ds=ds_text([silent], practice.name))


def revoked_ksk(bench):
    public = bench.ksk.rdata[4:]
    return bench.zone([replace(bench.ksk, rdata=dnskey.rdata(REVOKED_KSK_FLAGS, 3, 13, public)), bench.zsk])


def silent_algorithm(bench):
    ed25519 = [ed25519_key(KSK_FLAGS), replace(ed25519_key(ZSK_FLAGS), signs=False)]
    practice = bench.zone([bench.ksk, bench.zsk, *ed25519])
    return replace(practice, ds=ds_text([bench.ksk], practice.name))


def ed25519_key(flags):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    return PracticeKey(rdata=dnskey.rdata(flags, 3, 15, private.public_key().public_bytes_raw()), sign=private.sign)


def without_nsec3_of(bench, label):
    hashed = Nsec3().hash(dns.name.from_text(f"{label}.test."))

    def edit(zone):
        dropped = next(r for r in zone.rrsets if r.rtype == RdataType.NSEC3 and r.owner.labels[0] == encoded(hashed))
        after = dropped.rdatas[0].next
        closed = [relinked(r, hashed, after) for r in without(zone, lambda r: r is dropped).rrsets]
        return replace(zone, rrsets=tuple(closed))

    return bench.zone(hooks=Hooks(edit=edit))


def encoded(hashed):
    import base64

    return base64.b32hexencode(hashed).lower()


def relinked(rrset, old, new):
    if rrset.rtype != RdataType.NSEC3 or rrset.rdatas[0].next != old:
        return rrset
    return replace(rrset, rdatas=(rrset.rdatas[0].replace(next=new),))


def cut_text(bench, wanted):
    practice = bench.zone()
    lines = practice.text.splitlines(keepends=True)
    return replace(practice, text=b"".join(line for line in lines if not wanted(line)))


def short_signature(_rrset, rrsig):
    return (changed(rrsig, signature=rrsig.signature[:-1]),)


def flipped(_rrset, rrsig):
    return (changed(rrsig, signature=bytes([rrsig.signature[0] ^ 1]) + rrsig.signature[1:]),)


def is_nic(rrset):
    return rrset.owner.labels[0] == b"nic"


def as_wildcard(bench):
    def change(rrset, rrsig):
        wild = replace(rrset, owner=dns.name.from_text("*.test."))
        return (re_signed(changed(rrsig, labels=1), wild, bench.zsk.sign),)

    return finished(bench, RdataType.A, change, b"nic")


def other_ttl(bench, ttl):
    practice = bench.zone()
    text = practice.text.replace(b"nic.test. 3600 IN A ", b"nic.test. %d IN A " % ttl)
    return replace(practice, text=text)


def salted(text):
    return text.rsplit(" ", 1)[0] + " abcd"


FAULTS = {
    "01 three keys, SOA hit": (three_keys, "SIG_WRONG_KEY", {}),
    "01b three keys, apex good": (lambda b: three_keys(b, lambda r: r.owner.labels[0] != b"test"), "SIG_WRONG_KEY", {}),
    "01c only NSEC3 wrong": (lambda b: three_keys(b, lambda r: r.rtype == RdataType.NSEC3), "SIG_WRONG_KEY", {}),
    "02 one bad signature": (lambda b: finished(b, RdataType.DS, flipped, b"d3"), "SIG_WRONG_KEY", {}),
    "03 expired except SOA": (
        lambda b: b.retimed(lambda r: r.rtype not in (RdataType.SOA, RdataType.DNSKEY), -15 * DAY, -DAY),
        "SIG_EXPIRED",
        {},
    ),
    "04 all expired": (lambda b: b.retimed(lambda _: True, -15 * DAY, -DAY), "SIG_EXPIRED", {}),
    "05 inception in two days": (lambda b: b.retimed(lambda _: True, 2 * DAY, 14 * DAY), "SIG_FUTURE", {}),
    "06 ZSK not published": (unpublished_zsk, "KEY_NOT_PUBLISHED", {}),
    "07 DS mismatch": (other_ds, "DS_CHAIN", {}),
    "08 DNSKEY lacks the signature of the key in the DS": (ds_of_silent_ksk, "DS_CHAIN", {}),
    "09 two algorithms, one signs": (silent_algorithm, "ALG_INCOMPLETE", {"ldns": "valid"}),
    "10 revoked KSK": (revoked_ksk, "DS_CHAIN", {"ldns": "valid"}),
    "11 NSEC3 of a name missing, chain closed": (lambda b: without_nsec3_of(b, "nic"), "DENIAL_CHAIN", {}),
    "e5 NSEC3 of an insecure delegation missing": (
        lambda b: without_nsec3_of(b, "d1"),
        "DENIAL_CHAIN",
        {"bind": "valid"},
    ),
    "12 NSEC bitmap lacks a type": (
        lambda b: b.rebuilt(RdataType.NSEC, lambda _, t: t.replace(" AAAA", ""), "nsec"),
        "DENIAL_BITMAP",
        {"ldns": "valid"},
    ),
    "12b NSEC3 bitmap lacks DS": (
        lambda b: b.rebuilt(RdataType.NSEC3, lambda _, t: t.replace(" DS", "")),
        "DENIAL_BITMAP",
        {"ldns": "valid"},
    ),
    "e3b NSEC3 bitmap shows a type too many": (
        lambda b: b.rebuilt(RdataType.NSEC3, lambda _, t: t.replace(" A RRSIG", " A TXT RRSIG")),
        "DENIAL_BITMAP",
        {"ldns": "valid"},
    ),
    "13 NSEC3PARAM salt differs": (
        lambda b: b.rebuilt(RdataType.NSEC3PARAM, lambda _, t: salted(t)),
        "NSEC3_PARAM",
        {"ldns": "valid"},
    ),
    "14b iterations 500": (lambda b: b.zone(denial=Nsec3(iterations=500)), "NSEC3_COST", {"ldns": "valid"}),
    "15 one signature missing": (lambda b: finished(b, RdataType.A, lambda *_: (), b"nic"), "SIG_MISSING", {}),
    "20 one signature a byte short": (lambda b: finished(b, RdataType.A, short_signature, b"nic"), "SIG_WRONG_KEY", {}),
    "23 unsigned with DS": (
        lambda b: cut_text(b, lambda line: any(t in line for t in (b"RRSIG", b"DNSKEY", b"NSEC3"))),
        "UNSIGNED_WITH_DS",
        {},
    ),
    "24 DNSKEY missing": (lambda b: cut_text(b, lambda line: b"DNSKEY" in line), "DS_CHAIN", {}),
    "g2 DNSKEY unsigned": (lambda b: cut_text(b, lambda line: b"RRSIG DNSKEY" in line), "DS_CHAIN", {}),
    "26 wrong signer name": (
        lambda b: b.altered(RdataType.A, signer=dns.name.from_text("other.")),
        "SIG_SIGNER",
        {"ldns": "valid"},
    ),
    "j1 TTL above the signed one": (lambda b: other_ttl(b, 7200), "SIG_TTL", {"ldns": "valid"}),
    "j2 TTL below the signed one": (lambda b: other_ttl(b, 60), "SIG_TTL", {"ldns": "valid"}),
    "k1 signed as a wildcard": (as_wildcard, "SIG_LABELS", {"bind": "valid", "ldns": "valid"}),
    "k2 labels larger than the name": (lambda b: b.altered(RdataType.A, labels=3), "SIG_LABELS", {"ldns": "valid"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_native_engine_names_the_fault(name, bench, examine):
    build, code, _ = FAULTS[name]
    report = examine(build(bench))
    assert report.verdict == "invalid"
    assert (code, "error") in report.findings.totals


@pytest.mark.needs("dnssec-verify", "ldns-verify-zone")
@pytest.mark.parametrize("engine", ["bind", "ldns"])
@pytest.mark.parametrize("name", FAULTS)
def test_other_code_bases_agree_or_the_difference_is_known(name, engine, bench, loaded, now):
    build, _, differences = FAULTS[name]
    report = ENGINES[engine].validate(*loaded(build(bench)), now)
    assert report.verdict == differences.get(engine, "invalid"), report.findings
