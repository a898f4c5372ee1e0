"""ldns-verify-zone (NLnet Labs). Sees signatures, chain links and the DS; not bitmaps, NSEC3PARAM, silent algorithms.

Known: without -k it compares with no DS (so it is never run without); messages about ZONEMD may hang before
1.9.0 (so there is a time limit). It gets no vote on expirations after 2038-01-19, which it misreads, on two NSEC3
chains, of which it knows one, and on records outside the zone, which it expects to be signed.

Its exit code is the reason for the last refusal: 35 bogus, 36 expired, 37 not valid yet, 33 no key of this tag and
algorithm, 28 no signature, 11 no denial. Any code may come before its end as well, so its last line decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from attestations import dnskey
from attestations.predicates.zone_validation import ZoneFinding
from attestations.tool import Ran, ToolError, version_of
from attestations.zone.engines.complaints import ANY, Complaints, Verifies, blame
from attestations.zone.engines.external import External, NoVote, Question
from attestations.zone.findings import finding
from attestations.zone.reading.names import is_below
from attestations.zone.validation.anchors import anchors_text

_PROGRAM = "ldns-verify-zone"
_SIGNATURE = re.compile(r"Error: .+ for (\S+)\t(\S+)")
_CHAIN = re.compile(r"Error: (there is no NSEC|[Tt]he NSEC|.+ has an NSEC\(3\))", re.ASCII)
_NO_NAME = re.compile(r"original of NSEC3 hashed name could not be found")
_NO_CHAIN = re.compile(r"Error: No keys with the keytag and algorithm from the RRSIG found for (\S+)\tDNSKEY")
_END = "There were errors in the zone"
_AFTER_2038 = "DNSSEC signature has expiration date earlier than inception date"


@dataclass(frozen=True)
class Ldns(External):
    """The ldns code base."""

    name: str = "ldns"
    code_base: str = "ldns"
    crypto_library: str = "OpenSSL"
    takes_time: bool = True
    calibrated_with: int = dnskey.ECDSAP256SHA256

    def version(self) -> str:
        """Return the version of ldns; raise ToolError."""
        return version_of(_PROGRAM, "-v")

    def ask(self, question: Question) -> Complaints:
        """Return what ldns-verify-zone says; without an anchor it is not asked."""
        if not question.anchors:
            raise NoVote("ldns-verify-zone is not run without a DS", "NO_TRUST_ANCHOR")
        if len(question.apex.nsec3) > 1:
            raise NoVote("ldns-verify-zone knows one NSEC3 chain, and this zone announces several")
        ran = _run(question)
        if ran.exit_code and not _came_to_an_end(ran):
            raise ToolError(f"exit code {ran.exit_code}: {ran.lines[-1:]}")
        if any(_AFTER_2038 in line for line in ran.lines):
            raise NoVote("ldns misreads expirations after 2038-01-19")
        return _complaints(question, ran)


def _run(question: Question) -> Ran:
    (question.folder / "ds").write_bytes(anchors_text(question.anchors, question.name))
    moment = question.at.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    return question.run(_PROGRAM, "-k", "ds", "-t", moment, "-V", "2", question.file)


def _came_to_an_end(ran: Ran) -> bool:
    return _END in ran.lines or any(_NO_NAME.match(line) for line in ran.lines) or not ran.is_whole


def _complaints(question: Question, ran: Ran) -> Complaints:
    matches = (_SIGNATURE.fullmatch(line) for line in ran.lines if not _NO_CHAIN.fullmatch(line))
    blamed = blame((match[1], match[2], ANY) for match in matches if match)
    apex = question.apex.wire
    if any(owner != apex and not is_below(owner, apex) for owner, _ in blamed):
        raise NoVote("ldns-verify-zone expects records outside the zone to be signed")
    others = tuple(_others(question.name, ran))
    stopped = any(one.code in ("DS_CHAIN", "VALIDATOR_REFUSED") or _NO_NAME.match(one.message) for one in others)
    return Complaints(
        apex=apex,
        refused=ran.exit_code != 0,
        verifies=Verifies.ONE,
        blamed=blamed,
        others=others,
        explained=ran.is_whole and not stopped,
    )


def _others(zone: str, ran: Ran) -> Iterator[ZoneFinding]:
    if ran.exit_code == 0:
        return
    for line in ran.lines:
        if _NO_CHAIN.fullmatch(line):  # with -k, only keys that the DS names count for the DNSKEY RRset
            yield finding("DS_CHAIN", "error", zone, "DNSKEY", line)
        elif _CHAIN.match(line) or _NO_NAME.match(line):
            yield finding("DENIAL_CHAIN", "error", zone, None, line)
        elif line.startswith("Error: ") and not _SIGNATURE.fullmatch(line):
            yield finding("VALIDATOR_REFUSED", "error", zone, None, line)
