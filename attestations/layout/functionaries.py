"""The keys that a layout names: each one key, once, whatever it is called."""

import binascii
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attestations.errors import InputError
from attestations.keys import PublicKey, read_public_key
from attestations.layout.signed import Signed, malformed

SCHEMES = {
    "ed25519": "ed25519",
    "ecdsa-sha2-nistp256": "ecdsa-p256-sha256",
    "ecdsa-sha2-nistp384": "ecdsa-p384-sha384",
    "rsassa-pss-sha256": "rsa-pss-sha256",
}
"""in-toto's name of a scheme -> that of a key's one scheme (attestations/keys.py)"""


def functionaries(layout: Signed) -> dict[str, PublicKey]:
    """Return the keys of a layout by the ids that its steps use; raise InputError (KEY, SIG-THRESHOLD, SCHEMA).

    A key under two ids would meet a threshold of two alone (threat A3): that refuses the layout.
    """
    keys: dict[str, PublicKey] = {}
    holder: dict[str, str] = {}
    for key_id, named in layout.model.keys.items():
        key = _key(layout, key_id, named)
        if key.fingerprint in holder:
            found = (
                f"one key ({key.fingerprint[:16]}…) under the ids {holder[key.fingerprint]!a:.80} and {key_id!a:.80}"
            )
            raise InputError(
                "SIG-THRESHOLD",
                found=found,
                wanted="each functionary's key once",
                fix="have the owner of the layout name every key once, and sign it again",
                where=layout.document.where(),
            )
        holder[key.fingerprint] = key_id
        keys[key_id] = key
    return keys


def _key(layout: Signed, key_id: str, named: Any) -> PublicKey:
    scheme, public = named.get("scheme"), named.get("keyval", {}).get("public")
    if named.get("subkeys") or scheme not in SCHEMES or not isinstance(public, str):
        wanted = f"a plain key: {', '.join(SCHEMES)}"
        raise malformed(layout.document, (), f"the key {key_id!a:.80} of scheme {scheme!a:.80}", wanted)
    key = read_public_key(_pem(layout, public) if scheme == "ed25519" else public.encode("utf-8"), f"key {key_id[:16]}")
    if key.scheme != SCHEMES[scheme]:
        found = f"the key {key_id!a:.80}, of kind {key.scheme}, called {scheme}"
        raise malformed(layout.document, (), found, "a key under the name of its own scheme")
    return key


def _pem(layout: Signed, public: str) -> bytes:
    """in-toto writes Ed25519 keys as 64 hexadecimal digits."""
    try:
        key = Ed25519PublicKey.from_public_bytes(binascii.unhexlify(public))
    except (binascii.Error, ValueError):
        raise malformed(layout.document, (), f"the Ed25519 key {public!a:.80}", "64 hexadecimal digits") from None
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
