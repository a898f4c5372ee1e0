"""D7 Sign-off counting."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from world.documents import pem
from world.pieces import Piece, sign_off
from world.registry import World

from attacks.d1 import requirement, unusable
from attacks.model import Attack, Family, Side, allowed, denied

Making = Callable[[str], Piece]
"""a sign-off made from the case digest"""


def signed(making: dict[str, Making], exit_code: int, *codes: str, world: World | None = None) -> Side:
    """Return the side whose sign-offs are made one by one, by file name, from the digest of the very case."""

    def files() -> dict[str, bytes]:
        unsigned = replace(world or World(), signing_off=())
        case_digest = unsigned.judge().decision.case_digest
        pieces = {f"sign-off-{name}.json": make(case_digest) for name, make in making.items()}
        return replace(unsigned, pieces={**unsigned.pieces, **pieces}).files()

    return Side(files=files, exit=exit_code, codes=codes)


def by(person: str, verdict: str = "approve", /, keys: tuple[str, ...] = (), **members: Any) -> Making:
    """Return how to make the sign-off of a person, signed with other keys or saying something else where told so."""

    def make(case_digest: str) -> Piece:
        piece = sign_off(person, case_digest, verdict).change(lambda predicate: predicate.update(members))
        return replace(piece, signers=keys or piece.signers)

    return make


def with_person(name: str, **members: Any) -> World:
    """Return the base world with an entry of the trust root's people changed."""

    def change(trust: dict[str, Any]) -> None:
        next(person for person in trust["spec"]["people"] if person["name"] == name).update(members)

    return World().with_document("trust", change)


def _asked(**metadata: Any) -> World:
    return World().with_document("request", lambda request: request["metadata"].update(metadata))


def _holding(party: str, *people: str) -> World:
    def change(trust: dict[str, Any]) -> None:
        next(entry for entry in trust["spec"]["parties"] if entry["name"] == party).update(people=list(people))

    return World().with_document("trust", change)


def _needing(**need: int) -> World:
    return World().with_document(
        "policy",
        lambda policy: requirement(policy, "two-people").update(
            need={role.replace("_", "-"): count for role, count in need.items()}
        ),
    )


def _split(policy: dict[str, Any]) -> None:
    """Write the two places as two requirements: carol, who has both roles, would fill one in each."""
    both = requirement(policy, "two-people")
    policy["spec"]["requirements"].append({**both, "id": "another", "need": {"crypto-officer": 1}})
    both["need"] = {"release-manager": 1}


TWO_KEYS = with_person("carol", keys=[pem("carol"), pem("carol's second key")])

FAMILY = Family(
    id="D7",
    title="Two sign-offs must be two people who did not make the change.",
    attacks=(
        Attack(
            variant="self",
            why="The requester signs off.",
            deny=denied(_asked(requester="Alice@registry.example"), 11, "APPR-COUNT"),
            allow=allowed(_asked(requester="dave@registry.example")),
        ),
        Attack(
            variant="author-via-bot",
            why="A bot asked for what the person who signs off wrote.",
            deny=denied(_asked(authors=["erin@registry.example", "alice@registry.example"]), 11, "APPR-COUNT"),
            allow=allowed(_asked(authors=["erin@registry.example", "dave@registry.example"])),
        ),
        Attack(
            variant="authors-unknown",
            why="The request names no author, so nobody can be told apart from them.",
            deny=denied(_asked(authors=[]), 11, "APPR-COUNT"),
        ),
        Attack(
            variant="two-accounts-one-person",
            why="The requester's second account is that of a person who signs off.",
            deny=denied(
                with_person("alice", accounts=["alice@registry.example", "release-bot@registry.example"]),
                11,
                "APPR-COUNT",
            ),
            allow=allowed(with_person("alice", accounts=["alice@registry.example", "alice-2@registry.example"])),
        ),
        Attack(
            variant="two-keys-one-person",
            why="One person with both roles signs with two keys.",
            deny=signed(
                {"carol": by("carol"), "carol-2": by("carol", keys=("carol's second key",), reason="again")},
                11,
                "APPR-COUNT",
                world=TWO_KEYS,
            ),
            allow=signed({"carol": by("carol", keys=("carol's second key",)), "alice": by("alice")}, 0, world=TWO_KEYS),
        ),
        Attack(
            variant="left-the-group",
            why="A person who lost the role signs off.",
            deny=denied(with_person("alice", roles=["security-officer"]), 11, "APPR-COUNT"),
        ),
        Attack(
            variant="left-the-house",
            why="A person whose keys are marked revoked signs off.",
            deny=denied(with_person("alice", revoked=True), 11, "APPR-COUNT", "SIG-UNTRUSTED"),
        ),
        Attack(
            variant="duplicate",
            why="One sign-off comes twice, the second time with another reason.",
            deny=signed({"alice": by("alice"), "alice-2": by("alice", reason="again")}, 11, "APPR-COUNT"),
            allow=signed({"alice": by("alice"), "alice-2": by("alice", reason="again"), "bob": by("bob")}, 0),
        ),
        Attack(
            variant="counted-in-two-rules",
            why="One person with both roles fills both places.",
            deny=denied(World().signed_off_by("carol"), 11, "APPR-COUNT"),
            allow=allowed(World().signed_off_by("carol", "alice")),
        ),
        Attack(
            variant="counted-in-two-requirements",
            why="The two places are written as two requirements, in each of which one person could count.",
            deny=unusable("policy", _split, "POL-REF"),
        ),
        Attack(
            variant="greedy-matching",
            why="Three places, two people: the one with both roles must not be counted where both are needed.",
            deny=denied(
                replace(_needing(release_manager=2, crypto_officer=1), signing_off=("alice", "carol")), 11, "APPR-COUNT"
            ),
            allow=allowed(
                replace(_needing(release_manager=2, crypto_officer=1), signing_off=("alice", "carol", "bob"))
            ),
        ),
        Attack(
            variant="signed-before-last-change",
            why="The sign-offs are those of the case before its last change.",
            deny=signed({"alice": by("alice", caseDigest="0" * 64), "bob": by("bob")}, 11, "APPR-COUNT", "APPR-REPLAY"),
            allow=signed({"old": by("alice", caseDigest="0" * 64), "alice": by("alice"), "bob": by("bob")}, 0),
        ),
        Attack(
            variant="signoff-after-reject",
            why="A person rejects, and then signs off.",
            deny=signed(
                {"no": by("alice", "reject", reason="the drill is odd"), "alice": by("alice"), "bob": by("bob")},
                10,
                "APPR-COUNT",
            ),
            allow=signed({"alice": by("alice"), "bob": by("bob")}, 0),
        ),
        Attack(
            variant="rejection-of-an-earlier-case",
            why="The rejection was of an earlier case of the same request: it stands.",
            deny=signed(
                {
                    "no": by("dave", "reject", reason="the drill is odd", caseDigest="0" * 64),
                    "alice": by("alice"),
                    "bob": by("bob"),
                },
                10,
                "APPR-COUNT",
            ),
            allow=signed({"alice": by("alice"), "bob": by("bob")}, 0),
        ),
        Attack(
            variant="rejection-signed-along",
            why="Somebody else adds a signature to a rejection, so that it is no longer that of one person.",
            deny=signed(
                {
                    "no": by("dave", "reject", reason="the drill is odd", keys=("dave", "carol")),
                    "alice": by("alice"),
                    "bob": by("bob"),
                },
                10,
                "APPR-COUNT",
            ),
            allow=signed({"alice": by("alice"), "bob": by("bob")}, 0),
        ),
        Attack(
            variant="two-people-one-sign-off",
            why="Two people sign one sign-off, which says that it is one person's.",
            deny=signed({"alice": by("alice", keys=("alice", "bob"))}, 11, "APPR-COUNT"),
            allow=signed({"alice": by("alice"), "bob": by("bob")}, 0),
        ),
        Attack(
            variant="under-another-name",
            why="A sign-off says that it is alice's, and bob signed it.",
            deny=signed({"alice": by("alice", keys=("bob",)), "bob": by("bob")}, 11, "APPR-COUNT"),
            allow=signed({"alice": by("alice"), "bob": by("bob")}, 0),
        ),
        Attack(
            variant="signer-of-evidence",
            why="The person who signs off holds a key of the party that measured.",
            deny=denied(_holding("hsm-lab", "alice"), 11, "APPR-COUNT"),
            allow=allowed(_holding("hsm-lab", "dave")),
        ),
        Attack(
            variant="threshold-zero",
            why="The policy asks for nobody.",
            deny=unusable(
                "policy", lambda p: requirement(p, "two-people")["need"].update({"crypto-officer": 0}), "SCHEMA"
            ),
        ),
        Attack(
            variant="nobody-at-all",
            why="The policy names no role.",
            deny=unusable("policy", lambda p: requirement(p, "two-people").update(need={}), "SCHEMA"),
        ),
        Attack(
            variant="nobody-excluded",
            why="The policy lets requester, authors and evidence signers sign off.",
            deny=unusable("policy", lambda p: requirement(p, "two-people").update({"not": []}), "SCHEMA"),
        ),
    ),
)
