"""E3 SSRF and unwanted retrieval. That nothing is retrieved is shown in tests/gatekeeper/attacks/test_e3.py."""

from typing import Any

from world.registry import World

from attacks.model import Attack, Family, allowed, denied
from attacks.signing import holder

PLACES = {
    "evidence-file-url": ("a file URL", "file:///etc/passwd"),
    "evidence-http": ("a URL", "https://registry.example/evidence.json"),
    "loopback": ("this machine's own address", "http://127.0.0.1:8080/evidence.json"),
    "link-local-metadata": ("the address at which clouds hand out credentials", "http://169.254.169.254/latest/meta-data"),
    "v4-mapped-v6": ("that address in another form", "http://[::ffff:169.254.169.254]/latest"),
    "userinfo-host": ("a URL whose host only seems to be ours", "https://registry.example@mallory.example/"),
    "network-path": ("a path that other systems take for a host", "//mallory.example/evidence"),
}  # fmt: skip


def _evidence_at(place: str) -> World:
    return World().with_document("request", lambda request: request["spec"].update(evidence=[place]))


def _referring(document: str, reference: str) -> World:
    return World().with_document(document, lambda value: value["spec"].update({"$ref": reference})).signed_off_by()


def _built_from(uri: str) -> World:
    """Where the builder took its sources from is a name: it is compared, never fetched."""

    def change(predicate: dict[str, Any]) -> None:
        predicate["buildDefinition"]["externalParameters"]["source"] = uri

    return World().with_predicate("provenance.json", change)


def _key_at(place: str) -> World:
    return World().with_document("trust", lambda trust: holder(trust, "hsm-lab").update(keys=[place])).signed_off_by()


def _schema_at(uri: str) -> World:
    return World().with_predicate("hsm.json", lambda predicate: predicate.update({"$schema": uri, "$ref": uri}))


FAMILY = Family(
    id="E3",
    title="Evaluation that talks to the network can be fed, tracked and delayed.",
    attacks=(
        *(
            Attack(
                variant=variant,
                why=f"The request says that its evidence lies at {what}.",
                deny=denied(_evidence_at(place).signed_off_by(), 2, "SCHEMA"),
                allow=allowed(_evidence_at("evidence/")),
            )
            for variant, (what, place) in PLACES.items()
        ),
        Attack(
            variant="ref-http",
            why="The policy refers to a part of itself on another host.",
            deny=denied(_referring("policy", "http://127.0.0.1:8080/policy.json"), 2, "SCHEMA"),
        ),
        Attack(
            variant="ref-in-evidence",
            why="Evidence names the schema by which it wants to be read, on another host.",
            deny=denied(_schema_at("http://127.0.0.1:8080/schema.json"), 11, "SCHEMA"),
        ),
        Attack(
            variant="key-url",
            why="The trust root takes a key from another host.",
            deny=denied(_key_at("http://127.0.0.1:8080/hsm-lab.pem"), 2, "POL-TRUST"),
        ),
        Attack(
            variant="source-url",
            why="The provenance names a source whose retrieval would tell somebody that we look.",
            deny=denied(_built_from("http://169.254.169.254/signer@refs/tags/v3.0.1"), 10, "PROV-EXPECT", "SRC-REVIEW"),
        ),
    ),
)
