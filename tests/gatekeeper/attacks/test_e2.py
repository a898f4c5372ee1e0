"""E2 Regular-expression denial of service: no pattern of ours takes long, whatever it is held against."""

import importlib
import json
import pkgutil
import re
import time
from pathlib import Path

import pytest
from attacks.e2 import matching
from attacks.limited import run
from world.registry import World

import attestations
import gatekeeper

ROOT = Path(__file__).resolve().parents[3]
LENGTH = 4 * 1024
SECONDS = 0.1
UNITS = (
    "a",
    "A",
    "0",
    "é",
    " ",
    "\n",
    "\t",
    ".",
    "/",
    "-",
    "_",
    ":",
    "@",
    "*",
    "#",
    "`",
    '"',
    "\\",
    "{",
    "[",
    "+",
    "=",
    "|",
)
UNITS += (
    "a.",
    "a-",
    "a/",
    "../",
    "/..",
    "ab0",
    "0.",
    "T0",
    "a@",
    "a=",
    "a:",
    "{a",
    "a}",
    '\\"',
    "##",
    "::",
    "://",
    "a b",
    "1 ",
)
ENDS = ("", "!", "\n", "\x00", "\u202e")


def compiled():
    """Every pattern that a module of ours holds, by the module's name."""
    for package in (attestations, gatekeeper):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__") and ".hsm.pkcs11" not in found.name:
                module = importlib.import_module(found.name)
                yield from (value for value in vars(module).values() if isinstance(value, re.Pattern))


def published():
    """Every pattern of a schema that we publish."""

    def below(value):
        if isinstance(value, dict):
            if isinstance(value.get("pattern"), str):
                yield value["pattern"]
            for member in value.values():
                yield from below(member)
        elif isinstance(value, list):
            for member in value:
                yield from below(member)

    for path in (ROOT / "docs/schemas").glob("*.json"):
        yield from map(re.compile, below(json.loads(path.read_text(encoding="utf-8"))))


PATTERNS = {pattern.pattern: pattern for pattern in (*compiled(), *published()) if isinstance(pattern.pattern, str)}


def slowest(pattern):
    """Return the longest that the pattern takes for any of the subjects, in seconds of processor time.

    A published pattern is searched for, as JSON Schema says, and begins with ^; the others match from the start on.
    """
    use = pattern.search if pattern.pattern.startswith("^") else pattern.fullmatch
    worst = 0.0
    for unit in UNITS:
        for end in ENDS:
            subject = unit * (LENGTH // len(unit)) + end
            started = time.process_time()
            use(subject)
            worst = max(worst, time.process_time() - started)
    return worst


def test_there_are_patterns_to_try():
    assert len(PATTERNS) > 30


@pytest.mark.parametrize("text", sorted(PATTERNS), ids=range(len(PATTERNS)))
def test_no_pattern_of_ours_takes_long(text):
    assert slowest(PATTERNS[text]) < SECONDS, text


def test_the_measuring_stick_finds_a_quadratic_pattern():
    """An exponential one would not come back."""
    assert slowest(re.compile(r"a*a*a?a?b")) > SECONDS


@pytest.mark.parametrize("size", [64 * 1024, 512 * 1024])
def test_a_long_subject_ends_in_bounded_time(tmp_path, size):
    attack = matching("subject", "", "^[a-z]+(-[a-z]+)*$", "a-" * (size // 2), "a")
    attack.deny.world.write(tmp_path)
    ended = run(tmp_path, *attack.deny.arguments(), "--report", "json")
    assert (ended.exit, ended.codes) == (10, {"ASSERTION"})
    assert ended.bounded, ended


def test_a_nested_quantifier_ends_in_bounded_time(tmp_path):
    attack = matching("nested", "", "^(a+)+$", "a" * 100_000 + "!", "a")
    attack.deny.world.write(tmp_path)
    ended = run(tmp_path, *attack.deny.arguments(), "--report", "json")
    assert (ended.exit, ended.codes) == (10, {"ASSERTION"})
    assert ended.bounded, ended


def test_a_schema_with_a_pattern_of_its_own_is_no_evidence(tmp_path):
    """Schemas come with the gate and from nowhere else: what evidence brings is a member that nobody knows."""
    schema = {"type": "string", "pattern": "(a+)+$"}
    world = World().with_predicate("hsm.json", lambda p: p.update({"$schema": "urn:x", "$defs": {"x": schema}}))
    world.write(tmp_path)
    command = ["evaluate", *(f"--{name}={name}.yaml" for name in ("request", "environment", "policy", "trust"))]
    ended = run(tmp_path, *command, "--at", world.now, "--report", "json")
    assert (ended.exit, ended.codes) == (11, {"SCHEMA"})
    assert ended.bounded, ended
