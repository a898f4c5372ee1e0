"""The demo's registry: keys, trust root, policy, requests and the evidence that other teams would bring along."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attestations.predicates import NAMES
from attestations.statement import Subject, write_statement
from attestations.times import Duration, Instant
from gatekeeper.demo import keyless
from gatekeeper.shipped import shipped_policy

COMPONENTS = ("signer", "rollover-agent", "pkcs11-module", "configuration")
SOURCE = "git+https://git.registry.example/signer"
COMMIT = hashlib.sha1(b"the reviewed commit", usedforsecurity=False).hexdigest()
BUILDER = "https://ci.registry.example/builders/hardened"
REVIEWER = "https://source.registry.example/verifier"
FAULTS = ("wrong-key", "expired", "verifier-crash", "restart")

PARTIES: Mapping[str, dict[str, Any]] = {
    "source-verifier": {"may": ["source-review"], "verifier_ids": [REVIEWER]},
    "ci-tests": {"may": ["test-result"]},
    "hsm-lab": {"may": ["hsm-key-coverage"]},
    "validator-native": {"may": ["zone-validation"], "code_base": "dnspython+openssl"},
    "validator-bind": {"may": ["zone-validation"], "code_base": "bind"},
    "validator-ldns": {"may": ["zone-validation"], "code_base": "ldns"},
    "operations": {"may": ["halt-drill", "rollback-drill"]},
}
BUILDER_PARTY: Mapping[str, Any] = {
    "name": "ci-builder",
    "may": ["provenance"],
    "builder_ids": {BUILDER: 3},
    "sigstore": {"issuer": keyless.ISSUER, "identity": f"{keyless.IDENTITY}*"},
}
"""the one party without a key: it signs each run with a certificate of the demo's Sigstore instance"""
PEOPLE = {"alice": ["release-manager"], "bob": ["crypto-officer"]}


def make_keys(folder: Path) -> None:
    """Make one key pair for each party, each person, the gate and the ledger."""
    folder.mkdir(parents=True)
    for name in (*PARTIES, *PEOPLE, "gate", "ledger"):
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        path = folder / f"{name}.key"
        path.touch(mode=0o600)
        path.write_bytes(private)
        (folder / f"{name}.pem").write_bytes(public)


def make_release(folder: Path, version: str) -> None:
    """Write the files of a release. Their content plays no part; their digests do."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in COMPONENTS:
        (folder / name).write_text(f"{name} {version}\n", encoding="utf-8")


def trust_root(folder: Path, now: Instant) -> str:
    """Return the trust root of the demo in `folder`, every key written into it. It is marked as a development root."""
    keys = folder / "keys"
    parties = [{"name": name, **record, "keys": [_pem(keys, name)]} for name, record in PARTIES.items()]
    root = {"trusted_root": str(keyless.TRUSTED_ROOT), "sha256": digest_of(folder / keyless.TRUSTED_ROOT)}
    people = [{"name": name, "roles": roles, "keys": [_pem(keys, name)]} for name, roles in PEOPLE.items()]
    return _yaml(
        "TrustRoot",
        {"name": "demo", "version": 1, "expires": str(now + Duration(days=30)), "development": True},
        {
            "sigstore": root,
            "parties": [dict(BUILDER_PARTY), *parties],
            "people": people,
            "gate": {"keys": [_pem(keys, "gate")]},
            "ledger": {"origin": "registry.example/demo", "key": _pem(keys, "ledger")},
        },
    )


def policy(validators: int) -> str:
    """Return the shipped TLD policy, asking for as many validators as this machine has code bases for."""
    text = shipped_policy("signer-release.yaml")
    return text.replace("quorum: {at_least: 2,", f"quorum: {{at_least: {validators},")


def short_lived(validators: int) -> str:
    """Return the same policy under another name, without sign-offs, and with approvals that live for one second."""
    text = policy(validators).replace("name: tld-signer-release", "name: demo-one-second")
    before, _, people_and_after = text.partition("    - id: two-people")
    return f"{before}  approval{people_and_after.partition('  approval')[2]}".replace("valid_for: 48h", "valid_for: 1s")


def gate_configuration(folder: Path, policies: Sequence[str], environment: str) -> str:
    """Return the gate's own configuration: it pins the very documents of the demo."""
    pins = {"policies": policies, "environments": (environment,), "trust_roots": ("trust.yaml",)}
    spec = {kind: [digest_of(folder / name) for name in names] for kind, names in pins.items()}
    return _yaml("GateConfiguration", {"name": "demo"}, spec)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a request asks for."""

    number: int
    version: str
    stage: str


def request(folder: Path, wish: Wish, now: Instant, environment: str) -> str:
    """Return a request for the release in `folder`, with a fresh nonce."""
    components = [{"name": name, "digest": {"sha256": digest_of(folder / name)}} for name in COMPONENTS]
    return _yaml(
        "DeploymentRequest",
        {
            "id": f"r-{wish.number}",
            "created": str(now),
            "requester": "release-bot@registry.example",
            "authors": ["erin@registry.example"],
        },
        {
            "environment": environment,
            "stage": wish.stage,
            "change": "signer-release",
            "release": {"name": "signer", "version": wish.version, "components": components},
            "replaces": {"version": "2.9.4"},
            "nonce": secrets.token_hex(32),
            "evidence": [],
        },
    )


def provenance(folder: Path, version: str) -> bytes:
    """Return the statement of the builder about the release in `folder`."""
    subjects = [Subject(name=name, digest={"sha256": digest_of(folder / name)}) for name in COMPONENTS]
    return write_statement(subjects, NAMES["provenance"], _provenance(version))


def drills(
    version: str, environment: Mapping[str, str], serials: Sequence[str], now: Instant
) -> dict[str, tuple[str, str, Any]]:
    """Return the drills that other teams would bring: file name -> (type, who signs, predicate)."""
    common = {
        "environment": dict(environment),
        "observer": {"name": "operations", "codeBases": ["drill-book"]},
        "startedOn": str(now - Duration(hours=3)),
        "finishedOn": str(now - Duration(hours=2)),
        "tool": {"name": "drill-book", "version": "1"},
        "zone": "example.",
    }
    return {
        "halt-drill": ("halt-drill", "operations", {**common, "faults": [_fault(name, now) for name in FAULTS]}),
        "rollback-drill": ("rollback-drill", "operations", {**common, **_rollback(version, serials)}),
    }


def source_review(now: Instant) -> dict[str, Any]:
    """Return the review summary of the commit that was built."""
    return {
        "verifier": {"id": REVIEWER},
        "timeVerified": str(now - Duration(hours=4)),
        "resourceUri": SOURCE,
        "policy": {"uri": "https://source.registry.example/policy", "digest": {"sha256": "0" * 64}},
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_SOURCE_LEVEL_4"],
    }


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Write a predicate for `attest sign`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _provenance(version: str) -> dict[str, Any]:
    built_from = f"{SOURCE}@refs/tags/v{version}"
    return {
        "buildDefinition": {
            "buildType": "https://ci.registry.example/build/v1",
            "externalParameters": {"source": built_from},
            "resolvedDependencies": [{"uri": built_from, "digest": {"gitCommit": COMMIT}}],
        },
        "runDetails": {"builder": {"id": BUILDER}},
    }


def test_result() -> dict[str, Any]:
    """Return what the builder's tests say."""
    passed = ["rollover-on-every-hsm", *(f"unit-{number}" for number in range(40))]
    return {"result": "PASSED", "configuration": [], "passedTests": passed, "warnedTests": [], "failedTests": []}


def _fault(name: str, now: Instant) -> dict[str, Any]:
    injected = now - Duration(hours=3)
    seen = {"vantage": "ns1", "at": str(injected + Duration(seconds=30)), "serial": 2026050500, "validates": True}
    return {
        "fault": name,
        "badSerial": 2026050501,
        "injectedOn": str(injected),
        "detectedOn": str(injected + Duration(seconds=4)),
        "haltedOn": str(injected + Duration(seconds=9)),
        "unattended": True,
        "restartSurvived": True,
        "probes": [seen],
        "leakedSerials": [],
    }


def _rollback(version: str, serials: Sequence[str]) -> dict[str, Any]:
    state = {"components": {}, "zoneDigest": "0" * 64}
    return {
        "left": {"release": version, "serial": 2026050501, **state},
        "restored": {"release": "2.9.4", "serial": 2026050502, **state},
        "restoreSeconds": 41,
        "previousKeys": [{"fingerprint": "1" * 64, "hsmSerials": list(serials), "stillPublished": True}],
        "backupMinRemainingSeconds": 864000,
        "validatedAfter": True,
        "validationDigest": "2" * 64,
        "performedBy": ["frank"],
    }


def _pem(folder: Path, name: str) -> str:
    return (folder / f"{name}.pem").read_text(encoding="ascii")


def _yaml(kind: str, metadata: Mapping[str, Any], spec: Mapping[str, Any]) -> str:
    """Write a document. JSON is YAML that the strict reader takes as it is; only the head is spelt out for people."""
    document = {"metadata": metadata, "spec": spec}
    body = "\n".join(f"{name}: {json.dumps(value)}" for name, value in document.items())
    return f"apiVersion: gatekeeper/v1\nkind: {kind}\n{body}\n"
