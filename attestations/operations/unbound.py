"""Unbound: unbound-control(8). `control` is `-c FILE`, or `-s ADDRESS@PORT`."""

from attestations.operations import Command
from attestations.records import ZoneName


def insecure_add(zone: ZoneName, control: Command = ()) -> Command:
    """Do not validate at and below the zone until the next start or reload. The cache stays as it is: flush it."""
    return ("unbound-control", *control, "insecure_add", zone)


def insecure_remove(zone: ZoneName, control: Command = ()) -> Command:
    """Validate at and below the zone again."""
    return ("unbound-control", *control, "insecure_remove", zone)


def list_insecure(control: Command = ()) -> Command:
    """List the zones that are not validated."""
    return ("unbound-control", *control, "list_insecure")


def flush_zone(zone: ZoneName, control: Command = ()) -> Command:
    """Drop what is cached at and below the zone. It walks the whole cache."""
    return ("unbound-control", *control, "flush_zone", zone)


def flush_bogus(control: Command = ()) -> Command:
    """Drop what was found bogus."""
    return ("unbound-control", *control, "flush_bogus")
