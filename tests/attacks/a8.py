"""A8 Key-role confusion."""

from dataclasses import replace
from typing import Any

from world.pieces import Bindings, Piece
from world.registry import World

from attacks.model import Attack, Family, Side, allowed, denied
from attacks.signing import holder


def _signed(world: World, signer: str, *pieces: str) -> World:
    for name in pieces:
        world = world.with_piece(name, lambda piece: replace(piece, signers=(signer,)))
    return world


def _hsm_by(signer: str) -> World:
    return _signed(World(), signer, "hsm.json")


def _alice_signed_by(signer: str) -> World:
    """Alice's sign-off, signed by somebody else's key."""

    def change(piece: Piece) -> Piece:
        return replace(piece, signers=(signer,)) if piece.signers == ("alice",) else piece

    return World().signed_off_by("alice", "bob", change=change)


def _three_validators() -> World:
    native = World().pieces["zone-native.json"]

    def by_ldns(bindings: Bindings) -> dict[str, Any]:
        predicate = native.predicate(bindings)
        predicate["observer"] = {"name": "ldns-observer", "codeBases": ["ldns"]}
        predicate["validator"]["codeBase"] = "ldns"
        return predicate

    return World().adding("zone-ldns.json", replace(native, predicate=by_ldns, signers=("validator-ldns",)))


def _may(name: str, *types: str) -> World:
    return World().with_document("trust", lambda trust: holder(trust, name).update(may=list(types)))


FAMILY = Family(
    id="A8",
    title="A builder that may also sign the external validation can wave its own release through.",
    attacks=(
        Attack(
            variant="builder-signs-validation",
            why="The builder signs both external validations.",
            deny=denied(_signed(World(), "ci-builder", "zone-bind.json", "zone-native.json"), 11, "SIG-ROLE"),
        ),
        Attack(
            variant="builder-fills-the-quorum",
            why="The builder signs the validation that the quorum of two lacks; a third validator makes it up.",
            deny=denied(_signed(World(), "ci-builder", "zone-native.json"), 11, "EXT-VALID", "SIG-ROLE"),
            allow=allowed(_signed(_three_validators(), "ci-builder", "zone-native.json")),
        ),
        Attack(
            variant="validator-signs-for-another",
            why="A trusted validator signs the validation of another code base, to be counted twice.",
            deny=denied(_signed(World(), "validator-bind", "zone-native.json"), 10, "EXT-VALID"),
        ),
        Attack(
            variant="validator-signs-signoff",
            why="A validator's key signs the sign-off of a person.",
            deny=denied(_alice_signed_by("validator-bind"), 11, "APPR-COUNT", "SIG-ROLE"),
            allow=allowed(_alice_signed_by("alice")),
        ),
        Attack(
            variant="ci-identity-signs-signoff",
            why="The pipeline signs the sign-off of a person.",
            deny=denied(_alice_signed_by("ci-builder"), 11, "APPR-COUNT", "SIG-ROLE"),
            allow=allowed(_alice_signed_by("alice")),
        ),
        Attack(
            variant="person-signs-provenance",
            why="A person's sign-off key signs the provenance of the build, so the source review has none to tie to.",
            deny=denied(_signed(World(), "alice", "provenance.json"), 11, "SIG-ROLE", "SRC-REVIEW"),
        ),
        Attack(
            variant="ledger-key-signs-evidence",
            why="The ledger's key is in the trust root, to sign checkpoints; it signs HSM evidence.",
            deny=denied(_hsm_by("ledger"), 11, "SIG-ROLE"),
        ),
        Attack(
            variant="gate-key-signs-evidence",
            why="The gate's key is in the trust root, to sign approvals; it signs HSM evidence.",
            deny=denied(_hsm_by("gate"), 11, "SIG-ROLE"),
        ),
        Attack(
            variant="policy-key-signs-evidence",
            why="The owners of the policy sign HSM evidence with the key that signs policies.",
            deny=denied(_hsm_by("owners"), 11, "SIG-ROLE"),
        ),
        Attack(
            variant="policy-asks-another-party",
            why="The trust root lets the validator say HSM coverage too; the policy asks the laboratory.",
            deny=denied(
                _signed(_may("validator-ldns", "zone-validation", "hsm-key-coverage"), "validator-ldns", "hsm.json"),
                11,
                "SIG-ROLE",
            ),
            allow=allowed(_may("validator-ldns", "zone-validation", "hsm-key-coverage")),
        ),
        Attack(
            variant="party-may-sign-off",
            why="The trust root grants sign-offs to a machine.",
            deny=Side(
                world=replace(_may("ci-builder", "provenance", "sign-off"), signing_off=()),
                exit=2,
                codes=("POL-TRUST",),
            ),
            allow=allowed(_may("ci-builder", "provenance", "test-result")),
        ),
    ),
)
