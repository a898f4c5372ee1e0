"""B5 YAML typing."""

from dataclasses import replace

from world.documents import dump
from world.registry import World

from attacks.evidence import edited
from attacks.model import Attack, Family, allowed

TESTS = b"      at_least: 10\n"
EXPIRES = b"'2027-12-31T00:00:00Z'"


def _by_hand(before: bytes, after: bytes) -> World:
    """Return the world whose policy is written by hand at one place, judged and signed off as written."""
    raw = dump(World().policy)
    if raw.count(before) != 1:
        raise ValueError(f"{before!r} stands {raw.count(before)} times in the policy")
    return replace(World(), texts={"policy.yaml": raw.replace(before, after)})


FAMILY = Family(
    id="B5",
    title="YAML turns what the author wrote into something else without a word; in a policy that is another threshold.",
    attacks=(
        Attack(
            variant="bool-words",
            why="`unattended: on` is text here and true elsewhere, as `no` is false: only true and false are booleans.",
            deny=edited("policy.yaml", b"unattended: true", b"unattended: on", "SCHEMA"),
        ),
        Attack(
            variant="sexagesimal",
            why="1:30 is 90 to some readers.",
            deny=edited("policy.yaml", TESTS, b"      at_least: 1:30\n", "SCHEMA"),
        ),
        Attack(
            variant="octal",
            why="010 is 8 to some readers and 10 to others.",
            deny=edited("policy.yaml", TESTS, b"      at_least: 010\n", "PARSE-YAML"),
        ),
        Attack(
            variant="underscore-int",
            why="1_0 is 10 to some readers and text to others.",
            deny=edited("policy.yaml", TESTS, b"      at_least: 1_0\n", "SCHEMA"),
        ),
        Attack(
            variant="date",
            why="2027-12-31 becomes a date without zone: the policy ends a day earlier or later, by where it is read.",
            deny=edited("policy.yaml", EXPIRES, b"2027-12-31", "SCHEMA"),
            allow=allowed(_by_hand(EXPIRES, b"2027-12-31T00:00:00Z")),
        ),
        Attack(
            variant="inf",
            why="A quorum or a count of `.inf` compares with everything.",
            deny=edited("policy.yaml", TESTS, b"      at_least: -.inf\n", "SCHEMA"),
        ),
        Attack(
            variant="null",
            why="An empty value where a number is meant: no threshold at all.",
            deny=edited("policy.yaml", TESTS, b"      at_least:\n", "SCHEMA"),
        ),
        Attack(
            variant="merge-key",
            why="`<<` brings members in from elsewhere, where the reviewer of this place does not see them.",
            deny=edited("policy.yaml", TESTS, b"      <<: {at_least: 1}\n", "PARSE-YAML"),
        ),
        Attack(
            variant="anchor",
            why="An alias repeats what was written elsewhere; chained, it fills the memory.",
            deny=edited(
                "policy.yaml", b"    - canary\n    - full\n", b"    - &stage canary\n    - *stage\n", "PARSE-YAML"
            ),
        ),
        Attack(
            variant="python-tag",
            why="A tag names a Python object to be made while reading.",
            deny=edited("policy.yaml", TESTS, b"      at_least: !!python/object/apply:int [0]\n", "PARSE-YAML"),
            allow=allowed(_by_hand(b"title: The way back was walked and timed", b"title: '!!python/name:exit'")),
        ),
    ),
)
