"""Runbook `way-back`: the last good content again, under a higher serial number, by one of three ways."""

from pathlib import Path

from attestations.operations import bind, knot, nsd
from attestations.records import ZoneName
from attestations.runbooks.break_glass import break_glass
from attestations.runbooks.common import NOTHING_IS_OUT, key_times, life_of, serial_of, validate_file, validate_server
from attestations.runbooks.model import Action, Runbook, Step

_NEEDS = (
    "ARCHIVE: the last good version as a file, as it was served, with all signatures",
    "DS-FILE: the DS records of the zone as the parent publishes them",
    "the id of the previous ZSK in the HSMs, and of the new one",
    "an approval for the way back (`gatekeeper issue` with policies/rollback.yaml): no halt stands against it",
)
_RESTS_ON = (
    "Knot 3.2.6 and NSD 4.6.1 with SoftHSM 2.6.1, on loopback; BIND 9.18.49 for `rndc retransfer`",
    (
        "times on two cores with 1,000 to 3,000 delegations; one registry reported almost 6 hours for "
        "signing its whole zone anew with ECDSA in HSMs: measure yours with `attest rollback-drill`"
    ),
    "not run: signing by BIND",
)
_SOURCES = (
    "keymgr(8), kzonesign(8), knotc(8)",
    "nsd-control(8)",
    "rndc(8)",
    "RFC 1982: serial numbers",
    "AFNIC on .fr and ECDSA",
)


def runbook(zone: ZoneName) -> Runbook:
    """Return the runbook for a zone."""
    return Runbook(
        name="way-back",
        title="The way back",
        use_when="Publication is stopped and the last good version is known. Not before: see stop-publication.",
        first="Judge the archived version (step 1): it decides which ways are open.",
        zone=zone,
        needs=_NEEDS,
        steps=(
            _judge(zone),
            _keys(zone),
            _choose(),
            _signer(zone),
            break_glass(zone),
            _forced(zone),
            _after(zone),
            _caches(zone),
        ),
        rests_on=_RESTS_ON,
        sources=_SOURCES,
    )


def _judge(zone: ZoneName) -> Step:
    return Step(
        do="Judge the archived version as of now.",
        actions=(
            Action(
                commands=(life_of(zone, "ARCHIVE"),),
                see='`"verdict": "valid"`; `minRemainingSeconds` is well above the SOA expire plus the longest TTL',
                otherwise="it is no way back: only `old key at the signer` is left (step 4)",
            ),
        ),
    )


def _keys(zone: ZoneName) -> Step:
    probe = ("attest", "hsm", "--environment", "environment.yaml", "--zone", zone)
    module = ("--module", "/MODULE.so", "--pin-file", "/PIN-FILE")
    keys = ("--keys", "ksk=id:KSK-ID", "--keys", "zsk=id:OLD-ZSK-ID", "--dnskey-from", "ARCHIVE")
    return Step(
        do="Prove that the previous ZSK is still in every HSM, and that it is still published.",
        actions=(
            Action(
                commands=((*probe, *module, *keys),),
                see="every HSM proved to hold the very keys of the archived version",
                otherwise="an HSM without the old ZSK closes step 4 for it; with the key in one HSM step 5 is open; "
                "in none, step 6",
            ),
            Action(
                commands=(("dig", "@SERVER", zone, "DNSKEY", "+dnssec"),),
                see="the public key of the previous ZSK, compared whole and not by its tag",
                otherwise="the archived DNSKEY set must come back with the archive: steps 5 and 6",
            ),
        ),
        beware=("Three different keys had one tag on 5 May 2026 (INC-01). Compare fingerprints.",),
    )


def _choose() -> Step:
    return Step(
        do="Choose the first way that is open. All three keep the DS at the parent as it is.",
        choices=(
            (
                "Step 4, old key at the signer: 0.2 to 1.3 s for 2,200 signatures, growing with the zone. Needs the "
                "old ZSK in the signer's HSM and published; the signer and its agent must be above suspicion."
            ),
            (
                "Step 5, break-glass primary: 0.4 to 2.3 s, growing with the transfer only. Needs one signature by "
                "the old ZSK in one HSM, and the archive; the signer may stay down."
            ),
            (
                "Step 6, forced transfer: 0.02 to 0.06 s for a server. Needs no key, but a command at every "
                "secondary, and the serial number goes down: whoever you do not reach keeps the bad version. Follow "
                "with step 4 or 5."
            ),
        ),
    )


def _signer(zone: ZoneName) -> Step:
    return Step(
        do="Old key at the signer. Transfers stay refused until the result is judged.",
        actions=_signed_again(zone),
        beware=(
            "The times come before the thaw: what was held up is done with the keys that are set then.",
            (
                "Where the guard holds the halt, end it with `gatekeeper guard resume` and the approval of the way "
                "back: a zone that is thawed by hand is frozen again by its timer."
            ),
            (
                "`rndc retransfer` at a BIND that signs inline throws the signed version away and signs anew, with "
                "what keys it has."
            ),
        ),
    )


def _signed_again(zone: ZoneName) -> tuple[Action, ...]:
    return (
        Action(
            server="knot",
            commands=(
                knot.keymgr_list(zone),
                key_times(zone, "OLD-ZSK-ID", {"retire": "0", "remove": "0"}),
                key_times(zone, "NEW-ZSK-ID", {"retire": "+0"}),
                knot.zone_thaw(zone),
                knot.zone_keys_load(zone),
                knot.zone_flush(zone, Path("/DIR")),
            ),
            see="each ends with OK; the zone in /DIR has a higher serial number than the bad version",
            otherwise=f"{NOTHING_IS_OUT}; the log of knotd tells why",
        ),
        Action(
            server="knot",
            commands=(validate_file(zone, "/DIR/ZONE-FILE"),),
            see="VALID, and no signature by the new ZSK",
            otherwise=NOTHING_IS_OUT,
        ),
        Action(
            server="knot",
            commands=(knot.zone_xfr_thaw(zone), knot.zone_notify(zone), knot.zone_status(zone, "serial", "freeze")),
            see="no `freeze` any more, and secondaries that transfer",
            otherwise="secondaries that were cut off: give them their lines back, runbook end-measures",
        ),
    )


def _forced(zone: ZoneName) -> Step:
    return Step(
        do="Forced transfer: the archived version as it is, from the primary of step 5, at every secondary.",
        actions=(
            Action(
                server="nsd",
                commands=(nsd.force_transfer(zone), nsd.zonestatus(zone)),
                see="`served-serial` is the archived one, although it is lower",
                otherwise="`request-xfr:` does not name the primary that has the archive",
            ),
            Action(
                server="knot",
                commands=(knot.zone_retransfer(zone), knot.zone_status(zone, "serial")),
                see="the archived serial number",
                otherwise="`master:` does not name the primary that has the archive",
            ),
            Action(
                server="bind",
                commands=(bind.retransfer(zone), bind.zonestatus(zone)),
                see="`serial:` is the archived one",
                otherwise="`primaries` does not name the primary that has the archive",
            ),
        ),
        beware=("A plain transfer or NOTIFY never brings a lower serial number: seen with all three.",),
    )


def _after(zone: ZoneName) -> Step:
    return Step(
        do="Judge from outside what every server serves, and write down serial number, digest and time (UTC).",
        actions=(
            Action(
                commands=(validate_server(zone), serial_of(zone)),
                see="VALID and the same serial number everywhere",
                otherwise="a server that still has the bad version: step 6 there",
            ),
        ),
    )


def _caches(zone: ZoneName) -> Step:
    return Step(
        do="Wait for the caches. Resolvers keep a bogus answer for a minute or so (Unbound: val-bogus-ttl, 60 s), "
        "records up to their TTL. Tell resolver operators that they may flush now.",
        actions=(
            Action(
                commands=(("dig", "@RESOLVER", zone, "SOA", "+dnssec"),),
                see="NOERROR with the flag `ad`, at resolvers of several operators",
                otherwise="runbook resolver, its last step, at that resolver",
            ),
        ),
        beware=("8 to 16 % of questions were still answered with SERVFAIL right after the way back, until the flush.",),
    )
