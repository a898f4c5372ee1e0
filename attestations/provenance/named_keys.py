"""Plain keys of builders and verifiers, each with the id that its signatures carry where the caller says one."""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from attestations.envelope import Envelope, Signature
from attestations.envelope import pre_authentication_encoding as signed_form
from attestations.keys import PublicKey

_RAW_BYTES = 64
"""r and s of P-256 side by side; as DER they are longer but for one pair of numbers in 2^30"""


@dataclass(frozen=True, kw_only=True)
class NamedKey:
    """A key, how its file is called, and the key id that its signatures must carry."""

    key: PublicKey
    label: str
    id: str | None = None
    """None: a signature with any key id, or none, is tried"""

    def made(self, signature: Signature, data: bytes) -> bool:
        """Return whether this key made the signature over `data`."""
        return (self.id is None or self.id == signature.hint) and self.key.verifies(self._der(signature.value), data)

    def _der(self, signature: bytes) -> bytes:
        """Some key services sign in the form of IEEE P1363, r and s side by side."""
        if self.key.scheme != "ecdsa-p256-sha256" or len(signature) != _RAW_BYTES:
            return signature
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        return encode_dss_signature(r, s)


def signer_of(envelope: Envelope, keys: Iterable[NamedKey]) -> NamedKey | None:
    """Return the first of `keys` that signed the envelope; None where none of them did."""
    data = signed_form(envelope.payload_type, envelope.payload)
    return next((key for key in keys for signature in envelope.signatures if key.made(signature, data)), None)
