"""D6 Time of check, time of use. Swaps while the gate runs: tests/gatekeeper/attacks/test_d6.py."""

from typing import Any

from world.host import Host
from world.keys import digest
from world.pieces import SOURCE
from world.registry import World

from attacks.d9 import HONEST, INSTALLED, on_host
from attacks.model import Attack, Family, Side, denied

OTHER_COMMIT = "7b1d" * 10


def _changed_after(name: str, addition: bytes) -> Side:
    """Return the side on which a document was edited after everybody had signed."""

    def files() -> dict[str, bytes]:
        made = World().files()
        return made | {name: made[name] + addition}

    return Side(files=files, exit=11, codes=("APPR-COUNT", "APPR-REPLAY"))


def _request_edited() -> dict[str, bytes]:
    made = World().files()
    return made | {"request.yaml": made["request.yaml"].replace(b"stage: canary", b"stage: full")}


def _evidence_added() -> dict[str, bytes]:
    """A second run of the release's tests, made by the right party, which nobody saw who signed off."""
    later = World().with_predicate("tests.json", lambda predicate: predicate["passedTests"].append("late-test"))
    return World().files() | {"evidence/tests-2.json": later.files()["evidence/tests.json"]}


def _tag_moved(predicate: dict[str, Any]) -> None:
    predicate["buildDefinition"]["resolvedDependencies"][0]["digest"]["gitCommit"] = OTHER_COMMIT


def _late_commit(predicate: dict[str, Any]) -> None:
    second = {"uri": f"{SOURCE}@refs/tags/v3.0.1", "digest": {"gitCommit": OTHER_COMMIT}}
    predicate["buildDefinition"]["resolvedDependencies"].append(second)


def _repushed(request: dict[str, Any]) -> None:
    request["spec"]["release"]["components"][0]["digest"]["sha256"] = digest("signer pushed again")


FAMILY = Family(
    id="D6",
    title="An approval or sign-off outlives the thing it was given for unless it is bound to bytes.",
    attacks=(
        Attack(
            variant="artifact-swapped",
            why="The signer was swapped after it had been approved.",
            deny=on_host(lambda: Host(installed={**INSTALLED, "signer": b"file signer, swapped"}), 11, "TOKEN"),
            allow=HONEST,
        ),
        Attack(
            variant="request-edited",
            why="The request was edited, from canary to full, after evidence and sign-offs had been made for it.",
            deny=Side(files=_request_edited, exit=11, codes=("APPR-COUNT", "EVID-STALE")),
        ),
        Attack(
            variant="policy-changed",
            why="One comment was added to the policy after the sign-offs.",
            deny=_changed_after("policy.yaml", b"# looks harmless\n"),
        ),
        Attack(
            variant="trust-changed",
            why="One comment was added to the trust root after the sign-offs.",
            deny=_changed_after("trust.yaml", b"# looks harmless\n"),
        ),
        Attack(
            variant="evidence-added-after",
            why="Evidence was added that nobody saw who signed off.",
            deny=Side(files=_evidence_added, exit=11, codes=("APPR-COUNT", "APPR-REPLAY")),
        ),
        Attack(
            variant="tag-moved",
            why="The release tag was moved: what was built is not the commit that was reviewed.",
            deny=denied(World().with_predicate("provenance.json", _tag_moved), 11, "SRC-REVIEW"),
        ),
        Attack(
            variant="late-commit",
            why="A second commit went into the build after the first had been reviewed.",
            deny=denied(World().with_predicate("provenance.json", _late_commit), 11, "SRC-REVIEW"),
        ),
        Attack(
            variant="registry-tag-repushed",
            why="The registry serves another signer under the version that was built and tested.",
            deny=denied(World().with_document("request", _repushed), 11, "SUBJ-DIGEST"),
        ),
    ),
)
