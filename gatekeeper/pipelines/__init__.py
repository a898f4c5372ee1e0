"""Looks at a user's pipeline for ways around the gate: one reader for each CI system, one set of rules for all."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from attestations.strict import read_file, read_yaml
from attestations.strict.document import Document
from attestations.strict.limits import CONFIGURATION
from gatekeeper.pipelines import github
from gatekeeper.pipelines.model import Pipeline
from gatekeeper.pipelines.rules import Bypass, bypasses

Reader = Callable[[Document, Mapping[str, Document]], Pipeline]

SYSTEMS: Mapping[str, Reader] = MappingProxyType({"github": github.read, "forgejo": github.read})


def examine(system: str, files: Sequence[Path], deploys: tuple[str, ...]) -> tuple[Bypass, ...]:
    """Return the ways around the gate in the first of `files`; it may call the others.

    Raises InputError: FILE, LIMIT, PARSE-YAML and the like, for what the strict reader refuses: a pipeline that says
    the same thing twice, or by reference, cannot be judged.
    """
    documents = [read_yaml(read_file(file, CONFIGURATION.max_bytes), str(file)) for file in files]
    others = {file.name: document for file, document in zip(files[1:], documents[1:], strict=True)}
    return bypasses(SYSTEMS[system](documents[0], others), deploys)
