"""Times that others signed for: at least one, by somebody whom the trusted root names."""

import base64
import json

import pytest
from bundles import ENTRY, PAYLOAD, SIGNED_ON, certified, changed, refusal, sealed, verify
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attestations.keys import read_public_key
from attestations.sigstore.practice import PrivateSigstore, new_key

STAMPS = ("verificationMaterial", "timestampVerificationData", "rfc3161Timestamps")
MOST = 32
"""as sigstore-go and sigstore-python have it"""


def with_logs(*instances):
    """Return a trusted root of the first instance that names the logs and timestamp authorities of all."""
    roots = [json.loads(instance.trusted_root) for instance in instances]
    for section in ("tlogs", "timestampAuthorities"):
        roots[0][section] = [one for root in roots for one in root[section]]
    return json.dumps(roots[0]).encode()


@pytest.mark.parametrize("count", [0, 1])
def test_a_key_needs_a_proven_time_as_an_identity_does(count):
    sigstore, key = PrivateSigstore(style=2), new_key()
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    keys = [read_public_key(pem, "key.pem")]
    raw = sigstore.seal(PAYLOAD, key, None)
    raw = changed(raw, STAMPS, json.loads(raw)["verificationMaterial"][STAMPS[1]][STAMPS[2]][:count])
    if count:
        assert verify(raw, sigstore.trusted_root, keys).signed_on == SIGNED_ON
    else:
        assert "not enough sources of verified time" in refusal(raw, sigstore.trusted_root, keys).found


@pytest.mark.parametrize(("count", "good"), [(MOST, True), (MOST + 1, False)])
def test_there_are_only_so_many_timestamps(count, good):
    sigstore = PrivateSigstore(style=2)
    raw = sealed(sigstore)
    raw = changed(raw, STAMPS, json.loads(raw)["verificationMaterial"][STAMPS[1]][STAMPS[2]] * count)
    if good:
        assert verify(raw, sigstore.trusted_root).signed_on == SIGNED_ON
    else:
        assert "33 timestamps, of at most 32" in refusal(raw, sigstore.trusted_root).found


def test_every_timestamp_authority_of_the_trusted_root_is_asked():
    sigstore, other = PrivateSigstore(style=2), PrivateSigstore(style=2)
    root = json.loads(with_logs(sigstore, other))
    for authorities in (root["timestampAuthorities"], root["timestampAuthorities"][::-1]):
        trusted_root = json.dumps(root | {"timestampAuthorities": authorities}).encode()
        assert verify(sealed(sigstore), trusted_root).signed_on == SIGNED_ON


def test_a_promise_tells_no_time_of_an_entry_of_the_second_style():
    """Such logs promise nothing: a promise beside their kind of entry is somebody else's idea."""
    first, second = PrivateSigstore(), PrivateSigstore(style=2)
    key, certificate = certified(first)
    recorded = []
    record = first.log.append
    second.log.append = lambda *entry: recorded.append(entry) or {}
    second.seal(PAYLOAD, key, certificate)
    first.log.append = lambda *_: record(*recorded[0])
    raw = first.seal(PAYLOAD, key, certificate)
    assert json.loads(raw)["verificationMaterial"]["tlogEntries"][0]["kindVersion"]["version"] == "0.0.2"
    assert "not enough sources of verified time" in refusal(raw, first.trusted_root).found
    signature = base64.b64decode(json.loads(raw)["dsseEnvelope"]["signatures"][0]["sig"])
    stamp = base64.b64encode(first.timestamps.response(signature, first.now.replace(minute=1))).decode()
    stamped = changed(raw, STAMPS[:2], {STAMPS[2]: [{"signedTimestamp": stamp}]})
    assert verify(stamped, first.trusted_root).signed_on == SIGNED_ON


def test_only_the_log_that_the_entry_names_signs_its_checkpoint():
    sigstore, other = PrivateSigstore(style=2), PrivateSigstore(style=2)
    trusted_root = with_logs(sigstore, other)
    raw = sealed(sigstore)
    assert verify(raw, trusted_root).payload == PAYLOAD
    path = (*ENTRY, "inclusionProof", "checkpoint", "envelope")
    note = json.loads(raw)["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]["envelope"]
    text, _, signed = note.rstrip("\n").rpartition(" ")
    renamed = base64.b64encode(other.log.log_id[:4] + base64.b64decode(signed)[4:]).decode()
    forged = changed(raw, path, f"{text} {renamed}\n")
    forged = changed(forged, (*ENTRY, "logId", "keyId"), base64.b64encode(other.log.log_id).decode())
    assert "checkpoint: invalid signature" in refusal(forged, trusted_root).found
