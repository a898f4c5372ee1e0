"""Times that others signed for: the log's own (Rekor v1), and those of timestamp authorities (RFC 3161)."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rfc3161_client import TimeStampResponse
from rfc3161_client import VerificationError as StampError
from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult
from sigstore.errors import VerificationError
from sigstore.verify.verifier import MAX_ALLOWED_TIMESTAMP

from attestations.sigstore.reading import ReadBundle
from attestations.sigstore.root import Root, covers

_OF_FIRST_STYLE = ("dsse 0.0.1", "hashedrekord 0.0.1", "intoto 0.0.2")


def times_of(bundle: ReadBundle, root: Root) -> tuple[TimestampVerificationResult, ...]:
    """Return every time at which the signature is proven to have existed: at least one.

    A timestamp is proven here. The log's time is a claim until its promise is verified, which every caller does. A
    timestamp by nobody in the trusted root is no time and no fault. Raises VerificationError where there is no time.
    """
    found = (*_stamped(bundle, root), *_logged(bundle))
    if not found:
        raise VerificationError("not enough sources of verified time")
    return found


def _logged(bundle: ReadBundle) -> Iterator[TimestampVerificationResult]:
    entry = bundle.entry._inner  # noqa: SLF001  # the library's way to its own parts
    kind = f"{entry.kind_version.kind} {entry.kind_version.version}"
    if entry.inclusion_promise and entry.integrated_time and kind in _OF_FIRST_STYLE:
        time = datetime.fromtimestamp(entry.integrated_time, UTC)
        yield TimestampVerificationResult(source=TimestampSource.TRANSPARENCY_SERVICE, time=time)


def _stamped(bundle: ReadBundle, root: Root) -> Iterator[TimestampVerificationResult]:
    data = bundle.verification_material.timestamp_verification_data
    responses = data.rfc3161_timestamps if data else []
    if len(responses) > MAX_ALLOWED_TIMESTAMP:
        raise VerificationError(f"{len(responses)} timestamps, of at most {MAX_ALLOWED_TIMESTAMP}")
    for response in responses:
        if _is_proven(response, bundle.signature, root):
            time = response.tst_info.gen_time
            yield TimestampVerificationResult(source=TimestampSource.TIMESTAMP_AUTHORITY, time=time)


def _is_proven(response: TimeStampResponse, signature: bytes, root: Root) -> bool:
    """The library counts the last moment of an authority's time as outside; protobuf-specs counts it in."""
    for stamper, window in root.stampers:
        try:
            stamper.verify_message(response, signature)
        except StampError:
            continue
        if covers(window, [response.tst_info.gen_time]):
            return True
    return False
