"""Work on the pieces of a zone, here or in other processes. Whoever does it need not share memory with the caller.

A worker that dies leaves its pieces undone: they are done again, once. Never are there fewer results than pieces.
"""

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from types import TracebackType

_AHEAD = 16
"""tasks of each worker that are handed out before the first of them is back"""

T = TypeVar("T")
R = TypeVar("R")


class LostWorkerError(Exception):
    """A worker died while it did a piece, and again when the piece was done once more; or there are none left."""


class Workers(Protocol):
    """Applies a function to items. A Dask cluster can do it as well as a pool of processes."""

    def run(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield exactly one result of each task, in the order of the tasks. Raises LostWorkerError."""
        ...


class Here:
    """Does the work in this process."""

    def run(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield the result of each task."""
        return map(function, items)


class Pool:
    """Does the work in forked processes. A context manager."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._executor = self._new()
        self._renewals = 1

    def run(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield the result of each task in order; what the function raises is raised here."""
        waiting: deque[tuple[T, Future[R]]] = deque()
        for task in items:
            waiting.append((task, self._submitted(function, task)))
            if len(waiting) > _AHEAD * self._jobs:
                yield self._next(function, waiting)
        while waiting:
            yield self._next(function, waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _new(self) -> "ProcessPoolExecutor":
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        return ProcessPoolExecutor(self._jobs, mp_context=get_context("fork"), initializer=_begin)

    def _next(self, function: Callable[[T], R], waiting: deque[tuple[T, Future[R]]]) -> R:
        from concurrent.futures.process import BrokenProcessPool

        while True:
            try:
                result = waiting[0][1].result()
            except BrokenProcessPool:
                self._renew(function, waiting)
            else:
                waiting.popleft()
                return result

    def _submitted(self, function: Callable[[T], R], task: T) -> Future[R]:
        from concurrent.futures.process import BrokenProcessPool

        try:
            return self._executor.submit(function, task)
        except BrokenProcessPool as broken:
            failed: Future[R] = Future()
            failed.set_exception(broken)
            return failed

    def _renew(self, function: Callable[[T], R], waiting: deque[tuple[T, Future[R]]]) -> None:
        """Do again what a dead pool left undone."""
        from concurrent.futures.process import BrokenProcessPool

        if self._renewals == 0:
            raise LostWorkerError("a worker process died, and again when retried")
        self._renewals -= 1
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = self._new()
        for index, (task, future) in enumerate(waiting):
            if future.cancelled() or isinstance(future.exception(), BrokenProcessPool):
                waiting[index] = (task, self._executor.submit(function, task))


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def _begin() -> None:
    """Leave interrupts to the process that waits; look for no cycles: a piece leaves none (6 % of the time)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
