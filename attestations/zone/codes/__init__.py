"""The codes of zone findings: how severe, what they mean, what to do. docs/zone-findings.md shows this table."""

from collections.abc import Mapping
from types import MappingProxyType

from attestations.zone.codes.code import Code
from attestations.zone.codes.signing import SIGNING
from attestations.zone.codes.zone import ZONE

CODES: Mapping[str, Code] = MappingProxyType(SIGNING | ZONE)
"""Finding code -> what it says. Codes are shared with the incident library where it has one."""
