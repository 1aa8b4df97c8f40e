"""The results as tables: what stands on the page, behind each chart, and in the CSV files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from recovery.counted import ALL, By
from recovery.fates import Messages, Money
from recovery.model import ZERO
from recovery.results import Results
from web.merchant import results_words as words
from web.merchant.results_words import FATES, HEADS, SPLITS, STAGES

MOST_ROWS = 15  # of a table on the page; the CSV has all
_OF_CARTS = ("carts", "with_contact", "with_consent", "abandoned", "reminded", "clicked", "ordered")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a reader sees, what a file says, and which figure's carts are behind it."""

    shown: str
    raw: str | int | Decimal
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A group: its key, its name, its figures."""

    value: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `key` is its name in addresses, `first` the head of its first column."""

    key: str
    title: str
    first: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: int = 0

    def short(self) -> Table:
        """Its first rows: those of the most messages."""
        if len(self.rows) <= MOST_ROWS:
            return self
        most = sorted(self.rows, key=lambda row: -_first(row))[:MOST_ROWS]
        kept = tuple(row for row in self.rows if row in most)
        return Table(self.key, self.title, self.first, self.heads, kept, len(self.rows) - len(kept))


def currencies(found: Results, own: str | None) -> list[str]:
    """Those in which anything was sold or paid; the shop's own first."""
    seen = set(found.sales) | set(found.everything[1].revenue) | set(found.everything[1].messages)
    seen |= {own} if own else set()
    return sorted(seen, key=lambda each: (each != own, each))


def split(found: Results, by: By, in_currencies: list[str]) -> Table:
    """What became of messages, and the money of it, for each value of `by`."""
    messages, money = found.messages.get(by, {}), found.money.get(by, {})
    rows = tuple(
        Row(value, words.value_of(by, value), _cells(messages[value], money[value], in_currencies))
        for value in sorted(messages, key=lambda value: _order(by, value, messages[value]))
    )
    return Table(str(by), str(SPLITS[by]), str(HEADS[by]), _heads(in_currencies), rows)


def whole(found: Results, in_currencies: list[str]) -> Table:
    """All messages together."""
    cells = _cells(*found.everything, in_currencies)
    row = Row(ALL, _("All messages"), cells)
    return Table("all", _("All messages"), _("Messages"), _heads(in_currencies), (row,))


def funnel(found: Results) -> Table:
    """How far carts came."""
    counts = {"carts": found.funnel.carts}
    counts |= {name: getattr(found.funnel, name).count for name in STAGES if name != "carts"}
    rows = tuple(
        Row(
            name,
            str(STAGES[name]),
            (
                Cell(words.number(counts[name]), counts[name], name),
                _part(counts[name], counts["carts"]),
            ),
        )
        for name in _OF_CARTS
    )
    heads = (_("Carts"), _("Of all carts"))
    return Table("funnel", _("How far carts came"), _("Stage"), heads, rows)


def reasons(found: Results) -> Table:
    """Why messages were not sent; one may have several reasons."""
    told = found.everything[0]
    rows = tuple(
        Row(
            why,
            words.reason(why),
            (Cell(words.number(each.count), each.count, why), _part(each.count, each.of)),
        )
        for why, each in told.reasons.items()
    )
    heads = (_("Messages"), _("Of all planned"))
    return Table("reasons", _("Why messages were not sent"), _("Reason"), heads, rows)


def days(found: Results, in_currencies: list[str]) -> Table:
    """What orders left, and credited ones of these, by the day on which they were placed."""
    rows = []
    for day, of_day in found.days.items():
        cells: list[Cell] = []
        for currency in in_currencies:
            sold = of_day.get(currency)
            cells += _money_cells(
                currency, sold.net if sold else ZERO, sold.credited_net if sold else ZERO
            )
        rows.append(Row(day, words.value_of(By.DAY, day), tuple(cells)))
    heads = [
        head
        for currency in in_currencies
        for head in (
            _("All orders, %(currency)s", currency=currency),
            _("Credited, %(currency)s", currency=currency),
        )
    ]
    return Table("sales", _("Orders by day"), _("Day"), tuple(heads), tuple(rows))


def every(found: Results, in_currencies: list[str]) -> Iterator[Table]:
    """All tables, one after the other."""
    yield whole(found, in_currencies)
    yield funnel(found)
    yield reasons(found)
    yield days(found, in_currencies)
    for by in By:
        yield split(found, by, in_currencies)


def _heads(in_currencies: list[str]) -> tuple[str, ...]:
    heads = [str(each) for each in FATES.values()]
    for currency in in_currencies:
        heads += [
            _("Credited, %(currency)s", currency=currency),
            _("Cost, %(currency)s", currency=currency),
        ]
    return tuple(heads)


def _cells(told: Messages, money: Money, in_currencies: list[str]) -> tuple[Cell, ...]:
    counts = {name: getattr(told, name) for name in FATES}
    numbers = {name: each if isinstance(each, int) else each.count for name, each in counts.items()}
    cells = [Cell(words.number(many), many, name) for name, many in numbers.items()]
    for currency in in_currencies:
        cells += _money_cells(
            currency, money.revenue.get(currency, ZERO), money.messages.get(currency, ZERO)
        )
    return tuple(cells)


def _money_cells(currency: str, *amounts: Decimal) -> list[Cell]:
    return [Cell(words.money(each, currency), each) for each in amounts]


def _part(count: int, of: int) -> Cell:
    raw = Decimal(count) / of if of else ZERO
    return Cell(words.share(count, of), raw.quantize(Decimal("0.0001")))


def _order(by: By, value: str, told: Messages) -> tuple[int, str]:
    """Steps and amounts by their number, days by date, the rest by how many messages."""
    number = re.match(r"\d+", value)
    if by is By.DAY:
        return 0, value
    if by in (By.STEP, By.AMOUNT):
        return int(number[0]) * 2 + value.endswith("+") if number else 1_000_000, value
    return -told.planned, value


def _first(row: Row) -> int:
    raw = row.cells[0].raw
    return raw if isinstance(raw, int) else 0
