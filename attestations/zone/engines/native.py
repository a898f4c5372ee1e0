"""Our own validator as an engine: zone logic on dnspython, cryptography by OpenSSL."""

from dataclasses import dataclass

from attestations.times import Instant
from attestations.zone.anchors import Anchor
from attestations.zone.model import ZoneVersion
from attestations.zone.report import ZoneReport
from attestations.zone.validation import validate


@dataclass(frozen=True)
class Native:
    """The validator of this package."""

    name: str = "native"
    code_base: str = "dnspython+openssl"
    crypto_library: str = "OpenSSL"
    takes_time: bool = True

    def version(self) -> str:
        """Return our version with those of the libraries that decide."""
        from importlib.metadata import version

        from cryptography.hazmat.backends.openssl import backend

        openssl = backend.openssl_version_text().split()[1]
        return f"{version('signer-gatekeeper')} (dnspython {version('dnspython')}, OpenSSL {openssl})"

    def validate(self, zone: ZoneVersion, anchors: tuple[Anchor, ...], at: Instant) -> ZoneReport:
        """Return what is true of `zone` at `at`."""
        return validate(zone, anchors, at)
