"""The life of a trust root on the command line: read it, compare it, sign it one after the other, take it in."""

import shutil

import pytest
import yaml
from world.documents import dump, pem
from world.keys import signer


@pytest.fixture
def owned(registry_of):
    """A registry whose trust root names two owners, kept as a chain whose first version is pinned."""
    from world.registry import World

    def change(trust):
        trust["spec"]["owners"] = {"keys": [pem("root-a"), pem("root-b")], "threshold": 2}

    registry = registry_of(World().with_document("trust", change))
    for name in ("root-a", "root-b", "root-c"):
        registry.path(f"{name}.key").write_bytes(signer(name).private_pem)
    configuration = yaml.safe_load(registry.path("gate.yaml").read_bytes())
    configuration["spec"]["trust_chain"] = "versions"
    registry.path("gate.yaml").write_bytes(dump(configuration))
    registry.path("versions").mkdir()
    assert registry.run("trust", "rotate", "trust.yaml", "--gate", "gate.yaml").code == 0
    return registry


def new_version(registry, number=13, **changes):
    document = yaml.safe_load(registry.path("trust.yaml").read_bytes())
    document["metadata"]["version"] = number
    document["spec"].update(changes)
    registry.path("new.yaml").write_bytes(dump(document))


def sign(registry, source, out, *keys):
    named = [part for key in keys for part in ("--sign-with", f"file:{key}.key")]
    return registry.run("trust", "sign", source, *named, "--out", out, "--output", "json")


def rotate(registry, new):
    return registry.run("trust", "rotate", new, "--gate", "gate.yaml", "--output", "json")


def test_owners_sign_one_after_the_other_and_the_gate_goes_over_to_the_new_version(owned):
    new_version(owned, revoked={"keys": [{"sha256": signer("stranger").public.fingerprint, "reason": "stolen"}]})
    first = sign(owned, "new.yaml", "first.trust", "root-a")
    assert (first.code, first.json["lacking"]) == (0, 1)
    second = sign(owned, "first.trust", "second.trust", "root-b")
    assert (second.json["signatures"], second.json["lacking"]) == (2, 0)
    assert rotate(owned, "first.trust").code == 2
    taken = rotate(owned, "second.trust")
    assert (taken.code, taken.json["version"]) == (0, 13)
    assert owned.issue().code == 2  # under version 12, which is not in force any more
    shutil.copy(owned.path("second.trust"), owned.path("trust.yaml"))
    judged = owned.issue()
    assert (judged.code, "APPR-REPLAY" in judged.out) == (11, True)  # accepted; people signed off under the old one


@pytest.mark.parametrize("number", [12, 14])
def test_a_version_that_is_not_the_next_is_not_taken_in(owned, number):
    new_version(owned, number)
    sign(owned, "new.yaml", "signed.trust", "root-a", "root-b")
    refused = rotate(owned, "signed.trust")
    assert (refused.code, refused.json["errors"][0]["code"]) == (2, "TRUST-VERSION")
    assert sorted(path.name for path in owned.path("versions").iterdir()) == ["12.trust"]


def test_signing_twice_with_one_key_is_one_signature(owned):
    new_version(owned)
    sign(owned, "new.yaml", "once.trust", "root-a")
    again = sign(owned, "once.trust", "twice.trust", "root-a")
    assert (again.json["signatures"], again.json["lacking"]) == (1, 1)


def test_a_chain_without_its_first_version_issues_nothing(owned):
    assert owned.issue().code == 0
    owned.path("approval.json").unlink()
    owned.path("versions/12.trust").unlink()
    assert owned.issue().code == 2
    assert not owned.path("approval.json").exists()


def test_show_says_whom_we_believe_and_diff_what_changes(owned):
    shown = owned.run("trust", "show", "trust.yaml")
    assert "registry version 12" in shown.out
    assert "party operations: threshold 2" in shown.out
    new_version(owned, owners={"keys": [pem("root-a"), pem("root-c")], "threshold": 2})
    found = owned.run("trust", "diff", "trust.yaml", "new.yaml")
    assert f"- owners: key {signer('root-b').public.fingerprint}" in found.out
    assert f"+ owners: key {signer('root-c').public.fingerprint}" in found.out
    assert "no difference" in owned.run("trust", "diff", "trust.yaml", "trust.yaml").out


def test_a_trust_root_is_not_signed_as_any_other_document(owned):
    refused = owned.run("sign-document", "trust.yaml", "--sign-with", "file:root-a.key", "--out", "t.signed")
    assert refused.code == 2
    assert "gatekeeper trust sign" in refused.err
    assert not owned.path("t.signed").exists()


def test_owners_of_a_policy_sign_one_after_the_other_too(registry):
    registry.run("sign-document", "policy.yaml", "--sign-with", "file:owners.key", "--out", "p1")
    again = registry.run("sign-document", "p1", "--sign-with", "file:stranger.key", "--out", "p2", "--output", "json")
    assert again.code == 0
    assert registry.path("p2").read_text().count('"sig"') == 2
