"""docs/ says what the code says: pages made from it are as committed, and every code that is used is explained."""

import ast
import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import pytest

from attestations import cli as attest
from attestations.command_line import BUG, HALTED, INCONCLUSIVE, INVALID, NOT_ABLE, USAGE
from attestations.predicates import NAMES
from gatekeeper import cli as gatekeeper
from gatekeeper.decision import Verdict
from gatekeeper.documentation import FOLDERS, write
from gatekeeper.documentation.schemas import DOCUMENTS
from gatekeeper.reasons import table

ROOT = pathlib.Path(__file__).parent.parent
DOCS = ROOT / "docs"
SOURCES = sorted(path for package in ("attestations", "gatekeeper") for path in (ROOT / package).rglob("*.py"))
CODE = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*")
REASONS = table().reasons


def files_below(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_pages_made_from_the_code_are_as_committed(tmp_path):
    write(tmp_path)
    made, committed = files_below(tmp_path), files_below(DOCS)
    different = [name for name, page in sorted(made.items()) if committed.get(name) != page]
    assert different == [], "run  make docs  and commit docs/"
    left_over = [name for name in sorted(committed) if name.startswith(tuple(f"{f}/" for f in FOLDERS))]
    assert [name for name in left_over if name not in made] == [], "delete these pages: nothing makes them any more"


def test_every_link_between_the_pages_of_docs_leads_to_a_page():
    links = {
        (page.relative_to(DOCS).as_posix(), target)
        for page in DOCS.rglob("*.md")
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    }
    assert len(links) > 100
    assert sorted((page, link) for page, link in links if not (DOCS / page).parent.joinpath(link).exists()) == []


# The codes that the packages use.


def position_of_code(function):
    """Return where a function takes its `code`, not counting `self`: an index, "name" if only by name, or None."""
    positional = [
        argument.arg for argument in (*function.args.posonlyargs, *function.args.args) if argument.arg != "self"
    ]
    if "code" in positional:
        return positional.index("code")
    return "name" if "code" in [argument.arg for argument in function.args.kwonlyargs] else None


def definitions(tree):
    """Yield (name, position) for every function and class here that takes a `code`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name != "__init__":
            yield node.name, position_of_code(node)
        elif isinstance(node, ast.ClassDef):
            fields = [field.target.id for field in node.body if isinstance(field, ast.AnnAssign)]
            makers = [made for made in node.body if isinstance(made, ast.FunctionDef) and made.name == "__init__"]
            yield node.name, position_of_code(makers[0]) if makers else "name" if "code" in fields else None


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
TAKERS = [
    (f"{module_of(path)}.", name, at)
    for path, tree in TREES.items()
    for name, at in definitions(tree)
    if at is not None
]


def imports_of(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def takers_in(tree):
    """Return what is defined or imported by name in a module and takes a `code`, with the position."""
    imported = {
        alias.asname or alias.name: at
        for node in imports_of(tree)
        for alias in node.names
        for module, name, at in TAKERS
        if name == alias.name and module.startswith(f"{node.module}.")
    }
    return {**imported, **dict(definitions(tree))}


def code_arguments():
    """Yield (place, called, argument) for every `code` that is passed in the two packages."""
    anywhere = {name: at for _, name, at in TAKERS if not name.startswith("_")}
    for path, tree in TREES.items():
        named = takers_in(tree)
        imported = {alias.name for node in imports_of(tree) for alias in node.names}
        for node in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            match node.func:
                case ast.Name(id=called):
                    at = named.get(called)
                case ast.Attribute(value=ast.Name(id=owner), attr=called) if owner in imported:
                    at = anywhere.get(called)
                case _:
                    continue
            given = [keyword.value for keyword in node.keywords if keyword.arg == "code" and at is not None]
            given += node.args[at : at + 1] if isinstance(at, int) else []
            yield from ((f"{path.relative_to(ROOT)}:{node.lineno}", called, argument) for argument in given)


def codes_in(argument):
    texts = [
        node.value for node in ast.walk(argument) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return {text for text in texts if CODE.fullmatch(text)}


USES = [(place, called, code) for place, called, argument in code_arguments() for code in codes_in(argument)]


def test_every_code_that_is_used_is_explained():
    assert len(USES) > 100
    unexplained = sorted((place, code) for place, _, code in USES if code not in REASONS)
    assert unexplained == [], "explain them in gatekeeper/reasons.yaml, then  make docs"


def test_every_code_that_is_explained_is_used():
    assert sorted(set(REASONS) - {code for _, _, code in USES}) == [], "take them out of gatekeeper/reasons.yaml"


def test_a_code_is_written_where_it_is_used_so_that_the_tests_above_see_it():
    handed_on = [
        (place, ast.unparse(argument))
        for place, _, argument in code_arguments()
        if isinstance(argument, ast.Name | ast.Attribute) and ast.unparse(argument).rpartition(".")[2] != "code"
    ]
    assert [(place, text) for place, text in handed_on if not place.startswith("attestations/zone/")] == []


@pytest.mark.parametrize(("function", "exits"), [("unmet", {10, 12}), ("inconclusive", {11})])
def test_a_code_is_explained_with_the_exit_code_that_its_finding_leads_to(function, exits):
    found = {code for _, called, code in USES if called == function}
    assert len(found) > 3
    assert sorted(code for code in found if not exits & set(REASONS[code].exits)) == []


def test_the_codes_explained_with_exit_code_1_are_those_that_end_in_it():
    assert {code for code, reason in REASONS.items() if BUG in reason.exits} == NOT_ABLE


def test_commands_that_explanations_name_exist():
    text = " ".join(f"{reason.meaning} {reason.next}" for reason in REASONS.values())
    tables = {"attest": attest.COMMANDS, "gatekeeper": gatekeeper.COMMANDS}
    named = set(re.findall(r"\b(attest|gatekeeper) ([a-z][a-z-]*)", text))
    assert len(named) >= 8
    assert [(name, command) for name, command in sorted(named) if command not in tables[name]] == []


# Exit codes.


def test_the_exit_codes_are_those_of_the_code():
    explained = [row.code for row in table().exit_codes]
    assert explained == [0, 1, 2, 10, 11, 12, 13]
    assert {verdict.exit_code for verdict in Verdict} | {BUG, USAGE, INVALID, INCONCLUSIVE, HALTED} == set(
        explained
    ) - {13}


# JSON Schemas.


def published(name):
    return json.loads((DOCS / "schemas" / f"{name}.schema.json").read_bytes())


@pytest.mark.parametrize("name", [*NAMES, *DOCUMENTS])
def test_a_published_schema_is_one(name):
    jsonschema.Draft202012Validator.check_schema(published(name))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_fits_its_published_schema_and_something_else_does_not(name):
    example = json.loads((ROOT / "attestations" / "predicates" / "examples" / f"{name}.json").read_bytes())
    validator = jsonschema.Draft202012Validator(published(name))
    assert list(validator.iter_errors(example)) == []
    assert list(validator.iter_errors({"surplus": True})) != []


# gatekeeper explain.


def explain(*arguments):
    command = [sys.executable, "-m", "gatekeeper", "explain", *arguments]
    run = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, encoding="utf-8")
    return run.returncode, run.stdout, run.stderr


def test_explain_says_what_a_code_means_and_what_to_do():
    status, out, _ = explain("HSM-KEY-IDENTITY")
    reason, text = REASONS["HSM-KEY-IDENTITY"], " ".join(out.split())
    assert status == 0
    assert out.startswith(f"HSM-KEY-IDENTITY  {reason.title}\n  exit    10: denied")
    assert " ".join(f"meaning {reason.meaning} next {reason.next}".split()) in text


def test_explain_without_a_code_lists_all():
    status, out, _ = explain()
    assert (status, [line.split()[0] for line in out.splitlines()]) == (0, list(REASONS))


def test_explain_says_the_same_in_json():
    status, out, _ = explain("KEY", "--output", "json")
    document, reason = json.loads(out), REASONS["KEY"]
    assert status == 0
    assert document["schema"].endswith("/schemas/reasons/v1")
    assert document["reasons"] == [
        {"code": "KEY", "title": reason.title, "exits": [2], "meaning": reason.meaning, "next": reason.next}
    ]


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("hsm-key-identity", "gatekeeper explain HSM-KEY-IDENTITY"),
        ("SIG-NON", "gatekeeper explain SIG-NONE"),
        ("SIG_WRONG_KEY", "docs/zone-findings.md"),
        ("\u202e\x1b[31m", "lists all codes"),
    ],
)
def test_explain_of_an_unknown_code_is_wrong_usage_and_names_the_nearest(code, hint):
    status, out, err = explain(code)
    assert (status, out) == (2, "")
    assert hint in err
    assert err.isascii() or not set(err) & {"\u202e", "\x1b"}
    status, out, _ = explain(code, "--output", "json")
    assert (status, json.loads(out)["errors"][0]["code"]) == (2, "USAGE")
