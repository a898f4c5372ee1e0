"""Jenkins, declarative: stages one after the other. The file is Groovy; only its blocks and shell steps are looked at.

Whatever could swallow a failure makes the whole stage lenient: Groovy has too many ways to argue about each.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from attestations.errors import Location
from gatekeeper.pipelines.model import MODES, Danger, Job, Pipeline, Step
from gatekeeper.pipelines.source import Files

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<string>'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
    r"""|(?P<brace>[{}])""",
    re.DOTALL,
)
_STAGE = re.compile(r"""\bstage\s*\(\s*(?:name:\s*)?(['"])(?P<name>[^'"]+)\1\s*\)\s*\{""")
_SHELL = re.compile(
    r"""\bsh\s*\(?\s*(?:script:\s*)?(?P<script>'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
    r"""|\bsignerGate\s*\(?\s*mode:\s*['"](?P<mode>\w+)['"]""",
    re.DOTALL,
)
_LENIENT = re.compile(
    r"\b(?:catchError|warnError|returnStatus\s*:\s*true|try\s*\{|unstable\s*\(|propagate\s*:\s*false)"
)
_PREPARES = re.compile(r"\b(?:checkout\s+scm|unstash|copyArtifacts)\b")
SPLICES = (r"(?s)\A\"(?:\"\")?.*\$[{\w]",)
"""a Groovy string in double quotes puts values into the script before a shell sees it"""


@dataclass(frozen=True, kw_only=True)
class _Block:
    name: str
    body: str
    line: int


def read(files: Files) -> Pipeline:
    """Return the pipeline; what is not declarative is told as a danger, for it cannot be judged."""
    text = _without_comments(files.text)
    stages = tuple(_stages(text))
    jobs = tuple(
        _job(files.name, stage, tuple(one.name for one in stages[:index])) for index, stage in enumerate(stages)
    )
    return Pipeline(file=files.name, jobs=jobs, dangers=tuple(_dangers(files.name, text)), splices=SPLICES)


def _job(file: str, stage: _Block, needs: tuple[str, ...]) -> Job:
    lenient = _LENIENT.search(stage.body)
    steps = tuple(_step(found, Location(file=file, line=stage.line)) for found in _SHELL.finditer(stage.body))
    return Job(
        name=stage.name,
        place=Location(file=file, line=stage.line),
        needs=needs,
        steps=steps,
        lenient=lenient[0] if lenient else "",
        condition="when" if re.search(r"\bwhen\s*\{", stage.body) else "",
    )


def _step(found: re.Match[str], place: Location) -> Step:
    mode, script = found["mode"], found["script"] or ""
    if mode is not None:
        return Step(place=place, mode=MODES.get(mode))
    return Step(place=place, script=script if script.startswith('"') and "$" in script else _unquoted(script))


def _stages(text: str) -> Iterator[_Block]:
    """Yield the stages that hold no stage themselves: those run."""
    for found in _STAGE.finditer(text):
        body = text[found.end() : _end_of_block(text, found.end())]
        if not _STAGE.search(body):
            yield _Block(name=found["name"], body=body, line=text.count("\n", 0, found.start()) + 1)


def _end_of_block(text: str, begin: int) -> int:
    depth = 1
    for found in _TOKEN.finditer(text, begin):
        if found["brace"]:
            depth += 1 if found["brace"] == "{" else -1
            if depth == 0:
                return found.start()
    return len(text)


def _dangers(file: str, text: str) -> Iterator[Danger]:
    if not re.match(r"\s*(?:@Library\([^)]*\)\s*_?\s*)?pipeline\s*\{", text):
        found = "a pipeline that is not declarative"
        yield Danger(place=Location(file=file, line=1), found=found, wanted="pipeline { ... }, which can be judged")
    for word in ("parallel", "script"):
        if found_word := re.search(rf"\b{word}\s*\{{", text):
            line = text.count("\n", 0, found_word.start()) + 1
            found = f"{word} {{ ... }}, in which the order of things is free"
            yield Danger(place=Location(file=file, line=line), found=found, wanted="stages one after the other")
    library = re.search(r"@Library\(\s*['\"]([^'\"]+)['\"]", text)
    if library and not re.fullmatch(r"[^@]+@[0-9a-f]{40}", library[1]):
        found = f"the library {library[1]!a:.120}, which may be another tomorrow"
        yield Danger(place=Location(file=file, line=1), found=found, wanted="its commit (40 digits)")


def _without_comments(text: str) -> str:
    return _TOKEN.sub(lambda found: "\n" * found[0].count("\n") if found["comment"] else found[0], text)


def _unquoted(literal: str) -> str:
    quotes = 3 if literal[:3] in ("'''", '"""') else 1
    return literal[quotes:-quotes].replace("\\'", "'").replace('\\"', '"').replace("\\\\", "\\")
