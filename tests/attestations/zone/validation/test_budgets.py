"""KeyTrap-like zones are refused before the work is done (threat families C2 and C3)."""

import time
from dataclasses import replace

import dns.rdata
import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from attestations import dnskey
from attestations.errors import InputError
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import ZSK_FLAGS, new_key
from attestations.zone.practice.signing import Hooks, changed, ds_text, practice_zone
from attestations.zone.validation.anchors import MAX_ANCHORS, read_anchors


def bad_copies(count):
    def finish(_index, _rrset, rrsig):
        return [
            changed(rrsig, signature=bytes([rrsig.signature[0] ^ number]) + rrsig.signature[1:])
            for number in range(1, count)
        ] + [rrsig]

    return Hooks(finish=finish)


@pytest.mark.parametrize(("signatures", "verdict"), [(8, "valid"), (9, "invalid")])
def test_eight_signatures_of_an_rrset_are_tried_and_nine_are_not(examine, ksk, zsk, now, signatures, verdict):
    report = examine(practice_zone([ksk, zsk], now, delegations=0, hooks=bad_copies(signatures)))
    assert report.verdict == verdict
    assert (("DNS_BUDGET", "error") in report.findings.totals) is (verdict == "invalid")


@pytest.mark.parametrize(("keys", "refused"), [(4, False), (5, True)])
def test_four_keys_of_one_tag_are_tried_and_five_are_not(examine, ksk, now, keys, refused):
    first, *others = of_one_tag(keys)
    report = examine(practice_zone([ksk, first, *(replace(one, signs=False) for one in others)], now, delegations=0))
    assert (("DNS_BUDGET", "error") in report.findings.totals) is refused
    assert (report.counts.ok > 5) is not refused


def of_one_tag(count):
    """Return `count` published keys of one tag: one real, the others its octets swapped, which keeps the checksum."""
    real = new_key(ZSK_FLAGS)
    twins = []
    for shift in range(1, count):
        body = real.rdata[4:]
        # Key tags add 16-bit words: moving whole words around changes the key, not its tag (RFC 4034, appendix B).
        moved = body[2 * shift :] + body[: 2 * shift]
        twins.append(replace(real, rdata=real.rdata[:4] + moved))
    assert {key.tag for key in twins} <= {real.tag}
    return [real, *twins]


def test_five_hundred_keys_and_signatures_cost_no_time(examine, ksk, zsk, now):
    keys = of_one_tag(30)
    practice = practice_zone(
        [ksk, keys[0], *(replace(one, signs=False) for one in keys[1:])], now, delegations=0, hooks=bad_copies(200)
    )
    started = time.process_time()
    report = examine(practice)
    assert report.verdict == "invalid"
    assert report.counts.ok == report.counts.bogus == 0
    assert time.process_time() - started < 3


def test_signatures_over_budget_are_in_no_count_but_the_total(examine, ksk, zsk, now):
    counts = examine(practice_zone([ksk, zsk], now, delegations=0, hooks=bad_copies(9))).counts
    assert counts.rrsigs == 9 * counts.rrsets
    assert counts.ok + counts.bogus + counts.no_key + counts.expired + counts.not_yet == 0


@pytest.mark.parametrize("bits", [35, 36])
def test_a_huge_rsa_exponent_makes_a_key_unusable(examine, ksk, zsk, now, bits):
    exponent = (1 << bits) - 1
    octets = exponent.to_bytes((bits + 7) // 8, "big")
    public = bytes([len(octets)]) + octets + b"\xff" * 256
    strange = replace(zsk, rdata=dnskey.rdata(ZSK_FLAGS, 3, 8, public), signs=False)
    report = examine(practice_zone([ksk, zsk, strange], now, delegations=0))
    assert (("KEY_UNUSABLE", "error") in report.findings.totals) is (bits == 36)


def test_an_algorithm_that_is_not_judged_leaves_the_verdict_open(examine, ksk, zsk, now):
    old = replace(zsk, rdata=dnskey.rdata(ZSK_FLAGS, 3, 12, b"\xff" * 64))
    practice = practice_zone([replace(ksk, signs=True), old], now, delegations=0)
    report = examine(practice)
    assert ("ALG_UNSUPPORTED", "warning") in report.findings.totals
    assert report.coverage.checked < report.coverage.population


@pytest.mark.parametrize("salt", [b"", b"\xff" * 255])
def test_iterations_beyond_the_limit_are_not_computed(examine, ksk, zsk, now, salt):
    def costly(zone):
        def raised(rrset):
            if rrset.rtype not in (RdataType.NSEC3, RdataType.NSEC3PARAM):
                return rrset
            return replace(rrset, rdatas=tuple(rdata.replace(iterations=65535) for rdata in rrset.rdatas))

        return replace(zone, rrsets=tuple(map(raised, zone.rrsets)))

    practice = practice_zone([ksk, zsk], now, denial=Nsec3(salt=salt), hooks=Hooks(edit=costly))
    started = time.process_time()
    report = examine(practice)
    assert ("NSEC3_COST", "error") in report.findings.totals
    assert time.process_time() - started < 1


@pytest.mark.parametrize(("chains", "refused"), [(4, False), (5, True)])
def test_four_nsec3_chains_are_looked_at_and_five_are_not(examine, ksk, zsk, now, chains, refused):
    def more(zone):
        def extended(rrset):
            if rrset.rtype != RdataType.NSEC3PARAM:
                return rrset
            texts = [f"1 0 0 {number:02x}" for number in range(1, chains)]
            extra = [dns.rdata.from_text(RdataClass.IN, RdataType.NSEC3PARAM, text) for text in texts]
            return replace(rrset, rdatas=(*rrset.rdatas, *extra))

        return replace(zone, rrsets=tuple(map(extended, zone.rrsets)))

    report = examine(practice_zone([ksk, zsk], now, delegations=0, hooks=Hooks(edit=more)))
    assert report.verdict == "invalid"  # announced chains that are not there
    assert (("DNS_BUDGET", "error") in report.findings.totals) is refused


@pytest.mark.parametrize(("count", "accepted"), [(MAX_ANCHORS, True), (MAX_ANCHORS + 1, False), (0, False)])
def test_the_number_of_anchors_is_bounded(ksk, zsk, now, count, accepted):
    practice = practice_zone([ksk, zsk], now, delegations=0)
    lines = b"".join(b"test. IN DS %d 13 2 %064X\n" % (number, number) for number in range(count))
    if accepted:
        assert len(read_anchors(lines, "ds", practice.name, "DS")) == count
    else:
        with pytest.raises(InputError, match="DNS-ANCHOR"):
            read_anchors(lines, "ds", practice.name, "DS")


@pytest.mark.parametrize(
    "text",
    [b"other. IN DS 1 13 2 00\n", b"test. IN A 192.0.2.1\n", b"test. IN DS nonsense\n", b"\xff", b"$INCLUDE x\n"],
)
def test_other_files_are_no_anchors(ksk, text):
    with pytest.raises(InputError, match="DNS-ANCHOR"):
        read_anchors(text, "ds", "test.", "DS")


def test_a_trusted_dnskey_is_as_good_as_its_ds(ksk):
    zone = "test."
    record = dns.rdata.from_wire(RdataClass.IN, RdataType.DNSKEY, ksk.rdata, 0, len(ksk.rdata))
    from_key = read_anchors(f"test. IN DNSKEY {record.to_text()}".encode(), "key", zone, "DNSKEY")
    assert from_key == read_anchors(ds_text([ksk], "test."), "ds", zone, "DS")
