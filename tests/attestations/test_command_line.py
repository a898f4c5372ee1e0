"""However a command ends, it ends with a code of the table, and with one JSON document where JSON is asked for."""

import json
import sys
import tempfile

import click
import pytest

from attestations.command_line import run
from attestations.errors import InputError


@click.group("program")
def program():
    """Three ways to fail, and one not to."""


@program.command("end")
@click.option("--output")
@click.option("--report")
@click.argument("how")
def end(how, output, report):
    match how:
        case "input":
            raise InputError("KEY", found="\x1b[2J", wanted="a key", fix="make one")
        case "disk":
            raise InputError("DURABLE", found="a full disk", wanted="a synced file", fix="free space")
        case "bug":
            raise ZeroDivisionError
        case "stop":
            raise KeyboardInterrupt
        case "usage":
            raise click.UsageError("two of them")


@pytest.fixture
def ended(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["program", *arguments])
        with pytest.raises(SystemExit) as exit_:
            run(program)
        return exit_.value.code, *capsys.readouterr()

    return call


FAILURES = [("input", 2, "KEY"), ("disk", 1, "DURABLE"), ("bug", 1, "STOPPED"), ("stop", 1, "STOPPED")]
FAILURES += [("usage", 2, "USAGE")]


@pytest.mark.parametrize(("how", "code", "reason"), FAILURES)
@pytest.mark.parametrize("asked", [("--output", "json"), ("--output=json",), ("--report", "json"), ("--report=json",)])
def test_a_failure_is_one_document_where_json_is_asked_for(ended, how, code, reason, asked):
    exit_code, out, err = ended("end", how, *asked)
    document = json.loads(out)
    assert (exit_code, document["exitCode"], document["errors"][0]["code"]) == (code, code, reason)
    assert out.isascii()
    assert err


@pytest.mark.parametrize(("how", "code", "reason"), FAILURES)
@pytest.mark.parametrize("asked", [(), ("--output", "text"), ("--report", "json=report.json")])
def test_a_failure_leaves_standard_output_empty_where_it_is_not(ended, how, code, reason, asked):
    exit_code, out, err = ended("end", how, *asked)
    assert (exit_code, out) == (code, "")
    assert "\x1b" not in err


@pytest.mark.parametrize("asked", [(), ("--output", "json")])
def test_a_command_that_does_not_fail_ends_with_0_and_prints_no_error(ended, asked):
    assert ended("end", "well", *asked) == (0, "", "")
