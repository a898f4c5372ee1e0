"""Zones that look odd and are in order: nobody may refuse them."""

import re
from collections import defaultdict
from dataclasses import replace
from functools import cache

import dns.dnssec
import dns.name
import dns.rdata
from dns.rdatatype import RdataType
from fault_zones.bench import Bench, key
from fault_zones.case import Case
from fault_zones.policy import asking

from attestations import dnskey
from attestations.times import Instant
from attestations.zone.practice.denial import Nsec3, with_denial
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, PracticeKey, new_key
from attestations.zone.practice.model import ZoneVersion
from attestations.zone.practice.records import zone_of
from attestations.zone.practice.signing import Hooks, PracticeZone, changed, ds_text, re_signed, without

OTHER = Nsec3(iterations=1, salt=b"\xab\xcd")


@cache
def colliding_zsks() -> tuple[PracticeKey, PracticeKey]:
    """Make keys until two share a tag: with 65,536 tags that takes a few hundred."""
    by_tag: defaultdict[int, list[PracticeKey]] = defaultdict(list)
    while True:
        one = new_key(ZSK_FLAGS)
        by_tag[one.tag].append(one)
        if len(by_tag[one.tag]) == 2:
            return by_tag[one.tag][0], by_tag[one.tag][1]


def _same_tag(bench: Bench) -> PracticeZone:
    return bench.zone([key(13, KSK_FLAGS, 0), *colliding_zsks()])


def _second_algorithm(bench: Bench) -> PracticeZone:
    return bench.zone([bench.ksk, bench.zsk, replace(key(dnskey.ED25519, ZSK_FLAGS, 0), signs=False)])


def _single_key(bench: Bench, flags: int) -> PracticeZone:
    """One key signs everything; the DS names it, whatever its flag says."""
    one = bench.spare(flags, 5)
    published = dns.rdata.from_wire("IN", "DNSKEY", one.rdata, 0, len(one.rdata))

    def edit(zone: ZoneVersion) -> ZoneVersion:
        def only(rrset):
            return replace(rrset, rdatas=(published,)) if rrset.rtype == RdataType.DNSKEY else rrset

        return replace(zone, rrsets=tuple(map(only, zone.rrsets)))

    def finish(_index, rrset, rrsig):
        return (re_signed(changed(rrsig, key_tag=one.tag), rrset, one.sign),)

    practice = bench.zone(hooks=Hooks(edit=edit, finish=finish))
    return replace(practice, ds=_ds_of(one))


def _ds_of(one: PracticeKey) -> bytes:
    rdata = dns.rdata.from_wire("IN", "DNSKEY", one.rdata, 0, len(one.rdata))
    made = dns.dnssec.make_ds(dns.name.from_text("test."), rdata, "SHA256")
    return f"test. 3600 IN DS {made.to_text()}\n".encode("ascii")


def _two_ds(bench: Bench) -> PracticeZone:
    """A KSK rollover by double signature: both sign the DNSKEY RRset, the parent has both."""
    return bench.zone([bench.ksk, bench.spare(KSK_FLAGS), bench.zsk])


def _double_signature(bench: Bench) -> PracticeZone:
    """The same before the parent has the new DS."""
    practice = _two_ds(bench)
    return replace(practice, ds=ds_text([bench.ksk], practice.name))


def _two_chains(bench: Bench) -> PracticeZone:
    """The parameters of NSEC3 change: two full chains, both announced."""

    def edit(zone: ZoneVersion) -> ZoneVersion:
        plain = without(zone, lambda rrset: rrset.rtype in (RdataType.NSEC3, RdataType.NSEC3PARAM))
        second = zone_of(zone.name, with_denial(plain, OTHER))
        announced = next(r for r in second.rrsets if r.rtype == RdataType.NSEC3PARAM).rdatas
        both = [
            replace(r, rdatas=(*r.rdatas, *announced)) if r.rtype == RdataType.NSEC3PARAM else r for r in zone.rrsets
        ]
        return replace(zone, rrsets=(*both, *(r for r in second.rrsets if r.rtype == RdataType.NSEC3)))

    return bench.edited(edit)


def _of_algorithm(number: int):
    return lambda bench: Bench(bench.now, number).zone()


def _multi_line(bench: Bench) -> PracticeZone:
    """Parentheses, comments with parentheses, names relative to $ORIGIN, $TTL, owners left out."""
    practice = bench.zone()
    lines, owner = ["$ORIGIN test.", "$TTL 3600 ; (an hour)"], ""
    for line in practice.text.decode("ascii").splitlines():
        name, ttl, _, rtype, rdata = line.split(" ", 4)
        shown = "" if name == owner else "@" if name == "test." else name.removesuffix(".test.")
        owner, shown_ttl = name, "" if ttl == "3600" else ttl
        words = rdata.split(" ")
        folded = "".join(f"\n\t\t{word} ; (word" for word in words[1:])
        lines.append(f"{shown}\t{shown_ttl}\tIN {rtype} {words[0]} ({folded}\n\t\t)")
    return replace(practice, text="\n".join(lines).encode("ascii") + b"\n")


def _upper_case(bench: Bench) -> PracticeZone:
    """Owners, among them the base32hex of NSEC3, in upper case: names do not change their meaning."""
    practice = bench.zone(further="Mixed.Case IN TXT x\n")
    text = re.sub(rb"^\S+", lambda owner: owner[0].upper(), practice.text, flags=re.MULTILINE)
    return replace(practice, text=text)


def _epoch(bench: Bench) -> PracticeZone:
    """RFC 4034, 3.2: the times of a signature as seconds since 1970."""

    def seconds(match):
        return b" %d" % Instant.parse(_iso(match[1].decode())).timestamp()

    practice = bench.zone()
    return replace(practice, text=re.sub(rb" (\d{14})(?= )", seconds, practice.text))


def _iso(stamp: str) -> str:
    year, month, day, hour, minute, second = (stamp[:4], *(stamp[at : at + 2] for at in range(4, 14, 2)))
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"


def _insecure_in_opt_out(bench: Bench) -> PracticeZone:
    """A full chain whose records all have the opt-out flag: insecure delegations are in it too."""

    def flagged(zone: ZoneVersion) -> ZoneVersion:
        def one(rrset):
            if rrset.rtype != RdataType.NSEC3:
                return rrset
            return replace(rrset, rdatas=tuple(rdata.replace(flags=1) for rdata in rrset.rdatas))

        return replace(zone, rrsets=tuple(map(one, zone.rrsets)))

    return bench.edited(flagged)


def _further(text: str, **options):
    return lambda bench: bench.zone(further=text, **options)


LEGAL = {
    "good": Case(what="in order, NSEC3", rfc="RFC 4035 2", build=lambda bench: bench.zone()),
    "good-optout": Case(
        what="in order, NSEC3 with opt-out",
        rfc="RFC 5155 6",
        build=lambda bench: bench.zone(denial=Nsec3(opt_out=True)),
    ),
    "i": Case(
        what="two published ZSKs of one tag, both sign",
        rfc="RFC 4034 B, RFC 4035 5.3.1",
        build=_same_tag,
        codes={"TAG_COLLISION": "warning"},
        has_twin=False,
        differ={"knot": "inconclusive", "validns": "inconclusive"},
    ),
    "h2": Case(
        what="a ZSK of a second algorithm, published and silent, no DS of that algorithm",
        rfc="RFC 4035 2.2, RFC 6840 5.11",
        build=_second_algorithm,
        codes={"ALG_INCOMPLETE": "error"},
        has_twin=False,
        differ={"bind": "valid", "ldns": "valid", "knot": "valid", "validns": "inconclusive"},
    ),
    "k3": Case(what="a wildcard", rfc="RFC 4592 2", build=_further("*.wild IN TXT x\n")),
    "q0": Case(
        what="CDS and CDNSKEY of the published KSK",
        rfc="RFC 7344 4.1",
        build=lambda bench: asking(bench, bench.ksk),
        differ={"validns": "inconclusive"},
    ),
    "csk": Case(
        what="one key for everything, with the SEP flag",
        rfc="RFC 4034 2.1.1",
        build=lambda bench: _single_key(bench, KSK_FLAGS),
    ),
    "csk-no-sep": Case(
        what="one key for everything, without the SEP flag",
        rfc="RFC 4034 2.1.1: validators must not look at the flag",
        build=lambda bench: _single_key(bench, ZSK_FLAGS),
        differ={"knot": "inconclusive"},
    ),
    "stand-by": Case(
        what="a ZSK published and not used yet",
        rfc="RFC 6781 4.1.1.1",
        build=lambda bench: bench.zone([bench.ksk, bench.zsk, replace(bench.spare(ZSK_FLAGS), signs=False)]),
    ),
    "two-ds": Case(what="two KSKs sign, two DS", rfc="RFC 6781 4.1.2", build=_two_ds),
    "double-signature": Case(
        what="two KSKs sign, one DS",
        rfc="RFC 6781 4.1.2",
        build=_double_signature,
        differ={"bind": "inconclusive"},
    ),
    "nsec": Case(what="NSEC", rfc="RFC 4034 4", build=lambda bench: bench.zone(denial="nsec")),
    "two-chains": Case(
        what="two full NSEC3 chains, both announced",
        rfc="RFC 5155 10.4",
        build=_two_chains,
        codes={"NSEC3_COST": "warning"},
        differ={"ldns": "inconclusive", "knot": "inconclusive", "validns": "inconclusive"},
    ),
    "alg10": Case(
        what="algorithm 10, RSASHA512",
        rfc="RFC 5702",
        build=_of_algorithm(10),
        codes={"ALG_DEPRECATED": "note"},
        has_twin=False,
    ),
    "alg14": Case(
        what="algorithm 14, ECDSAP384SHA384",
        rfc="RFC 6605",
        build=_of_algorithm(14),
        has_twin=False,
        differ={"validns": "inconclusive"},
    ),
    "alg15": Case(
        what="algorithm 15, ED25519",
        rfc="RFC 8080",
        build=_of_algorithm(15),
        has_twin=False,
        differ={"validns": "inconclusive"},
    ),
    "alg16": Case(
        what="algorithm 16, ED448",
        rfc="RFC 8080",
        build=_of_algorithm(16),
        has_twin=False,
        differ={"validns": "inconclusive"},
    ),
    "multi-line": Case(what="multi-line form, $ORIGIN, $TTL, relative names", rfc="RFC 1035 5.1", build=_multi_line),
    "escapes": Case(
        what="names with escaped dots, blanks and octets",
        rfc="RFC 1035 5.1, RFC 4343 2.1",
        build=_further("a\\.b IN TXT x\nc\\032d IN TXT x\n\\200e\\;f IN TXT x\n"),
        differ={"validns": "inconclusive"},
    ),
    "upper-case": Case(what="upper-case owners", rfc="RFC 4343 3, RFC 4034 6.2", build=_upper_case),
    "dname": Case(what="a DNAME, which is signed", rfc="RFC 6672 2.4", build=_further("alias IN DNAME nic\n")),
    "non-terminals": Case(
        what="a wildcard beside an empty non-terminal",
        rfc="RFC 4592 2.2.2",
        build=_further("*.deep IN TXT x\na.b.c.deep IN TXT x\n"),
    ),
    "glue-at-cut": Case(
        what="glue at the delegation's own name", rfc="RFC 4035 2.2", build=_further("d1 IN NS d1\nd1 IN A 192.0.2.5\n")
    ),
    "sibling-glue": Case(
        what="a delegation served from below another one", rfc="RFC 9471 2.2", build=_further("d1 IN NS ns.d2\n")
    ),
    "occluded": Case(
        what="data below a delegation that is no glue",
        rfc="RFC 4035 2.2",
        build=_further("www.d1 IN TXT x\nd9.d1 IN NS ns.d1\n"),
    ),
    "ttl-0": Case(what="a TTL of 0", rfc="RFC 2181 8", build=_further("zero 0 IN TXT x\n")),
    "epoch": Case(what="times as seconds since 1970", rfc="RFC 4034 3.2", build=_epoch),
    "private-type": Case(
        what="a record of a private type at the apex, as BIND keeps them",
        rfc="RFC 3597 5",
        build=_further("@ IN TYPE65534 \\# 5 0D00000001\n"),
    ),
    "insecure-in-opt-out": Case(
        what="NSEC3 of insecure delegations though the flag would spare them",
        rfc="RFC 5155 6",
        build=_insecure_in_opt_out,
        differ={"validns": "inconclusive"},
    ),
    "unknown-type": Case(
        what="a type in the form of RFC 3597", rfc="RFC 3597 5", build=_further("odd IN TYPE4660 \\# 2 ABCD\n")
    ),
}
