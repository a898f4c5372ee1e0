"""A trust root said plainly, and what one version gives and takes against another."""

from world.documents import dump, pem
from world.keys import signer
from world.registry import World

from gatekeeper.documents import parse_source
from gatekeeper.trust import load_trust
from gatekeeper.trust.grants import difference, grants_of


def root(change=lambda _trust: None):
    return load_trust(parse_source(dump(World().with_document("trust", change).trust), "trust.yaml"), {})


def said(grants):
    return [str(grant) for grant in grants]


def test_every_party_person_and_key_is_said():
    text = "\n".join(said(grants_of(root())))
    for expected in (
        "party operations: threshold 2",
        f"party hsm-lab: key {signer('hsm-lab').public.fingerprint}",
        "party ci-builder: builder https://ci.example/builders/hardened level 3",
        "person alice: role release-manager",
        f"gate: key {signer('gate').public.fingerprint}",
        "ledger: origin registry.example/gatekeeper",
        "document: expires 2027-01-31T00:00:00Z",
    ):
        assert expected in text


def test_the_same_document_differs_in_nothing():
    found = difference(root(), root())
    assert (found.given, found.taken) == ((), ())


def test_a_higher_version_alone_changes_nothing_that_is_believed():
    found = difference(root(), root(lambda trust: trust["metadata"].update(version=13)))
    assert (found.given, found.taken) == ((), ())


def test_a_lowered_threshold_a_new_key_and_a_raised_level_are_told():
    def change(trust):
        trust["spec"]["parties"][0]["builder_ids"] = {"https://ci.example/builders/hardened": 4}
        trust["spec"]["parties"][3]["keys"].append(pem("stranger"))
        trust["spec"]["parties"][7]["threshold"] = 1

    found = difference(root(), root(change))
    assert said(found.given) == [
        "party ci-builder: builder https://ci.example/builders/hardened level 4",
        f"party hsm-lab: key {signer('stranger').public.fingerprint}",
        "party operations: threshold 1",
    ]
    assert said(found.taken) == [
        "party ci-builder: builder https://ci.example/builders/hardened level 3",
        "party operations: threshold 2",
    ]


def test_a_revoked_key_is_taken_from_its_holder_and_named():
    fingerprint = signer("alice").public.fingerprint

    def change(trust):
        trust["spec"]["revoked"] = {"keys": [{"sha256": fingerprint, "reason": "lost"}]}

    found = difference(root(), root(change))
    assert said(found.taken) == [f"person alice: key {fingerprint}"]
    assert said(found.given) == [f"revoked: key {fingerprint} (lost)"]


def test_owners_identities_and_windows_are_said():
    def change(trust):
        trust["spec"]["owners"] = {"keys": [pem("owner-a")], "threshold": 1}
        trust["spec"]["people"][0].update(valid_from="2026-01-01T00:00:00Z", revoked=True)
        trust["spec"]["parties"][0]["sigstore"] = {"issuer": "https://ci.example", "identity": "https://ci.example/w"}

    assert said(difference(root(), root(change)).given) == [
        f"owners: key {signer('owner-a').public.fingerprint}",
        "owners: threshold 1",
        "party ci-builder: identity https://ci.example/w of https://ci.example",
        "person alice: from 2026-01-01T00:00:00Z",
        "person alice: revoked for ever",
    ]
