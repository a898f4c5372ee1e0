"""What may be asked of a verification summary (slsa.dev/spec/v1.1/verification_summary), and the answers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from attestations.predicates.verification_summary import VerificationSummary
from attestations.provenance.question import Mismatch, mismatch
from attestations.statement import Subject

_LEVEL = re.compile(r"(SLSA_[A-Z]+)_LEVEL_(0|[1-9][0-9]*)", re.ASCII)
_LONGEST_LEVEL = 3
"""digits; tracks have levels up to 4"""


@dataclass(frozen=True, kw_only=True)
class SummaryQuestion:
    """What the summary must say."""

    digests: tuple[tuple[str, str], ...]
    """algorithm and value; each must be that of a subject, and asking for none is no question"""
    verifier_id: str
    resource_uri: str
    levels: tuple[str, ...] = ()
    """a higher level of a SLSA track takes the place of a lower one"""


def answer_summary(
    question: SummaryQuestion, subjects: Sequence[Subject], summary: VerificationSummary
) -> Iterator[Mismatch]:
    """Yield everything in which the summary is not as asked; nothing where it is."""
    if not question.digests:
        yield mismatch("digest", None, "the digest of what was verified")
    for algorithm, value in question.digests:
        if all(subject.digest.get(algorithm) != value for subject in subjects):
            yield mismatch("digest", f"subjects of other digests than {algorithm}:{value}", "one of them with it")
    if summary.verifier.id != question.verifier_id:
        yield mismatch("verifier", summary.verifier.id, question.verifier_id)
    if summary.resource_uri != question.resource_uri:
        yield mismatch("resource", summary.resource_uri, question.resource_uri)
    if summary.verification_result != "PASSED":
        yield mismatch("result", summary.verification_result, "PASSED")
    for level in question.levels:
        if not any(reaches(verified, level) for verified in summary.verified_levels):
            yield mismatch("level", ", ".join(summary.verified_levels) or None, level)


def reaches(verified: str, wanted: str) -> bool:
    """Return whether `verified` is the level `wanted`, or a higher one of the same SLSA track."""
    have, want = _LEVEL.fullmatch(verified), _LEVEL.fullmatch(wanted)
    if have is None or want is None or max(len(have[2]), len(want[2])) > _LONGEST_LEVEL:
        return verified == wanted
    return have[1] == want[1] and int(have[2]) >= int(want[2])
