"""What a tool's words say of each signature, and what they leave open."""

import pytest

from attestations.zone.engines.complaints import ANY, Complaints, Verifies, blame
from attestations.zone.reading.names import wire_name
from attestations.zone.reading.rdata import Rrsig
from attestations.zone.validation.groups import RRset
from attestations.zone.validation.published import key_set
from attestations.zone.validation.signatures import Outcome

APEX, OWNER = wire_name(b"test."), wire_name(b"nic.test.")
A, DNSKEY = 1, 48
NOW = 1_000_000


@pytest.fixture(scope="session")
def keys(ksk, zsk):
    return key_set([ksk.rdata, zsk.rdata])


@pytest.fixture(scope="session")
def signed(zsk):
    """Return an RRset with signatures, each (tag, algorithm, inception, expiration) or less."""

    def made(*signatures):
        defaults = (zsk.tag, 13, NOW - 10, NOW + 10)
        rrsigs = []
        for number, given in enumerate(signatures):
            tag, algorithm, inception, expiration = (*given, *defaults[len(given) :])
            rrsigs.append(
                Rrsig(
                    covered=A,
                    algorithm=algorithm,
                    labels=2,
                    original_ttl=3600,
                    expiration=expiration,
                    inception=inception,
                    key_tag=tag,
                    signer=APEX,
                    signature=bytes([number]),
                )
            )
        return RRset(owner=OWNER, rtype=A, ttls=(3600,), rdatas=(b"\xc0\0\2\1",), signatures=tuple(rrsigs))

    return made


def said(verifies=Verifies.ONE, *, refused=False, blamed=(), explained=True):
    return Complaints(apex=APEX, refused=refused, verifies=verifies, blamed=blame(blamed), explained=explained)


def outcomes(complaints, rrset, keys, *, must_be_signed=True):
    return [one.outcome for one in complaints.judge(rrset, keys, NOW, must_be_signed=must_be_signed)]


@pytest.mark.parametrize(
    ("verifies", "found"),
    [
        (Verifies.ONE, [Outcome.OK, Outcome.UNJUDGED]),
        (Verifies.ONE_OF_EACH_ALGORITHM, [Outcome.OK, Outcome.UNJUDGED]),
        (Verifies.EVERY, [Outcome.OK, Outcome.OK]),
    ],
)
def test_of_two_signatures_so_many_count_as_the_tool_must_have_verified(signed, keys, verifies, found):
    assert outcomes(said(verifies), signed((), ()), keys) == found


def test_a_signature_whose_key_is_not_published_cannot_have_been_verified(signed, keys, zsk):
    rrset = signed((zsk.tag ^ 1,), (zsk.tag,))
    for verifies in Verifies:
        assert outcomes(said(verifies), rrset, keys) == [Outcome.UNJUDGED, Outcome.OK]


def test_a_signature_outside_its_time_cannot_have_been_verified(signed, keys, zsk):
    rrset = signed((zsk.tag, 13, NOW - 20, NOW - 1), (zsk.tag, 13, NOW + 1), ())
    for verifies in Verifies:
        judged = said(verifies).judge(rrset, keys, NOW, must_be_signed=True)
        assert [one.outcome for one in judged] == [Outcome.UNJUDGED, Outcome.UNJUDGED, Outcome.OK]
        assert judged[-1].key in keys.keys


def test_silence_of_a_tool_that_stopped_early_says_nothing(signed, keys):
    assert outcomes(said(refused=True, blamed=[("x.test", "A", ANY)]), signed(()), keys) == [Outcome.OK]
    assert outcomes(said(refused=True, explained=False), signed(()), keys) == [Outcome.UNJUDGED]
    assert outcomes(said(refused=True, blamed=[("test", "DNSKEY", ANY)]), signed(()), keys) == [Outcome.UNJUDGED]


def test_what_need_not_be_signed_is_not_judged(signed, keys):
    (one,) = said().judge(signed(()), keys, NOW, must_be_signed=False)
    assert (one.outcome, one.code) == (Outcome.UNJUDGED, "SIG_UNEXPECTED")


@pytest.mark.parametrize(
    ("signature", "outcome"),
    [
        ((), Outcome.BOGUS),
        ((1,), Outcome.NO_KEY),
        ((None, 13, NOW - 20, NOW - 1), Outcome.EXPIRED),
        ((None, 13, NOW - 20, NOW), Outcome.BOGUS),
        ((None, 13, NOW + 1, NOW + 2), Outcome.NOT_YET),
        ((None, 13, NOW, NOW + 2), Outcome.BOGUS),
    ],
)
def test_why_a_signature_is_refused_is_what_can_be_seen_of_it(signed, keys, zsk, signature, outcome):
    given = tuple(zsk.tag if value is None else value for value in signature)
    complaints = said(refused=True, blamed=[("NIC.test", "a", ANY)])
    rrset = signed(given)
    assert outcomes(complaints, rrset, keys) == [outcome]
    assert complaints.explains(rrset)


def test_a_complaint_about_one_algorithm_leaves_the_other_good(signed, keys, zsk):
    complaints = said(Verifies.ONE_OF_EACH_ALGORITHM, refused=True, blamed=[("nic.test.", "A", 8)])
    assert outcomes(complaints, signed((), (zsk.tag, 8)), keys) == [Outcome.OK, Outcome.NO_KEY]


def test_words_that_name_no_rrset_are_left_out():
    assert blame([("nic.test", "NOTYPE", ANY), ("a..b", "A", ANY), ("\u00e9", "A", ANY)]) == {}
    assert blame([("nic.test", "A", 8), ("nic.test.", "TYPE1", 13)]) == {(OWNER, A): frozenset({8, 13})}
