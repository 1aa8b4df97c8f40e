"""The search syntax of `query:` arguments: terms, AND, OR, NOT, brackets, comparators, quotes.

A filter that the list does not know is ignored with a warning, as Shopify does; one that
Shopify knows and this stand-in does not is an error, so that no test leans on it unawares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from operator import eq, ge, gt, le, lt
from typing import Any

from graphql import GraphQLError

TOKEN = re.compile(
    r"""\s*(?:
      (?P<bracket>[()])
    | (?P<minus>-(?=\S))
    | (?:(?P<field>[A-Za-z_][\w.]*):\s*(?P<sign>>=|<=|>|<)?\s*)?
      (?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>(?:\\.|[^'\\])*)'|(?P<bare>[^\s()]+))
    )""",
    re.VERBOSE,
)
SIGNS = {">=": ge, "<=": le, ">": gt, "<": lt, "=": eq}
Test = Callable[[Any], bool]
Values = Mapping[str, Callable[[Any], Any]]


@dataclass
class Search:
    """A compiled search. `fits` decides about a record; warnings travel in the answer."""

    fits: Test
    warnings: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Token:
    kind: str  # "(", ")", "-", "AND", "OR", "NOT", "term"
    field: str | None = None
    sign: str = ""
    value: str = ""
    quoted: bool = False


def compile_search(
    query: str | None,
    modelled: Values,
    known: frozenset[str],
    now: datetime,
    path: str,
) -> Search:
    """Turn `query` into a test of records.

    `modelled` tells for each filter what it looks at; `known` are the filters of the
    official schema. Raises `GraphQLError` for a filter that is known but not modelled.
    """
    if not query or not query.strip():
        return Search(lambda record: True)
    reading = _Reading(_tokens(query), modelled, known, now, path, query)
    return Search(reading.any_of(), reading.warnings)


def _tokens(query: str) -> list[Token]:
    tokens, at = [], 0
    while at < len(query) and (match := TOKEN.match(query, at)):
        at = match.end()
        if bracket := match["bracket"]:
            tokens.append(Token(bracket))
        elif match["minus"]:
            tokens.append(Token("-"))
        elif not match["field"] and match["bare"] in ("AND", "OR", "NOT"):
            tokens.append(Token(match["bare"]))
        else:
            quoted = match["double"] if match["double"] is not None else match["single"]
            value = match["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            tokens.append(
                Token("term", match["field"], match["sign"] or "", value, quoted is not None)
            )
    return tokens


class _Reading:
    """Recursive descent: OR binds loosest, terms beside each other mean AND."""

    def __init__(
        self,
        tokens: list[Token],
        modelled: Values,
        known: frozenset[str],
        now: datetime,
        path: str,
        query: str,
    ) -> None:
        self.tokens, self.modelled, self.known, self.now = tokens, modelled, known, now
        self.path, self.query = path, query
        self.at = 0
        self.warnings: list[dict[str, Any]] = []

    def peek(self) -> str | None:
        return self.tokens[self.at].kind if self.at < len(self.tokens) else None

    def any_of(self) -> Test:
        tests = [self.all_of()]
        while self.peek() == "OR":
            self.at += 1
            tests.append(self.all_of())
        return lambda record: any(test(record) for test in tests)

    def all_of(self) -> Test:
        tests = []
        while self.peek() not in (None, "OR", ")"):
            if self.peek() == "AND":
                self.at += 1
                continue
            tests.append(self.one())
        return lambda record: all(test(record) for test in tests)

    def one(self) -> Test:
        token = self.tokens[self.at]
        self.at += 1
        if token.kind in ("-", "NOT"):
            if self.peek() is None:
                return lambda record: True
            test = self.one()
            return lambda record: not test(record)
        if token.kind == "(":
            test = self.any_of()
            self.at += 1
            return test
        return self.term(token)

    def term(self, token: Token) -> Test:
        name = token.field
        if name is None:
            texts = self.modelled["default"]
            needle = token.value.casefold().rstrip("*")
            return lambda record: any(needle in text.casefold() for text in texts(record))
        if name in self.modelled:
            return _comparison(token, self.modelled[name], self.now)
        if name in self.known:
            raise GraphQLError(f"The filter {name} of {self.path} is not modelled by the stand-in")
        self.warnings.append(
            {
                "path": [self.path],
                "query": self.query,
                "parsed": {"field": name, "match_all": token.value},
                "warnings": [
                    {
                        "field": name,
                        "message": "Invalid search field for this query.",
                        "code": "invalid_field",
                    }
                ],
            }
        )
        return lambda record: True


def _comparison(token: Token, value: Callable[[Any], Any], now: datetime) -> Test:
    def test(record: Any) -> bool:
        have = value(record)
        if isinstance(have, (list, tuple)):
            return any(_fits(one, token, now) for one in have)
        return _fits(have, token, now)

    return test


def _fits(have: Any, token: Token, now: datetime) -> bool:
    text = token.value
    if have is None:
        return False
    if text == "*":
        return True
    if isinstance(have, str):
        if text.endswith("*") and not token.quoted:
            return have.casefold().startswith(text[:-1].casefold())
        wanted = [text] if token.quoted else text.split(",")
        return have.casefold() in (one.casefold() for one in wanted)
    low, between, high = text.partition("..")
    if between:
        return _order(have, ">=", low, now) and _order(have, "<=", high, now)
    return _order(have, token.sign or "=", text, now)


def _order(have: Any, sign: str, text: str, now: datetime) -> bool:
    if isinstance(have, datetime):
        want: Any = now if text == "now" else _time(text)
        have = have.replace(microsecond=0)  # the index knows whole seconds
    else:
        want = _number(text)
    return want is not None and bool(SIGNS[sign](have, want))


@lru_cache(maxsize=256)
def _time(text: str) -> datetime | None:
    """A time, UTC unless it says otherwise; None, which matches nothing, when it is none."""
    if re.fullmatch(r"\d{4}(-\d{2})?", text):
        text = f"{text}-01-01" if len(text) == 4 else f"{text}-01"
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@lru_cache(maxsize=256)
def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
