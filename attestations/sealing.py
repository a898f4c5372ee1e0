"""A payload and who signs it: keys make a DSSE envelope, an identity makes a Sigstore bundle."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attestations.envelope import PAYLOAD_TYPE, seal
from attestations.errors import InputError
from attestations.signers import Signer, open_signer

if TYPE_CHECKING:
    from attestations.sigstore.signing import KeylessSigner

_KEYLESS = "sigstore:"


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A signed statement, as it is written to a file."""

    raw: bytes = field(repr=False)
    keys: tuple[str, ...] = ()
    """fingerprints of the keys that signed"""
    identity: str | None = None
    """whom the certificate names that signed"""


class Sealer(Protocol):
    """Somebody who can sign statements, found to be able to before the work begins."""

    def seal(self, payload: bytes) -> Sealed:
        """Return the statement in `payload`, signed; raise InputError (SIGNER)."""
        ...


@dataclass(frozen=True, kw_only=True)
class _WithKeys:
    signers: tuple[Signer, ...]

    def seal(self, payload: bytes) -> Sealed:
        raw = seal(payload, PAYLOAD_TYPE, self.signers)
        return Sealed(raw=raw, keys=tuple(signer.public.fingerprint for signer in self.signers))


@dataclass(frozen=True, kw_only=True)
class _Keyless:
    signer: "KeylessSigner"

    def seal(self, payload: bytes) -> Sealed:
        raw, proven = self.signer.sign(payload)
        return Sealed(raw=raw, identity=proven.identity.subject if proven.identity else None)


def open_sealer(uris: Sequence[str]) -> Sealer:
    """Return what the key URIs stand for: several keys, or one `sigstore:CONFIG.json`.

    Raises InputError: USAGE (a bundle has one signature), and what `open_signer` and `open_keyless_signer` raise.
    """
    if not any(uri.startswith(_KEYLESS) for uri in uris):
        return _WithKeys(signers=tuple(map(open_signer, uris)))
    if len(uris) != 1:
        raise InputError(
            "USAGE",
            found=f"{_KEYLESS} beside other signers",
            wanted="keys, or one Sigstore identity: a bundle holds one signature",
            fix="sign twice, into two files",
        )
    from attestations.sigstore.signing import open_keyless_signer

    return _Keyless(signer=open_keyless_signer(Path(uris[0].removeprefix(_KEYLESS))))
