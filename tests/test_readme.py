"""What people read says what the code does: commands, options, codes, limits, layers, links, examples."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import click
import pytest

from attestations.cli import main_group as attest
from attestations.command_line import BUG, HALTED, INCONCLUSIVE, INVALID, USAGE
from gatekeeper import approval
from gatekeeper.cli import main_group as gatekeeper
from gatekeeper.decision import Verdict
from gatekeeper.documentation import FOLDERS
from gatekeeper.reasons import table
from gatekeeper.requirements import hsm_key_coverage

ROOT = Path(__file__).parent.parent
GROUPS = {"gatekeeper": gatekeeper, "attest": attest}
MADE_FROM_CODE = {"docs/commands.md", "docs/exit-codes.md", *(f"docs/{folder}" for folder in FOLDERS)}
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if not {path.relative_to(ROOT).as_posix(), path.parent.relative_to(ROOT).as_posix()} & MADE_FROM_CODE
)
BY_NAME = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
README, ARCHITECTURE = BY_NAME["README.md"], BY_NAME["docs/architecture.md"]


def fenced(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def rows(page):
    """Return the cells of every table row of a page, without headings and rules."""
    lines = re.findall(r"^\|(.+)\|$", page, re.MULTILINE)
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines if not re.match(r"[ |:-]+$", line)
    ]


# Links.


def anchors(page):
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", BY_NAME)
def test_every_relative_link_leads_to_a_file_and_its_heading(name):
    for target, anchor in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)#?([^)\s]*)\)", BY_NAME[name]):
        path = (ROOT / name).parent / target if target else ROOT / name
        assert path.exists(), f"{name} names {target}"
        assert not anchor or anchor in anchors(path.read_text(encoding="utf-8")), f"{name} names {target}#{anchor}"


def test_every_page_of_docs_is_reached_from_its_index():
    linked = {
        (ROOT / name).parent.joinpath(target).resolve()
        for name, page in BY_NAME.items()
        for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", page)
    }
    assert [name for name, path in zip(BY_NAME, PAGES, strict=True) if path not in linked and name != "README.md"] == []


# Command lines.


def code_of(page):
    """Return the lines of a page's code blocks, continued ones joined, and the code in its running text."""
    blocks = re.findall(r"^```(?:sh|text|yaml|ini)?\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    lines = re.sub(r"\\\n\s*", " ", "".join(blocks)).splitlines()
    return [*lines, *(" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose))]


def command_lines():
    """Yield (page, words) for every call of `gatekeeper` or `attest`."""
    for name, page in BY_NAME.items():
        for line in code_of(page):
            called = re.match(r"(?:ExecStartPre=/usr/local/bin/)?((?:gatekeeper|attest) [a-z-].*)", line)
            if called:
                yield name, [word.strip("[]") for word in shlex.split(called[1], comments=True)]


def command_of(words):
    """Return the click command that `words` call, and the words left over."""
    found, rest = GROUPS[words[0]], words[1:]
    while isinstance(found, click.Group) and rest:
        sub = found.get_command(click.Context(found), rest[0])
        assert sub is not None, f"no such command: {' '.join(words)}"
        found, rest = sub, rest[1:]
    return found, rest


def test_every_command_line_in_the_documents_parses():
    lines = list(command_lines())
    assert len(lines) > 40
    for name, (program, *words) in lines:
        for alternative in words[0].split("|"):
            found, rest = command_of([program, alternative, *words[1:]])
            known = {option for parameter in found.params for option in parameter.opts} | {"--help"}
            used = {word.partition("=")[0] for word in rest if word.startswith("--")}
            assert used <= known, f"{name}: {program} {' '.join(words)}"


def test_the_tables_of_commands_are_those_of_the_code():
    told = {
        cells[0].strip("`"): cells[1] for cells in rows(README) if re.fullmatch(r"`(gatekeeper|attest) .+`", cells[0])
    }
    assert told == {f"{name} {row}": text for name, group in GROUPS.items() for row, (_, text) in group.table.items()}


def test_help_that_the_documents_quote_is_the_beginning_of_the_real_one():
    quoted = [text for page in BY_NAME.values() for text in fenced(page, "text") if text.startswith("Usage: ")]
    assert quoted
    for text in quoted:
        words = text.split("\n")[0].removeprefix("Usage: ").split(" [")[0].split()
        command, _ = command_of(words)
        context = click.Context(command, info_name=" ".join(words), terminal_width=78, max_content_width=78)
        assert command.get_help(context).startswith(text.rstrip("\n"))


def test_the_next_steps_that_the_readme_quotes_are_those_of_the_code():
    quoted = re.findall(r"^ +next +(.+)$", README, re.MULTILINE)
    assert {hsm_key_coverage.NEXT, approval.NEXT_FOR_ANOTHER_FILE} == set(quoted)


def test_every_word_for_make_exists():
    words = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    called = (re.match(r"make ([a-z]+)", line) for page in BY_NAME.values() for line in code_of(page))
    used = {match[1] for match in called if match}
    assert {"demo", "test"} <= used <= words


# Codes.


def test_the_table_of_exit_codes_is_that_of_the_code():
    told = {int(cells[0]): cells[1] for cells in rows(README) if cells[0].isdigit()}
    assert told == {row.code: row.title for row in table().exit_codes}
    used = {verdict.exit_code for verdict in Verdict} | {BUG, USAGE, INVALID, INCONCLUSIVE, HALTED}
    assert set(told) == used | {13}


def test_every_reason_code_in_the_documents_exists():
    families = {"RFC", "SHA", "UTF", "ISO"}
    for name, page in BY_NAME.items():
        codes = set(re.findall(r"`([A-Z]+(?:-[A-Z0-9]+)+)`", page)) - (
            {"DRIFT"} if name == "CONTRIBUTING.md" else set()
        )
        assert {code for code in codes if code.partition("-")[0] not in families} <= set(table().reasons), name


# Limits.


def named(module, path):
    found = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found


def value_of(text):
    """Return the number that a cell such as `4 MiB`, `10 s` or `1,024` stands for."""
    amount, _, unit = text.replace(",", "").partition(" ")
    return float(amount) * {"": 1, "KiB": 1024, "MiB": 1024**2, "s": 1, "minutes": 60}[unit]


LIMITS = [cells for cells in rows(BY_NAME["docs/limits.md"]) if len(cells) == 4 and ":" in cells[2]]


@pytest.mark.parametrize("cells", LIMITS, ids=lambda cells: cells[2])
def test_a_limit_has_the_value_of_the_code(cells):
    module, _, path = cells[2].strip("`").partition(":")
    actual = named(module, path)
    actual = actual.total_seconds() if hasattr(actual, "total_seconds") else actual
    assert value_of(cells[1]) == actual


def test_every_bound_of_the_code_is_among_the_limits():
    told = {cells[2].strip("`") for cells in LIMITS}
    bounds = {
        f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}:{name}"
        for package in ("attestations", "gatekeeper")
        for path in (ROOT / package).rglob("*.py")
        for name in re.findall(r"^(_?MAX_[A-Z_]+) = ", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(bounds) > 20
    assert sorted(bounds - told) == [], "say in docs/limits.md what the bound is and why"


# Architecture.

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LAYERS = {
    contract["id"]: [[name.strip(" ()") for name in layer.split("|")] for layer in contract["layers"]]
    for contract in PROJECT["tool"]["importlinter"]["contracts"]
    if contract.get("exhaustive")
}


def modules_of(line):
    """Return the modules that a line of the architecture names before it says what they are."""
    return re.split(r"\s{2,}", line)[0].replace("|", " ").split()


@pytest.mark.parametrize("package", LAYERS)
def test_the_architecture_shows_the_layers_of_the_import_contracts_in_their_order(package):
    place = {"zone": "attestations/zone"}.get(package, package)
    (block,) = [text for text in fenced(ARCHITECTURE, "text") if text.startswith(f"{place}/\n")]
    told = [modules_of(line) for line in block.splitlines()[1:]]
    there = {path.stem for path in (ROOT / place).iterdir()} - {"__main__"}
    layers = [[name for name in layer if name in there] for layer in LAYERS[package]]
    assert told == [layer for layer in layers if layer]


def test_the_sentence_stands_in_the_readme_as_in_the_architecture():
    def sentence(page):
        return " ".join(re.search(r"(?:^> .*\n)+", page, re.MULTILINE).group().replace("\n> ", " ").split())

    assert sentence(README) == sentence(ARCHITECTURE)


# The security model.


def test_every_claim_of_the_security_model_names_code_and_tests_that_exist():
    claims = [cells for cells in rows(BY_NAME["docs/security-model.md"]) if re.fullmatch(r"P\d+", cells[0])]
    assert [cells[0] for cells in claims] == [f"P{number}" for number in range(1, 19)]
    for number, _, code, proof in claims:
        for path, name in re.findall(r"`([\w/.]+\.py)(?:::(\w+))?`", code + proof):
            text = (ROOT / path).read_text(encoding="utf-8")
            assert not name or re.search(rf"^\s*(def|class) {name}\b|^{name} = ", text, re.MULTILINE), (
                f"{number}: {name}"
            )
        assert re.search(r"`tests/|no test", proof), f"{number} has neither a test nor says so"


# The example of CONTRIBUTING.


def blocks_of_the_example():
    """Return module, its three lines of registration, its reason code, its test."""
    section = BY_NAME["CONTRIBUTING.md"].partition("## A new kind of requirement")[2]
    module, *registration, test = fenced(section, "python")
    (reason,) = fenced(section, "yaml")
    return module, registration, reason, test


def test_the_requirement_of_contributing_works_as_its_steps_say(tmp_path):
    module, (imported, allowed, judged), reason, test = blocks_of_the_example()
    shutil.copytree(ROOT / "gatekeeper", tmp_path / "gatekeeper", ignore=shutil.ignore_patterns("__pycache__"))
    requirements = tmp_path / "gatekeeper" / "requirements"
    (requirements / "no_drift.py").write_text(module, encoding="utf-8")
    registry = (requirements / "__init__.py").read_text(encoding="utf-8")
    for before, line in (
        ("    provenance,\n", imported),
        ("    | source_review.Options\n", allowed),
        ("        provenance.Options: Kind", judged),
    ):
        assert registry.count(before) == 1
        registry = registry.replace(before, line + before)
    (requirements / "__init__.py").write_text(registry, encoding="utf-8")
    with (tmp_path / "gatekeeper" / "reasons.yaml").open("a", encoding="utf-8") as reasons:
        reasons.write(reason)
    (tmp_path / "test_no_drift.py").write_text(test, encoding="utf-8")

    path = f"{tmp_path}:{ROOT / 'tests'}:{ROOT}"
    steps = (
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "test_no_drift.py"],
        ["-m", "gatekeeper", "explain", "DRIFT"],
        ["-m", "gatekeeper.documentation", "docs"],
    )
    for step in steps:
        command = [sys.executable, *step]
        run = subprocess.run(
            command, cwd=tmp_path, env={"PYTHONPATH": path}, capture_output=True, check=False, encoding="utf-8"
        )
        assert run.returncode == 0, run.stdout + run.stderr
    assert "nobody looked" in (tmp_path / "docs" / "requirements" / "no-drift.md").read_text(encoding="utf-8")


def test_the_code_of_contributing_is_in_the_style_of_the_house(tmp_path):
    module, *_, test = fenced(BY_NAME["CONTRIBUTING.md"], "python")
    for name, text in (("gatekeeper/requirements/no_drift.py", module), ("tests/test_no_drift.py", test)):
        for words in (["check"], ["format", "--check"]):
            command = [sys.executable, "-m", "ruff", *words, "--no-cache", "--stdin-filename", ROOT / name, "-"]
            run = subprocess.run(command, input=text, cwd=ROOT, capture_output=True, check=False, encoding="utf-8")
            assert run.returncode == 0, run.stdout + run.stderr
