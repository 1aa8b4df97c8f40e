"""The four answers at the top of the results: what was added, what was attributed, share, cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from recovery.counted import By
from recovery.model import ZERO
from recovery.results import Results, Sales
from recovery.results_added import AddedBy, Apart
from web.merchant import charts
from web.merchant import results_words as words


@dataclass(frozen=True, slots=True)
class Added:
    """What one programme added: a headline, what it rests on, and a drawing, if there is one."""

    programme: str
    headline: str
    lines: tuple[str, ...]
    drawing: Markup | None
    rows: tuple[tuple[str, str, str], ...]  # a name, the treated, the held out


@dataclass(frozen=True, slots=True)
class Cards:
    """All four; each list of lines is told below its headline."""

    added: tuple[Added, ...]
    attributed: str
    attributed_lines: tuple[str, ...]
    share: str
    share_lines: tuple[str, ...]
    cost: str
    cost_lines: tuple[str, ...]


def of(found: Results, currency: str, days: int) -> Cards:
    """The cards in one currency; other currencies are told beside, never added."""
    messages, money = found.everything
    sold = found.sales.get(currency, Sales())
    orders = ngettext("%(num)s order", "%(num)s orders", money.orders)
    return Cards(
        added=tuple(_added(each, days) for each in found.added),
        attributed=words.money(money.revenue.get(currency, ZERO), currency),
        attributed_lines=(
            _(
                "%(orders)s credited, refunds taken off, for messages about carts begun in this "
                "time.",
                orders=orders,
            ),
            *_beside(money.revenue, currency),
        ),
        share=words.share(sold.credited_net, sold.net),
        share_lines=(
            _(
                "%(part)s of %(whole)s that orders placed in this time left (%(credited)s of "
                "%(orders)s orders).",
                part=words.money(sold.credited_net, currency),
                whole=words.money(sold.net, currency),
                credited=words.number(sold.credited),
                orders=words.number(sold.orders),
            ),
            *_beside({each: sales.net for each, sales in found.sales.items()}, currency),
        ),
        cost=words.money(money.messages.get(currency, ZERO), currency),
        cost_lines=(
            ngettext("%(num)s message sent.", "%(num)s messages sent.", messages.left.count),
            *_unpriced(money.unpriced.count),
            *_offers(found, money.offers),
            *_beside(money.messages, currency),
        ),
    )


def _beside(amounts: dict[str, Decimal] | object, currency: str) -> list[str]:
    found = amounts if isinstance(amounts, dict) else {}
    others = [
        words.money(amount, each)
        for each, amount in sorted(found.items())
        if each != currency and amount
    ]
    return [_("In other currencies: %(sums)s.", sums=", ".join(others))] if others else []


def _unpriced(many: int) -> list[str]:
    told = ngettext(
        "%(num)s has no price yet and is in no sum.",
        "%(num)s have no price yet and are in no sum.",
        many,
    )
    return [told] if many else []


def _offers(found: Results, offers: Decimal) -> list[str]:
    own = next((each.currency for each in found.added), "")
    return [_("Discounts taken: %(sum)s.", sum=words.money(offers, own))] if offers else []


def _added(told: AddedBy, days: int) -> Added:
    name = words.value_of(By.PROGRAMME, told.programme)
    if told.whole is None or not told.whole.revenue.shown:
        return _not_yet(told, name, days)
    revenue, conversion = told.whole.revenue, told.whole.conversion
    value, low, high = (words.money(each, told.currency, whole=True) for each in revenue.whole())
    headline = _("between %(low)s and %(high)s", low=low, high=high)
    sure = (
        _("Zero lies outside of it.")
        if revenue.is_told_apart
        else _("Zero lies within it: it may all be chance.")
    )
    lines = [
        _("95 %% of the time the truth lies in such a span; its middle is %(value)s.", value=value),
        sure,
        *_people(told),
    ]
    drawing = charts.interval(*_floats(revenue), _("Added: %(words)s", words=headline))
    return Added(name, headline, tuple(lines), drawing, _rows(told.currency, revenue, conversion))


def _floats(found: Apart) -> tuple[float, float, float]:
    value, low, high = found.whole()
    return float(low), float(value), float(high)


def _rows(currency: str, revenue: Apart, rates: Apart) -> tuple[tuple[str, str, str], ...]:
    rows = [(_("People"), *(words.number(each) for each in revenue.people))]
    if rates.shown:
        ordered = zip(rates.sums, rates.people, strict=True)
        rows.append((_("Who ordered"), *(words.share(part, whole) for part, whole in ordered)))
    rows.append((_("Left per person"), *(words.money(each, currency) for each in revenue.each)))
    return tuple((name, str(one), str(other)) for name, one, other in rows)


def _people(told: AddedBy) -> list[str]:
    whole, lines = told.whole, []
    if whole is not None:
        lines.append(_("%(share)s of the people are held out.", share=words.share(whole.share, 1)))
        if whole.of_other_shares:
            lines.append(
                _(
                    "%(many)s were drawn by another share, and are not compared.",
                    many=words.number(whole.of_other_shares),
                )
            )
    if told.immature:
        lines.append(
            _(
                "Not counted yet: %(many)s. Each person has %(days)s days to order.",
                many=words.number(told.immature),
                days=told.days,
            )
        )
    if told.in_conflict:
        lines.append(
            _("%(many)s were in both groups for a while.", many=words.number(told.in_conflict))
        )
    if told.other_currencies:
        many = sum(told.other_currencies.values())
        lines.append(_("%(many)s orders in other currencies are in no sum.", many=many))
    return lines


def _not_yet(told: AddedBy, name: str, days: int) -> Added:
    apart = told.whole.revenue if told.whole else None
    if apart is not None and apart.needed is None:
        words_ = _("Nobody is held out, so nothing can tell what the messages add.")
        return Added(name, _("cannot be told"), (words_,), None, ())
    lines = _people(told)
    if apart is not None and apart.needed is not None:
        people = sum(apart.people) + told.immature
        lines.insert(0, _in_days(apart.needed - told.immature, people, days))
    return Added(name, _("not enough people yet"), tuple(lines), None, ())


def _in_days(needed: int, people: int, days: int) -> str:
    if needed <= 0:
        return str(_("Enough people are on their way: it is told once their days are over."))
    if not people:
        return str(_("About %(many)s more people are wanted.", many=words.number(needed)))
    more = max(1, math.ceil(needed / (people / days)))
    return str(
        _(
            "About %(many)s more people are wanted: at this pace, about %(days)s more days.",
            many=words.number(needed),
            days=words.number(more),
        )
    )
