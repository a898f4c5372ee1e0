"""Who vouches for policy, environment and trust root: pins of the gate, or the signatures of owners."""

from pathlib import Path

import pytest
from world.documents import NOW, dump, pem
from world.gate import KINDS, pinning, signed
from world.registry import World

from attestations.errors import InputError
from attestations.times import Instant
from gatekeeper.anchors import DEFAULT_PATH, Anchors, GateSpec, check_anchored, read_anchors
from gatekeeper.documents import parse_source
from gatekeeper.trust import load_trust
from gatekeeper.trust.owners import Owners

NOON = Instant.parse(NOW)


def anchored(spec, files, trust_files=None, at=NOON):
    sources = {kind: parse_source(files[f"{kind}.yaml"], f"{kind}.yaml") for kind in KINDS}
    trust = load_trust(sources["trust"], trust_files or {})
    check_anchored(Anchors(spec=spec), sources["policy"], sources["environment"], trust, at)


def refusal(spec, files, **options):
    with pytest.raises(InputError) as caught:
        anchored(spec, files, **options)
    assert caught.value.code == "POL-TRUST"
    return caught.value


def with_owners(files, *signers, keys=("owner-a", "owner-b"), threshold=1):
    """The trust root signed by these, for a gate that knows these keys as its owners'."""
    spec = pinning(files, "policy", "environment")
    owners = Owners(keys=tuple(pem(key) for key in keys), threshold=threshold)
    spec = GateSpec(policies=spec.policies, environments=spec.environments, trust_owners=owners)
    return spec, files | {"trust.yaml": signed(files["trust.yaml"], *signers) if signers else files["trust.yaml"]}


FILES = World(signing_off=()).files()


def test_pins_of_all_three_are_enough():
    anchored(pinning(FILES, *KINDS), FILES)


@pytest.mark.parametrize("kind", KINDS)
def test_without_its_pin_a_document_is_refused_with_its_digest_and_what_to_do(kind):
    error = refusal(pinning(FILES, *(other for other in KINDS if other != kind)), FILES)
    assert parse_source(FILES[f"{kind}.yaml"], kind).digest in error.found
    assert ("gatekeeper trust sign" if kind == "trust" else "gatekeeper sign-document") in error.fix
    assert error.where.file == f"{kind}.yaml"


@pytest.mark.parametrize("kind", KINDS)
def test_a_pin_of_another_kind_vouches_for_nothing(kind):
    digest = parse_source(FILES[f"{kind}.yaml"], kind).digest
    members = {"policy": "policies", "environment": "environments", "trust": "trust_roots"}
    spec = pinning(FILES, *(other for other in KINDS if other != kind))
    other = next(name for key, name in members.items() if key != kind)
    pins = {name: getattr(spec, name) for name in members.values()}
    refusal(GateSpec(**{**pins, other: (*pins[other], digest)}), FILES)


@pytest.mark.parametrize(
    ("key", "holder"),
    [
        ("hsm-lab", "party hsm-lab"),
        ("owners", "party owners"),
        ("alice", "person alice"),
        ("gate", "the gate"),
        ("ledger", "the ledger"),
    ],
)
def test_who_owns_the_trust_root_is_none_of_those_whom_it_believes(key, holder):
    """Who may both name the parties and be one says alone what is believed, and then says it."""
    error = refusal(*with_owners(FILES, "owner-a", keys=("owner-a", key)))
    assert (f"for {holder} and an owner" in error.found, error.where.file) == (True, "trust.yaml")
    anchored(*with_owners(FILES, "owner-a", keys=("owner-a", "owner-b")))
    pinned = pinning(FILES, *KINDS)
    shared = Owners(keys=(pem(key),), threshold=1)
    refusal(GateSpec(**{name: getattr(pinned, name) for name in PINS}, trust_owners=shared), FILES)


PINS = ("policies", "environments", "trust_roots")


@pytest.mark.parametrize("kind", ["policy", "environment"])
def test_a_signature_of_its_owner_is_enough_and_covers_its_own_bytes_alone(kind):
    spec = pinning(FILES, *(other for other in KINDS if other != kind))
    anchored(spec, FILES | {f"{kind}.yaml": signed(FILES[f"{kind}.yaml"], "owners")})
    refusal(spec, FILES | {f"{kind}.yaml": signed(FILES[f"{kind}.yaml"], "hsm-lab")})


@pytest.mark.parametrize(("may", "kind"), [(["policy"], "environment"), (["environment"], "policy")])
def test_the_owner_of_one_kind_does_not_vouch_for_the_other(may, kind):
    def change(trust):
        next(party for party in trust["spec"]["parties"] if party["name"] == "owners").update(may=may)

    files = World(signing_off=()).with_document("trust", change).files()
    files |= {f"{kind}.yaml": signed(files[f"{kind}.yaml"], "owners")}
    refusal(pinning(files, *(other for other in KINDS if other != kind)), files)


@pytest.mark.parametrize(
    ("members", "vouches"),
    [
        ({"valid_until": "2026-04-10T12:00:01Z"}, True),
        ({"valid_until": NOW}, False),
        ({"valid_from": NOW}, True),
        ({"valid_from": "2026-04-10T12:00:01Z"}, False),
        ({"revoked": True}, False),
    ],
)
def test_an_owner_vouches_while_in_office(members, vouches):
    def change(trust):
        next(party for party in trust["spec"]["parties"] if party["name"] == "owners").update(members)

    files = World(signing_off=()).with_document("trust", change).files()
    files |= {"policy.yaml": signed(files["policy.yaml"], "owners")}
    spec = pinning(files, "environment", "trust")
    if vouches:
        anchored(spec, files)
    else:
        refusal(spec, files)


@pytest.mark.parametrize(
    ("signers", "threshold"),
    [(("owner-a",), 1), (("owner-b",), 1), (("owner-a", "owner-b"), 2), (("owner-a", "mallory"), 1)],
)
def test_enough_owners_of_the_trust_root_vouch_for_it(signers, threshold):
    anchored(*with_owners(FILES, *signers, threshold=threshold))


@pytest.mark.parametrize(
    ("signers", "threshold"),
    [((), 1), (("mallory",), 1), (("owner-a",), 2), (("owner-a", "owner-a"), 2), (("owner-a", "mallory"), 2)],
)
def test_too_few_owners_of_the_trust_root_do_not_vouch_for_it(signers, threshold):
    refusal(*with_owners(FILES, *signers, threshold=threshold))


def test_the_owners_whom_the_trust_root_itself_names_do_not_vouch_for_it():
    files = FILES | {"trust.yaml": signed(FILES["trust.yaml"], "owners")}
    refusal(pinning(files, "policy", "environment"), files)


def test_one_owner_key_listed_twice_is_refused():
    error = refusal(*with_owners(FILES, "owner-a", keys=("owner-a", "owner-a"), threshold=2))
    assert error.found == "one owner key listed twice in the gate's configuration"


def test_a_trust_root_whose_key_files_are_not_pinned_is_refused_though_it_is_pinned():
    def named(reference):
        def change(trust):
            trust["spec"]["gate"]["keys"] = [reference]

        return World(signing_off=()).with_document("trust", change)._documents()  # its keys are in files

    raw = pem("gate").encode()
    bare = named("gate.pem")
    error = refusal(pinning(bare, *KINDS), bare, trust_files={"gate.pem": raw})
    assert "gate.pem" in error.found
    from world.keys import signer

    pinned = named({"file": "gate.pem", "sha256": signer("gate").public.fingerprint})
    anchored(pinning(pinned, *KINDS), pinned, trust_files={"gate.pem": raw})


def configuration(**spec):
    return {
        "apiVersion": "gatekeeper/v1",
        "kind": "GateConfiguration",
        "metadata": {"name": "gate"},
        "spec": spec,
    }


def test_the_gates_configuration_is_read_from_its_own_place(tmp_path):
    path = tmp_path / "gate.yaml"
    path.write_bytes(dump(configuration(policies=["ab" * 32])))
    assert read_anchors(path).spec == GateSpec(policies=("ab" * 32,))
    assert Path("/etc/signer-gatekeeper/gate.yaml") == DEFAULT_PATH


def test_one_owner_is_enough_where_the_configuration_names_no_number(tmp_path):
    path = tmp_path / "gate.yaml"
    path.write_bytes(dump(configuration(trust_owners={"keys": [pem("owner-a"), pem("owner-b")]})))
    assert read_anchors(path).spec.trust_owners.threshold == 1


@pytest.mark.parametrize(
    "spec",
    [
        {"strict": False},
        {"policies": ["AB" * 32]},
        {"policies": ["any"]},
        {"trust_owners": {"keys": []}},
        {"trust_owners": {"keys": [pem("owner-a")], "threshold": 0}},
    ],
)
def test_a_configuration_that_relaxes_or_says_nothing_is_refused(tmp_path, spec):
    path = tmp_path / "gate.yaml"
    path.write_bytes(dump(configuration(**spec)))
    with pytest.raises(InputError) as caught:
        read_anchors(path)
    assert caught.value.code == "SCHEMA"


def test_without_a_configuration_nothing_is_anchored(tmp_path):
    with pytest.raises(InputError) as caught:
        read_anchors(tmp_path / "gate.yaml")
    assert caught.value.code == "FILE"
    assert refusal(GateSpec(), FILES)
