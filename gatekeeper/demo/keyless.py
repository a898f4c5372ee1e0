"""The demo's own Sigstore instance: the builder signs its provenance and keeps no key; no network is needed."""

from datetime import timedelta
from pathlib import Path

from attestations.durable import write_durably
from attestations.sigstore.practice import PrivateSigstore
from attestations.times import Instant

ISSUER = "https://ci.registry.example"
IDENTITY = f"{ISSUER}/signer/release@refs/tags/"
TRUSTED_ROOT = Path("sigstore/trusted_root.json")
Instance = PrivateSigstore
"""a Sigstore of its own: log, authority and trusted root in this process"""
_AGO = timedelta(minutes=2)
"""how long ago a certificate was issued; a minute later it signed, so that nothing comes from the future"""


def new_instance(now: Instant) -> Instance:
    """Return a new instance, which lives as long as this process."""
    return Instance(now=_before(now))


def write_trusted_root(instance: Instance, folder: Path) -> None:
    """Write down how others recognise what the instance proves."""
    (folder / TRUSTED_ROOT).parent.mkdir()
    write_durably(folder / TRUSTED_ROOT, instance.trusted_root)


def sign(instance: Instance, payload: bytes, version: str, now: Instant) -> bytes:
    """Return a bundle around `payload` by the run that built the tag of `version`."""
    instance.now = _before(now)
    return instance.sign_statement(payload, f"{IDENTITY}v{version}", ISSUER)


def _before(now: Instant) -> Instant:
    return Instant.of((now - _AGO).replace(microsecond=0))
