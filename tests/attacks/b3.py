"""B3 Duplicate keys."""

from dataclasses import replace

from world.registry import World

from attacks.evidence import edited, text
from attacks.model import Attack, Family, allowed, denied

RESULT = '"result": "PASSED"'


def _result(members: str) -> World:
    return text("tests.json", lambda said: said.replace(RESULT, members))


def _in_envelope() -> World:
    def twice(envelope: object) -> bytes:
        import json

        return json.dumps(envelope).replace('"payloadType"', '"payloadType": "text/plain", "payloadType"').encode()

    return World().with_piece("tests.json", lambda piece: replace(piece, envelope_changes=(twice,)))


FAMILY = Family(
    id="B3",
    title="Two readers of one file see two truths: the reviewer reads one value, the gate reads the other.",
    attacks=(
        Attack(
            variant="json-verdict-twice",
            why="The test result says FAILED and then PASSED; most readers keep the last.",
            deny=denied(_result(f'"result": "FAILED", {RESULT}'), 11, "PARSE-DUPKEY"),
        ),
        Attack(
            variant="yaml-require-twice",
            why="The policy asks two validators, and further down in the same mapping one.",
            deny=edited("policy.yaml", b"at_least: 2\n", b"at_least: 2\n      at_least: 1\n", "PARSE-DUPKEY"),
        ),
        Attack(
            variant="case-twin",
            why="`Result` says FAILED and `result` says PASSED; a reader that does not look at case sees one of them.",
            deny=denied(_result(f'"Result": "FAILED", {RESULT}'), 11, "PARSE-DUPKEY"),
            allow=allowed(_result(f'"resultPage": "FAILED", {RESULT}')),
        ),
        Attack(
            variant="unicode-escape-twin",
            why="The second `result` is spelt with an escape, so that a search of the text finds one.",
            deny=denied(_result(f'"\\u0072esult": "FAILED", {RESULT}'), 11, "PARSE-DUPKEY"),
            allow=allowed(_result('"\\u0072esult": "PASSED"')),
        ),
        Attack(
            variant="nested",
            why="The duplicate sits three levels down, in the digest of a subject.",
            deny=denied(
                text(
                    "tests.json", lambda said: said.replace('{"sha256": ', f'{{"sha256": "{"0" * 64}", "sha256": ', 1)
                ),
                11,
                "PARSE-DUPKEY",
            ),
        ),
        Attack(
            variant="in-envelope",
            why="The envelope has two payload types; the signature covers the one, a reader may believe the other.",
            deny=denied(_in_envelope(), 11, "PARSE-DUPKEY"),
        ),
    ),
)
