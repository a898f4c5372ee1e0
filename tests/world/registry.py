"""The world itself: documents and evidence, changed one thing at a time, judged by the real gate."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from attestations.digest import sha256
from attestations.times import Instant
from gatekeeper.documents import parse_source
from gatekeeper.evidence import Offered
from gatekeeper.gate import Inputs, Judgement, decide
from world import documents
from world.documents import NOW, dump
from world.pieces import Bindings, Piece, base_pieces, sign_off

DEFAULT_SIGN_OFFS = ("alice", "bob")


@dataclass(frozen=True)
class World:
    """A request with everything around it. `World()` must be approved."""

    request: dict[str, Any] = field(default_factory=documents.request)
    environment: dict[str, Any] = field(default_factory=documents.environment)
    policy: dict[str, Any] = field(default_factory=documents.policy)
    trust: dict[str, Any] = field(default_factory=documents.trust)
    pieces: dict[str, Piece] = field(default_factory=base_pieces)
    signing_off: tuple[str, ...] = DEFAULT_SIGN_OFFS
    sign_off_changes: tuple[Callable[[Piece], Piece], ...] = ()
    now: str = NOW
    texts: dict[str, bytes] = field(default_factory=dict)
    """documents written by hand, by file name: what the strict reader must refuse cannot be dumped"""

    def with_document(self, name: str, change: Callable[[dict[str, Any]], Any]) -> "World":
        """Return this world with one of request, environment, policy, trust changed."""
        document = copy.deepcopy(getattr(self, name))
        change(document)
        return replace(self, **{name: document})

    def with_piece(self, name: str, change: Callable[[Piece], Piece]) -> "World":
        """Return this world with one piece of evidence changed."""
        return replace(self, pieces={**self.pieces, name: change(self.pieces[name])})

    def with_predicate(self, name: str, *changes: Callable[[dict[str, Any]], Any]) -> "World":
        """Return this world with the predicate of one piece changed before it is signed."""
        return self.with_piece(name, lambda piece: piece.change(*changes))

    def adding(self, name: str, piece: Piece) -> "World":
        """Return this world with one more piece of evidence."""
        return replace(self, pieces={**self.pieces, name: piece})

    def without(self, *names: str) -> "World":
        """Return this world without some pieces of evidence."""
        return replace(self, pieces={name: piece for name, piece in self.pieces.items() if name not in names})

    def signed_off_by(self, *people: str, change: Callable[[Piece], Piece] | None = None) -> "World":
        """Return this world with these people's sign-offs over the very case, changed by `change` where given."""
        return replace(self, signing_off=people, sign_off_changes=(change,) if change else ())

    def files(self) -> dict[str, bytes]:
        """Return every file of the world by its path, evidence signed and sign-offs over the real case digest."""
        files = self._documents() | self._evidence()
        if self.signing_off:
            case_digest = self._judge(files).decision.case_digest
            files |= self._sign_offs(case_digest)
        return files

    def write(self, folder: Path) -> Path:
        """Write every file below `folder` and return it."""
        for name, raw in self.files().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        return folder

    def judge(self) -> Judgement:
        """Return the real gate's judgement of this world; raises InputError as the gate does."""
        return self._judge(self.files())

    def inputs(self, files: dict[str, bytes] | None = None) -> Inputs:
        """Return the world as the gate reads it."""
        files = self.files() if files is None else files
        offered = tuple(
            Offered(name=name, raw=raw, sha256=sha256(raw))
            for name, raw in sorted(files.items())
            if name.startswith("evidence/")
        )
        return Inputs(
            request=parse_source(files["request.yaml"], "request.yaml"),
            environment=parse_source(files["environment.yaml"], "environment.yaml"),
            policy=parse_source(files["policy.yaml"], "policy.yaml"),
            trust=parse_source(files["trust.yaml"], "trust.yaml"),
            trust_files={name: raw for name, raw in files.items() if name.startswith("keys/")},
            offered=offered,
        )

    def bindings(self, files: dict[str, bytes]) -> Bindings:
        """Return what evidence made for this request carries."""
        return Bindings(
            request_digest=sha256(files["request.yaml"]),
            environment={"name": "example-production", "digest": sha256(files["environment.yaml"])},
        )

    def _judge(self, files: dict[str, bytes]) -> Judgement:
        return decide(self.inputs(files), Instant.parse(self.now))

    def _documents(self) -> dict[str, bytes]:
        names = ("request", "environment", "policy", "trust")
        return {f"{name}.yaml": dump(getattr(self, name)) for name in names} | self.texts

    def _evidence(self) -> dict[str, bytes]:
        bindings = self.bindings(self._documents())
        return {f"evidence/{name}": piece.make(bindings) for name, piece in self.pieces.items()}

    def _sign_offs(self, case_digest: str) -> dict[str, bytes]:
        bindings = self.bindings(self._documents())
        made = {}
        for person in self.signing_off:
            piece = sign_off(person, case_digest)
            for change in self.sign_off_changes:
                piece = change(piece)
            made[f"evidence/sign-off-{person}.json"] = piece.make(bindings)
        return made
