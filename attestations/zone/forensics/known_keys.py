"""The public keys that HSMs show, by the HSM's name, from files of DNSKEY records."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from attestations.errors import InputError, Location
from attestations.strict import read_file
from attestations.zone.forensics.attribution import KnownKey
from attestations.zone.validation.anchors import read_rdatas

MAX_KEYS = 256
_MAX_FILE = 256 * 1024
_SHORTEST = 5  # octets: flags, protocol, algorithm, and some key


def read_known_keys(named: Sequence[str], zone: str) -> tuple[KnownKey, ...]:
    """Return the keys in files given as NAME=FILE; raise InputError (USAGE, FILE, LIMIT, DNS-ANCHOR)."""
    keys = tuple(key for text in named for key in _keys_in(text, zone))
    if len(keys) > MAX_KEYS:
        raise InputError(
            "LIMIT", found=f"{len(keys)} keys of HSMs", wanted=f"at most {MAX_KEYS}", fix="give those of this zone only"
        )
    return keys


def _keys_in(text: str, zone: str) -> Iterator[KnownKey]:
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise InputError(
            "USAGE",
            found=f"--hsm-key {text!a:.120}",
            wanted="NAME=FILE",
            fix="such as  hsm-fra-1=a1.dnskey",
        )
    try:
        rdatas = read_rdatas(read_file(Path(file), _MAX_FILE), zone, "DNSKEY")
        if not rdatas or min(map(len, rdatas)) < _SHORTEST:
            raise ValueError("no DNSKEY records")
    except ValueError as error:
        raise InputError(
            "DNS-ANCHOR",
            found=f"{error!s:.200}",
            wanted=f"the DNSKEY records of {zone} that the HSM holds, one a line",
            fix="have the HSM's public keys written as DNSKEY records",
            where=Location(file=file),
        ) from None
    yield from (KnownKey(name=name, algorithm=rdata[3], public_key=rdata[4:]) for rdata in rdatas)
