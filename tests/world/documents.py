"""The documents of the base world, as plain dictionaries that a test may change."""

from pathlib import Path
from typing import Any

import yaml

from world.keys import digest, signer

NOW = "2026-04-10T12:00:00Z"
NONCE = "5f2c" * 16
COMPONENTS = ("signer", "rollover-agent", "pkcs11-module", "configuration")
SERIALS = ("A1", "B7", "C2")
PARENT_DS = "60355 13 2 9F3A1C5D7E9B1F3A5C7D9E1B3F5A7C9D1E3B5F7A9C1D3E5B7F9A1C3D5E7B9F1A"
POLICY = Path(__file__).resolve().parents[2] / "policies" / "signer-release.yaml"


def policy() -> dict[str, Any]:
    """The shipped TLD policy, without its own tests: what the case folders hold changes only when its rules do."""
    loaded: dict[str, Any] = yaml.load(POLICY.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    loaded.pop("tests")
    loaded["metadata"]["expires"] = str(loaded["metadata"]["expires"]).replace(" ", "T").replace("+00:00", "Z")
    return loaded


def environment() -> dict[str, Any]:
    return {
        "apiVersion": "gatekeeper/v1",
        "kind": "Environment",
        "metadata": {"name": "example-production", "version": 7, "owner": "dns-ops@registry.example"},
        "spec": {
            "zones": [{"name": "example.", "parent_ds": [PARENT_DS], "denial": "nsec3"}],
            "hsms": [
                {"id": f"hsm-{n}", "serial": serial, "site": site, "model": "X", "firmware": "3.4"}
                for n, (serial, site) in enumerate(zip(SERIALS, ("fra", "fra", "ams"), strict=True), 1)
            ],
            "signer": {"code_bases": ["knot", "rollover-agent"], "components": list(COMPONENTS)},
            "stages": ["laboratory", "cold-parallel", "hidden-primary", "canary", "full"],
        },
    }


def request() -> dict[str, Any]:
    return {
        "apiVersion": "gatekeeper/v1",
        "kind": "DeploymentRequest",
        "metadata": {
            "id": "r-2026-0042",
            "created": "2026-04-10T09:00:00Z",
            "requester": "release-bot@registry.example",
            "authors": ["erin@registry.example"],
        },
        "spec": {
            "environment": "example-production",
            "stage": "canary",
            "change": "signer-release",
            "release": {
                "name": "signer",
                "version": "3.0.1",
                "components": [{"name": name, "digest": {"sha256": digest(name)}} for name in COMPONENTS],
            },
            "replaces": {"version": "2.9.4"},
            "nonce": NONCE,
            "evidence": ["evidence"],
        },
    }


def trust() -> dict[str, Any]:
    return {
        "apiVersion": "gatekeeper/v1",
        "kind": "TrustRoot",
        "metadata": {"name": "registry", "version": 12, "expires": "2027-01-31T00:00:00Z"},
        "spec": {
            "parties": [
                party("ci-builder", ["provenance"], builder_ids={"https://ci.example/builders/hardened": 3}),
                party("source-verifier", ["source-review"], verifier_ids=["https://source.example/verifier"]),
                party("ci-tests", ["test-result"]),
                party("hsm-lab", ["hsm-key-coverage"]),
                party("validator-bind", ["zone-validation"], code_base="bind"),
                party("validator-ldns", ["zone-validation"], code_base="ldns"),
                party("validator-native", ["zone-validation"], code_base="dnspython+openssl"),
                party(
                    "operations",
                    ["halt-drill", "rollback-drill", "freeze", "halt"],
                    keys=("operations-1", "operations-2"),
                    threshold=2,
                ),
                party("owners", ["policy", "environment"]),
            ],
            "people": [
                person("alice", ["release-manager"]),
                person("bob", ["crypto-officer"]),
                person("carol", ["release-manager", "crypto-officer"]),
                person("dave", ["security-officer"]),
                person("erin", ["release-manager"]),
            ],
            "gate": {"keys": [pem("gate")]},
            "ledger": {"origin": "registry.example/gatekeeper", "key": pem("ledger")},
        },
    }


def party(name: str, may: list[str], keys: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {"name": name, "may": may, "keys": [pem(key) for key in keys or (name,)], **more}


def person(name: str, roles: list[str]) -> dict[str, Any]:
    return {"name": name, "roles": roles, "accounts": [f"{name}@registry.example"], "keys": [pem(name)]}


def pem(name: str) -> str:
    return signer(name).public.pem


def dump(document: dict[str, Any]) -> bytes:
    """Write a document as YAML that the strict reader accepts."""
    return yaml.dump(document, sort_keys=False, allow_unicode=True, Dumper=_Plain).encode("utf-8")


class _Plain(yaml.SafeDumper):
    """No aliases: the strict reader refuses them."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # PyYAML calls it so
        return True
