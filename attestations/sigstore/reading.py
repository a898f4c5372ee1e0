"""The library's bundle, completed: version 0.1 without inclusion proof, and plain keys instead of certificates.

What each version must hold is protobuf-specs' word (sigstore_bundle.proto, sigstore_rekor.proto).
"""

from typing import Self

from cryptography.x509 import Certificate, load_der_x509_certificate
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint, verify_checkpoint
from sigstore._internal.trust import RekorKeyring
from sigstore._utils import cert_is_leaf
from sigstore.errors import VerificationError
from sigstore.models import Bundle, InvalidBundle, TransparencyLogEntry
from sigstore_models.bundle import v1 as bundle_v1
from sigstore_models.rekor import v1 as rekor_v1


class _EntryModel(rekor_v1.TransparencyLogEntry):
    inclusion_proof: rekor_v1.InclusionProof | None = None  # type: ignore[assignment]  # optional in bundles 0.1


class _MaterialModel(bundle_v1.VerificationMaterial):
    tlog_entries: list[_EntryModel]  # type: ignore[assignment]  # a list of a narrower kind


class _BundleModel(bundle_v1.Bundle):
    verification_material: _MaterialModel


class LogEntry(TransparencyLogEntry):
    """A log entry that may rest on the log's promise alone, as bundles of version 0.1 do."""

    @property
    def has_proof(self) -> bool:
        """Whether there is an inclusion proof that the log signed: without a checkpoint nobody did."""
        proof = self._inner.inclusion_proof
        return proof is not None and proof.checkpoint is not None

    def _validate(self) -> None:
        """What must be there depends on the version of the bundle, which asks for it."""

    def _verify(self, keyring: RekorKeyring) -> None:
        """The library's steps (4) and (5), with two that it leaves out: the tree's size, and version 0.1."""
        if self.has_proof:
            verify_merkle_inclusion(self)
            verify_checkpoint(keyring, self)
            self._check_place()
        if self._inner.inclusion_promise:
            self._verify_set(keyring)

    def _check_place(self) -> None:
        """The library believes any size that leads to the same root hash, and any index in a log without promises."""
        proof = self._inner.inclusion_proof
        if proof.checkpoint is None:
            raise VerificationError("no checkpoint")
        size = SignedCheckpoint.from_text(proof.checkpoint.envelope).checkpoint.log_size
        if size != proof.tree_size:
            raise VerificationError(f"a proof for a tree of {proof.tree_size}, in a checkpoint of {size} entries")
        if self._inner.inclusion_promise is None and self._inner.log_index != proof.log_index:
            raise VerificationError(f"entry {self._inner.log_index}, with a proof for entry {proof.log_index}")


class ReadBundle(Bundle):
    """A bundle that keeps the shape of its version. Nothing in it is proven yet."""

    certificate: Certificate | None
    """the signing certificate; None where a plain key signed"""
    entry: LogEntry

    @classmethod
    def of(cls, raw: bytes) -> Self:
        """Return the bundle in `raw`; raise pydantic's ValueError or InvalidBundle for anything else."""
        return cls(_BundleModel.from_json(raw))

    def _verify(self) -> None:
        """In place of the library's own, which asks every bundle for a certificate and for an inclusion proof."""
        material = self._inner.verification_material
        self.certificate = None if material.public_key else self._leaf()
        if self.certificate is not None:
            self._signing_certificate = self.certificate
        self.entry = self._log_entry = LogEntry(material.tlog_entries[0])
        if not self.entry.has_proof and not self._inner.media_type.endswith("version=0.1"):
            raise InvalidBundle("expected an inclusion proof with checkpoint")
        if not self.entry.has_proof and not material.tlog_entries[0].inclusion_promise:
            raise InvalidBundle("expected an inclusion promise")

    def _leaf(self) -> Certificate:
        """Versions 0.1 and 0.2 hold a chain of which only the first certificate counts; 0.3 holds that one alone."""
        material = self._inner.verification_material
        chained = self._inner.media_type.endswith(("version=0.1", "version=0.2"))
        if chained != (material.certificate is None):
            raise InvalidBundle("expected a chain of certificates up to version 0.2, one certificate from 0.3 on")
        certificates = material.x509_certificate_chain.certificates if material.x509_certificate_chain else []
        holder = certificates[0] if certificates else material.certificate
        if holder is None:
            raise InvalidBundle("expected a certificate in the chain")
        leaf = load_der_x509_certificate(holder.raw_bytes)
        if not cert_is_leaf(leaf):
            raise InvalidBundle("expected a certificate for signing, not for an authority")
        return leaf
