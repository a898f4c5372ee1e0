"""A result never takes the place of a file that the command reads: a key, a predicate, a subject."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from world.documents import dump, environment
from world.keys import signer

from attestations import cli as attest
from attestations.errors import InputError
from gatekeeper import cli as gatekeeper

EXAMPLE = Path(attest.__file__).parents[1] / "predicates" / "examples" / "halt.json"
SIGN = ("sign", "--type", "halt", "--predicate", "halt.json", "--subject", "subject", "--sign-with", "file:a.key")
READ_BY_SIGN = ("halt.json", "subject", "a.key")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLE, "halt.json")
    Path("subject").write_bytes(b"a component")
    Path("a.key").write_bytes(signer("a").private_pem)
    Path("environment.yaml").write_bytes(dump(environment()))
    return tmp_path


def run(group, *arguments):
    return CliRunner().invoke(group, arguments, catch_exceptions=True)


@pytest.mark.parametrize("name", READ_BY_SIGN)
def test_a_signed_statement_replaces_nothing_that_it_is_made_from(folder, name):
    before = Path(name).read_bytes()
    ended = run(attest.main_group, *SIGN, "--out", f"./{name}")
    assert isinstance(ended.exception, InputError)
    assert ended.exception.code == "USAGE"
    assert Path(name).read_bytes() == before


def test_a_signed_statement_goes_anywhere_else(folder):
    assert run(attest.main_group, *SIGN, "--out", "halt.dsse.json").exit_code == 0
    assert run(attest.main_group, *SIGN, "--out", "halt.dsse.json").exit_code == 0  # and over an earlier result


def test_a_signed_document_replaces_no_key(folder):
    call = ("sign-document", "environment.yaml", "--sign-with", "file:a.key")
    ended = run(gatekeeper.main_group, *call, "--out", "a.key")
    assert isinstance(ended.exception, InputError)
    assert run(gatekeeper.main_group, *call, "--out", "environment.signed").exit_code == 0


@pytest.mark.parametrize("group", [attest.main_group, gatekeeper.main_group], ids=["attest", "gatekeeper"])
def test_the_version_is_told(group):
    ended = run(group, "--version")
    assert (ended.exit_code, ended.output.split()[0]) == (0, group.name)
    assert ended.output.split()[1][0].isdigit()
