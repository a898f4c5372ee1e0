"""Documents are read plain or out of the envelope that documents are signed in, and out of nothing else."""

import pytest
from world.keys import signer

from attestations.document_envelope import PAYLOAD_TYPE, read_document
from attestations.envelope import seal
from attestations.errors import InputError

TEXT = b"kind: Environment\n"
SEALED = seal(TEXT, PAYLOAD_TYPE, (signer("owners"),))


@pytest.mark.parametrize(("raw", "enveloped"), [(TEXT, False), (SEALED, True), (b"\n " + SEALED, True)])
def test_a_document_is_the_same_with_and_without_envelope(raw, enveloped):
    document, envelope = read_document(raw, "environment.yaml")
    assert (document.raw, document.value) == (TEXT, {"kind": "Environment"})
    assert (envelope is not None) == enveloped


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"kind": "Environment"}', "SCHEMA"),
        (seal(TEXT, "application/vnd.in-toto+json", (signer("owners"),)), "TYPE-PAYLOAD"),
        (SEALED.replace(b'"sig":"', b'"sig":"!'), "ENC-B64"),
        (seal(b"a: 1\na: 2\n", PAYLOAD_TYPE, (signer("owners"),)), "PARSE-DUPKEY"),
    ],
)
def test_anything_else_is_refused(raw, code):
    with pytest.raises(InputError) as refused:
        read_document(raw, "environment.yaml")
    assert refused.value.code == code
