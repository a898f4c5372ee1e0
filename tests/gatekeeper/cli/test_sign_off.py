"""People see a case before they sign it, and sign exactly the digest that they were shown."""

import subprocess

import pytest
from world.registry import World

CASE = ("--request", "request.yaml", "--environment", "environment.yaml", "--policy", "policy.yaml")
CASE += ("--trust", "trust.yaml")


@pytest.fixture
def unsigned(registry_of):
    """A registry whose request waits for people."""
    return registry_of(World().signed_off_by())


def shown_digest(registry, person, key=None):
    shown = registry.run(
        "sign-off", *CASE, "--as", person, "--sign-with", key or f"file:{person}.key", "--out", "x.json"
    )
    assert shown.code == 0, shown.err
    assert "Nothing was signed" in shown.out
    assert not registry.path("x.json").exists()
    return shown.out.split()[-1]


def sign(registry, person, digest, *more, key=None):
    out = f"evidence/sign-off-{person}.json"
    key = key or f"file:{person}.key"
    return registry.run("sign-off", *CASE, "--as", person, "--sign-with", key, "--confirm", digest, "--out", out, *more)


def test_two_people_sign_the_digest_they_were_shown_and_the_request_is_approved(unsigned):
    assert unsigned.run("evaluate", *CASE).code == 11
    for person in ("alice", "bob"):
        assert sign(unsigned, person, shown_digest(unsigned, person)).code == 0
    assert unsigned.run("evaluate", *CASE).code == 0


def test_another_digest_than_the_one_shown_is_not_signed(unsigned):
    digest = shown_digest(unsigned, "alice")
    other = ("0" if digest[0] != "0" else "1") + digest[1:]
    refused = sign(unsigned, "alice", other)
    assert refused.code == 2
    assert not unsigned.path("evidence/sign-off-alice.json").exists()


def test_nobody_signs_as_somebody_else(unsigned):
    assert sign(unsigned, "alice", shown_digest(unsigned, "alice"), key="file:bob.key").code == 2


def test_a_changed_case_voids_a_sign_off(unsigned):
    for person in ("alice", "bob"):
        assert sign(unsigned, person, shown_digest(unsigned, person)).code == 0
    unsigned.path("evidence/late.json").write_text("{}")
    assert unsigned.run("evaluate", *CASE).code == 11


def test_a_rejection_stands_and_needs_a_reason(unsigned):
    for person in ("alice", "bob"):
        assert sign(unsigned, person, shown_digest(unsigned, person)).code == 0
    assert unsigned.run("evaluate", *CASE).code == 0, "the twin: without the rejection"
    digest = shown_digest(unsigned, "carol")
    assert sign(unsigned, "carol", digest, "--reject").code == 2
    assert sign(unsigned, "carol", digest, "--reject", "--reason", "the drill was on Sunday").code == 0
    rejected = unsigned.run("evaluate", *CASE)
    assert rejected.code == 10
    assert "the drill was on Sunday" in rejected.out


@pytest.mark.needs("ssh-keygen")
def test_an_ssh_key_signs_off_too(registry_of, tmp_path_factory):
    keys = tmp_path_factory.mktemp("ssh")
    subprocess.run(["/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys / "id"], check=True)
    line = (keys / "id.pub").read_text().strip()
    world = World().signed_off_by().with_document("trust", lambda d: d["spec"]["people"][0].update(ssh=[line]))
    registry = registry_of(world)
    assert sign(registry, "alice", shown_digest(registry, "alice"), key=f"ssh:{keys / 'id'}").code == 0
    assert sign(registry, "bob", shown_digest(registry, "bob")).code == 0
    assert registry.run("evaluate", *CASE).code == 0
