"""Matching people to places: as good as trying everything, never greedy, never one person twice."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st
from world.registry import World

from gatekeeper.people import behind, names_of, places_left

ROLES = ("a", "b", "c")
needs = st.dictionaries(st.sampled_from(ROLES), st.integers(1, 2), min_size=1)
crowds = st.dictionaries(st.sampled_from("uvwxyz"), st.frozensets(st.sampled_from(ROLES)), max_size=4)


def fewest_empty(need, people):
    """The number of places that stay empty in the best of all ways to place these people."""
    places = [role for role in need for _ in range(need[role])]
    queue = [*people, *(None for _ in places)]
    return min(
        sum(person is None or role not in people[person] for person, role in zip(order, places, strict=False))
        for order in permutations(queue, len(places))
    )


@settings(max_examples=60)
@given(needs, crowds)
def test_as_few_places_stay_empty_as_in_the_best_of_all_ways(need, people):
    left = places_left(need, people)
    assert sum(left.values()) == fewest_empty(need, people)
    assert all(0 < left[role] <= need[role] for role in left)


@given(needs, crowds)
def test_the_order_of_people_and_roles_changes_nothing(need, people):
    backwards = dict(reversed(list(people.items())))
    assert places_left(need, people) == places_left(dict(reversed(list(need.items()))), backwards)


@given(needs, crowds, st.sampled_from("uvwxyz"))
def test_one_more_person_never_empties_a_place(need, people, another):
    without = {name: roles for name, roles in people.items() if name != another}
    more = {**without, another: frozenset(ROLES)}
    assert sum(places_left(need, more).values()) <= sum(places_left(need, without).values())


def test_a_person_with_two_roles_fills_one_place():
    both = frozenset({"release-manager", "crypto-officer"})
    assert places_left({"release-manager": 1, "crypto-officer": 1}, {"carol": both}) == {"release-manager": 1}


def test_a_person_with_two_roles_gives_way_where_another_can_take_only_one():
    """GitLab #425759: carol, placed first and greedily, would block the place that only alice can take."""
    people = {"alice": frozenset({"a"}), "carol": frozenset({"a", "b"})}
    assert places_left({"a": 1, "b": 1}, people) == {}
    assert places_left({"a": 1, "b": 1}, {"aaron": frozenset({"a", "b"}), "zoe": frozenset({"a"})}) == {}


def test_making_room_can_take_several_steps():
    people = {"u": frozenset("ab"), "v": frozenset("bc"), "w": frozenset("ac"), "x": frozenset("a")}
    assert places_left({"a": 2, "b": 1, "c": 1}, people) == {}


def test_which_of_several_places_stays_empty_does_not_hang_on_the_order_of_people():
    one, two = ("u", frozenset("ab")), ("v", frozenset("ac"))
    need = {"a": 1, "b": 1, "c": 1}
    assert places_left(need, dict([one, two])) == places_left(need, dict([two, one]))


def test_empty_places_are_told_in_the_order_of_their_roles():
    need = dict.fromkeys("hgfedcba", 1)
    assert list(places_left(need, {})) == sorted(need)


def test_nobody_fills_nothing_and_a_stranger_fills_nothing():
    assert places_left({"a": 2}, {}) == {"a": 2}
    assert places_left({"a": 2}, {"u": frozenset({"z"})}) == {"a": 2}


def test_exactly_as_many_people_as_places_are_enough_and_one_fewer_are_not():
    crowd = {name: frozenset({"a"}) for name in "uvw"}
    assert places_left({"a": 3}, crowd) == {}
    assert places_left({"a": 4}, crowd) == {"a": 1}


def trust(**alice):
    return World().with_document("trust", lambda t: t["spec"]["people"][0].update(alice)).judge().case.trust


def test_a_name_stands_for_its_person_by_name_and_account_without_case():
    root = trust()
    assert behind(root, "alice") == {"alice"}
    assert behind(root, "ALICE@Registry.example") == {"alice"}
    assert behind(root, "alic") == behind(root, "alice@registry.example.org") == frozenset()


def test_names_are_compared_by_folding_case_beyond_ascii():
    world = World().with_document(
        "trust", lambda t: t["spec"]["people"][0].update(accounts=["Straße@registry.example"])
    )
    person = world.judge().case.trust.people[0]
    assert names_of(person) == {"alice", "strasse@registry.example"}
    assert behind(world.judge().case.trust, "STRASSE@registry.example") == {"alice"}


def test_a_name_that_two_people_share_stands_for_both():
    world = World().with_document("trust", lambda t: t["spec"]["people"][1].update(accounts=["alice"]))
    assert behind(world.judge().case.trust, "alice") == {"alice", "bob"}
