"""Every case folder: the real command ends as the folder says, and the folder is what its attack makes."""

import json
import shutil
from pathlib import Path

import click
import pytest
from attacks.families import FAMILIES
from attacks.model import BASE, CASES, folders

from attestations.command_line import tell
from attestations.errors import InputError
from gatekeeper.cli import main_group

FOLDERS = sorted(path.parent for path in CASES.glob("*/*/expect.json"))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.id)
def test_case_folders_are_what_their_attacks_make(family):
    on_disk = {path.relative_to(CASES) for path in (CASES / family.id).rglob("*") if path.is_file()}
    made = {
        (folder / name).relative_to(CASES): raw
        for folder, files in folders(family).items()
        for name, raw in files.items()
    }
    assert on_disk == set(made), "write the folders anew: make cases"
    for path, raw in made.items():
        assert (CASES / path).read_bytes() == raw, f"{path} differs: make cases"


def test_every_folder_belongs_to_a_family_and_every_refusal_has_an_allow_twin():
    names = {folder.relative_to(CASES).as_posix() for folder in FOLDERS}
    assert names, "no case folders"
    assert {name.split("/")[0] for name in names} == {family.id for family in FAMILIES}
    denied = {name.removesuffix("_deny") for name in names if name.endswith("_deny")}
    allowed = {name.removesuffix("_allow") for name in names if name.endswith("_allow")}
    assert denied == allowed


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(CASES).as_posix())
def test_the_gate_ends_as_the_folder_says(folder, tmp_path, monkeypatch, capsys):
    expected = json.loads((folder / "expect.json").read_text())
    shutil.copytree(CASES / BASE, tmp_path, dirs_exist_ok=True)
    for name in expected["without"]:
        (tmp_path / name).unlink()
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)

    exit_code, codes = run(expected["command"], tmp_path, capsys)

    assert (exit_code, sorted(codes)) == (expected["exit"], expected["reasonCodes"])


def run(command: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, set[str]]:
    """Run `gatekeeper` as its entry point does; return the exit code and the reason codes it told."""
    report = folder / "report.json"
    extra = [f"--report=json={report}", "--report=text"] if command[0] in {"evaluate", "issue"} else ["--output=json"]
    try:
        exit_code = main_group.main([*command, *extra], prog_name="gatekeeper", standalone_mode=False)
    except InputError as error:
        return tell(error), {error.code, *(each.code for each in error.also)}
    except click.ClickException as error:
        return error.exit_code, {"USAGE"}
    told = json.loads(report.read_text() if report.exists() else capsys.readouterr().out)
    return exit_code or 0, set(told.get("reasonCodes") or filter(None, [told.get("code")]))
