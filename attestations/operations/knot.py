"""Knot DNS: knotc(8) speaks to the running server, keymgr(8) to its key database, kzonesign(8) to nobody.

`control` for all: `-c FILE` or `-C DIRECTORY`; for `knotc` alone also `-s SOCKET`.
With `-b` knotc waits for the end of what it started, and its exit code tells how that ended; without, only that it was
told.
"""

import re
from pathlib import Path

from attestations.operations import Command
from attestations.records import ZoneName

_KEY_ID = re.compile(r"[0-9a-f]{2,128}", re.ASCII)


def zone_xfr_freeze(zone: ZoneName, control: Command = ()) -> Command:
    """Refuse outgoing AXFR and IXFR from now on. A restart of knotd forgets it (seen with 3.2.6)."""
    return ("knotc", *control, "zone-xfr-freeze", zone)


def zone_xfr_thaw(zone: ZoneName, control: Command = ()) -> Command:
    """Allow outgoing transfers again."""
    return ("knotc", *control, "zone-xfr-thaw", zone)


def zone_freeze(zone: ZoneName, control: Command = ()) -> Command:
    """Hold up loading, refreshing, updates and signing, until the next start.

    It stops neither transfers, nor `zone-begin`, nor a refresh that somebody asks for by hand (seen with 3.2.6).
    """
    return ("knotc", *control, "-b", "zone-freeze", zone)


def zone_thaw(zone: ZoneName, control: Command = ()) -> Command:
    """End `zone-freeze`: what was held up is done now."""
    return ("knotc", *control, "-b", "zone-thaw", zone)


def zone_notify(zone: ZoneName, control: Command = ()) -> Command:
    """Send NOTIFY to all remotes of the zone."""
    return ("knotc", *control, "zone-notify", zone)


def zone_status(zone: ZoneName, *filters: str, control: Command = ()) -> Command:
    """Show the state of the zone; `filters` out of role, serial, transaction, events, freeze, catalog."""
    return ("knotc", *control, "zone-status", zone, *(f"+{name}" for name in filters))


def reload(control: Command = ()) -> Command:
    """Read the configuration again, and the zone files that were modified."""
    return ("knotc", *control, "reload")


def zone_reload(zone: ZoneName, control: Command = ()) -> Command:
    """Load the zone from its file again, also where the file's time did not change."""
    return ("knotc", *control, "-b", "zone-reload", zone)


def zone_refresh(zone: ZoneName, control: Command = ()) -> Command:
    """Let a secondary ask its primary for a newer version: also one that is frozen, so never type it there (3.2.6)."""
    return ("knotc", *control, "-b", "zone-refresh", zone)


def zone_retransfer(zone: ZoneName, control: Command = ()) -> Command:
    """Let a secondary transfer the zone without a look at serial numbers."""
    return ("knotc", *control, "-b", "zone-retransfer", zone)


def zone_flush(zone: ZoneName, folder: Path, control: Command = ()) -> Command:
    """Write the zone as the server holds it into a folder, under the name of its zone file."""
    return ("knotc", *control, "-b", "zone-flush", zone, "+outdir", str(folder))


def zone_backup(zone: ZoneName, folder: Path, control: Command = ()) -> Command:
    """Write zone, timers and key database into a new or empty folder. Keys of a PKCS#11 token are not part of it."""
    return ("knotc", *control, "-b", "zone-backup", zone, "+backupdir", str(folder))


def zone_keys_load(zone: ZoneName, control: Command = ()) -> Command:
    """Read the key database again after keymgr changed it, and sign anew what that changes."""
    return ("knotc", *control, "-b", "zone-keys-load", zone)


def zone_begin(zone: ZoneName, control: Command = ()) -> Command:
    """Begin a change of the zone."""
    return ("knotc", *control, "zone-begin", zone)


def zone_set(zone: ZoneName, record: tuple[str, int, str, str], control: Command = ()) -> Command:
    """Add a record (owner, TTL, type, RDATA as text) to the change; the owner `@` is the zone itself."""
    owner, ttl, rtype, rdata = record
    return ("knotc", *control, "zone-set", zone, owner, str(ttl), rtype, *rdata.split(" "))


def zone_commit(zone: ZoneName, control: Command = ()) -> Command:
    """Make the change; the server signs it and publishes a version with the next serial number."""
    return ("knotc", *control, "zone-commit", zone)


def kzonesign(zone: ZoneName, folder: Path, control: Command = ()) -> Command:
    """Sign the zone file once and write it into a folder. Signatures that are still good stay (kzonesign(8)).

    So an archived signed version whose SOA was changed gets one new signature, the SOA's (seen with 3.2.6).
    """
    return ("kzonesign", *control, "-o", str(folder), zone)


def keymgr_list(zone: ZoneName, control: Command = ()) -> Command:
    """List the zone's keys with their ids and times (ISO 8601, UTC)."""
    return ("keymgr", *control, zone, "list", "iso")


def keymgr_import_pkcs11(zone: ZoneName, key_id: str, algorithm: str, *, ksk: bool, control: Command = ()) -> Command:
    """Make a key of the token known to Knot by its CKA_ID (hexadecimal); the private key stays where it is."""
    roles = ("ksk=yes", "zsk=no") if ksk else ("ksk=no", "zsk=yes")
    return ("keymgr", *control, zone, "import-pkcs11", key_of(key_id), f"algorithm={algorithm}", *roles)


def keymgr_set(zone: ZoneName, key_id: str, times: dict[str, str], control: Command = ()) -> Command:
    """Set times of a key, such as {"retire": "+0", "remove": "+30d"}; "0" means never.

    The key is named by its id: three keys may have one tag (INC-01).
    """
    return (
        "keymgr",
        *control,
        zone,
        "set",
        f"id={key_of(key_id)}",
        *(f"{what}={when}" for what, when in times.items()),
    )


def key_of(key_id: str) -> str:
    """Return the id of a key; raise ValueError for anything but lower-case hexadecimal digits."""
    if not _KEY_ID.fullmatch(key_id):
        raise ValueError(
            f"{key_id!a} is not the id of a key: lower-case hexadecimal digits, as `keymgr ZONE list` says"
        )
    return key_id
