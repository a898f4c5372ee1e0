"""`attest zone` as a user calls it: exit codes, forms of output, signed statements."""

import json
import sys
from dataclasses import dataclass, replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from attestations.cli import main
from attestations.envelope import read_envelope, signers_of
from attestations.keys import read_public_key
from attestations.predicates.zone_validation import TYPE
from attestations.signers import open_signer
from attestations.statement import read_statement
from attestations.strict import read_json
from attestations.zone.practice.keys import KSK_FLAGS, ZSK_FLAGS, new_key
from attestations.zone.practice.signing import Hooks, ds_text, practice_zone

ENVIRONMENT = b"apiVersion: gatekeeper/v1\nkind: Environment\nmetadata: {name: practice, version: 1}\nspec: {}\n"
NONCE = "5f" * 32
REQUEST = f"apiVersion: gatekeeper/v1\nkind: DeploymentRequest\nmetadata: {{id: r1}}\nspec: {{nonce: {NONCE}}}\n"
TOOLS = pytest.mark.needs("dnssec-verify", "dnssec-dsfromkey", "ldns-verify-zone")


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory, ksk, zsk, now):
    path = tmp_path_factory.mktemp("attest-zone")
    private = [zsk.sign, new_key(ZSK_FLAGS).sign, new_key(ZSK_FLAGS).sign]
    good = practice_zone([ksk, zsk], now)
    split = Hooks(signer=lambda i, _rrset, key: key.sign if key.is_ksk else private[i % 3])
    (path / "good.zone").write_bytes(good.text)
    (path / "bad.zone").write_bytes(practice_zone([ksk, zsk], now, hooks=split).text)
    (path / "broken.zone").write_bytes(b"$INCLUDE /etc/passwd\n")
    (path / "ds").write_bytes(good.ds)
    (path / "other-ds").write_bytes(ds_text([new_key(KSK_FLAGS)], good.name))
    (path / "environment.yaml").write_bytes(ENVIRONMENT)
    (path / "request.yaml").write_text(REQUEST)
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (path / "key.pem").write_bytes(pem)
    return path


@pytest.fixture
def attest(folder, monkeypatch, capsys):
    """Run the whole command line, as the installed program does, in this process."""
    monkeypatch.chdir(folder)

    def call(*arguments, zone="good.zone", ds="ds"):
        given = ["--zone", "test."]
        given += ["--file", zone] if zone else []
        given += ["--ds", ds] if ds else []
        monkeypatch.setattr(sys, "argv", ["attest", "zone", *given, *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return Done(returncode=left.value.code, stdout=printed.out, stderr=printed.err)

    return call


@pytest.mark.parametrize(
    ("zone", "ds", "code", "first"),
    [
        ("good.zone", "ds", 0, "VALID"),
        ("bad.zone", "ds", 10, "INVALID"),
        ("good.zone", "other-ds", 10, "INVALID"),
        ("good.zone", None, 11, "INCONCLUSIVE"),
        ("broken.zone", "ds", 11, "INCONCLUSIVE"),
    ],
)
def test_the_exit_code_and_the_first_word_are_the_verdict(attest, zone, ds, code, first):
    done = attest(zone=zone, ds=ds)
    assert (done.returncode, done.stdout.split()[0]) == (code, first), done.stderr


@pytest.mark.parametrize(("zone", "code"), [("good.zone", 0), ("bad.zone", 10), ("broken.zone", 11)])
def test_json_is_one_document_with_the_members_of_the_contract(attest, zone, code):
    done = attest("--output", "json", zone=zone)
    document = json.loads(done.stdout)
    assert done.returncode == code
    assert document["schema"].endswith("/attest-zone/v1")
    assert document["verdict"] == {0: "valid", 10: "invalid", 11: "inconclusive"}[code]
    assert {"zone", "serial", "counts", "by_type", "by_key", "findings"} <= document.keys()
    for finding in document["findings"]:
        assert {"code", "severity", "owner", "rtype", "message"} <= finding.keys()


def test_the_sentence_of_five_may_is_told_and_what_to_do(attest):
    text = attest(zone="bad.zone").stdout
    assert "19 signatures carry key tag" in text
    assert "made with other private keys" in text
    assert "attest hsm" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["--file", "good.zone", "--axfr", "127.0.0.1@1"],
        ["--trust-anchor", "ds"],
        ["--sign-with", "file:key.pem"],
        ["--sign-with", "file:key.pem", "--out", "x.json"],
        ["--at", "2026-05-05 19:30"],
        ["--at", "2026-05-05T19:30:00Z", "--engine", "bind"],
        ["--ixfr", "127.0.0.1"],
        ["--file", "missing.zone"],
        ["--ds", "good.zone"],
        ["--environment", "request.yaml"],
        ["--request", "environment.yaml"],
    ],
)
def test_wrong_usage_and_unreadable_documents_end_in_2(attest, arguments):
    done = attest(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_neither_file_nor_server_is_wrong_usage(attest):
    assert attest(zone=None).returncode == 2


def test_a_server_that_does_not_answer_is_inconclusive(attest):
    done = attest("--axfr", "127.0.0.1@1", zone=None)
    assert done.returncode == 11
    assert "DNS-TRANSFER" in done.stdout


@pytest.mark.parametrize(("at", "code"), [("2020-01-01T00:00:00Z", 10), (None, 0)])
def test_the_time_of_judgement_can_be_chosen(attest, at, code):
    assert attest(*(["--at", at] if at else [])).returncode == code


def statement_in(folder, name):
    document = read_json((folder / name).read_bytes(), name)
    envelope = read_envelope(document)
    signer = open_signer(f"file:{folder / 'key.pem'}")
    assert signers_of(envelope, [read_public_key(signer.public.pem.encode(), "key")]) == {signer.public.fingerprint}
    return read_statement(envelope.payload, name)


@TOOLS
def test_each_engine_signs_its_own_statement_bound_to_request_and_zone(attest, folder):
    engines = ["native", "bind", "ldns"]
    options = [option for engine in engines for option in ("--engine", engine)]
    binding = ["--environment", "environment.yaml", "--request", "request.yaml", "--observer", "validator-1"]
    done = attest(*options, *binding, "--sign-with", "file:key.pem", "--out", "zone.dsse.json", zone="bad.zone")
    assert done.returncode == 10, done.stderr
    for engine in engines:
        statement = statement_in(folder, f"zone-{engine}.dsse.json")
        predicate = statement.predicate
        assert statement.predicate_type == TYPE
        assert predicate.validator.verdict == "invalid"
        assert predicate.validator.calibration.bad_refused == predicate.validator.calibration.bad == 6
        assert predicate.nonce == NONCE
        assert predicate.environment.name == "practice"
        assert predicate.observer.name == "validator-1"
        assert statement.subjects[0].digest == {"sha256": predicate.zone.sha256}
        assert (predicate.counts.bogus, predicate.coverage.checked) == (19, 30)
    assert not (folder / "zone.dsse.json").exists()


def test_one_engine_writes_exactly_the_file_named(attest, folder):
    done = attest("--environment", "environment.yaml", "--sign-with", "file:key.pem", "--out", "one.json")
    assert done.returncode == 0, done.stderr
    predicate = statement_in(folder, "one.json").predicate
    assert predicate.validator.verdict == "valid"
    assert predicate.nonce is None
    assert not list(folder.glob(".one.json*"))


def test_a_zone_that_cannot_be_read_is_stated_nowhere(attest, folder):
    done = attest(
        "--environment", "environment.yaml", "--sign-with", "file:key.pem", "--out", "none.json", zone="broken.zone"
    )
    assert done.returncode == 11
    assert not (folder / "none.json").exists()


@TOOLS
def test_engines_that_disagree_are_said_to(attest, folder, ksk, zsk, now):
    from attestations.zone.practice.denial import Nsec3

    (folder / "cost.zone").write_bytes(practice_zone([ksk, zsk], now, denial=Nsec3(iterations=500)).text)
    done = attest("--engine", "native", "--engine", "ldns", zone="cost.zone")
    assert done.returncode == 10
    assert "disagree" in done.stdout
    assert (
        json.loads(attest("--engine", "native", "--engine", "ldns", "--output", "json", zone="cost.zone").stdout)[
            "engines"
        ][1]["verdict"]
        == "valid"
    )


def test_a_trusted_dnskey_can_stand_in_for_the_ds(attest, folder):
    line = next(line for line in (folder / "good.zone").read_text().splitlines() if " IN DNSKEY 257 " in line)
    (folder / "anchor").write_text(line + "\n")
    assert attest("--trust-anchor", "anchor", ds=None).returncode == 0


def test_a_signed_environment_is_read_out_of_its_envelope(attest, folder):
    from attestations.envelope import seal

    signer = open_signer(f"file:{folder / 'key.pem'}")
    (folder / "signed-environment").write_bytes(seal(ENVIRONMENT, "application/vnd.gatekeeper+yaml", [signer]))
    digests = set()
    for environment in ("environment.yaml", "signed-environment"):
        attest("--environment", environment, "--sign-with", "file:key.pem", "--out", "two.json")
        digests.add(statement_in(folder, "two.json").predicate.environment.digest)
    assert len(digests) == 1


def test_a_malformed_key_is_not_said_to_be_another_hsms_beside_one_that_is(attest, folder, ksk, zsk, now):
    broken = new_key(ZSK_FLAGS)
    broken = replace(broken, rdata=broken.rdata[:-1])
    practice = practice_zone([ksk, replace(zsk, sign=new_key(ZSK_FLAGS).sign), broken], now, delegations=0)
    (folder / "mixed.zone").write_bytes(practice.text)
    text = attest(zone="mixed.zone").stdout
    assert f"signatures carry key tag {zsk.tag} but" in text
    assert f"signatures carry key tag {broken.tag} but" not in text
