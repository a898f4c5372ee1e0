"""The configurations of guard and secondary. The guard's is the one that docs/halt-drill.md explains."""

import sys
from pathlib import Path
from shlex import quote

from attestations.records import ZoneName
from attestations.servers.configuration import KNOT_SERVER, KNOTD, NSD, NSD_SERVER

WRAPPER = "fail_closed.sh"
VERIFIER_FILE, SINK_FILE, TOLD_FILE = "verifier", "sink", "told"

_OUTER_SECONDS = 30
"""how much longer NSD waits for the wrapper, which is to give up first"""

GUARD = (
    NSD_SERVER
    + """\
  zonefiles-write: 1
remote-control:
  control-enable: no
verify:
  enable: yes
  ip-address: 127.0.0.1
  port: {candidate}
  verify-zones: yes
  verifier: "{wrapper}" "--notify" "{sink}" "{seconds}" "{verifier}"
  verifier-feed-zone: no
  verifier-timeout: {outer_seconds}
zone:
  name: {zone}
  zonefile: "{folder}/zone"
  request-xfr: 127.0.0.1@{primary} NOKEY
  allow-notify: 127.0.0.1 NOKEY
  notify: 127.0.0.1@{secondary} NOKEY
  provide-xfr: 127.0.0.1 NOKEY
"""
)

SECONDARY = (
    KNOT_SERVER
    + """\
remote:
  - id: guard
    address: 127.0.0.1@{guard}
acl:
  - id: guard
    address: 127.0.0.1
    action: [notify, transfer]
zone:
  - domain: {zone}
    file: {folder}/zone
    master: guard
    acl: guard
"""
)

VERIFIER = """\
#!/bin/sh
exec {python} -m attestations zone --zone {zone} --axfr 127.0.0.1@{candidate} --ds {ds} --jobs 1
"""

SINK = """\
#!/bin/sh
echo "$1" >>{told}
"""

SERVERS = {
    "guard": (GUARD, NSD),
    "secondary": (SECONDARY, KNOTD),
}
"""configuration and command of each, in the order in which a version reaches them"""


def guarding(folder: Path, zone: ZoneName, ds: Path, candidate: int, seconds: int) -> dict[str, object]:
    """Return what stands in a guard's configuration and scripts: these lie in `folder`, `seconds` is the verifier's."""
    return {
        "zone": zone,
        "ds": ds,
        "candidate": candidate,
        "wrapper": folder / WRAPPER,
        "verifier": folder / VERIFIER_FILE,
        "sink": folder / SINK_FILE,
        "told": folder / TOLD_FILE,
        "python": quote(sys.executable),
        "seconds": seconds,
        "outer_seconds": seconds + _OUTER_SECONDS,
    }
