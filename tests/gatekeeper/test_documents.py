"""Documents that people write: plain or signed, known by the digest of their own bytes, of the kind that is wanted."""

import json

import pytest
from world.documents import dump, request
from world.keys import signer

from attestations.digest import sha256
from attestations.document_envelope import PAYLOAD_TYPE
from attestations.envelope import seal
from attestations.errors import InputError
from gatekeeper.documents import load, parse_source, read_source
from gatekeeper.request import DeploymentRequest

RAW = dump(request())


def sealed(raw=RAW, payload_type=PAYLOAD_TYPE):
    return seal(raw, payload_type, (signer("owners"),))


def refusal(raw):
    with pytest.raises(InputError) as caught:
        load(parse_source(raw, "request.yaml"), DeploymentRequest, "DeploymentRequest")
    return caught.value


def test_a_document_is_the_same_signed_or_not():
    plain, signed = parse_source(RAW, "request.yaml"), parse_source(sealed(), "request.yaml")
    assert plain.digest == signed.digest == sha256(RAW)
    assert (plain.raw, signed.raw) == (RAW, sealed())
    assert plain.envelope is None
    assert signed.envelope is not None
    assert load(plain, DeploymentRequest, "DeploymentRequest").record == (
        load(signed, DeploymentRequest, "DeploymentRequest").record
    )


def test_white_space_before_an_envelope_is_no_yaml():
    assert parse_source(b"\n  " + sealed(), "request.yaml").envelope is not None


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "PARSE-YAML"),
        (b"{}", "SCHEMA"),
        (json.dumps(request()).encode(), "SCHEMA"),
        (sealed(payload_type="application/vnd.in-toto+json"), "TYPE-PAYLOAD"),
        (sealed(RAW + b"kind: Policy\n"), "PARSE-DUPKEY"),
        (sealed(b"{}"), "SCHEMA"),
        (seal(RAW, PAYLOAD_TYPE, ()), "SIG-NONE"),
        (RAW.replace(b"DeploymentRequest", b"Policy"), "SCHEMA"),
        (RAW.replace(b"gatekeeper/v1", b"gatekeeper/v2"), "SCHEMA"),
        (RAW.replace(b"kind: DeploymentRequest\n", b""), "SCHEMA"),
        (b"- a\n", "SCHEMA"),
        (b"text\n", "SCHEMA"),
    ],
    ids=range(12),
)
def test_what_is_no_document_of_its_kind_is_refused(raw, code):
    assert refusal(raw).code == code


def test_a_refusal_names_the_line():
    error = refusal(RAW.replace(b"  stage: canary", b"  stage: 7"))
    line = RAW.split(b"\n").index(b"  stage: canary") + 1
    assert (error.code, error.where.file, error.where.line) == ("SCHEMA", "request.yaml", line)


def test_a_document_is_read_from_a_plain_file_only(tmp_path):
    path = tmp_path / "request.yaml"
    path.write_bytes(RAW)
    assert read_source(path).digest == sha256(RAW)
    (tmp_path / "link.yaml").symlink_to(path)
    with pytest.raises(InputError, match="PATH"):
        read_source(tmp_path / "link.yaml")
