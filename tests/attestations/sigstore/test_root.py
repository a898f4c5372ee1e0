import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from bundles import PAYLOAD, both_styles, changed, library, refusal, sealed, verify
from sigstore.models import Bundle
from sigstore.verify.policy import Identity as LibraryIdentity

from attestations.sigstore.practice import WORKFLOW, PrivateSigstore


@pytest.mark.parametrize("section", ["tlogs", "certificateAuthorities", "ctlogs"])
@pytest.mark.parametrize(
    ("window", "good"),
    [
        ({"start": "2026-04-10T09:01:00Z"}, True),
        ({"start": "2026-04-10T09:01:01Z"}, False),
        ({"start": "2026-01-01T00:00:00Z", "end": "2026-04-10T09:01:00Z"}, True),
        ({"start": "2026-01-01T00:00:00Z", "end": "2026-04-10T09:00:59.999Z"}, False),
    ],
)
@both_styles
def test_keys_of_the_instance_prove_nothing_outside_their_own_time(style, section, window, good, tmp_path):
    """The library believes retired keys for ever: whoever got hold of one could sign as anybody today."""
    sigstore = PrivateSigstore(style=style)
    raw = sigstore.sign_statement(PAYLOAD)
    root = json.loads(sigstore.trusted_root)
    holder = root[section][0].get("publicKey", root[section][0])
    holder["validFor"] = window
    trusted_root = json.dumps(root).encode()
    assert library(trusted_root, tmp_path).verify_dsse(Bundle.from_json(raw), LibraryIdentity(identity=WORKFLOW))
    if good:
        assert verify(raw, trusted_root).payload == PAYLOAD
    else:
        assert f"none of the trusted root's {section} was in use" in refusal(raw, trusted_root).found


def test_a_retired_authority_beside_one_in_use_proves_nothing():
    retired, current = PrivateSigstore(), PrivateSigstore()
    root = json.loads(current.trusted_root)
    old = json.loads(retired.trusted_root)
    old["certificateAuthorities"][0]["validFor"]["end"] = "2026-04-10T00:00:00Z"
    for section in ("certificateAuthorities", "ctlogs", "tlogs"):
        root[section] += old[section]
    trusted_root = json.dumps(root).encode()
    assert verify(current.sign_statement(PAYLOAD), trusted_root).payload == PAYLOAD
    assert "chain" in refusal(retired.sign_statement(PAYLOAD), trusted_root).found


@pytest.mark.parametrize("section", ["tlogs", "ctlogs"])
def test_a_log_without_a_time_of_its_own_was_never_in_use(section):
    sigstore = PrivateSigstore()
    root = json.loads(sigstore.trusted_root)
    del root[section][0]["publicKey"]["validFor"]
    assert section in refusal(sigstore.sign_statement(PAYLOAD), json.dumps(root).encode()).found


@pytest.mark.parametrize("section", ["tlogs", "certificateAuthorities", "ctlogs"])
def test_a_trusted_root_without_a_part_proves_nothing(section):
    sigstore = PrivateSigstore()
    root = json.loads(sigstore.trusted_root)
    root[section] = []
    assert refusal(sigstore.sign_statement(PAYLOAD), json.dumps(root).encode()).code == "POL-TRUST"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"{", b""),
        (b'"tlogs":', b'"tlogs":[],"tlogs":'),
        (b"version=0.1", b"version=0.3"),
        (b'"validFor":', b'"valid_for":'),
        (b'"start":', b'"end":'),
        (b'"rawBytes":"', b'"rawBytes":"!'),
    ],
)
def test_a_trusted_root_that_cannot_be_read_in_one_way_is_an_error_of_the_trusted_root(old, new):
    sigstore = PrivateSigstore()
    trusted_root = sigstore.trusted_root
    assert verify(sigstore.sign_statement(PAYLOAD), trusted_root)
    assert refusal(sigstore.sign_statement(PAYLOAD), trusted_root.replace(old, new)).code == "POL-TRUST"


@pytest.mark.parametrize(
    ("window", "good"),
    [
        ({"start": "2026-04-10T09:01:00Z"}, True),
        ({"start": "2026-04-10T09:01:01Z"}, False),
        ({"start": "2026-01-01T00:00:00Z", "end": "2026-04-10T09:01:00Z"}, True),
        ({"start": "2026-01-01T00:00:00Z", "end": "2026-04-10T09:00:59.999Z"}, False),
    ],
)
def test_the_last_moment_of_a_timestamp_authority_s_time_belongs_to_it(window, good):
    """protobuf-specs: the range is closed. The library counts its end as outside."""
    sigstore = PrivateSigstore(style=2)
    raw = sigstore.sign_statement(PAYLOAD)
    root = json.loads(sigstore.trusted_root)
    root["timestampAuthorities"][0]["validFor"] = window
    trusted_root = json.dumps(root).encode()
    if good:
        assert verify(raw, trusted_root).payload == PAYLOAD
    else:
        assert "not enough sources of verified time" in refusal(raw, trusted_root).found


@both_styles
def test_an_instance_whose_time_has_not_begun_by_the_clock_is_judged_by_the_signing_time(style):
    """The library asks the clock. A clock that is behind must not decide."""
    sigstore = PrivateSigstore(style=style, now=datetime(2045, 1, 1, tzinfo=UTC))
    assert verify(sigstore.sign_statement(PAYLOAD), sigstore.trusted_root).payload == PAYLOAD


def test_a_timestamp_authority_of_one_certificate_is_an_error_of_the_trusted_root():
    """A leaf alone would be its own witness; the library passes over such an authority in silence."""
    sigstore = PrivateSigstore(style=2)
    root = json.loads(sigstore.trusted_root)
    del root["timestampAuthorities"][0]["certChain"]["certificates"][1:]
    assert refusal(sigstore.sign_statement(PAYLOAD), json.dumps(root).encode()).code == "POL-TRUST"


def test_a_trusted_root_of_version_0_2_is_read_alike():
    sigstore = PrivateSigstore()
    later = sigstore.trusted_root.replace(b"trustedroot+json;version=0.1", b"trustedroot.v0.2+json")
    assert later != sigstore.trusted_root
    assert verify(sigstore.sign_statement(PAYLOAD), later).payload == PAYLOAD


@pytest.mark.parametrize("section", ["tlogs", "certificateAuthorities", "ctlogs"])
@pytest.mark.parametrize(("start", "good"), [("09:01:00", True), ("09:01:01", False)])
def test_every_proven_time_must_lie_in_the_instance_s_own(section, start, good):
    """A stamp of 9:01 and a log's time of 9:05: one of them inside is not enough."""
    sigstore = PrivateSigstore()
    later = timedelta(minutes=5)
    bundle = json.loads(sealed(sigstore, after=later))
    signature = base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])
    stamp = base64.b64encode(sigstore.timestamps.response(signature, sigstore.now + timedelta(minutes=1))).decode()
    stamps = {"rfc3161Timestamps": [{"signedTimestamp": stamp}]}
    raw = changed(json.dumps(bundle), ("verificationMaterial", "timestampVerificationData"), stamps)
    root = json.loads(sigstore.trusted_root)
    holder = root[section][0].get("publicKey", root[section][0])
    holder["validFor"] = {"start": f"2026-04-10T{start}Z"}
    trusted_root = json.dumps(root).encode()
    if good:
        assert str(verify(raw, trusted_root).signed_on) == "2026-04-10T09:01:00Z"
    else:
        assert f"{section} was in use" in refusal(raw, trusted_root).found
