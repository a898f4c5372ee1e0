"""Decisions in one process on a request with ten attestations, and where their time goes."""

from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from measuring import Figure
from world.keys import signer, zone_key
from world.registry import World

from attestations.digest import canonical_digest
from attestations.envelope import read_envelope
from attestations.strict import read_json
from attestations.times import Instant
from gatekeeper.authentication import authenticate, read_claim
from gatekeeper.decision import Verdict
from gatekeeper.documents import parse_source
from gatekeeper.evaluation import evaluate
from gatekeeper.gate import Judgement, decide, judge, load_rules
from gatekeeper.request import load_request
from gatekeeper.verification import verify

ATTESTATIONS = 10
ANEW, SERVICE = "decision, every document from bytes", "decision, request and evidence from bytes"
TARGET = 300.0
"""decisions a second on one core, for a service that has loaded policy, trust root and environment"""

LIBRARY = "the 18 signature checks alone, in the library"
_ED25519, _P256 = 12, 6
"""signatures on the ten envelopes, of which two take two; and answers of three HSMs for two keys"""

_WORLD = World()
_FILES = _WORLD.files()
_INPUTS = _WORLD.inputs(_FILES)
_NOW = Instant.parse(_WORLD.now)
_RULES = load_rules(_INPUTS.environment, _INPUTS.policy, _INPUTS.trust, _INPUTS.trust_files)


def functions() -> Mapping[str, Callable[[], object]]:
    """Return both ways to decide, the stages of a decision, and the signature checks that no gate could leave out."""
    judgement = _decide_as_a_service()
    if judgement.decision.verdict is not Verdict.APPROVE or len(judgement.case.attestations) != ATTESTATIONS:
        raise RuntimeError("the benchmark's own request is not as it should be")
    case, offered = judgement.case, _INPUTS.offered
    claims = [read_claim(item) for item in offered]
    return {
        ANEW: lambda: decide(_WORLD.inputs(_FILES), _NOW).decision.digest,
        SERVICE: lambda: _decide_as_a_service().decision.digest,
        "request": lambda: load_request(parse_source(_FILES["request.yaml"], "request.yaml")),
        "parsing": lambda: [
            read_json(read_envelope(read_json(item.raw, item.name)).payload, item.name) for item in offered
        ],
        "claims": lambda: [read_claim(item) for item in offered],
        "signatures": lambda: [authenticate(claim, _RULES.trust) for claim in claims],
        "verification": lambda: verify(offered, case.request, case.environment, case.trust, _NOW),
        "requirements": lambda: evaluate(case, _RULES.policy),
        "digest": lambda: canonical_digest(judgement.decision.to_json()),
        LIBRARY: _library_checks(),
    }


def stages(figures: Mapping[str, Figure]) -> dict[str, float]:
    """Return where the milliseconds of one decision of a service go, as medians; they add up to about its own."""
    ms = {name: figure.median for name, figure in figures.items()}
    return {
        "reading the request (strict YAML)": ms["request"],
        "parsing the evidence (strict JSON, base64)": ms["parsing"],
        "decoding the statements into records": ms["claims"] - ms["parsing"],
        "signatures: 12 Ed25519, who may say what": ms["signatures"],
        "binding to release, request and time": ms["verification"] - ms["claims"] - ms["signatures"],
        "requirements, with 6 P-256 answers of HSMs": ms["requirements"],
        "digest of the decision (RFC 8785)": ms["digest"],
    }


def _decide_as_a_service() -> Judgement:
    return judge(_RULES, parse_source(_FILES["request.yaml"], "request.yaml"), _INPUTS.offered, _NOW)


def _library_checks() -> Callable[[], None]:
    data = bytes(1500)
    ed25519, p256 = signer("gate").private, zone_key("zsk")
    signature, answer = ed25519.sign(data), p256.sign(data, ec.ECDSA(hashes.SHA256()))
    public, zone_public = ed25519.public_key(), p256.public_key()

    def check() -> None:
        for _ in range(_ED25519):
            public.verify(signature, data)
        for _ in range(_P256):
            zone_public.verify(answer, data, ec.ECDSA(hashes.SHA256()))

    return check
