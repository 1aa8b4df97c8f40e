"""Just enough PHP to ask a source questions: its tokens, and which calls stand around each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>//[^\n]*?(?=\?>|\n|\Z)|\#(?!\[)[^\n]*|/\*.*?\*/)
  | (?P<heredoc><<<\s*["']?(\w+)["']?\n.*?\n\s*\2\b)
  | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<close>\?>\n?)
  | (?P<variable>\$+\w+)
  | (?P<cast>\(\s*(?:int|integer|bool|boolean|float|string|array|object)\s*\))
  | (?P<name>[A-Za-z_\\][\w\\]*)
  | (?P<number>\d[\w.]*)
  | (?P<sign>\?->|->|::|=>|===|!==|==|!=|<=|>=|&&|\|\||\?\?=?|\.=|\.\.\.|.)
    """,
    re.X | re.S,
)


class Token(NamedTuple):
    """One piece of PHP; `kind` is a group's name above, or "html" outside of PHP."""

    kind: str
    text: str
    line: int


def tokens(source: str) -> list[Token]:
    """The pieces of a file, without spaces and comments."""
    return [each for each in every_token(source) if each.kind not in {"space", "comment"}]


def every_token(source: str) -> Iterator[Token]:
    """The pieces of a file. What stands outside of `<?php … ?>` is "html"."""
    at, line, inside = 0, 1, False
    while at < len(source):
        if not inside:
            opens = re.search(r"<\?(php\b|=)?", source[at:])
            end = at + opens.start() if opens else len(source)
            if end > at:
                yield Token("html", source[at:end], line)
            line += source.count("\n", at, end)
            if not opens:
                return
            yield Token("open", opens[0], line)
            at, inside = end + len(opens[0]), True
            continue
        match = TOKEN.match(source, at)
        assert match and match.lastgroup, source[at : at + 40]
        kind = next(name for name, text in match.groupdict().items() if text is not None)
        yield Token(kind, match[0], line)
        inside = kind != "close"
        line += match[0].count("\n")
        at = match.end()


def calls_around(all_tokens: list[Token]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """For each token, the names before the parentheses that are open around it, outermost first."""
    open_calls: list[str] = []
    for place, token in enumerate(all_tokens):
        if token.text in {")", "]", "}"} and token.kind == "sign" and open_calls:
            open_calls.pop()
        yield place, tuple(open_calls)
        if token.text in {"(", "[", "{"} and token.kind == "sign":
            before = all_tokens[place - 1]
            named = token.text == "(" and before.kind == "name"
            open_calls.append(before.text.lower() if named else "")


def statements(all_tokens: list[Token], word: str) -> Iterator[list[Token]]:
    """What follows each `word` (echo, print) up to the end of its statement."""
    for place, token in enumerate(all_tokens):
        if token.text.lower() == word and token.kind in {"name", "open"}:
            yield until_end(all_tokens[place + 1 :])


def until_end(rest: list[Token]) -> list[Token]:
    """The tokens up to the `;` or `?>` that ends this statement."""
    depth = 0
    for place, token in enumerate(rest):
        if token.kind == "close" or (token.text == ";" and depth == 0):
            return rest[:place]
        depth += (token.text in {"(", "["}) - (token.text in {")", "]"})
    return rest


def parts(expression: list[Token], *signs: str) -> list[list[Token]]:
    """An expression, cut where one of `signs` stands outside of all parentheses."""
    found: list[list[Token]] = [[]]
    depth = 0
    for token in expression:
        if depth == 0 and token.kind == "sign" and token.text in signs:
            found.append([])
            continue
        if token.kind == "sign":
            depth += (token.text in {"(", "["}) - (token.text in {")", "]"})
        found[-1].append(token)
    return [each for each in found if each]
