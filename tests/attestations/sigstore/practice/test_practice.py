"""The practice instance: repeatable, quick, and what others take for the real thing."""

import json
import subprocess
import time

import pytest
from bundles import CLAIMS, PAYLOAD, certified, library
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import decode_timestamp_response
from sigstore.models import Bundle
from sigstore.verify.policy import Identity

from attestations.sigstore.practice import GITHUB, NOW, WORKFLOW, PrivateSigstore, new_key
from attestations.sigstore.practice.log import audit_path, tree_root
from gatekeeper.ledger.tree import leaf_hash, verify_inclusion


@pytest.mark.parametrize("style", [1, 2])
def test_with_a_seed_the_same_calls_give_the_same_bytes(style):
    one, again, other = (PrivateSigstore(style=style, seed=seed) for seed in ("ours", "ours", "theirs"))
    assert one.trusted_root == again.trusted_root != other.trusted_root
    assert one.sign_statement(PAYLOAD, **CLAIMS) == again.sign_statement(PAYLOAD, **CLAIMS)
    assert one.sign_statement(PAYLOAD) != other.sign_statement(PAYLOAD)


def test_without_a_seed_no_two_instances_are_the_same():
    assert PrivateSigstore().trusted_root != PrivateSigstore().trusted_root


@pytest.mark.parametrize("style", [1, 2])
def test_the_library_alone_believes_it(style, tmp_path):
    sigstore = PrivateSigstore(style=style)
    bundle = Bundle.from_json(sigstore.sign_statement(PAYLOAD))
    found = library(sigstore.trusted_root, tmp_path).verify_dsse(bundle, Identity(identity=WORKFLOW, issuer=GITHUB))
    assert found == ("application/vnd.in-toto+json", PAYLOAD)


def test_a_hundred_signers_take_less_than_a_second():
    started = time.process_time()
    sigstore = PrivateSigstore(style=2)
    for _ in range(100):
        sigstore.sign_file(b"a file", *certified(sigstore))
    assert time.process_time() - started < 1


def test_a_timestamp_is_read_as_it_was_made():
    response = decode_timestamp_response(PrivateSigstore().timestamps.response(b"a signature", NOW))
    assert (response.status, response.tst_info.gen_time) == (0, NOW)
    assert len(response.signed_data.certificates) == 1


@pytest.mark.needs("openssl")
@pytest.mark.parametrize(("signature", "good"), [(b"a signature", True), (b"another", False)])
def test_openssl_reads_the_timestamp_too(signature, good, tmp_path):
    authority = PrivateSigstore().timestamps
    leaf, root = authority.chain
    (tmp_path / "answer").write_bytes(authority.response(b"a signature", NOW))
    (tmp_path / "data").write_bytes(signature)
    (tmp_path / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (tmp_path / "leaf.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    at = str(int(NOW.timestamp()))
    call = ["openssl", "ts", "-verify", "-in", "answer", "-data", "data", "-CAfile", "root.pem", "-attime", at]
    run = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ("Verification: OK" in run.stdout + run.stderr) is good


@pytest.mark.parametrize("size", range(1, 10))
def test_the_proof_of_every_leaf_is_one_to_the_ledger_s_own_code(size):
    leaves = [bytes([number]) for number in range(size)]
    for index, leaf in enumerate(leaves):
        verify_inclusion(leaf_hash(leaf), index, size, audit_path(leaves, index), tree_root(leaves))


def test_a_bundle_names_its_log_entry_by_place():
    sigstore = PrivateSigstore()
    first, second = (json.loads(sigstore.seal(PAYLOAD, new_key(), None)) for _ in range(2))
    places = [each["verificationMaterial"]["tlogEntries"][0]["logIndex"] for each in (first, second)]
    assert places == ["3", "4"]
