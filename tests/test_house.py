"""The rules of the house that no other tool checks."""

import ast
import importlib.metadata
import pathlib
import re
import shutil
import subprocess

import pytest
from packaging.requirements import Requirement

ROOT = pathlib.Path(__file__).parent.parent
SOURCES = sorted(path for package in ("attestations", "gatekeeper") for path in (ROOT / package).rglob("*.py"))
LAZY_TABLES = {"attestations/command_line.py"}
LICENCE_IN_FILE_ONLY = {"sigstore-models": "MIT"}


def name_of(path: pathlib.Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions_in(path: pathlib.Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines_without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = ast.get_docstring(function, clean=False)
    return function.end_lineno - function.lineno + 1 - (len(docstring.splitlines()) if docstring else 0)


def test_there_are_sources_to_look_at():
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == {"attestations", "gatekeeper"}


def test_every_source_folder_is_a_package_because_import_contracts_do_not_see_others():
    assert [name_of(path.parent) for path in SOURCES if not (path.parent / "__init__.py").is_file()] == []


def test_no_source_file_is_longer_than_300_lines():
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_no_function_is_longer_than_50_lines():
    lengths = {
        f"{name_of(path)}:{function.lineno} {function.name}": lines_without_docstring(function)
        for path in SOURCES
        for function in functions_in(path)
    }
    assert {name: length for name, length in lengths.items() if length > 50} == {}


def test_modules_are_imported_by_name_because_import_contracts_do_not_see_others():
    """Only the tables of sub-commands may load a module that is named elsewhere."""
    dynamic = re.compile(r"\bimport_module\b|\b__import__\b|\brun_module\b|\bspec_from_file_location\b")
    found = {name_of(path) for path in SOURCES if dynamic.search(path.read_text(encoding="utf-8"))}
    assert found <= LAZY_TABLES


def locked(lock: str) -> list[str]:
    """Return the names that a lock installs on this machine."""
    lines = (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines()
    entries = [Requirement(line.removesuffix("\\")) for line in lines if line and line[0].isalnum()]
    return [entry.name for entry in entries if entry.marker is None or entry.marker.evaluate()]


def declared_licence(name: str) -> str:
    metadata = importlib.metadata.metadata(name)
    classifiers = [entry for entry in metadata.get_all("Classifier") or () if entry.startswith("License ::")]
    first_line = (metadata.get("License") or "").strip().partition("\n")[0]
    return " ".join(filter(None, [metadata.get("License-Expression"), first_line, *classifiers]))


def test_the_base_install_has_no_copyleft_licence_that_reaches_us():
    licences = {name: declared_licence(name) or LICENCE_IN_FILE_ONLY.get(name, "") for name in locked("base.txt")}
    assert len(licences) > 30
    assert [name for name, licence in licences.items() if not licence] == []
    assert {name: text for name, text in licences.items() if re.search(r"GPL|General Public", text)} == {}


@pytest.mark.parametrize("lock", ["base.txt", "dev.txt"])
def test_every_locked_requirement_is_pinned_with_hashes_and_names_no_index(lock):
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert [entry for entry in entries if not re.match(r"[a-z0-9.-]+==\S+ .*--hash=sha256:", entry, re.DOTALL)] == []
    assert re.search(r"://|--index|--find-links", text) is None


NEEDY_TEST = """
    import pytest

    @pytest.mark.needs("sh", "no-such-program")
    def test_needy():
        pass

    @pytest.mark.needs("sh")
    def test_served():
        pass
"""


@pytest.mark.parametrize(("ci", "outcome"), [("", {"passed": 1, "skipped": 1}), ("true", {"passed": 1, "errors": 1})])
def test_a_missing_program_skips_a_test_and_fails_it_in_ci(pytester, monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nmarkers =\n    needs(*programs): programs")
    pytester.makepyfile(NEEDY_TEST)
    result = pytester.runpytest("-rA", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider")
    result.assert_outcomes(**outcome)
    result.stdout.fnmatch_lines(["*needs no-such-program: run  make system*"])


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_missing_system_packages_are_named_and_are_a_failure_in_ci(tmp_path, ci, status):
    for program in ("sh", "cut", "tr"):
        (tmp_path / program).symlink_to(shutil.which(program))
    identity = tmp_path / "id"
    identity.write_text("#!/bin/sh\necho 1000\n", encoding="utf-8")
    identity.chmod(0o755)
    run = subprocess.run(
        [tmp_path / "sh", ROOT / "tests" / "system_packages.sh"],
        env={"PATH": str(tmp_path), "CI": ci},
        capture_output=True,
        check=False,
        text=True,
    )
    assert run.returncode == status
    assert "missing: softhsm2-util (Debian package softhsm2): software HSMs" in run.stderr
    assert "apt-get install --no-install-recommends softhsm2 bind9-utils" in run.stderr
