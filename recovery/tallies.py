"""Sums that are added to cart by cart: the figures of `fates` and `funnels`, counted in parts.

A figure of disjoint spans of time is the sum of theirs, so that what does not fit into memory
at once is counted a group of carts after the other. A tally can be written down between two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from recovery import report_rows
from recovery.counted import Figure
from recovery.fates import FATES, OF_LEFT, Messages, Money
from recovery.funnels import STAGES, Funnel, has_earned
from recovery.model import ZERO, Channel
from recovery.programmes import CART
from recovery.reasons import Reason
from recovery.report_rows import CartSeen, Message

_Fate = tuple[tuple[str, ...], tuple[str, ...]]  # the figures it counts in, and why it was skipped


class Tally(msgspec.Struct):
    """What became of some messages, and the money of it; see `fates.Messages` and `Money`."""

    counts: dict[str, int] = {}
    reasons: dict[str, int] = {}
    orders: int = 0
    revenue: dict[str, Decimal] = {}
    cost: dict[str, Decimal] = {}
    unpriced: int = 0
    to_price: int = 0
    offers: Decimal = ZERO
    taken: int = 0
    untold: int = 0

    def add(self, message: Message, fate: _Fate, many: int = 1) -> None:
        """So many more messages like this one; `fate` is `fate_of` it."""
        names, why = fate
        _count(self.counts, names, many)
        _count(self.reasons, why, many)
        if message.price is not None:
            price = message.price * many
            _sum(self.cost, message.price_currency or report_rows.UNKNOWN, price)
        if message.channel != Channel.EMAIL and message.left:
            self.to_price += many
            self.unpriced += many * (message.price is None)
        for sale in message.sales:
            if sale.stands:
                self.orders += many
                _sum(self.revenue, sale.currency, sale.net * many)
        for cost in message.offers:
            self.taken += many
            self.untold += many * (cost is None)
            self.offers += (cost or ZERO) * many

    def messages(self) -> Messages:
        """As `reports.messages` tells it."""
        planned = self.counts.get("planned", 0)
        left = self.counts.get("left", 0)
        figures = {
            name: Figure(self.counts.get(name, 0), left if name in OF_LEFT else planned)
            for name in FATES
            if name != "planned"
        }
        why = sorted(self.reasons.items(), key=lambda each: -each[1])
        told = {Reason(name): Figure(many, planned) for name, many in why}
        return Messages(planned=planned, **figures, reasons=told)

    def money(self) -> Money:
        """As `reports.money` tells it."""
        return Money(
            orders=self.orders,
            revenue=self.revenue,
            messages=self.cost,
            unpriced=Figure(self.unpriced, self.to_price),
            offers=self.offers,
            offers_unknown=Figure(self.untold, self.taken),
        )


def fate_of(message: Message) -> _Fate:
    """The figures of `fates` that it counts in, and its reasons where it was skipped."""
    names = tuple(name for name, fits in FATES.items() if fits(message))
    return names, tuple(message.reasons) if "skipped" in names else ()


class Steps(msgspec.Struct):
    """How far carts came by the messages of one programme; see `funnels.Funnel`."""

    counts: dict[str, int] = {}

    def add(self, carts: Iterable[CartSeen], programme: str = CART) -> None:
        """Some carts more."""
        found = Counter[str](self.counts)
        for cart in carts:
            found["carts"] += 1
            for name, reaches in STAGES.items():
                if not reaches(cart, programme):
                    break
                found[name] += 1
                if name == "reminded" and has_earned(cart, programme):
                    found["earned"] += 1
        self.counts = dict(found)

    def funnel(self) -> Funnel:
        """As `reports.funnel` tells it."""
        here, figures = self.counts.get("carts", 0), {}
        for name in STAGES:
            there = self.counts.get(name, 0)
            figures[name], here = Figure(there, here), there
        earned = Figure(self.counts.get("earned", 0), figures["reminded"].count)
        return Funnel(carts=self.counts.get("carts", 0), **figures, earned=earned)


def _count(counts: dict[str, int], names: Iterable[str], many: int) -> None:
    for name in names:
        counts[name] = counts.get(name, 0) + many


def _sum(sums: dict[str, Decimal], currency: str, amount: Decimal) -> None:
    sums[currency] = sums.get(currency, ZERO) + amount
