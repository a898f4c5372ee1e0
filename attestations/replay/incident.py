"""The incident as it goes: sign with one HSM, publish; sign with all HSMs in turn, publish; see what the world gets."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from attestations.drills.probing import now
from attestations.predicates.halt_drill import Probe
from attestations.replay.counting import count_good
from attestations.replay.publication import Parts, Publication, running
from attestations.replay.registry import Registry
from attestations.replay.signing import SignedZone, SigningPlan, TurnSigner
from attestations.servers.asking import Question, Tally, questions_about, tallies
from attestations.servers.files import insist_on_empty, insist_on_usable, write_file
from attestations.servers.refusal import laboratory_error

ASKED = 100
"""questions of one class, at most"""

LAST_GOOD_FILE, OFFERED_FILE, DS_FILE, DNSKEY_FILE = "last-good.zone", "offered.zone", "ds.zone", "dnskey.zone"

_ABSENT = tuple(f"nobody{number}" for number in range(ASKED // 2))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is replayed."""

    folder: Path
    """absolute; new or empty"""
    signing: SigningPlan
    registry: Registry
    ds: bytes = field(repr=False)
    """the parent's DS records for the zone, as a file"""


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What was seen."""

    last_good_serial: int
    serial: int
    """of the version that all HSMs signed"""
    made: Counter[int]
    """signatures of that version by HSM, counted from 0"""
    good: Counter[int]
    """of these, those that a published key verifies"""
    refused_by_guard: bool
    probes: tuple[Probe | None, ...]
    """what each name server serves in the end"""
    before: dict[str, tuple[Tally, ...]]
    """by resolver, while the last good version was served"""
    after: dict[str, tuple[Tally, ...]]


def replay(plan: Plan) -> Replayed:
    """Return what became of the version that all HSMs signed in turn; its files stay in the folder.

    Raises InputError (LABORATORY) where the laboratory cannot be set up or breaks.
    """
    insist_on_usable(plan.folder)
    insist_on_empty(plan.folder)
    serial = int(now().strftime("%Y%m%d")) * 100 + 1
    signer = TurnSigner(plan.signing)
    last_good = signer.sign(plan.registry.text(serial), hsms=(0,))
    offered = signer.sign(plan.registry.text(serial + 1), hsms=range(len(plan.signing.keystores)))
    parts = _write(plan, last_good, offered)
    with running(parts, serial) as publication:
        return _publish(publication, plan.registry, serial, offered)


def _write(plan: Plan, last_good: SignedZone, offered: SignedZone) -> Parts:
    files = {name: plan.folder / name for name in (LAST_GOOD_FILE, OFFERED_FILE, DS_FILE, DNSKEY_FILE)}
    write_file(files[OFFERED_FILE], offered.text)
    write_file(files[LAST_GOOD_FILE], last_good.text)
    write_file(files[DNSKEY_FILE], offered.dnskeys)
    write_file(files[DS_FILE], plan.ds)
    return Parts(
        folder=plan.folder,
        zone=plan.registry.zone,
        text=last_good.text,
        ds=files[DS_FILE],
        children=plan.registry.unsigned[:ASKED],
    )


def _publish(publication: Publication, registry: Registry, serial: int, offered: SignedZone) -> Replayed:
    questions = _questions(registry)
    before = {name: tallies(answers) for name, answers in publication.ask(questions).items()}
    if any(tally.servfail or tally.other for seen in before.values() for tally in seen):
        raise laboratory_error("resolvers that refuse the version of one HSM", "a laboratory in order")
    publication.publish(offered.text)
    publication.settle(serial + 1)
    made, good = count_good(offered)
    return Replayed(
        last_good_serial=serial,
        serial=serial + 1,
        made=made,
        good=good,
        refused_by_guard=publication.has_refused(),
        probes=publication.probes(),
        before=before,
        after={name: tallies(answers) for name, answers in publication.ask(questions).items()},
    )


def _questions(registry: Registry) -> tuple[Question, ...]:
    unsigned = registry.unsigned[:ASKED]
    return questions_about(
        registry.zone,
        signed=registry.signed[:ASKED],
        unsigned=unsigned,
        below=[f"www.{name}" for name in unsigned],
        absent=[f"{name}.{registry.zone}" for name in _ABSENT],
    )
