"""The requirement `provenance`: a trusted builder, the expected source, and nothing that nobody expected."""

from dataclasses import replace

import provenance_examples as examples
import pytest
from attacks.b10_expectations import on_github
from attacks.evidence import copy_of, subjects
from world.documents import COMPONENTS
from world.keys import digest
from world.pieces import COMMIT, SOURCE, Piece
from world.registry import World

ID, FILE = "build-provenance", "provenance.json"
HARDENED = "https://ci.example/builders/hardened"


def changed(change, world=None):
    def each(said):
        change(said)

    return (world or World()).with_predicate(FILE, each)


def definition(**fields):
    return changed(lambda said: said["buildDefinition"].update(fields))


def parameters(**fields):
    return changed(lambda said: said["buildDefinition"]["externalParameters"].update(fields))


def built_from(uri, **more):
    def change(said):
        said["buildDefinition"]["externalParameters"] = {"source": uri, **more}

    return changed(change)


def pinned(*dependencies):
    return definition(resolvedDependencies=list(dependencies))


def pin(value=COMMIT, name="gitCommit", uri=f"{SOURCE}@refs/tags/v3.0.1"):
    return {"uri": uri, "digest": {name: value}}


def builder(name, world=None):
    return changed(lambda said: said["runDetails"]["builder"].update(id=name), world)


def granted(level, name=HARDENED):
    return World().with_document("trust", lambda said: said["spec"]["parties"][0]["builder_ids"].update({name: level}))


def expecting(world=None, **options):
    def change(said):
        said["spec"]["requirements"][0]["expect"].update(options)

    return (world or World()).with_document("policy", change)


def requiring(**options):
    return World().with_document("policy", lambda said: said["spec"]["requirements"][0].update(options))


def workflow(**more):
    named = {"repository": "https://git.registry.example/signer", "ref": "refs/tags/v3.0.1", "path": "build.yml"}
    return changed(lambda said: said["buildDefinition"].update(externalParameters={"workflow": {**named, **more}}))


def part(*names):
    return tuple((name, {"sha256": digest(name)}) for name in names)


def test_every_component_is_told_to_be_built_as_expected(judge, digest_of):
    judged = judge(ID, World())
    assert judged.outcome == "met"
    assert [(f.code, f.found, f.evidence) for f in judged.for_it] == [
        ("PROV-EXPECT", f"{name} was built as expected", (digest_of(FILE, World()),)) for name in COMPONENTS
    ]


@pytest.mark.parametrize(
    ("world", "found"),
    [
        (
            builder("https://ci.example/builders/laptop"),
            "builder 'https://ci.example/builders/laptop', granted level 0",
        ),
        (builder(HARDENED + "x"), f"builder '{HARDENED}x', granted level 0"),
        (builder("x" + HARDENED), f"builder 'x{HARDENED}', granted level 0"),
        (builder(HARDENED.upper()), f"builder '{HARDENED.upper()}', granted level 0"),
        (granted(2), f"builder '{HARDENED}', granted level 2"),
        (expecting(level=4), f"builder '{HARDENED}', granted level 3"),
        (built_from(f"{SOURCE}/@refs/tags/v3.0.1"), f"source '{SOURCE}/'"),
        (parameters(source=7), "source None"),
        (built_from(f"{SOURCE}@refs/heads/v3.0.1"), "ref 'refs/heads/v3.0.1'"),
        (built_from(f"{SOURCE}@refs/tags/v3.0.10"), "ref 'refs/tags/v3.0.10'"),
        (built_from(SOURCE), "ref None"),
        (built_from(SOURCE, ref="main"), "ref 'main'"),
        (expecting(ref="refs/heads/main"), "ref 'refs/tags/v3.0.1'"),
        (expecting(build_types=["https://ci.example/build/v2"]), "build type 'https://ci.example/build/v1'"),
        (parameters(b=1, a=2), "external parameters 'a, b'"),
        (expecting(parameters={"allow_only": []}), "external parameters 'target'"),
        (workflow(inputs={}), "source None"),
        (workflow(ref="refs/heads/main"), "ref 'refs/heads/main'"),
        (workflow(repository="https://git.registry.example/fork"), "source 'git+https://git.registry.example/fork'"),
    ],
)
def test_a_build_that_is_not_as_expected_denies_and_says_how(judge, digest_of, world, found):
    judged = judge(ID, world)
    assert judged.outcome == "unmet"
    assert ("PROV-EXPECT", "unmet", f"evidence/{FILE}: {found}") in judged.against
    assert {code for code, _, _ in judged.against} == {"PROV-EXPECT"}
    assert judged.result.evidence == (digest_of(FILE, world),)
    assert judged.for_it == []


@pytest.mark.parametrize(
    "world",
    [
        granted(4),
        expecting(level=2),
        expecting(build_types=["https://ci.example/build/v1", "other"]),
        expecting(parameters={"allow_only": ["more", "target"]}),
        built_from(f"{SOURCE}@refs/tags/v3.0.1"),
        built_from(SOURCE, ref="refs/tags/v3.0.1"),
        workflow(),
        pinned(pin(), {"uri": "pkg:deb/debian/openssl", "digest": {"sha256": digest("openssl")}}),
        pinned(pin(name="sha1")),
        pinned(pin(uri=SOURCE)),
        pinned(pin("ab" * 32)),
        changed(lambda said: said.update(unknownMember=1)),
    ],
)
def test_the_honest_twin_of_each_refusal_meets_it(judge, world):
    assert judge(ID, world).outcome == "met"


def test_where_the_policy_names_no_ref_any_is_accepted(judge):
    world = World().with_document("policy", lambda said: said["spec"]["requirements"][0]["expect"].pop("ref") and None)
    assert judge(ID, world).outcome == "met"
    assert judge(ID, world.adding(FILE, built_from(SOURCE).pieces[FILE])).outcome == "met"


@pytest.mark.parametrize(
    "world",
    [
        pinned(),
        pinned(pin(uri="git+https://git.registry.example/fork@refs/tags/v3.0.1")),
        pinned(pin(name="sha512")),
        pinned(pin(COMMIT[:39])),
        pinned(pin(f"{COMMIT}0")),
        pinned(pin(COMMIT.upper())),
        pinned(pin(f"{COMMIT}-dirty")),
        pinned({"digest": {"gitCommit": COMMIT}}),
    ],
    ids=["none", "fork", "other digest", "cut short", "too long", "upper case", "dirty", "without address"],
)
def test_a_source_that_no_full_commit_pins_leaves_it_inconclusive(judge, digest_of, world):
    judged = judge(ID, world)
    assert judged.outcome == "inconclusive"
    found = f"evidence/{FILE}: no resolved dependency pins the source to a commit"
    assert judged.against == [("PROV-EXPECT", "inconclusive", found)]
    assert judged.result.evidence == (digest_of(FILE, world),)


def test_a_component_that_no_provenance_covers_leaves_it_inconclusive(judge):
    world = subjects(FILE, *({"name": name, "digest": {"sha256": digest(name)}} for name in COMPONENTS[1:]))
    judged = judge(ID, world)
    assert judged.outcome == "inconclusive"
    assert judged.against == [("SUBJ-DIGEST", "inconclusive", "no provenance covers signer")]


def test_components_may_come_from_several_builds(judge):
    world = World().adding(FILE, copy_of(FILE, subjects=part(*COMPONENTS[:2])))
    assert judge(ID, world.adding("more.json", copy_of(FILE, subjects=part(*COMPONENTS[2:])))).outcome == "met"


def test_a_bad_build_beside_a_good_one_of_the_same_files_denies(judge):
    bad = copy_of(FILE).change(lambda said: said["runDetails"]["builder"].update(id="laptop"))
    assert judge(ID, World().adding("more.json", bad)).outcome == "unmet"


def test_the_level_that_another_party_has_for_the_builder_is_not_borrowed(judge):
    def change(said):
        said["spec"]["parties"][0]["builder_ids"] = {HARDENED: 2}
        said["spec"]["parties"][2].update(may=["test-result", "provenance"], builder_ids={HARDENED: 3})

    world = World().with_document("trust", change)
    world = world.with_piece(FILE, lambda piece: replace(piece, signers=("ci-builder", "ci-tests")))
    assert judge(ID, world).against[0][2].endswith("granted level 2")


def test_of_two_parties_that_the_policy_names_the_higher_grant_counts(judge):
    def change(said):
        said["spec"]["parties"][2].update(may=["test-result", "provenance"], builder_ids={HARDENED: 1})

    world = requiring(**{"from": ["ci-builder", "ci-tests"]}).with_document("trust", change)
    world = world.with_piece(FILE, lambda piece: replace(piece, signers=("ci-builder", "ci-tests")))
    assert judge(ID, world).outcome == "met"


def test_a_party_without_builders_is_granted_nothing(judge):
    world = World().with_document("trust", lambda said: said["spec"]["parties"][0].pop("builder_ids") and None)
    assert judge(ID, world).against[0][2].endswith("granted level 0")


def test_a_builder_that_nobody_knows_does_not_even_have_level_1(judge):
    assert judge(ID, builder("laptop", expecting(level=1))).outcome == "unmet"
    assert judge(ID, expecting(granted(1), level=1)).outcome == "met"


def v02(**fields):
    config = {"uri": f"{SOURCE}@refs/tags/v3.0.1", "digest": {"sha1": COMMIT}}
    said = {
        "builder": {"id": HARDENED},
        "buildType": "https://ci.example/build/v1",
        "invocation": {"configSource": config, "parameters": {"target": "release"}},
        **fields,
    }
    world = requiring(formats=["v0.2"]).with_document(
        "trust", lambda root: root["spec"]["parties"][0].update(may=["provenance-v0.2"])
    )
    return world.adding(FILE, Piece("provenance-v0.2", lambda _: said, ("ci-builder",)))


def test_version_02_counts_where_the_policy_says_so(judge):
    assert judge(ID, v02()).outcome == "met"
    assert judge(ID, v02(builder={"id": "laptop"})).outcome == "unmet"
    config = {"uri": f"{SOURCE}@refs/tags/v3.0.1"}
    assert judge(ID, v02(invocation={"configSource": config, "parameters": {"x": 1}})).outcome == "unmet"
    assert judge(ID, v02(invocation={"configSource": config})).outcome == "inconclusive"
    material = {"uri": f"{SOURCE}@refs/tags/v3.0.1", "digest": {"sha1": COMMIT}}
    assert judge(ID, v02(invocation={"configSource": config}, materials=[material])).outcome == "met"


def test_provenance_that_does_not_say_when_it_was_made_is_not_known_to_be_young(judge):
    judged = judge(ID, requiring(max_age="30d"))
    assert judged.against == [("EVID-STALE", "inconclusive", f"evidence/{FILE} does not say when it was made")]


def grouped(*allowed, **values):
    """Return the world whose build was given inputs.jdk and inputs.directory, under a policy that allows these."""
    said = examples.changed(
        examples.DELEGATED,
        *("buildDefinition", "externalParameters"),
        value={"inputs": {"jdk": 17, "directory": "."}},
    )
    may = {"allow_only": list(allowed), "values": values}
    return on_github(said, examples.DELEGATOR, {"parameters": may, "inputs": {"allow_only": ["channel"]}})


@pytest.mark.parametrize(
    ("world", "outcome"),
    [
        (grouped("inputs.*"), "met"),
        (grouped("inputs.jdk", "inputs.directory"), "met"),
        (grouped("inputs.directory", **{"inputs.jdk": [11, 17]}), "met"),
        (grouped("inputs.jdk"), "unmet"),
        (grouped("inputs"), "unmet"),
        (grouped("*"), "unmet"),
        (grouped("input.*"), "unmet"),
        (grouped("inputs.j*", "inputs.directory"), "unmet"),
        (grouped("inputs.*", **{"inputs.jdk": [11]}), "unmet"),
        (grouped("inputs.*", **{"inputs.jdk": ["17"]}), "unmet"),
    ],
)
def test_parameters_are_allowed_by_name_by_group_or_by_value(judge, world, outcome):
    assert judge(ID, world).outcome == outcome


def test_what_was_typed_in_is_told_apart_from_parameters(judge):
    world = grouped("inputs.*", "channel").with_document(
        "policy", lambda said: said["spec"]["requirements"][0]["expect"].pop("inputs") and None
    )
    found = f"evidence/{FILE}: workflow inputs 'channel'"
    assert judge(ID, world).against == [("PROV-EXPECT", "unmet", found)]


@pytest.mark.parametrize(
    ("granted_to", "outcome"),
    [
        (examples.WORKFLOW.split("@")[0], "met"),
        (f"{examples.WORKFLOW.split('@')[0]}@v3.0.1", "met"),
        (f"{examples.WORKFLOW.split('@')[0]}@v3.0.0", "unmet"),
        (examples.WORKFLOW.split("/.github")[0], "unmet"),
    ],
)
def test_a_level_granted_without_a_version_is_that_of_every_release(judge, granted_to, outcome):
    def change(said):
        said["spec"]["parties"][0]["builder_ids"] = {granted_to: 3}

    world = on_github(examples.ATTEST, examples.WORKFLOW, {}).with_document("trust", change)
    assert judge(ID, world).outcome == outcome


def test_every_certificate_of_one_payload_must_agree_with_it(judge):
    world = on_github(examples.ATTEST, examples.WORKFLOW, {})
    assert judge(ID, world).outcome == "met"
    other = on_github(examples.ATTEST, examples.WORKFLOW, {}, source_repository_ref="refs/heads/main")
    for name in ("0.json", "zz.json"):
        assert judge(ID, world.adding(name, other.pieces[FILE])).outcome == "unmet"


def test_gitlab_builds_have_the_reference_of_their_certificate(judge):
    said = examples.changed(
        examples.GITLAB_SERVER, "buildDefinition", "externalParameters", "source", value=examples.REPOSITORY
    )
    deps = [{"uri": f"{examples.REPOSITORY}.git", "digest": {"gitCommit": COMMIT}}]
    said = examples.changed(said, "buildDefinition", "resolvedDependencies", value=deps)
    may = {"ref": None, "tag": "v{release.version}", "parameters": {"allow_only": ["entryPoint", "variables.*"]}}
    subject = f"{examples.REPOSITORY}//.gitlab-ci.yml@refs/tags/v3.0.1"
    assert judge(ID, on_github(said, subject, may)).outcome == "met"
    judged = judge(ID, on_github(said, subject, may, source_repository_ref="refs/heads/main"))
    assert judged.against == [("PROV-EXPECT", "unmet", f"evidence/{FILE}: ref 'refs/heads/main'")]
