"""NSD: nsd-control(8). `control` is `-c FILE`, or `-s ADDRESS@PORT`."""

from attestations.operations import Command
from attestations.records import ZoneName


def zonestatus(zone: ZoneName, control: Command = ()) -> Command:
    """Show the zone's state and serial numbers: served, committed, notified."""
    return ("nsd-control", *control, "zonestatus", zone)


def write(zone: ZoneName, control: Command = ()) -> Command:
    """Write what is served into the zone's file, if it changed since it was written."""
    return ("nsd-control", *control, "write", zone)


def notify(zone: ZoneName, control: Command = ()) -> Command:
    """Send NOTIFY to the servers of the zone's `notify:` lines."""
    return ("nsd-control", *control, "notify", zone)


def transfer(zone: ZoneName, control: Command = ()) -> Command:
    """Ask the primaries for a version with a higher serial number."""
    return ("nsd-control", *control, "transfer", zone)


def force_transfer(zone: ZoneName, control: Command = ()) -> Command:
    """Transfer the whole zone without a look at serial numbers: a lower one is taken too (seen with 4.6.1)."""
    return ("nsd-control", *control, "force_transfer", zone)


def reconfig(control: Command = ()) -> Command:
    """Read the configuration again."""
    return ("nsd-control", *control, "reconfig")
