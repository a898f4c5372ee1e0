"""What a bundle proves: a statement or a file, signed by somebody, at a time that others signed for."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attestations.errors import InputError
from attestations.sigstore.refusals import NotJudgedError, bad, reason, unsupported
from attestations.sigstore.signed import Signed, VerifiedBundle
from attestations.sigstore.writing import check_form, check_writing
from attestations.strict.document import Document

if TYPE_CHECKING:
    from attestations.keys import Verifier


def verify_bundle(document: Document, trusted_root: bytes, keys: "Iterable[Verifier]" = ()) -> VerifiedBundle:
    """Return what the bundle in `document` proves under the Sigstore instance that `trusted_root` describes.

    `keys` are those that may sign without a certificate. No network, no cache, no clock. Raises InputError: POL-TRUST
    (the trusted root is none), SIG-UNSUPPORTED (not judged), SIG-UNTRUSTED (another key), ENC-B64, SIG-BUNDLE (bad).
    """
    with _one_refusal(document, "dsseEnvelope"):
        from attestations.sigstore.proof import prove_statement

        return prove_statement(document, trusted_root, tuple(keys))


def verify_file(document: Document, trusted_root: bytes, digest: bytes, keys: "Iterable[Verifier]" = ()) -> Signed:
    """Return who signed the file whose SHA-256 is `digest`, as the bundle in `document` proves it (messageSignature).

    Raises what `verify_bundle` raises.
    """
    with _one_refusal(document, "messageSignature"):
        from attestations.sigstore.proof import prove_file

        return prove_file(document, trusted_root, digest, tuple(keys))


@contextmanager
def _one_refusal(document: Document, content: str) -> Iterator[None]:
    """Say every failure of a proof in one way, after the bundle was seen to be of a form that can be proven."""
    check_writing(document)
    check_form(document, content)
    try:
        yield
    except InputError:
        raise
    except NotJudgedError as error:
        raise unsupported(document, (), str(error)) from None
    except Exception as error:  # noqa: BLE001 - five classes of the library, pydantic's and bare ValueErrors: all refuse
        raise bad(document, (), f"a bundle that does not verify: {reason(error)}") from None
