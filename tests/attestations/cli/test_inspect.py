"""`attest inspect` shows what a file says, in whatever form it travels, and that nobody has verified it."""

import base64
import hashlib
import json

import layouts as l
import pytest
from world.registry import World

from attestations.cli import main_group
from attestations.errors import InputError
from attestations.layout import read_chain
from attestations.sigstore.practice import PrivateSigstore
from attestations.strict import read_json

HSM = World().files()["evidence/hsm.json"]
PAYLOAD = base64.b64decode(json.loads(HSM)["payload"])
DIGEST = hashlib.sha256(PAYLOAD).hexdigest()


@pytest.fixture
def inspect(tmp_path, capsys):
    """Return what is printed of a file with these bytes, as JSON; that the text says so too is looked at each time."""

    def run(raw):
        path = tmp_path / "file.json"
        path.write_bytes(raw)
        for output in ("text", "json"):
            arguments = ["inspect", str(path), f"--output={output}"]
            main_group.main(arguments, prog_name="attest", standalone_mode=False)
            printed = capsys.readouterr().out
            assert output == "json" or printed.startswith("NOT VERIFIED: ")
        shown = json.loads(printed)
        assert shown["verified"] is False
        assert shown["sha256"] == hashlib.sha256(raw).hexdigest()
        return shown

    return run


def bundle(payload=PAYLOAD):
    return PrivateSigstore().sign_statement(payload, "https://ci.example/r@refs/tags/v1", "https://ci.example")


@pytest.mark.parametrize(("form", "raw"), [("statement", PAYLOAD), ("envelope", HSM), ("bundle", bundle())])
def test_the_digest_of_a_statement_is_the_same_however_it_travels(inspect, form, raw):
    shown = inspect(raw)
    assert (shown["form"], shown["payloadSha256"], shown["parts"]) == (form, DIGEST, None)
    assert shown["predicateType"].endswith("/hsm-key-coverage/v1")
    assert shown["predicate"] == json.loads(PAYLOAD)["predicate"]


def test_the_digest_that_is_shown_is_the_one_that_a_trust_root_takes_back(inspect):
    taken_back = {"attestations": [{"sha256": inspect(HSM)["payloadSha256"], "reason": "the probe was wrong"}]}
    world = World().with_document("trust", lambda trust: trust["spec"].update(revoked=taken_back))
    refusals = [item.refusal.code for item in world.judge().decision.evidence if item.refusal]
    assert refusals == ["EVID-REVOKED"]


def test_a_document_of_its_owners_has_a_digest_and_no_statement(inspect):
    text = b"kind: Policy\n"
    raw = json.dumps(
        {
            "payload": base64.b64encode(text).decode(),
            "payloadType": "application/vnd.gatekeeper+yaml",
            "signatures": [{"keyid": "x", "sig": "AA=="}],
        }
    ).encode()
    shown = inspect(raw)
    assert (shown["payloadSha256"], shown["predicateType"]) == (hashlib.sha256(text).hexdigest(), None)


@pytest.mark.parametrize(
    "form", [l.in_envelope, l.in_metablock, l.as_attestation], ids=["DSSE", "Metablock", "attestation"]
)
def test_of_a_layout_every_part_is_shown_with_its_place_and_digest(inspect, form):
    raw = l.chain(links=(*l.LINKS[:2], l.sublayout(form=form)), form=form)
    shown = inspect(raw)
    assert [(part["kind"], part["place"]) for part in shown["parts"]] == [
        ("layout", []),
        ("link", ["build"]),
        ("link", ["build"]),
        ("layout", ["package"]),
        ("link", ["package", "collect"]),
        ("link", ["package", "wrap"]),
    ]
    assert shown["parts"][0]["steps"] == ["build", "package"]
    assert shown["parts"][3]["keyHints"] == [l.key_id("packager")]
    assert [part["payloadSha256"] for part in shown["parts"]] == [
        shown["parts"][0]["payloadSha256"],
        *list(read_chain(read_json(raw, "layout.json")).digests)[1:],
    ]


@pytest.mark.parametrize(
    "form", [l.in_envelope, l.in_metablock, l.as_attestation], ids=["DSSE", "Metablock", "attestation"]
)
def test_a_layout_or_link_alone_is_shown(inspect, form):
    shown = inspect(json.dumps(form(l.layout(), "project")).encode())
    assert (shown["parts"][0]["kind"], shown["parts"][0]["place"]) == ("layout", [])
    assert shown["payloadSha256"] == shown["parts"][0]["payloadSha256"]
    shown = inspect(json.dumps(form(*l.LINKS[0])).encode())
    assert (shown["parts"][0]["kind"], shown["parts"][0]["place"]) == ("link", ["build"])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{}", "TYPE-PAYLOAD"),
        (b'{"signed": {"_type": "layout"}, "signatures": []}', "SCHEMA"),
        (b'{"signed": 7, "signatures": 7}', "SCHEMA"),
        (b'{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}', "SCHEMA"),
        (l.chain().replace(b'"links":[', b'"links":[7,'), "SCHEMA"),
    ],
)
def test_what_cannot_be_read_is_an_error_and_nothing_is_shown(inspect, raw, code):
    with pytest.raises(InputError) as caught:
        inspect(raw)
    assert caught.value.code == code
