"""Writes the matrix of docs/zone-engines.md: python -m fault_zones.write, in tests/."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

from fault_zones.case import Case
from fault_zones.cases import OTHERS
from fault_zones.differences import DIFFERENCES
from fault_zones.legal import LEGAL
from fault_zones.policy import POLICY
from fault_zones.protocol import PROTOCOL

PAGE = Path(__file__).parents[2] / "docs" / "zone-engines.md"
BEGIN, END = "<!-- begin: made by python -m fault_zones.write -->", "<!-- end -->"
_SIGNS = {"invalid": "R", "valid": "·", "inconclusive": "-"}


def matrix() -> str:
    """Return the tables, and why engines differ."""
    return "\n".join(_lines()) + "\n"


def main() -> None:
    """Put the matrix in its place on the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{matrix()}{END}{after}", encoding="utf-8")


def _lines() -> Iterator[str]:
    yield from _table("Against the protocol", PROTOCOL)
    yield from _table("Against good policy", POLICY)
    yield from ("", "Class p, a serial that is not higher than the published one, takes two versions of a zone to see:")
    yield "`--previous` names it `SERIAL_NOT_HIGHER` (RFC 1982); none of the others compares versions."
    yield from _table("In order", LEGAL)
    yield from ("", "### Two together", "", "| engines | protocol faults that neither refuses |", "|---|---|")
    for pair in combinations(OTHERS, 2):
        missed = [name for name, case in PROTOCOL.items() if not any(_refuses(engine, case) for engine in pair)]
        yield f"| `{pair[0]}`, `{pair[1]}` | {', '.join(missed)} |"
    yield from ("", "### Why they differ", "", "| engine | classes | why |", "|---|---|---|")
    for one in sorted(DIFFERENCES, key=lambda one: OTHERS.index(one.engine)):
        yield f"| `{one.engine}` | {', '.join(one.classes)} | {one.why} |"


def _table(title: str, cases: Mapping[str, Case]) -> Iterator[str]:
    yield from ("", f"### {title}", "", f"| class | what | decided by | native | {' | '.join(OTHERS)} |")
    yield f"|---|---|---|---|{'---|' * len(OTHERS)}"
    for name, case in cases.items():
        codes = ", ".join(f"`{code}` ({severity})" for code, severity in case.codes.items())
        signs = " | ".join(_SIGNS[case.differ.get(engine, case.verdict)] for engine in OTHERS)
        yield f"| {name} | {case.what} | {case.rfc} | {_SIGNS[case.verdict]} {codes} | {signs} |"
    sums = (sum(_refuses(engine, case) for case in cases.values()) for engine in ("native", *OTHERS))
    yield f"| | refused, of {len(cases)} | | {' | '.join(map(str, sums))} |"


def _refuses(engine: str, case: Case) -> bool:
    return case.differ.get(engine, case.verdict) == "invalid"


if __name__ == "__main__":
    main()
