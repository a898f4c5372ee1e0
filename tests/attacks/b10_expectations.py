"""B10, continued: what a policy may expect of a build beside its source, and what the signer's certificate says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import provenance_examples as examples
from world.pieces import SOURCE, Bindings, Piece
from world.registry import World

from attacks.evidence import predicate
from attacks.model import Attack, Side, allowed, denied
from attacks.signing import holder
from attestations.digest import sha256
from attestations.envelope import read_envelope
from attestations.sigstore.practice import GITHUB, PrivateSigstore
from attestations.strict import read_json

NAME = "provenance.json"
ROOT = "keys/trusted_root.json"


def expecting(world: World, **members: Any) -> World:
    """Return the world whose policy expects `members` of the build; None takes one out."""

    def change(policy: dict[str, Any]) -> None:
        expect = policy["spec"]["requirements"][0]["expect"]
        expect.update(members)
        for name in [name for name, value in expect.items() if value is None]:
            del expect[name]

    return world.with_document("policy", change)


def _built_from(ref: str) -> World:
    def change(said: dict[str, Any]) -> None:
        said["buildDefinition"]["externalParameters"]["source"] = f"{SOURCE}@{ref}"

    return predicate(NAME, change)


def _referring(variant: str, why: str, wanted: dict[str, str], found: str, right: str) -> Attack:
    """The policy names the reference in one way; the build is of another, and the twin of the right one."""
    return Attack(
        variant=variant,
        why=why,
        deny=denied(expecting(_built_from(found), ref=None, **wanted), 10, "PROV-EXPECT"),
        allow=allowed(expecting(_built_from(right), ref=None, **wanted)),
    )


def _told(**parameters: Any) -> World:
    return predicate(NAME, lambda said: said["buildDefinition"]["externalParameters"].update(parameters))


def _valued(variant: str, why: str, wanted: dict[str, list[Any]], found: Any, right: Any) -> Attack:
    """The policy names the values of a parameter; the build was given another."""
    (name,) = wanted
    may = {"allow_only": ["target"], "values": wanted}
    return Attack(
        variant=variant,
        why=why,
        deny=denied(expecting(_told(**{name: found}), parameters=may), 10, "PROV-EXPECT"),
        allow=allowed(expecting(_told(**{name: right}), parameters=may)),
    )


def _workflow(path: str) -> World:
    def change(said: dict[str, Any]) -> None:
        named = {"repository": SOURCE.removeprefix("git+"), "ref": "refs/tags/v3.0.1", "path": path}
        said["buildDefinition"]["externalParameters"] = {"workflow": named}

    return expecting(predicate(NAME, change), workflow=".github/workflows/release.yml")


def _depending(**digest: str) -> World:
    more = {"uri": "pkg:generic/softhsm@2.6.1", "digest": digest}
    return expecting(
        predicate(NAME, lambda said: said["buildDefinition"]["resolvedDependencies"].append(more)),
        pinned_dependencies=True,
    )


@cache
def private_root() -> bytes:
    return PrivateSigstore(seed="ours").trusted_root


@dataclass(frozen=True)
class KeylessPiece(Piece):
    """A piece signed by a workflow; its `signers` are not asked."""

    identity: str = examples.WORKFLOW
    issuer: str = GITHUB
    claims: dict[str, str] = field(default_factory=dict)

    def make(self, bindings: Bindings) -> bytes:
        payload = read_envelope(read_json(super().make(bindings), "envelope")).payload
        return PrivateSigstore(seed="ours").sign_statement(payload, self.identity, self.issuer, **self.claims)


def on_github(said: dict[str, Any], identity: str, expect: dict[str, Any], **claims: str) -> World:
    """Return the world whose release was built on GitHub, signed as `identity`, whose certificate makes `claims`."""

    def believe(trust: dict[str, Any]) -> None:
        trust["spec"]["sigstore"] = {"trusted_root": ROOT, "sha256": sha256(private_root())}
        builder = said["runDetails"]["builder"]["id"]
        named = {"sigstore": {"issuer": GITHUB, "identity": identity}, "keys": [], "builder_ids": {builder: 3}}
        holder(trust, "ci-builder").update(named)

    def about_github(policy: dict[str, Any]) -> None:
        for requirement in policy["spec"]["requirements"][:2]:
            requirement["expect"]["source"] = examples.SOURCE

    world = World(texts={ROOT: private_root()}).with_document("trust", believe).with_document("policy", about_github)
    world = world.with_predicate("source.json", lambda summary: summary.update(resourceUri=examples.SOURCE))
    bundle = KeylessPiece(
        "provenance", lambda _: said, ("ci-builder",), identity=identity, claims={**examples.CERTIFICATE, **claims}
    )
    return expecting(world.with_piece(NAME, lambda _: bundle), **expect)


def _attested(**claims: str) -> World:
    return on_github(examples.ATTEST, examples.WORKFLOW, {}, **claims)


def _certified(variant: str, why: str, **claims: str) -> Attack:
    return Attack(
        variant=variant, why=why, deny=denied(_attested(**claims), 10, "PROV-EXPECT"), allow=allowed(_attested())
    )


def _run(expected: dict[str, Any], **claims: str) -> World:
    said = examples.changed(examples.ATTEST, "buildDefinition", "internalParameters", value={})
    return on_github(said, examples.WORKFLOW, {"certificate": expected}, **claims)


def _with_dependency(commit: str) -> dict[str, Any]:
    """Return provenance with one more dependency on the source, at a commit and without a reference."""
    more = {"uri": examples.SOURCE, "digest": {"gitCommit": commit}}
    dependencies = [*examples.ATTEST["buildDefinition"]["resolvedDependencies"], more]
    return examples.changed(examples.ATTEST, "buildDefinition", "resolvedDependencies", value=dependencies)


def _started(**inputs: Any) -> World:
    said = examples.changed(
        examples.DELEGATED,
        *("buildDefinition", "internalParameters", "GITHUB_EVENT_PAYLOAD"),
        value={"inputs": inputs},
    )
    may = {"parameters": {"values": {"inputs.jdk-version": [17]}}, "inputs": {"values": {"channel": ["stable"]}}}
    return on_github(said, examples.DELEGATOR, may)


def _unusable(change: Callable[[], World]) -> Side:
    """Where there is no case, there is no case digest to sign."""
    return denied(change().signed_off_by(), 2, "POL-REF")


ATTACKS = (
    _referring(
        "wrong-tag",
        "The release was built from the tag of the last one.",
        {"tag": "v{release.version}"},
        "refs/tags/v3.0.0",
        "refs/tags/v3.0.1",
    ),
    _referring(
        "branch-called-as-the-tag",
        "The release was built from a branch of the name of the tag that was asked for.",
        {"tag": "v{release.version}"},
        "refs/heads/v3.0.1",
        "refs/tags/v3.0.1",
    ),
    _referring(
        "other-version",
        "The tag is of another version than that which was asked for by its leading parts.",
        {"versioned_tag": "v3.0"},
        "refs/tags/v3.1.0",
        "refs/tags/v3.0.1",
    ),
    _referring(
        "pre-release",
        "The tag is that of a pre-release, which nobody asked for.",
        {"versioned_tag": "v3"},
        "refs/tags/v3.0.1-rc.1",
        "refs/tags/v3.0.1",
    ),
    _referring(
        "other-branch",
        "The release was built from a branch that its author may push to.",
        {"branch": "main"},
        "refs/heads/main-2",
        "refs/heads/main",
    ),
    Attack(
        variant="other-workflow-file",
        why="The release was built by another file of the same repository at the same tag.",
        deny=denied(_workflow(".github/workflows/nightly.yml"), 10, "PROV-EXPECT"),
        allow=allowed(_workflow(".github/workflows/release.yml")),
    ),
    _valued(
        "other-parameter-value",
        "The parameter is one that the policy knows, with a value that it does not.",
        {"target": ["release", "hardened"]},
        "debug",
        "release",
    ),
    _valued(
        "parameter-of-another-type",
        "The value only looks like the one that was asked for: builders read 1, true and 'true' differently.",
        {"tests": [True]},
        1,
        True,
    ),
    Attack(
        variant="unpinned-dependency",
        why="A dependency is named and has no digest: tomorrow the same name is another file.",
        deny=denied(_depending(), 10, "PROV-EXPECT"),
        allow=allowed(_depending(sha256="ab" * 32)),
    ),
    Attack(
        variant="unknown-workflow-input",
        why="Whoever started the run by hand typed in something that nobody expected.",
        deny=denied(_started(channel="stable", skip_tests="true"), 10, "PROV-EXPECT"),
        allow=allowed(_started(channel="stable")),
    ),
    Attack(
        variant="other-workflow-input",
        why="Whoever started the run by hand typed in another value than the policy accepts.",
        deny=denied(_started(channel="beta"), 10, "PROV-EXPECT"),
        allow=allowed(_started(channel="stable")),
    ),
    _certified(
        "certificate-of-another-ref",
        "The provenance tells of a tag; the certificate was issued for a run on a branch.",
        source_repository_ref="refs/heads/main",
    ),
    _certified(
        "certificate-of-another-repository",
        "The provenance tells of the repository; the certificate was issued for a run in a fork.",
        source_repository_uri="https://github.com/somebody/signer",
    ),
    _certified(
        "certificate-of-another-commit",
        "The provenance tells of a reviewed commit; the certificate was issued for a run on another.",
        source_repository_digest=examples.OTHER,
    ),
    Attack(
        variant="reviewed-commit-beside-the-built-one",
        why="The workflow writes its own provenance, and names a reviewed commit beside the one that it built.",
        deny=denied(
            on_github(_with_dependency(examples.OTHER), examples.WORKFLOW, {}, source_repository_digest=examples.OTHER),
            10,
            "PROV-EXPECT",
            "SRC-REVIEW",
        ),
        allow=allowed(on_github(_with_dependency(examples.COMMIT), examples.WORKFLOW, {})),
    ),
    _certified(
        "certificate-of-another-runner",
        "The provenance tells of a hosted runner; the certificate was issued to a machine of the project.",
        runner_environment="self-hosted",
    ),
    _certified(
        "certificate-of-another-trigger",
        "The provenance tells of a release; the certificate was issued for a pull request.",
        build_trigger="pull_request",
    ),
    Attack(
        variant="run-on-a-machine-of-the-project",
        why="The run was on a machine that the project keeps itself, and may have prepared.",
        deny=denied(
            _run({"runner_environment": ["github-hosted"]}, runner_environment="self-hosted"), 10, "PROV-EXPECT"
        ),
        allow=allowed(_run({"runner_environment": ["github-hosted"]})),
    ),
    Attack(
        variant="run-for-a-pull-request",
        why="The run was started by a pull request: by whoever wrote one.",
        deny=denied(
            _run({"build_trigger": ["push", "workflow_dispatch"]}, build_trigger="pull_request_target"),
            10,
            "PROV-EXPECT",
        ),
        allow=allowed(_run({"build_trigger": ["push", "workflow_dispatch"]})),
    ),
    Attack(
        variant="run-that-no-certificate-tells-of",
        why="A plain key signed: nobody but the builder itself says where it ran.",
        deny=denied(expecting(World(), certificate={"runner_environment": ["github-hosted"]}), 11, "PROV-EXPECT"),
        allow=allowed(expecting(World(), certificate={"runner_environment": []})),
    ),
    Attack(
        variant="builder-name-borrowed",
        why="The project's own workflow signs provenance in the name of the hardened builder that it did not use.",
        deny=denied(
            on_github(
                examples.changed(examples.ATTEST, "runDetails", "builder", value={"id": examples.GENERIC}),
                examples.WORKFLOW,
                {},
            ),
            10,
            "PROV-EXPECT",
        ),
        allow=allowed(_attested()),
    ),
    Attack(
        variant="two-references-expected",
        why="The policy names the reference twice: whoever reads one of them does not see what the other asks.",
        deny=_unusable(lambda: expecting(World(), tag="v{release.version}")),
        allow=allowed(expecting(World(), ref=None, tag="v{release.version}")),
    ),
    Attack(
        variant="version-that-is-none",
        why="The policy asks for a version that no tag can have, and would be loosened in a hurry.",
        deny=_unusable(lambda: expecting(World(), ref=None, versioned_tag="3.0")),
        allow=allowed(expecting(World(), ref=None, versioned_tag="v3.0")),
    ),
)
