"""validns: every signature, chains, bitmaps; RSA only. The packaged version is of 2016.

It knows no DS, which is compared by our own reader, and does not notice a type that is unsigned where others of the
same owner are signed. It gets no vote on what it does not know: algorithms but RSA, newer types such as CDS, escaped
dots, times after 2037, two NSEC3 chains, and insecure delegations that have an NSEC3 record in an opt-out zone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from attestations import dnskey
from attestations.predicates.zone_validation import ZoneFinding
from attestations.tool import ToolError, version_of
from attestations.zone.engines.complaints import ANY, Complaints, Verifies, blame
from attestations.zone.engines.external import External, NoVote, Question, ds_findings
from attestations.zone.engines.material import holds
from attestations.zone.findings import finding

_PROGRAM = "validns"
_ALGORITHMS = frozenset({5, 7, 8, 10})
_COMPLAINT = re.compile(r"[^:\s]+:\d+: (?P<what>.+)")
_SIGNATURE = re.compile(r"(\S+) RRSIG\((\S+)\): .+")
_SURPLUS = "NSEC3 without a corresponding record (or empty non-terminal)"
_OPT_OUT = re.compile(rb"\sNSEC3\s+1\s+1\s", re.IGNORECASE)
_CODES = (
    ("SIG_EXPIRED", re.compile(r"\S+ signature is too old")),
    ("SIG_FUTURE", re.compile(r"\S+ signature is too new")),
    ("SIG_UNEXPECTED", re.compile(r"\S+ RRSIG exists for non-existing type .+")),
    (
        "SIG_TTL",
        re.compile(r"\S+ RRSIG's original TTL differs from corresponding record's|TTL values differ within .+"),
    ),
    ("DENIAL_BITMAP", re.compile(r"NSEC3? mentions .+|.+ exists, but NSEC3? does not mention it for .+")),
    (
        "DENIAL_CHAIN",
        re.compile(r"broken NSEC3? chain.+|no corresponding NSEC3? found .+|(apex )?NSEC3? (not|says|without) .+"),
    ),
)
"""what it refuses a zone for, besides signatures that do not verify; of anything else nobody knows who is wrong"""


@dataclass(frozen=True)
class Validns(External):
    """The validns code base."""

    name: str = "validns"
    code_base: str = "validns"
    crypto_library: str = "OpenSSL"
    takes_time: bool = True
    calibrated_with: int = dnskey.RSASHA256

    def version(self) -> str:
        """Return the version of the Debian package, since the program does not tell its own; raise ToolError."""
        return version_of("dpkg-query", "-W", "-f", "${Version}", _PROGRAM)

    def ask(self, question: Question) -> Complaints:
        """Return what validns says, and what our reader finds of the DS."""
        if why := _blind_spot(question):
            raise NoVote(why)
        moment = str(int(question.at.timestamp()))
        ran = question.run(_PROGRAM, "-t", moment, "-z", question.name, question.file)
        said = [match["what"] for line in ran.lines if (match := _COMPLAINT.fullmatch(line))]
        if ran.exit_code not in (0, 1) or (ran.exit_code == 1 and not said):
            raise ToolError(f"exit code {ran.exit_code}: {ran.lines[-1:]}")
        _must_be_known(question, said)
        return Complaints(
            apex=question.apex.wire,
            refused=ran.exit_code != 0,
            verifies=Verifies.EVERY,
            blamed=blame((match[1], match[2], ANY) for one in said if (match := _SIGNATURE.fullmatch(one))),
            others=(*_others(question.name, said), *ds_findings(question)),
            explained=ran.is_whole,
        )


def _blind_spot(question: Question) -> str:
    """Return why validns cannot judge this zone, as far as the apex shows; empty if it may."""
    if unknown := sorted({key.algorithm for key in question.apex.keys.keys} - _ALGORITHMS):
        return f"validns verifies RSA only, and this zone publishes algorithm {unknown[0]}"
    if len(question.apex.nsec3) > 1:
        return "validns knows one NSEC3 chain, and this zone announces several"
    return ""


def _must_be_known(question: Question, said: list[str]) -> None:
    """Raise NoVote where it complains of what it does not know, or of what is in order."""
    for one in said:
        if not _SIGNATURE.fullmatch(one) and not _code_of(one):
            raise NoVote(f"validns does not know everything in this zone: {one}")
    if said and all(one == _SURPLUS for one in said) and holds(question.descriptor, _OPT_OUT):
        raise NoVote("validns refuses NSEC3 records of insecure delegations in an opt-out zone")


def _others(zone: str, said: list[str]) -> Iterator[ZoneFinding]:
    yield from (finding(code, "error", zone, None, f"validns: {one}") for one in said if (code := _code_of(one)))


def _code_of(complaint: str) -> str:
    return next((code for code, pattern in _CODES if pattern.fullmatch(complaint)), "")
