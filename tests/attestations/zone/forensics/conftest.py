"""Flat zones of practice signers."""

from contextlib import ExitStack

import pytest
from flat_files import opened


@pytest.fixture
def flat():
    """Return the text of a flat zone as a Zone, closed after the test."""
    with ExitStack() as zones:
        yield lambda text: zones.enter_context(opened(text))
