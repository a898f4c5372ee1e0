"""What is wrong wherever in a pipeline it stands: unpinned things, dangers, foreign text inside scripts."""

import re
from collections.abc import Iterator

from gatekeeper.pipelines.model import Pipeline
from gatekeeper.pipelines.rules import Bypass


def faults(pipeline: Pipeline) -> Iterator[Bypass]:
    """Yield what lets others change what the pipeline does."""
    for pull in pipeline.pulls:
        if not pull.is_pinned:
            found = f"{pull.reference!a:.160}, which may be something else tomorrow"
            wanted = "a commit (40 digits) or an image digest (sha256)"
            yield Bypass(rule="not-pinned", place=pull.place, found=found, wanted=wanted)
    for danger in pipeline.dangers:
        yield Bypass(rule=danger.rule, place=danger.place, found=danger.found, wanted=danger.wanted)
    for job in pipeline.jobs:
        for step in job.steps:
            for pattern in pipeline.splices:
                if spliced := re.search(pattern, step.script):
                    found = f"{spliced[0]!a:.120} inside a script"
                    wanted = "values in variables of the environment, quoted there"
                    yield Bypass(rule="spliced", place=step.place, found=found, wanted=wanted)
