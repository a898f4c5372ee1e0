"""D1 Policy downgrade, as only `issue` sees it: who vouches for the policy, and what the ledger has seen."""

import pytest
from world.documents import pem
from world.gate import KINDS, pinning, signed
from world.registry import World

from attestations.errors import InputError


def edited(kind="policy", **metadata):
    """The base world with one document of another content."""
    return World().with_document(kind, lambda document: document["metadata"].update(metadata))


def refusal(gate, files, anchors=None):
    with pytest.raises(InputError) as caught:
        gate.issue(files, anchors)
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_that_is_neither_signed_nor_pinned_is_refused_and_nothing_is_recorded(gate, kind):
    files = World().files()
    pinned = pinning(files, *(other for other in KINDS if other != kind))
    error = refusal(gate, files, pinned)
    assert error.code == "POL-TRUST"
    assert f"{kind}.yaml" in str(error.where)
    assert gate.recorded() == []


def test_pinned_documents_are_used(gate):
    assert gate.issue(World().files()).approval is not None
    assert gate.recorded() == ["decision", "approval"]


@pytest.mark.parametrize("kind", ["policy", "environment"])
def test_a_document_signed_by_its_owners_needs_no_pin(gate, kind):
    files = World().files()
    files |= {f"{kind}.yaml": signed(files[f"{kind}.yaml"], "owners")}
    anchors = pinning(files, *(other for other in KINDS if other != kind))
    assert gate.issue(files, anchors).approval is not None


@pytest.mark.parametrize("by", ["hsm-lab", "alice", "gate", "nobody the trust root knows"])
def test_a_policy_signed_by_somebody_else_is_refused(gate, by):
    files = World().files()
    files |= {"policy.yaml": signed(files["policy.yaml"], by)}
    assert refusal(gate, files, pinning(files, "environment", "trust")).code == "POL-TRUST"


def test_a_policy_edited_in_the_branch_under_test_is_refused_though_the_old_one_was_signed(gate):
    """The envelope of the owners' policy around other bytes."""
    files = World().files()
    good = signed(files["policy.yaml"], "owners")
    bad = signed(files["policy.yaml"].replace(b"at_least: 2", b"at_least: 1"), "requester")
    mixed = good.replace(good.split(b'"payload":"')[1].split(b'"')[0], bad.split(b'"payload":"')[1].split(b'"')[0])
    assert refusal(gate, files | {"policy.yaml": mixed}, pinning(files, "environment", "trust")).code == "POL-TRUST"
    assert gate.issue(files | {"policy.yaml": good}, pinning(files, "environment", "trust")).approval is not None


def two_owners(trust):
    owners = next(party for party in trust["spec"]["parties"] if party["name"] == "owners")
    owners.update(keys=[pem("owner-1"), pem("owner-2")], threshold=2)


@pytest.mark.parametrize("owners", [("owner-1",), ("owner-1", "owner-1"), ("owner-1", "hsm-lab")])
def test_a_minimum_lowered_by_one_owner_where_two_must_agree_is_refused(gate, owners):
    files = World().with_document("trust", two_owners).files()
    files |= {"policy.yaml": signed(files["policy.yaml"], *owners)}
    assert refusal(gate, files, pinning(files, "environment", "trust")).code == "POL-TRUST"


def test_a_policy_that_both_owners_signed_is_used(gate):
    files = World().with_document("trust", two_owners).files()
    files |= {"policy.yaml": signed(files["policy.yaml"], "owner-1", "owner-2")}
    assert gate.issue(files, pinning(files, "environment", "trust")).approval is not None


def test_a_revoked_owner_vouches_for_nothing(gate):
    world = World().with_document(
        "trust", lambda trust: next(p for p in trust["spec"]["parties"] if p["name"] == "owners").update(revoked=True)
    )
    files = world.files()
    files |= {"policy.yaml": signed(files["policy.yaml"], "owners")}
    assert refusal(gate, files, pinning(files, "environment", "trust")).code == "POL-TRUST"


@pytest.mark.parametrize(("kind", "current"), [("policy", 1), ("environment", 7), ("trust", 12)])
def test_an_older_version_than_the_ledger_has_seen_is_refused(gate, kind, current):
    gate.issue(edited(kind, version=current + 1).files())
    error = refusal(gate, World().files())
    assert error.code == "POL-TRUST"
    assert f"version {current + 1} or later" in error.wanted
    assert gate.recorded() == ["decision", "approval"], "the refused attempt recorded nothing"


@pytest.mark.parametrize(("kind", "current"), [("policy", 1), ("environment", 7), ("trust", 12)])
def test_the_same_and_a_newer_version_are_used(gate, kind, current):
    gate.issue(World().files())
    assert gate.issue(World().files()).approval is not None
    assert gate.issue(edited(kind, version=current + 1).files()).approval is not None


@pytest.mark.parametrize("kind", KINDS)
def test_two_contents_under_one_version_are_refused(gate, kind):
    gate.issue(World().files())
    files = World().files()
    other = files | {f"{kind}.yaml": files[f"{kind}.yaml"] + b"# another content\n"}
    assert refusal(gate, other, pinning(other, *KINDS)).code == "POL-TRUST"


def test_another_policy_of_its_own_name_has_versions_of_its_own(gate):
    gate.issue(edited(version=9).files())
    assert gate.issue(edited(name="another-policy", version=1).files()).approval is not None


def test_a_denied_decision_counts_as_having_seen_the_policy(gate):
    denied = edited(version=2).without("hsm.json")
    assert gate.issue(denied.files()).approval is None
    assert refusal(gate, World().files()).code == "POL-TRUST"


def test_a_policy_behind_a_symbolic_link_is_refused(gate, gatekeeper, noon, tmp_path, capsys):
    gate.write(World().files())
    assert gatekeeper(*gate.command()) == 0
    (tmp_path / "approval.json").unlink()
    (tmp_path / "policy.yaml").rename(tmp_path / "elsewhere.yaml")
    (tmp_path / "policy.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert gatekeeper(*gate.command()) == 2
    assert "PATH" in capsys.readouterr().err
    assert not (tmp_path / "approval.json").exists()


def test_without_the_gates_own_configuration_nothing_is_issued(gate, gatekeeper, noon, tmp_path):
    gate.write(World().files())
    (tmp_path / "gate.yaml").unlink()
    assert gatekeeper(*gate.command()) == 2
    assert not (tmp_path / "approval.json").exists()


@pytest.mark.parametrize("line", ["  strict: false", "  allow_unsigned: true", "  policies_any: true"])
def test_the_gates_configuration_knows_no_key_that_relaxes(gate, gatekeeper, noon, tmp_path, line):
    gate.write(World().files())
    configuration = tmp_path / "gate.yaml"
    configuration.write_text(configuration.read_text() + line + "\n")
    assert gatekeeper(*gate.command()) == 2
