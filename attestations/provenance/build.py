"""What a verifier asks of provenance, in one form for every family of build types."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from attestations.predicates.slsa_provenance import Dependency, ProvenanceV02

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.ASCII)
Claim = tuple[str, str]
"""a Fulcio extension by its name in attestations/identity.py, and what the provenance says of the same thing"""


@dataclass(frozen=True, kw_only=True)
class Build:
    """What provenance says about its build. What it does not say is None or empty, never guessed."""

    builder_id: str
    build_type: str
    source: str | None
    """repository URI without its revision"""
    ref: str | None
    """git reference in full, such as refs/tags/v1"""
    workflow: str | None = None
    """path in the source of the file that says how to build"""
    inputs: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """what whoever started the run typed in"""
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """external parameters that say none of the above, by the name that a policy gives them"""
    dependencies: tuple[Dependency, ...] = ()
    claims: tuple[Claim, ...] = ()
    """what the certificate of the signer says too, where there is one: both must agree"""
    signer: re.Pattern[str] | None = None
    """how the subject of the signer's certificate must read for this builder; None where the family does not tell"""
    ref_in_certificate: bool = False
    """the family leaves the reference to the certificate of its signer, who cannot choose it there"""

    @property
    def commits(self) -> frozenset[str]:
        """Commits that resolved dependencies pin the source to: a short or marked one (`…-dirty`) pins nothing."""
        return self.commits_of(self.source) if self.source else frozenset()

    @property
    def unpinned(self) -> tuple[str, ...]:
        """Resolved dependencies without any digest."""
        return tuple(str(each.uri or each.name) for each in self.dependencies if not any(each.digest.values()))

    def commits_of(self, source: str) -> frozenset[str]:
        """Return the commits that resolved dependencies pin the repository `source` to, in full."""
        digests = (each.digest for each in self.dependencies if same_repository(split(each.uri)[0], source))
        commits = (commit_in(digest) for digest in digests)
        return frozenset(commit for commit in commits if _COMMIT.fullmatch(commit))


def dependencies_of(predicate: ProvenanceV02) -> tuple[Dependency, ...]:
    """Return the materials of v0.2, and the place of the build definition, which is one of them."""
    config = predicate.invocation.config_source
    return (
        (*predicate.materials, Dependency(uri=config.uri, digest=config.digest)) if config.uri else predicate.materials
    )


def commit_in(digest: Mapping[str, str]) -> str:
    """Return the commit that a digest set names, by its present name or its older one; empty where it names none."""
    return digest.get("gitCommit") or digest.get("sha1", "")


def split(uri: str | None) -> tuple[str | None, str | None]:
    """Return repository and revision of a URI such as git+https://host/repository@refs/tags/v1."""
    if uri is None:
        return None, None
    head, at, ref = uri.rpartition("@")
    return (head, ref) if at and "/" in head else (uri, None)


def git_uri(uri: str | None) -> str | None:
    """Return the repository in SPDX form, as provenance v1 wants it: builders of git alone leave the git+ out."""
    return f"git+{uri}" if uri is not None and uri.startswith("https://") else uri


def same_repository(found: str | None, source: str) -> bool:
    """Return whether both name one repository, whether or not they say that it is one of git."""
    return git_uri(found) == git_uri(source)


def agreed(values: Iterable[str | None]) -> str | None:
    """Return what all who say something say; None where nobody does, or two contradict each other."""
    said = {value for value in values if value is not None}
    return said.pop() if len(said) == 1 else None


def text(value: Any, *names: str) -> str | None:
    """Return the text at this place of a JSON value; None where there is none, or an empty one."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value else None


def members(value: Any, *names: str) -> dict[str, Any]:
    """Return the object at this place of a JSON value; empty where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def grouped(group: str, value: Any) -> dict[str, Any]:
    """Return a group of parameters by the names that a policy gives them: `inputs.NAME`."""
    if isinstance(value, dict):
        return {f"{group}.{name}": said for name, said in value.items()}
    return {} if value is None else {group: value}


def commit_claims(build: Build) -> tuple[Claim, ...]:
    """Return every commit of the source as a claim: who writes provenance for itself could name a reviewed one."""
    return tuple(("source_repository_digest", commit) for commit in sorted(build.commits))


def told(**claims: str | None) -> tuple[Claim, ...]:
    """Return the claims that something is said for."""
    return tuple((name, said) for name, said in claims.items() if said is not None)
