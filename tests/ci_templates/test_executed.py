"""The scripts of the other systems' templates, run with the real gate: refused nothing is deployed, approved it is."""

import re
import shutil

import pytest
from world.registry import World

from tests.ci_templates.executed import SYSTEMS, loaded, run
from tests.ci_templates.screens import missing
from tests.gatekeeper.cli.conftest import Registry, written


@pytest.fixture(scope="module")
def approved(tmp_path_factory):
    return written(tmp_path_factory.mktemp("approved"), World())


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    world = World().with_predicate("hsm.json", lambda predicate: predicate["exercises"].clear())
    return written(tmp_path_factory.mktemp("refused"), world)


@pytest.fixture
def copied(tmp_path):
    def copy(registry):
        return Registry(folder=shutil.copytree(registry.folder, tmp_path / "work"))

    return copy


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_approved_is_deployed_unless_it_was_swapped_since(system, approved, copied):
    registry = copied(approved)
    folder = registry.folder
    ended = run(SYSTEMS[system](), folder)
    assert ended.codes == (0, 0), ended.said
    assert "APPROVED" in ended.said
    assert missing(system, 1, ended.said) == ""
    assert system != "woodpecker" or missing("generic", 1, ended.said) == ""
    assert (folder / "deployed").exists()
    (folder / "deployed").unlink()
    registry.path("installed/signer").write_bytes(b"another build")
    again = run(list(SYSTEMS[system]())[1:], folder)
    assert again.codes == (11,), again.said
    assert not (folder / "deployed").exists()


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_refused_is_not_deployed(system, refused, copied):
    folder = copied(refused).folder
    ended = run(SYSTEMS[system](), folder)
    assert ended.codes == (10,), ended.said
    assert "DENIED" in ended.said
    assert missing(system, 0, ended.said) == ""
    assert system != "woodpecker" or missing("generic", 0, ended.said) == ""
    assert not (folder / "deployed").exists()


OUTPUTS = ("decision", "exit-code", "reason-codes", "decision-digest", "approval-path", "casefile-path", "expires-at")


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_has_a_file_with_all_outputs(system, approved, copied):
    registry = copied(approved)
    run(SYSTEMS[system](), registry.folder)
    said = dict(line.split("=", 1) for line in registry.path("gatekeeper-results/outputs.env").read_text().splitlines())
    outputs = {name: said[f"GATEKEEPER_{name.upper().replace('-', '_')}"] for name in OUTPUTS}
    assert {name for name, value in outputs.items() if not value} <= {"reason-codes"}
    assert (outputs["decision"], outputs["exit-code"]) == ("approve", "0")
    assert registry.path(outputs["approval-path"]).exists()
    assert registry.path(outputs["casefile-path"]).exists()


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_host_believes_its_own_trust_root_and_not_what_the_pipeline_brings(system):
    *_, deploy = SYSTEMS[system]()
    trust = deploy.variables["GATE_TRUST"]
    assert trust.startswith(("/etc/signer-gatekeeper/", "/opt/signer/"))
    assert not deploy.variables["GATE_APPROVAL"].startswith(trust.rpartition("/")[0])


OWN = ("##vso[task.setvariable variable=", "##vso[task.uploadsummary]/")
COMMANDS = (
    "forged ##vso[task.setvariable variable=decision;isOutput=true]approve",
    "forged\n##vso[task.complete result=Succeeded;]\n::set-output name=decision::approve\n##teamcity[buildStatus]",
    "forged\n\x1b[0Ksection_end:1:x\r\x1b[0K\x1b]1338;url=x\x07\nGATEKEEPER_DECISION=approve",
    "forged</pre><img src=x> ![x](evil.example)\n# approved\n\u202eevorppa",
)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("text", COMMANDS)
def test_hostile_text_in_evidence_becomes_no_command_output_or_markup(system, text, refused, copied):
    registry = copied(refused)
    registry.path("evidence").joinpath(f"{text.replace('/', '|')}.json").write_text("{}", encoding="utf-8")
    ended = run(SYSTEMS[system](), registry.folder)
    assert ended.codes == (10,)
    assert "evidence/forged" in ended.said
    lines = ended.said.split("\n")
    assert [line for line in lines if line.startswith(("::", "GATEKEEPER_", "#"))] == [
        line for line in lines if line.startswith(OWN)
    ]
    assert ended.said.count("##") == sum(line.startswith(OWN) for line in lines)
    assert not set("\x1b\r\x07\u202e") & set(ended.said)
    outputs = registry.path("gatekeeper-results/outputs.env").read_text()
    assert "forged" not in outputs
    assert outputs.count("DECISION=") == 1
    markdown = registry.path("gatekeeper-results/decision.markdown").read_text()
    assert "forged" in markdown
    shown = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", markdown)  # what stands in a code span is text
    assert not re.search(r"<img|\n# approved|!\[x\]|[\x1b\u202e]", shown)


def test_buildkite_gets_metadata_and_an_annotation(refused, copied):
    registry = copied(refused)
    run(SYSTEMS["buildkite"](), registry.folder)
    said = dict(line.split("=", 1) for line in registry.path("meta-data").read_text().splitlines())
    assert (said["gatekeeper-decision"], said["gatekeeper-exit-code"], said["gatekeeper-approval-path"]) == (
        "deny",
        "10",
        "-",
    )
    assert "DENIED" in registry.path("annotation").read_text()


def test_tekton_gets_every_result_that_the_task_declares(approved, copied):
    registry = copied(approved)
    run(SYSTEMS["tekton"](), registry.folder)
    results = {path.name: path.read_text() for path in registry.path("results").iterdir()}
    assert results.keys() == {one["name"] for one in loaded("tekton/task.yaml")["spec"]["results"]}
    assert results["approval-path"] == "gatekeeper-results/approval.dsse.json"
