"""A6 Base64 malleability."""

from collections.abc import Callable
from typing import Any

from world.registry import World

from attacks.model import Attack, Family, allowed, denied
from attacks.signing import with_envelope

STANDARD, URL_SAFE = "+/", "-_"


def _signature(change: Callable[[str], str]) -> World:
    def in_envelope(envelope: dict[str, Any]) -> None:
        first = envelope["signatures"][0]
        first["sig"] = change(first["sig"])

    return with_envelope("hsm.json", in_envelope)


def _payload(change: Callable[[str], str]) -> World:
    return with_envelope("hsm.json", lambda envelope: envelope.update(payload=change(envelope["payload"])))


def _into(text: str) -> Callable[[str], str]:
    return lambda encoded: encoded[:10] + text + encoded[10:]


def _next_pad_bits(encoded: str) -> str:
    """64 bytes leave 4 unused bits in the last character; the next one of the alphabet sets the lowest of them."""
    last = encoded[-3]
    return encoded[:-3] + chr(ord(last) + 1) + "=="


def _url_safe(encoded: str) -> str:
    return encoded.translate(str.maketrans(STANDARD, URL_SAFE))


def _mixed(encoded: str) -> str:
    """Both alphabets in one text: one more encoding of the same bytes."""
    return encoded.replace("+", "-")


def _with_both_specials(change: Callable[[str], str]) -> World:
    """ASCII rarely encodes to `+` and `/`; a version of `~` and `?` does, wherever it begins."""
    world = _payload(change)
    return world.with_predicate("hsm.json", lambda predicate: predicate["tool"].update(version="~?" * 6))


def _refused(variant: str, why: str, world: World) -> Attack:
    return Attack(variant=variant, why=why, deny=denied(world, 11, "ENC-B64"))


FAMILY = Family(
    id="A6",
    title="One statement must have one encoding: otherwise it has many digests, and none can be found again.",
    attacks=(
        _refused("newline", "A line feed stands inside the payload's base64.", _payload(_into("\n"))),
        _refused("trailing-newline", "A line feed follows the signature's base64.", _signature(lambda s: s + "\n")),
        _refused("no-padding", "The padding of the signature is missing.", _signature(lambda s: s.rstrip("="))),
        _refused(
            "junk-chars", "`!!` stands inside the payload's base64; lenient decoders skip it.", _payload(_into("!!"))
        ),
        _refused(
            "nonzero-pad-bits", "The unused bits of the signature's last character are set.", _signature(_next_pad_bits)
        ),
        Attack(
            variant="nul",
            why="A NUL byte stands inside the base64: the JSON reader refuses hidden characters first.",
            deny=denied(_signature(_into("\0")), 11, "INJECT"),
        ),
        Attack(
            variant="url-safe",
            why="Verifiers must accept both alphabets (DSSE), each whole; a text in both at once is refused.",
            deny=denied(_with_both_specials(_mixed), 11, "ENC-B64"),
            allow=allowed(_with_both_specials(_url_safe)),
        ),
    ),
)
