"""What goes into a case file."""

from importlib.resources import files as package_files

from attestations.digest import canonical_json, sha256
from gatekeeper.case_file import names
from gatekeeper.case_file.archive import pack
from gatekeeper.case_file.offered import file_of, list_offered
from gatekeeper.evidence import Offered
from gatekeeper.gate import Issued
from gatekeeper.report import Report, render


def write_case_file(issued: Issued, report: Report) -> bytes:
    """Return the case file: everything that had a say, what was decided, and how to check it with stock tools."""
    contents = {
        **_inputs(issued),
        names.DECISION: canonical_json(issued.judgement.decision.to_json()),
        names.SUMMARY: issued.summary,
        names.PROOF: issued.proof.encode("utf-8"),
        names.REPORT: render("html", report).encode("utf-8"),
        names.CHECK_PROOF: _packaged("check_proof.py.txt"),
        names.CHECK_ENVELOPE: _packaged("check_envelope.py.txt"),
        names.README: _packaged("README-verify.txt"),
    }
    if issued.approval is not None:
        contents[names.APPROVAL] = issued.approval
    contents[names.MANIFEST] = _manifest(contents)
    return pack(contents)


def _inputs(issued: Issued) -> dict[str, bytes]:
    inputs = issued.judgement.inputs
    contents = {
        names.REQUEST: inputs.request.raw,
        names.ENVIRONMENT: inputs.environment.raw,
        names.POLICY: inputs.policy.raw,
        names.TRUST: inputs.trust.raw,
    }
    contents |= {names.TRUST_FILES + name: raw for name, raw in inputs.trust_files.items()}
    contents[names.OFFERED] = list_offered(inputs.offered)
    return contents | {file_of(item.sha256): item.raw for item in inputs.offered if isinstance(item, Offered)}


def _manifest(contents: dict[str, bytes]) -> bytes:
    """In the form of `sha256sum`, so that `sha256sum -c MANIFEST.sha256` checks it."""
    lines = [f"{sha256(raw)}  {name}\n" for name, raw in sorted(contents.items())]
    return "".join(lines).encode("utf-8")


def _packaged(name: str) -> bytes:
    return package_files("gatekeeper.case_file").joinpath(name).read_bytes()
