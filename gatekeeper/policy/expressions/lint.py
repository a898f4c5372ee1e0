"""What an assertion may not say although it compiles: above all, nothing that an empty list makes true.

`[].all(x, false)` is true and so is `![].exists(x, true)` (threat S04). Either is accepted only where the
truth of the whole expression also needs the same list to have an element. The reading is conservative:
a guard written in any other form is refused, with the form to write.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from attestations.errors import InputError, Location
from gatekeeper.policy.expressions.facts import VARIABLES
from gatekeeper.policy.expressions.syntax import Node, parse
from gatekeeper.policy.expressions.verdict import printable

_MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
_AT_LEAST = {">": 0, ">=": 1, "==": 1}
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_TIGHT = re.compile(r" (?=[.,()\[\]])|(?<=[.(\[]) ")
_DATE = re.compile(r"""["']\d{4}-\d\d""")
_TIME_FIELD = re.compile(r"\. (\w*(On|At|Time|After|Before|_on|_at|_time|_after|_before)|created|expires)$", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class _Remark:
    refused: bool
    text: str
    fix: str
    offset: int


@dataclass(frozen=True, kw_only=True)
class _Context:
    """What the truth of the whole expression says about the part being read.

    leaning: 1 where the part must be true, -1 where it must be false, 0 where that is not known.
    guarded: the lists, as written, that are known to have an element.
    scope: the names in use.
    """

    leaning: int
    guarded: frozenset[str]
    scope: frozenset[str]

    def turned(self, leaning: int) -> "_Context":
        return _Context(leaning=leaning, guarded=self.guarded, scope=self.scope)


def lint(source: str, where: Location | None) -> tuple[str, ...]:
    """Return the warnings about a compiled expression; raise InputError (POL-EXPR) when it must not be used."""
    try:
        shape = parse(source)
    except ValueError as error:
        raise _refusal(str(error), "write it in a plainer form; comments belong in the YAML", where) from None
    start = _Context(leaning=1, guarded=frozenset(), scope=frozenset(VARIABLES))
    remarks = sorted(_remarks(shape, start), key=lambda remark: remark.offset)
    errors = [_refusal(_placed(remark), remark.fix, where) for remark in remarks if remark.refused]
    if errors:
        errors[0].also = tuple(errors[1:])
        raise errors[0]
    return tuple(f"{_placed(remark)}: {remark.fix}" for remark in remarks)


def _refusal(found: str, fix: str, where: Location | None) -> InputError:
    wanted = "an assertion that follows the rules of docs/expressions.md"
    return InputError("POL-EXPR", found=found, wanted=wanted, fix=fix, where=where)


def _placed(remark: _Remark) -> str:
    return f"{remark.text} at character {remark.offset + 1} of the expression"


def _remarks(node: Node, context: _Context) -> Iterator[_Remark]:
    if context.leaning > 0:
        guarded = context.guarded | frozenset(_implied(node))
        context = _Context(leaning=1, guarded=guarded, scope=context.scope)
    if node.kind == "call" and node.receiver is not None and node.name in _MACROS:
        yield from _about_macro(node, node.receiver, context)
        return
    if node.kind == "chain":
        yield from _about_chain(node, context)
    for child, leaning in _parts(node, context.leaning):
        yield from _remarks(child, context.turned(leaning))


def _parts(node: Node, leaning: int) -> Iterator[tuple[Node, int]]:
    """Yield the direct parts of `node` and the truth that each must have."""
    if node.receiver is not None:
        yield node.receiver, 0
    for position, child in enumerate(node.children):
        if node.kind in ("and", "or") or (node.kind == "choice" and position > 0):
            yield child, leaning
        elif node.kind == "not":
            yield child, -leaning
        elif node.operators in ((">",), (">=",)) and position == 0 and (items := _counted(child)) is not None:
            yield items, leaning
        else:
            yield child, 0


def _about_macro(node: Node, items: Node, context: _Context) -> Iterator[_Remark]:
    yield from _remarks(items, context.turned(0))
    if _true_of_nothing(node.name, context.leaning) and not _has_element(items, context.guarded):
        yield _unguarded(node, items)
    variable, *body = node.children
    if variable.text in context.scope:
        yield _Remark(
            refused=True,
            text=f"a second meaning of the name `{printable(variable.text, 40)}`",
            fix="give each variable a name of its own",
            offset=variable.offset,
        )
    leaning = context.leaning if node.name in ("all", "exists", "filter") else 0
    inner = _Context(leaning=leaning, guarded=context.guarded, scope=context.scope | {variable.text})
    for part in body:
        yield from _remarks(part, inner)


def _true_of_nothing(macro: str, leaning: int) -> bool:
    """Return whether an empty list may be what makes the expression true."""
    if macro == "all":
        return leaning >= 0
    # "No element is bad" is also said by counting: `size(list.filter(...)) == 0`.
    return macro == "filter" or (macro != "map" and leaning <= 0)


def _has_element(items: Node, guarded: frozenset[str]) -> bool:
    return items.text in guarded or (items.kind == "list" and len(items.children) > 0)


def _unguarded(node: Node, items: Node) -> _Remark:
    shown = printable(_TIGHT.sub("", items.text), 80)
    return _Remark(
        refused=True,
        text=f"{node.name}() over `{shown}`, which may be empty,",
        fix=f"write `size({shown}) > 0 && ...` before it, joined to it by && and not inside a negation",
        offset=items.offset,
    )


def _implied(node: Node) -> Iterator[str]:
    """Yield every list that has an element whenever `node` is true."""
    if node.kind == "and":
        for child in node.children:
            yield from _implied(child)
    items = _counted(node.children[0]) if _at_least_one(node) else None
    while items is not None:
        yield items.text
        items = items.receiver if items.name in ("filter", "map") else None


def _at_least_one(node: Node) -> bool:
    """Return whether `node` reads `... > n`, `... >= n` or `... == n` with an n that rules out zero.

    `list != []` is not among them: an empty map differs from an empty list, and all() over it is true.
    """
    if node.kind != "chain" or len(node.operators) > 1 or node.operators[0] not in _AT_LEAST:
        return False
    number = node.children[1].text
    return number.isdecimal() and int(number) >= _AT_LEAST[node.operators[0]]


def _counted(node: Node) -> Node | None:
    """Return the list in `size(list)` or `list.size()`."""
    if node.kind != "call" or node.name != "size":
        return None
    return node.receiver if node.receiver is not None else node.children[0]


def _about_chain(node: Node, context: _Context) -> Iterator[_Remark]:
    unequal = {"!="} if context.leaning >= 0 else {"==", "in"}
    if unequal & set(node.operators):
        yield _Remark(
            refused=False,
            text="a condition that any value of another type fulfils",
            fix="name the values that are accepted, as in `field == 'PASSED'` or `field in ['A', 'B']`",
            offset=node.offset,
        )
    if _COMPARISONS & set(node.operators) and any(_is_bare_time(child) for child in node.children):
        yield _Remark(
            refused=False,
            text="a time compared as text",
            fix="compare moments, as in `timestamp(predicate.startedOn) < now`",
            offset=node.offset,
        )


def _is_bare_time(node: Node) -> bool:
    return bool(_TIME_FIELD.search(node.text)) or (node.kind == "word" and bool(_DATE.match(node.text)))
