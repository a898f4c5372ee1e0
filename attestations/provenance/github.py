"""What all builders on GitHub Actions say of their run, and how Fulcio's certificates say the same.

github/docs, contexts; sigstore/fulcio, docs/oid-info.md.
"""

import re
from collections.abc import Mapping
from typing import Any

from attestations.predicates.slsa_provenance import Provenance
from attestations.provenance.build import Claim, members, text, told

DELEGATOR = re.compile(
    r"https://github\.com/slsa-framework/slsa-github-generator/\.github/workflows/"
    r"delegator_(generic|lowperms-generic)_slsa3\.yml@refs/tags/v[0-9]+\.[0-9]+\.[0-9]+",
    re.ASCII,
)
"""signs for the builders that call it (slsa-github-generator, BYOB.md)"""
HOSTED_RUNNER = re.compile(r"https://github\.com/actions/runner(?:/(?P<environment>github-hosted|self-hosted))?")
"""the builder id of the npm command line; without the last part it is that of a hosted runner"""


def signed_by(builder_id: str) -> re.Pattern[str]:
    """Return the pattern of a signer that is the builder itself."""
    return re.compile(re.escape(builder_id))


def run_claims(source: str | None, ref: str | None, commit: str | None, workflow: str | None) -> tuple[Claim, ...]:
    """Return what a certificate says too of the revision that a run was started for."""
    repository = source.removeprefix("git+") if source else None
    config = f"{repository}/{workflow}@{ref}" if repository and workflow and ref else None
    return told(
        source_repository_uri=repository,
        source_repository_ref=ref,
        source_repository_digest=commit,
        build_config_uri=config,
    )


def context_claims(context: Mapping[str, Any], source: str | None) -> tuple[Claim, ...]:
    """Return what a certificate says too of GitHub's context, which generators record with names in either case."""
    said = {name.upper(): str(value) for name, value in context.items() if isinstance(value, str | int) and value}
    named = f"https://github.com/{said['GITHUB_REPOSITORY']}" if "GITHUB_REPOSITORY" in said else None
    repository = named or (source.removeprefix("git+") if source else None)
    run, attempt = said.get("GITHUB_RUN_ID"), said.get("GITHUB_RUN_ATTEMPT")
    invocation = f"{repository}/actions/runs/{run}/attempts/{attempt}" if repository and run and attempt else None
    return told(
        source_repository_uri=named,
        source_repository_ref=said.get("GITHUB_REF"),
        source_repository_digest=said.get("GITHUB_SHA") or said.get("GITHUB_SHA1"),
        source_repository_identifier=said.get("GITHUB_REPOSITORY_ID"),
        source_repository_owner_identifier=said.get("GITHUB_REPOSITORY_OWNER_ID"),
        build_trigger=said.get("GITHUB_EVENT_NAME"),
        run_invocation_uri=invocation,
    )


def invocation_claim(predicate: Provenance) -> tuple[Claim, ...]:
    """Return the run as v1 names it, where it is the address of one."""
    said = text(predicate.run_details.metadata, "invocationId")
    return told(run_invocation_uri=said) if said and said.startswith("https://") else ()


def dispatch_inputs(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed in when the run was started by hand (event workflow_dispatch)."""
    said = {name.upper(): value for name, value in context.items()}
    return members(said.get("GITHUB_EVENT_PAYLOAD"), "inputs")


def workflow_of(context: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    """Return repository, path and reference of the workflow that a run was started from."""
    path, at, ref = (text(dict(context), "GITHUB_WORKFLOW_REF") or "").partition("@")
    owner, _, rest = path.partition("/")
    name, slash, file = rest.partition("/")
    if not (at and slash and owner and name and file):
        return None, None, None
    return f"git+https://github.com/{owner}/{name}", file, ref
