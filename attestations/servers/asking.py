"""Questions to a validating resolver, and what it answers: one outcome for each, counted by class of question."""

import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
from dns.rdatatype import SOA

from attestations.records import Count, JsonRecord, Name
from attestations.servers.refusal import laboratory_error

Kind = Literal["apex-soa", "dnskey", "ds-signed", "ds-unsigned", "a-below-unsigned", "nxdomain"]
Outcome = Literal["secure", "insecure", "servfail", "other"]

ANSWER_SECONDS = 10.0
"""how long an answer is waited for"""
ATTEMPTS = 3
"""how often a question is sent that nothing answers"""

_PAYLOAD = 4096


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question, and the class that it is counted in."""

    kind: Kind
    name: str
    rtype: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back for one question."""

    question: Question
    rcode: str
    """as NOERROR, SERVFAIL"""
    is_authentic: bool
    """the AD bit: the resolver validated it"""
    error_code: int | None
    """the first extended DNS error (RFC 8914); None: none was given"""

    @property
    def outcome(self) -> Outcome:
        """What that is for a user of the resolver."""
        if self.rcode == "SERVFAIL":
            return "servfail"
        if self.rcode not in ("NOERROR", "NXDOMAIN"):
            return "other"
        return "secure" if self.is_authentic else "insecure"


class Tally(JsonRecord, frozen=True, kw_only=True):
    """The answers to one class of questions."""

    kind: Name
    asked: Count
    secure: Count
    """validated"""
    insecure: Count
    """answered without validation, as below an unsigned delegation or where the zone opts out"""
    servfail: Count
    other: Count
    """another response code"""
    error_codes: dict[str, Count]
    """extended DNS error (RFC 8914) -> answers"""


def questions_about(
    zone: str, *, signed: Iterable[str], unsigned: Iterable[str], absent: Iterable[str], below: Iterable[str] = ()
) -> tuple[Question, ...]:
    """Return the questions about an apex, about its signed, unsigned and absent children, and of hosts `below`.

    All are absolute names; `below` are hosts of children without DS.
    """
    return (
        Question(kind="dnskey", name=zone, rtype="DNSKEY"),
        Question(kind="apex-soa", name=zone, rtype="SOA"),
        *(Question(kind="ds-signed", name=name, rtype="DS") for name in signed),
        *(Question(kind="ds-unsigned", name=name, rtype="DS") for name in unsigned),
        *(Question(kind="a-below-unsigned", name=name, rtype="A") for name in below),
        *(Question(kind="nxdomain", name=name, rtype="A") for name in absent),
    )


def ask_all(address: str, port: int, questions: Iterable[Question]) -> Iterator[Answer]:
    """Yield the answer to each question in turn, over one UDP socket; a question without answer is asked again.

    Raises InputError (LABORATORY) where nothing answers: silence of our own resolver says nothing about a zone.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)  # noqa: FBT003  # the library waits by itself
        for question in questions:
            yield _ask(channel, address, port, question)


def serial_at(address: str, port: int, zone: str) -> int | None:
    """Return the serial number that a server serves now; None where it serves none, or does not answer.

    Asked over TCP, where a server that is not there yet refuses at once.
    """
    message = dns.message.make_query(zone, "SOA")
    with suppress(dns.exception.DNSException, OSError):
        response = dns.query.tcp(message, address, ANSWER_SECONDS, port)
        return next((int(rdata.serial) for rrset in response.answer for rdata in rrset if rdata.rdtype == SOA), None)
    return None


def tallies(answers: Iterable[Answer]) -> tuple[Tally, ...]:
    """Return the outcomes counted by class of question, in the order in which the classes were asked."""
    by_kind: dict[Kind, list[Answer]] = {}
    for answer in answers:
        by_kind.setdefault(answer.question.kind, []).append(answer)
    return tuple(_tally(kind, answered) for kind, answered in by_kind.items())


def _ask(channel: socket.socket, address: str, port: int, question: Question) -> Answer:
    """Ask with DO set: then the AD bit of the answer says whether all of it was validated (RFC 4035, 3.2.3)."""
    message = dns.message.make_query(question.name, question.rtype, want_dnssec=True, payload=_PAYLOAD)
    for _ in range(ATTEMPTS):
        with suppress(dns.exception.DNSException, OSError):
            response = dns.query.udp(
                message, address, ANSWER_SECONDS, port, sock=channel, ignore_unexpected=True, ignore_errors=True
            )
            return _answer(question, response)
    found = f"no answer to {question.name} {question.rtype} after {ATTEMPTS} times {ANSWER_SECONDS:g} seconds"
    raise laboratory_error(found, "a resolver that answers")


def _answer(question: Question, response: dns.message.Message) -> Answer:
    errors = response.extended_errors()
    return Answer(
        question=question,
        rcode=dns.rcode.to_text(response.rcode()),
        is_authentic=bool(response.flags & dns.flags.AD),
        error_code=int(errors[0].code) if errors else None,
    )


def _tally(kind: Kind, answers: list[Answer]) -> Tally:
    outcomes = Counter(answer.outcome for answer in answers)
    codes = Counter(str(answer.error_code) for answer in answers if answer.error_code is not None)
    return Tally(
        kind=kind,
        asked=len(answers),
        secure=outcomes["secure"],
        insecure=outcomes["insecure"],
        servfail=outcomes["servfail"],
        other=outcomes["other"],
        error_codes=dict(sorted(codes.items())),
    )
