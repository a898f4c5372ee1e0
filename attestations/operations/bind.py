"""BIND: rndc(8). `control` is `-c FILE`, or `-s ADDRESS -p PORT -k KEYFILE`."""

from attestations.operations import Command
from attestations.records import ZoneName
from attestations.times import Duration


def freeze(zone: ZoneName, control: Command = ()) -> Command:
    """Suspend updates of a dynamic zone and write its journal into its file. It does not stop transfers."""
    return ("rndc", *control, "freeze", zone)


def thaw(zone: ZoneName, control: Command = ()) -> Command:
    """Load a frozen zone from its file, and take updates again."""
    return ("rndc", *control, "thaw", zone)


def reconfig(control: Command = ()) -> Command:
    """Read the configuration again, and no zone file."""
    return ("rndc", *control, "reconfig")


def zonestatus(zone: ZoneName, control: Command = ()) -> Command:
    """Show the zone's state: serial number, whether it is dynamic, and frozen."""
    return ("rndc", *control, "zonestatus", zone)


def notify(zone: ZoneName, control: Command = ()) -> Command:
    """Send NOTIFY for the zone."""
    return ("rndc", *control, "notify", zone)


def refresh(zone: ZoneName, control: Command = ()) -> Command:
    """Let a secondary ask its primaries for a newer version."""
    return ("rndc", *control, "refresh", zone)


def retransfer(zone: ZoneName, control: Command = ()) -> Command:
    """Transfer the zone without a look at serial numbers. With inline signing it is also signed anew."""
    return ("rndc", *control, "retransfer", zone)


def nta(zone: ZoneName, lifetime: Duration, control: Command = ()) -> Command:
    """Do not validate at and below the zone for so long, at most a week (RFC 7646)."""
    return ("rndc", *control, "nta", "-lifetime", f"{lifetime.total_seconds():.0f}", zone)


def nta_remove(zone: ZoneName, control: Command = ()) -> Command:
    """Validate at and below the zone again."""
    return ("rndc", *control, "nta", "-remove", zone)


def nta_dump(control: Command = ()) -> Command:
    """List the negative trust anchors with their ends."""
    return ("rndc", *control, "nta", "-dump")


def flushtree(zone: ZoneName, control: Command = ()) -> Command:
    """Drop what is cached at and below the zone."""
    return ("rndc", *control, "flushtree", zone)
