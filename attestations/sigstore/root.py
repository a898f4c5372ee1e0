"""A Sigstore instance as its trusted root describes it, and what of it was in use when something was signed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache

from cryptography.x509 import Certificate, load_der_x509_certificate
from rfc3161_client import Verifier as StampVerifier
from rfc3161_client import VerifierBuilder
from sigstore._internal.trust import CTKeyring, Keyring, KeyringPurpose, RekorKeyring
from sigstore.errors import VerificationError
from sigstore.models import TrustedRoot
from sigstore_models.common.v1 import TimeRange
from sigstore_models.trustroot import v1 as trustroot_v1

from attestations.edwards import WEAK_ED25519, is_weak_ed25519
from attestations.errors import InputError
from attestations.sigstore.refusals import no_root, reason
from attestations.sigstore.writing import check_writing
from attestations.strict import read_json
from attestations.times import Instant

_ED25519 = bytes.fromhex("302a300506032b6570032100")
"""how the SubjectPublicKeyInfo of an Ed25519 key begins (RFC 8410, 4): the key itself follows"""


class InUse(TrustedRoot):
    """What the library's verifier asks of a trusted root, answered without its clock and without retired keys."""

    def __init__(self, certificates: Sequence[Certificate], logs: Keyring, ct_logs: Keyring) -> None:
        self._certificates = list(certificates)
        self._logs = RekorKeyring(logs)
        self._ct_logs = CTKeyring(ct_logs)

    def get_fulcio_certs(self) -> list[Certificate]:
        """Return the certificates of the authorities."""
        return self._certificates

    def rekor_keyring(self, purpose: KeyringPurpose = KeyringPurpose.VERIFY) -> RekorKeyring:  # noqa: ARG002  # the library's form
        """Return the key of the one log that the entry names."""
        return self._logs

    def ct_keyring(self, purpose: KeyringPurpose = KeyringPurpose.VERIFY) -> CTKeyring:  # noqa: ARG002  # the library's form
        """Return the keys of the CT logs."""
        return self._ct_logs


class Root:
    """One trusted root, read once. Whoever holds it need not ask the clock: windows are held against signing times."""

    def __init__(self, raw: bytes) -> None:
        inner = trustroot_v1.TrustedRoot.from_json(raw)
        self._authorities = tuple((_certificates(one), one.valid_for) for one in inner.certificate_authorities)
        self._ct_logs = tuple(inner.ctlogs)
        self._logs = tuple(inner.tlogs)
        self.stampers = tuple((_stamp_verifier(one), one.valid_for) for one in inner.timestamp_authorities)
        self._selected = cache(self._select)
        for name, part in (("tlogs", self._logs), ("ctlogs", self._ct_logs), ("authorities", self._authorities)):
            if not part:
                raise VerificationError(f"no {name}")
        for log in (*self._logs, *self._ct_logs):
            _check_key(log.public_key.raw_bytes or b"")

    def in_use(self, log_id: bytes, times: Iterable[datetime]) -> InUse:
        """Return what was in use at all of `times`, with the log of that id.

        The library believes retired keys for ever, and asks the clock whether a key's time has begun. Raises
        VerificationError where nothing was in use.
        """
        moments = tuple(times)
        authorities = tuple(index for index, (_, window) in enumerate(self._authorities) if covers(window, moments))
        ct_logs = _covered(self._ct_logs, moments)
        named = {index for index, log in enumerate(self._logs) if log.log_id.key_id == log_id}
        if not named:
            raise VerificationError("a log entry of a log that the trusted root does not name")
        logs = tuple(index for index in _covered(self._logs, moments) if index in named)
        sections = (("certificateAuthorities", authorities), ("ctlogs", ct_logs), ("tlogs", logs))
        for section, used in sections:
            if not used:
                signed = " and ".join(str(Instant.of(moment)) for moment in moments)
                raise VerificationError(
                    f"a signing time of {signed}, when none of the trusted root's {section} was in use"
                )
        return self._selected(authorities, logs, ct_logs)

    def _select(self, authorities: Sequence[int], logs: Sequence[int], ct_logs: Sequence[int]) -> InUse:
        certificates = [certificate for index in authorities for certificate in self._authorities[index][0]]
        log_keys = Keyring([self._logs[index].public_key for index in logs])
        return InUse(certificates, log_keys, Keyring([self._ct_logs[index].public_key for index in ct_logs]))


@lru_cache(maxsize=8)
def read_root(raw: bytes) -> Root:
    """Return the trusted root in `raw`; raise InputError (POL-TRUST) for anything else."""
    try:
        check_writing(read_json(raw, "trusted root"))
        return Root(raw)
    except InputError as error:
        raise no_root(error.found) from None
    except Exception as error:  # noqa: BLE001 - as in verification.py
        raise no_root(reason(error)) from None


def covers(window: TimeRange | None, moments: Iterable[datetime]) -> bool:
    """Return whether all `moments` lie in `window`, both ends included (protobuf-specs, TimeRange); None: no."""
    if window is None:
        return False
    return all(window.start <= moment and (window.end is None or moment <= window.end) for moment in moments)


def _covered(logs: Sequence[trustroot_v1.TransparencyLogInstance], moments: Sequence[datetime]) -> tuple[int, ...]:
    return tuple(index for index, log in enumerate(logs) if covers(log.public_key.valid_for, moments))


def _check_key(spki: bytes) -> None:
    if spki.startswith(_ED25519) and is_weak_ed25519(spki[len(_ED25519) :]):
        raise VerificationError(f"a log with {WEAK_ED25519}")


def _certificates(authority: trustroot_v1.CertificateAuthority) -> tuple[Certificate, ...]:
    return tuple(load_der_x509_certificate(one.raw_bytes) for one in authority.cert_chain.certificates)


def _stamp_verifier(authority: trustroot_v1.CertificateAuthority) -> StampVerifier:
    """Leaf, any intermediates, root, in this order: a leaf alone would be its own witness."""
    leaf, *between, root = _certificates(authority)
    builder = VerifierBuilder().tsa_certificate(leaf).add_root_certificate(root)
    for certificate in between:
        builder = builder.add_intermediate_certificate(certificate)
    return builder.build()
