"""`attest hsm`: exit codes, the signed statement, the picture, and what it refuses."""

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from attestations.cli.hsm import command
from attestations.dnskey import verifies
from attestations.document_envelope import PAYLOAD_TYPE
from attestations.envelope import read_envelope, seal, signers_of
from attestations.errors import InputError
from attestations.hsm.documents import read_inventory
from attestations.keys import read_public_key
from attestations.laboratory.agent import RolloverAgent
from attestations.laboratory.software_hsm import software_hsm
from attestations.laboratory.units import public_key_in
from attestations.possession import is_challenge_for
from attestations.predicates.hsm_key_coverage import HsmKeyCoverage
from attestations.rollover.keys import KeyName
from attestations.signers import open_signer
from attestations.statement import read_statement
from attestations.strict import read_json

ZSK = KeyName(key_id="a1", label="zsk")
SERIALS = ("A1", "B7", "C2")
NONCE = "5f" * 32

ENVIRONMENT = """\
kind: Environment
metadata: {name: production, version: 7, owner: dns-ops@registry.example}
spec:
  zones:
    - {name: example., parent_ds: ["1 13 2 00"], denial: nsec3}
  hsms:
    - {id: hsm-1, serial: A1, site: fra, model: X, firmware: "3.4"}
    - {id: hsm-2, serial: B7, site: fra, model: X, firmware: "3.4"}
    - {id: hsm-3, serial: C2, site: ams, model: X, firmware: "3.4"}
"""
REQUEST = f"""\
kind: DeploymentRequest
metadata: {{id: r-1}}
spec:
  release:
    components:
      - {{name: signer, digest: {{sha256: {"a1" * 32}}}}}
      - {{name: rollover-agent, digest: {{sha256: {"b2" * 32}}}}}
  nonce: {NONCE}
"""
EXERCISE = {
    "scenario": "zsk-rollover",
    "completed": True,
    "serials": ["A1"],
    "events": [{"step": "make", "at": "2026-05-05T19:30:00Z", "observed": "a key"}],
}


class Place:
    """A folder with HSMs and documents, in which the command runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hsms = tuple(software_hsm(folder / "tokens" / name, name, slot) for slot, name in enumerate(SERIALS))
        self.write("environment.yaml", ENVIRONMENT)
        self.write("request.yaml", REQUEST)
        self.write("exercises.json", json.dumps([EXERCISE]))

    def write(self, name: str, text: str) -> Path:
        (self.folder / name).write_text(text)
        return self.folder / name

    def keys_by(self, agent: RolloverAgent) -> "Place":
        agent.make_key(ZSK, self.hsms)
        key = base64.b64encode(public_key_in(self.hsms[0], ZSK)).decode()
        self.write("dnskey", f"example. 3600 IN DNSKEY 256 3 13 {key}\n")
        return self

    def run(self, *more: str, zone: str = "example.", keys: str = "id:a1") -> Result:
        files = {"environment": "environment.yaml", "software": "tokens", "dnskey-from": "dnskey"}
        given = [part for option, name in files.items() for part in (f"--{option}", str(self.folder / name))]
        return CliRunner().invoke(command, [*given, "--zone", zone, "--keys", keys, *more])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path).keys_by(RolloverAgent())


@pytest.fixture
def incident(tmp_path: Path) -> Place:
    return Place(tmp_path).keys_by(RolloverAgent(one_key_pair_per_hsm=True))


@pytest.fixture
def signing_key(tmp_path: Path) -> tuple[str, bytes]:
    return new_key(tmp_path / "key.pem")


def new_key(path: Path) -> tuple[str, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return f"file:{path}", key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_one_key_in_every_hsm_is_0(place: Place) -> None:
    result = place.run()
    assert result.exit_code == 0
    assert result.stdout.count("✓ same key") == 3
    assert "No HSM, but software that stands in for one: A1, B7, C2" in result.stdout


def test_the_incident_is_10_and_the_picture_says_it_in_words(incident: Place) -> None:
    result = incident.run()
    assert result.exit_code == 10
    assert result.stdout.count("✗ other key") == 2
    assert "1 of 3 HSMs proved to hold this key" in result.stdout
    assert "up to 67 % of its signatures would be bogus" in result.stdout


def test_an_hsm_that_cannot_be_asked_is_11(place: Place) -> None:
    place.hsms[2].disconnect()
    result = place.run()
    assert result.exit_code == 11
    assert "? not asked" in result.stdout


def test_who_is_asked_comes_from_the_environment(place: Place) -> None:
    place.write("environment.yaml", ENVIRONMENT.replace("serial: C2", "serial: D4"))
    result = place.run("--output", "json")
    hsms = json.loads(result.stdout)["keys"][0]["hsms"]
    assert result.exit_code == 11
    assert [hsm["serial"] for hsm in hsms] == ["A1", "B7", "D4"]


@pytest.mark.parametrize("fixture", ["place", "incident"])
def test_the_json_document_says_what_the_exit_code_says(fixture: str, request: pytest.FixtureRequest) -> None:
    result = request.getfixturevalue(fixture).run("--output", "json")
    document = json.loads(result.stdout)
    assert document["schema"].endswith("/hsm-report/v1")
    assert {"valid": 0, "invalid": 10}[document["verdict"]] == result.exit_code


def sign(place: Place, key: str, *more: str) -> Path:
    out = place.folder / "out.dsse.json"
    request = ("--request", str(place.folder / "request.yaml"))
    result = place.run(*request, "--sign-with", key, "--out", str(out), *more)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return out


def test_the_statement_holds_what_a_stranger_needs_to_check_it(incident: Place, signing_key: tuple[str, bytes]) -> None:
    uri, public = signing_key
    out = sign(incident, uri, "--exercises", str(incident.folder / "exercises.json"), "--observer", "hsm-lab")
    envelope = read_envelope(read_json(out.read_bytes(), "out"))
    assert len(signers_of(envelope, [read_public_key(public, "key")])) == 1
    statement = read_statement(envelope.payload, "out")
    predicate = statement.predicate
    assert isinstance(predicate, HsmKeyCoverage)
    assert [subject.name for subject in statement.subjects] == ["signer", "rollover-agent"]
    assert (predicate.nonce, predicate.zone, predicate.observer.name) == (NONCE, "example.", "hsm-lab")
    assert [hsm.serial for hsm in predicate.hsms] == list(SERIALS)
    assert [exercise.scenario for exercise in predicate.exercises] == ["zsk-rollover"]
    assert verified(predicate) == [True, False, False]


def test_several_keys_sign_one_statement(place: Place, signing_key: tuple[str, bytes]) -> None:
    other_key = new_key(place.folder / "other.pem")
    out = sign(place, signing_key[0], "--sign-with", other_key[0])
    envelope = read_envelope(read_json(out.read_bytes(), "out"))
    keys = [read_public_key(public, "key") for _, public in (signing_key, other_key)]
    assert signers_of(envelope, keys) == {key.fingerprint for key in keys}


@pytest.mark.parametrize("signer", ["file:missing.pem", "sigstore:missing.json"])
def test_before_an_hsm_is_asked_the_signer_is_there(place: Place, signer: str) -> None:
    for hsm in place.hsms:
        hsm.disconnect()
    out = place.folder / "out.json"
    result = place.run("--request", str(place.folder / "request.yaml"), "--sign-with", signer, "--out", str(out))
    assert isinstance(result.exception, InputError)
    assert (result.exception.code, out.exists()) == ("FILE", False)


def verified(predicate: HsmKeyCoverage) -> list[bool]:
    """Verify as the gate does: from the statement alone."""
    key = predicate.keys[0]
    public_key = base64.b64decode(key.public_key)
    return [
        is_challenge_for(bytes.fromhex(one.challenge), predicate.zone, one.serial, predicate.nonce)
        and verifies(key.algorithm, public_key, base64.b64decode(one.signature or ""), bytes.fromhex(one.challenge))
        for one in predicate.possession
    ]


def test_every_challenge_is_fresh(place: Place, signing_key: tuple[str, bytes]) -> None:
    seen = set()
    for _ in range(2):
        payload = read_envelope(read_json(sign(place, signing_key[0]).read_bytes(), "out")).payload
        seen |= {one.challenge for one in read_statement(payload, "out").predicate.possession}
    assert len(seen) == 6


def test_an_hsm_that_was_not_asked_is_not_in_the_statement(place: Place, signing_key: tuple[str, bytes]) -> None:
    place.hsms[0].disconnect()
    payload = read_envelope(read_json(sign(place, signing_key[0]).read_bytes(), "out")).payload
    assert [hsm.serial for hsm in read_statement(payload, "out").predicate.hsms] == ["B7", "C2"]


@pytest.mark.parametrize(
    "more",
    [
        ["--module", "/usr/lib/module.so"],
        ["--sign-with", "file:key.pem"],
        ["--out", "out.json"],
        ["--sign-with", "file:key.pem", "--out", "out.json"],
        ["--output", "yaml"],
        ["--trust-me"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(place: Place, more: list[str]) -> None:
    assert place.run(*more).exit_code == 2


@pytest.mark.parametrize("zone", ["example", "EXAMPLE.", "exa mple.", ""])
def test_a_zone_that_is_not_in_canonical_form_is_wrong_usage(place: Place, zone: str) -> None:
    assert place.run(zone=zone).exit_code == 2


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("environment.yaml", ENVIRONMENT.replace("example.,", "other.,"), "ENVIRONMENT"),
        ("environment.yaml", ENVIRONMENT.replace("serial: B7", "serial: A1"), "SCHEMA"),
        ("environment.yaml", ENVIRONMENT.replace("serial: B7, ", ""), "SCHEMA"),
        ("environment.yaml", ENVIRONMENT.partition("  hsms:")[0] + "  hsms: []\n", "SCHEMA"),
        ("environment.yaml", "kind: Environment\n", "SCHEMA"),
        ("request.yaml", REQUEST.replace(f"  nonce: {NONCE}\n", ""), "SCHEMA"),
        ("request.yaml", REQUEST.replace("a1a1", "A1a1"), "SCHEMA"),
        ("exercises.json", "{}", "SCHEMA"),
        ("exercises.json", json.dumps([EXERCISE | {"passed": True}]), "SCHEMA"),
        ("dnskey", "", "DNSKEY"),
    ],
    ids=lambda value: value.splitlines()[0][-30:] + str(len(value)) if "\n" in str(value) else None,
)
def test_bad_documents_are_bad_input(place: Place, name: str, text: str, code: str) -> None:
    place.write(name, text)
    folder = place.folder
    result = place.run("--request", str(folder / "request.yaml"), "--exercises", str(folder / "exercises.json"))
    assert isinstance(result.exception, InputError)
    assert result.exception.code == code


def test_an_environment_in_its_owners_envelope_is_the_same_environment(
    place: Place, signing_key: tuple[str, bytes]
) -> None:
    plain = read_inventory(place.folder / "environment.yaml")
    sealed = seal(ENVIRONMENT.encode(), PAYLOAD_TYPE, [open_signer(signing_key[0])])
    place.write("environment.yaml", sealed.decode())
    assert read_inventory(place.folder / "environment.yaml") == plain
    assert place.run().exit_code == 0


def test_hostile_text_in_an_environment_is_refused(place: Place) -> None:
    place.write("environment.yaml", ENVIRONMENT.replace("site: ams", 'site: "\\x1b[2Jams"'))
    result = place.run()
    assert isinstance(result.exception, InputError)
    assert result.exception.code == "INJECT"
