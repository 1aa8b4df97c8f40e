"""What a decision about an offer is made from, and what it comes to.

Amounts are `Decimal` in the cart's currency unless a line says "shop's currency"; times are
aware UTC. The rows behind these facts are read by the caller; nothing here reads any.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Literal

from recovery.model_parts import ZERO
from recovery.offer_words import Why
from recovery.programme_form import Incentive

__all__ = [
    "CartFacts",
    "CartLine",
    "Decision",
    "EarlierOffer",
    "Gift",
    "Incentive",
    "OfferKind",
    "PersonFacts",
    "Policy",
    "PriorOrder",
    "Spent",
    "Terms",
]


class Gift(StrEnum):
    """In which way somebody may be given something."""

    NOW = "incentive"  # on this cart
    NEXT = "reward"  # on the next order, if this cart is ordered in time
    NONE = "none"


OfferKind = Literal["percent", "amount", "free_shipping"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised, exactly. `value` is a percentage, or an amount in `currency`.

    `ends_at` is the end of the code for `Gift.NOW`. For `Gift.NEXT` it is None until the code
    is made; `days` says how long it lives then. `lines` are product keys; none: the order, but
    for the products of `left_out`.
    """

    gift: Gift
    kind: OfferKind
    value: Decimal
    currency: str
    days: int
    minimum: Decimal | None = None
    lines: tuple[str, ...] = ()
    ends_at: datetime | None = None
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierOffer:
    """An offer whose message left, or may have left, to this person at this shop.

    `key` names its row. `cart_key` is the cart it was made for; `cart_is_open` when that one
    is neither ordered nor expired; `left_at` when that cart was abandoned. `over` when it
    ended: the code ran out, was used or taken away, or the reward lapsed.
    """

    key: str
    cart_key: str
    cart_is_open: bool
    left_at: datetime
    terms: Terms
    over: bool = False


@dataclass(frozen=True, slots=True)
class PriorOrder:
    """An order of this person. `took`: it used an incentive of ours. `plain`: no code at all."""

    placed_at: datetime
    took: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """The person at this shop. `orders` is the largest count known; None: it cannot be told."""

    orders: int | None
    earlier: tuple[EarlierOffer, ...] = ()
    prior_orders: tuple[PriorOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class CartLine:
    """A line as far as an offer looks at it. `total` is after the line's own discounts."""

    product_key: str | None
    total: Decimal
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class CartFacts:
    """The cart, and the step (its place in the programme, from 1) that would make the offer.

    `total` is without shipping. `shop_rate` is how much of the shop's currency one of the
    cart's is worth, where the platform tells; it is 1 by itself where both are the same.
    `zone` is the shopper's (an IANA name): an offer ends with a day of theirs. `can_leave_out`:
    a code of this shop's platform can be for the whole order but for some products.
    """

    key: str
    currency: str
    total: Decimal
    step: int
    lines: tuple[CartLine, ...] = ()
    shipping: Decimal | None = None
    shop_rate: Decimal | None = None
    business: bool = False
    zone: str = "UTC"
    can_leave_out: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """What a shop allows. Amounts are in `currency`, the shop's; None: no limit.

    `left_carts` carts within `left_within` that carried an offer make a serial abandoner; so
    does an offer taken within `taken_within`, with `plain_orders` orders before it that
    needed none. Budgets are for a calendar month of the shop's.
    """

    currency: str
    prospect: Gift = Gift.NOW
    customer: Gift = Gift.NEXT
    first_step_now: int = 2
    first_step_next: int = 1
    order_within: timedelta = timedelta(hours=24)
    left_carts: int = 2
    left_within: timedelta = timedelta(days=60)
    plain_orders: int = 2
    taken_within: timedelta = timedelta(days=365)
    budget: Decimal | None = None
    person_budget: Decimal | None = None
    person_offers: int | None = 2
    smallest_cart: Decimal | None = None
    excluded_products: frozenset[str] = frozenset()
    businesses: bool = False
    usual_shipping: Decimal | None = None  # what sending costs, where the cart does not say
    most_percent: Decimal | None = None  # of what an offer reaches, it takes no more than that
    margin: Decimal | None = None  # what the shop keeps of a full price, in percent
    margin_floor: Decimal | None = None  # what it must keep of a price with an offer, in percent

    @property
    def largest(self) -> Decimal | None:
        """The largest discount in percent: `most_percent`, and what leaves the floor of margin.

        With a margin of m and a discount of d, (m - d) / (1 - d) of the price is kept.
        """
        limits = [] if self.most_percent is None else [self.most_percent]
        if self.margin is not None and self.margin_floor is not None:
            kept = (self.margin - self.margin_floor) / (100 - self.margin_floor) * 100
            limits.append(max(ZERO, kept.quantize(Decimal(1), ROUND_DOWN)))
        return min(limits, default=None)


@dataclass(frozen=True, slots=True)
class Spent:
    """What offers of this month cost or may still cost, in the shop's currency.

    Used codes at what they took off; living codes and open rewards at `Decision.cost`.
    """

    shop: Decimal = ZERO
    person: Decimal = ZERO
    person_offers: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What this person gets, with every reason.

    `terms` is None for `Gift.NONE`. `cost` is the most it costs on this cart, in the shop's
    currency; None where it cannot be told. `repeats` is the `EarlierOffer.key` whose code is
    named again: no new one is made, nothing is added to what is spent.
    """

    gift: Gift
    reasons: tuple[Why, ...]
    terms: Terms | None = None
    cost: Decimal | None = None
    repeats: str | None = None
