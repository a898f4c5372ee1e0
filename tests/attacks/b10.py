"""B10 Provenance over-claim."""

from collections.abc import Callable
from typing import Any

from world.pieces import COMMIT, SOURCE
from world.registry import World

from attacks import b10_expectations, b10_layouts, b10_sublayouts
from attacks.evidence import predicate
from attacks.model import Attack, Family, allowed, denied

NAME = "provenance.json"
HARDENED = "https://ci.example/builders/hardened"
LAPTOP = "https://ci.example/builders/laptop"


def _definition(change: Callable[[dict[str, Any]], Any]) -> World:
    return predicate(NAME, lambda said: change(said["buildDefinition"]) and None)


def _parameters(**found: Any) -> World:
    return _definition(lambda build: build["externalParameters"].update(found))


def _source(uri: str) -> World:
    """Return the world whose release was built from `uri`, in its parameters and its dependency alike."""

    def change(build: dict[str, Any]) -> None:
        build["externalParameters"]["source"] = uri
        build["resolvedDependencies"][0]["uri"] = uri

    return _definition(change)


def _commit(value: str) -> World:
    return _definition(lambda build: build["resolvedDependencies"][0]["digest"].update(gitCommit=value))


def _builder(name: str, world: World | None = None) -> World:
    return (world or World()).with_predicate(NAME, lambda said: said["runDetails"]["builder"].update(id=name))


def _granted(name: str, level: int) -> World:
    return World().with_document("trust", lambda said: said["spec"]["parties"][0]["builder_ids"].update({name: level}))


def _build_types(*names: str) -> World:
    def change(policy: dict[str, Any]) -> None:
        policy["spec"]["requirements"][0]["expect"]["build_types"] = list(names)

    return World().with_document("policy", change)


FAMILY = Family(
    id="B10",
    title="Provenance is a claim by the builder: it counts as far as the builder is trusted and is as expected.",
    attacks=(
        Attack(
            variant="unknown-external-parameter",
            why="The build was given a parameter that nobody expected: it may have switched the tests off.",
            deny=denied(_parameters(patch="https://paste.example/1"), 10, "PROV-EXPECT"),
            allow=allowed(_parameters(target="debug")),
        ),
        Attack(
            variant="builder-not-in-map",
            why="The builder's key signs for a builder that the trust root does not know.",
            deny=denied(_builder(LAPTOP), 10, "PROV-EXPECT"),
            allow=allowed(_builder(LAPTOP, _granted(LAPTOP, 3))),
        ),
        Attack(
            variant="level-above-trust-map",
            why="The policy asks level 3; the trust root grants this builder level 2, whatever it says of itself.",
            deny=denied(_builder(LAPTOP, _granted(LAPTOP, 2)), 10, "PROV-EXPECT"),
            allow=allowed(_builder(LAPTOP, _granted(LAPTOP, 4))),
        ),
        Attack(
            variant="wrong-build-type",
            why="The build type is another: its parameters mean something else.",
            deny=denied(_build_types("https://ci.example/build/v2"), 10, "PROV-EXPECT"),
            allow=allowed(_build_types("https://ci.example/build/v2", "https://ci.example/build/v1")),
        ),
        Attack(
            variant="wrong-source-repo",
            why="The release was built from a fork.",
            deny=denied(
                _source("git+https://git.registry.example/fork@refs/tags/v3.0.1"), 10, "PROV-EXPECT", "SRC-REVIEW"
            ),
        ),
        Attack(
            variant="wrong-ref",
            why="The release was built from a branch of the name of the tag.",
            deny=denied(_source(f"{SOURCE}@refs/heads/v3.0.1"), 10, "PROV-EXPECT"),
        ),
        Attack(
            variant="dirty-tree",
            why="The work tree had changes that are in no commit, and the builder was told to build all the same.",
            deny=denied(_parameters(dirty=True), 10, "PROV-EXPECT"),
        ),
        Attack(
            variant="dirty-commit",
            why="The commit is marked `-dirty`: nobody can have reviewed what was built.",
            deny=denied(_commit(f"{COMMIT}-dirty"), 11, "PROV-EXPECT", "SRC-REVIEW"),
        ),
        Attack(
            variant="missing-resolved-dependencies",
            why="The provenance names a tag and no commit: tags move.",
            deny=denied(_definition(lambda build: build.pop("resolvedDependencies")), 11, "PROV-EXPECT", "SRC-REVIEW"),
        ),
        *b10_expectations.ATTACKS,
        *b10_layouts.ATTACKS,
        *b10_sublayouts.ATTACKS,
    ),
)
