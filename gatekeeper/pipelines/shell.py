"""Shell text of a step: where it calls the gate, and whether that call's exit code is the step's.

A call counts only if it stands alone on its line. Whatever else a shell could do with an exit code is not argued with.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper.pipelines.model import MODES, Mode

_CALL = re.compile(r"""(?:gate\.sh["']?|(?<![\w./-])gatekeeper)\s+(evaluate|issue|verify)\b""")
_ALONE = re.compile(
    r"""(?:exec\s+)?                        # replaces the shell: the same exit code
    (?:(?:sh|bash|dash)\s+)?                # the script's own shell
    (?:"[^"`]*"|'[^']*'|[\w./$@{}:+-]+)     # the program
    \s+(?:evaluate|issue|verify)
    (?:\s+(?:"[^"`]*"|'[^']*'|[^\s|&;<>()`"'#]+))*""",
    re.VERBOSE,
)
_FETCHES = re.compile(r"(?:set -|cd |buildkite-agent artifact download )")
_ARMED = re.compile(r"set\s+\+e|set\s+\+o\s+errexit|\btrap\b|(?:^|;|&&|\|\|)\s*(?:exit\s+0|true|:)\s*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of the gate."""

    mode: Mode
    fault: str
    """why its exit code may not be the step's; empty where it is"""


def calls(script: str) -> Iterator[Call]:
    """Yield the calls of the gate in a shell script."""
    for line in _lines(script):
        for found in _CALL.finditer(line):
            yield Call(mode=MODES[found[1]], fault=_fault(line, script))


def calls_first(script: str) -> bool:
    """Return whether the script calls the gate before it does anything but fetch what was made before."""
    first = next((line for line in _lines(script) if not _FETCHES.match(line)), "")
    return _CALL.search(first) is not None


def _fault(line: str, script: str) -> str:
    if not _ALONE.fullmatch(line):
        return f"the call shares its line with more: {line!a:.120}"
    if armed := _ARMED.search(script):
        return f"its script also says {armed[0].strip()!a}"
    return ""


def _lines(script: str) -> Iterator[str]:
    """Yield the logical lines: continued ones joined, comments and empty ones left out."""
    for line in script.replace("\\\n", " ").splitlines():
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield stripped
