"""Sigstore bundles (sigstore/protobuf-specs, sigstore_bundle.proto): who signed what, and when, proven offline.

The library `sigstore` proves certificate, log and time. What it leaves open is closed here: how a bundle is written,
that its certificate names somebody, that what proves was in use at the time, and what the library cannot read.
"""

from attestations.sigstore.signed import Signed, VerifiedBundle
from attestations.sigstore.verification import verify_bundle, verify_file
from attestations.sigstore.writing import envelope_in, looks_like_bundle

__all__ = ["Signed", "VerifiedBundle", "envelope_in", "looks_like_bundle", "verify_bundle", "verify_file"]
