"""The zone that is signed, how the signatures of several HSMs come together, and how many of them verify."""

import pytest

from attestations.drills.faults import Signer
from attestations.drills.probing import now
from attestations.errors import InputError
from attestations.records import ZoneName
from attestations.replay.counting import count_good
from attestations.replay.registry import Registry
from attestations.replay.signing import Line, SignedZone, in_turn

ZONE = ZoneName("test.")


def run(serial, *signatures):
    """What one signing run makes: a SOA, and a signature for each of the types."""
    lines = [f"test. 3600 SOA ns1.test. hostmaster.test. {serial} 1 1 1 1"]
    lines += [f"test. 3600 RRSIG {covered} 13 1 3600 by-{hsm}" for covered, hsm in signatures]
    return [Line(text=text) for text in lines]


def test_one_delegation_in_ten_has_a_ds_and_all_have_name_servers_with_addresses():
    registry = Registry(zone=ZONE, delegations=30)
    lines = [line.split() for line in registry.text(7).decode().splitlines()]
    assert {words[0] for words in lines if words[2:4] and words[3] == "DS"} == {"d0", "d10", "d20"}
    assert [words[6] for words in lines if words[3] == "SOA"] == ["7"]
    assert set(registry.signed) == {"d0.test.", "d10.test.", "d20.test."}
    assert not set(registry.signed) & set(registry.unsigned)
    assert len(registry.signed) + len(registry.unsigned) == 30
    targets = {words[4] for words in lines if words[3] == "NS"}
    assert targets <= {words[0] for words in lines if words[3] == "A"}


def test_signatures_come_from_the_runs_in_turn():
    runs = [run(1, ("SOA", hsm), ("NS", hsm), ("DNSKEY", hsm), ("NSEC3PARAM", hsm)) for hsm in "abc"]
    merged = list(in_turn(runs, (0, 1, 2)))
    assert [line.text.split()[-1] for line in merged[1:]] == ["by-a", "by-b", "by-c", "by-a"]
    assert [line.hsm for line in merged] == [None, 0, 1, 2, 0]


@pytest.mark.parametrize(
    "other",
    [run(2, ("SOA", "b")), run(1, ("NS", "b"))],
    ids=["another serial number", "a signature over another type"],
)
def test_runs_that_differ_in_more_than_signatures_are_refused(other):
    with pytest.raises(InputError) as refusal:
        list(in_turn([run(1, ("SOA", "a")), other], (0, 1)))
    assert refusal.value.code == "LABORATORY"
    assert "runs of one signer that differ" in refusal.value.found


def practice(zone, makers):
    """A practice zone as Knot would write it, its signatures by the HSMs in turn."""
    lines, made = [], 0
    for text in zone.text.decode().splitlines():
        owner, ttl, _, rtype, data = text.split(maxsplit=4)
        hsm = makers[made % len(makers)] if rtype == "RRSIG" else None
        made += rtype == "RRSIG"
        lines.append(Line(text=f"{owner} {ttl} {rtype} {data}", hsm=hsm))
    return SignedZone(zone=ZONE, lines=tuple(lines))


def test_every_signature_of_a_zone_in_order_is_counted_as_good():
    made, good = count_good(practice(Signer(ZONE).good(1, now()), (0, 1)))
    assert made == good
    assert made.total() > 20


def test_one_wrong_signature_is_counted_against_the_hsm_that_made_it():
    made, good = count_good(practice(Signer(ZONE).bad("one-wrong-signature", 1, now()), (0, 1)))
    assert made.total() - good.total() == 1
    assert sorted(made[hsm] - good[hsm] for hsm in (0, 1)) == [0, 1]
