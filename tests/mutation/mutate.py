"""Mutation testing of the modules that decide: change one thing in a copy of a module and see whether its tests notice.

Run:  PYTHONPATH=tests .venv/bin/python -m mutation.mutate gatekeeper/people.py

Prints every mutant that survives, and how many there were. docs/mutation.md keeps the figures and the explanations.
"""

import ast
import copy
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
COPIED = ("attestations", "gatekeeper", "policies", "tests", "pyproject.toml")
LOADED_ONCE = ("cel_expr_python", "cryptography.x509", "jsonschema", "msgspec", "securesystemslib.signer")
"""libraries that every mutant would otherwise load again"""
SECONDS = 60
"""a mutant that never ends is noticed, too"""

HERE, THERE = "tests/gatekeeper", "tests/gatekeeper/requirements"
ZONE = "tests/attestations/zone"
TESTS = {
    "attestations/zone/validation/bare_cuts.py": (f"{ZONE}/validation/test_pieces.py",),
    "attestations/zone/validation/faster.py": (f"{ZONE}/validation/test_faster.py",),
    "gatekeeper/anchors.py": (f"{HERE}/test_anchors.py",),
    "gatekeeper/approval.py": (f"{HERE}/test_approval.py",),
    "gatekeeper/evaluation.py": (f"{HERE}/test_evaluation.py",),
    "gatekeeper/freezes.py": (f"{HERE}/test_freezes.py",),
    "gatekeeper/halts.py": (f"{HERE}/test_halts.py", f"{HERE}/test_freezes.py"),
    "gatekeeper/hsm_observations.py": (f"{HERE}/test_hsm_observations.py",),
    "gatekeeper/orders.py": (f"{HERE}/test_orders.py",),
    "gatekeeper/people.py": (f"{HERE}/test_people.py",),
    "gatekeeper/record.py": (f"{HERE}/test_record.py",),
    "gatekeeper/requirements/approved_before.py": (f"{THERE}/test_approved_before.py",),
    "gatekeeper/requirements/halt_drill.py": (f"{THERE}/test_halt_drill.py",),
    "gatekeeper/requirements/hsm_key_coverage.py": (f"{THERE}/test_hsm_key_coverage.py",),
    "gatekeeper/requirements/provenance.py": (f"{THERE}/test_provenance.py",),
    "gatekeeper/requirements/rollback_drill.py": (f"{THERE}/test_rollback_drill.py",),
    "gatekeeper/requirements/sign_offs.py": (f"{HERE}/test_sign_offs.py",),
    "gatekeeper/requirements/source_review.py": (f"{THERE}/test_source_review.py",),
    "gatekeeper/requirements/test_result.py": (f"{THERE}/test_test_result.py",),
    "gatekeeper/requirements/zone_validation.py": (f"{THERE}/test_zone_validation.py",),
    "gatekeeper/rulebook.py": (f"{HERE}/test_rulebook.py",),
    "gatekeeper/trust/owners.py": (f"{HERE}/trust/test_succession.py",),
    "gatekeeper/trust/root.py": (f"{HERE}/trust/test_revocation.py",),
    "gatekeeper/trust/succession.py": (f"{HERE}/trust/test_succession.py",),
    "gatekeeper/waivers.py": (f"{HERE}/test_waivers.py",),
}

COMPARISONS = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Pow: ast.Mult}
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list"}


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A module in which one thing is another."""

    line: int
    change: str
    source: str


def mutants_of(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module: conditions, operators, constants, statements, never types or messages."""
    tree = ast.parse(source)
    kept = _kept(tree)
    for node in ast.walk(tree):
        if id(node) in kept:
            continue
        for other in _others(node):
            mutated = copy.deepcopy(tree, {id(node): other})  # a copy in which `node` is `other`
            change = f"{ast.unparse(node)[:60]!a} -> {ast.unparse(ast.fix_missing_locations(other))[:60]!a}"
            placed = node.target if isinstance(node, ast.comprehension) else node
            yield Mutant(line=placed.lineno, change=change, source=ast.unparse(mutated))


def _kept(tree: ast.Module) -> set[int]:
    """Return the nodes to leave alone: types, what is imported for them, decorators, messages, docstrings."""
    roots: list[ast.AST] = []
    for node in ast.walk(tree):
        roots += [child for name in ("annotation", "returns") if (child := getattr(node, name, None)) is not None]
        roots += getattr(node, "decorator_list", ())
        if isinstance(node, ast.ClassDef):
            roots += node.keywords
        match node:
            case ast.JoinedStr() | ast.Expr(value=ast.Constant()) | ast.If(test=ast.Name("TYPE_CHECKING")):
                roots.append(node)
    return {id(node) for root in roots for node in ast.walk(root)}


def _others(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in the place of a node."""
    match node:
        case ast.Compare(ops=[operator]):
            yield from (_with(node, ops=[other()]) for other in COMPARISONS[type(operator)])
        case ast.Compare(left=left, ops=[first, second], comparators=[middle, right]):
            yield ast.Compare(left=middle, ops=[second], comparators=[right])
            yield ast.Compare(left=left, ops=[first], comparators=[middle])
            yield from (_with(node, ops=[other(), second]) for other in COMPARISONS[type(first)])
            yield from (_with(node, ops=[first, other()]) for other in COMPARISONS[type(second)])
        case ast.BoolOp(op=operator, values=values):
            yield _with(node, op=ast.Or() if isinstance(operator, ast.And) else ast.And())
            yield from (_without(node, number) for number in range(len(values)))
        case ast.BinOp(op=operator) if type(operator) in OPERATORS:
            yield _with(node, op=OPERATORS[type(operator)]())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.If() | ast.IfExp():
            yield from (_with(node, test=ast.Constant(value)) for value in (True, False))
        case ast.comprehension(ifs=[_, *_]):
            yield _with(node, ifs=[])
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            keywords = [] if name == "sorted" else node.keywords
            yield _with(node, func=ast.Name(CALLS[name], ast.Load()), keywords=keywords)
        case ast.Constant(value=value):
            yield from _constants(value)
        case _:
            yield from _statements(node)


def _constants(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str) and " " not in value:
        yield ast.Constant(value + "X")


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield ast.Return(ast.Constant(None))
        case ast.Raise() | ast.Expr() | ast.AugAssign():
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Starred():
            yield _with(node, value=ast.Tuple([], ast.Load()))


def _with(node: ast.AST, **fields: object) -> ast.AST:
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _without(node: ast.BoolOp, number: int) -> ast.AST:
    rest = node.values[:number] + node.values[number + 1 :]
    return rest[0] if len(rest) == 1 else _with(node, values=rest)


def survives(mutant: Mutant, module: Path, tests: tuple[str, ...]) -> bool:
    """Return whether the tests pass with this mutant. They run in a process of their own, libraries loaded already."""
    module.write_text(mutant.source, encoding="utf-8")
    child = os.fork()
    if child == 0:
        _run(tests)
    return os.waitpid(child, 0)[1] == 0


def _run(tests: tuple[str, ...]) -> None:
    """End this process with the exit code of pytest."""
    signal.alarm(SECONDS)
    options = ("-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-n", "0", "--tb=no")
    code = 1
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as null, redirect_stdout(null), redirect_stderr(null):
            code = int(pytest.main([*options, *tests]))
    finally:
        os._exit(code)


def _copy_project(folder: Path) -> None:
    """What is mutated is a copy: the tree that people work in stays as it is."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "cases"))
        else:
            shutil.copy(source, folder / name)
    os.chdir(folder)
    sys.path[:0] = [str(folder), str(folder / "tests")]
    sys.dont_write_bytecode = True
    os.environ |= {"PYTHONPATH": f"{folder}:{folder}/tests", "PYTHONDONTWRITEBYTECODE": "1"}


def main(name: str) -> None:
    """Judge every mutant of a module, by its name in TESTS."""
    with tempfile.TemporaryDirectory() as folder:
        _copy_project(Path(folder))
        for library in LOADED_ONCE:
            import_module(library)
        original = (ROOT / name).read_text(encoding="utf-8")
        untouched = Mutant(line=0, change="nothing", source=original)
        if not survives(untouched, Path(folder, name), TESTS[name]):
            sys.exit(f"{name}: its tests fail before anything is changed")
        mutants = tuple(mutants_of(original))
        survivors = 0
        for mutant in mutants:
            if survives(mutant, Path(folder, name), TESTS[name]):
                survivors += 1
                sys.stdout.write(f"survives: {name}:{mutant.line}: {mutant.change}\n")
                sys.stdout.flush()
        sys.stdout.write(f"{name}: {len(mutants)} mutants, {survivors} survive\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
