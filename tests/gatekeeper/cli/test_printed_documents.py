"""Whatever a command prints with `--output json` fits its published schema: a result, a refusal, an error."""

import json
import shutil
import subprocess
import sys
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from provenance_examples import COMMIT, GENERIC, SOURCE
from referencing import Registry
from world.documents import COMPONENTS, dump
from world.foreign import VERIFIER

from attestations import cli as attest
from attestations.command_line import OutputOption
from attestations.printed import schema_name
from attestations.records import ZoneName
from attestations.times import Instant
from gatekeeper import cli as gatekeeper
from gatekeeper.documentation.commands import every_command
from gatekeeper.documentation.schemas import pages, printed_documents
from gatekeeper.guard.latch import Halt, latch

ROOT = Path(__file__).parents[3]
SCHEMAS = {name: json.loads(text) for name, text in pages().items()}
CASE = "--request request.yaml --environment environment.yaml --policy policy.yaml --trust trust.yaml"
INSTALLED = " ".join(f"--component {name}=installed/{name}" for name in COMPONENTS)
HOST = "verify --approval approval.json --trust trust.yaml --environment example-production"
ISSUE = f"issue {CASE} --gate gate.yaml --sign-with file:gate.key --ledger-key file:ledger.key --approval new.json"
LEDGER = "--ledger sqlite:ledger.db --key ledger.pem"
SIGN_OFF = f"sign-off {CASE} --as alice --sign-with file:alice.key --out yes.json"
PROBE = "--zone example. --keys ksk=id:b2 --keys zsk=id:a1"
POLICY = ROOT / "policies" / "rollback.yaml"
WORKFLOW = ROOT / "ci_templates" / "github" / "deploy.yml"
GITHUB = "https://token.actions.githubusercontent.com"
BUNDLE = f"--certificate-identity {GENERIC} --certificate-oidc-issuer {GITHUB} --trusted-root trusted_root.json signer"
BUILD = "--bundle signer.sigstore.json --trusted-root trusted_root.json signer"
SUMMARY = f"--vsa vsa.json --verifier-id {VERIFIER} --resource-uri {SOURCE} --key verifier.pem"
LINKS = "--link 0.link --link 1.link --link 2.link --out layout.json"
DRILL = "halt-drill --request request.yaml --sign-with file:operations-1.key --fault wrong-key --out drill.json"
WALKED = "--way old-key --resolver-seconds 0 --out way-back.json"
WAY_BACK = f"rollback-drill --request request.yaml --sign-with file:operations-1.key {WALKED}"
ROLLOVER = "rollover --zone example. --software lab/tokens --agent lab/rollover-agent"
ROLLOVER += " --scenario zsk-rollover --exercises rolled.json"
EXAMPLE = ROOT / "attestations" / "predicates" / "examples" / "halt.json"

RESUME = (
    "guard resume --zone example. --latch halted --config guard.yaml --approval approval.json --trust trust.yaml "
    f"{INSTALLED}"
)


@dataclass(frozen=True)
class Row:
    """One call, how it ends, and the schema of what it prints."""

    call: str
    code: int
    schema: str
    program: str = "gatekeeper"

    def __str__(self) -> str:
        words = self.call.split()
        return f"{self.program}-{'-'.join(words[:2])}-{Path(words[-1]).name}-{self.code}"


def lab(name: str, environment: str = "environment.yaml") -> str:
    files = f"--environment {name}/{environment} --dnskey-from {name}/dnskey.zone --software {name}/tokens"
    return f"hsm {files} {PROBE}"


GATEKEEPER = (
    Row(f"evaluate {CASE}", 0, "decision"),
    Row(f"evaluate {CASE} --at 2020-01-01T00:00:00Z", 11, "decision"),
    Row(f"evaluate {CASE} --evidence missing", 2, "error"),
    Row(f"{ISSUE} --ledger sqlite:ledger.db", 0, "decision"),
    Row(f"{ISSUE} --ledger sqlite:halted.db", 12, "decision"),
    Row(f"{ISSUE} --ledger sqlite:missing.db", 1, "error"),
    Row(f"{HOST} --stage canary {INSTALLED}", 0, "verify"),
    Row(f"{HOST} --stage canary {INSTALLED} --ledger sqlite:halted.db", 12, "verify"),
    Row(f"{HOST} --stage full {INSTALLED}", 11, "verify"),
    Row(f"{HOST} --stage canary --component signer", 2, "error"),
    Row(SIGN_OFF, 0, "sign-off-result"),
    Row(f"{SIGN_OFF} --confirm DIGEST", 0, "sign-off-result"),
    Row(f"{SIGN_OFF} --confirm DIGEST --reject --reason no", 0, "sign-off-result"),
    Row(f"{SIGN_OFF} --confirm 1234", 2, "error"),
    Row("replay r.case", 0, "replay"),
    Row(f"replay r.case --policy {POLICY}", 2, "error"),
    Row("replay r.case --policy stricter.yaml", 10, "replay"),
    Row(f"policy lint {POLICY}", 0, "policy-lint"),
    Row("policy lint policy.yaml", 10, "policy-lint"),
    Row("policy lint trust.yaml", 2, "error"),
    Row(f"policy test {POLICY}", 0, "policy-test"),
    Row("policy test policy.yaml", 10, "policy-test"),
    Row("policy test trust.yaml", 2, "error"),
    Row("policy diff policy.yaml stricter.yaml --cases r.case", 0, "policy-diff"),
    Row("policy diff stricter.yaml policy.yaml --cases r.case", 10, "policy-diff"),
    Row("policy diff policy.yaml trust.yaml", 2, "error"),
    Row("policy show policy.yaml", 0, "policy-show"),
    Row("policy show trust.yaml", 2, "error"),
    Row("explain", 0, "reasons"),
    Row("explain HALT", 0, "reasons"),
    Row("explain NOTHING", 2, "error"),
    Row("log init --ledger sqlite:new.db --origin new.example/log --sign-with file:ledger.key", 0, "log-init"),
    Row("log init --ledger sqlite:new.db --origin new.example/log --sign-with file:missing.key", 2, "error"),
    Row(f"log verify {LEDGER}", 0, "log-verify"),
    Row(f"log verify {LEDGER} --checkpoint halted.checkpoint", 10, "log-verify"),
    Row("log verify --ledger sqlite:ledger.db --key missing.pem", 2, "error"),
    Row(f"log prove {LEDGER} 0", 0, "log-prove"),
    Row(f"log prove {LEDGER} 7", 1, "error"),
    Row(f"log checkpoint {LEDGER}", 0, "log-checkpoint"),
    Row("log checkpoint --ledger sqlite:ledger.db --key gate.pem", 1, "error"),
    Row(
        "log record --ledger sqlite:ledger.db --sign-with file:ledger.key --trust trust.yaml halt.json", 0, "log-record"
    ),
    Row(
        "log record --ledger sqlite:ledger.db --sign-with file:ledger.key --trust trust.yaml approval.json", 2, "error"
    ),
    Row("sign-document policy.yaml --sign-with file:owners.key --out signed.json", 0, "sign-document"),
    Row("sign-document policy.yaml --sign-with file:missing.key --out signed.json", 2, "error"),
    Row("trust show trust.yaml", 0, "trust-show"),
    Row("trust show policy.yaml", 2, "error"),
    Row("trust diff trust.yaml trust.yaml", 0, "trust-diff"),
    Row("trust diff trust.yaml policy.yaml", 2, "error"),
    Row("trust sign trust.yaml --sign-with file:owners.key --out signed.trust", 0, "trust-sign"),
    Row("trust sign trust.yaml --sign-with file:missing.key --out signed.trust", 2, "error"),
    Row("trust rotate trust.yaml --gate chained.yaml", 0, "trust-rotate"),
    Row("trust rotate trust.yaml --gate gate.yaml", 2, "error"),
    Row("guard status --zone example. --latch halts --config guard.yaml", 0, "guard-report"),
    Row("guard status --zone example. --latch halted --config guard.yaml", 12, "guard-report"),
    Row("guard status --zone EXAMPLE --latch halts --config guard.yaml", 2, "error"),
    Row("guard halt --zone example. --latch halts --config guard.yaml --reason wrong-key", 11, "guard-report"),
    Row("guard halt --zone example. --latch halts --config missing.yaml --reason wrong-key", 2, "error"),
    Row("guard assert --latch halts --config guard.yaml", 0, "guard-report"),
    Row("guard assert --latch missing --config guard.yaml", 1, "error"),
    Row(f"{RESUME} --halt 1f", 11, "guard-resumption"),
    Row(f"{RESUME} --halt 2e", 2, "error"),
    Row(f"doctor --ci github {WORKFLOW}", 0, "doctor"),
    Row(f"doctor --ci github --deploy ship {WORKFLOW}", 10, "doctor"),
    Row("doctor --ci github missing.yml", 2, "error"),
)
NO_SERVER = [{"name": "ns1", "software": "knot", "address": "127.0.0.1", "port": 1, "control": ["-s", "nowhere"]}]
SIGN = f"sign --type halt --predicate {EXAMPLE} --sign-with file:owners.key --out halt-2.json"
ATTEST = (
    Row("zone --zone example. --file lab/zone.signed --ds lab/ds.zone", 0, "attest-zone"),
    Row("zone --zone example. --file lab-5-may/zone.signed --ds lab-5-may/ds.zone", 10, "attest-zone"),
    Row("zone --zone example. --file policy.yaml --ds lab/ds.zone", 11, "attest-zone"),
    Row("zone --zone example. --file lab/zone.signed --ds policy.yaml", 2, "error"),
    Row(lab("lab"), 0, "hsm-report"),
    Row(lab("lab-5-may"), 10, "hsm-report"),
    Row(lab("lab", "missing.yaml"), 2, "error"),
    Row(f"{ROLLOVER} --environment lab/environment.yaml", 0, "rollover-report"),
    Row(f"{ROLLOVER} --environment missing.yaml", 2, "error"),
    Row(f"{SIGN} --subject policy.yaml", 0, "attest-sign"),
    Row(SIGN, 2, "error"),
    Row("inspect evidence/hsm.json", 0, "inspect"),
    Row("inspect policy.yaml", 2, "error"),
    Row("inspect missing.json", 2, "error"),
    Row("laboratory new-lab", 0, "laboratory-report"),
    Row("laboratory installed", 2, "error"),
    Row(f"verify-bundle --bundle signer.sigstore.json {BUNDLE}", 0, "verify-bundle"),
    Row(f"verify-bundle --bundle trusted_root.json {BUNDLE}", 10, "verify-bundle"),
    Row(f"verify-bundle --bundle missing.json {BUNDLE}", 2, "error"),
    Row(f"verify-provenance --source-uri github.com/registry/signer {BUILD}", 0, "attest-verify-provenance"),
    Row(f"verify-provenance --source-uri github.com/registry/other {BUILD}", 10, "attest-verify-provenance"),
    Row(f"verify-provenance {BUILD}", 2, "error"),
    Row(f"verify-vsa {SUMMARY} gitCommit:{COMMIT}", 0, "attest-verify-vsa"),
    Row(f"verify-vsa {SUMMARY} gitCommit:{COMMIT[:-1]}", 10, "attest-verify-vsa"),
    Row(f"verify-vsa {SUMMARY} gitCommit:", 2, "error"),
    Row(f"layout --layout root.layout {LINKS}", 0, "attest-layout"),
    Row(f"layout --layout 0.link {LINKS}", 2, "error"),
    Row(f"{DRILL} --environment environment.yaml", 0, "halt-drill-report"),
    Row(f"{DRILL} --environment missing.yaml", 2, "error"),
    Row("runbook stop-publication --zone example.", 0, "runbook"),
    Row("runbook stop-publication --zone example", 2, "error"),
    Row(f"{WAY_BACK} --environment environment.yaml", 0, "rollback-drill-report"),
    Row(f"{WAY_BACK} --environment missing.yaml", 2, "error"),
    Row("replay TOKENS --delegations 40 --folder replayed", 0, "replay-report"),
    Row("replay installed", 2, "error"),
)
ROWS = (*GATEKEEPER, *(Row(row.call, row.code, row.schema, "attest") for row in ATTEST))
MARKS = {
    "attest halt-drill": [pytest.mark.needs("nsd", "knotd", "setpriv")],
    "attest replay": [pytest.mark.needs("softhsm2-util", "knotd", "keymgr", "kzonesign", "nsd", "unbound", "setpriv")],
    "attest rollback-drill": [pytest.mark.needs("nsd", "knotd", "keymgr", "unbound", "softhsm2-util", "setpriv")],
}
WITH_SOFTHSM = ("replay", "rollback-drill")
"""each in a process of its own: SoftHSM reads its settings once, and would show one command the tokens of another"""
COMMANDS = [
    context
    for context in every_command()
    if any(isinstance(option, OutputOption) or option.name == "report" for option in context.command.params)
]


@pytest.fixture
def place(used_registry, tmp_path, monkeypatch):
    """A folder with everything that the calls name, to be spoilt at will."""
    shutil.copytree(used_registry.folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    write_guard(tmp_path)


def write_guard(folder: Path) -> None:
    """A guard whose server is down, a folder without a halt, and one with a halt."""
    for name in ("halts", "halted"):
        (folder / name).mkdir()
    since = Instant.parse("9998-01-01T00:00:00Z")
    latch(folder / "halted", Halt(id="1f", zone=ZoneName("example."), reason="wrong key", halted_on=since))
    zones = [{"name": "example.", "servers": NO_SERVER}]
    spec = {"environment": "example-production", "stage": "canary", "zones": zones}
    header = {"apiVersion": "gatekeeper/v1", "kind": "GuardConfiguration", "metadata": {"name": "guard"}}
    (folder / "guard.yaml").write_bytes(dump({**header, "spec": spec}))


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command line to its end, as its entry point does; return exit code and standard output."""

    def ended(program: str, *arguments: str) -> tuple[int, str]:
        if program == "attest" and arguments[0] in WITH_SOFTHSM:
            call = [sys.executable, "-m", "attestations", *arguments]
            process = subprocess.run(call, capture_output=True, check=False, text=True)
            return process.returncode, process.stdout
        monkeypatch.setattr(sys, "argv", [program, *arguments])
        with pytest.raises(SystemExit) as end:
            {"attest": attest, "gatekeeper": gatekeeper}[program].main()
        return end.value.code, capsys.readouterr().out

    return ended


@pytest.fixture
def tokens(tmp_path_factory, monkeypatch):
    """A laboratory with tokens of SoftHSM, which reads its settings once in a process: made in one of its own."""
    folder = tmp_path_factory.mktemp("tokens") / "laboratory"
    monkeypatch.setenv("SOFTHSM2_CONF", "")  # whatever the command sets is taken back afterwards
    call = [sys.executable, "-m", "attestations", "laboratory", folder, "--tokens", "softhsm"]
    subprocess.run(call, check=True, capture_output=True)
    return folder


def json_option(call: str) -> tuple[str, str]:
    return ("--report" if call.startswith(("evaluate", "issue")) else "--output", "json")


def faults(document, name):
    schema = SCHEMAS[f"schemas/{name}.schema.json"]
    assert document["schema"] == schema["$id"]
    return [error.message for error in Draft202012Validator(schema, registry=Registry()).iter_errors(document)]


def marked(row: Row):
    return pytest.param(row, id=str(row), marks=MARKS.get(f"{row.program} {row.call.split()[0]}", ()))


@pytest.mark.parametrize("row", [marked(row) for row in ROWS])
def test_what_a_command_prints_fits_its_published_schema(row, place, run, request):
    call = row.call
    if "TOKENS" in call:
        call = call.replace("TOKENS", str(request.getfixturevalue("tokens")))
    if "DIGEST" in call:
        _, shown = run("gatekeeper", *SIGN_OFF.split(), "--output", "json")
        call = call.replace("DIGEST", json.loads(shown)["caseDigest"])
    code, out = run(row.program, *call.split(), *json_option(call))
    document = json.loads(out)
    assert (code, faults(document, row.schema)) == (row.code, [])
    assert document.get("exitCode", code) == code


@pytest.mark.parametrize("context", COMMANDS, ids=lambda context: context.command_path)
@pytest.mark.parametrize("more", [("--no-such-option",), ("surplus",) * 9], ids=["option", "arguments"])
def test_a_call_that_is_refused_is_told_in_json_too(context, more, run):
    program, *path = context.command_path.split()
    code, out = run(program, *path, *more, *json_option(path[0]))
    document = json.loads(out)
    assert (code, faults(document, "error")) == (2, [])
    assert document["errors"][0]["code"] == "USAGE"


def test_every_command_that_prints_json_is_run_here_to_a_result_and_to_an_error():
    for context in COMMANDS:
        rows = [row for row in ROWS if f"{row.program} {row.call} ".startswith(f"{context.command_path} ")]
        assert {row.schema == "error" for row in rows} == {True, False}, context.command_path


def test_every_schema_that_is_published_is_printed_here():
    printed = {schema_name(kind) for kind in printed_documents()} | {"decision"}
    assert printed == {row.schema for row in ROWS} | {"log-entry"}


def test_every_line_of_an_exported_ledger_fits_its_schema(place, run):
    code, out = run("gatekeeper", "log", "export", *LEDGER.split())
    entries = [json.loads(line) for line in out.splitlines()]
    assert (code, [entry["kind"] for entry in entries]) == (0, ["decision", "approval"])
    assert [faults(entry, "log-entry") for entry in entries] == [[], []]


def test_verify_says_in_members_what_the_approval_allows(place, run):
    approval = json.loads(b64decode(json.loads(Path("approval.json").read_bytes())["payload"]))["predicate"]
    _, out = run("gatekeeper", *f"{HOST} --stage canary {INSTALLED} --output json".split())
    document = json.loads(out)
    assert (document["approved"], document["code"], document["refusal"], document["halt"]) == (True, None, None, None)
    assert document["approval"]["decisionDigest"] == approval["decisionDigest"]
    assert document["approval"]["expiresAt"] == approval["notAfter"]
    assert document["approval"]["waivers"] == approval["waivers"] == []


@pytest.mark.parametrize(
    ("more", "code", "null"),
    [("--stage full", "TOKEN", "halt"), ("--stage canary --ledger sqlite:halted.db", "HALT", "refusal")],
)
def test_verify_says_in_members_why_not(place, run, more, code, null):
    _, out = run("gatekeeper", *f"{HOST} {more} {INSTALLED} --output json".split())
    document = json.loads(out)
    told = document["halt" if null == "refusal" else "refusal"]
    assert (document["approved"], document["code"], document[null]) == (False, code, None)
    assert told["reason"] if code == "HALT" else told["next"]


@pytest.mark.parametrize(
    ("more", "code"), [("--ledger sqlite:no.db", 1), ("--ledger sqlite:ledger.db --evidence no", 2)]
)
def test_a_report_in_a_file_says_the_exit_code_of_the_command(place, run, more, code):
    ended = run("gatekeeper", *f"{ISSUE} {more} --report json=report.json --report text".split())
    document = json.loads(Path("report.json").read_bytes())
    assert (*ended, document["exitCode"], faults(document, "error")) == (code, "", code, [])
