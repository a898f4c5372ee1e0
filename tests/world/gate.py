"""A gate in a folder: its keys, its ledger and its own configuration, ready to issue."""

from dataclasses import dataclass
from pathlib import Path

from attestations.document_envelope import PAYLOAD_TYPE
from attestations.envelope import seal
from attestations.times import Instant
from gatekeeper.anchors import Anchors, GateSpec
from gatekeeper.documents import parse_source
from gatekeeper.gate import Inputs, Issued, Keys, issue
from gatekeeper.ledger.store import Ledger, create, open_ledger
from world.documents import NOW, dump
from world.host import ORIGIN
from world.keys import signer
from world.registry import World

KINDS = ("policy", "environment", "trust")


def signed(raw: bytes, *owners: str) -> bytes:
    """Return a document as its owners sign it."""
    return seal(raw, PAYLOAD_TYPE, tuple(signer(owner) for owner in owners))


def pinning(files: dict[str, bytes], *kinds: str) -> GateSpec:
    """Return the gate's configuration that pins these kinds of document as they are in `files`."""
    digests = {kind: (parse_source(files[f"{kind}.yaml"], kind).digest,) for kind in kinds}
    return GateSpec(
        policies=digests.get("policy", ()),
        environments=digests.get("environment", ()),
        trust_roots=digests.get("trust", ()),
    )


@dataclass(frozen=True)
class Gate:
    """A gate whose ledger and keys lie in a folder."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "Gate":
        """Return a gate with new files in `folder`."""
        for name in ("gate", "ledger"):
            (folder / f"{name}.pem").write_bytes(signer(name).private_pem)
        (folder / "ledger.pub").write_text(signer("ledger").public.pem)
        gate = cls(folder)
        create(gate.ledger_url, ORIGIN, signer("ledger"))
        return gate

    @property
    def ledger_url(self) -> str:
        """The ledger as options name it."""
        return f"sqlite:{self.folder / 'ledger.db'}"

    def ledger(self) -> Ledger:
        """Return the ledger, opened."""
        return open_ledger(self.ledger_url, signer("ledger").public)

    def recorded(self) -> list[str]:
        """Return the kind of each entry of the ledger."""
        with self.ledger() as ledger:
            return [entry.kind for entry in ledger.entries()]

    def issue(self, files: dict[str, bytes], anchors: GateSpec | None = None, at: str = NOW) -> Issued:
        """Issue on a world's files, at a time that no command line could say; all is pinned unless told otherwise."""
        inputs: Inputs = World().inputs(files)
        keys = Keys(gate=signer("gate"), ledger=signer("ledger"))
        with self.ledger() as ledger:
            return issue(inputs, Anchors(spec=anchors or pinning(files, *KINDS)), ledger, keys, Instant.parse(at))

    def write(self, files: dict[str, bytes]) -> None:
        """Write a world's files and a configuration that pins its documents."""
        spec = pinning(files, *KINDS)
        configuration = {
            "apiVersion": "gatekeeper/v1",
            "kind": "GateConfiguration",
            "metadata": {"name": "gate"},
            "spec": {
                "policies": list(spec.policies),
                "environments": list(spec.environments),
                "trust_roots": list(spec.trust_roots),
            },
        }
        for name, raw in (files | {"gate.yaml": dump(configuration)}).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)

    def command(self) -> list[str]:
        """Return the arguments of `gatekeeper` with which a pipeline asks for an approval."""
        documents = ("request", "environment", "policy", "trust")
        files = [f"--{name}={self.folder / name}.yaml" for name in documents]
        keys = [f"--sign-with=file:{self.folder / 'gate.pem'}", f"--ledger-key=file:{self.folder / 'ledger.pem'}"]
        places = [f"--gate={self.folder / 'gate.yaml'}", f"--ledger={self.ledger_url}"]
        return ["issue", *files, *keys, *places, f"--approval={self.folder / 'approval.json'}"]
