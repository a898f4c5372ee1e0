"""Waits for states, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_PAUSE = 0.1


def wait_until(state: Callable[[], T | None], seconds: float) -> T | None:
    """Return what `state` says as soon as that is not None; None where it never was within so many seconds."""
    deadline = time.monotonic() + seconds
    while (reached := state()) is None and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    return reached
