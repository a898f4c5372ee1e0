"""Shell text of a step: where it calls the gate, and whether that call's exit code is the step's.

A call counts only if it stands alone on its line, among plain commands, in a shell that stops at the first failure or
ends with the call. Whatever else a shell could do with an exit code is not argued with.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper.pipelines.model import MODES, TRUST, Mode, Step, Variables

_CALL = re.compile(r"""(?:(?<![\w-])gate\.sh["']?|(?<![\w./-])gatekeeper)\s+(evaluate|issue|verify)\b""")
_ALONE = re.compile(
    r"""(?:exec\s+)?                        # replaces the shell: the same exit code
    (?:(?:sh|bash|dash)\s+)?                # the script's own shell
    (?:"[^"`]*"|'[^']*'|[\w./$@{}:+-]+)     # the program
    \s+(?:evaluate|issue|verify)\b(?!.*\s["']?--help\b)   # a question for help ends well
    (?:\s+(?:"[^"`]*"|'[^']*'|[^\s|&;<>()`"'#]+))*""",
    re.VERBOSE,
)
_PLAIN_ARGUMENTS = r"""(?:\s+(?:"[^"`]*"|'[^']*'|[^\s|&;<>()`"'#]+))*"""
_FETCHES = re.compile(
    rf"set -[eux]+(?:o pipefail)?|cd{_PLAIN_ARGUMENTS}|buildkite-agent artifact download{_PLAIN_ARGUMENTS}"
)
_STOPS = re.compile(r"set -[ux]*e[ux]*(?:o pipefail)?|set -o errexit")
_ARMED = re.compile(r"set\s+\+e|set\s+\+o\s+errexit|\btrap\b|(?:^|;|&&|\|\|)\s*(?:exit\s+0|true|:)\s*$", re.MULTILINE)
_GOES_ON = "the shell goes on when it fails, and what comes after it decides: put  set -e  first"
_BRANCHES = re.compile(
    r"""(?:^|[;&|(]\s*|\b(?:then|do|else)\s+)
    (?:if|then|elif|else|fi|for|while|until|do|done|case|esac|select|function|exit|exec|return|break|continue
    |eval|alias|hash|enable|source|shopt|set\s+-[a-z]*[nt]|set\s+-o\s+noexec|\.|!|[{}()])(?:\s|;|$)
    |<<|\(\s*\)|(?:&&|\|\|?|[({&])$""",
    re.VERBOSE,
)
_HIJACKS = re.compile(
    r"""\$\{?GITHUB_(?:PATH|ENV)\b|##vso\[task\.(?:prependpath|setvariable)|(?:^|[\s;"'])(?P<name>[A-Za-z_]\w*)="""
)
_TRUST_OPTION = re.compile(r"""\s["']?--tr[a-z]*(?:=|["']?\s+)["']?([^\s"']*)""")
_WRITTEN_BY_JOBS = r"proc|dev|tmp|var/tmp|workspace|woodpecker|builds|github|__w"
_HOST_PATH = re.compile(rf"/(?!(?:{_WRITTEN_BY_JOBS})(?:/|$))(?:(?!\.\.?(?:/|$))[\w.+@-]+(?:/(?=.)|$))+")
"""absolute, without variables, and in none of the folders where CI systems put what they check out"""
_HIJACKING = frozenset(
    {"PATH", "ENV", "SHELLOPTS", "BASHOPTS", "BASH_ENV", "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "PYTHONPATH"}
    | {"PYTHONHOME", "PYTHONUSERBASE", "BUILDKITE_SHELL", "BUILDKITE_COMMAND", "ACTIONS_ALLOW_UNSECURE_COMMANDS"}
)
"""variables that let another program run where the gate is called"""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of the gate."""

    mode: Mode
    fault: str
    """why its exit code may not be the step's; empty where it is"""


def calls(step: Step) -> Iterator[Call]:
    """Yield the calls of the gate in a step's script."""
    lines = tuple(_lines(step.script))
    found = [(index, call) for index, line in enumerate(lines) for call in _CALL.finditer(line)]
    if not found:
        return
    branching = next((index for index, line in enumerate(lines) if not _is_plain(line)), len(lines))
    stopping = next((index for index, line in enumerate(lines) if _STOPS.fullmatch(line)), len(lines))
    armed = _ARMED.search("\n".join(lines))
    for index, call in found:
        faults = (
            (step.foreign, f"not run by a shell that is known here: {step.foreign}"),
            (not _ALONE.fullmatch(lines[index]), f"the call shares its line with more: {lines[index]!a:.120}"),
            (armed, f"its script also says {armed and armed[0].strip()!a}"),
            (branching < index, f"what stands before it may leave it out: {lines[min(branching, index)]!a:.120}"),
            (not step.stops and index < min(stopping, len(lines) - 1), _GOES_ON),
        )
        yield Call(mode=MODES[call[1]], fault=next((told for is_so, told in faults if is_so), ""))


def calls_first(step: Step) -> bool:
    """Return whether the script calls the gate before it does anything but fetch what was made before."""
    first = next((line for line in _lines(step.script) if not _FETCHES.fullmatch(line)), "")
    return _CALL.search(first) is not None


def hijacking(variables: Variables) -> str:
    """Return the first of the variables that can put another program in the gate's place; empty where none does."""
    return next((name for name, _ in variables if _plain(name) in _HIJACKING), "")


def foreign_trust(variables: Variables, script: str) -> tuple[str, ...]:
    """Return the trust roots that are named there and that are not by their path the host's own."""
    named = (value for name, value in variables if _plain(name) == TRUST)
    given = (found[1] for line in _lines(script) if _CALL.search(line) for found in _TRUST_OPTION.finditer(line))
    return tuple(path for path in (*named, *given) if not _HOST_PATH.fullmatch(path))


def hijacks(script: str) -> str:
    """Return the words of a script that can put another program in the gate's place; empty where none do."""
    for line in _lines(script):
        for found in _HIJACKS.finditer(line):
            if not found["name"] or hijacking(((found["name"], ""),)):
                return found[0].strip()
    return ""


def _plain(name: str) -> str:
    """The name that the script sees: Jenkins adds to a variable by NAME+X, Azure writes NAME.X as NAME_X."""
    return name.upper().partition("+")[0].replace(".", "_")


def _is_plain(line: str) -> bool:
    """Commands only: no branch, loop, function, here-document, nor a quote or an operator that the next line ends."""
    try:
        shlex.split(line, comments=True)
    except ValueError:
        return False
    return _BRANCHES.search(line) is None


def _lines(script: str) -> Iterator[str]:
    """Yield the logical lines: continued ones joined, comments and empty ones left out."""
    for line in script.replace("\\\n", " ").splitlines():
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield stripped
