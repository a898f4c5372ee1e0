"""Exercises whose every step was observed, as `attest rollover` brings them along."""

import copy
from functools import cache
from typing import Any

from world.documents import SERIALS
from world.hsm_rows import answer, zone_dnskey

KEYS = ("retiring", "successor")
RETIRING, SUCCESSOR = range(2)
WITHOUT_NONCE = "-"


def rollovers() -> list[dict[str, Any]]:
    """Return the three scenarios that the shipped policies ask for, to be changed at will."""
    return copy.deepcopy(list(_rollovers()))


@cache
def _rollovers() -> tuple[dict[str, Any], ...]:
    lost = observed("hsm-loss-during-rollover", "C2")
    return observed("zsk-rollover"), observed("ksk-rollover"), lost


def observed(scenario: str, down: str | None = None) -> dict[str, Any]:
    """Return an honest run, from the old key's activation to its removal; `down` is away in the middle of it."""
    lost = [_step("lose", None, RETIRING, down), _step("generate", "generate", SUCCESSOR, down)] if down else []
    return {
        "scenario": scenario,
        "completed": True,
        "serials": list(SERIALS),
        "serialsDown": [down] if down else [],
        "events": [
            _step("activate", "activate", RETIRING),
            *lost,
            _step("generate", "generate", SUCCESSOR),
            _step("activate", "activate", SUCCESSOR),
            _removed(RETIRING),
        ],
        "keys": [zone_dnskey(name, 257 if scenario == "ksk-rollover" else 256) for name in KEYS],
    }


def _step(name: str, action: str | None, key: int, down: str | None = None) -> dict[str, Any]:
    up = [serial for serial in SERIALS if serial != down]
    return {
        "step": f"{name} {KEYS[key]}",
        "at": "2026-04-10T10:01:00Z",
        "observed": f"{len(up)} HSMs hold the key",
        "action": action,
        "key": key,
        "claimed": None if action is None else down is None,
        "possession": [answer(serial, key, KEYS[key], WITHOUT_NONCE) for serial in up],
        "published": [RETIRING],
        "signing": [{"serial": serial, "signatures": 18, "verified": 18, "zone": "valid"} for serial in up],
    }


def _removed(key: int) -> dict[str, Any]:
    step = _step("remove", "remove", key)
    for row in step["possession"]:
        row.update(privateKeys=0, publicKey=None, signature=None)
    return step
