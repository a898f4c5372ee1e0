"""What the gate writes into its ledger, and what it remembers from it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attestations.digest import canonical_json, sha256
from attestations.errors import InputError
from attestations.records import value_at
from attestations.signers import Signer
from attestations.strict import read_json
from attestations.times import Instant
from gatekeeper.decision import Decision, Input
from gatekeeper.evidence import Offered
from gatekeeper.verification import CLOCK_SKEW

if TYPE_CHECKING:
    from gatekeeper.ledger.store import Ledger, Receipt

DECISION, APPROVAL, ORDER = "decision", "approval", "order"


def record_decision(ledger: "Ledger", decision: Decision, signer: Signer, *, only_at: int) -> "Receipt":
    """Append the decision, whatever it is; return its place once it is durable."""
    return ledger.append(canonical_json(decision.to_json()), DECISION, signer, only_at=only_at)


def record_approval(ledger: "Ledger", approval: bytes, signer: Signer, *, only_at: int) -> "Receipt":
    """Append a signed approval; return its place once it is durable."""
    return ledger.append(approval, APPROVAL, signer, only_at=only_at)


def record_order(ledger: "Ledger", envelope: bytes, signer: Signer) -> "Receipt":
    """Append a signed freeze or halt, which from then on counts in every decision; the caller has verified it."""
    return ledger.append(envelope, ORDER, signer)


def standing_orders(ledger: "Ledger") -> tuple[Offered, ...]:
    """Return every freeze and halt in the ledger, to be verified like any other evidence."""
    return tuple(
        Offered(name=f"ledger/{entry.index}", raw=entry.content, sha256=sha256(entry.content))
        for entry in ledger.entries(ORDER)
    )


def check_clock(ledger: "Ledger", now: Instant) -> None:
    """Raise InputError (TIME-EFFECTIVE) where the clock is behind the newest decision: old evidence would be fresh."""
    recorded = (read_json(entry.content, f"ledger/{entry.index}") for entry in ledger.entries(DECISION))
    newest = max((Instant.parse(value_at(document, ("evaluatedOn",))) for document in recorded), default=now)
    if now + CLOCK_SKEW < newest:
        raise InputError(
            "TIME-EFFECTIVE",
            found=f"a clock that says {now}, and a decision of {newest} in the ledger",
            wanted="a clock that is not behind what it has recorded",
            fix="correct the clock of the gate's machine",
        )


def check_not_older(ledger: "Ledger", decision: Decision) -> None:
    """Raise InputError (POL-TRUST) where the ledger has seen a higher version of a document, or this one otherwise."""
    for member, document in (
        ("policy", decision.policy),
        ("environment", decision.environment),
        ("trust", decision.trust),
    ):
        seen = [(version, digest) for name, version, digest in _seen(ledger, member) if name == document.name]
        version = int(document.version)
        newest = max((earlier for earlier, _ in seen), default=version)
        if version < newest:
            raise _older(member, document, f"version {newest} or later, which this ledger has already seen")
        if any(earlier == version and digest != document.digest for earlier, digest in seen):
            raise _older(member, document, "the content that this ledger has already seen under this version")


def _older(member: str, document: Input, wanted: str) -> InputError:
    return InputError(
        "POL-TRUST",
        found=f"{member} {document.name} version {document.version} (sha256 {document.digest})",
        wanted=wanted,
        fix=f"use the current {member}; going back, or any other content, takes a new, higher version",
    )


def _seen(ledger: "Ledger", member: str) -> Iterator[tuple[str, int, str]]:
    for entry in ledger.entries(DECISION):
        document = value_at(read_json(entry.content, f"ledger/{entry.index}"), (member,))
        yield document["name"], int(document["version"]), document["digest"]
