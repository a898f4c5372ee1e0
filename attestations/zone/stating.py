"""Signs what was seen: one statement for each engine, written beside each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from attestations.durable import write_durably
from attestations.predicates.common import EnvironmentReference
from attestations.sealing import Sealer, open_sealer
from attestations.times import Instant
from attestations.zone.command import Outcome
from attestations.zone.documents import read_environment, read_request
from attestations.zone.observation import Occasion, RequestReference, to_statement


@dataclass(frozen=True, kw_only=True)
class Witness:
    """Who states what was seen, about which environment, for which request."""

    sealer: Sealer
    observer: str
    environment: EnvironmentReference
    request: RequestReference | None
    out: Path

    def state(self, outcome: Outcome, started_on: Instant, finished_on: Instant) -> Iterator[Path]:
        """Write a signed statement for each result and yield where; raise InputError (SIGNER, DURABLE)."""
        occasion = Occasion(
            observer=self.observer,
            environment=self.environment,
            request=self.request,
            started_on=started_on,
            finished_on=finished_on,
        )
        for result in outcome.results:
            path = self.out if len(outcome.results) == 1 else _beside(self.out, result.engine.name)
            forensics = outcome.forensics if result.engine.name == "native" else None
            write_durably(path, self.sealer.seal(to_statement(result, occasion, forensics)).raw)
            yield path


def witness(keys: tuple[str, ...], observer: str, environment: Path, request: Path | None, out: Path) -> Witness:
    """Return who states: opened before the work, so that a key that cannot sign is found out first.

    Raises InputError: SIGNER, and what reading environment and request raises.
    """
    return Witness(
        sealer=open_sealer(keys),
        observer=observer,
        environment=read_environment(environment),
        request=read_request(request) if request else None,
        out=out,
    )


def _beside(out: Path, engine: str) -> Path:
    """Return `zone-bind.dsse.json` for `zone.dsse.json`: the engine stands before all suffixes."""
    stem, dot, suffixes = out.name.partition(".")
    return out.with_name(f"{stem}-{engine}{dot}{suffixes}")
