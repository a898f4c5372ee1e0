"""A random zone is signed and one thing is broken: that thing is named. Nothing is broken: not a word.

What the zone is made of, how it denies, and what breaks where, hypothesis draws.
"""

from dataclasses import dataclass, replace

import dns.name
import hypothesis
import pytest
from dns.rdatatype import RdataType
from hypothesis import strategies as st

from attestations.zone.engines import ENGINES
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import ZSK_FLAGS, new_key
from attestations.zone.practice.signing import Hooks, changed, practice_zone, re_signed, without
from attestations.zone.reading import zone_from_bytes
from attestations.zone.validation.anchors import read_anchors

DAY = 86400
RECORDS = {
    "host": "{0} IN A 192.0.2.7\n{0} IN AAAA 2001:db8::7\n",
    "mail": "{0} 60 IN MX 10 Mail.{0}\n{0} 60 IN MX 20 nic\n",
    "text": '{0} IN TXT "a;b(c" "" \\"d\n',
    "alias": "{0} IN CNAME NIC\n",
    "insecure": "{0} IN NS ns.{0}\nns.{0} IN A 192.0.2.8\n",
    "secure": "{0} IN NS ns.elsewhere.\n{0} IN DS 1 13 2 " + "AB" * 32 + "\n",
    "odd": "{0} IN TYPE65280 \\# 3 A0B1C2\n",
    "service": "{0} IN SRV 1 2 3 Nic\n",
}
LABELS = st.sampled_from(["a", "b", "Upper", "*", "\\046dot", "\\200", "sp\\032ace", "xn--a", "0", "-"])
NAMES = st.lists(LABELS, min_size=1, max_size=3).map(".".join).filter(lambda name: name != "*")
CONTENT = st.dictionaries(NAMES, st.sampled_from(sorted(RECORDS)), max_size=6)
DENIALS = st.sampled_from(["nsec", Nsec3(), Nsec3(opt_out=True), Nsec3(iterations=1, salt=b"\xaa")])


@dataclass(frozen=True)
class Broken:
    """A zone with one thing wrong."""

    practice: object
    owner: str
    rtype: RdataType


def further(content):
    """Return the records; of names that differ in case alone DNS knows one, and wildcards delegate nothing."""
    one_of = {
        name.lower(): (name, kind)
        for name, kind in content.items()
        if not (name.startswith("*") and kind in ("insecure", "secure"))
    }
    return "".join(RECORDS[kind].format(name) for name, kind in one_of.values())


def flipped(rrset, rrsig, sign, data):
    bit = data.draw(st.integers(0, len(rrsig.signature) * 8 - 1))
    octets = bytearray(rrsig.signature)
    octets[bit // 8] ^= 1 << bit % 8
    return (changed(rrsig, signature=bytes(octets)),)


def by_another_key(rrset, rrsig, sign, data):
    return (re_signed(rrsig, rrset, new_key(ZSK_FLAGS).sign),)


def dropped(rrset, rrsig, sign, data):
    return ()


def expired(rrset, rrsig, sign, data):
    return (re_signed(changed(rrsig, inception=rrsig.inception - DAY, expiration=rrsig.inception), rrset, sign),)


def in_future(rrset, rrsig, sign, data):
    return (re_signed(changed(rrsig, inception=rrsig.inception + DAY), rrset, sign),)


def of_another_tag(rrset, rrsig, sign, data):
    tag = (rrsig.key_tag + data.draw(st.integers(1, 60000))) % 65536
    return (re_signed(changed(rrsig, key_tag=tag), rrset, sign),)


def of_another_signer(rrset, rrsig, sign, data):
    return (re_signed(changed(rrsig, signer=dns.name.from_text("x.test.")), rrset, sign),)


def of_more_labels(rrset, rrsig, sign, data):
    return (re_signed(changed(rrsig, labels=rrsig.labels + 1), rrset, sign),)


def of_another_ttl(rrset, rrsig, sign, data):
    return (re_signed(changed(rrsig, original_ttl=rrsig.original_ttl + 1), rrset, sign),)


WAYS = {
    flipped: "SIG_WRONG_KEY",
    by_another_key: "SIG_WRONG_KEY",
    dropped: "SIG_MISSING",
    expired: "SIG_EXPIRED",
    in_future: "SIG_FUTURE",
    of_another_tag: "KEY_NOT_PUBLISHED",
    of_another_signer: "SIG_SIGNER",
    of_more_labels: "SIG_LABELS",
    of_another_ttl: "SIG_TTL",
}
SEEN_BY_ALL = (flipped, by_another_key, dropped, expired, in_future, of_another_tag)


@pytest.fixture(scope="session")
def broken(ksk, zsk, now):
    """Sign a zone, and break one signature in one way."""

    def made(content, denial, way, data):
        options = {"denial": denial, "further": further(content), "delegations": 2}
        signed = []

        def noted(_index, rrset, rrsig):
            signed.append((rrset.owner, rrset.rtype))
            return (rrsig,)

        practice_zone([ksk, zsk], now, hooks=Hooks(finish=noted), **options)
        owner, rtype = data.draw(st.sampled_from(signed))

        def finish(_index, rrset, rrsig):
            if (rrset.owner, rrset.rtype) != (owner, rtype):
                return (rrsig,)
            return way(rrset, rrsig, (ksk if rtype == RdataType.DNSKEY else zsk).sign, data)

        practice = practice_zone([ksk, zsk], now, hooks=Hooks(finish=finish), **options)
        return Broken(practice, owner.to_text(), rtype)

    return made


def asked(engine, practice, now):
    anchors = read_anchors(practice.ds, "ds", practice.name, "DS")
    with zone_from_bytes(practice.text, "practice", practice.name) as zone:
        return ENGINES[engine].validate(zone, anchors, now)


@hypothesis.given(CONTENT, DENIALS)
@hypothesis.settings(max_examples=40)
def test_of_a_zone_in_order_nothing_is_said_but_the_price_of_iterations(examine, ksk, zsk, now, content, denial):
    report = examine(practice_zone([ksk, zsk], now, denial=denial, further=further(content), delegations=2))
    assert report.verdict == "valid", report.findings
    assert set(report.findings.totals) <= {("NSEC3_COST", "warning")}


@hypothesis.given(CONTENT, DENIALS, st.sampled_from(list(WAYS)), st.data())
@hypothesis.settings(max_examples=60)
def test_a_broken_signature_is_named_with_its_owner_and_type(examine, broken, content, denial, way, data):
    made = broken(content, denial, way, data)
    report = examine(made.practice)
    assert report.verdict == "invalid"
    if made.rtype == RdataType.DNSKEY and way is not of_another_ttl:
        assert ("DS_CHAIN", "error") in report.findings.totals
    else:
        named = {(one.code, one.owner.lower(), one.rtype) for one in report.findings.kept if one.severity == "error"}
        assert (WAYS[way], made.owner.lower(), RdataType.to_text(made.rtype)) in named


@hypothesis.given(CONTENT, st.sampled_from([Nsec3(), Nsec3(opt_out=True)]), st.data())
@hypothesis.settings(max_examples=30)
def test_a_missing_nsec3_record_breaks_the_chain(examine, ksk, zsk, now, content, denial, data):
    def edit(zone):
        chain = sorted(rrset.owner for rrset in zone.rrsets if rrset.rtype == RdataType.NSEC3)
        gone = data.draw(st.sampled_from(chain))
        return without(zone, lambda rrset: rrset.owner == gone)

    hooks = Hooks(edit=edit)
    report = examine(practice_zone([ksk, zsk], now, denial=denial, further=further(content), hooks=hooks))
    assert ("DENIAL_CHAIN", "error") in report.findings.totals


@hypothesis.given(CONTENT, st.sampled_from(["nsec", Nsec3()]), st.data())
@hypothesis.settings(max_examples=30)
def test_a_wrong_bitmap_is_named(examine, ksk, zsk, now, content, denial, data):
    rtype = RdataType.NSEC if denial == "nsec" else RdataType.NSEC3

    def edit(zone):
        chosen = data.draw(st.sampled_from([rrset for rrset in zone.rrsets if rrset.rtype == rtype]))
        old = chosen.rdatas[0]
        types = {word for word in old.to_text().split() if word.isupper()} ^ {"HINFO"}
        kept = old.to_text().split()[: 2 if rtype == RdataType.NSEC else 5]
        shown = kept[:1] if rtype == RdataType.NSEC else kept
        text = " ".join([*shown, *sorted(types - set(shown))])
        new = dns.rdata.from_text("IN", rtype, text)
        return replace(zone, rrsets=tuple(replace(r, rdatas=(new,)) if r is chosen else r for r in zone.rrsets))

    hooks = Hooks(edit=edit)
    report = examine(practice_zone([ksk, zsk], now, denial=denial, further=further(content), hooks=hooks))
    assert ("DENIAL_BITMAP", "error") in report.findings.totals


@pytest.mark.needs("dnssec-verify", "ldns-verify-zone")
@pytest.mark.parametrize("engine", ["bind", "ldns"])
@hypothesis.given(CONTENT, DENIALS)
@hypothesis.settings(max_examples=10)
def test_other_code_bases_find_the_same_zones_in_order(ksk, zsk, now, engine, content, denial):
    practice = practice_zone([ksk, zsk], now, denial=denial, further=further(content), delegations=2)
    report = asked(engine, practice, now)
    assert report.verdict == "valid", report.findings


@pytest.mark.needs("dnssec-verify", "ldns-verify-zone")
@pytest.mark.parametrize("engine", ["bind", "ldns"])
@hypothesis.given(CONTENT, DENIALS, st.sampled_from(SEEN_BY_ALL), st.data())
@hypothesis.settings(max_examples=10)
def test_other_code_bases_refuse_the_same_zones(broken, now, engine, content, denial, way, data):
    report = asked(engine, broken(content, denial, way, data).practice, now)
    assert report.verdict == "invalid", report.findings
