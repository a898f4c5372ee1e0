"""A signer's host: its trust root, the installed components, an approval with its proof, and the command it runs."""

from dataclasses import dataclass, field
from typing import Any

from attestations.envelope import PAYLOAD_TYPE, seal
from attestations.predicates import commissioning_approval
from attestations.statement import Subject, write_statement
from gatekeeper.ledger import note, proof
from gatekeeper.ledger.entry import leaf_data
from gatekeeper.ledger.note import Checkpoint
from gatekeeper.ledger.tree import MerkleTree, leaf_hash
from gatekeeper.record import APPROVAL
from world.documents import COMPONENTS, NOW, dump
from world.keys import digest, signer
from world.registry import World

FOR_EVER = "9998-12-31T00:00:00Z"
ORIGIN = "registry.example/gatekeeper"


def lasting(world: World | None = None) -> World:
    """Return the world with a trust root that does not expire: a host reads the real clock."""
    return (world or World()).with_document("trust", lambda trust: trust["metadata"].update(expires=FOR_EVER))


def approve(by: str = "gate", **members: Any) -> bytes:
    """Return a commissioning approval of the base world's release, signed by `by`, with other members where told so.

    Written by hand, so that it stays the same bytes when the gate words a finding anew.
    """
    subjects = [Subject(name=name, digest={"sha256": digest(name)}) for name in COMPONENTS]
    predicate = {
        "requestId": "r-2026-0042",
        "requestDigest": digest("request"),
        "environment": {"name": "example-production", "digest": digest("environment")},
        "stage": "canary",
        "change": "signer-release",
        "release": "signer",
        "version": "3.0.1",
        "policy": {"name": "tld-signer-release", "version": 1, "digest": digest("policy")},
        "trust": {"name": "registry", "version": 12, "digest": digest("trust")},
        "requirements": [{"id": "way-back", "outcome": "met", "evidence": [digest("rollback")]}],
        "waivers": [],
        "evidence": [digest("rollback")],
        "caseDigest": digest("case"),
        "decisionDigest": digest("decision"),
        "issuedOn": NOW,
        "notAfter": FOR_EVER,
        "development": False,
        **members,
    }
    return seal(write_statement(subjects, commissioning_approval.TYPE, predicate), PAYLOAD_TYPE, (signer(by),))


def prove(approval: bytes) -> str:
    """Return the proof of the approval as the only entry of a ledger."""
    leaf = leaf_hash(leaf_data(APPROVAL, approval))
    checkpoint = note.sign(Checkpoint(origin=ORIGIN, size=1, root=MerkleTree((leaf,)).root(1)), signer("ledger"))
    return proof.write(0, (), checkpoint)


@dataclass(frozen=True, kw_only=True)
class Host:
    """What lies on a host, and where it stands. `Host()` may start what it has installed."""

    approval: bytes = field(default_factory=approve, repr=False)
    proof: str | None = None
    """None: the right one for the approval"""
    trust: dict[str, Any] = field(default_factory=lambda: lasting().trust)
    environment: str = "example-production"
    stage: str = "canary"
    installed: dict[str, bytes] = field(default_factory=lambda: {name: f"file {name}".encode() for name in COMPONENTS})

    def files(self) -> dict[str, bytes]:
        """Return every file of the host by its path."""
        return {
            "approval.json": self.approval,
            "approval.json.tlog-proof": (prove(self.approval) if self.proof is None else self.proof).encode(),
            "trust.yaml": dump(self.trust),
            **{f"components/{name}": raw for name, raw in self.installed.items()},
        }

    def command(self) -> tuple[str, ...]:
        """Return the arguments of `gatekeeper` with which it asks whether it may start."""
        components = [f"--component={name}=components/{name}" for name in self.installed]
        place = ("--environment", self.environment, "--stage", self.stage)
        return ("verify", "--approval", "approval.json", "--trust", "trust.yaml", *place, *components)
