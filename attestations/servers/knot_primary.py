"""Knot as a hidden primary: it serves what somebody else has signed, and tells its receivers of each version."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from attestations.operations import Command
from attestations.operations.knot import zone_notify, zone_reload
from attestations.records import ZoneName
from attestations.servers.configuration import KNOT_PRIMARY, KNOTD, configured, told
from attestations.servers.files import write_file
from attestations.servers.notify import until_heard
from attestations.servers.operating import obeyed

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
    file: Path
    """absolute; the signed zone, already there when it is started"""
    port: int
    socket: Path
    """for knotc: at most 100 octets, so not below a deep folder"""
    receivers: tuple[int, ...]
    """ports of loopback that are told of a new version"""


class HiddenPrimary:
    """One Knot with a signed zone."""

    def __init__(self, plan: PrimaryPlan) -> None:
        """Write the configuration; raise InputError (LABORATORY) where that fails."""
        self.plan = plan
        values = {"port": plan.port, "socket": plan.socket, "zone": plan.zone, "file": plan.file}
        values |= told(plan.receivers)
        self.server = configured("primary", plan.folder, KNOT_PRIMARY + _ZONE, KNOTD, values)

    def publish(self, text: bytes) -> None:
        """Serve another version, and return when its receivers know; raise InputError (LABORATORY)."""
        write_file(self.plan.file, text)
        with self._heard():
            obeyed(zone_reload(self.plan.zone, self._control), self.plan.folder)

    def notify(self) -> None:
        """Tell the receivers once more; raise InputError (LABORATORY)."""
        with self._heard():
            self._notify()

    def _heard(self) -> AbstractContextManager[None]:
        return until_heard(self.server, self.plan.receivers, self._notify)

    def _notify(self) -> None:
        obeyed(zone_notify(self.plan.zone, self._control), self.plan.folder)

    @property
    def _control(self) -> Command:
        return ("-s", str(self.plan.socket))
