"""Knot as a primary that tells others of each version of a zone; a hidden one serves what somebody else has signed."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from attestations.operations import Command
from attestations.operations.knot import zone_notify, zone_reload
from attestations.records import ZoneName
from attestations.servers.configuration import KNOT_SERVER, KNOTD, configured
from attestations.servers.files import write_file
from attestations.servers.notify import until_heard
from attestations.servers.operating import obeyed

KNOT_PRIMARY = (
    KNOT_SERVER
    + """\
{remotes}acl:
  - id: transfer
    address: 127.0.0.1
    action: transfer
"""
)
_ZONE = """\
zone:
  - domain: {zone}
    file: {file}
    zonefile-load: difference
    zonefile-sync: -1
    journal-content: all
    acl: transfer
{notify}"""


@dataclass(frozen=True, kw_only=True)
class PrimaryPlan:
    """What primary is wanted."""

    folder: Path
    """absolute, its own"""
    zone: ZoneName
    zone_file: Path
    """absolute"""
    port: int
    socket: Path
    """for knotc: at most 100 octets, so not below a deep folder"""
    notify: tuple[int, ...] = ()
    """ports of loopback that are told of a new version, over TCP"""

    @property
    def values(self) -> dict[str, object]:
        """What stands in its configuration."""
        remotes = "".join(f"  - id: to-{port}\n    address: 127.0.0.1@{port}\n" for port in self.notify)
        return {
            "zone": self.zone,
            "file": self.zone_file,
            "port": self.port,
            "socket": self.socket,
            "remotes": remotes and f"remote:\n{remotes}",
            "notify": "".join(f"    notify: to-{port}\n" for port in self.notify),
        }


class HiddenPrimary:
    """One Knot whose zone file is signed already."""

    def __init__(self, plan: PrimaryPlan) -> None:
        """Write the configuration; raise InputError (LABORATORY) where that fails."""
        self.plan = plan
        self.server = configured("primary", plan.folder, KNOT_PRIMARY + _ZONE, KNOTD, plan.values)

    def publish(self, text: bytes) -> None:
        """Serve another version, and return when its receivers know; raise InputError (LABORATORY)."""
        write_file(self.plan.zone_file, text)
        with self._heard():
            obeyed(zone_reload(self.plan.zone, self._control), self.plan.folder)

    def notify(self) -> None:
        """Tell the receivers once more; raise InputError (LABORATORY)."""
        with self._heard():
            self._notify()

    def _heard(self) -> AbstractContextManager[None]:
        return until_heard(self.server, self.plan.notify, self._notify)

    def _notify(self) -> None:
        obeyed(zone_notify(self.plan.zone, self._control), self.plan.folder)

    @property
    def _control(self) -> Command:
        return ("-s", str(self.plan.socket))
