"""The guard's own configuration: which servers give a zone to the world, and how each of them is told to stop."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from attestations.errors import InputError
from attestations.records import Name, Record, ZoneName
from gatekeeper.documents import Header, Loaded, load, read_source

Port = Annotated[int, Meta(ge=1, le=65535)]


class Server(Record, frozen=True, kw_only=True, tag_field="software"):
    """A server that others transfer the zone from."""

    name: Name
    address: Name
    """where the guard's probe transfers from, as the world does: an IP address, and the server must give it the zone"""
    port: Port = 53
    control: tuple[Name, ...] = ()
    """options of its control program, which say where it is, as [-s, /run/knot/knot.sock]"""


class KnotServer(Server, tag="knot", frozen=True, kw_only=True):
    """Knot DNS, told by zone-xfr-freeze. A restart forgets that (3.2.6)."""


class Outflow(Record, frozen=True, kw_only=True):
    """A piece of configuration that the server includes in the zone, and its two contents."""

    file: Name
    """what the server includes; the guard writes it"""
    open: Name
    """a file with the lines that allow transfers"""
    closed: Name
    """a file with the lines that forbid them"""


class NsdServer(Server, tag="nsd", frozen=True, kw_only=True):
    """NSD, told by an included file and `reconfig`."""

    outflow: Outflow


class BindServer(Server, tag="bind", frozen=True, kw_only=True):
    """BIND, told by an included file and `reconfig`."""

    outflow: Outflow


AnyServer = KnotServer | NsdServer | BindServer


class GuardedZone(Record, frozen=True, kw_only=True):
    """A zone, and all servers that it leaves by."""

    name: ZoneName
    servers: Annotated[tuple[AnyServer, ...], Meta(min_length=1, max_length=64)]


class GuardSpec(Record, frozen=True, kw_only=True):
    """Where this guard is, by the names of the environment, and what it can stop."""

    environment: Name
    stage: Name
    zones: Annotated[tuple[GuardedZone, ...], Meta(min_length=1)]


class GuardConfiguration(Header, frozen=True, kw_only=True):
    """The document of kind GuardConfiguration."""

    kind: Literal["GuardConfiguration"]
    metadata: dict[Literal["name"], Name]
    spec: GuardSpec


def read_configuration(path: Path) -> GuardSpec:
    """Return what the guard is told; raise InputError where it cannot be read or names one thing twice."""
    loaded = load(read_source(path), GuardConfiguration, "GuardConfiguration")
    zones = loaded.record.spec.zones
    _refuse_repeats(loaded, [zone.name for zone in zones], "zone")
    for zone in zones:
        _refuse_repeats(loaded, [server.name for server in zone.servers], f"server of {zone.name}")
    return loaded.record.spec


def zone_of(spec: GuardSpec, name: ZoneName) -> GuardedZone:
    """Return the zone of this name; raise InputError (USAGE) where the configuration has none."""
    for zone in spec.zones:
        if zone.name == name:
            return zone
    raise InputError(
        "USAGE",
        found=f"zone {name}",
        wanted=f"a zone of the guard's configuration: {', '.join(zone.name for zone in spec.zones)}",
        fix="correct --zone, or add the zone and its servers to the configuration",
    )


def _refuse_repeats(loaded: Loaded[GuardConfiguration], names: list[str], what: str) -> None:
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(
            "SCHEMA",
            found=f"{what} {repeated[0]!a} twice",
            wanted="each one once",
            fix="remove or rename one of them",
            where=loaded.source.document.where(("spec", "zones")),
        )
