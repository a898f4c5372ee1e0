"""A step of the runbook `way-back`: the archived version with one new signature, from a primary of its own."""

from pathlib import Path

from attestations.operations import bind, knot, nsd
from attestations.records import ZoneName
from attestations.runbooks.common import NOTHING_IS_OUT, key_times, validate_file
from attestations.runbooks.model import Action, Paste, Step

_FILE = "BREAK-GLASS.conf"


def break_glass(zone: ZoneName) -> Step:
    """Return the step for a zone."""
    return Step(
        do="Break-glass primary: the archived version, a serial number far above the bad one, one new signature.",
        actions=(*_signed(zone), _served(zone), *_taken(zone)),
        beware=(
            (
                "One more than the bad serial number is not enough: the signer counts on meanwhile, and two "
                "primaries that reach one number with different content go unnoticed."
            ),
            "The PIN file ends without a line end: GnuTLS takes it for a part of the PIN.",
            "A zone with ZONEMD (RFC 8976) needs that record anew as well.",
        ),
    )


def _signed(zone: ZoneName) -> tuple[Action, ...]:
    return (
        Action(
            paste=Paste(where="ARCHIVE, in the SOA record", text="SERIAL  →  BAD-SERIAL + 1000"),
            see="nothing else is different: `diff` with the original shows one line",
            otherwise="take the original again",
        ),
        Action(
            server="knot",
            paste=Paste(
                where=f"{_FILE}: NSEC3 as in the signer's policy, or the chain is made anew", text=_signer_of(zone)
            ),
            commands=(
                key_times(zone, "OLD-ZSK-ID", {"retire": "0", "remove": "0"}, ("-c", _FILE)),
                knot.kzonesign(zone, Path("/DIR"), ("-c", _FILE)),
            ),
            see="exit code 0; `diff` shows a new SOA, a new signature over it, and nothing else",
            otherwise="signatures close to their end are renewed too, which is well; nothing else may differ",
        ),
        Action(
            commands=(validate_file(zone, "/DIR/ARCHIVE"),),
            see="VALID",
            otherwise=f"the old ZSK is not the one of the archive; {NOTHING_IS_OUT}",
        ),
    )


def _signer_of(zone: ZoneName) -> str:
    return f"""\
database:
  storage: /COPY-OF-THE-KEY-DATABASE
keystore:
  - id: hsm
    backend: pkcs11
    config: "pkcs11:serial=HSM-SERIAL;pin-source=/PIN-FILE /MODULE.so"
policy:
  - id: by-hand
    keystore: hsm
    algorithm: ECDSAP256SHA256
    manual: on
    nsec3: on
    nsec3-iterations: 0
    nsec3-salt-length: 0
zone:
  - domain: {zone}
    storage: /DIR-OF-ARCHIVE
    file: ARCHIVE
    dnssec-signing: on
    dnssec-policy: by-hand"""


def _served(zone: ZoneName) -> Action:
    text = f"""\
zone:
  name: {zone}
  zonefile: "/DIR/ARCHIVE"
  provide-xfr: SECONDARY-ADDRESS KEY-NAME
  notify: SECONDARY-ADDRESS KEY-NAME"""
    return Action(
        server="nsd",
        paste=Paste(where="nsd.conf of the break-glass primary", text=text),
        see="`nsd-checkconf` says nothing; the server answers for the SOA with the new serial number",
        otherwise="its log; a file that NSD cannot read is said there",
    )


def _taken(zone: ZoneName) -> tuple[Action, ...]:
    otherwise = "the address or the TSIG key is wrong; the bad version is still served here"
    lines = "request-xfr: BREAK-GLASS-ADDRESS KEY-NAME\nallow-notify: BREAK-GLASS-ADDRESS KEY-NAME"
    return (
        Action(
            server="nsd",
            paste=Paste(where="nsd.conf of every secondary, in the zone", text=lines),
            commands=(nsd.reconfig(), nsd.transfer(zone), nsd.zonestatus(zone)),
            see="`served-serial` is the new one",
            otherwise=otherwise,
        ),
        Action(
            server="knot",
            paste=Paste(
                where="knot.conf of every secondary, at the remote that `master:` names",
                text="address: BREAK-GLASS-ADDRESS",
            ),
            commands=(knot.reload(), knot.zone_thaw(zone), knot.zone_refresh(zone), knot.zone_status(zone, "serial")),
            see="the new serial number",
            otherwise=otherwise,
        ),
        Action(
            server="bind",
            paste=Paste(where="named.conf of every secondary, in the zone", text="primaries { BREAK-GLASS-ADDRESS; };"),
            commands=(bind.reconfig(), bind.refresh(zone), bind.zonestatus(zone)),
            see="`serial:` is the new one",
            otherwise=otherwise,
        ),
    )
