"""Reading formulas: text to a small tree of tuples."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

Node = tuple[Any, ...]

TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?) |
        (?P<string>"(?:[^"\\]|\\.)*") |
        (?P<name>[A-Za-z_][A-Za-z0-9_]*) |
        (?P<operator>==|!=|>=|<=|&&|\|\||[-+*/%^<>?:(),.!\[\]=])
    )""",
    re.X,
)
BINDING = {
    "or": 1, "||": 1, "and": 2, "&&": 2, "==": 3, "!=": 3, "=": 3, ">": 4, ">=": 4, "<": 4, "<=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "^": 7,
}  # fmt: skip
WORDS = {"true": True, "false": False}


class FormulaError(Exception):
    """A formula that this simulator cannot read or compute."""


def tokens_of(expression: str) -> list[tuple[str, str]]:
    """Split a formula into kinds and texts."""
    found: list[tuple[str, str]] = []
    position, end = 0, len(expression.rstrip())
    while position < end:
        match = TOKEN.match(expression, position)
        if match is None:
            raise FormulaError(
                f"cannot read the formula at {expression[position : position + 10]!r}"
            )
        kind = match.lastgroup or ""
        found.append((kind, match[kind]))
        position = match.end()
    return found


@lru_cache(maxsize=512)
def parse_formula(expression: str) -> Node:
    """Return the tree of *expression*; raises `FormulaError`."""
    parser = _Parser(tokens_of(expression))
    tree = parser.expression(0)
    if parser.peek() != ("end", ""):
        raise FormulaError("there is more after the end of the formula")
    return tree


class _Parser:
    """A precedence climber over a list of tokens."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.position = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.position] if self.position < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.position += 1
        return token

    def expect(self, text: str) -> None:
        if self.take()[1] != text:
            raise FormulaError(f"expected {text!r}")

    def expression(self, least: int) -> Node:
        left = self.unary()
        while True:
            operator = self.peek()[1]
            if operator == "?" and least == 0:
                left = self.ternary(left)
                continue
            strength = BINDING.get(operator, 0) if self.peek()[0] != "string" else 0
            if strength == 0 or strength <= least:
                return left
            self.take()
            right = self.expression(strength - (operator == "^"))
            left = _joined(operator, left, right)

    def ternary(self, condition: Node) -> Node:
        self.expect("?")
        then = self.expression(0)
        self.expect(":")
        return ("choice", condition, then, self.expression(0))

    def unary(self) -> Node:
        kind, text = self.peek()
        if text == "-" and kind == "operator":
            self.take()
            return ("negative", self.unary())
        if text in ("!", "not") and kind != "string":
            self.take()
            return ("not", self.unary())
        return self.postfix(self.atom())

    def postfix(self, node: Node) -> Node:
        while self.peek()[1] == "." and self.peek()[0] == "operator":
            self.take()
            _, name = self.take()
            arguments = self.arguments() if self.peek()[1] == "(" else []
            node = ("call", name, node, *arguments)
        return node

    def arguments(self) -> list[Node]:
        self.expect("(")
        return self.items(")")

    def items(self, closing: str) -> list[Node]:
        found: list[Node] = []
        while self.peek()[1] != closing or self.peek()[0] == "string":
            found.append(self.expression(0))
            if self.peek()[1] == ",":
                self.take()
            elif self.peek()[1] != closing:
                raise FormulaError(f"expected {closing!r}")
        self.take()
        return found

    def atom(self) -> Node:
        kind, text = self.take()
        if kind == "number":
            return ("constant", float(text) if "." in text or "e" in text else int(text))
        if kind == "string":
            return ("constant", re.sub(r"\\(.)", r"\1", text[1:-1]))
        if kind == "name":
            if text in WORDS:
                return ("constant", WORDS[text])
            return ("call", text, *(self.arguments() if self.peek()[1] == "(" else []))
        if text == "(":
            node = self.expression(0)
            self.expect(")")
            return node
        if text == "[":
            return ("list", *self.items("]"))
        raise FormulaError(f"unexpected {text!r}")


def _joined(operator: str, left: Node, right: Node) -> Node:
    if operator in ("and", "&&"):
        return ("and", left, right)
    if operator in ("or", "||"):
        return ("or", left, right)
    return ("binary", "==" if operator == "=" else operator, left, right)
