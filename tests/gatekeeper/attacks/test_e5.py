"""E5 Injection: whatever evidence says, each report has the structure that it has with a harmless word in its place."""

import json
import os
import re
import subprocess
import sys

import pytest
from attacks.e5 import FAMILY, PRINTABLE, STEERING, built_by
from attacks.limited import run
from attacks.model import EVALUATE
from world.pieces import freeze, sign_off, waiver
from world.registry import World

from gatekeeper.cli.reporting import report_of
from gatekeeper.report import FORMATS, render
from tests.gatekeeper.report.reading import Page, markdown_tokens, workflow_commands, xml

TEXTS = [text for _, text in PRINTABLE.values()]
ALL = "\n".join(TEXTS)


def rejected(text):
    return World().with_document("policy", lambda _: None).adding("no.json", _rejection(text)).signed_off_by()


def _rejection(text):
    return sign_off("alice", "0" * 64, "reject").change(lambda predicate: predicate.update(reason=text))


def waived(text):
    changed = waiver("way-back", "carol", "dave").change(lambda predicate: predicate.update(reason=text))
    return World().without("rollback.json").adding("waiver.json", changed)


def frozen(text):
    changed = freeze("signer-release").change(lambda predicate: predicate.update(reason=text, exitConditions=[text]))
    return World().adding("freeze.json", changed)


def failed(text):
    names = list(filter(None, text.split("\n")))

    def fail(predicate):
        predicate.update(result="FAILED", failedTests=names)

    return World().with_predicate("tests.json", fail)


def another_type(text):
    return World().with_piece("tests.json", lambda piece: _with_statement(piece, predicateType=text[:256]))


def another_subject(text):
    subject = [{"name": text[:256], "digest": {"sha256": "0" * 64}}]
    return World().with_piece("tests.json", lambda piece: _with_statement(piece, subject=subject))


def another_member(text):
    return World().with_predicate("hsm.json", lambda predicate: predicate.update({text: 1}))


def asked_by(text):
    return World().with_document("request", lambda request: request["metadata"].update(requester=text[:256]))


def versioned(text):
    return World().with_document("request", lambda r: r["spec"]["release"].update(version=text[:256]))


def titled(text):
    return World().with_document("policy", lambda p: p["spec"]["requirements"][0].update(title=text[:256]))


def _with_statement(piece, **members):
    from dataclasses import replace

    return replace(piece, statement_changes=(lambda statement: statement.update(members),))


VEHICLES = [
    waived,
    frozen,
    rejected,
    failed,
    another_type,
    another_subject,
    another_member,
    asked_by,
    versioned,
    titled,
]


def reports(world):
    report = report_of(world.judge())
    return {name: render(name, report) for name in FORMATS}


def shape(value):
    """A JSON value without its texts."""
    if isinstance(value, dict):
        return {key: shape(below) for key, below in value.items()}
    return [shape(below) for below in value] if isinstance(value, list) else type(value).__name__


def structure(name, made):
    """What a reader of the format obeys: everything but the text."""
    commands = [(command, sorted(properties)) for command, properties, _ in workflow_commands(made)]
    match name:
        case "markdown":
            return commands, [token.type for token in markdown_tokens(made)]
        case "html":
            return commands, [(tag, sorted(attributes)) for tag, attributes in Page(made).tags]
        case "junit":
            return commands, [(element.tag, sorted(element.keys())) for element in xml(made).iter()]
        case "text" | "github":
            return commands, len(made.split("\n"))
        case "dotenv":
            return commands, [line.split("=")[0] for line in made.split("\n")]
        case _:
            return commands, shape(json.loads(made))


def check_inert(name, made, harmless):
    assert all(character == "\n" or character.isprintable() for character in made)
    assert not re.search(r"##(\[|vso\[|teamcity\[)", made)
    assert structure(name, made) == structure(name, harmless)
    if name == "html":
        assert not [cell for cell in Page(made).cells if cell[:1] in "=+-@\t"]
    if name == "dotenv":
        assert re.fullmatch(r"(GATEKEEPER_[A-Z_]+=[A-Za-z0-9.,:_-]*\n)+", made)


@pytest.mark.parametrize("vehicle", VEHICLES, ids=lambda vehicle: vehicle.__name__)
def test_text_in_any_place_stays_text_in_every_format(vehicle):
    lines = ALL.split("\n")
    harmless = reports(vehicle("\n".join(line and f"word {lines.index(line)}" for line in lines)))
    for name, made in reports(vehicle(ALL)).items():
        check_inert(name, made, harmless[name])


def test_each_text_where_a_refusal_quotes_it_stays_text_in_every_format():
    harmless = reports(built_by("x"))
    for text in TEXTS:
        for name, made in reports(built_by(text)).items():
            check_inert(name, made, harmless[name])


@pytest.mark.parametrize("text", [text for _, text in STEERING.values()], ids=STEERING)
def test_text_that_steers_is_no_evidence_wherever_it_stands(text):
    for vehicle in (waived, frozen):
        judged = vehicle(text).judge()
        assert {refusal.code for refusal in judged.case.refusals} >= {"INJECT"}
        assert judged.decision.verdict.exit_code != 12
    for name, made in reports(waived(text)).items():
        assert all(character == "\n" or character.isprintable() for character in made), name


def test_files_of_the_job_are_left_alone(tmp_path):
    """Outputs, variables and summaries of a GitHub job are files that any program may write; this one never does."""
    attack = next(attack for attack in FAMILY.attacks if attack.variant == "github-output-newline")
    attack.deny.world.write(tmp_path / "case")
    names = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY", "GITHUB_STATE", "GITHUB_PATH")
    for name in names:
        (tmp_path / name).touch()
    formats = [f"--report={name}" for name in FORMATS]
    environment = {name: str(tmp_path / name) for name in names} | {"GITHUB_ACTIONS": "true"}
    ended = run(tmp_path / "case", *attack.deny.arguments(), *formats, env=environment)
    assert ended.exit == 10
    assert [(tmp_path / name).read_bytes() for name in names] == [b""] * 5
    assert all(character == "\n" or character.isprintable() for character in ended.out + ended.err)


FILE_NAME = "::error::x\x1b[2J\n::add-mask::DENIED\u202e ##[x].json"


def test_the_name_of_a_file_stays_text_in_every_format_and_in_an_error(tmp_path):
    World().write(tmp_path)
    (tmp_path / "evidence/hsm.json").rename(tmp_path / "evidence" / FILE_NAME)
    formats = [f"--report={name}" for name in FORMATS]
    ended = run(tmp_path, *EVALUATE, "--at", World().now, *formats)
    assert {command for command, _, _ in workflow_commands(ended.out)} <= {"error", "warning", "notice"}
    assert "add-mask" in ended.out
    check_printed(ended)
    (tmp_path / FILE_NAME).write_text("{")
    for option in ("--policy", "--request", "--trust", "--environment", "--evidence"):
        check_printed(run(tmp_path, *EVALUATE, option, FILE_NAME))
        check_printed(run(tmp_path, *EVALUATE, option, f"no {FILE_NAME}"))


def check_printed(ended):
    for stream in (ended.out, ended.err):
        assert all(character == "\n" or character.isprintable() for character in stream)
        assert "##[" not in stream
        assert not [command for command, _, _ in workflow_commands(stream) if command == "add-mask"]


WRONG_USAGE = [
    ["evaluate", f"--no-such-option={FILE_NAME}"],
    [FILE_NAME],
    ["explain", FILE_NAME],
    [*EVALUATE, "--at", FILE_NAME],
    [*EVALUATE, "--report", FILE_NAME],
    ["verify", "--approval", FILE_NAME, "--trust", FILE_NAME, "--environment", "x", "--stage", "x", "--component", "x"],
    ["replay", FILE_NAME],
]


@pytest.mark.parametrize("arguments", WRONG_USAGE, ids=range(len(WRONG_USAGE)))
@pytest.mark.parametrize("form", ["text", "json"])
def test_wrong_usage_is_told_as_text(tmp_path, arguments, form):
    World().write(tmp_path)
    more = ["--output", "json"] if form == "json" and arguments[0] in {"verify", "replay", "explain"} else []
    ended = run(tmp_path, *arguments, *more)
    assert ended.exit == 2
    check_printed(ended)


def test_attest_inspect_shows_text(tmp_path):
    path = tmp_path / "built.json"
    path.write_bytes(built_by("x\n::error::y ##[z]").files()["evidence/provenance.json"])
    for form in ("text", "json"):
        command = [sys.executable, "-m", "attestations", "inspect", str(path), "--output", form]
        ended = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
        assert workflow_commands(ended.stdout) == []
        assert "##[" not in ended.stdout
