"""What every test relies on: programs that are really there, and hypothesis without a stop watch."""

import os
import shutil
import signal

import celpy  # noqa: F401  # raises the recursion limit when it is imported: not in the middle of a search
import hypothesis
import pytest

IN_CI = os.environ.get("CI") == "true"

# A shell starts what runs in its background deaf to SIGINT, and so would be all programs that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

hypothesis.settings.register_profile(
    "house",
    deadline=None,  # a busy machine is no bug
    derandomize=IN_CI,  # whether a change lands depends on the change; the search for new cases goes on everywhere else
)
hypothesis.settings.load_profile("house")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a program that the test `needs`: skip and say so; in CI fail, so that nothing is left out in silence."""
    programs = [program for marker in item.iter_markers("needs") for program in marker.args]
    missing = [program for program in programs if shutil.which(program) is None]
    if not missing:
        return
    reason = f"needs {', '.join(missing)}: run  make system"
    if IN_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
