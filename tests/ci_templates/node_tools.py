"""Where the tools that `npm ci` installed here are found."""

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "tools"


def tool(name: str) -> list[str]:
    """Return the call of a tool; without the packages skip, in CI fail."""
    program = HERE / "node_modules" / ".bin" / name
    if program.exists():
        return [str(program)]
    reason = f"needs {name}: run  make tools"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
