"""DS and DNSKEY files are read as dig and signers write them; the DS, not the SEP flag, says which key must sign."""

import base64

import pytest

from attestations.errors import InputError
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import ds_text
from attestations.zone.validation.anchors import MAX_ANCHORS, Anchor, anchors_text, chain_findings, read_anchors
from attestations.zone.validation.published import key_set

RSASHA256, ECDSAP256SHA256 = 8, 13
DIGEST = b"E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
ROOT_KSK_2017 = (
    b". 172800 IN DNSKEY 257 3 8 "
    b"AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlNVz8Og8kv"
    b"ArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+e"
    b"oZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwN"
    b"R1AkUTV74bU="
)


def read(text, zone=".", kind="DS"):
    return read_anchors(text, "file", zone, kind)


@pytest.mark.parametrize(
    "text",
    [
        b". IN DS 20326 8 2 " + DIGEST,
        b".\t86400\tIN\tDS\t20326 8 2 " + DIGEST[:32] + b" " + DIGEST[32:] + b"\n",
        b"; <<>> DiG <<>> . DS\n\n. IN 1d DS 20326 RSASHA256 2 (\n " + DIGEST.lower() + b" ) ; KSK-2017 (root)\n",
        b"@ DS 20326 8 2 " + DIGEST,
        b". IN DS 20326 8 2 " + DIGEST + b"\n. IN DS 20326 8 2 " + DIGEST + b"\n",
    ],
    ids=["plain", "dig", "multi-line", "relative", "twice"],
)
def test_a_ds_file_is_read_as_tools_write_it(text):
    assert read(text) == (Anchor(tag=20326, algorithm=8, digest_type=2, digest=bytes.fromhex(DIGEST.decode())),)


def test_the_root_key_has_the_ds_that_iana_publishes():
    assert read(ROOT_KSK_2017, kind="DNSKEY") == read(b". IN DS 20326 8 2 " + DIGEST)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"; nothing\n",
        b"\xff",
        b"$INCLUDE x\n",
        b"tld. IN DS 20326 8 2 " + DIGEST,
        b"tld IN DS 20326 8 2 " + DIGEST,
        b". CH DS 20326 8 2 " + DIGEST,
        b". IN CDS 20326 8 2 " + DIGEST,
        b". IN DS 20326 8 2 " + DIGEST[2:],
        b". IN DS 20326 8 2",
        b". IN DS 1_0 8 2 " + DIGEST,
        b". IN DS 20326 8 2 " + DIGEST + b"\n. IN A 192.0.2.1\n",
        b". IN DS 20326 8 2 (" + DIGEST,
        b". IN DS 20326 8 2 )(" + DIGEST,
        b". IN DS",
        b". IN",
    ],
)
def test_anything_else_is_refused_with_what_to_do(text):
    with pytest.raises(InputError, match="DNS-ANCHOR: found") as caught:
        read(text)
    assert "dig . DS" in caught.value.fix


@pytest.mark.parametrize(("count", "accepted"), [(MAX_ANCHORS, True), (MAX_ANCHORS + 1, False)])
def test_the_number_of_anchors_is_bounded(count, accepted):
    text = b"".join(b"test. IN DS %d 13 2 %064X\n" % (number, number) for number in range(count))
    if accepted:
        assert len(read(text, "test.")) == count
    else:
        with pytest.raises(InputError, match="DNS-ANCHOR"):
            read(text, "test.")


def test_what_is_written_for_tools_is_read_back():
    anchors = read(b"test. IN DS 1 13 2 " + DIGEST + b"\ntest. IN DS 2 13 4 " + b"AB" * 48, "test.")
    assert read(anchors_text(anchors, "test."), "test.") == anchors


def chain(keys, anchors, signing, zone="test."):
    published = key_set(key.rdata for key in keys)
    signers = {one for one in published.keys if one.rdata in {key.rdata for key in signing}}
    return [(one.code, one.severity) for one in chain_findings(anchors, zone, published, signers)]


def ds(*keys, zone="test."):
    return read_anchors(ds_text(keys, zone), "ds", zone, "DS")


@pytest.fixture(scope="module")
def keys():
    return [new_key(KSK_FLAGS) for _ in range(2)]


def test_the_ds_of_a_key_that_signs_holds_and_another_does_not(keys):
    one, two = keys
    assert chain([one, two], ds(one), [one]) == []
    assert chain([one, two], ds(one), [two]) == [("DS_CHAIN", "error")]
    assert chain([two], ds(one), [two]) == [("DS_CHAIN", "error")]
    assert chain([one], ds(one, zone="other."), [one]) == [("DS_CHAIN", "error")]


def test_a_stand_by_ds_of_the_same_algorithm_is_a_warning(keys):
    one, two = keys
    assert chain([one], ds(one, two), [one]) == [("DS_CHAIN", "warning")]


def test_the_sep_flag_decides_nothing(zsk):
    record = b"test. IN DNSKEY 256 3 13 " + base64.b64encode(zsk.rdata[4:])
    assert chain([zsk], read(record, "test.", "DNSKEY"), [zsk]) == []


def test_a_revoked_key_holds_no_ds(keys):
    revoked = new_key(KSK_FLAGS | 0x80)
    assert chain([revoked], ds(revoked), [revoked]) == [("DS_CHAIN", "error")]


def test_each_algorithm_of_the_ds_must_lead_to_a_key_that_signs(keys):
    # .gov, 14 August 2013: algorithms 7 and 8 in the DS, signatures of 8 alone
    one, rsa = keys[0], new_key(KSK_FLAGS, RSASHA256)
    assert chain([one, rsa], ds(one, rsa), [one, rsa]) == []
    assert chain([one, rsa], ds(one, rsa), [one]) == [("DS_CHAIN", "error")]
    assert chain([one], ds(one, rsa), [one]) == [("DS_CHAIN", "error")]


def test_a_sha1_digest_alone_is_no_anchor_and_beside_another_a_warning(keys):
    one = keys[0]
    weak = (Anchor(tag=one.tag, algorithm=ECDSAP256SHA256, digest_type=1, digest=bytes(20)),)
    assert chain([one], weak, [one]) == [("DS_CHAIN", "error")]
    assert chain([one], ds(one) + weak, [one]) == [("DS_CHAIN", "warning")]
    (only,) = chain_findings(weak, "test.", key_set([one.rdata]), [])
    assert "MUST NOT for delegation, RFC 9905" in only.message


def test_a_key_without_the_zone_flag_is_no_zone_key():
    key = new_key(1)
    assert chain([key], ds(key), [key]) == [("DS_CHAIN", "error")]
    assert new_key(ZSK_FLAGS).is_ksk is False
