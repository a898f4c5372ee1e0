"""docs/expressions.md says what the code does: its examples compile, its refusals are refused, its forms accepted."""

import re
from pathlib import Path

import pytest

from attestations.errors import InputError
from gatekeeper.policy.expressions import compile_expression
from gatekeeper.policy.expressions.engine import MAX_SOURCE
from gatekeeper.policy.expressions.facts import MAX_DEPTH, VARIABLES

PAGE = (Path(__file__).parents[4] / "docs" / "expressions.md").read_text(encoding="utf-8")
EXAMPLES = PAGE.split("```cel\n")[1].split("```")[0].splitlines()
# The page abbreviates `predicate` to `p` where a table would get too wide.
FORMS = [
    tuple(re.sub(r"\bp\.(?=l\b)", "predicate.", cell) for cell in row)
    for row in re.findall(r"^   \| `(.+)` \| `(.+)` \|$", PAGE, re.MULTILINE)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_compiles_without_a_warning(example):
    assert compile_expression(example, None).warnings == ()


@pytest.mark.parametrize(("refused", "accepted"), FORMS)
def test_what_is_called_refused_is_and_what_is_called_right_is_not(refused, accepted):
    with pytest.raises(InputError, match="which may be empty"):
        compile_expression(refused, None)
    assert compile_expression(accepted, None).source == accepted


def test_the_page_has_examples_forms_variables_and_bounds():
    assert len(EXAMPLES) == 6
    assert len(FORMS) == 4
    assert tuple(re.findall(r"^\| `(\w+)` \| ", PAGE, re.MULTILINE))[: len(VARIABLES)] == VARIABLES
    assert f"At most {MAX_SOURCE:,} characters" in PAGE
    assert f"more than {MAX_DEPTH} levels" in PAGE
