"""Policies and case folders as their owners keep them, written small so that a test changes one thing."""

from pathlib import Path

import pytest
import yaml
from world.documents import dump

from gatekeeper.documents import parse_source
from gatekeeper.policy_testing import read_case_folder
from gatekeeper.rulebook import load_policy

POLICIES = Path(__file__).resolve().parents[3] / "policies"


@pytest.fixture(scope="session")
def policies():
    return POLICIES


@pytest.fixture(scope="session")
def policy_of():
    """Return a function that gives a shipped policy, changed before it is read."""

    def made(name="signer-release", *changes):
        document = yaml.load((POLICIES / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  # makes nothing but text
        plain = _typed(document)
        for change in changes:
            change(plain)
        return load_policy(parse_source(dump(plain), f"{name}.yaml"))

    return made


@pytest.fixture(scope="session")
def case_of():
    """Return a function that reads one of the shipped case folders."""
    return lambda name: read_case_folder(POLICIES / "cases" / name)


@pytest.fixture
def changed_file(tmp_path):
    """Return a function that writes a shipped policy beside the shipped cases, with one text in place of another."""

    def write(name, before, after):
        text = (POLICIES / f"{name}.yaml").read_text(encoding="utf-8")
        assert text.count(before) == 1
        (tmp_path / "cases").symlink_to(POLICIES / "cases")
        path = tmp_path / f"{name}.yaml"
        path.write_text(text.replace(before, after), encoding="utf-8")
        return path

    return write


def _typed(value):
    """Give whole numbers and booleans back, and leave times as they are written."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.isdecimal() else value
