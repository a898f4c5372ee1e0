"""The proof itself. The library verifies what it can; for the rest, its own steps in its own order.

The steps, numbered as in sigstore/verify/verifier.py, after the Sigstore Client Specification (section 4,
Verification): (0) a time, (1) the certificate's chain at that time, (2) its SCT, (3) its profile and whom it
names, (4) the inclusion proof and checkpoint, (5) the log's promise, (6) the time lies in the certificate's, (7) the
signature, (8) the log entry is about this very signature (CVE-2022-36056).
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from sigstore import dsse
from sigstore._internal.timestamp import TimestampVerificationResult
from sigstore.errors import VerificationError
from sigstore.hashes import Hashed
from sigstore.verify import Verifier as LibraryVerifier
from sigstore_models.common.v1 import HashAlgorithm

from attestations.errors import InputError
from attestations.identity import Identity, read_identity
from attestations.keys import Verifier
from attestations.sigstore.entry_body import Logged, read_body
from attestations.sigstore.reading import ReadBundle
from attestations.sigstore.refusals import NotJudgedError, untrusted_key
from attestations.sigstore.root import InUse, read_root
from attestations.sigstore.signed import Signed, VerifiedBundle
from attestations.sigstore.times import times_of
from attestations.strict.document import Document
from attestations.times import Instant

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from sigstore.models import Bundle


def prove_statement(document: Document, trusted_root: bytes, keys: Sequence[Verifier]) -> VerifiedBundle:
    """Return the payload that the bundle's envelope holds, with who signed it; raise InputError or any exception."""
    case = _Case(document, trusted_root)
    envelope = case.envelope
    who = case.statement_by_certificate(envelope) if case.bundle.certificate else case.statement_by_key(envelope, keys)
    return VerifiedBundle(
        identity=who.identity,
        key=who.key,
        signed_on=who.signed_on,
        payload=envelope._inner.payload,  # noqa: SLF001  # the library's way to its own parts, here and below
        payload_type=envelope._inner.payload_type,  # noqa: SLF001
    )


def prove_file(document: Document, trusted_root: bytes, digest: bytes, keys: Sequence[Verifier]) -> Signed:
    """Return who signed the file with this SHA-256; raise InputError or any exception."""
    case = _Case(document, trusted_root)
    return case.file_by_certificate(digest) if case.bundle.certificate else case.file_by_key(digest, keys)


class _Case:
    """One bundle under what its trusted root had in use when it was signed."""

    def __init__(self, document: Document, trusted_root: bytes) -> None:
        root = read_root(trusted_root)
        self.document = document
        self.bundle = ReadBundle.of(document.raw)
        self.entry = self.bundle.entry._inner  # noqa: SLF001
        self.times = times_of(self.bundle, root)  # (0)
        self.in_use = root.in_use(self.entry.log_id.key_id, (found.time for found in self.times))

    @property
    def envelope(self) -> dsse.Envelope:
        """The bundle's envelope, which its form was checked to have."""
        envelope = self.bundle._dsse_envelope  # noqa: SLF001
        if envelope is None:
            raise VerificationError("no envelope")
        return envelope

    def statement_by_certificate(self, envelope: dsse.Envelope) -> Signed:
        """All steps are the library's, but (7) and (8) of entries of kind intoto, which it does not know."""
        certificate, verifier, signer = self.bundle.signing_certificate, _Library(self.in_use, self.times), _Signer()
        key = _elliptic(certificate)
        if self.entry.kind_version.kind != "intoto":
            verifier.verify_dsse(self.bundle, signer)
            return self._signed(identity=signer.identity)
        verifier._verify_common_signing_cert(self.bundle, signer)  # noqa: SLF001  # (1) to (6)
        dsse._verify(key, envelope)  # noqa: SLF001  # (7)
        signed = sha256(envelope._inner.payload).digest()  # noqa: SLF001
        der = certificate.public_bytes(Encoding.DER)
        self._check_logged(Logged(digest=signed, signature=envelope.signature, signer=der), self._body())  # (8)
        return self._signed(identity=signer.identity)

    def statement_by_key(self, envelope: dsse.Envelope, keys: Sequence[Verifier]) -> Signed:
        """No certificate, so no steps (1), (2), (3) and (6): that the key is trusted takes their place."""
        logged = self._proven_body()  # (4) (5)
        trusted = self._trusted(logged, keys)
        if not any(key.verifies(envelope.signature, envelope.pae()) for key in trusted):  # (7)
            raise VerificationError("the signature is not by the key that the log entry names")
        second = self.entry.kind_version.kind == "hashedrekord"
        payload = envelope.pae() if second else envelope._inner.payload  # noqa: SLF001
        mine = Logged(digest=sha256(payload).digest(), signature=envelope.signature, signer=logged.signer)
        self._check_logged(mine, logged)  # (8)
        return self._signed(key=trusted[0].fingerprint)

    def file_by_certificate(self, digest: bytes) -> Signed:
        """All steps are the library's."""
        self._check_hint(digest)
        _elliptic(self.bundle.signing_certificate)
        signer = _Signer()
        hashed = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=digest)
        _Library(self.in_use, self.times).verify_artifact(hashed, self.bundle, signer)
        return self._signed(identity=signer.identity)

    def file_by_key(self, digest: bytes, keys: Sequence[Verifier]) -> Signed:
        """As `statement_by_key`, over the digest of a file."""
        self._check_hint(digest)
        logged = self._proven_body()  # (4) (5)
        trusted = self._trusted(logged, keys)
        signature = self.bundle.signature
        key = _p256(load_der_public_key(logged.signer))
        key.verify(signature, digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))  # (7)
        self._check_logged(Logged(digest=digest, signature=signature, signer=logged.signer), logged)  # (8)
        return self._signed(key=trusted[0].fingerprint)

    def _proven_body(self) -> Logged:
        self.bundle.entry._verify(self.in_use.rekor_keyring())  # noqa: SLF001
        return self._body()

    def _body(self) -> Logged:
        return read_body(self.entry.canonicalized_body, self.entry.kind_version)

    def _check_logged(self, mine: Logged, logged: Logged) -> None:
        if mine != logged:
            raise VerificationError("the log entry is about another signature")

    def _check_hint(self, digest: bytes) -> None:
        """The digest in the bundle proves nothing, but one that differs says that somebody meant another file."""
        message = self.bundle._inner.message_signature  # noqa: SLF001
        hint = message.message_digest if message else None
        if hint is not None and hint.algorithm != HashAlgorithm.SHA2_256:
            raise NotJudgedError(f"a signature over a digest of kind {hint.algorithm.value}")
        if hint is not None and hint.digest != digest:
            raise VerificationError("the bundle names another digest than that of the file")

    def _trusted(self, logged: Logged, keys: Sequence[Verifier]) -> tuple[Verifier, ...]:
        """A key is known by its material; the hint in the bundle is nobody's word."""
        key = load_der_public_key(logged.signer)
        fingerprint = sha256(logged.signer).hexdigest()
        trusted = tuple(each for each in keys if each.fingerprint == fingerprint)
        if not trusted:
            raise untrusted_key(self.document, fingerprint)
        if not isinstance(key, ed25519.Ed25519PublicKey):
            _p256(key)
        return trusted

    def _signed(self, identity: Identity | None = None, key: str | None = None) -> Signed:
        earliest = min(found.time for found in self.times)
        return Signed(identity=identity, key=key, signed_on=Instant.of(earliest))


class _Library(LibraryVerifier):
    """The library's verifier with times that are established already, and without the client of a log's server."""

    def __init__(self, in_use: InUse, times: Sequence[TimestampVerificationResult]) -> None:
        self._fulcio_certificate_chain = in_use.get_fulcio_certs()
        self._trusted_root = in_use
        self._times = list(times)

    def _establish_time(self, bundle: "Bundle") -> list[TimestampVerificationResult]:  # noqa: ARG002  # of this very bundle
        return self._times


class _Signer:
    """What the library asks of a certificate beside its own checks: that it names one signer and one issuer."""

    identity: Identity

    def verify(self, cert: "Certificate") -> None:
        """Keep whom the certificate names; raise NotJudgedError where that is nobody, several, or told by nobody."""
        try:
            self.identity = read_identity(cert)
        except InputError as error:
            raise NotJudgedError(error.found) from None


def _elliptic(certificate: "Certificate") -> ec.EllipticCurvePublicKey:
    """Of other keys in certificates the library knows nothing; it takes SHA-256 for every curve."""
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key
    raise NotJudgedError(f"a certificate for a key of kind {type(key).__name__}")


def _p256(key: object) -> ec.EllipticCurvePublicKey:
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise NotJudgedError(f"a signature by a key of kind {type(key).__name__} that is not on the curve P-256")
