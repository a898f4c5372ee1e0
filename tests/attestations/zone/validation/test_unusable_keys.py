"""Published keys that validators do not use, and what is said of the signatures that were made with them."""

from dataclasses import replace

import pytest

from attestations import dnskey
from attestations.zone.practice.keys import ZSK_FLAGS
from attestations.zone.practice.signing import practice_zone


@pytest.fixture
def errors(examine, ksk, zsk, now):
    """Validate a zone whose ZSK is published with changed RDATA; return code, type and message of its errors."""

    def examined(rdata):
        report = examine(practice_zone([ksk, replace(zsk, rdata=rdata)], now, delegations=0))
        return [(one.code, one.rtype, one.message) for one in report.findings.kept if one.severity == "error"]

    return examined


def test_a_signature_under_a_broken_key_is_not_said_to_be_another_keys(errors, zsk):
    found = errors(dnskey.rdata(ZSK_FLAGS, 3, 13, zsk.rdata[5:]))  # an octet of the point is gone
    assert {code for code, _, _ in found} == {"KEY_UNUSABLE"}
    assert any(rtype == "SOA" and "no published key of its tag is usable" in message for _, rtype, message in found)


@pytest.mark.parametrize(("flags", "protocol"), [(0, 3), (ZSK_FLAGS, 2)], ids=["no ZONE flag", "protocol 2"])
def test_of_a_record_that_is_no_zone_key_nobody_says_that_it_is_not_there(errors, zsk, flags, protocol):
    found = errors(dnskey.rdata(flags, protocol, 13, zsk.rdata[4:]))
    assert {code for code, _, _ in found} == {"KEY_NOT_PUBLISHED"}
    assert all("no zone key has this tag and algorithm" in message for _, _, message in found)


@pytest.mark.parametrize("bit", [0x0200, 0x0400, 0x0800, 0x1000, 0x2000, 0x4000, 0x8000], ids=hex)
def test_a_key_with_flags_for_which_validators_refuse_it_is_an_error(errors, zsk, bit):
    found = errors(dnskey.rdata(ZSK_FLAGS | bit, 3, 13, zsk.rdata[4:]))
    assert [(code, rtype) for code, rtype, _ in found] == [("KEY_UNUSABLE", "DNSKEY")]
    assert f"{bit:#06x}" in found[0][2]


@pytest.mark.parametrize("bit", [0, 0x0002, 0x0040], ids=hex)
def test_flags_that_every_validator_passes_over_are_none(errors, zsk, bit):
    assert errors(dnskey.rdata(ZSK_FLAGS | bit, 3, 13, zsk.rdata[4:])) == []
