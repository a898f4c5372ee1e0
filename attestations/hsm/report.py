"""The probe's result as one JSON document."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from attestations.hsm.selection import Selected
from attestations.hsm.verdict import Answer, Row, Verdict
from attestations.printed import schema_uri
from attestations.records import Count, JsonRecord, Name, Sha256, ZoneName

VerdictWord = Literal["valid", "invalid", "inconclusive"]


class AskedHsm(JsonRecord, frozen=True, kw_only=True):
    """What one HSM answered for one published key."""

    serial: Name
    site: Name
    model: str | None
    """what the HSM calls itself; null where it was not asked"""
    answer: Answer
    private_keys: Count
    shown_tag: int | None
    """of the public key that the HSM shows; null where it shows none"""
    shown_fingerprint: Sha256 | None
    note: str


class ProvedKey(JsonRecord, frozen=True, kw_only=True):
    """One published key, and the answer of every HSM."""

    role: Literal["ksk", "zsk"]
    flags: int
    algorithm: int
    tag: int
    fingerprint: Sha256
    """SHA-256 of the DNSKEY RDATA"""
    hsms: tuple[AskedHsm, ...]


class HsmReport(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("hsm-report")):
    """What `attest hsm --output json` prints."""

    verdict: VerdictWord
    zone: ZoneName
    keys: tuple[ProvedKey, ...]


WORDS: Mapping[Verdict, VerdictWord] = MappingProxyType(
    {Verdict.VALID: "valid", Verdict.INVALID: "invalid", Verdict.INCONCLUSIVE: "inconclusive"}
)


def report(zone: ZoneName, verdict: Verdict, selected: Sequence[Selected], table: Sequence[Row]) -> HsmReport:
    """Return what `attest hsm --output json` prints."""
    keys = tuple(_key(index, entry, table) for index, entry in enumerate(selected))
    return HsmReport(verdict=WORDS[verdict], zone=zone, keys=keys)


def _key(index: int, selected: Selected, table: Sequence[Row]) -> ProvedKey:
    key = selected.key
    return ProvedKey(
        role=key.role,
        flags=key.flags,
        algorithm=key.algorithm,
        tag=key.tag,
        fingerprint=key.fingerprint,
        hsms=tuple(_hsm(row) for row in table if row.key == index),
    )


def _hsm(row: Row) -> AskedHsm:
    return AskedHsm(
        serial=row.serial,
        site=row.site,
        model=row.model,
        answer=row.answer,
        private_keys=row.private_keys,
        shown_tag=row.tag,
        shown_fingerprint=row.fingerprint,
        note=row.note,
    )
