"""Where a tool cannot judge, it has no vote; beside each such zone stands one that it does judge."""

import base64
import hashlib
import subprocess
from dataclasses import replace

import dns.name
import pytest
from dns.rdatatype import RdataType
from fault_zones.bench import Bench
from fault_zones.cases import CASES, algorithm_for

from attestations import dnskey
from attestations.zone.engines import ENGINES
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, PracticeKey, new_key
from attestations.zone.practice.signing import Hooks, changed, ds_text, practice_zone, re_signed

pytestmark = pytest.mark.needs("dnssec-verify", "dnssec-dsfromkey", "ldns-verify-zone", "kzonecheck", "validns")
OTHERS = ("bind", "ldns", "knot", "validns")
RSA = 8


@pytest.fixture(scope="session")
def rsa():
    return [new_key(KSK_FLAGS, RSA), new_key(ZSK_FLAGS, RSA)]


def verdict_of(report):
    return report.verdict, {code for code, _ in report.findings.totals if code.startswith("VALIDATOR_")}


def outside(practice):
    return replace(practice, text=practice.text + b"zzz.outside. 3600 IN A 192.0.2.1\n")


@pytest.mark.parametrize(
    ("name", "verdict"), [("bind", "valid"), ("ldns", "inconclusive"), ("knot", "valid"), ("validns", "inconclusive")]
)
def test_records_outside_the_zone(loaded, rsa, now, name, verdict):
    practice = practice_zone(rsa, now)
    assert ENGINES[name].validate(*loaded(practice), now).verdict == "valid"
    report = ENGINES[name].validate(*loaded(outside(practice)), now)
    assert report.verdict == verdict
    assert (("VALIDATOR_BLIND", "warning") in report.findings.totals) is (verdict == "inconclusive")


@pytest.mark.parametrize(("zone", "verdict"), [("a+b.", "inconclusive"), ("a-b.", "valid")])
def test_knot_and_a_plus_sign_in_the_name_of_the_zone(loaded, ksk, zsk, now, zone, verdict):
    assert ENGINES["knot"].validate(*loaded(practice_zone([ksk, zsk], now, name=zone)), now).verdict == verdict


def test_content_that_knot_dislikes_is_no_refusal_and_hides_none(loaded, ksk, zsk, now):
    options = {"further": "far IN NS ns.far\n"}
    report = ENGINES["knot"].validate(*loaded(practice_zone([ksk, zsk], now, **options)), now)
    assert report.verdict == "valid"
    assert report.findings.totals == {("VALIDATOR_REFUSED", "warning"): 1}
    assert report.coverage.checked == report.coverage.population
    bad = Hooks(finish=lambda _i, rrset, rrsig: () if rrset.owner.to_text() == "nic.test." else (rrsig,))
    report = ENGINES["knot"].validate(*loaded(practice_zone([ksk, zsk], now, hooks=bad, **options)), now)
    assert report.verdict == "invalid"


def test_what_knot_did_not_come_to_is_not_counted_as_checked(loaded, ksk, zsk, now):
    hooks = Hooks(signer=lambda _i, _rrset, key: key.sign if key.is_ksk else new_key(ZSK_FLAGS).sign)
    report = ENGINES["knot"].validate(*loaded(practice_zone([ksk, zsk], now, hooks=hooks)), now)
    assert report.verdict == "invalid"
    assert report.counts.ok == 0
    assert report.counts.bogus == report.coverage.checked == 1


@pytest.mark.parametrize("name", ["knot", "validns"])
def test_a_tool_that_verifies_every_signature_is_known_to_have_verified_each(loaded, rsa, now, name):
    two = practice_zone([*rsa, new_key(ZSK_FLAGS, RSA)], now)
    report = ENGINES[name].validate(*loaded(two), now)
    assert report.verdict == "valid"
    assert report.counts.ok == report.counts.rrsigs > report.counts.rrsets
    assert all(use.verified for use in report.by_key)


@pytest.mark.parametrize("name", ["knot", "validns"])
def test_our_reader_compares_the_ds_for_tools_that_know_none(loaded, rsa, now, name):
    practice = practice_zone(rsa, now)
    assert ENGINES[name].validate(*loaded(practice), now).verdict == "valid"
    other = replace(practice, ds=ds_text([new_key(KSK_FLAGS, RSA)], practice.name))
    report = ENGINES[name].validate(*loaded(other), now)
    assert report.verdict == "invalid"
    assert ("DS_CHAIN", "error") in report.findings.totals


@pytest.mark.parametrize(("name", "last"), [("ldns", 2**31 - 1), ("validns", 2_145_916_799)])
def test_the_last_second_that_a_tool_can_read(loaded, rsa, now, name, last):
    def until(end):
        def finish(_index, rrset, rrsig):
            key = rsa[0] if rrset.rtype == RdataType.DNSKEY else rsa[1]
            return (re_signed(changed(rrsig, expiration=end), rrset, key.sign),)

        return practice_zone(rsa, now, hooks=Hooks(finish=finish))

    assert ENGINES[name].validate(*loaded(until(last)), now).verdict == "valid"
    assert verdict_of(ENGINES[name].validate(*loaded(until(last + 1)), now)) == ("inconclusive", {"VALIDATOR_BLIND"})


@pytest.mark.parametrize("name", ["knot", "validns", "ldns"])
def test_engines_with_an_option_for_it_judge_at_the_time_asked(loaded, rsa, now, name):
    from datetime import timedelta

    zone, anchors = loaded(practice_zone(rsa, now))
    later = type(now).of(now + timedelta(days=15))
    assert ENGINES[name].takes_time
    assert ENGINES[name].validate(zone, anchors, now).verdict == "valid"
    assert ENGINES[name].validate(zone, anchors, later).verdict == "invalid"


def with_flags(ksk, zsk):
    """NSEC3PARAM with a flag, for which name servers pass over it."""

    def edit(zone):
        def flagged(rrset):
            return replace(rrset, rdatas=tuple(rdata.replace(flags=1) for rdata in rrset.rdatas))

        is_it = RdataType.NSEC3PARAM
        return replace(zone, rrsets=tuple(flagged(one) if one.rtype == is_it else one for one in zone.rrsets))

    return {"keys": [ksk, zsk], "hooks": Hooks(edit=edit)}


def with_exponent_one(_ksk, _zsk):
    """A key for which anybody can sign: a signature is what it signs, padded (RFC 8017, 9.2)."""
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    modulus = new_key(ZSK_FLAGS, RSA).rdata[8:]

    def sign(data):
        digest = prefix + hashlib.sha256(data).digest()
        return b"\0\1" + b"\xff" * (len(modulus) - 3 - len(digest)) + b"\0" + digest

    return {
        "keys": [
            new_key(KSK_FLAGS, RSA),
            PracticeKey(rdata=dnskey.rdata(ZSK_FLAGS, 3, RSA, b"\1\1" + modulus), sign=sign),
        ]
    }


def with_key_of_small_order(_ksk, _zsk):
    """A key for which anybody can sign: its multiples are few (RFC 8032, 5.1.7 with A of order 1)."""
    point = b"\1" + bytes(31)
    key = PracticeKey(rdata=dnskey.rdata(ZSK_FLAGS, 3, 15, point), sign=lambda _data: point + bytes(32))
    return {"keys": [new_key(KSK_FLAGS, 15), key]}


@pytest.mark.parametrize("name", ["bind", "ldns", "knot"])
@pytest.mark.parametrize(
    ("made", "code", "severity"),
    [
        (with_flags, "NSEC3PARAM_FLAGS", "warning"),
        (with_exponent_one, "KEY_UNUSABLE", "error"),
        (with_key_of_small_order, "KEY_UNUSABLE", "error"),
    ],
)
def test_what_none_of_the_others_names(loaded, ksk, zsk, now, name, made, code, severity):
    zone, anchors = loaded(practice_zone(at=now, **made(ksk, zsk)))
    assert ENGINES[name].validate(zone, anchors, now).verdict == "valid"
    assert (code, severity) in ENGINES["native"].validate(zone, anchors, now).findings.totals


@pytest.mark.parametrize(("name", "verdict"), [("bind", "valid"), ("knot", "invalid"), ("native", "invalid")])
def test_an_empty_non_terminal_above_a_secure_delegation_with_opt_out(loaded, ksk, zsk, now, name, verdict):
    denial, further = Nsec3(opt_out=True), "deep.er IN NS ns1\ndeep.er IN DS 1 13 2 " + "AB" * 32 + "\n"
    hashed = base64.b32hexencode(denial.hash(dns.name.from_text("er.test."))).decode().lower()

    def edit(zone):
        links = [one for one in zone.rrsets if one.rtype == RdataType.NSEC3]
        gone = next(one for one in links if one.owner.to_text().startswith(hashed))
        before = next(one for one in links if one.rdatas[0].next == base64.b32hexdecode(hashed.upper()))
        closed = replace(before, rdatas=(before.rdatas[0].replace(next=gone.rdatas[0].next),))
        return replace(zone, rrsets=tuple(closed if one is before else one for one in zone.rrsets if one is not gone))

    practice = practice_zone([ksk, zsk], now, denial=denial, further=further, hooks=Hooks(edit=edit))
    assert ENGINES[name].validate(*loaded(practice), now).verdict == verdict


RAW = {
    "ldns": ("ldns-verify-zone", "-k", "ds", "zone"),
    "knot": ("kzonecheck", "-d", "on", "-o", "{name}", "zone"),
    "validns": ("validns", "-z", "{name}", "zone"),
}


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("ldns", "two-chains"),
        ("knot", "two-chains"),
        ("knot", "csk-no-sep"),
        ("knot", "i"),
        ("validns", "two-chains"),
        ("validns", "alg15"),
        ("validns", "q0"),
        ("validns", "escapes"),
        ("validns", "insecure-in-opt-out"),
    ],
)
def test_the_tool_as_installed_still_refuses_what_is_in_order(tmp_path, now, name, case):
    """Where this fails, a blind spot is gone: let the engine vote, and change the page."""
    practice = CASES[case].build(Bench(now, algorithm_for(name, case)))
    (tmp_path / "zone").write_bytes(practice.text)
    (tmp_path / "ds").write_bytes(practice.ds)
    command = [part.format(name=practice.name) for part in RAW[name]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode != 0, done.stdout


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_in_no_order_is_counted_as_one_in_order(loaded, rsa, now, name):
    practice = practice_zone(rsa, now)
    soa, *others = practice.text.splitlines(keepends=True)
    mixed = replace(practice, text=soa + b"".join(sorted(others, key=lambda line: line[::-1])))
    in_order, in_none = (ENGINES[name].validate(*loaded(one), now) for one in (practice, mixed))
    assert (in_none.verdict, in_none.counts) == (in_order.verdict, in_order.counts) == ("valid", in_order.counts)
    assert in_none.zone.sha256 != in_order.zone.sha256
