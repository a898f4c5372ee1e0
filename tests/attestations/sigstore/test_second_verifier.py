"""The same questions to another implementation: @sigstore/verify, by other people, in another language.

Where it answers otherwise, docs/sigstore.md says why; nothing else may differ.
"""

import base64
import json
import os
import pathlib
import subprocess

import pytest
from bundle_corpus import CORPUS, judge, present, rows, trusted_root_of
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from mutation.bundles import PAYLOAD, changed_member, good_bundles, mutants

from attestations.errors import InputError

PROGRAM = pathlib.Path(__file__).parents[2] / "sigstore_js"
STEP = 509
ONLY_OURS = {
    "checkpoint": "theirs compares the name beside the log's signature",
    "signedTimestamp": "theirs refuses a bundle for one timestamp that does not verify; to ours it is no time",
}
"""members in which a change is accepted by ours and not by theirs: nothing that ours proves rests on them"""
ONLY_THEIRS = {
    "keyId": "in Rekor v2 theirs finds the log by its name alone",
    "logIndex": "theirs reads 03 as 3, and does not compare the place in Rekor v2 with that of the proof",
    "integratedTime": "theirs reads 01775811660",
    "treeSize": "theirs takes the size from the checkpoint, whatever the bundle says",
    "rootHash": "theirs takes the root from the checkpoint, whatever the bundle says",
    "rawBytes": "theirs does not compare the two places in a certificate that name its algorithm",
    "signedTimestamp": "theirs does not read all fields around the token",
    "mediaType": "theirs takes version 1.3 for a version",
}
"""members in which a change is accepted by theirs and not by ours"""
THEIRS_HASHES_THE_PAYLOAD = "TLOG_BODY_ERROR: digest mismatch"
"""of an envelope in Rekor v2, whose entry is over the pre-authentication encoding (rekor-v2-spec, 6.1.4)"""

pytestmark = pytest.mark.needs("node")


@pytest.fixture(scope="module", autouse=True)
def installed():
    if (PROGRAM / "node_modules").is_dir():
        return
    reason = "needs its packages: run  npm ci --ignore-scripts --prefix tests/sigstore_js"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def asked(questions):
    text = "\n".join(map(json.dumps, questions))
    program = ["node", str(PROGRAM / "verify.js")]
    run = subprocess.run(program, input=text, capture_output=True, text=True, check=True, timeout=100)
    return [json.loads(line) for line in run.stdout.splitlines()]


def question(raw, trusted_root, artifact=PAYLOAD, keys=()):
    encoded = [load_pem_public_key(key.pem.encode()) for key in keys]
    der = [key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for key in encoded]
    return {
        "bundle": json.loads(raw),
        "trustedRoot": json.loads(trusted_root),
        "artifact": base64.b64encode(artifact).decode(),
        "key": base64.b64encode(der[0]).decode() if der else None,
    }


GOOD = {good.name: good for good in good_bundles()}
SECOND_STYLE_STATEMENTS = {name for name in GOOD if name.startswith("Rekor v2") and name.endswith("statement")}


def test_good_bundles_of_every_kind_are_good_to_both():
    answers = asked(question(good.raw, good.trusted_root, keys=good.keys) for good in GOOD.values())
    for good, theirs in zip(GOOD.values(), answers, strict=True):
        ours = good.judge(good.raw)
        assert not isinstance(ours, str), good.name
        if good.name in SECOND_STYLE_STATEMENTS:
            assert theirs["reason"] == THEIRS_HASHES_THE_PAYLOAD
        else:
            assert theirs["accepted"], (good.name, theirs)
            assert theirs["subject"] == (ours.identity.subject if ours.identity else None)


@pytest.mark.parametrize("name", [name for name in GOOD if name not in SECOND_STYLE_STATEMENTS])
def test_a_changed_bundle_is_judged_alike_or_the_difference_is_known(name):
    good = GOOD[name]
    changed = [raw for _, raw in mutants(good.raw, range(0, len(good.raw), STEP)) if is_json(raw)]
    answers = asked(question(raw, good.trusted_root, keys=good.keys) for raw in changed)
    for raw, theirs in zip(changed, answers, strict=True):
        ours = good.judge(raw)
        member = member_changed(good.raw, raw)
        if not isinstance(ours, str) and not theirs["accepted"]:
            assert member in ONLY_OURS, (raw, theirs)
        if isinstance(ours, str) and theirs["accepted"]:
            assert ours == "ENC-B64" or member is None or member in ONLY_THEIRS, (raw, ours, member)


def test_another_trusted_root_proves_nothing_to_either():
    others = [GOOD["Rekor v1, certificate, file"], GOOD["Rekor v2, certificate, file"]]
    answers = asked(
        question(good.raw, other.trusted_root, keys=good.keys)
        for good in GOOD.values()
        for other in others
        if other.trusted_root != good.trusted_root
    )
    assert answers
    assert not any(theirs["accepted"] for theirs in answers)


@present
def test_bundles_of_other_projects_are_judged_alike():
    judged = [param.values[0] for param in rows("sigstore-bundle", "dsse-bundle") if "managed-key" not in param.id]
    answers = asked(corpus_question(row) for row in judged)
    differ = {
        row["id"]: (is_good(row), theirs["accepted"])
        for row, theirs in zip(judged, answers, strict=True)
        if is_good(row) != theirs["accepted"]
    }
    assert differ == {
        "conf-trust-root-tlog-missing-validity-start_fail": (False, True),  # theirs: no start is a start long ago
    }


def corpus_question(row):
    artifact = (CORPUS / row["artifact"][0]).read_bytes() if row.get("artifact") and row["artifact"][0] else b""
    return question((CORPUS / row["files"][0]).read_bytes(), trusted_root_of(row).read_bytes(), artifact)


def is_good(row):
    try:
        judge(row)
    except InputError:
        return False
    return True


def is_json(raw):
    try:
        json.loads(raw)
    except ValueError:
        return False
    return True


def member_changed(good, raw):
    """A change of a name or of the shape is one of no member: theirs passes over members it does not know."""
    try:
        return changed_member(good, raw)
    except ValueError:
        return None
