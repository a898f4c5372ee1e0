"""Every runbook is complete, filled in with the zone, and prints only commands that exist."""

import json
import re
import subprocess
import sys

import pytest
from click import Context, Group
from click.testing import CliRunner

from attestations.cli import main_group as attest
from attestations.cli.runbook import command
from attestations.predicates.freeze import Freeze
from attestations.predicates.halt import Halt
from attestations.records import ZoneName, decode
from attestations.runbooks.model import SERVERS
from attestations.runbooks.shelf import RUNBOOKS, only_for
from attestations.runbooks.text import text_of
from attestations.strict import read_json
from gatekeeper.cli import main_group as gatekeeper

ZONE = ZoneName.parse("xn--zone.test.")
BOOKS = [make(ZONE) for make in RUNBOOKS.values()]
GROUPS = {"attest": attest, "gatekeeper": gatekeeper}


def steps():
    return [(book, number, step) for book in BOOKS for number, step in enumerate(book.steps, 1)]


def actions():
    return [action for _, _, step in steps() for action in step.actions]


def test_every_runbook_has_the_name_that_it_is_called_by():
    assert [book.name for book in BOOKS] == list(RUNBOOKS)


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_a_runbook_is_short_and_names_its_zone_and_no_other(book):
    text = text_of(book)
    assert ZONE in text
    assert "example." not in text
    assert 4 <= len(book.steps) <= 8
    assert len(text.splitlines()) < 200
    assert max(map(len, re.findall(r"^ +(?:see|else|beware|does) .*$", text, re.MULTILINE))) <= 100


def test_every_step_says_what_must_be_seen_and_what_to_do_if_not():
    assert [step.do for _, _, step in steps() if not (step.actions or step.choices)] == []
    assert all(action.see and action.otherwise for action in actions())


def test_steps_that_are_named_by_number_are_there():
    for book, number, step in steps():
        words = " ".join(
            [step.do, *step.beware, *step.choices, *(f"{one.see} {one.otherwise}" for one in step.actions)]
        )
        here = re.sub(r"(runbook |\()?(way-back|tell|end-measures|stop-publication), step \d", "", words)
        named = {int(found) for found in re.findall(r"\bsteps? (\d)", here)}
        assert named <= set(range(1, len(book.steps) + 1)), (book.name, number)


def test_runbooks_that_are_named_exist():
    text = " ".join(map(text_of, BOOKS)).replace("\n", " ")
    named = set(re.findall(r"runbook +([a-z-]+)", re.sub(r"\s+", " ", text)))
    assert named
    assert named <= set(RUNBOOKS)


def called():
    return sorted({words for action in actions() for words in action.commands if words[0] in GROUPS})


@pytest.mark.parametrize("words", called(), ids=" ".join)
def test_a_call_of_ours_names_a_command_and_options_that_exist(words):
    found, rest = GROUPS[words[0]], words[1:]
    while isinstance(found, Group):
        found, rest = found.get_command(Context(found), rest[0]), rest[1:]
        assert found is not None
    required = {option.opts[0] for option in found.params if option.required and option.opts[0].startswith("--")}
    known = {name for option in found.params for name in option.opts}
    used = {word for word in rest if word.startswith("--")}
    assert required <= used <= known


@pytest.mark.parametrize(("file", "kind"), [("halt.json", Halt), ("freeze.json", Freeze)])
def test_an_order_of_the_page_is_one_once_it_is_filled_in(file, kind):
    (paste,) = [action.paste for action in actions() if action.paste and action.paste.where == file]
    text = paste.text.replace("SHA-256-OF-ENVIRONMENT.YAML", "0" * 64)
    text = text.replace("YYYY-MM-DDThh:mm:ssZ", "2026-05-05T20:00:00Z")
    order = decode(read_json(text.encode(), file), kind)
    assert order.environment.digest == "0" * 64
    assert getattr(order, "zones", (ZONE,)) == (ZONE,)


def test_no_runbook_deletes_a_key_or_switches_validation_off():
    for words in (words for action in actions() for words in action.commands):
        assert not {"delete", "zone-purge", "-D", "-force"} & set(words)
        assert "val-permissive-mode" not in " ".join(words)


# What the command prints.


def printed(*arguments):
    return CliRunner().invoke(command, arguments)


@pytest.mark.parametrize("name", RUNBOOKS)
def test_the_command_prints_the_runbook_as_text_and_as_json(name):
    as_text, as_json = printed(name, "--zone", ZONE), printed(name, "--zone", ZONE, "--output", "json")
    document = json.loads(as_json.output)
    assert (as_text.exit_code, as_json.exit_code) == (0, 0)
    assert as_text.output == text_of(RUNBOOKS[name](ZONE)) + "\n"
    assert (document["name"], document["zone"], len(document["steps"])) == (name, ZONE, len(RUNBOOKS[name](ZONE).steps))


@pytest.mark.parametrize("server", SERVERS)
def test_only_what_is_for_a_server_is_printed_and_every_step_keeps_its_number(server):
    for book in BOOKS:
        chosen = only_for(book, frozenset([server]))
        assert [step.do for step in chosen.steps] == [step.do for step in book.steps]
        assert {action.server for step in chosen.steps for action in step.actions} <= {server, None}
        assert {one.server for one in chosen.wrong} <= {server}
    text = printed("stop-publication", "--zone", ZONE, "--server", "nsd", "--server", "bind").output
    assert "[nsd]" in text
    assert "[bind]" in text
    assert "[knot]" not in text


@pytest.mark.parametrize("zone", ["example", "EXAMPLE.", "a.; rm -rf /.", "-c.", "$(id).", ""])
def test_a_name_that_is_no_zone_gets_no_runbook(zone):
    assert printed("stop-publication", "--zone", zone).exit_code == 2


def test_a_runbook_that_nobody_wrote_is_wrong_usage_and_those_there_are_named():
    result = printed("panic", "--zone", ZONE)
    assert result.exit_code == 2
    assert all(name in result.output for name in RUNBOOKS)


def test_the_command_needs_none_of_the_libraries_that_judge_and_sign():
    heavy = {"dns", "cryptography", "sigstore", "in_toto", "jsonschema", "securesystemslib", "numpy"}
    code = "import sys, attestations.cli.runbook; print(*{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not heavy & set(ran.stdout.split())
