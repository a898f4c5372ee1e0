"""Signing without a key of one's own: an identity that the CI system vouches for, at the Sigstore instance in a file.

The one module here that uses the network. What comes back is verified as any reader would before it is given out.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attestations.digest import canonical_json
from attestations.errors import InputError
from attestations.sigstore.signed import VerifiedBundle
from attestations.sigstore.verification import verify_bundle
from attestations.sigstore.writing import at
from attestations.strict import read_file, read_json
from attestations.strict.document import Document
from attestations.strict.limits import EVIDENCE
from attestations.strict.text import quoted

if TYPE_CHECKING:
    from sigstore.models import ClientTrustConfig

_SERVICES = ("caUrls", "rekorTlogUrls", "tsaUrls")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, kw_only=True)
class KeylessSigner:
    """An identity that can sign now, at one instance."""

    _instance: Document
    _config: "ClientTrustConfig" = field(repr=False)
    _token: str = field(repr=False)

    def sign(self, payload: bytes) -> tuple[bytes, VerifiedBundle]:
        """Return a bundle around the statement in `payload`, and what it proves.

        Raises InputError (SIGNER): the instance did not sign, did not stamp, or what it gave proves nothing.
        """
        raw = self._bundle(payload)
        document = read_json(raw, "the new bundle")
        try:
            proven = verify_bundle(document, canonical_json(at(self._instance.value, "trustedRoot")))
        except InputError as error:
            raise _cannot(f"a bundle that its own trusted root does not prove: {error.found}") from None
        stamps = at(document.value, "verificationMaterial", "timestampVerificationData", "rfc3161Timestamps")
        if at(self._instance.value, "signingConfig", "tsaUrls") and not stamps:
            raise _cannot("a bundle without a timestamp, though the instance names a timestamp authority")
        return raw, proven

    def _bundle(self, payload: bytes) -> bytes:
        from sigstore.dsse import Statement
        from sigstore.oidc import IdentityToken
        from sigstore.sign import SigningContext

        try:
            context = SigningContext.from_trust_config(self._config)
            with context.signer(IdentityToken(self._token)) as signer:
                return signer.sign_dsse(Statement(payload)).to_json().encode("utf-8")
        except Exception as error:  # noqa: BLE001 - of the library, requests, pydantic; none may show the token
            raise _cannot(f"{type(error).__name__}: {quoted(str(error), 200)}") from None


def open_keyless_signer(configuration: Path) -> KeylessSigner:
    """Return the signer for the identity of this CI job at the instance that the file describes.

    The file is a ClientTrustConfig (sigstore/protobuf-specs, sigstore_trustroot.proto): trusted root and services.
    Raises InputError: SIGNER (no such file, a service without TLS, no identity), and what `read_file` raises.
    """
    instance = read_json(read_file(configuration, EVIDENCE.max_bytes), str(configuration))
    for name in _SERVICES:
        services = at(instance.value, "signingConfig", name)
        for service in services if isinstance(services, list) else []:
            _check_private(at(service, "url"))
    return KeylessSigner(_instance=instance, _config=_read(instance), _token=_ambient_token())


def _read(instance: Document) -> "ClientTrustConfig":
    from sigstore.models import ClientTrustConfig

    try:
        return ClientTrustConfig.from_json(instance.raw.decode("utf-8"))
    except Exception as error:  # noqa: BLE001 - pydantic's and the library's own
        raise _cannot(f"no description of a Sigstore instance ({quoted(str(error), 160)})") from None


def _check_private(url: object) -> None:
    """The identity's token goes to these services: whoever reads it on the way can sign as this job."""
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise _cannot(f"the service {quoted(str(url))}, to which the job's identity would be sent in clear text")


def _ambient_token() -> str:
    from sigstore.oidc import detect_credential

    try:
        token = detect_credential()
    except Exception as error:  # noqa: BLE001 - the detectors raise several kinds
        raise _cannot(f"no identity of this job ({quoted(str(error), 160)})") from None
    if token is None:
        raise _cannot("no CI system that vouches for this job")
    return token


def _cannot(found: str) -> InputError:
    return InputError(
        "SIGNER",
        found=found,
        wanted="sigstore:CONFIG.json in a CI job that may ask for an identity token (audience sigstore)",
        fix="let the job ask for a token (GitHub: permissions: id-token: write) and check the file; docs/sigstore.md",
    )
