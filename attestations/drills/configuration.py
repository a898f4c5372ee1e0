"""The configurations of the laboratory's servers. The guard's is the one that docs/halt-drill.md explains."""

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
    notify: guard
    acl: transfer
"""

GUARD = """\
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
  zonefiles-write: 1
  xfrd-reload-timeout: 0
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

SECONDARY = """\
server:
  rundir: {folder}
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
control:
  listen: {sockets}/secondary
database:
  storage: {folder}
log:
  - target: stderr
    any: info
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

VERIFIER = """\
#!/bin/sh
exec {python} -m attestations zone --zone {zone} --axfr 127.0.0.1@{candidate} --ds {ds} --jobs 1
"""

SINK = """\
#!/bin/sh
echo "$1" >>{told}
"""

SERVERS = {
    "primary": (HIDDEN_PRIMARY, ("knotd", "-c", "server.conf")),
    "guard": (GUARD, ("nsd", "-d", "-c", "server.conf")),
    "secondary": (SECONDARY, ("knotd", "-c", "server.conf")),
}
"""configuration and command of each, in the order in which a version reaches them"""
