"""Runbook `stop-publication`: nothing more comes out, nothing is signed, nothing is deleted."""

from pathlib import Path

from attestations.operations import bind, knot, nsd
from attestations.records import ZoneName
from attestations.runbooks import orders
from attestations.runbooks.common import axfr, guard, life_of, serial_of, validate_server
from attestations.runbooks.model import Action, Runbook, Step
from attestations.runbooks.outflow import close_primary, close_secondaries

_NEEDS = (
    "a shell on the signer, on the hidden primary and on every first-tier secondary",
    "DS-FILE: the DS records of the zone as the parent publishes them",
    "the serial number of the last good version",
)
_RESTS_ON = (
    "Knot 3.2.6, NSD 4.6.1, BIND 9.18.49, on loopback",
    "not run: a halt over several sites, DNSSEC signing by BIND while its zone is frozen",
)
_SOURCES = (
    "knotc(8)",
    "nsd-control(8), nsd.conf(5)",
    "rndc(8), BIND 9.18 reference",
    "RFC 1035, 3.3.13 (expire)",
)


def runbook(zone: ZoneName) -> Runbook:
    """Return the runbook for a zone."""
    return Runbook(
        name="stop-publication",
        title="Stop publication",
        use_when="A bad signature is out, is on its way, or you cannot rule it out.",
        first="Latch the halt (step 1). If that takes longer than a minute, refuse transfers first (step 2) and "
        "come back.",
        zone=zone,
        needs=_NEEDS,
        steps=(
            _latch(zone),
            close_primary(zone),
            close_secondaries(zone),
            _hold_signer(zone),
            _prove(zone),
            _darkness(zone),
            _keep(zone),
        ),
        rests_on=_RESTS_ON,
        sources=_SOURCES,
    )


def _latch(zone: ZoneName) -> Step:
    reason = "NUMBER of NUMBER signatures wrong, seen by WHOM"
    at_servers = Action(
        commands=(guard("halt", "--zone", zone, "--reason", reason),),
        see="exit code 12: latched, and every server was seen to refuse transfers",
        otherwise="exit code 10 or 11: steps 2 and 3 at the servers that it names. No guard: steps 2 and 3",
    )
    return Step(
        do="Latch the halt: at the servers with the guard, where there is one, and in the ledger. From then on "
        "the gate "
        "approves nothing for this environment but a way back, and no host that asks the ledger starts the signer.",
        actions=(at_servers, orders.halt(zone)),
    )


def _hold_signer(zone: ZoneName) -> Step:
    return Step(
        do="Hold the signer, and every step of a rollover. Delete no key, not even the wrong one.",
        actions=(_agent_stopped(), orders.freeze(), *_knot_held(zone), _bind_held(zone)),
        beware=(
            "No `keymgr … delete`, no `dnssec-settime -D`, no purge: the previous key is the way back (R44).",
            "A frozen zone is not signed again: its signatures age. See step 6.",
        ),
    )


def _agent_stopped() -> Action:
    return Action(
        commands=(("systemctl", "stop", "ROLLOVER-AGENT.timer", "ROLLOVER-AGENT.service"),),
        see="`systemctl is-active` says inactive for both",
        otherwise="take the agent's PIN or its network away",
    )


def _knot_held(zone: ZoneName) -> tuple[Action, ...]:
    return (
        Action(
            server="knot",
            commands=(knot.zone_backup(zone, Path("/EVIDENCE/KNOT")),),
            see="OK: content, times and key states as they are now, for the report and for whoever repairs",
            otherwise="the folder must be new or empty, and knotd must be allowed to write there; go on without",
        ),
        Action(
            server="knot",
            commands=(knot.zone_freeze(zone), knot.zone_status(zone, "freeze", "events")),
            see="`freeze: yes`",
            otherwise="stop knotd on the signer",
        ),
    )


def _bind_held(zone: ZoneName) -> Action:
    return Action(
        server="bind",
        commands=(bind.freeze(zone), bind.zonestatus(zone)),
        see="`frozen: yes`; `not dynamic` is well for a zone that is signed elsewhere",
        otherwise="stop named on the signer",
    )


def _prove(zone: ZoneName) -> Step:
    return Step(
        do="Prove it from outside, from a host that is none of the above, for every server of the zone.",
        actions=(
            Action(
                commands=(axfr(zone, "PRIMARY"),),
                see="`Transfer failed.`",
                otherwise="step 2 again, by the other way that it names",
            ),
            Action(
                commands=(validate_server(zone), serial_of(zone)),
                see="VALID, and the serial number of the last good version; where a server gives you no transfer, "
                "the serial number alone",
                otherwise="that server is out: leave it closed and go to the runbook way-back",
            ),
        ),
    )


def _darkness(zone: ZoneName) -> Step:
    return Step(
        do="Work out the time to darkness, in UTC, and write it where all see it: the earlier of (1) when the first "
        "signature of the last good version ends, (2) the last successful refresh of a secondary plus the SOA's "
        "expire (not for NSD after step 3).",
        actions=(
            Action(
                commands=(life_of(zone, "LAST-GOOD-FILE"), serial_of(zone)),
                see='`"verdict": "valid"`; (1) is now + `minRemainingSeconds`; expire: the last SOA number but one',
                otherwise="the archived version is no way back any more: take the way `old key at the signer`",
            ),
        ),
        beware=("The way back must be complete before that, with the longest TTL of the zone to spare.",),
    )


def _keep(zone: ZoneName) -> Step:
    return Step(
        do="Keep it stopped until somebody goes the way back: look again every ten minutes, and after every restart "
        "of a daemon at once.",
        actions=(
            Action(
                commands=(guard("assert"),),
                see="exit code 12, from the guard's timer as well",
                otherwise="it names the server; without a guard look at each as below",
            ),
            Action(
                server="knot",
                commands=(knot.zone_status(zone, "serial", "freeze"),),
                see="`XFR-freeze: yes` and the same serial number as before",
                otherwise="a restart forgot it: steps 2 to 5 again",
            ),
            Action(
                server="nsd",
                commands=(nsd.zonestatus(zone),),
                see="`state: master`",
                otherwise="somebody put the lines back: steps 3 and 5 again",
            ),
            Action(
                server="bind",
                commands=(bind.zonestatus(zone),),
                see="the same `serial:` as before",
                otherwise="steps 2 to 5 again",
            ),
        ),
    )
