"""`--sign-with sigstore:CONFIG.json`, against services that speak the real protocols on the loopback interface."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sigstore_server import RUNNER_TOKEN, configuration, serving

from attestations import predicates
from attestations.cli.sign import command
from attestations.errors import InputError
from attestations.sealing import open_sealer
from attestations.sigstore import verify_bundle
from attestations.sigstore.practice import GITHUB, WORKFLOW
from attestations.strict import read_json

PAYLOAD = json.dumps(
    {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "signer", "digest": {"sha256": "0" * 64}}],
        "predicateType": "https://registry.example/anything",
        "predicate": {},
    }
).encode()
EXAMPLE = Path(predicates.__file__).parent / "examples" / "halt.json"
every_log = pytest.mark.parametrize(("style", "stamped"), [(1, False), (1, True), (2, True)])


@pytest.fixture
def instance(tmp_path, monkeypatch):
    """Yield a function that puts the services up and the description of them into config.json."""
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI", "BUILDKITE", "GOOGLE_SERVICE_ACCOUNT_NAME"):
        monkeypatch.delenv(name, raising=False)

    def describe(services, url, *, stamped):
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", RUNNER_TOKEN)
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{url}/token?job=1")
        Path("config.json").write_text(json.dumps(configuration(services, url, stamped=stamped)), encoding="utf-8")

    return describe


def refusal(call, *arguments):
    with pytest.raises(InputError) as caught:
        call(*arguments)
    assert caught.value.code == "SIGNER"
    return caught.value.found


@every_log
def test_a_ci_job_signs_with_its_own_identity(instance, style, stamped):
    with serving(style) as (services, url):
        instance(services, url, stamped=stamped)
        sealed = open_sealer(["sigstore:config.json"]).seal(PAYLOAD)
    found = verify_bundle(read_json(sealed.raw, "bundle"), services.sigstore.trusted_root)
    assert (found.payload, found.identity.subject, found.identity.issuer) == (PAYLOAD, WORKFLOW, GITHUB)
    assert (sealed.keys, sealed.identity) == ((), WORKFLOW)
    wanted = ["/api/v2/signingCert", f"/api/v{style}/log/entries"] + ["/timestamp"] * stamped
    assert sorted(services.asked) == sorted(wanted)


def test_attest_sign_writes_a_bundle_and_says_whose(instance):
    Path("subject").write_bytes(b"a component")
    with serving(1) as (services, url):
        instance(services, url, stamped=False)
        call = ["--type", "halt", "--predicate", str(EXAMPLE), "--subject", "subject", "--out", "bundle.json"]
        result = CliRunner().invoke(command, [*call, "--sign-with", "sigstore:config.json", "--output", "json"])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert (said["identity"], said["signedBy"]) == (WORKFLOW, [])
    found = verify_bundle(read_json(Path("bundle.json").read_bytes(), "bundle"), services.sigstore.trusted_root)
    assert json.loads(found.payload)["subject"][0]["name"] == "subject"


def test_a_job_without_an_identity_cannot_sign(instance, monkeypatch):
    with serving(1) as (services, url):
        instance(services, url, stamped=False)
        monkeypatch.delenv("GITHUB_ACTIONS")
        assert "no CI system" in refusal(open_sealer, ["sigstore:config.json"])
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.delenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
        assert "permission" in refusal(open_sealer, ["sigstore:config.json"])


@pytest.mark.parametrize("path", ["/api/v2/signingCert", "/api/v1/log/entries"])
def test_a_service_that_fails_gives_no_bundle_and_no_token_away(instance, path):
    with serving(1) as (services, url):
        instance(services, url, stamped=False)
        sealer = open_sealer(["sigstore:config.json"])
        services.broken.add(path)
        found = refusal(sealer.seal, PAYLOAD)
    assert sealer.signer._token not in found


@pytest.mark.parametrize("style", [1, 2])
def test_a_timestamp_that_was_not_given_is_missed(instance, style):
    """The library only warns; a log of the first style would hide it."""
    with serving(style) as (services, url):
        instance(services, url, stamped=True)
        services.broken.add("/timestamp")
        found = refusal(open_sealer(["sigstore:config.json"]).seal, PAYLOAD)
    assert "timestamp" in found or "time" in found


def test_what_the_named_trusted_root_does_not_prove_is_not_given_out(instance):
    with serving(1) as (services, url), serving(1) as (others, _):
        instance(services, url, stamped=False)
        config = json.loads(Path("config.json").read_bytes())
        config["trustedRoot"]["tlogs"] = json.loads(others.sigstore.trusted_root)["tlogs"]
        Path("config.json").write_text(json.dumps(config), encoding="utf-8")
        assert "trusted root does not prove" in refusal(open_sealer(["sigstore:config.json"]).seal, PAYLOAD)


@pytest.mark.parametrize("service", ["caUrls", "rekorTlogUrls", "tsaUrls"])
def test_no_token_goes_over_the_network_in_clear_text(instance, service):
    with serving(1) as (services, url):
        instance(services, url, stamped=True)
        config = json.loads(Path("config.json").read_bytes())
        config["signingConfig"][service][0]["url"] = "http://sigstore.registry.example"
        Path("config.json").write_text(json.dumps(config), encoding="utf-8")
        assert "clear text" in refusal(open_sealer, ["sigstore:config.json"])
        assert services.asked == []


@pytest.mark.parametrize("content", ["{}", "[]", '{"signingConfig":{"caUrls":1}}'])
def test_a_file_that_describes_no_instance_is_told(instance, content):
    Path("config.json").write_text(content, encoding="utf-8")
    assert "no description of a Sigstore instance" in refusal(open_sealer, ["sigstore:config.json"])


def test_a_bundle_has_one_signature_so_an_identity_signs_alone(instance):
    with pytest.raises(InputError, match="USAGE"):
        open_sealer(["sigstore:config.json", "file:a.key"])
