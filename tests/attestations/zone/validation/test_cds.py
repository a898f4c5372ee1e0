"""CDS and CDNSKEY: what the parent would make of them must hold, and both must ask for the same."""

import hashlib
from dataclasses import replace

import pytest

from attestations.zone.practice.keys import KSK_FLAGS, new_key
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.rdata import Rrsig, rdata_wire
from attestations.zone.reading.types import TYPES
from attestations.zone.validation.anchors import MAX_ANCHORS, anchor_of
from attestations.zone.validation.apex import Apex
from attestations.zone.validation.cds import cds_findings
from attestations.zone.validation.groups import RRset, signed_data
from attestations.zone.validation.signers import signers_of

RSASHA256 = 8
DNSKEY, CDS, CDNSKEY = TYPES[b"DNSKEY"], TYPES[b"CDS"], TYPES[b"CDNSKEY"]
WIRE = wire_name(b"test.")
MISMATCH, UNSIGNED = [("CDS_MISMATCH", "error")], [("CDS_MISMATCH", "warning")]
DELETE = [("CDS_DELETE", "warning")]
DELETE_CDS, DELETE_CDNSKEY = (
    rdata_wire(CDS, [b"0", b"0", b"0", b"00"]),
    rdata_wire(CDNSKEY, [b"0", b"3", b"0", b"AA=="]),
)


@pytest.fixture(scope="module")
def keys():
    return [new_key(KSK_FLAGS) for _ in range(3)]


def ds(key, digest_type=2):
    hashed = {1: "sha1", 2: "sha256", 4: "sha384"}[digest_type]
    digest = hashlib.new(hashed, WIRE + key.rdata).digest()
    return key.tag.to_bytes(2, "big") + bytes((key.algorithm, digest_type)) + digest


def signed(rtype, rdatas, keys, now):
    rrset = RRset(owner=WIRE, rtype=rtype, ttls=(3600,), rdatas=tuple(sorted(rdatas)))
    return replace(rrset, signatures=tuple(_signature(rrset, key, int(now.timestamp())) for key in keys))


def _signature(rrset, key, now):
    unsigned = Rrsig(
        covered=rrset.rtype,
        algorithm=key.algorithm,
        labels=1,
        original_ttl=3600,
        expiration=now + 86400,
        inception=now - 3600,
        key_tag=key.tag,
        signer=WIRE,
        signature=b"",
    )
    return replace(unsigned, signature=key.sign(signed_data(unsigned, rrset)))


@pytest.fixture
def found(now):
    """Judge CDS and CDNSKEY (RDATA) at an apex whose first key signs the DNSKEY RRset and is in the DS set."""

    def judge(keys, cds=(), cdnskey=(), *, signing=None, cds_signers=None, with_ds=True):
        signing = signing or keys[:1]
        rrsets = {DNSKEY: signed(DNSKEY, [key.rdata for key in keys], signing, now)}
        for rtype, rdatas in ((CDS, cds), (CDNSKEY, cdnskey)):
            if rdatas:
                rrsets[rtype] = signed(rtype, rdatas, signing if cds_signers is None else cds_signers, now)
        apex = Apex(wire=WIRE, name="test.", rrsets=rrsets)
        anchors = (anchor_of(ds(keys[0]), "test.", "DS"),) if with_ds else ()
        return [(one.code, one.severity) for one in cds_findings(apex, anchors, now)]

    return judge


def test_no_request_is_right(found, keys):
    assert found(keys[:1]) == []


@pytest.mark.parametrize("with_ds", [True, False])
def test_a_request_for_the_key_that_signs_is_right(found, keys, with_ds):
    one = keys[0]
    assert found([one], [ds(one)], [one.rdata], with_ds=with_ds) == []
    assert found([one], [ds(one), ds(one, 4)], [one.rdata], with_ds=with_ds) == []
    assert found([one], [ds(one)], with_ds=with_ds) == []
    assert found([one], (), [one.rdata], with_ds=with_ds) == []


def test_a_request_for_an_unknown_key_is_an_error(found, keys):
    one, other = keys[:2]
    assert found([one], [ds(other)], [other.rdata]) == MISMATCH * 2
    assert found([one], [ds(other)]) == MISMATCH
    assert found([one], (), [other.rdata]) == MISMATCH


def test_a_request_for_a_key_that_does_not_sign_is_an_error(found, keys):
    one, silent = keys[:2]
    assert found([one, silent], [ds(silent)]) == MISMATCH
    assert found([one, silent], [ds(silent)], signing=[one, silent]) == []


def test_a_key_to_come_beside_the_one_that_signs_is_a_warning(found, keys):
    # double-DS, RFC 6781, 4.1.2
    one, to_come = keys[:2]
    assert found([one], [ds(one), ds(to_come)]) == UNSIGNED


def test_a_request_for_an_algorithm_that_does_not_sign_is_an_error(found, keys):
    one, rsa = keys[0], new_key(KSK_FLAGS, RSASHA256)
    assert found([one, rsa], [ds(one), ds(rsa)]) == MISMATCH
    assert found([one, rsa], [ds(one), ds(rsa)], signing=[one, rsa]) == []


def test_a_sha1_digest_alone_is_an_error(found, keys):
    assert found(keys[:1], [ds(keys[0], 1)]) == MISMATCH
    assert found(keys[:1], [ds(keys[0], 1), ds(keys[0])], [keys[0].rdata]) == UNSIGNED


def test_requests_that_disagree_are_an_error(found, keys):
    one, two = keys[:2]
    both = {"signing": [one, two]}
    assert found([one, two], [ds(one), ds(two)], [one.rdata, two.rdata], **both) == []
    assert found([one, two], [ds(one)], [two.rdata], **both) == MISMATCH
    assert found([one, two], [ds(one), ds(two)], [two.rdata], **both) == MISMATCH
    assert found([one, two], [ds(one)], [one.rdata, two.rdata], **both) == MISMATCH


def test_a_request_that_no_key_of_the_ds_signs_is_ignored_by_the_parent(found, keys):
    one, other = keys[:2]
    assert found([one, other], [ds(one)], cds_signers=[one, other]) == []
    assert found([one, other], [ds(one)], cds_signers=[other]) == UNSIGNED
    assert found([one, other], [ds(one)], cds_signers=[]) == UNSIGNED
    assert found([one, other], [ds(one)], cds_signers=[other], with_ds=False) == []


def test_a_request_for_removal_stands_alone(found, keys):
    one = keys[0]
    assert found([one], [DELETE_CDS], [DELETE_CDNSKEY]) == DELETE * 2
    assert found([one], [DELETE_CDS]) == DELETE
    assert found([one], [DELETE_CDS, ds(one)]) == MISMATCH
    assert found([one], (), [DELETE_CDNSKEY, one.rdata]) == MISMATCH
    assert found([one], [DELETE_CDS], [one.rdata]) == [*DELETE, *MISMATCH]


@pytest.mark.parametrize(("count", "is_bounded"), [(MAX_ANCHORS, True), (MAX_ANCHORS + 1, False)])
def test_a_flood_of_requests_is_one_finding(found, keys, count, is_bounded):
    one = keys[0]
    many = [ds(one), *(ds(one)[:4] + bytes([number]) * 32 for number in range(1, count))]
    assert found([one], many) == (UNSIGNED * (count - 1) if is_bounded else MISMATCH)


def test_signers_are_found_by_verifying(now, keys):
    one, two = keys[:2]
    rrset = signed(DNSKEY, [one.rdata, two.rdata], [one, two], now)

    def signers(rrset, at=now):
        return {key.rdata for key in signers_of(Apex(wire=WIRE, name="test.", rrsets={DNSKEY: rrset}), DNSKEY, at)}

    assert signers(rrset) == {one.rdata, two.rdata}
    swapped = tuple(
        replace(sig, signature=other.signature)
        for sig, other in zip(rrset.signatures, rrset.signatures[::-1], strict=True)
    )
    assert signers(replace(rrset, signatures=swapped)) == set()
    assert signers(replace(rrset, signatures=rrset.signatures[:1])) == {one.rdata}
    assert signers(rrset, now.replace(year=now.year + 1)) == set()
    assert signers_of(Apex(wire=WIRE, name="test.", rrsets={}), CDS, now) == frozenset()
