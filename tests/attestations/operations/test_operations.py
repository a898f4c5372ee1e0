"""The operators' commands: the zone is one word of each, and nothing can be slipped in."""

import inspect
from pathlib import Path

import pytest

from attestations.operations import bind, knot, nsd, unbound
from attestations.records import ZoneName
from attestations.times import Duration

ZONE = ZoneName.parse("example.")
CONTROL = ("-c", "/etc/control.conf")
PROGRAMS = {knot: {"knotc", "keymgr", "kzonesign"}, nsd: {"nsd-control"}, bind: {"rndc"}, unbound: {"unbound-control"}}
VALUES = {
    "zone": ZONE,
    "folder": Path("/var/backup"),
    "record": ("@", 3600, "TXT", "words of a text"),
    "key_id": "a1b2",
    "algorithm": "ECDSAP256SHA256",
    "ksk": True,
    "times": {"retire": "+0", "remove": "+30d"},
    "lifetime": Duration.parse("1h"),
    "control": CONTROL,
}
FUNCTIONS = [
    pytest.param(function, id=f"{module.__name__.rpartition('.')[2]}.{name}")
    for module in PROGRAMS
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and "control" in inspect.signature(function).parameters
]


def words_of(function):
    parameters = inspect.signature(function).parameters.values()
    return function(**{one.name: VALUES[one.name] for one in parameters if one.kind is not one.VAR_POSITIONAL})


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_command_starts_with_its_program_and_then_says_which_server_is_meant(function):
    program, *rest = words_of(function)
    assert program in PROGRAMS[inspect.getmodule(function)]
    assert tuple(rest[: len(CONTROL)]) == CONTROL


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_word_is_plain_text_and_the_zone_is_one_of_them(function):
    words = words_of(function)
    assert all(isinstance(word, str) and word for word in words)
    assert (ZONE in words) is ("zone" in inspect.signature(function).parameters)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_command_says_in_a_sentence_what_it_does(function):
    assert inspect.getdoc(function).split("\n")[0].endswith(".")


@pytest.mark.parametrize("key_id", ["", "a", "A1B2", "a1 b2", "-c", "id=a1", "33834\n", "a1;b2"])
def test_a_key_is_named_by_its_id_and_by_nothing_else(key_id):
    with pytest.raises(ValueError, match="is not the id of a key"):
        knot.keymgr_set(ZONE, key_id, {"retire": "+0"})


def test_the_times_of_a_key_are_set_by_its_id():
    words = knot.keymgr_set(ZONE, "a1b2", {"retire": "+0", "remove": "+30d"})
    assert words == ("keymgr", "example.", "set", "id=a1b2", "retire=+0", "remove=+30d")


def test_what_waits_is_told_to_wait():
    assert knot.zone_freeze(ZONE) == ("knotc", "-b", "zone-freeze", "example.")
    assert knot.zone_status(ZONE, "serial", "freeze") == ("knotc", "zone-status", "example.", "+serial", "+freeze")
    assert knot.zone_backup(ZONE, Path("/b"))[-2:] == ("+backupdir", "/b")


@pytest.mark.parametrize(("lifetime", "seconds"), [("1h", "3600"), ("90s", "90"), ("7d", "604800")])
def test_a_negative_trust_anchor_is_given_its_end_in_seconds(lifetime, seconds):
    assert bind.nta(ZONE, Duration.parse(lifetime)) == ("rndc", "nta", "-lifetime", seconds, "example.")
