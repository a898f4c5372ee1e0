"""A pipeline as the doctor sees it, whatever CI system runs it: jobs, what they wait for, what they run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from attestations.errors import Location

Variables = tuple[tuple[str, str], ...]
"""names and values"""
Mode = Literal["evaluate", "issue", "verify"]
TRUST = "GATE_TRUST"
"""variable that names whom the gate believes"""
MODES: Mapping[str, Mode] = MappingProxyType({"evaluate": "evaluate", "issue": "issue", "verify": "verify"})


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a job."""

    place: Location
    script: str = ""
    """shell text, if it runs any"""
    mode: Mode | None = None
    """the way in which it calls the gate without a shell: an action, a component, another file"""
    prepares: bool = False
    """only fetches what later steps need: a checkout, an artifact, a tool"""
    lenient: str = ""
    """the words that let the job go on when the step fails; empty where there are none"""
    condition: str = ""
    """the words that let the step be left out; empty where there are none"""
    regardless: str = ""
    """the words that let it start although a step before it failed; empty where there are none"""
    stops: bool = True
    """the CI system's shell stops at the first command that fails"""
    foreign: str = ""
    """what runs the script, if that is no shell that is known here"""
    variables: Variables = ()
    """variables that it sets"""
    unjudged: str = ""
    """what it says that no rule knows; empty where there is nothing"""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job, stage or task: what runs or fails as a whole."""

    name: str
    place: Location
    needs: tuple[str, ...] = ()
    """jobs that must have ended well before it starts"""
    steps: tuple[Step, ...] = ()
    lenient: str = ""
    """the words that let others go on when it fails"""
    regardless: str = ""
    """the words that let it start although one of its needs failed or was left out"""
    condition: str = ""
    """the words that let it be left out"""
    environment: str = ""
    """what it says it deploys to"""
    hands_on: str = ""
    """the file whose variables overrule those of the jobs that take its artifacts"""
    takes: tuple[str, ...] = ()
    """jobs whose artifacts it takes, with the variables that those hand on"""
    asks: bool = False
    """a person decides here whether those that come after it may start"""
    variables: Variables = ()
    """variables that it sets, and that the pipeline sets for it"""
    unjudged: str = ""
    """what it says that no rule knows; empty where there is nothing"""


@dataclass(frozen=True, kw_only=True)
class Pull:
    """Something that the pipeline fetches and runs: an action, an image, a component."""

    place: Location
    reference: str
    is_pinned: bool


@dataclass(frozen=True, kw_only=True)
class Danger:
    """Something that is wrong wherever it stands."""

    rule: str = "danger"
    place: Location
    found: str
    wanted: str


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """One pipeline."""

    file: str
    jobs: tuple[Job, ...]
    pulls: tuple[Pull, ...] = ()
    dangers: tuple[Danger, ...] = field(default=())
    splices: tuple[str, ...] = ()
    """what this CI system puts into a script before a shell sees it, as regular expressions"""

    def named(self, name: str) -> tuple[Job, ...]:
        """Return the jobs of this name: one, unless something is wrong."""
        return self._by_name.get(name, ())

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[Job, ...]]:
        found: dict[str, list[Job]] = {}
        for job in self.jobs:
            found.setdefault(job.name, []).append(job)
        return {name: tuple(jobs) for name, jobs in found.items()}
