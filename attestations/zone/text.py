"""The text form of a result, for a tired operator: the verdict, what is wrong, what to do."""

from collections.abc import Iterator, Sequence

from attestations.errors import InputError
from attestations.predicates.zone_validation import Verdict
from attestations.zone.codes import CODES
from attestations.zone.engines import Result
from attestations.zone.forensics.signing_keys import Forensics
from attestations.zone.forensics.wording import sentences
from attestations.zone.validation.report import ZoneReport

_OWNERS_SHOWN = 4
_WORDS: dict[Verdict, str] = {
    "valid": "VALID",
    "invalid": "INVALID - do not publish",
    "inconclusive": "INCONCLUSIVE - not validated",
}


def text_of(results: Sequence[Result], verdict: Verdict, forensics: Forensics | None = None) -> Iterator[str]:
    """Yield the lines for all engines: one verdict first, then each engine's own."""
    zone = results[0].report.zone
    yield f"{_WORDS[verdict]}   {zone.name} serial {zone.serial}, sha256 {zone.sha256[:16]}..., from {zone.source.kind}"
    for result in results:
        yield ""
        yield from _engine_lines(result)
    if forensics is not None:
        yield ""
        yield from (f"keys: {sentence}" for sentence in sentences(forensics))
    if {"valid", "invalid"} <= {result.report.verdict for result in results}:
        yield ""
        yield "the engines disagree: believe none of them until you know why (docs/zone-engines.md)"


def error_text(zone: str, error: InputError) -> Iterator[str]:
    """Yield the lines for a zone that could not be read."""
    yield f"{_WORDS['inconclusive']}   {zone}"
    yield f"  wrong   {error}"
    yield f"  next    {error.fix}"


def _engine_lines(result: Result) -> Iterator[str]:
    report, counts = result.report, result.report.counts
    yield f"{result.engine.name} {result.version}: {report.verdict}"
    yield (
        f"  checked {report.coverage.checked} of {report.coverage.population} RRsets that must be signed; "
        f"{counts.rrsigs} signatures: {counts.ok} good, {counts.bogus} bogus, {counts.no_key} by unpublished keys, "
        f"{counts.expired} expired, {counts.not_yet} not yet valid; {counts.missing} missing"
    )
    for severity, word in (("error", "wrong"), ("warning", "warned"), ("note", "note")):
        yield from (f"  {word if first else '':7} {line}" for first, line in _told(report, severity))
    codes = dict.fromkeys(code for code, _ in report.findings.totals)
    yield from (f"  next    {code}: {CODES[code].todo}" for code in codes)


def _told(report: ZoneReport, severity: str) -> Iterator[tuple[bool, str]]:
    """Yield the lines for each code of one severity; the first of each carries the sentence."""
    for (code, found), total in report.findings.totals.items():
        if found == severity:
            yield True, _sentence(report, code)
            shown = [one for one in report.findings.kept if (one.code, one.severity) == (code, found)]
            names = ", ".join(f"{one.owner} {one.rtype}" for one in shown[:_OWNERS_SHOWN])
            more = f" and {total - _OWNERS_SHOWN} more" if total > _OWNERS_SHOWN else ""
            yield False, f"{code} at {names}{more}"
            yield from ((False, f"{one.owner} {one.rtype}: {one.message}") for one in shown[:1])


def _sentence(report: ZoneReport, code: str) -> str:
    """Return what the code means here; for wrong keys the sentence of 5 May 2026."""
    blamed = {(one.key_tag, one.algorithm) for one in report.findings.kept if one.code == code}
    uses = [use for use in report.by_tag if use.not_verified and use.published and (use.tag, use.algorithm) in blamed]
    if code != "SIG_WRONG_KEY" or not uses:
        return CODES[code].meaning
    return "; ".join(
        f"{use.not_verified} signatures carry key tag {use.tag} but no published key verifies them: they were made "
        f"with other private keys, or damaged ({use.verified} under that tag verify)"
        for use in uses
    )
