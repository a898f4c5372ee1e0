"""S Seeds from other gates' advisories that concern evidence: mostly "nothing was required, so it passed"."""

import json
from base64 import b64decode
from dataclasses import replace
from typing import Any

from world.documents import COMPONENTS
from world.keys import digest
from world.pieces import COMMIT, Change, Piece, waiver
from world.registry import World

from attacks.evidence import copy_of, predicate, statement, subjects, text
from attacks.model import Attack, Family, Side, allowed, denied
from attestations.digest import sha256

OTHER_COMMIT = "1b7e" * 10
RELEASE = tuple({"name": name, "digest": {"sha256": digest(name)}} for name in COMPONENTS)


def _asking(index: int, **options: Any) -> Side:
    """Return the side whose policy asks nothing in one requirement, which must be wrong usage."""

    def change(policy: dict[str, Any]) -> None:
        policy["spec"]["requirements"][index].update(options)

    def files() -> dict[str, bytes]:
        from world.documents import dump

        changed = World().with_document("policy", change).policy
        return {**World().files(), "policy.yaml": dump(changed)}

    return Side(files=files, exit=2, codes=("SCHEMA",))


def _revoking(revoked: str) -> World:
    """Return the world whose trust root takes back the attestation with this digest."""
    entry = {"sha256": revoked, "reason": "the probe ran against the laboratory"}
    return World().with_document("trust", lambda trust: trust["spec"].update(revoked={"attestations": [entry]}))


def _statement_digest(world: World, name: str) -> str:
    return sha256(b64decode(json.loads(world.files()[f"evidence/{name}"])["payload"]))


def _one_validator() -> World:
    return World().without("zone-native.json")


def _spelt_twice(envelope: dict[str, Any]) -> None:
    """The same statement once more, in another envelope of other bytes."""
    envelope["signatures"].append(dict(envelope["signatures"][0], keyid="a second key id"))


def _written_again(said: dict[str, Any]) -> bytes:
    """The same statement in other bytes: members in another order, with spaces."""
    return json.dumps(dict(reversed(said.items())), indent=1).encode()


def _bogus(said: dict[str, Any]) -> None:
    said["counts"].update(ok=3310, bogus=1)
    said["validator"].update(verdict="invalid")


def _third_validator(*changes: Change) -> Piece:
    native = (
        World()
        .pieces["zone-native.json"]
        .change(
            lambda said: said["validator"].update(codeBase="ldns"),
            lambda said: said["observer"].update(codeBases=["ldns"]),
        )
    )
    return replace(native, signers=("validator-ldns",)).change(*changes)


def _bad_one(name: str) -> World:
    """Return the world with a third validator, that denies, whose file comes by this name."""
    return World().adding(name, _third_validator(_bogus))


def _among_several(position: str, name: str) -> Attack:
    return Attack(
        variant=f"S08-bad-one-among-several-{position}",
        why=f"Three validators, of which one finds a bad signature; its file comes {position}.",
        deny=denied(_bad_one(name), 10, "EXT-VALID"),
        allow=allowed(World().adding(name, _third_validator())),
    )


def _one_failed(name: str) -> World:
    failed = copy_of("tests.json").change(lambda said: said.update(result="FAILED", failedTests=["rollover"]))
    return World().adding(name, failed)


def _waived(requirement: str) -> World:
    waived = World().without("rollback.json").adding("waiver.json", waiver(requirement, "alice", "dave"))
    return waived.signed_off_by("bob", "carol")


def _source_of(**fields: Any) -> World:
    return predicate("source.json", lambda said: said.update(fields))


def _reviewed(*commits: str) -> World:
    return subjects("source.json", *({"name": "signer", "digest": {"gitCommit": commit}} for commit in commits))


def _counters_agree(said: dict[str, Any]) -> None:
    """One private key in each HSM, one declared tag, two keys published for two key pairs asked for: all agree."""
    from attacks.c1 import THREE_KEYS

    THREE_KEYS(said)
    if {row["privateKeys"] for row in said["possession"]} != {1}:
        raise ValueError("the counters were to agree")


def _cut_short(said: dict[str, Any]) -> None:
    for run in said["exercises"]:
        run.update(completed=False)


FAMILY = Family(
    id="S",
    title="Seen in other gates: nothing was required, or nothing was looked at, and so it passed.",
    attacks=(
        Attack(
            variant="S02-requirement-asks-nothing",
            why="The halt drill must stop every fault of an empty list.",
            deny=_asking(5, expect={"faults": [], "halted_within": "60s", "unattended": True}),
        ),
        Attack(
            variant="S02-no-scenario-asked",
            why="Every rollover scenario of an empty list must have run.",
            deny=_asking(3, scenarios=[]),
        ),
        Attack(
            variant="S02-quorum-of-none",
            why="At least no validator must agree.",
            deny=_asking(4, quorum={"at_least": 0, "distinct_by": "code_base", "disagreement": "deny"}),
        ),
        Attack(
            variant="S02-no-test-asked",
            why="At least no test must have passed.",
            deny=_asking(2, expect={"at_least": 0}),
        ),
        Attack(
            variant="S02-requirement-without-evidence",
            why="For one requirement nothing was brought.",
            deny=denied(World().without("halt.json"), 11, "EVID-MISSING"),
        ),
        Attack(
            variant="S03-empty-evidence-folder",
            why="Nothing was brought at all, and of nothing nothing fails.",
            deny=denied(replace(World(), pieces={}, signing_off=()), 11, "APPR-COUNT", "EVID-MISSING"),
        ),
        Attack(
            variant="S07-duplicate-attestation-quorum",
            why="One validator's statement is offered twice, in two envelopes, as two of two.",
            deny=denied(
                _one_validator().adding("zone-again.json", copy_of("zone-bind.json", envelope_changes=(_spelt_twice,))),
                11,
                "EXT-VALID",
            ),
            allow=allowed(
                World().adding("zone-again.json", copy_of("zone-bind.json", envelope_changes=(_spelt_twice,)))
            ),
        ),
        Attack(
            variant="S07-re-signed-copy",
            why="A second validator signs the statement of the first instead of looking for itself.",
            deny=denied(
                _one_validator().adding("zone-again.json", copy_of("zone-bind.json", signers=("validator-native",))),
                11,
                "EXT-VALID",
            ),
        ),
        Attack(
            variant="S07-written-again",
            why="One validator's statement is offered in two spellings, which have two digests.",
            deny=denied(
                _one_validator().adding(
                    "zone-again.json", copy_of("zone-bind.json", statement_changes=(_written_again,))
                ),
                11,
                "EXT-VALID",
            ),
        ),
        _among_several("first", "a-zone-ldns.json"),
        _among_several("between", "zone-ldns.json"),
        _among_several("last", "zz-zone-ldns.json"),
        Attack(
            variant="S09-one-good-one-bad",
            why="Two test results about the same files: one passed, one failed. Some passing is not every passing.",
            deny=denied(_one_failed("tests-again.json"), 10, "TEST-RESULT"),
            allow=allowed(
                World().adding("tests-again.json", copy_of("tests.json", statement_changes=(_written_again,)))
            ),
        ),
        Attack(
            variant="S10-chain-without-overlap",
            why="One commit was built and another reviewed; the empty overlap has no fault in it.",
            deny=denied(_reviewed(OTHER_COMMIT), 11, "SRC-REVIEW"),
            allow=allowed(_reviewed(OTHER_COMMIT, COMMIT)),
        ),
        Attack(
            variant="S11-near-match-name",
            why="The waiver names a requirement that does not exist, one letter off the one that is not met.",
            deny=denied(_waived("way-backs"), 11, "EVID-MISSING"),
            allow=allowed(_waived("way-back")),
        ),
        Attack(
            variant="S11-near-match-test",
            why="The test that must have run is among the passed ones but for the case of a letter.",
            deny=denied(
                text("tests.json", lambda said: said.replace("rollover-on-every-hsm", "Rollover-on-every-hsm")),
                10,
                "TEST-RESULT",
            ),
        ),
        Attack(
            variant="S13-subject-without-digest",
            why="The subjects are named and have no digest: names are free for anybody.",
            deny=denied(subjects("halt.json", *({"name": name} for name in COMPONENTS)), 11, "SCHEMA"),
        ),
        Attack(
            variant="S13-subject-with-empty-digest",
            why="One subject more has an empty set of digests, of which every one matches.",
            deny=denied(subjects("halt.json", *RELEASE, {"name": "signer", "digest": {}}), 11, "SUBJ-DIGEST"),
        ),
        Attack(
            variant="S14-weak-digest-only-match",
            why="Of two digests the weak one could be right; the strong one is another file's.",
            deny=denied(
                subjects(
                    "halt.json",
                    *(
                        {"name": name, "digest": {"md5": digest(name)[:32], "sha256": digest(f"not {name}")}}
                        for name in COMPONENTS
                    ),
                ),
                11,
                "SUBJ-DIGEST",
            ),
            allow=allowed(
                subjects(
                    "halt.json",
                    *({"name": name, "digest": {"md5": "0" * 32, "sha256": digest(name)}} for name in COMPONENTS),
                )
            ),
        ),
        Attack(
            variant="S15-bare-attestation",
            why="The statement has no subject at all, and was applied to everything elsewhere.",
            deny=denied(statement("halt.json", lambda said: said.pop("subject") and None), 11, "SCHEMA"),
        ),
        *(
            Attack(
                variant=f"S22-enum-mismatch-{spelling}",
                why=f"The result is spelt `{spelling}`, which is no result of the specification.",
                deny=denied(predicate("tests.json", lambda said, s=spelling: said.update(result=s)), 11, "SCHEMA"),
            )
            for spelling in ("PASS", "Passed", "success")
        ),
        Attack(
            variant="S27-ended-early",
            why="Every exercise was stopped before its end, and nothing had failed until then.",
            deny=denied(predicate("hsm.json", _cut_short), 10, "COV-HSM"),
        ),
        Attack(
            variant="S27-validation-ended-early",
            why="A validator was stopped after a thousand of 3,310 RRsets, all of them good.",
            deny=denied(
                predicate("zone-bind.json", lambda said: said["coverage"].update(checked=1000)), 10, "EXT-VALID"
            ),
        ),
        Attack(
            variant="S31-int-over-2-53",
            why="A number beyond 2^53 is another number to a reader that holds it as floating point.",
            deny=denied(
                text("rollback.json", lambda said: said.replace('Seconds": 900000', 'Seconds": 9007199254740993')),
                11,
                "PARSE-JSON",
            ),
            allow=allowed(
                text("rollback.json", lambda said: said.replace('Seconds": 900000', 'Seconds": 9007199254740991'))
            ),
        ),
        Attack(
            variant="S33-vsa-other-resource",
            why="The review of a fork that holds the same commit is offered for the repository itself.",
            deny=denied(_source_of(resourceUri="git+https://git.registry.example/fork"), 11, "SRC-REVIEW"),
        ),
        Attack(
            variant="S39-counters-agree",
            why="One private key in each HSM, as many pairs as keys, one tag: the counters agree, and the keys differ.",
            deny=denied(predicate("hsm.json", _counters_agree), 10, "HSM-KEY-IDENTITY"),
        ),
        Attack(
            variant="S40-revoked-attestation",
            why="The laboratory is believed; this one file of its evidence was taken back.",
            deny=denied(_revoking(sha256(World().files()["evidence/hsm.json"])), 11, "EVID-REVOKED"),
            allow=allowed(_revoking(digest("another file"))),
        ),
        Attack(
            variant="S40-revoked-attestation-in-another-envelope",
            why="The statement that was taken back is offered again in an envelope of other bytes.",
            deny=denied(_revoking(_statement_digest(World(), "hsm.json")), 11, "EVID-REVOKED"),
            allow=allowed(_revoking(_statement_digest(_bad_one("third.json"), "third.json"))),
        ),
    ),
)
