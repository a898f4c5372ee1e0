"""A4 payloadType confusion."""

from dataclasses import replace

from world.keys import signer
from world.registry import World

from attacks.model import Attack, Family, Side, denied
from attacks.signing import with_envelope
from attestations import document_envelope
from attestations.envelope import PAYLOAD_TYPE, seal


def _typed(payload_type: str) -> World:
    return World().with_piece("hsm.json", lambda piece: replace(piece, payload_type=payload_type))


def _refused(variant: str, payload_type: str, why: str) -> Attack:
    return Attack(variant=variant, why=why, deny=denied(_typed(payload_type), 11, "TYPE-PAYLOAD"))


def _signed_environment(payload_type: str) -> dict[str, bytes]:
    files = World().files()
    envelope = seal(files["environment.yaml"], payload_type, (signer("owners"),))
    return {**files, "environment.yaml": envelope}


FAMILY = Family(
    id="A4",
    title="The payload type tells how to read the bytes: a signed log line or layout must not be read as a statement.",
    attacks=(
        _refused("text-plain", "text/plain", "The statement was signed as text."),
        _refused("link-type", "application/vnd.in-toto.link+json", "The type of in-toto link files."),
        _refused("upper-case", "Application/Vnd.In-Toto+JSON", "Media types ignore case; DSSE does not."),
        _refused("trailing-space", f"{PAYLOAD_TYPE} ", "A space follows the type."),
        _refused("charset-suffix", f"{PAYLOAD_TYPE}; charset=utf-8", "A parameter follows the type."),
        _refused("lookalike-slash", PAYLOAD_TYPE.replace("/", "\u2215"), "U+2215 stands for the slash."),
        _refused("lookalike-fraction-slash", PAYLOAD_TYPE.replace("/", "\u2044"), "U+2044 stands for the slash."),
        _refused(
            "document-as-statement", document_envelope.PAYLOAD_TYPE, "The type of signed policies and environments."
        ),
        Attack(
            variant="relabelled-after-signing",
            why="It was signed as text and given the right type afterwards: the type is signed too.",
            deny=denied(
                World().with_piece(
                    "hsm.json",
                    lambda piece: replace(
                        piece,
                        payload_type="text/plain",
                        envelope_changes=(lambda envelope: envelope.update(payloadType=PAYLOAD_TYPE),),
                    ),
                ),
                11,
                "SIG-UNTRUSTED",
            ),
            allow=Side(world=with_envelope("hsm.json", lambda e: e.update(payloadType=PAYLOAD_TYPE)), exit=0),
        ),
        Attack(
            variant="statement-as-environment",
            why="The environment's own bytes, signed by its owners as a statement and not as a document.",
            deny=Side(files=lambda: _signed_environment(PAYLOAD_TYPE), exit=2, codes=("TYPE-PAYLOAD",)),
            allow=Side(files=lambda: _signed_environment(document_envelope.PAYLOAD_TYPE), exit=0),
        ),
    ),
)
