"""Whether a builder id is the one asked for: without a version it is that of any release, as slsa-verifier has it."""

import re

from attestations.provenance.github import HOSTED_RUNNER
from attestations.provenance.references import TAGS, is_release_tag

_SHORT = re.compile(r"v[0-9]+(\.[0-9]+){0,2}", re.ASCII)
"""how builders outside of GitHub write their releases, such as GoogleHostedWorker@v0.3"""
GENERATORS = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/"


def is_builder(found: str, wanted: str) -> bool:
    """Return whether the builder `found` is `wanted`.

    `wanted` may leave out the version, and then takes every release tag, but no branch and no commit: one of any fork
    can be called through the repository's own name. Or it gives the version short, as @v1.2.3.
    """
    name, _, version = found.partition("@")
    wanted_name, _, wanted_version = wanted.partition("@")
    if _environment(name) is not None and wanted_name == f"{_bare(name)}/{_environment(name)}":
        return True
    if name != wanted_name:
        return False
    if wanted_version:
        return wanted_version in (version, version.removeprefix(TAGS))
    return not version or is_release_tag(version) or _SHORT.fullmatch(version) is not None


def is_generator(found: str) -> bool:
    """Return whether this is a released builder of slsa-github-generator: those may be left unnamed."""
    name, _, version = found.partition("@")
    file = name.removeprefix(GENERATORS)
    return name.startswith(GENERATORS) and "/" not in file and file.endswith("_slsa3.yml") and is_release_tag(version)


def _environment(name: str) -> str | None:
    """A runner that does not say so is one that GitHub hosts (slsa-verifier, VerifyNpmPackageProvenance)."""
    match = HOSTED_RUNNER.fullmatch(name)
    return (match["environment"] or "github-hosted") if match else None


def _bare(name: str) -> str:
    return name.removesuffix("/github-hosted").removesuffix("/self-hosted")
