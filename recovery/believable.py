"""Times that can be true: a platform's clock may be wrong, and a payload may be made up.

A time in year 1 leaves no room to calculate with; one ahead of us outranks everything that
comes after it: an order would look older than its cart, a later "no" than a "yes". What
lies before the web had shops counts as its first day, what lies ahead counts as now.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from recovery.model import (
    Cart,
    CartGone,
    ContactSeen,
    CustomerSeen,
    Order,
    ParcelNews,
    Product,
    Refund,
    Shopper,
    TextRequest,
)

Thing = TypeVar("Thing")

FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)
#: A platform's clock may be ahead of ours by so much without being wrong.
SKEW = timedelta(minutes=5)

_TIMES: dict[type, tuple[str, ...]] = {
    Cart: ("created_at", "changed_at", "completed_at"),
    Order: ("placed_at", "changed_at", "cancelled_at"),
    Product: ("changed_at",),
    CartGone: ("at",),
    Refund: ("at",),
    CustomerSeen: ("changed_at",),
    ContactSeen: ("at",),
    TextRequest: ("at",),
    ParcelNews: ("at",),
}


def dated(seen: Thing, now: datetime) -> Thing:
    """`seen`, with each of its times where it can be true; itself when all are."""
    changed = _mended(seen, _TIMES.get(type(seen), ()), now)
    shopper = getattr(seen, "shopper", None)
    if isinstance(shopper, Shopper) and shopper.consents:
        consents = tuple(_consent(each, now) for each in shopper.consents)
        if consents != shopper.consents:
            changed["shopper"] = replace(shopper, consents=consents)
    return replace(seen, **changed) if changed else seen  # type: ignore[type-var]


def _consent(consent: Any, now: datetime) -> Any:
    changed = _mended(consent, ("at",), now)
    return replace(consent, **changed) if changed else consent


def _mended(thing: Any, names: tuple[str, ...], now: datetime) -> dict[str, Any]:
    soon = now + SKEW
    found: dict[str, Any] = {}
    for name in names:
        at = getattr(thing, name)
        if at is not None and not FIRST_DAY <= at <= soon:
            found[name] = FIRST_DAY if at < FIRST_DAY else now
    return found
