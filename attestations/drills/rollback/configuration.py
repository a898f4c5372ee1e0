"""The configurations of the drill's NSDs: the secondary that the world asks, and the primary behind break-glass."""

_SERVER = """\
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  database: ""
  server-count: 1
  verbosity: 1
  zonesdir: "{folder}"
  pidfile: "{folder}/pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  cookie-secret-file: "{folder}/cookie"
  zonefiles-write: 0
  xfrd-reload-timeout: 0
remote-control:
  control-enable: yes
  control-interface: "{control}"
zone:
  name: {zone}
  zonefile: "{folder}/zone"
  provide-xfr: 127.0.0.1 NOKEY
"""

SECONDARY = (
    _SERVER
    + """\
  request-xfr: 127.0.0.1@{primary} NOKEY
  allow-notify: 127.0.0.1 NOKEY
  min-retry-time: 1
  max-retry-time: 5
"""
)

BREAK_GLASS = (
    _SERVER
    + """\
  notify: 127.0.0.1@{secondary} NOKEY
"""
)
