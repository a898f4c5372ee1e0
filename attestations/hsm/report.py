"""The probe's result as one JSON document."""

from collections.abc import Sequence
from typing import Any

from attestations.hsm.selection import Selected
from attestations.hsm.verdict import Row, Verdict
from attestations.predicates.common import BASE

SCHEMA = f"{BASE}/hsm-report/v1"


def report(zone: str, verdict: Verdict, selected: Sequence[Selected], table: Sequence[Row]) -> dict[str, Any]:
    """Return what `attest hsm --output json` prints."""
    return {
        "schema": SCHEMA,
        "verdict": verdict.name.lower(),
        "zone": zone,
        "keys": [_key(index, entry, table) for index, entry in enumerate(selected)],
    }


def _key(index: int, selected: Selected, table: Sequence[Row]) -> dict[str, Any]:
    key = selected.key
    return {
        "role": key.role,
        "flags": key.flags,
        "algorithm": key.algorithm,
        "tag": key.tag,
        "fingerprint": key.fingerprint,
        "hsms": [_hsm(row) for row in table if row.key == index],
    }


def _hsm(row: Row) -> dict[str, Any]:
    return {
        "serial": row.serial,
        "site": row.site,
        "model": row.model,
        "answer": row.answer.value,
        "privateKeys": row.private_keys,
        "shownTag": row.tag,
        "shownFingerprint": row.fingerprint,
        "note": row.note,
    }
