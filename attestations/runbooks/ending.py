"""Runbook `end-measures`: every measure of the night ends by a step of its own, with evidence."""

from attestations.operations import bind, knot, nsd
from attestations.records import ZoneName
from attestations.runbooks.common import guard, recorded, serial_of, validate_server
from attestations.runbooks.model import Action, Paste, Runbook, Step

_BIND_LINES = "allow-transfer { … };\nnotify …;"


def runbook(zone: ZoneName) -> Runbook:
    """Return the runbook for a zone."""
    return Runbook(
        name="end-measures",
        title="End each measure",
        use_when="A good version is served everywhere. Each measure that is left behind is the next incident.",
        first="List what was done (step 1): a measure that nobody remembers does not end.",
        zone=zone,
        needs=("the log of the night, with times in UTC", "DS-FILE: the DS records of the zone at the parent"),
        steps=(_list(zone), _signer(zone), _judge(zone), _secondaries(zone), _orders(), _resolvers(), _evidence(zone)),
        rests_on=("Knot 3.2.6, NSD 4.6.1, BIND 9.18.49, on loopback",),
        sources=("knotc(8)", "nsd-control(8)", "rndc(8)", "RFC 7646, RFC 8767"),
    )


def _list(zone: ZoneName) -> Step:
    return Step(
        do="List every measure that is in force: look, and do not rely on the log alone.",
        actions=(
            Action(
                server="knot",
                commands=(knot.zone_status(zone, "serial", "freeze"),),
                see="which freezes are on, at signer, primary and secondaries",
                otherwise="a server that does not answer: it is on the list",
            ),
            Action(
                server="nsd",
                commands=(nsd.zonestatus(zone),),
                see="`state: master` where a secondary was cut off",
                otherwise="as above",
            ),
            Action(
                server="bind",
                commands=(bind.zonestatus(zone),),
                see="`frozen: yes` where a zone was frozen",
                otherwise="as above",
            ),
        ),
    )


def _signer(zone: ZoneName) -> Step:
    return Step(
        do="Open signer and hidden primary, while every secondary is still closed. The rollover agent stays "
        "stopped until "
        "a repaired release is commissioned.",
        actions=(_guard_ended(zone), _knot_opened(zone), _bind_opened(zone), _nsd_opened(zone)),
        beware=(
            (
                "A server that is not closed, and every one that the guard opens, takes what comes at once: judge a "
                "flushed "
                "file first (way-back, step 4)."
            ),
            "The wrong keys are deleted by a change of its own, reviewed, and by daylight.",
        ),
    )


def _guard_ended(zone: ZoneName) -> Action:
    resumed = (*guard("resume", "--zone", zone, "--halt", "HALT-ID"), "--approval", "approval.json")
    return Action(
        commands=((*resumed, "--trust", "trust.yaml", "--component", "NAME=FILE"),),
        see="exit code 0: the latch is gone and every server gives the zone again",
        otherwise="12: a halt stands in the ledger, step 5 first. 11: the approval is older than the halt or of "
        "other "
        "files. No guard: by hand as below",
    )


def _knot_opened(zone: ZoneName) -> Action:
    opened = (knot.zone_thaw(zone), knot.zone_xfr_thaw(zone), knot.zone_notify(zone))
    return Action(
        server="knot",
        commands=(*opened, knot.zone_status(zone, "serial", "freeze")),
        see="no freeze, and secondaries that follow",
        otherwise="`knotc zone-status` with `+events` says what is pending",
    )


def _bind_opened(zone: ZoneName) -> Action:
    return Action(
        server="bind",
        paste=Paste(where="named.conf, in the zone: as it was before", text=_BIND_LINES),
        commands=(bind.thaw(zone), bind.reconfig(), bind.notify(zone), bind.zonestatus(zone)),
        see="no `frozen: yes`, and transfers for those who may have them",
        otherwise="the file on disk must have a higher serial number than what is served: thaw loads it",
    )


def _nsd_opened(zone: ZoneName) -> Action:
    return Action(
        server="nsd",
        paste=Paste(where="nsd.conf, in the zone: put these lines back", text="provide-xfr: …\nnotify: …"),
        commands=(nsd.reconfig(), nsd.notify(zone)),
        see="transfers for those who may have them",
        otherwise="nsd-checkconf says which line it did not like",
    )


def _judge(zone: ZoneName) -> Step:
    return Step(
        do="Judge what the primary gives now, before any secondary is opened.",
        actions=(
            Action(
                commands=(validate_server(zone, "PRIMARY"),),
                see="VALID",
                otherwise="close it again, runbook stop-publication; then way-back",
            ),
        ),
        beware=("An NSD that gets its `request-xfr` line back transfers in the same second: seen.",),
    )


def _secondaries(zone: ZoneName) -> Step:
    lines = "request-xfr: …\nallow-notify: …\nprovide-xfr: …\nnotify: …"
    return Step(
        do="Open the first-tier secondaries, one first; the others when it is judged.",
        actions=(
            Action(
                server="nsd",
                paste=Paste(where="nsd.conf, in the zone: put these lines back", text=lines),
                commands=(nsd.reconfig(), nsd.zonestatus(zone)),
                see="`state: ok` and the new `served-serial`",
                otherwise="`nsd-control transfer`, then its log",
            ),
            Action(
                server="knot",
                commands=(knot.zone_thaw(zone), knot.zone_xfr_thaw(zone), knot.zone_status(zone, "serial", "freeze")),
                see="no freeze, and the new serial number",
                otherwise="its log names the primary that refuses",
            ),
            Action(
                server="bind",
                paste=Paste(where="named.conf, in the zone: as it was before", text=_BIND_LINES),
                commands=(bind.reconfig(), bind.zonestatus(zone)),
                see="the new `serial:`",
                otherwise="named-checkconf, then its log",
            ),
            Action(
                commands=(validate_server(zone), serial_of(zone)),
                see="VALID and the new serial number at the first one",
                otherwise="close it again, runbook stop-publication",
            ),
        ),
    )


def _orders() -> Step:
    return Step(
        do='End the halt: `halt.json` again with `"state": "ended"` and the time of now, signed by two people. '
        "A freeze of rollovers stays until its exit conditions are met; it ends by itself at `notAfter`.",
        actions=(
            Action(
                commands=recorded("halt", "PERSON-1", "PERSON-2"),
                see="`gatekeeper verify` for the repaired release no longer ends with 12",
                otherwise="one signature is not enough to go on: a second person signs the same file",
            ),
        ),
    )


def _resolvers() -> Step:
    return Step(
        do="Tell those who made exceptions that these can end, with the serial number and time of the good version: "
        "runbook resolver, its last step. Ask for a word back.",
        actions=(
            Action(
                see="an answer of each known operator; at your own resolvers `list_insecure` and `rndc nta -dump` "
                "empty",
                otherwise="ask again: an exception without an end is validation switched off for good",
            ),
        ),
    )


def _evidence(zone: ZoneName) -> Step:
    signing = ("--sign-with", "file:VALIDATOR.key", "--out", "zone.dsse.json")
    return Step(
        do="Close with evidence: for 24 hours and at least the longest TTL, every version judged and signed for.",
        actions=(
            Action(
                commands=(
                    (
                        *validate_server(zone),
                        "--environment",
                        "environment.yaml",
                        "--request",
                        "request.yaml",
                        *signing,
                    ),
                ),
                see="VALID for each serial number without a gap, from two code bases",
                otherwise="the measure that ended last comes back, and the clock starts anew",
            ),
        ),
        beware=("Write down for each measure: began, ended (UTC), who, which evidence. Runbook tell, step 5.",),
    )
