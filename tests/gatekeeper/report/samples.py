"""Decisions to report on, written out by hand: refused, approved, short of sign-offs, waived, frozen, hostile."""

from dataclasses import replace

from attestations.errors import InputError, Location
from attestations.predicates import NAMES
from gatekeeper.decision import Considered, Decision, Input, Verdict
from gatekeeper.finding import Outcome, Result, WaiverUse, inconclusive, met, note, unmet
from gatekeeper.report import Approval, Report
from gatekeeper.verification import Refusal

KEYS, ZONE, PROVENANCE, WAIVER, FREEZE, ODD = (letter * 64 for letter in "123456")

EVIDENCE = (
    Considered(name="keys.dsse.json", digest=KEYS, predicate_type=NAMES["hsm-key-coverage"], said_by=("hsm-lab",)),
    Considered(
        name="zone.dsse.json", digest=ZONE, predicate_type=NAMES["zone-validation"], said_by=("validator-bind",)
    ),
    Considered(
        name="prov.dsse.json",
        digest=PROVENANCE,
        predicate_type="https://slsa.dev/provenance/v1",
        said_by=("ci-builder",),
    ),
)

BUILT = Result(
    id="build-provenance",
    kind="provenance",
    title="The release was built by a hardened builder from reviewed source",
    outcome=Outcome.MET,
    findings=(met("PROV-BUILDER", "level 3 by ci-builder", (PROVENANCE,)),),
)
ONE_KEY = Result(
    id="one-key-in-every-hsm",
    kind="hsm-key-coverage",
    title="Every production HSM holds the very key that will be published",
    outcome=Outcome.UNMET,
    findings=(
        unmet(
            "HSM-KEY-IDENTITY",
            "3 different public keys share key tag 33834 on HSMs A1, B7, C2",
            "one public key, equal on all 3 HSMs of the environment and equal to the DNSKEY to be published",
            "put one key pair on all three HSMs, then:  attest hsm --environment environment.yaml --keys zsk",
            (KEYS,),
        ),
    ),
)
EVERY_SIGNATURE = Result(
    id="every-signature-verifies",
    kind="zone-validation",
    title="Independent validators confirm that every published signature verifies against a published key",
    outcome=Outcome.UNMET,
    findings=(
        unmet(
            "EXT-VALID",
            "67 of 100 signatures verify with no published key (SIG_WRONG_KEY)",
            "every signature verifies",
            "sign again with the published key, then:  attest zone --zone de. --axfr ns1.example",
            (ZONE,),
        ),
        inconclusive("EXT-QUORUM", "1 of 2 validators", "2 of different code bases", "attest zone --engine native"),
    ),
)
PEOPLE = Result(
    id="people",
    kind="sign-offs",
    title="Two people say yes to exactly this case",
    outcome=Outcome.INCONCLUSIVE,
    findings=(
        inconclusive(
            "APPR-COUNT",
            "signed off by nobody; still empty: one crypto-officer, one release-manager",
            "one crypto-officer, one release-manager",
            "gatekeeper sign-off … --as PERSON --sign-with KEY --confirm DIGEST --out FILE",
        ),
    ),
)
WAY_BACK = Result(
    id="way-back",
    kind="rollback-drill",
    title="The way back was walked within a month",
    outcome=Outcome.WAIVED,
    findings=(
        inconclusive("EVID-STALE", "a drill of 45 d ago", "at most 30 d", "attest sign --type rollback-drill"),
        note("WAIVER", "old.dsse.json does not count: in force until 2026-01-01T00:00:00Z only", (ODD,)),
    ),
    waiver=WaiverUse(
        owner="ops@registry.example",
        reason="the drill site is being moved",
        approvers=("crypto-officer-1", "release-manager-2"),
        not_after="2026-05-09T00:00:00Z",
        evidence=WAIVER,
    ),
)


def fulfilled(result: Result) -> Result:
    return replace(result, outcome=Outcome.MET, findings=(met(result.findings[0].code, "as wanted", (KEYS,)),))


def decision(verdict: Verdict, *results: Result, **others: object) -> Decision:
    made = Decision(
        verdict=verdict,
        request=Input(name="r-42", version="3.0.1", digest="a" * 64),
        environment=Input(name="de-production", version="7", digest="b" * 64),
        policy=Input(name="tld-signer-production", version="14", digest="c" * 64),
        trust=Input(name="registry", version="12", digest="d" * 64),
        stage="canary",
        change="signer-release",
        release="signer",
        components=(("signer", "5b" * 32), ("rollover-agent", "a1" * 32)),
        requester="release-bot@registry.example",
        results=results,
        freezes=(),
        evidence=EVIDENCE,
        case_digest="0123456789abcdef" * 4,
        evaluated_on="2026-05-05T14:02:00Z",
        development=False,
    )
    return replace(made, **others)


def report(made: Decision, **others: object) -> Report:
    plain = Report(
        decision=made,
        decision_digest=made.digest,
        policy_file="policies/signer-release.yaml",
        places={
            result.id: Location(file="policies/signer-release.yaml", line=10 + 5 * number, column=7)
            for number, result in enumerate(made.results)
        },
        replaces="2.9.4",
        ledger_index=1841,
    )
    return replace(plain, **others)


APPROVED = report(
    decision(Verdict.APPROVE, BUILT, *map(fulfilled, (ONE_KEY, EVERY_SIGNATURE, PEOPLE))),
    approval=Approval(path="approval.dsse.json", not_after="2026-05-07T14:02:00Z"),
)
DENIED = report(decision(Verdict.DENY, BUILT, ONE_KEY, EVERY_SIGNATURE, PEOPLE))
UNSIGNED = report(decision(Verdict.INCONCLUSIVE, BUILT, *map(fulfilled, (ONE_KEY, EVERY_SIGNATURE)), PEOPLE))
WAIVED = report(decision(Verdict.APPROVE, BUILT, WAY_BACK, fulfilled(PEOPLE), development=True), ledger_index=None)
FROZEN = report(
    decision(
        Verdict.FROZEN,
        BUILT,
        PEOPLE,
        freezes=(
            unmet("HALT", "halt h-1 since 2026-05-05T14:07:03Z: bogus", "no halt in force", "ask the crypto officer"),
            unmet("FROZEN", "freeze f-1: IETF week", "no freeze in force", "wait", (FREEZE,)),
        ),
    ),
    replaces=None,
)
REFUSED = report(
    decision(
        Verdict.INCONCLUSIVE,
        PEOPLE,
        evidence=(
            Considered(
                name="odd.json",
                digest=ODD,
                predicate_type="",
                said_by=(),
                refusal=Refusal(
                    name="odd.json",
                    digest=ODD,
                    code="SIG-UNTRUSTED",
                    found="no signature by a key of the trust root",
                    wanted="a key that it names",
                    next="have it signed",
                    claimed_type=None,
                ),
            ),
        ),
    )
)
ALL = {
    "approved": APPROVED,
    "denied": DENIED,
    "unsigned": UNSIGNED,
    "waived": WAIVED,
    "frozen": FROZEN,
    "refused": REFUSED,
}

UNREADABLE = InputError(
    "PARSE-YAML",
    found="max_age: 1:30, which other YAML readers take for the number 90",
    wanted="a duration such as 90s or 72h",
    fix="write 90s;  then  gatekeeper policy lint policies/commissioning.yaml",
    where=Location(file="policies/commissioning.yaml", line=14, column=18),
    also=(InputError("SCHEMA", found="a key maxage", wanted="max_age", fix="rename it"),),
)


def speaking(text: str) -> Report:
    """A report in which everything that somebody else wrote is `text`."""
    finding = unmet("EXT-VALID", text, text, text, (ODD,))
    hints = inconclusive("EXT-QUORUM", text, text, text, (KEYS,))
    use = WaiverUse(owner=text, reason=text, approvers=(text,), not_after="2026-05-09T00:00:00Z", evidence=WAIVER)
    refusal = Refusal(name=text, digest=KEYS, code="SCHEMA", found=text, wanted=text, next=text, claimed_type=text)
    said = Considered(name=text, digest=ODD, predicate_type=text, said_by=(text,))
    return report(
        decision(
            Verdict.FROZEN,
            replace(ONE_KEY, findings=(finding,)),
            replace(PEOPLE, title=text, findings=(hints, note("NOTE", text))),
            replace(WAY_BACK, title=text, waiver=use, findings=(hints,)),
            replace(BUILT, title=text),
            request=Input(name=text, version=text, digest="a" * 64),
            release=text,
            stage=text,
            requester=text,
            components=((text, "5b" * 32),),
            freezes=(finding,),
            evidence=(said, replace(said, digest=KEYS, refusal=refusal)),
        ),
        replaces=text,
    )


HOSTILE = (
    "::error title=x::forged",
    "\n::add-mask::secret\n::stop-commands::token",
    "a\r\n##[add-mask]secret",
    "##vso[task.setvariable variable=x]y",
    "###teamcity[buildStatus status='SUCCESS']",
    "\x1b[2J\x1b]0;title\x07\x9b31m",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><a href='javascript:alert(1)'>x</a>",
    "![x](https://evil.example/p.png) [y](https://evil.example) <https://evil.example> https://evil.example @admin #1",
    "`` ` ![x](y) `",
    "| a | b |\n|---|---|\n| [x](y) | **b** |\n\n# heading\n\n<details>",
    "]]> & &lt; <!-- --> <![CDATA[",
    "\x00\x08\x0b\x0c\x1f\x7f\x80\x85\ufffe\uffff",
    "user\u202etxt.exe\u2066 \u200b\u00ad\ufeff\u2028\u2029\u3164\U000e0041",
    '=HYPERLINK("https://evil.example")',
    "+1-2@SUM(A1)",
    "[click](https://evil.example) {0} {{1}} \\[x\\]",
    "100%0A::error::x,y:z",
    "",
    " ",
    "x" * 10_000,
)
