"""Looks at a user's pipeline for ways around the gate: one reader for each CI system, one set of rules for all."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from gatekeeper.pipelines import azure, buildkite, github, gitlab, jenkins, tekton, woodpecker
from gatekeeper.pipelines.everywhere import faults
from gatekeeper.pipelines.model import Pipeline
from gatekeeper.pipelines.rules import Bypass, bypasses
from gatekeeper.pipelines.source import Files, read_files

SYSTEMS: Mapping[str, Callable[[Files], Pipeline]] = MappingProxyType(
    {
        "github": github.read,
        "forgejo": github.read,
        "gitlab": gitlab.read,
        "jenkins": jenkins.read,
        "tekton": tekton.read,
        "buildkite": buildkite.read,
        "azure": azure.read,
        "woodpecker": woodpecker.read,
    }
)


def examine(system: str, paths: tuple[Path, ...], deploys: tuple[str, ...]) -> tuple[Bypass, ...]:
    """Return the ways around the gate in the first of the files; it may call the others.

    Raises InputError: USAGE, FILE, LIMIT, PARSE-YAML and the like, for what the strict reader refuses: a pipeline that
    says the same thing twice, or by reference, cannot be judged.
    """
    pipeline = SYSTEMS[system](read_files(paths))
    return (*bypasses(pipeline, deploys), *faults(pipeline))
