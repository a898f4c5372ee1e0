"""The archived good version made ready to be served again: a higher serial number, and one new signature."""

from collections.abc import Sequence
from contextlib import suppress

import dns.rdata
from dns.name import Name, from_text
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from attestations.dnskey import verifies
from attestations.drills.probing import now
from attestations.hsm.selection import Selected
from attestations.hsm.token import TokenError
from attestations.laboratory.units import LaboratoryHsm
from attestations.records import ZoneName
from attestations.zone.practice.keys import PracticeKey
from attestations.zone.practice.model import RRset
from attestations.zone.practice.signing import sign_rrset
from attestations.zone.reading.flat import Line, line_of

BIG_STEP = 1000
"""How far above the bad version. The signer goes on counting while the archive is served, and two primaries that reach
one serial number with different content go unnoticed by every secondary: this happened with a step of one."""


def raised(archived: bytes, zone: ZoneName, serial: int, old: Selected, hsms: Sequence[LaboratoryHsm]) -> bytes:
    """Return the archived version with this serial number; its SOA is signed anew in any HSM, nothing else is touched.

    Every other signature is the archive's: it validates as long as they live, and as long as `old` is published. A zone
    with ZONEMD (RFC 8976) needs that record anew as well. Raises TokenError where no HSM signs with this key.

    `archived` has one record in each line. It is not parsed further: a way back must not take longer for a large zone.
    """
    records = [(line_of(raw, 0), raw) for raw in archived.splitlines()]
    soa = next(line for line, _ in records if line.rtype == b"SOA")
    kept = [raw for line, raw in records if not _is_about_soa(line)]
    return b"\n".join([*_renewed(soa, from_text(zone), serial, old, hsms), *kept, b""])


def _is_about_soa(line: Line) -> bool:
    return line.rtype == b"SOA" or (line.rtype == b"RRSIG" and line.rest.startswith(b"SOA "))


def _renewed(soa: Line, origin: Name, serial: int, old: Selected, hsms: Sequence[LaboratoryHsm]) -> tuple[bytes, bytes]:
    """Return the SOA record with another serial number, and its signature."""
    rdata = dns.rdata.from_text(RdataClass.IN, RdataType.SOA, soa.rest.decode("ascii")).replace(serial=serial)
    rrset = RRset(owner=origin, rtype=RdataType.SOA, ttls=frozenset({int(soa.ttl)}), rdatas=(rdata,))
    signing = PracticeKey(rdata=old.key.rdata, sign=lambda data: _signature(old, hsms, data))
    rrsig = sign_rrset(rrset, signing, origin, now(), signing.sign)
    before = f"{origin} {int(soa.ttl)} IN"
    return f"{before} SOA {rdata.to_text()}".encode("ascii"), f"{before} RRSIG {rrsig.to_text()}".encode("ascii")


def _signature(old: Selected, hsms: Sequence[LaboratoryHsm], data: bytes) -> bytes:
    key = old.key
    for hsm in hsms:
        with suppress(TokenError):  # another may hold it
            signature = hsm.token.sign(old.selector, key.algorithm, data)
            if signature and verifies(key.algorithm, key.public_key, signature, data):
                return signature
    raise TokenError(f"none of {len(hsms)} HSMs signs with key {key.fingerprint[:16]}")
