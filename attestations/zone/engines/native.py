"""Our own validator as an engine: zone logic of our own, rare types by dnspython, cryptography by OpenSSL."""

from dataclasses import dataclass

from attestations import __version__, dnskey
from attestations.times import Instant
from attestations.zone.reading.flat import Zone
from attestations.zone.validation.anchors import Anchor
from attestations.zone.validation.report import ZoneReport
from attestations.zone.validation.whole import validate
from attestations.zone.validation.work import Workers


@dataclass(frozen=True)
class Native:
    """The validator of this package."""

    name: str = "native"
    code_base: str = "dnspython+openssl"
    crypto_library: str = "OpenSSL"
    takes_time: bool = True
    calibrated_with: int = dnskey.ECDSAP256SHA256
    workers: Workers | None = None
    """who works on a large zone, a cluster for one; None: processes of this machine"""

    def version(self) -> str:
        """Return our version with those of the libraries that decide."""
        from cryptography.hazmat.backends.openssl import backend

        openssl = backend.openssl_version_text().split()[1]
        return f"{__version__} (OpenSSL {openssl})"

    def validate(self, zone: Zone, anchors: tuple[Anchor, ...], at: Instant, *, jobs: int | None = None) -> ZoneReport:
        """Return what is true of `zone` at `at`."""
        return validate(zone, anchors, at, jobs=jobs, workers=self.workers)
