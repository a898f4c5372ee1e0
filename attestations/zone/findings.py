"""Zone findings: how one is made, and how a flood of them is kept bounded without losing count."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from attestations.predicates.zone_validation import Severity, Verdict, ZoneFinding
from attestations.zone.codes import CODES
from attestations.zone.reading.rdata import Rrsig

_KEPT = 200
_KEPT_OF_ONE_CODE = 50


def finding(
    code: str, severity: Severity, owner: str, rtype: str | None, message: str, about: Rrsig | None = None
) -> ZoneFinding:
    """Return a finding of a code in CODES, `about` a signature or not; what comes from outside is escaped and cut.

    `owner` is in presentation form, `rtype` a mnemonic.
    """
    if code not in CODES:
        raise LookupError(f"{code} is not in attestations.zone.codes")
    return ZoneFinding(
        code=code,
        severity=severity,
        owner=owner[:256],
        rtype=rtype or "-",
        message=message.encode("ascii", "backslashreplace").decode("ascii")[:1024],
        key_tag=about.key_tag if about else None,
        algorithm=about.algorithm if about else None,
    )


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The findings of one run: the first of each code, and how many there were in all."""

    kept: tuple[ZoneFinding, ...]
    totals: Mapping[tuple[str, Severity], int]
    """complete, also for findings that were not kept"""

    @property
    def omitted(self) -> int:
        """How many findings were not kept."""
        return sum(self.totals.values()) - len(self.kept)

    @property
    def verdict(self) -> Verdict:
        """The verdict that follows from all findings."""
        codes = {code for code, _ in self.totals}
        if any(CODES[code].no_vote for code in codes):
            return "inconclusive"
        if any(severity == "error" for _, severity in self.totals):
            return "invalid"
        return "inconclusive" if any(CODES[code].open for code in codes) else "valid"

    def plus(self, *further: ZoneFinding) -> "Findings":
        """Return these findings and `further` ones, which come first and are always kept."""
        totals = Counter(self.totals)
        totals.update((one.code, one.severity) for one in further)
        return Findings(kept=(*further, *self.kept), totals=totals)


def collect(findings: Iterable[ZoneFinding]) -> Findings:
    """Return all findings, errors first, with at most 200 kept and at most 50 of one code."""
    totals: Counter[tuple[str, Severity]] = Counter()
    kept: list[ZoneFinding] = []
    for one in findings:
        totals[one.code, one.severity] += 1
        if totals[one.code, one.severity] <= _KEPT_OF_ONE_CODE:
            kept.append(one)
    kept.sort(key=lambda one: one.severity)  # error, note, warning; stable within each
    return Findings(kept=tuple(kept[:_KEPT]), totals=totals)


def merge(parts: Iterable[Findings]) -> Findings:
    """Return the findings of several parts, in their order, as if they had been collected together."""
    totals: Counter[tuple[str, Severity]] = Counter()
    kept: list[ZoneFinding] = []
    for part in parts:
        totals.update(part.totals)
        kept += part.kept
    bounded = collect(kept)
    return Findings(kept=bounded.kept, totals=totals)
