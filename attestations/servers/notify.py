"""NOTIFY that is heard (RFC 1996): Knot sends it once, over TCP, and an NSD that is loading resets the connection."""

import re
from collections.abc import Callable

from attestations.servers.process import ServerProcess
from attestations.servers.waiting import wait_until

HEARD_SECONDS = 60.0

_SENT = re.compile(rb"notify, outgoing, remote \S+, (\w+)")
"""what Knot says of a NOTIFY; after the address `failed` where nobody answered it"""


def publish_heard(primary: ServerProcess, publish: Callable[[], None], notify: Callable[[], None]) -> None:
    """Let a Knot `publish` something, and `notify` again until the one server that it tells has answered.

    Gives up after HEARD_SECONDS: whether the version came through is for the probes to say.
    """
    seen = len(primary.log)
    publish()

    def heard() -> bool | None:
        nonlocal seen
        said = _SENT.search(primary.log, seen)
        if said is None:
            return None
        if said[1] != b"failed":
            return True
        seen = said.end()
        notify()
        return None

    wait_until(heard, HEARD_SECONDS)
