"""Commands that several runbooks share, beside those of the servers."""

from attestations.operations import Command, knot
from attestations.records import ZoneName

NOTHING_IS_OUT = "nothing was published: go on with the next way"

_STAND_IN = "00"
"""an id that keymgr's words are made with where the reader has to put in the real one"""


def validate_server(zone: ZoneName, server: str = "SERVER") -> Command:
    """Return the command that judges from outside what a server gives."""
    return ("attest", "zone", "--zone", zone, "--axfr", server, "--ds", "DS-FILE")


def validate_file(zone: ZoneName, file: str) -> Command:
    """Return the command that judges a version in a file."""
    return ("attest", "zone", "--zone", zone, "--file", file, "--ds", "DS-FILE")


def life_of(zone: ZoneName, file: str) -> Command:
    """Return the command that judges a version in a file, and tells when its first signature ends."""
    return (*validate_file(zone, file), "--output", "json")


def axfr(zone: ZoneName, server: str) -> Command:
    """Return the command that asks for a transfer."""
    return ("dig", f"@{server}", zone, "AXFR")


def serial_of(zone: ZoneName) -> Command:
    """Return the command that shows which version a server gives."""
    return ("dig", "+short", "@SERVER", zone, "SOA")


def recorded(order: str, *people: str) -> tuple[Command, ...]:
    """Return the commands that sign an order, `halt` or `freeze`, from ORDER.json and record it in the ledger."""
    signed = f"{order}.dsse.json"
    kind, subject = ("--type", order, "--predicate", f"{order}.json"), ("--subject", "environment.yaml")
    keys = tuple(word for person in people for word in ("--sign-with", f"file:{person}.key"))
    return (
        ("attest", "sign", *kind, *subject, *keys, "--out", signed),
        (
            *("gatekeeper", "log", "record", signed, "--ledger", "sqlite:LEDGER.db"),
            *("--sign-with", "file:LEDGER.key", "--trust", "trust.yaml"),
        ),
    )


def guard(verb: str, *words: str) -> Command:
    """Return a call of the guard, which halts a zone at its servers and holds that."""
    return ("gatekeeper", "guard", verb, *words, "--latch", "/LATCH", "--config", "GUARD.yaml")


def key_times(zone: ZoneName, name: str, times: dict[str, str], control: Command = ()) -> Command:
    """Return the command that sets times of a key whose id is the reader's to fill in as `name`."""
    command = knot.keymgr_set(zone, _STAND_IN, times, control)
    return tuple(word.replace(f"id={_STAND_IN}", f"id={name}") for word in command)
