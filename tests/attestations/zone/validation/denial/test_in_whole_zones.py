"""The whole validator over random zones, in tiny pieces and out of order: it finds what a slow reading finds."""

from base64 import b64encode
from functools import partial
from itertools import groupby

import pytest
from denial_oracle import DAMAGE, SETTINGS, ZONES, damaged, expected
from dns.rdatatype import RdataType
from hypothesis import example, given
from hypothesis import strategies as st

from attestations.times import Instant
from attestations.zone.practice.authority import authority_of
from attestations.zone.practice.denial import Nsec3
from attestations.zone.practice.keys import KSK_FLAGS, new_key
from attestations.zone.reading import zone_from_bytes
from attestations.zone.reading.flat import pieces
from attestations.zone.validation import survey
from attestations.zone.validation.whole import validate

AT = Instant.parse("2026-04-10T12:00:00Z")
KEY = "@ IN DNSKEY " + " ".join(["257 3 13", b64encode(new_key(KSK_FLAGS).rdata[4:]).decode()]) + "\n"
DENIALS = st.sampled_from([Nsec3(), Nsec3(opt_out=True), Nsec3(iterations=2, salt=b"s")])


def findings_of(text, size, margin):
    with pytest.MonkeyPatch.context() as patched, zone_from_bytes(text, "random", "test.") as zone:
        patched.setattr(survey, "pieces", partial(pieces, size=size))
        patched.setattr(survey, "MARGIN", margin)
        return validate(zone, (), AT).findings.kept


def shuffled(text, swaps):
    """Return the file with some owners in other places; the lines of an owner stay together."""
    owners = [list(lines) for _, lines in groupby(text.splitlines(keepends=True), key=lambda line: line.split()[0])]
    for pair in swaps:
        one, other = (number % len(owners) for number in pair)
        owners[one], owners[other] = owners[other], owners[one]
    return b"".join(line for lines in owners for line in lines)


SWAPS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=3)
GLUE_AWAY_FROM_ITS_DELEGATION = {
    "text": "".join(f"{owner} IN A 192.0.2.1\n" for owner in ("b", "*", "a.a", "a.b", "a.*", "a.Z", "a.a.b"))
    + "a IN NS ns.a\nZ IN NS ns.a\n",
    "size": 100,
    "margin": 1,
    "swaps": [(4, 7)],
}
"""a piece was judged again with a wider margin, and the next one was taken to see as far"""
SIZES = {"size": st.integers(100, 3000), "margin": st.integers(1, 2000), "swaps": SWAPS}


@SETTINGS
@given(text=ZONES, damage=DAMAGE, denial=DENIALS, **SIZES)
def test_what_is_wrong_with_a_chain_is_found(bench, text, damage, denial, size, margin, swaps):
    zone = bench(KEY + text, denial)
    for kind, index in damage:
        zone = damaged(zone, kind, index)
    found = findings_of(shuffled(zone.text, swaps), size, margin)
    assert {(one.owner, one.message) for one in found if one.code.startswith("DENIAL")} == set(
        expected(zone.zone, denial)
    )


@SETTINGS
@given(text=ZONES, denial=st.sampled_from([Nsec3(), "nsec"]), **SIZES)
def test_what_must_be_signed_is_told_from_what_need_not(bench, text, denial, size, margin, swaps):
    zone = bench(KEY + text, denial).zone
    authority = authority_of(zone)
    unsigned = {
        (rrset.owner.to_text().lower(), RdataType.to_text(rrset.rtype))
        for rrset in zone.rrsets
        if authority.must_be_signed(rrset)
    }
    found = findings_of(shuffled(bench(KEY + text, denial).text, swaps), size, margin)
    assert {(one.owner, one.rtype) for one in found if one.code == "SIG_MISSING"} == unsigned


@SETTINGS
@given(text=ZONES, **SIZES)
@example(**GLUE_AWAY_FROM_ITS_DELEGATION)
def test_a_complete_nsec_chain_is_fine(bench, text, size, margin, swaps):
    found = findings_of(shuffled(bench(KEY + text, "nsec").text, swaps), size, margin)
    assert not [one for one in found if one.code.startswith("DENIAL")]
