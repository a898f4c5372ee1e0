"""How a bundle is refused: bad is one answer, unsupported another, and neither is ever said as the other."""

from attestations.errors import InputError
from attestations.strict.document import Document, Path
from attestations.strict.text import quoted


class NotJudgedError(Exception):
    """Something that other verifiers may accept and that nobody here has looked at; the text says what."""


def bad(document: Document, path: Path, found: str) -> InputError:
    """Return the refusal of a bundle that was judged and does not prove what it says."""
    return InputError(
        "SIG-BUNDLE",
        found=found,
        wanted="a Sigstore bundle that the pinned trusted root proves: signer, log entry, time, signature",
        fix="offer the bundle as its signer wrote it; check that the trusted root is that of the signer's instance",
        where=document.where(path),
    )


def unsupported(document: Document, path: Path, found: str) -> InputError:
    """Return the refusal of a bundle that was not judged."""
    return InputError(
        "SIG-UNSUPPORTED",
        found=f"unsupported: {found}; it was not judged, neither good nor bad",
        wanted="a bundle of a form that is read (docs/sigstore.md lists them)",
        fix="have it signed by a producer that writes such a bundle; docs/sigstore.md names some",
        where=document.where(path),
    )


def untrusted_key(document: Document, fingerprint: str) -> InputError:
    """Return the refusal of a bundle whose plain key nobody trusts."""
    return InputError(
        "SIG-UNTRUSTED",
        found=f"a bundle signed with the plain key {fingerprint}",
        wanted="a key that is trusted here, by the SHA-256 of its SubjectPublicKeyInfo",
        fix="have it signed by a party of the trust root, or give the signer's public key",
        where=document.where(("verificationMaterial", "publicKey")),
    )


def no_root(found: str) -> InputError:
    """Return the error of a trusted root that is none."""
    return InputError(
        "POL-TRUST",
        found=f"a Sigstore trusted root that cannot be used: {found}",
        wanted="a trusted root, version 0.1 or 0.2, with certificate authority, CT log and transparency log",
        fix="take trusted_root.json from the operator of the Sigstore instance and pin it again",
    )


def reason(error: Exception) -> str:
    """Return a library's exception in words, its text inert and cut."""
    return f"{type(error).__name__}: {quoted(str(error), 200)[1:-1]}"
