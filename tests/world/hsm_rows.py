"""What HSMs of the base world answer, as the rows of a statement."""

from typing import Any

from attestations import dnskey, possession
from world.documents import NONCE
from world.keys import base64_text, dnskey_form, zone_sign

ZONE = "example."


def zone_dnskey(name: str, flags: int) -> dict[str, Any]:
    rdata = dnskey.rdata(flags, 3, 13, dnskey_form(name))
    return {
        "flags": flags,
        "protocol": 3,
        "algorithm": 13,
        "publicKey": base64_text(dnskey_form(name)),
        "declaredTag": dnskey.key_tag(rdata),
    }


def answer(serial: str, key: int, holds: str, nonce: str = NONCE) -> dict[str, Any]:
    """Return what the HSM `serial`, holding the key called `holds`, answers when asked for key number `key`."""
    challenge = possession.challenge(ZONE, serial, nonce, bytes(32))
    return {
        "serial": serial,
        "key": key,
        "privateKeys": 1,
        "publicKey": base64_text(dnskey_form(holds)),
        "challenge": challenge.hex(),
        "signature": base64_text(zone_sign(holds, challenge)),
        "local": False,
        "neverExtractable": False,
    }
