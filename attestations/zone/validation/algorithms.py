"""Which algorithms may sign, and which validators rely on: a dated table, and what follows from it for a zone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from attestations.predicates.zone_validation import Severity, ZoneFinding
from attestations.zone.findings import finding
from attestations.zone.validation.published import KeySet

Requirement = Literal["RECOMMENDED", "MAY", "NOT RECOMMENDED", "MUST NOT"]

AS_OF = "2025-11"
"""when the table was true: RFC 9904 (the registries' first values), as changed by RFC 9905 and RFC 9906"""


@dataclass(frozen=True, kw_only=True)
class Level:
    """What the IANA registry says about the use of one algorithm, or of one DS digest type."""

    mnemonic: str
    signing: Requirement
    """use for signing; for a digest type, use for delegation"""
    validation: Requirement
    """use for validation"""
    source: str = "RFC 9904"


LEVELS: Mapping[int, Level] = MappingProxyType(
    {
        1: Level(mnemonic="RSAMD5", signing="MUST NOT", validation="MUST NOT"),
        3: Level(mnemonic="DSA", signing="MUST NOT", validation="MUST NOT"),
        5: Level(mnemonic="RSASHA1", signing="MUST NOT", validation="RECOMMENDED", source="RFC 9905"),
        6: Level(mnemonic="DSA-NSEC3-SHA1", signing="MUST NOT", validation="MUST NOT"),
        7: Level(mnemonic="RSASHA1-NSEC3-SHA1", signing="MUST NOT", validation="RECOMMENDED", source="RFC 9905"),
        8: Level(mnemonic="RSASHA256", signing="RECOMMENDED", validation="RECOMMENDED"),
        10: Level(mnemonic="RSASHA512", signing="NOT RECOMMENDED", validation="RECOMMENDED"),
        12: Level(mnemonic="ECC-GOST", signing="MUST NOT", validation="MUST NOT", source="RFC 9906"),
        13: Level(mnemonic="ECDSAP256SHA256", signing="RECOMMENDED", validation="RECOMMENDED"),
        14: Level(mnemonic="ECDSAP384SHA384", signing="MAY", validation="RECOMMENDED"),
        15: Level(mnemonic="ED25519", signing="RECOMMENDED", validation="RECOMMENDED"),
        16: Level(mnemonic="ED448", signing="MAY", validation="RECOMMENDED"),
        17: Level(mnemonic="SM2SM3", signing="MAY", validation="MAY"),
        23: Level(mnemonic="ECC-GOST12", signing="MAY", validation="MAY"),
    }
)
"""Algorithm number -> level (RFC 9904, table 2; 5 and 7: RFC 9905, 5; 12: RFC 9906, 5)."""

DIGEST_LEVELS: Mapping[int, Level] = MappingProxyType(
    {
        0: Level(mnemonic="NULL", signing="MUST NOT", validation="MUST NOT"),
        1: Level(mnemonic="SHA-1", signing="MUST NOT", validation="RECOMMENDED", source="RFC 9905"),
        2: Level(mnemonic="SHA-256", signing="RECOMMENDED", validation="RECOMMENDED"),
        3: Level(mnemonic="GOST R 34.11-94", signing="MUST NOT", validation="MUST NOT", source="RFC 9906"),
        4: Level(mnemonic="SHA-384", signing="MAY", validation="RECOMMENDED"),
        5: Level(mnemonic="GOST R 34.11-2012", signing="MAY", validation="MAY"),
        6: Level(mnemonic="SM3", signing="MAY", validation="MAY"),
    }
)
"""DS digest type -> level (RFC 9904, table 3; 1: RFC 9905, 5; 3: RFC 9906, 5)."""


_BY_SIGNING: Mapping[Requirement, Severity] = {"MUST NOT": "warning", "NOT RECOMMENDED": "note"}


def algorithm_findings(zone: str, keys: KeySet) -> Iterator[ZoneFinding]:
    """Yield what the table says against the algorithms of the published keys.

    An error where no validator may rely on the algorithm: to resolvers the zone is unsigned. A warning where it must
    not sign any more; a note where signing with it is not recommended.
    """
    for number in sorted({key.algorithm for key in keys.keys}):
        level = LEVELS.get(number)
        severity = _severity(level) if level else None
        if level and severity:
            message = (
                f"algorithm {number} ({level.mnemonic}): {level.signing} for signing, {level.validation} for "
                f"validation, by {level.source} (table of {AS_OF})"
            )
            yield finding("ALG_DEPRECATED", severity, zone, "DNSKEY", message)


def _severity(level: Level) -> Severity | None:
    if level.validation == "MUST NOT":
        return "error"
    return _BY_SIGNING.get(level.signing)
