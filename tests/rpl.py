"""Reads the test files of unbound: blocks of records in master file form between key words."""

import re
from collections import defaultdict
from collections.abc import Iterator

import dns.name
import dns.rdata

from attestations.zone.reading.flat import Line, line_of
from attestations.zone.validation.groups import RRset, rrsets_of

_WORDS = ("ENTRY_", "SECTION", "MATCH", "ADJUST", "REPLY", "RANGE_", "ADDRESS", "STEP", "QUERY", "CHECK_", "SCENARIO_")
_FOLDED = re.compile(r"\(([^()]*)\)", re.DOTALL)


def entries(text: str) -> Iterator[list[RRset]]:
    """Yield the RRsets of each entry, the question left out."""
    bare = _FOLDED.sub(lambda folded: " ".join(folded[1].split()), re.sub(r";.*", "", text))
    for block in bare.split("ENTRY_BEGIN")[1:]:
        by_owner: defaultdict[bytes, list[Line]] = defaultdict(list)
        for line in _records(block.partition("ENTRY_END")[0]):
            by_owner[line.owner.lower()].append(line)
        yield [rrset for lines in by_owner.values() for rrset in rrsets_of(lines)[1].values()]


def _records(block: str) -> Iterator[Line]:
    in_question = False
    for line in block.splitlines():
        fields = line.split()
        if fields and fields[0] == "SECTION":
            in_question = fields[1] == "QUESTION"
        elif fields and not in_question and not fields[0].startswith(_WORDS):
            yield _flat(fields)


def _flat(fields: list[str]) -> Line:
    """TTL and class may be missing or in any order; the library reads the RDATA first, so that both understand it."""
    owner, *rest = fields
    ttl = "3600"
    while rest[0].isdigit() or rest[0] == "IN":
        ttl = rest[0] if rest[0].isdigit() else ttl
        rest = rest[1:]
    rdata = dns.rdata.from_text("IN", rest[0], " ".join(rest[1:]), origin=dns.name.root, relativize=False)
    absolute = owner if owner.endswith(".") else f"{owner}."
    text = rdata.to_text().replace("NXNAME", "TYPE128")  # answers have it (RFC 9824), zones never
    return line_of(f"{absolute} {ttl} IN {rest[0].upper()} {text}".encode("ascii"), 0)
