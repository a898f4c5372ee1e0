"""The configurations of the drill's NSDs: the secondary that the world asks, and the primary behind break-glass."""

from attestations.servers.configuration import NSD_SERVER

_ZONE = """\
  zonefiles-write: 0
remote-control:
  control-enable: yes
  control-interface: "{control}"
zone:
  name: {zone}
  zonefile: "{folder}/zone"
  provide-xfr: 127.0.0.1 NOKEY
"""

SECONDARY = (
    NSD_SERVER
    + _ZONE
    + """\
  request-xfr: 127.0.0.1@{primary} NOKEY
  allow-notify: 127.0.0.1 NOKEY
  min-retry-time: 1
  max-retry-time: 5
"""
)

BREAK_GLASS = (
    NSD_SERVER
    + _ZONE
    + """\
  notify: 127.0.0.1@{secondary} NOKEY
"""
)
