"""NOTIFY that is heard (RFC 1996): Knot sends it once, over TCP, and an NSD that is loading resets the connection."""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from attestations.servers.process import ServerProcess
from attestations.servers.waiting import wait_until

HEARD_SECONDS = 60.0

_SENT = re.compile(rb"notify, outgoing, remote [^,]*@(\d+)[^,]*, (\w+).*\n")
"""what Knot says of a NOTIFY: the port, and `serial` where it was answered"""


@contextmanager
def until_heard(primary: ServerProcess, receivers: Collection[int], notify: Callable[[], object]) -> Iterator[None]:
    """Wait, after what is done here to publish something, until each of the receivers of a Knot has answered.

    `receivers` are all the ports that it tells; `notify` tells all of them again, and is called when one has not
    answered. Gives up after HEARD_SECONDS: whether the version came through is for the probes to say.
    """
    seen = len(primary.log)
    yield

    def heard() -> bool | None:
        nonlocal seen
        log = primary.log
        said = {int(port): result for port, result in _SENT.findall(log, seen)}
        if not said.keys() >= set(receivers):
            return None  # more is to come of what was sent last
        if all(result == b"serial" for result in said.values()):
            return True
        seen = len(log)
        notify()
        return None

    wait_until(heard, HEARD_SECONDS)
