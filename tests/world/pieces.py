"""The evidence of the base world: one function per piece, each giving the predicate as a plain dictionary."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from attestations import dnskey
from attestations.envelope import PAYLOAD_TYPE, seal
from attestations.predicates import NAMES
from attestations.statement import Subject, write_statement
from attestations.strict import read_json
from world.documents import COMPONENTS, NONCE, PARENT_DS, SERIALS
from world.hsm_rows import ZONE, answer, zone_dnskey
from world.keys import digest, dnskey_form, signer
from world.rollovers import rollovers

COMMIT = "9f2c" * 10
SOURCE = "git+https://git.registry.example/signer"

Change = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class Bindings:
    """What evidence made for a request carries."""

    request_digest: str
    environment: dict[str, str]
    nonce: str = NONCE


@dataclass(frozen=True)
class Piece:
    """One piece of evidence: how to make it, who signs it, and what a test changes on the way."""

    kind: str
    predicate: Callable[[Bindings], dict[str, Any]]
    signers: tuple[str, ...]
    subjects: tuple[tuple[str, dict[str, str]], ...] = tuple((name, {"sha256": digest(name)}) for name in COMPONENTS)
    changes: tuple[Change, ...] = ()
    statement_changes: tuple[Change, ...] = ()
    envelope_changes: tuple[Change, ...] = ()
    payload_type: str = PAYLOAD_TYPE
    raw: bytes | None = field(default=None, repr=False)

    def change(self, *changes: Change) -> "Piece":
        """Return this piece with changes to its predicate, made before signing."""
        return replace(self, changes=(*self.changes, *changes))

    def make(self, bindings: Bindings) -> bytes:
        """Return the signed envelope."""
        if self.raw is not None:
            return self.raw
        predicate = _changed(self.predicate(bindings), self.changes)
        subjects = [Subject(name=name, digest=value) for name, value in self.subjects]
        payload = write_statement(subjects, NAMES[self.kind], predicate)
        if self.statement_changes:
            payload = _json(_changed(read_json(payload, "statement").value, self.statement_changes))
        envelope = seal(payload, self.payload_type, tuple(signer(name) for name in self.signers))
        if self.envelope_changes:
            envelope = _json(_changed(read_json(envelope, "envelope").value, self.envelope_changes))
        return envelope


def base_pieces() -> dict[str, Piece]:
    """Everything that the shipped TLD policy asks for, but the sign-offs."""
    return {
        "provenance.json": Piece("provenance", _provenance, ("ci-builder",)),
        "source.json": Piece(
            "source-review", _source_review, ("source-verifier",), (("signer", {"gitCommit": COMMIT}),)
        ),
        "tests.json": Piece("test-result", _test_result, ("ci-tests",)),
        "hsm.json": Piece("hsm-key-coverage", _hsm, ("hsm-lab",)),
        "zone-bind.json": Piece("zone-validation", lambda b: _zone(b, "bind"), ("validator-bind",), _ZONE_SUBJECT),
        "zone-native.json": Piece(
            "zone-validation", lambda b: _zone(b, "dnspython+openssl"), ("validator-native",), _ZONE_SUBJECT
        ),
        "halt.json": Piece("halt-drill", _halt, ("operations-1", "operations-2")),
        "rollback.json": Piece("rollback-drill", _rollback, ("operations-1", "operations-2")),
    }


_ZONE_SUBJECT = ((ZONE, {"sha256": digest("zone")}),)


def common(bindings: Bindings, code_base: str, **more: Any) -> dict[str, Any]:
    return {
        "environment": bindings.environment,
        "observer": {"name": f"{code_base}-observer", "codeBases": [code_base]},
        "startedOn": "2026-04-10T10:00:00Z",
        "finishedOn": "2026-04-10T10:05:00Z",
        "tool": {"name": code_base, "version": "1.0"},
        **more,
    }


def fresh(bindings: Bindings) -> dict[str, Any]:
    return {"requestDigest": bindings.request_digest, "nonce": bindings.nonce}


def sign_off(person: str, case_digest: str, verdict: str = "approve") -> Piece:
    """Return the sign-off of `person` over a case."""

    def predicate(bindings: Bindings) -> dict[str, Any]:
        return {
            "caseDigest": case_digest,
            "requestId": "r-2026-0042",
            "requestDigest": bindings.request_digest,
            "environment": bindings.environment,
            "stage": "canary",
            "person": person,
            "verdict": verdict,
            "reason": "",
            "signedOn": "2026-04-10T11:00:00Z",
        }

    return Piece("sign-off", predicate, (person,))


def waiver(requirement: str, *approvers: str) -> Piece:
    """Return a waiver of `requirement`, signed by its approvers."""

    def predicate(bindings: Bindings) -> dict[str, Any]:
        return {
            "requirement": requirement,
            "environment": bindings.environment,
            "owner": "carol",
            "reason": "the drill runs on Monday, after the move of the laboratory",
            "notBefore": "2026-04-10T00:00:00Z",
            "notAfter": "2026-04-12T00:00:00Z",
        }

    return Piece("waiver", predicate, approvers)


def freeze(*changes: str) -> Piece:
    """Return a freeze of these kinds of change."""

    def predicate(bindings: Bindings) -> dict[str, Any]:
        return {
            "id": "f-1",
            "environment": bindings.environment,
            "changes": list(changes),
            "reason": "post-mortem of 5 May 2026 under way",
            "exitConditions": ["external validation before publication is in place"],
            "notBefore": "2026-04-01T00:00:00Z",
            "notAfter": "2026-05-01T00:00:00Z",
        }

    return Piece("freeze", predicate, ("operations-1", "operations-2"))


def halt() -> Piece:
    """Return a halt of the environment."""

    def predicate(bindings: Bindings) -> dict[str, Any]:
        return {
            "id": "h-1",
            "environment": bindings.environment,
            "zones": [ZONE],
            "reason": "two thirds of the signatures verify with no published key",
            "effectiveOn": "2026-04-10T11:30:00Z",
            "exitConditions": ["a green external validation made after the halt"],
        }

    return Piece("halt", predicate, ("operations-1", "operations-2"))


def _provenance(_: Bindings) -> dict[str, Any]:
    return {
        "buildDefinition": {
            "buildType": "https://ci.example/build/v1",
            "externalParameters": {"source": f"{SOURCE}@refs/tags/v3.0.1", "target": "release"},
            "resolvedDependencies": [{"uri": f"{SOURCE}@refs/tags/v3.0.1", "digest": {"gitCommit": COMMIT}}],
        },
        "runDetails": {"builder": {"id": "https://ci.example/builders/hardened"}},
    }


def _source_review(_: Bindings) -> dict[str, Any]:
    return {
        "verifier": {"id": "https://source.example/verifier"},
        "timeVerified": "2026-04-09T10:00:00Z",
        "resourceUri": SOURCE,
        "policy": {"uri": "https://source.example/policy", "digest": {"sha256": digest("source policy")}},
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_SOURCE_LEVEL_4"],
    }


def _test_result(_: Bindings) -> dict[str, Any]:
    passed = ["rollover-on-every-hsm", *(f"test-{number}" for number in range(9))]
    return {"result": "PASSED", "configuration": [], "passedTests": passed, "warnedTests": [], "failedTests": []}


def _hsm(bindings: Bindings) -> dict[str, Any]:
    sites = dict(zip(SERIALS, ("fra", "fra", "ams"), strict=True))
    return {
        **common(bindings, "hsm-probe"),
        **fresh(bindings),
        "zone": ZONE,
        "hsms": [
            {"serial": serial, "site": site, "model": "X", "firmware": "3.4", "slot": slot}
            for slot, (serial, site) in enumerate(sites.items())
        ],
        "keys": [zone_dnskey("zsk", 256), zone_dnskey("ksk", 257)],
        "possession": [answer(serial, index, name) for index, name in enumerate(("zsk", "ksk")) for serial in SERIALS],
        "exercises": rollovers(),
    }


def _zone(bindings: Bindings, code_base: str) -> dict[str, Any]:
    return {
        **common(bindings, code_base),
        **fresh(bindings),
        "zone": {"name": ZONE, "serial": 2026041001, "sha256": digest("zone")},
        "source": {"kind": "axfr", "server": "127.0.0.1@5300"},
        "trustAnchors": [PARENT_DS],
        "validationTime": "2026-04-10T10:00:00Z",
        "coverage": {"mode": "full", "population": 3310, "checked": 3310},
        "validator": {
            "codeBase": code_base,
            "cryptoLibrary": "openssl",
            "version": "1.0",
            "verdict": "valid",
            "calibration": {"good": 2, "goodPassed": 2, "bad": 6, "badRefused": 6},
        },
        "counts": {
            "rrsets": 3310,
            "rrsigs": 3311,
            "ok": 3311,
            "bogus": 0,
            "noKey": 0,
            "expired": 0,
            "notYet": 0,
            "missing": 0,
        },
        "byType": {"SOA": 1, "DNSKEY": 2, "NSEC3": 3308},
        "byKey": [key_use("zsk", 256, 3309), key_use("ksk", 257, 2)],
        "minRemainingSeconds": 1_200_000,
        "maxTtl": 86400,
        "denial": {"kind": "nsec3", "iterations": 0, "salt": "", "optOut": False, "chainOk": True},
        "findings": [],
    }


def key_use(name: str, flags: int, verified: int) -> dict[str, Any]:
    rdata = dnskey.rdata(flags, 3, 13, dnskey_form(name))
    return {
        "fingerprint": dnskey.fingerprint(rdata),
        "tag": dnskey.key_tag(rdata),
        "algorithm": 13,
        "flags": flags,
        "verified": verified,
    }


def _halt(bindings: Bindings) -> dict[str, Any]:
    faults = ("wrong-key", "expired", "verifier-crash", "restart")
    return {**common(bindings, "halt-lab"), "zone": ZONE, "faults": [fault(name) for name in faults]}


def fault(name: str) -> dict[str, Any]:
    return {
        "fault": name,
        "badSerial": 2026041002,
        "injectedOn": "2026-04-10T10:00:00Z",
        "detectedOn": "2026-04-10T10:00:05Z",
        "haltedOn": "2026-04-10T10:00:10Z",
        "unattended": True,
        "restartSurvived": True,
        "probes": [{"vantage": "ns1", "at": "2026-04-10T10:00:30Z", "serial": 2026041001, "validates": True}],
        "leakedSerials": [],
    }


def _rollback(bindings: Bindings) -> dict[str, Any]:
    state = {"components": {"signer": digest("old signer")}, "zoneDigest": digest("old zone")}
    rdata = dnskey.rdata(256, 3, 13, dnskey_form("old zsk"))
    return {
        **common(bindings, "rollback-lab"),
        "zone": ZONE,
        "left": {"release": "3.0.1", "serial": 2026041001, **state},
        "restored": {"release": "2.9.4", "serial": 2026041003, **state},
        "restoreSeconds": 41,
        "previousKeys": [
            {"fingerprint": dnskey.fingerprint(rdata), "hsmSerials": list(SERIALS), "stillPublished": True}
        ],
        "backupMinRemainingSeconds": 900_000,
        "validatedAfter": True,
        "validationDigest": digest("validation after"),
        "performedBy": ["frank"],
    }


def _changed(value: Any, changes: tuple[Change, ...]) -> Any:
    """Apply changes in place, or by what they return."""
    value = copy.deepcopy(value)
    for change in changes:
        returned = change(value)
        value = value if returned is None else returned
    return value


def _json(value: Any) -> bytes:
    import json

    return value if isinstance(value, bytes) else json.dumps(value).encode("utf-8")
