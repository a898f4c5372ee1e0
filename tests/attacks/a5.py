"""A5 Verify one payload, use another."""

import base64
import json
from dataclasses import replace
from typing import Any

from world.keys import signer
from world.registry import World

from attacks.model import Attack, Family, allowed, denied
from attacks.signing import with_envelope
from attestations.digest import canonical_json
from attestations.envelope import PAYLOAD_TYPE, seal

Envelope = dict[str, Any]


def _other_payload(envelope: Envelope) -> str:
    """The same statement, which now says that one HSM holds a different key."""
    statement = json.loads(base64.b64decode(envelope["payload"]))
    statement["predicate"]["possession"][0]["privateKeys"] = 2
    return base64.b64encode(canonical_json(statement)).decode("ascii")


def _payload_twice(first: str, second: str, envelope: Envelope) -> bytes:
    signatures = json.dumps(envelope["signatures"])
    payload_type = json.dumps(envelope["payloadType"])
    return (
        f'{{"payload": "{first}", "payload": "{second}", "payloadType": {payload_type}, "signatures": {signatures}}}'
    ).encode()


def _lines(envelope: Envelope) -> bytes:
    unsigned = {**envelope, "payload": _other_payload(envelope), "signatures": []}
    return json.dumps(envelope).encode() + b"\n" + json.dumps(unsigned).encode() + b"\n"


def _as_jsonl(change: Any) -> World:
    piece = replace(World().pieces["hsm.json"], envelope_changes=(change,))
    return World().without("hsm.json").adding("hsm.jsonl", piece)


def _nested(statement: dict[str, Any]) -> bytes:
    return seal(canonical_json(statement), PAYLOAD_TYPE, (signer("hsm-lab"),))


FAMILY = Family(
    id="A5",
    title="If the bytes that were verified are not the bytes that are evaluated, the signature protects nothing.",
    attacks=(
        Attack(
            variant="duplicate-payload-key",
            why="The envelope has `payload` twice, the signed one last: two parsers see two statements.",
            deny=denied(
                with_envelope("hsm.json", lambda e: _payload_twice(_other_payload(e), e["payload"], e)),
                11,
                "PARSE-DUPKEY",
            ),
        ),
        Attack(
            variant="duplicate-payload-key-first",
            why="The envelope has `payload` twice, the signed one first.",
            deny=denied(
                with_envelope("hsm.json", lambda e: _payload_twice(e["payload"], _other_payload(e), e)),
                11,
                "PARSE-DUPKEY",
            ),
        ),
        Attack(
            variant="payload-replaced",
            why="The payload was replaced after it was signed.",
            deny=denied(with_envelope("hsm.json", lambda e: e.update(payload=_other_payload(e))), 11, "SIG-UNTRUSTED"),
        ),
        Attack(
            variant="two-bundles-jsonl",
            why="One file holds two envelopes, a line each, and the second is not signed.",
            deny=denied(_as_jsonl(_lines), 11, "PARSE-JSON"),
            allow=allowed(_as_jsonl(lambda envelope: json.dumps(envelope).encode() + b"\n")),
        ),
        Attack(
            variant="nested-envelope",
            why="The payload is itself an envelope, by the right party: a reader that unpacks twice checks once.",
            deny=denied(
                World().with_piece("hsm.json", lambda piece: replace(piece, statement_changes=(_nested,))),
                11,
                "TYPE-PAYLOAD",
            ),
        ),
    ),
)
