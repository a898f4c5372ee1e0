"""Steps of the runbook `stop-publication`: nobody gets the zone from hidden primary and first-tier secondaries."""

from attestations.operations import bind, knot, nsd
from attestations.records import ZoneName
from attestations.runbooks.model import Action, Paste, Step

_REFUSED = "AXFR from the next host is refused; an SOA answer still comes and proves nothing"
_CLOSED = "it is still open: stop the daemon itself, and look by day why the command did not work"
_BIND_LINES = "allow-transfer { none; };\nnotify no;"
_NSD_PLACE = "nsd.conf, in the zone: take these lines out"


def close_primary(zone: ZoneName) -> Step:
    """Return the step for the hidden primary."""
    return Step(
        do="Stop the outflow at the hidden primary.",
        actions=(_primary_of_knot(zone), _primary_of_bind(), _primary_of_nsd()),
        beware=(
            "A restart of knotd forgets the freeze: seen every time. Repeat this step after each start.",
            "`rndc freeze` and `knotc zone-freeze` do not stop transfers.",
        ),
    )


def _primary_of_knot(zone: ZoneName) -> Action:
    return Action(
        server="knot",
        commands=(knot.zone_xfr_freeze(zone), knot.zone_status(zone, "serial", "freeze")),
        see="`XFR-freeze: yes`",
        otherwise="take `acl:` and `notify:` out of the zone in knot.conf and run `knotc reload`: that also "
        "survives a "
        "restart",
    )


def _primary_of_bind() -> Action:
    return Action(
        server="bind",
        paste=Paste(where="named.conf, in the zone", text=_BIND_LINES),
        commands=(bind.reconfig(),),
        see=_REFUSED,
        otherwise=_CLOSED,
    )


def _primary_of_nsd() -> Action:
    return Action(
        server="nsd",
        paste=Paste(where=_NSD_PLACE, text="provide-xfr: …\nnotify: …"),
        commands=(nsd.reconfig(),),
        see=_REFUSED,
        otherwise=_CLOSED,
    )


def close_secondaries(zone: ZoneName) -> Step:
    """Return the step for first-tier secondaries."""
    return Step(
        do="Stop the outflow at every first-tier secondary, so that what one of them already has goes no further.",
        actions=(*_secondary_of_nsd(zone), _secondary_of_knot(zone), _secondary_of_bind(zone)),
        beware=(
            "Type neither zone-refresh nor zone-retransfer at a frozen Knot secondary: it obeyed, freeze or not.",
            "A secondary that serves the bad version is not helped by this step: go to the runbook way-back.",
        ),
    )


def _secondary_of_nsd(zone: ZoneName) -> tuple[Action, ...]:
    return (
        Action(
            server="nsd",
            commands=(nsd.write(zone),),
            see="`ok`, and the zone's file is there with the serial number that is served",
            otherwise="do not go on at this server: a restart without that file answered SERVFAIL",
        ),
        Action(
            server="nsd",
            paste=Paste(where=_NSD_PLACE, text="request-xfr: …\nallow-notify: …\nprovide-xfr: …\nnotify: …"),
            commands=(nsd.reconfig(), nsd.zonestatus(zone)),
            see="`state: master`: it serves what it has, asks nobody and does not expire, over a restart as well",
            otherwise="nsd-checkconf says which line it did not like; nothing was changed",
        ),
    )


def _secondary_of_knot(zone: ZoneName) -> Action:
    return Action(
        server="knot",
        commands=(knot.zone_xfr_freeze(zone), knot.zone_freeze(zone), knot.zone_status(zone, "serial", "freeze")),
        see="`freeze: yes | XFR-freeze: yes`",
        otherwise="take `acl:`, `notify:` and `master:` out of the zone in knot.conf and run `knotc reload`",
    )


def _secondary_of_bind(zone: ZoneName) -> Action:
    return Action(
        server="bind",
        paste=Paste(where="named.conf, in the zone", text=_BIND_LINES),
        commands=(bind.reconfig(), bind.zonestatus(zone)),
        see="AXFR from the next host is refused; `serial:` is the last good one",
        otherwise="stop this named if others can answer for it",
    )
