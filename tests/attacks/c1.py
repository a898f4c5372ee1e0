"""C1 Same key tag, different key: the incident of 5 May 2026.

The rollover agent asked each HSM for a new zone signing key and got three key pairs. All three had one key tag, as
one key in 65,536 has; the tag was the only thing compared, and one of the three was published. Where the signer
used one of the other two, no resolver could verify: about two thirds of the zone for about three hours.

The keys here are real: the names below were searched for until their DNSKEY records had the tag of `zsk`.
"""

from collections.abc import Callable
from typing import Any

from world.hsm_rows import answer
from world.keys import base64_text, dnskey_form
from world.pieces import Change, key_use
from world.registry import World

from attacks.evidence import VALIDATORS, predicate
from attacks.model import Attack, Family, allowed, denied
from attestations import dnskey

HSM = "hsm.json"
TAG = 32919
PUBLISHED = "zsk"
SAME_TAG = ("zsk of another HSM 28834", "zsk of another HSM 57588")
"""zone keys with the tag of the published key"""
SAME_TAG_REVOKED = "zsk of another HSM 181142"
"""a zone key that has the tag of the published key once its REVOKE bit is set"""


def tag_of(name: str, flags: int = 256) -> int:
    """Return the computed tag of the P-256 zone key called `name`."""
    return dnskey.key_tag(dnskey.rdata(flags, 3, 13, dnskey_form(name)))


def _held(**keys: str) -> Change:
    """Return the change after which the HSMs of these serials hold the keys of these names as their ZSK."""

    def change(said: dict[str, Any]) -> None:
        said["possession"] = [
            answer(row["serial"], 0, keys[row["serial"]]) if row["key"] == 0 and row["serial"] in keys else row
            for row in said["possession"]
        ]

    return change


def _zsk(change: Callable[[dict[str, Any]], Any]) -> Change:
    return lambda said: change(said["keys"][0]) and None


def _empty(serial: str) -> Change:
    def change(said: dict[str, Any]) -> None:
        for row in said["possession"]:
            if (row["serial"], row["key"]) == (serial, 0):
                row.update(privateKeys=0, publicKey=None, signature=None)

    return change


def _signed_by(name: str, flags: int) -> World:
    """Return the world in which validators saw the zone signed by one more key, which is published."""
    world = World()
    for piece in VALIDATORS:
        world = world.with_predicate(piece, lambda said: said["byKey"].append(key_use(name, flags, 3309)))
    return world


def _two_thirds_bogus(said: dict[str, Any]) -> None:
    """What validators saw at the time: a key has the tag, and the signatures do not verify."""
    said["counts"].update(ok=1105, bogus=2206)
    said["byKey"][0].update(verified=1103)
    said["validator"].update(verdict="invalid")
    said["findings"] = [
        {
            "code": "SIG_WRONG_KEY",
            "severity": "error",
            "owner": "example.",
            "rtype": "SOA",
            "message": f"the published key with tag {TAG} does not verify this signature",
            "keyTag": TAG,
            "algorithm": 13,
        }
    ]


THREE_KEYS = _held(B7=SAME_TAG[0], C2=SAME_TAG[1])


def _incident() -> World:
    world = predicate(HSM, THREE_KEYS)
    for piece in VALIDATORS:
        world = world.with_predicate(piece, _two_thirds_bogus)
    return world


def _moved(said: dict[str, Any]) -> None:
    """Publish, hold and prove another key in every HSM: what was meant on 5 May 2026."""
    said["keys"][0].update(publicKey=base64_text(dnskey_form(SAME_TAG[0])))
    _held(A1=SAME_TAG[0], B7=SAME_TAG[0], C2=SAME_TAG[0])(said)


def _repaired() -> World:
    world = predicate(HSM, _moved)
    for piece in VALIDATORS:
        world = world.with_predicate(piece, lambda said: said["byKey"].__setitem__(0, key_use(SAME_TAG[0], 256, 3309)))
    return world


FAMILY = Family(
    id="C1",
    title="Three HSMs, three keys, one tag, one published DNSKEY: two thirds of the signatures verify with no key.",
    attacks=(
        Attack(
            variant="three-keys-one-tag",
            why=(
                f"Each HSM made its own key; all three have tag {TAG}, computed and declared, and the laboratory's "
                "report shows one tag everywhere. Each HSM proves that it holds a key. Only the public keys tell."
            ),
            deny=denied(predicate(HSM, THREE_KEYS), 10, "HSM-KEY-IDENTITY"),
            allow=allowed(_repaired()),
        ),
        Attack(
            variant="three-keys-one-tag-published",
            why="The same, and the zone is signed: laboratory and validators refuse it, each for a reason of its own.",
            deny=denied(_incident(), 10, "EXT-VALID", "HSM-KEY-IDENTITY"),
            allow=allowed(_repaired()),
        ),
        Attack(
            variant="three-keys-one-label",
            why="Three keys of three tags, and the report declares one tag for all: the label is not even right.",
            deny=denied(predicate(HSM, _held(B7="zsk 2", C2="zsk 3")), 10, "HSM-KEY-IDENTITY"),
            allow=allowed(predicate(HSM, _zsk(lambda key: key.update(declaredTag=12345)))),
        ),
        Attack(
            variant="two-plus-one",
            why="Two HSMs share the published key; the third holds another with the same tag.",
            deny=denied(predicate(HSM, _held(C2=SAME_TAG[1])), 10, "HSM-KEY-IDENTITY"),
        ),
        Attack(
            variant="other-algorithm-field",
            why="The bytes of the key are the same and the algorithm field is another: another key to every resolver.",
            deny=denied(predicate(HSM, _zsk(lambda key: key.update(algorithm=14))), 10, "HSM-KEY-IDENTITY"),
        ),
        Attack(
            variant="other-flags",
            why="The bytes are the same, and the key is not marked as a zone key: validators must not use it.",
            deny=denied(predicate(HSM, _zsk(lambda key: key.update(flags=0))), 10, "HSM-KEY-IDENTITY"),
        ),
        Attack(
            variant="published-on-no-hsm",
            why="The zone is signed with a published key that was asked of no HSM.",
            deny=denied(_signed_by(SAME_TAG[0], 256), 10, "HSM-KEY-IDENTITY"),
            allow=allowed(
                World()
                .with_predicate(VALIDATORS[0], lambda said: said["byKey"].append(key_use(SAME_TAG[0], 256, 0)))
                .with_predicate(VALIDATORS[1], lambda said: said["byKey"].append(key_use(SAME_TAG[0], 256, 0)))
            ),
        ),
        Attack(
            variant="published-ksk-on-no-hsm",
            why="The key set is signed with a published KSK that was asked of no HSM.",
            deny=denied(_signed_by("another ksk", 257), 10, "HSM-KEY-IDENTITY"),
        ),
        Attack(
            variant="one-hsm-empty",
            why="One HSM holds no such key, and the signer there would have made one.",
            deny=denied(predicate(HSM, _empty("C2")), 10, "HSM-KEY-IDENTITY"),
        ),
        Attack(
            variant="tag-equal-after-revoke",
            why="Another key has the tag of the published one once its REVOKE bit is set, and is what one HSM holds.",
            deny=denied(predicate(HSM, _held(C2=SAME_TAG_REVOKED)), 10, "HSM-KEY-IDENTITY"),
        ),
        Attack(
            variant="revoked-key",
            why="The key to be published is marked revoked: validators must not use it (RFC 5011, 2.1).",
            deny=denied(predicate(HSM, _zsk(lambda key: key.update(flags=384))), 10, "HSM-KEY-IDENTITY"),
        ),
    ),
)
