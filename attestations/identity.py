"""Whom a Sigstore certificate names, and whether that is whom a trust root names (threats A9, S06, S12).

Issuer and identity only ever go together: an identity without its issuer is anybody's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attestations.errors import InputError
from attestations.strict.text import quoted

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_VISIBLE = re.compile(r"[\x21-\x7e]{1,1024}")
_URI = re.compile(r"[a-z][a-z0-9+.-]*://[^/@]+(/.*)?")
_EMAIL = re.compile(r"[^@/:]+@[^@/:]+")
_REGULAR_EXPRESSION = re.compile(r"[\\^$()\[\]{}|?]|\.[*+]")
_WILDCARD = re.compile(r"[a-z][a-z0-9+.-]*://[^/*]+/[^/*][^*]*/\*")
"""scheme, host, a path, and one `*` in the place of its whole last segment"""
_SEGMENT = re.compile(r"[^/*]+")

_FULCIO = "1.3.6.1.4.1.57264.1"
_ISSUER = f"{_FULCIO}.8"
_EXTENSIONS = {
    f"{_FULCIO}.9": "build_signer_uri",
    f"{_FULCIO}.10": "build_signer_digest",
    f"{_FULCIO}.11": "runner_environment",
    f"{_FULCIO}.12": "source_repository_uri",
    f"{_FULCIO}.13": "source_repository_digest",
    f"{_FULCIO}.14": "source_repository_ref",
    f"{_FULCIO}.15": "source_repository_identifier",
    f"{_FULCIO}.16": "source_repository_owner_uri",
    f"{_FULCIO}.17": "source_repository_owner_identifier",
    f"{_FULCIO}.18": "build_config_uri",
    f"{_FULCIO}.19": "build_config_digest",
    f"{_FULCIO}.20": "build_trigger",
    f"{_FULCIO}.21": "run_invocation_uri",
    f"{_FULCIO}.22": "source_repository_visibility",
}
"""sigstore/fulcio, docs/oid-info.md: DER UTF8String each"""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who asked the authority for the certificate, as told by whom."""

    issuer: str
    """the OpenID Connect issuer that vouched (Fulcio extension 8)"""
    subject: str
    """the certificate's only subject alternative name: a URI or an e-mail address"""
    extensions: Mapping[str, str] = field(hash=False)
    """what else the issuer said, by the names of Fulcio's extensions 9 to 22, such as source_repository_ref"""


def read_identity(certificate: "Certificate") -> Identity:
    """Return whom the certificate names.

    Raises InputError SIG-BUNDLE where that is nobody, several, or told by nobody; ValueError where it cannot be read.
    """
    from cryptography.hazmat import asn1
    from cryptography.x509 import RFC822Name, SubjectAlternativeName, UniformResourceIdentifier, UnrecognizedExtension

    values = {extension.oid.dotted_string: extension.value for extension in certificate.extensions}
    names = [name for value in values.values() if isinstance(value, SubjectAlternativeName) for name in value]
    told = {
        oid: asn1.decode_der(str, value.value)
        for oid, value in values.items()
        if oid in (_ISSUER, *_EXTENSIONS) and isinstance(value, UnrecognizedExtension)
    }
    if len(names) != 1 or not isinstance(names[0], RFC822Name | UniformResourceIdentifier):
        raise _nameless(f"{len(names)} names" if len(names) != 1 else f"a name of kind {type(names[0]).__name__}")
    if _ISSUER not in told:
        raise _nameless("no word of who vouched for its name (Fulcio extension 8)")
    extensions = {name: told[oid] for oid, name in _EXTENSIONS.items() if oid in told}
    return Identity(issuer=told[_ISSUER], subject=names[0].value, extensions=extensions)


def check_pattern(text: str) -> None:
    """Raise InputError (ID-PATTERN) for an identity that may not stand in a trust root.

    It is exact, or a URI with one `*` in the place of its whole last segment. What another tool would read as a
    pattern is refused rather than compared as it stands: somebody meant something by it.
    """
    if fault := _fault(text):
        raise InputError(
            "ID-PATTERN",
            found=f"the identity {quoted(text, 120)}, which {fault}",
            wanted="the whole identity, or a URI that ends in /* for any one last segment",
            fix="write it out, as in  https://github.com/OWNER/REPOSITORY/.github/workflows/FILE.yml@refs/tags/*",
        )


def check_issuer(text: str) -> None:
    """Raise InputError (ID-PATTERN) for an issuer that may not stand in a trust root."""
    if (fault := _fault(text)) or "*" in text or not _URI.fullmatch(text):
        raise InputError(
            "ID-PATTERN",
            found=f"the issuer {quoted(text, 120)}, which {fault or 'is no exact URI'}",
            wanted="the exact URI of an OpenID Connect issuer; there are no patterns for issuers",
            fix="write it out, as in  https://token.actions.githubusercontent.com",
        )


def matches(pattern_issuer: str, pattern_identity: str, identity: Identity) -> bool:
    """Return whether `identity` is the one named: issuer exact, subject exact or by its one wildcard.

    Case counts. A subject with white space, control or non-ASCII characters matches nothing, and so does a pattern
    that `check_pattern` refuses.
    """
    if _fault(pattern_identity) or not _VISIBLE.fullmatch(identity.subject):
        return False
    return identity.issuer == pattern_issuer and _subject_matches(pattern_identity, identity.subject)


def _subject_matches(pattern: str, subject: str) -> bool:
    """A `*` never reaches over an `@`: `workflows/*` is any workflow, but not any workflow at any commit."""
    if not pattern.endswith("*"):
        return subject == pattern
    prefix = pattern[:-1]
    segment = subject.removeprefix(prefix)
    followed = subject.startswith(prefix) and _SEGMENT.fullmatch(segment) is not None
    return followed and ("@" in prefix or "@" not in segment)


def _fault(pattern: str) -> str | None:
    if not _VISIBLE.fullmatch(pattern):
        return "is empty, too long, or has white space, control or non-ASCII characters"
    if _REGULAR_EXPRESSION.search(pattern):
        return "has the signs of a regular expression"
    if not (_URI.fullmatch(pattern) or _EMAIL.fullmatch(pattern)):
        return "is neither a URI with its scheme nor an e-mail address"
    if "*" in pattern and not _WILDCARD.fullmatch(pattern):
        return "has a * that is not the whole last segment of a path"
    return None


def _nameless(found: str) -> InputError:
    return InputError(
        "SIG-BUNDLE",
        found=f"a signing certificate with {found}",
        wanted="one name, a URI or an e-mail address, and the issuer that vouched for it",
        fix="have it signed with a certificate of a Fulcio authority, version 1.0 or newer",
    )
