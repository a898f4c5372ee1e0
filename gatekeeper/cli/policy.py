"""`gatekeeper policy`: check, test, compare and show policies."""

from collections.abc import Iterator
from pathlib import Path

import click

from attestations.command_line import INVALID, output_option, show
from gatekeeper.cli.arguments import FILE, clock
from gatekeeper.documents import read_source
from gatekeeper.policy_testing import (
    PolicyCase,
    compare,
    lint,
    printed,
    read_case_folder,
    read_recorded_case,
    run_tests,
    telling,
)
from gatekeeper.rulebook import Policy, load_policy
from gatekeeper.trust import read_trust


@click.group("policy")
def command() -> None:
    """Check, test, compare and show policies."""


@command.command("lint")
@click.argument("policy", type=FILE)
@click.option("--trust", type=FILE, help="Say too whether the policy fits this trust root.")
@output_option(printed.LintResult)
@click.pass_context
def lint_command(ctx: click.Context, /, policy: Path, trust: Path | None, output: str) -> None:
    """Read POLICY closely: what it may not say, and what it should not.

    Exit code 0: no remark, or warnings only. 10: refused, do not use it. 2: it does not even load.
    """
    remarks = lint(_load(policy), clock(), read_trust(trust) if trust else None)
    show(output, printed.lint_result(remarks), telling.remarks_text(remarks))
    ctx.exit(INVALID if any(remark.refused for remark in remarks) else 0)


@command.command("test")
@click.argument("policy", type=FILE)
@output_option(printed.PolicyTestResult)
@click.pass_context
def test_command(ctx: click.Context, /, policy: Path, output: str) -> None:
    """Run the tests that POLICY names, and see whether they would notice a weaker policy.

    Every case must end as expected, every requirement be the reason of one, and every mutant of the policy (a
    requirement dropped, a threshold lowered, a party added, an age lengthened) end some case otherwise.

    Exit code 0: all of that holds. 10: something does not. 2: the policy or a case is unusable.
    """
    run = run_tests(_load(policy), policy.parent)
    show(output, printed.test_result(run), telling.tests_text(run))
    ctx.exit(0 if run.passed else INVALID)


@command.command("diff")
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option(
    "--cases",
    "more",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A case file, a case folder, or a folder of either; beside the cases of both policies. Repeatable.",
)
@output_option(printed.PolicyDifference)
@click.pass_context
def diff_command(ctx: click.Context, /, old: Path, new: Path, more: tuple[Path, ...], output: str) -> None:
    """Say which cases end otherwise under NEW than under OLD, and which members read otherwise.

    Exit code 0: no case is approved under NEW that was not under OLD; it may well differ. 10: some case is. 2: a file
    is unusable.
    """
    before, after = _load(old), _load(new)
    comparison = compare(before, after, _cases((before, old.parent), (after, new.parent), more))
    show(output, printed.difference(comparison), telling.comparison_text(comparison))
    ctx.exit(INVALID if comparison.looser else 0)


@command.command("show")
@click.argument("policy", type=FILE)
@output_option(printed.PolicyInWords)
def show_command(policy: Path, output: str) -> None:
    """Show POLICY in plain words: what is asked, of whom, how old it may be, what can be waived; and its digest."""
    loaded = _load(policy)
    show(output, printed.in_words(loaded), telling.policy_text(loaded))


def _load(path: Path) -> Policy:
    return load_policy(read_source(path))


def _cases(before: tuple[Policy, Path], after: tuple[Policy, Path], more: tuple[Path, ...]) -> Iterator[PolicyCase]:
    """Yield the cases that both policies name, each folder once, and those given."""
    named = [folder / test.case for policy, folder in (before, after) for test in policy.record.tests]
    for folder in {path.resolve(): path for path in named}.values():
        yield read_case_folder(folder)
    for path in more:
        yield from _cases_at(path)


def _cases_at(path: Path) -> Iterator[PolicyCase]:
    if not path.is_dir():
        yield read_recorded_case(path)
    elif (path / "now").exists() or (path / "base").exists():
        yield read_case_folder(path)
    else:
        for child in sorted(path.iterdir()):
            yield from _cases_at(child)
