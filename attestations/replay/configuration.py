"""Configurations that the halt drill has not: a primary with two secondaries, a server of the unsigned zones below."""

HIDDEN_PRIMARY = """\
server:
  rundir: {folder}
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
control:
  listen: {sockets}/primary
database:
  storage: {folder}
log:
  - target: stderr
    any: info
remote:
  - id: guard
    address: 127.0.0.1@{guard}
  - id: plain
    address: 127.0.0.1@{plain}
acl:
  - id: transfer
    address: 127.0.0.1
    action: transfer
zone:
  - domain: {zone}
    file: {file}
    zonefile-load: difference
    zonefile-sync: -1
    journal-content: all
    notify: [guard, plain]
    acl: transfer
"""

CHILDREN = """\
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  database: ""
  server-count: 1
  zonesdir: "{folder}"
  pidfile: "{folder}/pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  cookie-secret-file: "{folder}/cookie"
remote-control:
  control-enable: no
"""
CHILD_ZONE = """\
zone:
  name: {name}
  zonefile: "{folder}/zone"
"""
