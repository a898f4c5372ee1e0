"""Folders with short paths for servers, which end with the test."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import loopback
import pytest


@pytest.fixture
def place():
    """Makes new folders, whose paths are short enough for the sockets in them."""
    with tempfile.TemporaryDirectory(prefix="rb-") as root:

        def folder(name):
            path = Path(root) / name
            path.mkdir()
            return path

        yield folder


@pytest.fixture
def stack(place):  # the folders go when nothing runs in them any more
    """Ends what was started."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def world():
    """A world that no test changes."""
    with tempfile.TemporaryDirectory(prefix="rb-") as folder, ExitStack() as stack:
        yield loopback.world(stack, Path(folder))
