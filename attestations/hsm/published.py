"""The DNSKEYs that are published or about to be: from a file, or over the wire."""

import socket
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from attestations.dnskey import fingerprint, key_tag, public_key_of, rdata
from attestations.errors import InputError
from attestations.strict import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dns.rdataset import Rdataset
    from dns.rrset import RRset

MAX_FILE = 4 * 1024 * 1024
MAX_KEYS = 32
TIMEOUT_SECONDS = 10.0
SEP = 0x0001
"""the flag by which a KSK is told from a ZSK (RFC 4034, 2.1.1)"""


@dataclass(frozen=True, kw_only=True)
class PublishedKey:
    """One DNSKEY record, known by its fingerprint."""

    flags: int
    protocol: int
    algorithm: int
    public_key: bytes

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the RDATA."""
        return fingerprint(self.rdata)

    @cached_property
    def tag(self) -> int:
        """The key tag, computed."""
        return key_tag(self.rdata)

    @property
    def role(self) -> Literal["ksk", "zsk"]:
        """`ksk` where the SEP flag is set, else `zsk`."""
        return "ksk" if self.flags & SEP else "zsk"

    @property
    def rdata(self) -> bytes:
        """The RDATA of the record."""
        return rdata(self.flags, self.protocol, self.algorithm, self.public_key)


def published_keys(source: str, zone: str) -> tuple[PublishedKey, ...]:
    """Return the zone's DNSKEYs from `source`, a file in master format or `HOST@PORT`, in one order.

    Raises InputError (DNSKEY) where there are none or too many, (DNS-ALG) where one cannot be verified with.
    """
    host, at, port = source.rpartition("@")
    over_wire = bool(at) and port.isascii() and port.isdigit() and not Path(source).exists()
    rdatasets = _fetch(host, int(port), zone) if over_wire else _read(Path(source), zone)
    keys = {
        PublishedKey(flags=key.flags, protocol=key.protocol, algorithm=key.algorithm, public_key=key.key)
        for rdataset in rdatasets
        for key in rdataset
    }
    if not 0 < len(keys) <= MAX_KEYS:
        raise _unusable(source, f"{len(keys)} DNSKEY records of {zone}")
    for key in keys:
        public_key_of(key.algorithm, key.public_key)
    return tuple(sorted(keys, key=lambda key: (key.role, key.fingerprint)))


def _read(path: Path, zone: str) -> "Iterable[Rdataset]":
    import dns.exception
    import dns.name
    import dns.rdatatype
    import dns.zonefile

    text = read_file(path, MAX_FILE).decode("utf-8", "replace")
    origin = dns.name.from_text(zone)
    try:
        rrsets = dns.zonefile.read_rrsets(text, rdclass=None, default_ttl=0, origin=origin)
    except (dns.exception.DNSException, ValueError) as error:
        raise _unusable(str(path), f"text that is not in master-file format ({error!a:.120})") from None
    return [rrset for rrset in rrsets if rrset.name == origin and rrset.rdtype == dns.rdatatype.DNSKEY]


def _fetch(host: str, port: int, zone: str) -> "Iterable[RRset]":
    import dns.exception
    import dns.message
    import dns.name
    import dns.query
    import dns.rdataclass
    import dns.rdatatype

    name = dns.name.from_text(zone)
    try:
        address = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
        query = dns.message.make_query(name, dns.rdatatype.DNSKEY)
        answer = dns.query.tcp(query, address, port=port, timeout=TIMEOUT_SECONDS)
        rrset = answer.get_rrset(answer.answer, name, dns.rdataclass.IN, dns.rdatatype.DNSKEY)
    except (dns.exception.DNSException, OSError, EOFError, ValueError, OverflowError) as error:
        raise _unusable(f"{host}@{port}", f"no answer ({type(error).__name__}: {error!a:.120})") from None
    return [rrset] if rrset is not None else []


def _unusable(source: str, found: str) -> InputError:
    return InputError(
        "DNSKEY",
        found=f"{found} from {source!a:.120}",
        wanted=f"1 to {MAX_KEYS} DNSKEY records",
        fix="give --dnskey-from a file with the zone's DNSKEY records, or HOST@PORT of a server that publishes them",
    )
