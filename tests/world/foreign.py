"""What other tools sign and write: a bundle over a file, provenance of it, a summary about it, a layout with links."""

import json
from pathlib import Path

import layouts as l
import provenance_examples as p

from attestations.digest import canonical_json
from attestations.envelope import PAYLOAD_TYPE, seal
from attestations.predicates import slsa_provenance, verification_summary
from attestations.sigstore.practice import GITHUB, PrivateSigstore
from world.keys import signer

ARTIFACT = b"the signer"
VERIFIER = "https://source.example/verifier"
SUMMARY = {
    "verifier": {"id": VERIFIER},
    "timeVerified": "2026-04-09T10:00:00Z",
    "resourceUri": p.SOURCE,
    "policy": {"uri": "https://source.example/policy"},
    "verificationResult": "PASSED",
    "verifiedLevels": ["SLSA_SOURCE_LEVEL_3"],
}


def write_foreign_evidence(folder: Path) -> None:
    """Write a release `signer`, everything that a practice Sigstore says of it, and a layout, into a folder."""
    sigstore = PrivateSigstore()
    provenance = _statement(slsa_provenance.TYPE_V02, {"sha256": p.digest_of(ARTIFACT)}, p.GENERATOR_V02)
    summary = _statement(verification_summary.TYPE, {"gitCommit": p.COMMIT}, SUMMARY)
    files = {
        "signer": ARTIFACT,
        "signer.sigstore.json": sigstore.sign_statement(provenance, p.GENERIC, GITHUB, **p.CERTIFICATE),
        "trusted_root.json": sigstore.trusted_root,
        "vsa.json": seal(summary, PAYLOAD_TYPE, (signer("source-verifier"),)),
        "verifier.pem": signer("source-verifier").public.pem.encode(),
    }
    for name, raw in (files | _layout()).items():
        (folder / name).write_bytes(raw)


def _statement(kind: str, digest: dict[str, str], predicate: dict[str, object]) -> bytes:
    subject = [{"name": "signer", "digest": digest}]
    statement = {"_type": "https://in-toto.io/Statement/v1", "subject": subject}
    return canonical_json(statement | {"predicateType": kind, "predicate": predicate})


def _layout() -> dict[str, bytes]:
    value = json.loads(l.chain(form=l.in_metablock))
    parts = {"root.layout": value["layout"]} | {f"{n}.link": link for n, link in enumerate(value["links"])}
    return {name: json.dumps(part).encode() for name, part in parts.items()}
