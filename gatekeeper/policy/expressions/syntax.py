"""The shape of a CEL expression, as much of it as the lint needs.

The engine has already accepted the expression and bounded its depth to 32. Arithmetic and comparison
operators are kept in one flat chain: the lint never asks which of them binds tighter.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gatekeeper.policy.expressions.tokens import Token, tokens

_BINARY = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"})


@dataclass(frozen=True, kw_only=True)
class Node:
    """A part of an expression.

    kind: `or`, `and`, `choice` (?:), `not`, `chain` (operands joined by `operators`), `call` (of `name`, on
    `receiver` when it is a method), `list`, `word` (a name or literal) or `part` (anything else).
    text: its words joined by single blanks, so that equal text is equal meaning.
    """

    kind: str
    text: str
    offset: int
    children: tuple["Node", ...] = ()
    operators: tuple[str, ...] = ()
    name: str = ""
    receiver: "Node | None" = None


def parse(source: str) -> Node:
    """Return the shape of `source`; raise ValueError for what this reader does not know."""
    reader = _Reader(tuple(tokens(source)))
    node = reader.expression()
    reader.expect("")
    return node


def _unknown(word: Token) -> ValueError:
    return ValueError(f"something unknown at character {word.offset + 1}")


class _Reader:
    def __init__(self, words: tuple[Token, ...]) -> None:
        end = words[-1].offset + len(words[-1].text) if words else 0
        self.words = (*words, Token(kind="end", text="", offset=end))
        self.at = 0

    def expression(self) -> Node:
        start = self.at
        condition = self.any_of()
        if not self.take("?"):
            return condition
        then = self.any_of()
        self.expect(":")
        return self.node("choice", start, condition, then, self.expression())

    def any_of(self) -> Node:
        return self.joined("||", "or", self.all_of)

    def all_of(self) -> Node:
        return self.joined("&&", "and", self.chain)

    def joined(self, operator: str, kind: str, operand: Callable[[], Node]) -> Node:
        start = self.at
        operands = [operand()]
        while self.take(operator):
            operands.append(operand())
        return operands[0] if len(operands) == 1 else self.node(kind, start, *operands)

    def chain(self) -> Node:
        start = self.at
        operands = [self.unary()]
        operators = []
        while (operator := self.words[self.at]).text in _BINARY:
            self.at += 1
            operators.append(operator.text)
            operands.append(self.unary())
        return operands[0] if not operators else self.node("chain", start, *operands, operators=tuple(operators))

    def unary(self) -> Node:
        start = self.at
        while self.take("!") or self.take("-"):
            pass
        signs = {word.text for word in self.words[start : self.at]}
        odd = (self.at - start) % 2 == 1
        operand = self.member()
        if "-" in signs:
            return self.node("part", start, operand)
        return self.node("not", start, operand) if odd else operand

    def member(self) -> Node:
        start = self.at
        node = self.primary()
        while True:
            if self.take("."):
                node = self.selection(start, node)
            elif self.take("["):
                node = self.node("part", start, node, *self.items("]"))
            elif self.take("{"):
                node = self.node("part", start, node, *self.items("}"))
            else:
                return node

    def selection(self, start: int, receiver: Node) -> Node:
        name = self.name()
        if not self.take("("):
            return self.node("part", start, receiver)
        return self.node("call", start, *self.items(")"), name=name, receiver=receiver)

    def primary(self) -> Node:
        start = self.at
        if self.take("("):
            inner = self.expression()
            self.expect(")")
            return inner
        if self.take("["):
            return self.node("list", start, *self.items("]"))
        if self.take("{"):
            return self.node("part", start, *self.items("}"))
        return self.word(start)

    def word(self, start: int) -> Node:
        self.take(".")
        word = self.words[self.at]
        if word.kind not in ("name", "number", "text"):
            raise _unknown(word)
        self.at += 1
        if word.kind == "name" and self.take("("):
            return self.node("call", start, *self.items(")"), name=word.text)
        return self.node("word", start)

    def items(self, closing: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self.take(closing):
            found.append(self.expression())
            if self.take(":"):
                found.append(self.expression())
            if not self.take(","):
                self.expect(closing)
                break
        return tuple(found)

    def name(self) -> str:
        word = self.words[self.at]
        if word.kind != "name":
            raise _unknown(word)
        self.at += 1
        return word.text

    def take(self, mark: str) -> bool:
        word = self.words[self.at]
        found = word.kind == "mark" and word.text == mark
        self.at += found
        return found

    def expect(self, mark: str) -> None:
        word = self.words[self.at]
        if word.text != mark:
            raise _unknown(word)
        self.at += 1

    def node(
        self,
        kind: str,
        start: int,
        *children: Node,
        operators: tuple[str, ...] = (),
        name: str = "",
        receiver: Node | None = None,
    ) -> Node:
        words = self.words[start : self.at]
        return Node(
            kind=kind,
            text=" ".join(word.text for word in words),
            offset=words[0].offset,
            children=children,
            operators=operators,
            name=name,
            receiver=receiver,
        )
