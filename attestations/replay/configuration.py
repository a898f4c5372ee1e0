"""What the halt drill has not: a server of the unsigned zones below."""

from attestations.servers.configuration import NSD_SERVER

CHILDREN = (
    NSD_SERVER
    + """\
remote-control:
  control-enable: no
{zones}"""
)
CHILD_ZONE = """\
zone:
  name: {name}
  zonefile: "{file}"
"""
