"""The archived good version made ready to be served again: a higher serial number, and one new signature."""

from collections.abc import Sequence
from contextlib import suppress

from dns.name import from_text
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.RRSIG import RRSIG

from attestations.dnskey import verifies
from attestations.drills.probing import now
from attestations.hsm.selection import Selected
from attestations.hsm.token import TokenError
from attestations.laboratory.units import LaboratoryHsm
from attestations.records import ZoneName
from attestations.zone.practice.keys import PracticeKey
from attestations.zone.practice.model import Record, RRset
from attestations.zone.practice.records import canonical_text, read_records
from attestations.zone.practice.signing import sign_rrset

BIG_STEP = 1000
"""How far above the bad version. The signer goes on counting while the archive is served, and two primaries that reach
one serial number with different content go unnoticed by every secondary: this happened with a step of one."""


def raised(archived: bytes, zone: ZoneName, serial: int, old: Selected, hsms: Sequence[LaboratoryHsm]) -> bytes:
    """Return the archived version with this serial number; its SOA is signed anew in any HSM, nothing else is touched.

    Every other signature is the archive's: it validates as long as they live, and as long as `old` is published. A zone
    with ZONEMD (RFC 8976) needs that record anew as well. Raises TokenError where no HSM signs with this key.
    """
    origin = from_text(zone)
    records = read_records(archived.decode("ascii"), origin)
    soa = next(record for record in records if record.rdata.rdtype == RdataType.SOA)
    renewed = Record(owner=soa.owner, ttl=soa.ttl, rdata=soa.rdata.replace(serial=serial))
    rrset = RRset(owner=origin, rtype=RdataType.SOA, ttls=frozenset({soa.ttl}), rdatas=(renewed.rdata,))
    signing = PracticeKey(rdata=old.key.rdata, sign=lambda data: _signature(old, hsms, data))
    rrsig = sign_rrset(rrset, signing, origin, now(), signing.sign)
    kept = [record for record in records if not _is_about_soa(record)]
    return canonical_text([renewed, Record(owner=origin, ttl=soa.ttl, rdata=rrsig), *kept])


def _is_about_soa(record: Record) -> bool:
    covered = record.rdata.type_covered if isinstance(record.rdata, RRSIG) else record.rdata.rdtype
    return covered == RdataType.SOA


def _signature(old: Selected, hsms: Sequence[LaboratoryHsm], data: bytes) -> bytes:
    key = old.key
    for hsm in hsms:
        with suppress(TokenError):  # another may hold it
            signature = hsm.token.sign(old.selector, key.algorithm, data)
            if signature and verifies(key.algorithm, key.public_key, signature, data):
                return signature
    raise TokenError(f"none of {len(hsms)} HSMs signs with key {key.fingerprint[:16]}")
