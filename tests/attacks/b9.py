"""B9 External validation that is not external."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from world.documents import party
from world.keys import digest
from world.pieces import Change, Piece
from world.registry import World

from attacks.evidence import VALIDATORS, both_validators, predicate, signed_by
from attacks.model import Attack, Family, allowed, denied

BIND, NATIVE = VALIDATORS
NO_QUORUM = "EXT-VALID"


def _signer_made_of(*code_bases: str) -> World:
    return World().with_document(
        "environment", lambda said: said["spec"]["signer"].update(code_bases=["rollover-agent", *code_bases])
    )


def _policy(**options: Any) -> World:
    """Return the world whose policy asks something else of external validation."""
    return World().with_document("policy", lambda said: said["spec"]["requirements"][4].update(options))


def _coverage(**fields: Any) -> Change:
    return lambda said: said["coverage"].update(fields)


def _sampled(checked: int, fraction: float = 0.01, confidence: float = 0.95) -> World:
    """Return the world whose policy is content with a sample that would find one bad RRset in a hundred."""
    world = _policy(coverage={"detectable_fraction": fraction, "confidence": confidence})
    return world.with_predicate(BIND, _coverage(mode="sample", checked=checked))


def _version(serial: int, made: str) -> Change:
    def change(said: dict[str, Any]) -> None:
        said["zone"].update(serial=serial, sha256=digest(f"zone {serial}"))
        said.update(startedOn=made, finishedOn=made, validationTime=made)

    return change


def _nothing(said: dict[str, Any]) -> None:
    said["coverage"].update(checked=0)
    said["counts"].update(rrsigs=0, ok=0)


def _counted(**counts: int) -> Change:
    return lambda said: said["counts"].update(counts)


def _apex(said: dict[str, Any]) -> None:
    """A full pass over what one validator took for the whole zone."""
    said["coverage"].update(population=4, checked=4)
    said["counts"].update(rrsets=4, rrsigs=4, ok=4)


def _calibrated(**figures: int) -> World:
    return predicate(BIND, lambda said: said["validator"]["calibration"].update(figures))


def _extra(count: int, *tags: int) -> Callable[[dict[str, Any]], None]:
    """Return the change after which `count` signatures beside good ones verify with no key, and these are listed."""

    def change(said: dict[str, Any]) -> None:
        said["counts"].update(rrsigs=3311 + count, noKey=count)
        said["findings"] = [
            {
                "code": "SIG_EXTRA_NO_KEY",
                "severity": "warning",
                "owner": "example.",
                "rtype": "SOA",
                "message": "beside a good signature, one by a key that is not published",
                "keyTag": tag,
                "algorithm": 13,
            }
            for tag in tags
        ]

    return change


def _hint(said: dict[str, Any]) -> None:
    _extra(1, 4711)(said)
    said["counts"].update(rrsigs=3311, noKey=0)
    said["findings"][0].update(code="TTL_HINT", severity="note")


def _declared(*tags: int) -> World:
    """Return the world whose request declares a rollover from keys of these tags."""
    rollover = {"zone": "example.", "kind": "algorithm-rollover", "algorithm": 13, "key_tags": list(tags)}
    return World().with_document("request", lambda said: said["spec"].update(rollover=rollover))


def _on_both(world: World, change: Change) -> World:
    for name in VALIDATORS:
        world = world.with_predicate(name, change)
    return world


def _third(code_base: str, signer: str) -> Piece:
    piece = World().pieces[NATIVE]
    return replace(piece, signers=(signer,)).change(
        lambda said: said["validator"].update(codeBase=code_base),
        lambda said: said["observer"].update(codeBases=[code_base]),
    )


FAMILY = Family(
    id="B9",
    title="A validator that shares code, builder or input with the signer repeats its error and calls it green.",
    attacks=(
        Attack(
            variant="same-library",
            why="The signer is made of BIND's code, and so is one of the two validators.",
            deny=denied(_signer_made_of("bind"), 10, "EXT-VALID"),
            allow=allowed(_signer_made_of("knot")),
        ),
        Attack(
            variant="same-crypto-library",
            why="The signer's owners name the cryptographic library among its code, and the validators use it too.",
            deny=denied(_signer_made_of("knot", "openssl"), 10, "EXT-VALID"),
            allow=allowed(_signer_made_of("knot", "gnutls")),
        ),
        Attack(
            variant="same-builder",
            why="The signer's builder says itself what an external validator should say.",
            deny=denied(signed_by(BIND, "ci-builder"), 11, NO_QUORUM, "SIG-ROLE"),
        ),
        Attack(
            variant="one-of-two",
            why="One validator looked where two are asked.",
            deny=denied(World().without(NATIVE), 11, NO_QUORUM),
            allow=allowed(World().without(NATIVE).adding("ldns.json", _third("ldns", "validator-ldns"))),
        ),
        Attack(
            variant="two-runs-of-one",
            why="Two runs of one code base are one opinion, though two parties signed them.",
            deny=denied(
                World().without(NATIVE).adding("again.json", _third("bind", "validator-ldns")), 10, "EXT-VALID"
            ),
        ),
        Attack(
            variant="zero-rrsets",
            why="No RRset was checked, and of none a signature failed.",
            deny=denied(predicate(BIND, _nothing), 10, "EXT-VALID"),
        ),
        Attack(
            variant="sample-below-floor",
            why="One RRset too few was checked to find one bad in a hundred with 95 % confidence: 298 of 299.",
            deny=denied(_sampled(298), 10, "EXT-VALID"),
            allow=allowed(_sampled(299)),
        ),
        Attack(
            variant="sample-for-full",
            why="The policy asks a full pass; a sample is offered, however large.",
            deny=denied(predicate(BIND, _coverage(mode="sample", checked=3309)), 10, "EXT-VALID"),
        ),
        Attack(
            variant="apex-only",
            why="Only the apex was validated, and the statement says so.",
            deny=denied(predicate(BIND, _coverage(mode="apex", checked=4)), 10, "EXT-VALID"),
        ),
        Attack(
            variant="apex-as-full",
            why="One validator takes the apex for the whole zone; the other counts 3,310 RRsets in the same bytes.",
            deny=denied(predicate(BIND, _apex), 10, "EXT-VALID"),
        ),
        Attack(
            variant="old-serial",
            why="One of two validators looked at an older version of the zone.",
            deny=denied(predicate(BIND, _version(2026040901, "2026-04-10T09:00:00Z")), 11, NO_QUORUM),
            allow=allowed(both_validators(_version(2026041002, "2026-04-10T11:00:00Z"))),
        ),
        Attack(
            variant="other-zone",
            why="One of two validators looked at another zone of the registry.",
            deny=denied(predicate(BIND, lambda said: said["zone"].update(name="other.")), 11, NO_QUORUM),
        ),
        Attack(
            variant="staging-keys",
            why="The validator looked at the staging environment, whose keys are others.",
            deny=denied(
                predicate(BIND, lambda said: said["environment"].update(name="example-staging")),
                11,
                NO_QUORUM,
                "EVID-STALE",
            ),
        ),
        Attack(
            variant="own-trust-anchor",
            why="The validator started from a trust anchor that is not in the parent: any key set verifies so.",
            deny=denied(
                predicate(BIND, lambda said: said.update(trustAnchors=["1 13 2 " + "00" * 32])), 10, "EXT-VALID"
            ),
        ),
        Attack(
            variant="no-trust-anchor",
            why="The validator started from the zone's own keys: any key set verifies so.",
            deny=denied(predicate(BIND, lambda said: said.update(trustAnchors=[])), 10, "EXT-VALID"),
        ),
        Attack(
            variant="green-but-bogus",
            why="The verdict is valid and the count of bogus signatures is not zero.",
            deny=denied(predicate(BIND, _counted(rrsigs=3312, bogus=1)), 10, "EXT-VALID"),
        ),
        Attack(
            variant="green-but-too-few-good",
            why="The verdict is valid, no warning is refused, and there are fewer good signatures than RRsets.",
            deny=denied(
                _policy(refuse_warnings=[]).with_predicate(BIND, _counted(rrsigs=3311, ok=3309, bogus=2)),
                10,
                "EXT-VALID",
            ),
            allow=allowed(_policy(refuse_warnings=[]).with_predicate(BIND, _counted(rrsigs=3311, ok=3310, bogus=1))),
        ),
        Attack(
            variant="calibration-blind",
            why="In the same run the validator let a zone pass that is known to be bad.",
            deny=denied(_calibrated(badRefused=5), 10, "EXT-VALID"),
            allow=allowed(_calibrated(bad=5, badRefused=5)),
        ),
        Attack(
            variant="calibration-empty",
            why="The validator was tried on no bad zone, and let none of them pass.",
            deny=denied(_calibrated(bad=0, badRefused=0), 10, "EXT-VALID"),
        ),
        Attack(
            variant="unexplained-signature",
            why="Beside good signatures stands one by a key that is not published, and no rollover explains it.",
            deny=denied(both_validators(_extra(1, 4711)), 10, "EXT-VALID"),
            allow=allowed(_on_both(_declared(4711), _extra(1, 4711))),
        ),
        Attack(
            variant="rollover-explains-another",
            why="A rollover is declared, and the signature is by none of its keys.",
            deny=denied(_on_both(_declared(4711), _extra(1, 4712)), 10, "EXT-VALID"),
            allow=allowed(_on_both(_declared(4712), _extra(1, 4712))),
        ),
        Attack(
            variant="warning-put-mildly",
            why="The validator calls the unexplained signature a note.",
            deny=denied(
                both_validators(_extra(1, 4711)).with_predicate(
                    BIND, lambda said: said["findings"][0].update(severity="note")
                ),
                10,
                "EXT-VALID",
            ),
            allow=allowed(both_validators(_hint)),
        ),
        Attack(
            variant="self-signed",
            why="The statement is signed by the key of the signer's own team, which the trust root does not know.",
            deny=denied(signed_by(BIND, "signer-team"), 11, NO_QUORUM, "SIG-UNTRUSTED"),
        ),
        Attack(
            variant="team-as-validator",
            why="The signer's own team is in the trust root as a validator, under the signer's own code base.",
            deny=denied(
                World()
                .with_document(
                    "trust",
                    lambda said: said["spec"]["parties"].append(party("team", ["zone-validation"], code_base="knot")),
                )
                .with_document("policy", lambda said: said["spec"]["requirements"][4]["from"].append("team"))
                .without(NATIVE)
                .adding("team.json", _third("knot", "team")),
                10,
                "EXT-VALID",
            ),
        ),
    ),
)
