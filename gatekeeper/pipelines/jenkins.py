"""Jenkins, declarative: stages one after the other. Only blocks, known steps and shell texts are looked at.

What is not known of Groovy and of plugins is told: there are too many ways to argue about each.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from attestations.errors import InputError, Location
from gatekeeper.pipelines.groovy import STRING, Statement, has_slash, statements, text_of, without_comments
from gatekeeper.pipelines.model import MODES, Danger, Job, Pipeline, Pull, Step, Variables
from gatekeeper.pipelines.source import IMAGE, Files, refuse_too_many

_NAME = re.compile(r"""\(\s*(?:name:\s*)?(['"])(?P<name>[^'"$\\]+)\1\s*\)""")
_SHELL = re.compile(
    rf"""(?:label:\s*(?:{STRING})\s*,\s*)?(?:script:\s*)?(?P<script>{STRING})"""
    rf"""(?P<more>(?:\s*,\s*(?:label:\s*(?:{STRING})|returnStdout:\s*\w+|encoding:\s*(?:{STRING})))*)"""
)
_TEXT = rf'(?!"+[^"]*\$\{{(?![\w.]+\}}))(?:{STRING})'
"""a string that runs nothing: in double quotes, names between ${ and }"""
_SETTING = rf"\w+:\s*{_TEXT}"
_GATE = re.compile(
    rf"""mode:\s*(['"])(?P<mode>\w+)\1(?:\s*,\s*env:\s*\[\s*(?P<env>{_SETTING}(?:\s*,\s*{_SETTING})*)\s*,?\s*\])?"""
)
"""each argument once: of two of one name Groovy takes the last"""
_TEXTS = re.compile(rf"\(?\s*\[\s*{_TEXT}(?:\s*,\s*{_TEXT})*\s*,?\s*\]\s*\)?")
_LENIENT = re.compile(r"\b(?:catchError|warnError|returnStatus\s*:\s*true|try\b|unstable\b|propagate\s*:\s*false)")
_PREPARES = frozenset({"checkout", "unstash", "copyArtifacts", "echo", "cleanWs", "deleteDir"})
_KEEPS = frozenset(
    {"junit", "archiveArtifacts", "recordIssues", "stash", "publishHTML", "mail", "emailext", "slackSend"}
)
_WRAPS = frozenset({"withCredentials", "dir", "timeout", "retry", "timestamps", "ansiColor", "lock", "sshagent", "ws"})
_OUTCOMES = frozenset(
    {"always", "success", "failure", "unstable", "aborted", "changed", "fixed", "regression", "unsuccessful", "cleanup"}
)
_SECTIONS = frozenset({"agent", "options", "environment", "tools", "triggers", "parameters", "stages", "post", "input"})
_VALUE = re.compile(rf"=\s*(?:{_TEXT}|credentials\(\s*(?:{STRING})\s*\))", re.DOTALL)
_IMAGE_OF = re.compile(r"""['"]([^'"]+)['"]""")
_STAGE_SECTIONS = _SECTIONS | {"steps", "when"}
SPLICES = (r"(?s)\A\"(?:\"\")?.*\$[{\w]",)
"""a Groovy string in double quotes puts values into the script before a shell sees it"""


@dataclass(frozen=True, kw_only=True)
class _Stage:
    """A stage that runs steps, with what the stages around it say for it."""

    name: str
    place: Location
    sections: tuple[Statement, ...]
    condition: str
    variables: Variables


@dataclass(kw_only=True)
class _Reading:
    """What was found so far."""

    file: str
    stages: list[_Stage] = field(default_factory=list)
    dangers: list[Danger] = field(default_factory=list)
    pulls: list[Pull] = field(default_factory=list)

    def at(self, statement: Statement) -> Location:
        return Location(file=self.file, line=statement.line)

    def unjudged(self, statement: Statement) -> None:
        found = f"{statement.word} {statement.rest}"
        where, wanted = self.at(statement), "a declarative pipeline of stages one after the other, which can be judged"
        self.dangers.append(Danger(rule="not-judged", place=where, found=f"{found!a:.120}", wanted=wanted))


def read(files: Files) -> Pipeline:
    """Return the pipeline; what is not declarative is told as a danger, for it cannot be judged. Raise InputError."""
    text = without_comments(files.text)
    reading = _Reading(file=files.name)
    try:
        _file(reading, text)
    except RecursionError:
        found = f"blocks too deep in each other in {files.name}"
        raise InputError("LIMIT", found=found, wanted="stages", fix="give a declarative Jenkinsfile") from None
    refuse_too_many(reading.stages, files.name)
    jobs: list[Job] = []
    for stage in reading.stages:
        jobs.append(_job(files.name, stage, tuple(job.name for job in jobs)))
    return Pipeline(
        file=files.name, jobs=tuple(jobs), dangers=tuple(reading.dangers), pulls=tuple(reading.pulls), splices=SPLICES
    )


def _file(reading: _Reading, text: str) -> None:
    is_found = False
    for statement in statements(text):
        if statement.word == "pipeline" and statement.block is not None and not is_found and not statement.rest:
            is_found = True
            _sections(reading, statement, "", ())
        elif not _is_library(statement):
            reading.unjudged(statement)
    first = Location(file=reading.file, line=1)
    if not is_found:
        found = "a pipeline that is not declarative"
        reading.dangers.append(Danger(place=first, found=found, wanted="pipeline { ... }, which can be judged"))
    if has_slash(text):
        found, wanted = "a slash outside strings, which may begin another kind of string", "strings in quotes"
        reading.dangers.append(Danger(rule="not-judged", place=first, found=found, wanted=wanted))
    library = re.search(r"@Library\(\s*['\"]([^'\"]+)['\"]", text)
    if library and not re.fullmatch(r"[^@]+@[0-9a-f]{40}", library[1]):
        found = f"the library {library[1]!a:.120}, which may be another tomorrow"
        reading.dangers.append(Danger(place=first, found=found, wanted="its commit (40 digits)"))


def _is_library(statement: Statement) -> bool:
    return re.fullmatch(r"\s*@Library\([^()]*\)\s*_?\s*", f"{statement.word}{statement.rest}") is not None


def _sections(reading: _Reading, around: Statement, condition: str, variables: Variables) -> None:
    """Read the sections of the pipeline, or of a stage that holds stages."""
    sections = tuple(statements(around.block or "", around.block_line))
    named = (*variables, *_variables(sections))
    own = condition or next(("when" for one in sections if one.word == "when"), "")
    for section in sections:
        if section.word not in _STAGE_SECTIONS:
            reading.unjudged(section)
        elif section.word == "post":
            _post(reading, section)
        elif section.word == "agent":
            _agent(reading, section)
        elif section.word == "environment":
            _environment(reading, section)
        elif section.word == "when" and re.search(r"\bexpression\b", section.block or ""):
            reading.unjudged(section)
        elif section.word == "stages":
            for stage in statements(section.block or "", section.block_line):
                _stage(reading, stage, own, named)


def _stage(reading: _Reading, stage: Statement, condition: str, variables: Variables) -> None:
    name = _NAME.fullmatch(stage.rest)
    if stage.word != "stage" or stage.block is None or name is None:
        reading.unjudged(stage)
        return
    sections = tuple(statements(stage.block, stage.block_line))
    _sections(reading, stage, condition, variables)
    if any(one.word in ("steps", "parallel", "matrix") for one in sections):
        own = condition or next(("when" for one in sections if one.word == "when"), "")
        named = (*variables, *_variables(sections))
        place = reading.at(stage)
        reading.stages.append(_Stage(name=name["name"], place=place, sections=sections, condition=own, variables=named))


def _agent(reading: _Reading, agent: Statement) -> None:
    """A machine by its label, or an image by its digest: where else things would run is not known."""
    for one in statements(agent.block or "", agent.block_line):
        if one.word in ("docker", "node"):
            _agent(reading, one)
        elif one.word == "image" and one.block is None and (image := _IMAGE_OF.fullmatch(one.rest)):
            is_pinned = IMAGE.fullmatch(image[1]) is not None
            reading.pulls.append(Pull(place=reading.at(one), reference=image[1], is_pinned=is_pinned))
        elif one.word not in ("label", "reuseNode") or one.block is not None:
            reading.unjudged(one)
    if agent.block is None and (agent.word != "agent" or agent.rest not in ("any", "none")):
        reading.unjudged(agent)


def _environment(reading: _Reading, environment: Statement) -> None:
    """Values are texts: anything else may run a command before the first step."""
    for one in statements(environment.block or "", environment.block_line):
        if one.block is not None or not _VALUE.fullmatch(one.rest):
            reading.unjudged(one)


def _post(reading: _Reading, post: Statement) -> None:
    """After a stage or the pipeline nothing but reports is made: what stands there runs although the gate said no."""
    for outcome in statements(post.block or "", post.block_line):
        for step in statements(outcome.block or "", outcome.block_line):
            if outcome.word not in _OUTCOMES or step.block is not None or step.word not in _KEEPS | _PREPARES:
                found = f"post {outcome.word}: {step.word}, which runs although a stage failed"
                where, wanted = reading.at(step), "reports and nothing else in post"
                reading.dangers.append(Danger(rule="starts-regardless", place=where, found=found, wanted=wanted))


def _variables(sections: tuple[Statement, ...]) -> Variables:
    blocks = (one.block or "" for one in sections if one.word == "environment")
    return tuple((one.word, _value(one.rest.removeprefix("="))) for block in blocks for one in statements(block))


def _value(said: str) -> str:
    """The text of a literal; anything else as it is written."""
    return text_of(literal) if re.fullmatch(STRING, literal := said.strip(), re.DOTALL) else literal


def _put_around(wrap: Statement) -> Variables:
    """The variables that withEnv sets for the steps inside."""
    texts = (text_of(found[0]) for found in re.finditer(STRING, wrap.rest, re.DOTALL))
    return tuple((name, value) for name, equals, value in (text.partition("=") for text in texts) if equals)


def _job(file: str, stage: _Stage, needs: tuple[str, ...]) -> Job:
    body = [one for one in stage.sections if one.word == "steps"]
    lenient = next((found[0] for one in body if (found := _LENIENT.search(one.block or ""))), "")
    steps = tuple(step for one in body for step in _steps(file, statements(one.block or "", one.block_line)))
    return Job(
        name=stage.name,
        place=stage.place,
        needs=needs,
        steps=steps,
        lenient=lenient,
        condition=stage.condition,
        variables=stage.variables,
    )


def _steps(file: str, found: Iterator[Statement], variables: Variables = ()) -> Iterator[Step]:
    for one in found:
        place = Location(file=file, line=one.line)
        if one.block is not None and (one.word in _WRAPS or (one.word == "withEnv" and _TEXTS.fullmatch(one.rest))):
            yield from _steps(file, statements(one.block, one.block_line), (*variables, *_put_around(one)))
        elif one.word in _PREPARES | _KEEPS and one.block is None:
            yield Step(place=place, prepares=True, variables=variables)
        else:
            yield _step(one, place, variables)


def _step(one: Statement, place: Location, variables: Variables) -> Step:
    arguments = one.rest[1:-1].strip() if one.rest.startswith("(") and one.rest.endswith(")") else one.rest
    if one.word == "sh" and one.block is None and (shell := _SHELL.fullmatch(arguments)):
        literal = shell["script"]
        is_put_in = literal.startswith('"') and "$" in literal
        script = literal if is_put_in else text_of(literal)
        first = script.lstrip().partition("\n")[0]
        stops = not first.startswith("#!") or re.fullmatch(r"#!/bin/(?:ba|da)?sh -[ux]*e[ux]*", first) is not None
        return Step(place=place, script=script, stops=stops, variables=variables)
    if one.word == "signerGate" and one.block is None and (gate := _GATE.fullmatch(arguments)):
        settings = (one.split(":", 1) for one in re.findall(_SETTING, gate["env"] or "", re.DOTALL))
        put = tuple((name, _value(value)) for name, value in settings)
        return Step(place=place, mode=MODES.get(gate["mode"]), variables=(*variables, *put))
    said = f"{one.word} {one.rest}".strip()
    return Step(place=place, script=_spoken(one), foreign=said, variables=variables, unjudged=said)


def _spoken(one: Statement) -> str:
    """The texts inside a statement that is not known, for what they may call."""
    texts = (text_of(found[0]) for found in re.finditer(STRING, f"{one.rest}\n{one.block or ''}", re.DOTALL))
    return "\n".join(texts)
