"""The deploy job believes a trust root of its own host, never one that its checkout may hold."""

import pytest

from gatekeeper.pipelines import SYSTEMS
from tests.gatekeeper.pipelines.conftest import FILES

TRUST = "/etc/signer-gatekeeper/trust.trust"
SAID = {"tekton": "/opt/signer/trust.trust"}
WORKSPACES = {
    "github": "${{ github.workspace }}/trust.trust",
    "forgejo": "${{ github.workspace }}/trust.trust",
    "gitlab": "$CI_PROJECT_DIR/trust.trust",
    "jenkins": "${WORKSPACE}/trust.trust",
    "tekton": "$(workspaces.source.path)/trust.trust",
    "buildkite": "$BUILDKITE_BUILD_CHECKOUT_PATH/trust.trust",
    "azure": "$(Build.SourcesDirectory)/trust.trust",
    "woodpecker": "${CI_WORKSPACE}/trust.trust",
}
IN_THE_CHECKOUT = (
    "trust.trust",
    "./trust.trust",
    "../trust.trust",
    "/etc/../builds/x/trust.trust",
    "/./builds/trust.trust",
    "/builds/x/trust.trust",
    "/workspace/source/trust.trust",
    "/github/workspace/trust.trust",
    "/proc/self/cwd/trust.trust",
    "/tmp/trust.trust",  # noqa: S108
    "//tmp/trust.trust",
    "/",
    "~/trust.trust",
)
ON_THE_HOST = ("/etc/trust", "/opt/signer-1.2/trust/current.trust", "/srv/buildsystem/trust", "/builds-of-old/trust")


def with_trust(system, path):
    """An edit of the template of the deploy job."""
    return (FILES[system][-1 if system == "tekton" else 0], SAID.get(system, TRUST), path)


def test_every_system_has_a_workspace_to_point_into():
    assert set(WORKSPACES) == set(SYSTEMS)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_trust_root_in_the_workspace_is_found(system, rules_of):
    assert rules_of(system, with_trust(system, WORKSPACES[system])) == {"trust-from-pipeline"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_trust_root_by_a_relative_path_is_found(system, rules_of):
    assert rules_of(system, with_trust(system, "trust.trust")) == {"trust-from-pipeline"}


@pytest.mark.parametrize("path", IN_THE_CHECKOUT)
def test_a_path_that_may_lead_into_a_checkout_is_found(path, rules_of):
    assert rules_of("gitlab", with_trust("gitlab", path)) == {"trust-from-pipeline"}


@pytest.mark.parametrize("path", ON_THE_HOST)
def test_a_path_of_the_host_is_accepted(path, rules_of):
    assert rules_of("gitlab", with_trust("gitlab", path)) == set()


ELSEWHERE = {
    "github-workflow": ("github", "permissions: {}\n", "permissions: {}\nenv: {GATE_TRUST: %s}\n"),
    "gitlab-global": ("gitlab", "stages:", "variables: {GATE_TRUST: {value: %s}}\nstages:"),
    "gitlab-workflow": (
        "gitlab",
        "    - if: $CI_COMMIT_TAG\n",
        "    - if: $CI_COMMIT_TAG\n      variables: {GATE_TRUST: %s}\n",
    ),
    "gitlab-matrix": ("gitlab", "  environment: production\n", "  parallel: {matrix: [{GATE_TRUST: [%s]}]}\n"),
    "jenkins-pipeline": ("jenkins", "GATE_SYSTEM = 'jenkins'\n", "GATE_SYSTEM = 'jenkins'\n GATE_TRUST = '%s'\n"),
    "jenkins-around": ("jenkins", "sh 'gate.sh verify'", "withEnv(['GATE_TRUST=%s']) { sh 'gate.sh verify' }"),
    "jenkins-library": ("jenkins", "sh 'gate.sh verify'", "signerGate(mode: 'verify', env: [GATE_TRUST: '%s'])"),
    "buildkite-pipeline": ("buildkite", "steps:\n", "env: {GATE_TRUST: %s}\nsteps:\n"),
    "azure-pipeline": ("azure", "pr: none\n", "pr: none\nvariables: [{name: gate.trust, value: %s}]\n"),
    "woodpecker-matrix": ("woodpecker", "steps:\n", "matrix: {GATE_TRUST: [%s]}\nsteps:\n"),
    "gatekeeper-itself": ("gitlab", "gate.sh verify", "gatekeeper verify --approval a --trust %s"),
    "gatekeeper-with-equals": ("gitlab", "gate.sh verify", "gatekeeper verify --trust=%s --approval a"),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_trust_root_is_found_wherever_it_is_named(name, rules_of):
    system, old, new = ELSEWHERE[name]
    assert rules_of(system, (FILES[system][0], old, new % "trust.trust")) == {"trust-from-pipeline"}
    assert rules_of(system, (FILES[system][0], old, new % TRUST)) == set()
