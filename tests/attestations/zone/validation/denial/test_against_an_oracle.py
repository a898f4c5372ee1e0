"""Random zones with random damage: exactly what a slow reading of RFC 5155 and RFC 4034 finds is found."""

from denial_oracle import DAMAGE, SETTINGS, ZONES, damaged, expected
from dns.rdatatype import RdataType
from hypothesis import given
from hypothesis import strategies as st

from attestations.zone.practice.denial import Nsec3


@SETTINGS
@given(text=ZONES, damage=DAMAGE, bits=st.integers(0, 4), opt_out=st.booleans(), hashes_insecure=st.booleans())
def test_nsec3_findings_are_those_of_the_oracle(bench, text, damage, bits, opt_out, hashes_insecure):
    denial = Nsec3(opt_out=opt_out)
    bench = bench(text, denial, bits=bits, hashes_insecure=hashes_insecure)
    for kind, index in damage:
        bench = damaged(bench, kind, index)
    assert bench.messages() == set(expected(bench.zone, denial))


@SETTINGS
@given(text=ZONES, bits=st.integers(0, 4))
def test_a_complete_nsec_chain_is_fine(bench, text, bits):
    assert not bench(text, "nsec", bits=bits).report().totals


@SETTINGS
@given(text=ZONES, bits=st.integers(0, 4), index=st.integers(0, 50), to=st.integers(0, 50))
def test_an_nsec_record_that_points_elsewhere_is_found(bench, text, bits, index, to):
    good = bench(text, "nsec", bits=bits)
    chain = [rrset for rrset in good.zone.rrsets if rrset.rtype == RdataType.NSEC]
    one, other = chain[index % len(chain)], chain[to % len(chain)]
    bad = good.with_rdatas(lambda rrset: rrset is one, lambda rdata: rdata.replace(next=other.owner))
    totals = bad.report().totals
    assert bool(totals) is (one.rdatas[0].next != other.owner)
    assert bool(bad.messages()) is bool(totals)
