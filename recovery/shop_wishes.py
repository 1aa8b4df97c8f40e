"""What a merchant wishes in a form, read field by field: every problem is named by its field.

Pure. A section of the settings (`Section`) has fields, each read from the text that was typed,
and columns of `shops` in which it is kept. The same reading answers as one types and when it
is saved. Problems are names (`NotSo.why`); their words are the pages'.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from recovery.shops import ShopRow

LONGEST = 200
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_AMOUNT = re.compile(r"\d{1,9}(?:[.,]\d{1,3})?", re.ASCII)
_SPACES = re.compile(r"[ \t\u00a0\u202f]+")


class NotSo(ValueError):
    """A field cannot be that: `why` names the problem, `about` what its words mention."""

    def __init__(self, why: str, **about: object) -> None:
        super().__init__(why)
        self.why = why
        self.about = about


class NotTogether(ValueError):
    """Fields that are right alone are not so together: the problem of each, by its name."""

    def __init__(self, wrong: Mapping[str, NotSo]) -> None:
        super().__init__(", ".join(wrong))
        self.wrong = wrong


Typed = Mapping[str, str]
Values = Mapping[str, Any]


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Field:
    """How one field is read from what was typed (raises `NotSo`), and shown again."""

    read: Callable[[str], Any]
    typed: Callable[[Any], str] = _as_text
    is_tick: bool = False
    is_amount: bool = False  # shown with the decimal sign of the reader's language


@dataclass(frozen=True, slots=True)
class Wished:
    """A form that was read: values of columns; what is wrong, by field. Never both."""

    values: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, NotSo] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """Settings that are saved together.

    `split` gives the fields' values of what the columns hold; `joined` the columns' values of
    the fields', and may raise `NotTogether`. It is told what stands now, and what else was
    typed.
    """

    key: str
    columns: tuple[str, ...]
    fields: Mapping[str, Field]
    split: Callable[[Values, ShopRow], dict[str, Any]]
    joined: Callable[[Values, Values, ShopRow], dict[str, Any]]

    def shown(self, stands: Values, shop: ShopRow) -> dict[str, str]:
        """What the form shows of the columns as they stand."""
        values = self.split(stands, shop)
        return {name: self.fields[name].typed(values[name]) for name in self.fields}

    def kept(self, typed: Typed) -> dict[str, str]:
        """Of what was typed, the fields of this section, as they are shown again."""
        return {name: readable(typed.get(name, ""))[:4000] for name in self.fields}

    def read(self, typed: Typed, stands: Values, shop: ShopRow) -> Wished:
        """What was typed, as values of columns; fields of other names are not looked at."""
        values: dict[str, Any] = {}
        wrong: dict[str, NotSo] = {}
        for name, each in self.fields.items():
            try:
                values[name] = each.read(typed.get(name, ""))
            except NotSo as error:
                wrong[name] = error
        if not wrong:
            try:
                return Wished(values=self.joined(values, stands, shop))
            except NotTogether as error:
                wrong = dict(error.wrong)
        return Wished(wrong=wrong)

    def wrong_of(self, name: str, typed: Typed, stands: Values, shop: ShopRow) -> NotSo | None:
        """What is wrong with one field, as one types; others that are not filled in yet wait."""
        try:
            self.fields[name].read(typed.get(name, ""))
        except NotSo as error:
            return error
        return self.read(typed, stands, shop).wrong.get(name)


def as_columns(names: tuple[str, ...]) -> Callable[[Values, ShopRow], dict[str, Any]]:
    """For a section whose fields are its columns."""
    return lambda stands, shop: {name: stands[name] for name in names}


def unchanged(values: Values, stands: Values, shop: ShopRow) -> dict[str, Any]:
    """Likewise, the other way."""
    return dict(values)


# -- readers -----------------------------------------------------------------------------------


def readable(words: str) -> str:
    """Without characters that nobody sees and no database takes; line breaks stay."""
    return "".join(char for char in words if char in "\n\t" or unicodedata.category(char)[0] != "C")


def line(words: str, most: int = LONGEST) -> str:
    """One line of text, its spaces single. Raises `NotSo`."""
    plain = " ".join(words.split())
    if readable(plain) != plain:
        raise NotSo("unreadable")
    if len(plain) > most:
        raise NotSo("too_long", most=most)
    return plain


def text(most: int) -> Callable[[str], str]:
    """A line of at most so many characters."""
    return lambda words: line(words, most)


def lines(words: str, most: int = 400) -> str:
    """Several lines, without empty ones."""
    if len(words) > 4 * most:
        raise NotSo("too_long", most=most)
    told = [line(each, most) for each in words.replace("\r", "\n").split("\n")]
    found = "\n".join(each for each in told if each)
    if len(found) > most:
        raise NotSo("too_long", most=most)
    return found


def number(least: int, most: int) -> Callable[[str], int]:
    """A whole number between the two."""

    def read(words: str) -> int:
        plain = words.strip()
        if not _NUMBER.fullmatch(plain):
            raise NotSo("number", least=least, most=most)
        if not least <= int(plain) <= most:
            raise NotSo("between", least=least, most=most)
        return int(plain)

    return read


def amount(most: Decimal, least: Decimal = Decimal(0)) -> Callable[[str], Decimal]:
    """An amount or percentage, "12,50" or "12.50"; neither signs nor exponents."""

    def read(words: str) -> Decimal:
        plain = _SPACES.sub("", words)
        if not _AMOUNT.fullmatch(plain):
            raise NotSo("amount")
        found = Decimal(plain.replace(",", "."))
        if not least <= found <= most:
            raise NotSo("between", least=least, most=most)
        return found

    return read


def maybe(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """None where nothing was typed."""
    return lambda words: read(words) if words.strip() else None


def one_of(*names: str) -> Callable[[str], str]:
    """One of these, as a list offers them."""

    def read(words: str) -> str:
        if words not in names:
            raise NotSo("choose")
        return words

    return read


TICK = Field(lambda words: words == "1", lambda value: "1" if value else "", is_tick=True)
