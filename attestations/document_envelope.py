"""The documents that people write, as they lie in files: YAML, plain or in a DSSE envelope."""

from pathlib import Path

from attestations.envelope import Envelope, looks_like_envelope, read_envelope
from attestations.errors import InputError
from attestations.strict import read_file, read_json, read_yaml
from attestations.strict.document import Document
from attestations.strict.limits import EVIDENCE

PAYLOAD_TYPE = "application/vnd.signer-gatekeeper.document+yaml"


def document_at(path: Path) -> Document:
    """Return the YAML document in the file at `path`; who signed it, where somebody did, is the gate's question.

    Raises InputError: what `read_file` and `read_document` raise.
    """
    document, _ = read_document(read_file(path, EVIDENCE.max_bytes), str(path))
    return document


def read_document(raw: bytes, name: str) -> tuple[Document, Envelope | None]:
    """Return the YAML document in `raw`, and the envelope around it where it has one; who signed that is open.

    Raises InputError: PARSE-YAML and the like, SCHEMA (JSON that is no envelope), TYPE-PAYLOAD (one around another
    kind of payload).
    """
    if not raw.lstrip().startswith(b"{"):
        return read_yaml(raw, name), None
    found = read_json(raw, name)
    if not looks_like_envelope(found):
        raise InputError(
            "SCHEMA",
            found="JSON that is not a DSSE envelope",
            wanted="a YAML document, or one in a DSSE envelope",
            fix="write requests, environments, policies and trust roots as YAML",
            where=found.where(),
        )
    envelope = read_envelope(found)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise InputError(
            "TYPE-PAYLOAD",
            found=f"payload type {envelope.payload_type!a:.80}",
            wanted=PAYLOAD_TYPE,
            fix="sign documents with:  gatekeeper sign-document",
            where=found.where(("payloadType",)),
        )
    return read_yaml(envelope.payload, name), envelope
