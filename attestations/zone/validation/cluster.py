"""Work on the pieces of a zone on a Dask cluster: tasks carry their bytes, so no worker needs the zone or its disk.

Tasks and results are pickles, so whoever is part of the cluster is trusted as this host is (docs/zone-scaling.md).
"""

import hashlib
import pickle
import platform
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count, islice
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, TypeVar

from attestations import __version__
from attestations.errors import InputError
from attestations.zone.validation.carrying import Piece
from attestations.zone.validation.work import LostWorkerError

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_SECONDS = 10
MAX_WAIT_SECONDS = 600
"""for one batch, which takes about half a second: beyond it the cluster is taken for dead"""

_BATCH = 8
"""pieces in one task: 2 MB, about 0.3 s of work, for 4 ms that Dask takes for each task"""
_AHEAD = 3
"""tasks of each thread of the cluster that are handed out before the first of them is back"""
_ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:[0-9]{1,5}")

T = TypeVar("T")
R = TypeVar("R")


class OtherVersionError(Exception):
    """A worker that came later runs other code."""


class Cluster:
    """Does the work on a Dask cluster."""

    def __init__(self, client: "Client", seconds: float) -> None:
        """Use a connected client; wait so many seconds for a batch."""
        self._client = client
        self._seconds = seconds

    def run(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield exactly one result of each item, in order; what the function raises is raised here.

        Dask does again what a dead worker left undone, three times. Raises LostWorkerError where that did not help.
        """
        waiting: deque[tuple[int, Future[bytes]]] = deque()
        run, most = token_hex(8), _AHEAD * self._threads()
        carried = map(_carried, items)
        for number in count():
            batch = tuple(islice(carried, _BATCH))
            if not batch:
                break
            task = pickle.dumps((function, batch))
            waiting.append((len(batch), self._submitted(task, f"zone-{run}-{number}")))
            if len(waiting) > most:
                yield from self._results(*waiting.popleft())
        while waiting:
            yield from self._results(*waiting.popleft())

    def _threads(self) -> int:
        with _as_lost():
            return sum(self._client.nthreads().values())  # type: ignore[no-untyped-call]  # Dask types some of itself

    def _submitted(self, task: bytes, key: str) -> "Future[bytes]":
        with _as_lost():
            return self._client.submit(perform, identity(), task, key=key, pure=False)

    def _results(self, number: int, future: "Future[bytes]") -> Iterator[R]:
        with _as_lost():
            answer = future.result(timeout=self._seconds)
        results, error = pickle.loads(answer)  # noqa: S301  # of workers that are trusted as this host is
        yield from results
        if error is not None:
            raise error
        if len(results) != number:
            raise RuntimeError(f"{len(results)} results of {number} pieces")


@contextmanager
def cluster(address: str, seconds: float = MAX_WAIT_SECONDS) -> Iterator[Cluster]:
    """Connect to the scheduler at `tcp://HOST:PORT` or `tls://HOST:PORT`, see that its workers run this code.

    A context manager. `seconds` is the longest wait for a batch. Raises InputError (USAGE): Dask is not installed, no
    scheduler there, it has no workers, a worker runs other versions.
    """
    with _connected(address) as client:
        _insist_on_same_code(client)
        yield Cluster(client, seconds)


def perform(expected: str, task: bytes) -> bytes:
    """Return, on a worker, the pickled results of a batch, and what the function raised after them (None: nothing).

    Raises OtherVersionError before anything of the task is read.
    """
    if identity() != expected:
        raise OtherVersionError(f"a worker has {identity()}; wanted {expected}")
    function, batch = pickle.loads(task)  # noqa: S301  # of a client that is trusted as this host is
    results = []
    try:
        for item in batch:
            results.append(function(item))  # noqa: PERF401  # what was done before an error counts
    except Exception as error:  # noqa: BLE001  # it is raised where the function was asked for
        return pickle.dumps((results, error))
    return pickle.dumps((results, None))


@cache
def identity() -> str:
    """Return what must be the same everywhere: the versions that decide, and a digest of the code that judges."""
    from cryptography.hazmat.backends.openssl import backend

    validation = Path(__file__).parent
    code = hashlib.sha256()
    for folder in (validation.with_name("reading"), validation):
        for path in sorted(folder.rglob("*.py")):
            code.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return (
        f"signer-gatekeeper {__version__} (code {code.hexdigest()[:16]}), "
        f"Python {platform.python_version()}, {backend.openssl_version_text()}"
    )


def _carried(item: T) -> T | Piece:
    return item.carried() if isinstance(item, Piece) else item


@contextmanager
def _as_lost() -> Iterator[None]:
    """Raise LostWorkerError for whatever Dask raises: errors of the work itself come back as values."""
    try:
        yield
    except Exception as error:
        raise LostWorkerError(f"the cluster failed: {type(error).__name__}: {error}") from error


@contextmanager
def _connected(address: str) -> Iterator["Client"]:
    if not _ADDRESS.fullmatch(address):
        raise _unusable(f"{address!a:.100}", "the address of a Dask scheduler", "--cluster tcp://192.0.2.1:8786")
    try:
        from distributed import Client
    except ImportError:
        raise _unusable("no Dask", "the extra `cluster`", "pip install 'signer-gatekeeper[cluster]'") from None
    try:
        client = Client(  # type: ignore[no-untyped-call]  # Dask types some of itself
            address, timeout=f"{CONNECT_SECONDS}s", set_as_default=False
        )
    except (OSError, TypeError, ValueError, RuntimeError) as error:  # the latter: TLS that is not configured
        found = f"no scheduler: {error!s:.300}"
        raise _unusable(found, f"a Dask scheduler at {address}", "dask scheduler; dask worker ADDRESS") from error
    with client:
        yield client


def _insist_on_same_code(client: "Client") -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        found = client.run(identity, on_error="return")
    except (OSError, TimeoutError) as error:
        raise _unusable(f"no worker: {error!s:.300}", "a cluster with workers", "dask worker ADDRESS") from error
    for worker, one in sorted(found.items()):
        if one != identity():
            fix = "install the same release on every worker, with the same Python"
            raise _unusable(f"on the worker {worker}: {one!s:.300}", identity(), fix)


def _unusable(found: str, wanted: str, fix: str) -> InputError:
    return InputError("USAGE", found=found, wanted=wanted, fix=fix)
