"""What a runbook is made of. It is data: printed as text, as a page, as JSON, and run step by step in tests."""

from typing import Literal

from attestations.operations import Command
from attestations.printed import schema_uri
from attestations.records import JsonRecord, Name, Text, ZoneName

Server = Literal["knot", "nsd", "bind", "unbound"]
SERVERS: tuple[Server, ...] = ("knot", "nsd", "bind", "unbound")


class Paste(JsonRecord, frozen=True, kw_only=True):
    """Text to put somewhere, or to take out of there."""

    where: Text
    text: Text


class Action(JsonRecord, frozen=True, kw_only=True):
    """What is done at one server, or anywhere."""

    server: Server | None = None
    """null: it is the same whatever the server is"""
    paste: Paste | None = None
    """comes before the commands"""
    commands: tuple[Command, ...] = ()
    """the words of each command; capitals stand for what only the reader knows"""
    see: Text
    """what must be seen then"""
    otherwise: Text
    """what to do where it is not seen"""


class Step(JsonRecord, frozen=True, kw_only=True):
    """One numbered step."""

    do: Text
    choices: tuple[Text, ...] = ()
    """of which one is taken"""
    actions: tuple[Action, ...] = ()
    beware: tuple[Text, ...] = ()
    """what somebody who is tired might do wrong here"""


class WrongSetting(JsonRecord, frozen=True, kw_only=True):
    """A setting that is recommended in public and does not do what is hoped for."""

    server: Server
    setting: Text
    accepted: bool
    """whether the server's own checker of configurations lets it pass"""
    effect: Text
    """what it really does"""
    instead: Text


class Runbook(JsonRecord, frozen=True, kw_only=True, tag_field="schema", tag=schema_uri("runbook")):
    """What `attest runbook --output json` prints."""

    name: Name
    title: Text
    use_when: Text
    first: Text
    """the first thing to do, in one sentence"""
    zone: ZoneName
    needs: tuple[Text, ...]
    """what to have at hand"""
    steps: tuple[Step, ...]
    wrong: tuple[WrongSetting, ...] = ()
    rests_on: tuple[Text, ...]
    """versions with which the commands were run; what was only read, and what nobody has run"""
    sources: tuple[Text, ...]
