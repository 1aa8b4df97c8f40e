"""People, carts and earlier offers, and what is decided for them, in few words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from recovery.offer_facts import (
    CartFacts,
    Decision,
    EarlierOffer,
    Gift,
    Incentive,
    PersonFacts,
    Policy,
    Spent,
    Terms,
)
from recovery.offers import decide

NOW = datetime(2026, 11, 21, 14, 10, tzinfo=UTC)
DAY = timedelta(days=1)
TEN = Incentive("percent", Decimal(10))
FIVE_EUROS = Incentive("amount", Decimal(5))
SHIPPING = Incentive("free_shipping")
CART = CartFacts("c1", "EUR", Decimal(60), step=2, zone="Europe/Paris")
DOLLARS = replace(CART, currency="USD")
POLICY = Policy("EUR")
NOTHING_SPENT = Spent()
PROSPECT = PersonFacts(orders=0)
CUSTOMER = PersonFacts(orders=3)
TERMS = Terms(Gift.NOW, "percent", Decimal(10), "EUR", 3, ends_at=NOW + DAY)


def decided(
    asked: Incentive = TEN,
    person: PersonFacts = PROSPECT,
    cart: CartFacts = CART,
    policy: Policy = POLICY,
    month: Spent = NOTHING_SPENT,
) -> Decision:
    """What is decided for them at NOW."""
    return decide(asked, person, cart, policy, month, NOW)


def an_earlier(
    cart: str = "c0", terms: Terms = TERMS, ago: timedelta = DAY, is_open: bool = True, **more: bool
) -> EarlierOffer:
    """An offer of an earlier cart, decided so long ago."""
    return EarlierOffer(f"offer-{cart}", cart, is_open, NOW - ago, terms, **more)


def a_person(*earlier: EarlierOffer, orders: int = 0) -> PersonFacts:
    """Somebody with these earlier offers."""
    return PersonFacts(orders, earlier)
