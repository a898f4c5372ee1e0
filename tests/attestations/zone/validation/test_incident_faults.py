"""Faults of the incident library that the detection matrix (tests/fault_zones) has in another form only.

Where BIND or ldns differ from the native engine, docs/zone-engines.md says why.
"""

from dataclasses import replace

import dns.name
import pytest
from dns.rdatatype import RdataType
from fault_zones.bench import DAY, Bench, revoked, rewriting, unlinking

from attestations.zone.engines import ENGINES
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS
from attestations.zone.practice.signing import Hooks, changed, ds_text


@pytest.fixture
def bench(now):
    return Bench(now)


def three_keys(bench, hit):
    """Sign what `hit` says with three private keys in turn, under the tag of the published one (INC-01)."""
    private = [bench.zsk.sign, bench.spare(ZSK_FLAGS, 1).sign, bench.spare(ZSK_FLAGS, 2).sign]

    def signer(index, rrset, key):
        return key.sign if key.is_ksk else private[index % 3 if hit(rrset) else 0]

    return bench.zone(hooks=Hooks(signer=signer))


def unpublished_zsk(bench):
    stranger = bench.spare(ZSK_FLAGS)

    def without_key(zone):
        def kept(rrset):
            rdatas = tuple(rdata for rdata in rrset.rdatas if rdata.to_digestable() != stranger.rdata)
            return replace(rrset, rdatas=rdatas)

        return replace(zone, rrsets=tuple(map(kept, zone.rrsets)))

    return bench.zone([bench.ksk, replace(bench.zsk, signs=False), stranger], hooks=Hooks(edit=without_key))


def ds_of_silent_ksk(bench):
    silent = replace(bench.spare(KSK_FLAGS), signs=False)
    practice = bench.zone([bench.ksk, silent, bench.zsk])
    return replace(practice, ds=ds_text([silent], practice.name))


def revoked_ksk(bench):
    return bench.zone([revoked(bench.ksk), bench.zsk])


def cut_text(bench, *unwanted):
    practice = bench.zone()
    lines = practice.text.splitlines(keepends=True)
    return replace(practice, text=b"".join(line for line in lines if not any(one in line for one in unwanted)))


def short_signature(_rrset, rrsig):
    return (changed(rrsig, signature=rrsig.signature[:-1]),)


def salted(text):
    return text.rsplit(" ", 1)[0] + " abcd"


FAULTS = {
    "01b three keys, apex good": (
        lambda b: three_keys(b, lambda r: r.owner != dns.name.from_text("test.")),
        "SIG_WRONG_KEY",
        {},
    ),
    "01c only NSEC3 wrong": (lambda b: three_keys(b, lambda r: r.rtype == RdataType.NSEC3), "SIG_WRONG_KEY", {}),
    "03 expired except SOA": (
        lambda b: b.retimed(lambda r: r.rtype not in (RdataType.SOA, RdataType.DNSKEY), -15 * DAY, -DAY),
        "SIG_EXPIRED",
        {},
    ),
    "04 all expired": (lambda b: b.retimed(lambda _: True, -15 * DAY, -DAY), "SIG_EXPIRED", {}),
    "05 inception in two days": (lambda b: b.retimed(lambda _: True, 2 * DAY, 14 * DAY), "SIG_FUTURE", {}),
    "06 ZSK not published": (unpublished_zsk, "KEY_NOT_PUBLISHED", {}),
    "08 DNSKEY lacks the signature of the key in the DS": (ds_of_silent_ksk, "DS_CHAIN", {}),
    "10 revoked KSK": (revoked_ksk, "DS_CHAIN", {"ldns": "valid"}),
    "11 NSEC3 of a name missing, chain closed": (lambda b: b.edited(unlinking("nic.test.")), "DENIAL_CHAIN", {}),
    "12 NSEC bitmap lacks a type": (
        lambda b: b.edited(rewriting(RdataType.NSEC, lambda text: text.replace(" AAAA", "")), denial="nsec"),
        "DENIAL_BITMAP",
        {"ldns": "valid"},
    ),
    "13 NSEC3PARAM salt differs": (
        lambda b: b.edited(rewriting(RdataType.NSEC3PARAM, salted)),
        "NSEC3_PARAM",
        {"ldns": "valid"},
    ),
    "15 a signature over an address missing": (
        lambda b: b.finished(RdataType.A, lambda *_: (), "nic.test."),
        "SIG_MISSING",
        {},
    ),
    "20 one signature a byte short": (
        lambda b: b.finished(RdataType.A, short_signature, "nic.test."),
        "SIG_WRONG_KEY",
        {},
    ),
    "23 unsigned with DS": (lambda b: cut_text(b, b"RRSIG", b"DNSKEY", b"NSEC3"), "UNSIGNED_WITH_DS", {}),
    "24 DNSKEY missing": (lambda b: cut_text(b, b"DNSKEY"), "DS_CHAIN", {}),
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
