"""One may halt; it takes two to go on; nothing else ends a halt, and nothing halts the way back."""

from dataclasses import replace

import pytest
from world.pieces import halt
from world.registry import World

TWO, ONE = ("operations-1", "operations-2"), ("dave",)
LATER = "2026-04-10T11:45:00Z"


def end(*signers, **members):
    """Return the end of the base world's halt h-1, which is in force since 11:30."""
    said = {"state": "ended", "effectiveOn": LATER, **members}
    return replace(halt(), signers=signers or TWO).change(lambda predicate: predicate.update(said))


def verdict(*orders, world=None):
    world = world or World()
    for number, order in enumerate(orders):
        world = world.adding(f"order-{number}.json", order)
    return world.judge().decision.verdict.value


def test_two_keys_of_an_entitled_party_end_a_halt():
    assert verdict(halt()) == "frozen"
    assert verdict(halt(), end()) == "approve"


def test_two_people_end_a_halt_and_one_does_not():
    assert verdict(halt(), end("dave", "carol")) == "approve"
    assert verdict(halt(), end(*ONE)) == "frozen"


def test_two_signatures_by_one_person_are_one():
    assert verdict(halt(), end("dave", "dave")) == "frozen"


def test_one_key_of_a_party_that_has_two_and_needs_one_does_not_end_a_halt():
    def content_with_one(trust):
        party = next(party for party in trust["spec"]["parties"] if party["name"] == "operations")
        party["threshold"] = 1

    world = World().with_document("trust", content_with_one)
    assert verdict(halt(), end("operations-1"), world=world) == "frozen"
    assert verdict(halt(), end(*TWO), world=world) == "approve"


@pytest.mark.parametrize(
    ("members", "ending"),
    [
        ({}, "approve"),
        ({"id": "h-2"}, "frozen"),
        ({"effectiveOn": "2026-04-10T11:30:00Z"}, "approve"),
        ({"effectiveOn": "2026-04-10T11:29:59Z"}, "frozen"),
        ({"effectiveOn": "2026-04-10T12:00:00Z"}, "approve"),
        ({"effectiveOn": "2026-04-10T12:00:01Z"}, "frozen"),
    ],
)
def test_an_end_ends_the_halt_it_names_and_no_later_one(members, ending):
    assert verdict(halt(), end(*TWO, **members)) == ending


def test_an_end_for_another_environment_ends_nothing_here():
    elsewhere = {"name": "example-staging", "digest": "0" * 64}
    assert verdict(halt(), end(*TWO, environment=elsewhere)) == "frozen"


@pytest.mark.parametrize("signers", [TWO, ONE])
def test_an_end_without_a_halt_halts_nothing(signers):
    assert verdict(end(*signers)) == "approve"


def test_a_halt_after_the_end_of_an_earlier_one_stands():
    again = halt().change(lambda predicate: predicate.update(effectiveOn="2026-04-10T11:50:00Z"))
    assert verdict(halt(), end(), again) == "frozen"


def held_by(*people):
    """Change a trust root so that these people hold the keys of operations."""

    def change(document):
        operations = next(party for party in document["spec"]["parties"] if party["name"] == "operations")
        operations["people"] = list(people)

    return change


@pytest.mark.parametrize(("holders", "ending"), [((), "approve"), (("carol",), "approve"), (("dave",), "frozen")])
def test_a_person_and_the_key_of_a_party_they_hold_alone_are_one(holders, ending):
    world = World().adding("halt-order.json", halt()).adding("end.json", end("dave", "operations-1"))

    def change(document):
        held_by(*holders)(document)
        operations = next(party for party in document["spec"]["parties"] if party["name"] == "operations")
        operations["threshold"] = 1

    assert world.with_document("trust", change).judge().decision.verdict.value == ending


@pytest.mark.parametrize(
    ("valid_until", "ending"), [("2026-04-10T12:00:01Z", "approve"), ("2026-04-10T12:00:00Z", "frozen")]
)
def test_a_back_dated_end_by_keys_that_are_out_of_use_ends_nothing(valid_until, ending):
    world = World().adding("halt-order.json", halt()).adding("end.json", end("dave", "carol"))

    def change(document):
        dave = next(person for person in document["spec"]["people"] if person["name"] == "dave")
        dave["valid_until"] = valid_until

    assert world.with_document("trust", change).judge().decision.verdict.value == ending
