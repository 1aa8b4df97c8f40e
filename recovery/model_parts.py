"""What everything else in the common model is made of: people, their consents, lines, sums.

Read it through `recovery.model`, which gives it on: the rest of the house knows that one only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)


class Channel(StrEnum):
    """A way to reach a shopper."""

    SMS = "sms"
    EMAIL = "email"


class Origin(StrEnum):
    """Who made an order. Only `CHECKOUT` began as a cart of a shopper."""

    CHECKOUT = "checkout"
    MERCHANT = "merchant"  # typed in by the shop's staff
    API = "api"  # made by a program over REST
    SUBSCRIPTION = "subscription"  # a renewal
    DRAFT = "draft"  # from a merchant's draft or invoice
    POINT_OF_SALE = "pos"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in an ISO 4217 currency; zero and three decimals included."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Consent:
    """Somebody's yes or no to marketing on one channel, with its proof.

    `address` is the e-mail or phone it was given for, as the platform shows it;
    `words` are what the shopper read, where the platform tells, in `language` (a locale).
    `page` (an address) and `ip` are where a yes was given to a box of ours; never logged.
    """

    channel: Channel
    address: str
    granted: bool
    source: str
    at: datetime
    words: str = ""
    language: str | None = None
    page: str | None = None
    ip: str | None = None


@dataclass(frozen=True, slots=True)
class Shopper:
    """A person as one shop knows them; any field may be unknown (None).

    `phone` is raw, `country` (ISO 3166 alpha-2, from billing else shipping)
    is what it is read with. `region` is the state or province code.
    `hidden` names the fields that the platform withholds from us.
    """

    customer_key: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    country: str | None = None
    region: str | None = None
    locale: str | None = None
    orders: int | None = None
    consents: tuple[Consent, ...] = ()
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a cart or an order. `total` is after the line's own discounts."""

    title: str
    quantity: int
    unit_price: Decimal
    total: Decimal
    product_key: str | None = None
    variant_key: str | None = None
    variant_title: str | None = None
    image: str | None = None
    address: str | None = None  # of the product's page
    sku: str | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a cart or an order; None where the source does not show them."""

    total: Decimal
    subtotal: Decimal | None = None
    discounts: Decimal | None = None
    shipping: Decimal | None = None
    tax: Decimal | None = None
