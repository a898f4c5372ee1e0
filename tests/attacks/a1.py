"""A1 No signature at all."""

from typing import Any

from world.keys import signer
from world.registry import World

from attacks.model import Attack, Family, denied
from attestations.envelope import PAYLOAD_TYPE, seal


def _with_envelope(change: Any) -> World:
    from dataclasses import replace

    return World().with_piece("hsm.json", lambda piece: replace(piece, envelope_changes=(change,)))


def _signed_over_nothing(envelope: dict[str, Any]) -> None:
    other = seal(b"", PAYLOAD_TYPE, (signer("hsm-lab"),))
    import json

    envelope["signatures"] = json.loads(other)["signatures"]


FAMILY = Family(
    id="A1",
    title="Unsigned evidence is text that anyone who can write to the evidence folder can make up.",
    attacks=(
        Attack(
            variant="signatures-empty",
            why="The list of signatures is empty.",
            deny=denied(_with_envelope(lambda e: e.update(signatures=[])), 11, "SIG-NONE"),
        ),
        Attack(
            variant="signatures-missing",
            why="The envelope has no member `signatures`.",
            deny=denied(_with_envelope(lambda e: e.pop("signatures") and None), 11, "SIG-NONE"),
        ),
        Attack(
            variant="signatures-null",
            why="`signatures` is null.",
            deny=denied(_with_envelope(lambda e: e.update(signatures=None)), 11, "SIG-NONE"),
        ),
        Attack(
            variant="sig-empty",
            why="One signature entry, whose signature is empty.",
            deny=denied(_with_envelope(lambda e: e["signatures"][0].update(sig="")), 11, "SIG-NONE"),
        ),
        Attack(
            variant="sig-over-empty-payload",
            why="A good signature by the right key, made over an empty payload.",
            deny=denied(_with_envelope(_signed_over_nothing), 11, "SIG-UNTRUSTED"),
        ),
    ),
)
