"""Who counts, and for which place: distinct people, matched to roles so that nobody fills two places."""

from collections.abc import Mapping

from gatekeeper.trust import Person, TrustRoot


def places_left(need: Mapping[str, int], people: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """Return how many places of each role stay empty when `people` (name -> roles) are placed as well as possible.

    Maximum bipartite matching by augmenting paths (Kuhn, 1955): a greedy choice can leave a person in two roles
    on the wrong place and a request stuck for ever (GitLab #425759).
    """
    places = [(role, number) for role in sorted(need) for number in range(need[role])]
    taken: dict[tuple[str, int], str] = {}
    for person in sorted(people):
        _place(person, people, places, taken, set())
    empty = [role for role, number in places if (role, number) not in taken]
    return {role: empty.count(role) for role in sorted(set(empty))}


def _place(
    person: str,
    people: Mapping[str, frozenset[str]],
    places: list[tuple[str, int]],
    taken: dict[tuple[str, int], str],
    tried: set[tuple[str, int]],
) -> bool:
    for place in places:
        if place[0] not in people[person] or place in tried:
            continue
        tried.add(place)
        if place not in taken or _place(taken[place], people, places, taken, tried):
            taken[place] = person
            return True
    return False


def names_of(person: Person) -> frozenset[str]:
    """Return every name under which this person may appear in a request, compared without case."""
    return frozenset(name.casefold() for name in (person.record.name, *person.record.accounts))


def behind(trust: TrustRoot, name: str) -> frozenset[str]:
    """Return the people of the trust root whom `name` (of a requester or author) stands for."""
    return frozenset(p.record.name for p in trust.people if name.casefold() in names_of(p))
