"""Reason codes and exit codes in words: what each means, why it matters, what to do next."""

from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from msgspec import Meta

from attestations.errors import InputError
from attestations.records import Name, Record, Text, decode
from attestations.strict import read_yaml

TABLE = "reasons.yaml"

ReasonCode = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$", max_length=64)]
ExitCodeNumber = Literal[0, 1, 2, 10, 11, 12, 13]


class ExitCode(Record, frozen=True, kw_only=True):
    """What a command's exit code says, and what the reader does next."""

    code: ExitCodeNumber
    title: Name
    next: Text


class Reason(Record, frozen=True, kw_only=True):
    """What a reason code says: why it matters and what to do."""

    title: Name
    exits: Annotated[tuple[Literal[1, 2, 10, 11, 12], ...], Meta(min_length=1)]
    """exit codes that it can lead to, the usual one first"""
    meaning: Text
    next: Text


class Table(Record, frozen=True, kw_only=True):
    """The file reasons.yaml."""

    exit_codes: tuple[ExitCode, ...]
    reasons: dict[ReasonCode, Reason]


@cache
def table() -> Table:
    """Return the table that is shipped with the package."""
    raw = files("gatekeeper").joinpath(TABLE).read_bytes()
    return decode(read_yaml(raw, TABLE), Table)


def reason_of(code: str) -> Reason:
    """Return what `code` means; raise InputError (USAGE), with the nearest codes, if there is none."""
    reasons = table().reasons
    if code in reasons:
        return reasons[code]
    near = get_close_matches(code.upper(), reasons, n=3, cutoff=0.5)
    if "_" in code:
        fix = "codes with an underscore are findings of `attest zone`: see docs/zone-findings.md"
    elif near:
        fix = f"gatekeeper explain {near[0]}"
    else:
        fix = "gatekeeper explain  lists all codes"
    raise InputError(
        "USAGE",
        found=f"the code {code!a:.80}",
        wanted=f"a reason code, such as {', '.join(near)}" if near else "a reason code",
        fix=fix,
    )
