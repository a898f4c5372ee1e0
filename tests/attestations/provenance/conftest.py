"""Calling `attest verify-provenance` as a shell does."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
import pytest

from attestations.cli import main_group
from attestations.command_line import tell
from attestations.errors import InputError


@dataclass(frozen=True)
class Called:
    """How a call ended."""

    code: int
    said: dict[str, Any]

    @property
    def about(self) -> list[str]:
        """What was otherwise than asked."""
        return [each["about"] for each in self.said["mismatches"]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Called]:
    """Return a function that calls a sub-command of `attest` and gives its exit code and its JSON."""

    def called(*arguments: object) -> Called:
        try:
            code = main_group.main([*map(str, arguments), "--output=json"], prog_name="attest", standalone_mode=False)
        except InputError as error:
            code = tell(error, as_json=True)
        except click.UsageError as error:
            return Called(2, {"usage": error.format_message()})
        return Called(code or 0, json.loads(capsys.readouterr().out))

    return called
