"""Seeds from other gates' advisories (threat model, section 9) that concern decision, policy, people and time.

What no folder can say: tests/gatekeeper/attacks/test_seeds_decision.py.
"""

from collections.abc import Callable
from typing import Any

from world.host import Host, approve, lasting
from world.registry import World

from attacks.d1 import requirement, unusable, with_policy
from attacks.d9 import on_host
from attacks.model import Attack, Family, allowed, denied

RULE = "nsec3-without-iterations"


def _rule(expression: str) -> Callable[[dict[str, Any]], None]:
    def change(policy: dict[str, Any]) -> None:
        requirement(policy, RULE)["assert"][0]["expr"] = expression

    return change


def _asserting(expression: str) -> World:
    return with_policy(_rule(expression))


def _labelled(label: str) -> World:
    """The rule compares with a parameter, whose value is `label`."""

    def change(policy: dict[str, Any]) -> None:
        _rule("predicate.denial.kind == parameters.label")(policy)
        policy["spec"]["parameters"]["label"] = {"type": "string", "default": label}

    return with_policy(change)


def _party(name: str, **members: Any) -> Callable[[dict[str, Any]], None]:
    def change(trust: dict[str, Any]) -> None:
        next(party for party in trust["spec"]["parties"] if party["name"] == name).update(members)

    return change


def _development_host() -> Host:
    trust = lasting().with_document("trust", lambda document: document["metadata"].update(development=True)).trust
    return Host(approval=approve(development=True), trust=trust)


IDENTITY = {"issuer": "https://ci.example", "identity": "https://ci.example/signer/release@refs/tags/v3.0.1"}

FAMILY = Family(
    id="SD",
    title="Seeds from other gates' advisories: decision, policy, people, time.",
    attacks=(
        Attack(
            variant="S02-requirement-without-evidence",
            why="A requirement for which nothing was brought is not met by what others brought.",
            deny=denied(World().without("rollback.json"), 11, "EVID-MISSING"),
        ),
        Attack(
            variant="S04-all-over-empty-list",
            why="`all()` over an empty list is true, so the rule would hold where nothing was looked at.",
            deny=unusable("policy", _rule("predicate.findings.all(f, f.severity == 'note')"), "POL-EXPR"),
            allow=allowed(
                _asserting("predicate.trustAnchors.size() > 0 && predicate.trustAnchors.all(a, a.contains(' 13 '))")
            ),
        ),
        Attack(
            variant="S04-all-over-empty-list-guarded",
            why="The rule asks for an element too, and the list is empty.",
            deny=denied(
                _asserting("predicate.findings.size() > 0 && predicate.findings.all(f, f.severity == 'note')"),
                10,
                "ASSERTION",
            ),
        ),
        Attack(
            variant="S05-empty-signer-list",
            why="An empty list of parties is read as: anybody.",
            deny=unusable("policy", lambda p: requirement(p, "way-back").update({"from": []}), "SCHEMA"),
        ),
        Attack(
            variant="S05-party-without-key",
            why="A party without a key and without an identity would be anybody.",
            deny=unusable("trust", _party("hsm-lab", keys=[]), "POL-TRUST"),
        ),
        Attack(
            variant="S06-identity-without-issuer",
            why="An identity without its issuer is anybody's who runs an issuer.",
            deny=unusable("trust", _party("ci-tests", keys=[], sigstore={"identity": IDENTITY["identity"]}), "SCHEMA"),
        ),
        Attack(
            variant="S19-parameter-with-quote",
            why="A parameter that holds a quote and more source must not rewrite the expression.",
            deny=denied(_labelled('nsec" || "x" == "x'), 10, "ASSERTION"),
            allow=allowed(_labelled("nsec3")),
        ),
        Attack(
            variant="S21-missing-field-in-expression",
            why="A field that the evidence does not have gives an error, which an engine may hand out as truthy.",
            deny=denied(_asserting("predicate.denial.rounds == 0"), 11, "EVAL-ERROR"),
            allow=allowed(_asserting("predicate.denial.iterations == 0")),
        ),
        Attack(
            variant="S21-string-for-bool",
            why="A text that is not empty is no truth.",
            deny=unusable("policy", _rule("predicate.denial.kind"), "POL-EXPR"),
            allow=allowed(_asserting("predicate.denial.chainOk == true")),
        ),
        Attack(
            variant="S25-filter-selects-nothing",
            why="A rule over a requirement that does not exist selects nothing.",
            deny=unusable("policy", lambda p: requirement(p, RULE).update(over="every-signature"), "POL-REF"),
        ),
        Attack(
            variant="S25-party-nobody-knows",
            why="A requirement from a party that the trust root does not know selects nothing.",
            deny=unusable("policy", lambda p: requirement(p, "way-back").update({"from": ["operators"]}), "POL-TRUST"),
        ),
        Attack(
            variant="S37-development-approval",
            why="An approval made under a development trust root is used in production.",
            deny=on_host(lambda: Host(approval=approve(development=True)), 11, "TOKEN"),
            allow=on_host(_development_host, 0),
        ),
        Attack(
            variant="S38-requester-policy-path",
            why="The requester names the policy.",
            deny=unusable("request", lambda r: r["spec"].update(policy="policies/lenient.yaml"), "SCHEMA"),
        ),
        Attack(
            variant="S38-requester-trust",
            why="The requester names whom to believe.",
            deny=unusable("request", lambda r: r["spec"].update(trust="mine.yaml"), "SCHEMA"),
        ),
        Attack(
            variant="S40-revoked-attestation",
            why="Everything that a party said is withdrawn.",
            deny=denied(World().with_document("trust", _party("hsm-lab", revoked=True)), 11, "SIG-UNTRUSTED"),
        ),
        Attack(
            variant="S40-bad-builder-release",
            why="A bad release of the builder is no longer granted a level.",
            deny=denied(
                World().with_document(
                    "trust", _party("ci-builder", builder_ids={"https://ci.example/builders/other": 3})
                ),
                10,
                "PROV-EXPECT",
            ),
        ),
    ),
)
