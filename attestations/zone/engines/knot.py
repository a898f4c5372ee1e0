"""kzonecheck (CZ.NIC Knot): every signature of a published key, chains, bitmaps, CDS. Cryptography by GnuTLS.

It stops at the first bad signature, which one is a matter of chance, so silence about the rest says nothing. It
knows no DS: that is compared by our own reader. It gets no vote where it is known to refuse what is in order: two
keys of one tag, two NSEC3 chains, a DNSKEY RRset signed by keys without the SEP flag only, a `+` in the zone's name.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from attestations import dnskey
from attestations.predicates.zone_validation import Severity, ZoneFinding
from attestations.tool import ToolError, version_of
from attestations.zone.engines.complaints import ANY, Complaints, Verifies, blame
from attestations.zone.engines.external import External, NoVote, Question, ds_findings, signing_keys
from attestations.zone.findings import finding

_PROGRAM = "kzonecheck"
_COMPLAINT = re.compile(r"\[(?P<owner>.+?)\] (?P<what>.+?) ?(?:\(record type (?P<rtype>\S+)\))?")
_NO_SIGNATURE = "no valid signature for a record"
_CODES = {
    "missing NSEC(3) record": "DENIAL_CHAIN",
    "inconsistent NSEC(3) chain": "DENIAL_CHAIN",
    "wrong NSEC3 opt-out": "DENIAL_CHAIN",
    "wrong NSEC(3) bitmap": "DENIAL_BITMAP",
    "CDS not match CDNSKEY": "CDS_MISMATCH",
    "CDNSKEY not match DNSKEY": "CDS_MISMATCH",
}
_CONTENT = frozenset(
    {
        "missing glue record",
        "missing CDS",
        "missing CDNSKEY",
        "another record exists beside CNAME",
        "child record exists under DNAME",
        "NS record exists beside DNAME",
        "multiple CNAME records",
        "multiple DNAME records",
    }
)
"""what it refuses a zone for that no validating resolver looks at; it goes on after them"""


@dataclass(frozen=True)
class Knot(External):
    """The Knot DNS code base."""

    name: str = "knot"
    code_base: str = "knot"
    crypto_library: str = "GnuTLS"
    takes_time: bool = True
    calibrated_with: int = dnskey.ECDSAP256SHA256

    def version(self) -> str:
        """Return the version of Knot; raise ToolError."""
        return version_of(_PROGRAM, "-V")

    def ask(self, question: Question) -> Complaints:
        """Return what kzonecheck says, and what our reader finds of the DS."""
        if why := _blind_spot(question):
            raise NoVote(why)
        moment = str(int(question.at.timestamp()))
        ran = question.run(_PROGRAM, "-o", question.name, "-d", "on", "-t", moment, question.file)
        said = [match for line in ran.lines if (match := _COMPLAINT.fullmatch(line))]
        if ran.exit_code not in (0, 1) or (ran.exit_code == 1 and not said):
            raise ToolError(f"exit code {ran.exit_code}: {ran.lines[-1:]}")
        refused = [one for one in said if one["what"] not in _CONTENT]
        return Complaints(
            apex=question.apex.wire,
            refused=bool(refused),
            verifies=Verifies.EVERY,
            blamed=blame((one["owner"], one["rtype"], ANY) for one in refused if one["what"] == _NO_SIGNATURE),
            others=(*_others(said), *ds_findings(question)),
            explained=not refused and ran.is_whole,
        )


def _blind_spot(question: Question) -> str:
    """Return why kzonecheck is known to refuse this zone whatever its signatures are; empty if it is not."""
    keys = question.apex.keys.keys
    if max(Counter((key.tag, key.algorithm) for key in keys).values(), default=0) > 1:
        return "kzonecheck refuses a zone with two keys of one tag and algorithm"
    if len(question.apex.nsec3) > 1:
        return "kzonecheck knows one NSEC3 chain, and this zone announces several"
    if "+" in question.name:
        return "kzonecheck refuses zone names with a plus sign"
    signing = signing_keys(question.apex)
    named = any(anchor.names(key.rdata, question.name) for anchor in question.anchors for key in signing)
    if named and not any(key.is_ksk for key in signing):
        return "kzonecheck wants the DNSKEY RRset signed by a key with the SEP flag"
    return ""


def _others(said: list[re.Match[str]]) -> Iterator[ZoneFinding]:
    for one in said:
        owner, what = one["owner"], one["what"]
        severity: Severity = "warning" if what in _CONTENT else "error"
        if what != _NO_SIGNATURE:
            code = _CODES.get(what, "VALIDATOR_REFUSED")
            yield finding(code, severity, owner, one["rtype"], f"kzonecheck: {what}")
