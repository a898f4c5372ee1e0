"""Zones that break a rule of the protocol: the 30 protocol faults of the detection matrix."""

from dataclasses import replace

import dns.name
from dns.rdatatype import RdataType
from fault_zones.bench import (
    DAY,
    Bench,
    line_of,
    linking,
    nsec3_owner,
    revoked,
    rewriting,
    unlinking,
    with_lines,
    with_text,
)
from fault_zones.case import Case

from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS
from attestations.zone.practice.signing import Hooks, changed, re_signed, sign_rrset, without

SECURE, INSECURE = "d3.test.", "d1.test."
TXT = '@ IN TXT "x"\n'


def _three_keys(bench: Bench):
    private = [bench.zsk.sign, bench.spare(ZSK_FLAGS, 1).sign, bench.spare(ZSK_FLAGS, 2).sign]
    return bench.zone(hooks=Hooks(signer=lambda i, _rrset, key: key.sign if key.is_ksk else private[i % 3]))


def _flipped(_rrset, rrsig):
    return (changed(rrsig, signature=bytes([rrsig.signature[0] ^ 1]) + rrsig.signature[1:]),)


def _none(_rrset, _rrsig):
    return ()


def _retimed_one(bench: Bench, start: int, end: int):
    return bench.retimed(lambda rrset: rrset.rtype == RdataType.DS and rrset.owner.to_text() == SECURE, start, end)


def _chain_broken(bench: Bench):
    owner = nsec3_owner("nic.test.")
    return bench.edited(lambda zone: without(zone, lambda rrset: rrset.owner.to_text() == owner))


def _bitmap(bench: Bench, name: str, old: str, new: str):
    return bench.edited(rewriting(RdataType.NSEC3, lambda text: text.replace(old, new), nsec3_owner(name)))


def _keys_signed_by_zsk(bench: Bench):
    def change(rrset, rrsig):
        return (re_signed(changed(rrsig, key_tag=bench.zsk.tag), rrset, bench.zsk.sign),)

    return bench.finished(RdataType.DNSKEY, change)


def _wildcard(bench: Bench):
    def change(rrset, rrsig):
        wild = replace(rrset, owner=dns.name.from_text("*.test."))
        return (re_signed(changed(rrsig, labels=1), wild, bench.zsk.sign),)

    return bench.finished(RdataType.A, change, "nic.test.")


def _also_signed(bench: Bench, owner: str, rtype: RdataType):
    """A correct signature over what must not be signed."""
    found = []

    def edit(zone):
        found.extend(rrset for rrset in zone.rrsets if (rrset.owner.to_text(), rrset.rtype) == (owner, rtype))
        return zone

    practice = bench.edited(edit)
    rrsig = sign_rrset(found[0], bench.zsk, dns.name.from_text("test."), bench.now, bench.zsk.sign)
    return with_lines(practice, f"{owner} 3600 IN RRSIG {rrsig.to_text()}")


def _beside(bench: Bench, **fields):
    """Beside each good signature one that another private key made."""
    stranger = bench.spare(ZSK_FLAGS)

    def finish(_index, rrset, rrsig):
        return (rrsig, re_signed(changed(rrsig, **fields), rrset, stranger.sign))

    return bench.zone(hooks=Hooks(finish=finish))


def _unpublished(bench: Bench):
    """Every third RRset is signed only by a key that is not published, under its own tag."""
    stranger = bench.spare(ZSK_FLAGS)

    def finish(index, rrset, rrsig):
        if index % 3 or rrset.rtype == RdataType.DNSKEY:
            return (rrsig,)
        return (re_signed(changed(rrsig, key_tag=stranger.tag), rrset, stranger.sign),)

    return bench.zone(hooks=Hooks(finish=finish))


def _over_nothing(bench: Bench):
    practice = bench.zone()
    return with_lines(practice, line_of(practice, "nic.test. 3600 IN RRSIG A ").replace("RRSIG A", "RRSIG TXT"))


def _revoked_in_vain(bench: Bench):
    return bench.zone([bench.ksk, bench.zsk, replace(revoked(bench.spare(KSK_FLAGS)), signs=False)])


def _other_ttl(bench: Bench, ttl: int):
    return with_text(bench.zone(), "nic.test. 3600 IN A ", f"nic.test. {ttl} IN A ")


CHAIN, BITMAP = {"DENIAL_CHAIN": "error"}, {"DENIAL_BITMAP": "error"}

PROTOCOL = {
    "a": Case(
        what="three private keys behind one published key, all under its tag",
        rfc="RFC 4035 5.3.3",
        build=_three_keys,
        codes={"SIG_WRONG_KEY": "error"},
    ),
    "b": Case(
        what="one damaged signature",
        rfc="RFC 4035 5.3.3",
        build=lambda bench: bench.finished(RdataType.DS, _flipped, SECURE),
        codes={"SIG_WRONG_KEY": "error"},
    ),
    "c1": Case(
        what="one signature expired",
        rfc="RFC 4035 5.3.1",
        build=lambda bench: _retimed_one(bench, -15 * DAY, -DAY),
        codes={"SIG_EXPIRED": "error"},
    ),
    "c2": Case(
        what="one signature not valid yet",
        rfc="RFC 4035 5.3.1",
        build=lambda bench: _retimed_one(bench, 2 * DAY, 14 * DAY),
        codes={"SIG_FUTURE": "error"},
    ),
    "d1": Case(
        what="a DS without a signature",
        rfc="RFC 4035 2.2",
        build=lambda bench: bench.finished(RdataType.DS, _none, SECURE),
        codes={"SIG_MISSING": "error"},
    ),
    "d2": Case(
        what="a TXT at the apex without a signature",
        rfc="RFC 4035 2.2",
        build=lambda bench: bench.finished(RdataType.TXT, _none, further=TXT),
        codes={"SIG_MISSING": "error"},
        differ={"validns": "valid"},
    ),
    "e1": Case(
        what="one NSEC3 removed: the chain is broken",
        rfc="RFC 5155 7.1",
        build=_chain_broken,
        codes=CHAIN,
    ),
    "e3": Case(
        what="a bitmap lacks DS",
        rfc="RFC 5155 7.1",
        build=lambda bench: _bitmap(bench, SECURE, " DS", ""),
        codes=BITMAP,
        differ={"ldns": "valid"},
    ),
    "e3b": Case(
        what="a bitmap shows a type that is not there",
        rfc="RFC 5155 7.1",
        build=lambda bench: _bitmap(bench, "nic.test.", " A RRSIG", " A TXT RRSIG"),
        codes=BITMAP,
        differ={"ldns": "valid"},
    ),
    "e3c": Case(
        what="the bitmap of the apex lacks DNSKEY",
        rfc="RFC 5155 7.1",
        build=lambda bench: _bitmap(bench, "test.", " DNSKEY", ""),
        codes=BITMAP,
        differ={"ldns": "valid"},
    ),
    "e4": Case(
        what="an NSEC3 for a name that does not exist",
        rfc="RFC 5155 7.1",
        build=lambda bench: bench.edited(linking("ghost.test.")),
        codes=CHAIN,
        differ={"knot": "valid"},
    ),
    "e5": Case(
        what="no NSEC3 for an insecure delegation, chain closed, no opt-out",
        rfc="RFC 5155 7.1",
        build=lambda bench: bench.edited(unlinking(INSECURE)),
        codes=CHAIN,
        differ={"bind": "valid"},
    ),
    "e5b": Case(
        what="no NSEC3 for a secure delegation, chain closed",
        rfc="RFC 5155 7.1",
        build=lambda bench: bench.edited(unlinking(SECURE)),
        codes=CHAIN,
    ),
    "e5c": Case(
        what="the same in an opt-out zone",
        rfc="RFC 5155 6",
        build=lambda bench: bench.edited(unlinking(SECURE), denial=Nsec3(opt_out=True)),
        codes=CHAIN,
    ),
    "g1": Case(
        what="the DNSKEY RRset signed by the ZSK only, the DS names the KSK",
        rfc="RFC 4035 5.2",
        build=_keys_signed_by_zsk,
        codes={"DS_CHAIN": "error"},
    ),
    "g2": Case(
        what="the DNSKEY RRset unsigned",
        rfc="RFC 4035 2.2",
        build=lambda bench: bench.finished(RdataType.DNSKEY, _none),
        codes={"DS_CHAIN": "error"},
    ),
    "j1": Case(
        what="a TTL above the signed one",
        rfc="RFC 4035 2.2",
        build=lambda bench: _other_ttl(bench, 7200),
        codes={"SIG_TTL": "error"},
        differ={"ldns": "valid"},
    ),
    "j2": Case(
        what="a TTL below the signed one",
        rfc="RFC 4035 2.2",
        build=lambda bench: _other_ttl(bench, 60),
        codes={"SIG_TTL": "error"},
        differ={"ldns": "valid"},
    ),
    "k1": Case(
        what="Labels too small: signed as if expanded from a wildcard",
        rfc="RFC 4035 2.2",
        build=_wildcard,
        codes={"SIG_LABELS": "error"},
        differ={"bind": "valid", "ldns": "valid"},
    ),
    "k2": Case(
        what="Labels larger than the name",
        rfc="RFC 4035 5.3.1",
        build=lambda bench: bench.refielded(RdataType.A, "nic.test.", labels=3),
        codes={"SIG_LABELS": "error"},
        differ={"ldns": "valid", "knot": "valid", "validns": "valid"},
    ),
    "m1": Case(
        what="glue with a signature",
        rfc="RFC 4035 2.2",
        build=lambda bench: _also_signed(bench, f"ns.{INSECURE}", RdataType.A),
        codes={"SIG_UNEXPECTED": "warning"},
        differ={"ldns": "invalid", "knot": "invalid"},
    ),
    "m2": Case(
        what="the NS of a delegation with a signature",
        rfc="RFC 4035 2.2",
        build=lambda bench: _also_signed(bench, SECURE, RdataType.NS),
        codes={"SIG_UNEXPECTED": "warning"},
        differ={"knot": "invalid"},
    ),
    "n3": Case(
        what="NSEC3PARAM has other iterations than the chain",
        rfc="RFC 5155 7.3",
        build=lambda bench: bench.edited(rewriting(RdataType.NSEC3PARAM, lambda _: "1 0 1 -")),
        codes={"NSEC3_PARAM": "error"},
        differ={"ldns": "valid"},
    ),
    "r1": Case(
        what="a bogus signature under the published tag beside each good one",
        rfc="RFC 6840 5.4",
        build=_beside,
        codes={"SIG_EXTRA_WRONG_KEY": "warning"},
        differ={"knot": "invalid", "validns": "invalid"},
    ),
    "r2": Case(
        what="a signature by an unpublished key beside each good one",
        rfc="RFC 6840 5.4",
        build=lambda bench: _beside(bench, key_tag=bench.spare(ZSK_FLAGS).tag),
        codes={"SIG_EXTRA_NO_KEY": "warning"},
        differ={"validns": "invalid"},
    ),
    "s": Case(
        what="the signer's name is not the apex",
        rfc="RFC 4035 5.3.1",
        build=lambda bench: bench.refielded(RdataType.A, "nic.test.", signer=dns.name.from_text("other.")),
        codes={"SIG_SIGNER": "error"},
        differ={"ldns": "valid", "knot": "valid"},
    ),
    "t": Case(
        what="every third RRset signed only by an unpublished key",
        rfc="RFC 4035 5.3.1",
        build=_unpublished,
        codes={"KEY_NOT_PUBLISHED": "error"},
    ),
    "u": Case(
        what="a signature over an RRset that is not there",
        rfc="RFC 4035 2.2",
        build=_over_nothing,
        codes={"SIG_UNEXPECTED": "warning"},
        differ={"validns": "invalid"},
    ),
    "v": Case(
        what="the signature over the SOA is bogus",
        rfc="RFC 4035 5.3.3",
        build=lambda bench: bench.finished(RdataType.SOA, _flipped),
        codes={"SIG_WRONG_KEY": "error"},
    ),
    "w": Case(
        what="a revoked KSK that does not sign its revocation",
        rfc="RFC 5011 2.1",
        build=_revoked_in_vain,
        codes={"KEY_REVOKED": "warning"},
        differ={"bind": "invalid"},
    ),
}
