"""The common model: what a shop tells us, whatever platform it runs on.

Everything here is frozen. Money is `Decimal` in the currency named beside it,
times are aware UTC, addresses and phones are as the shopper typed them:
`recovery.intake` normalises them before they are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

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
    `words` are what the shopper read, where the platform tells.
    """

    channel: Channel
    address: str
    granted: bool
    source: str
    at: datetime
    words: str = ""


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


@dataclass(frozen=True, slots=True)
class Cart:
    """A snapshot of one cart, whichever door it came by.

    `key` is the platform's own; `name` a second name both doors may share: two
    carts with different names are two carts. `aliases` are further keys that
    join snapshots and orders to this cart ("token:…", "cart:…", "path:…").
    `changed_at` is the platform's time of the shopper's last change.
    `sees` names the sort of source ("webhook", "poll", "plugin"): a source never
    blanks what it cannot see, so None means "not shown here".
    """

    key: str
    currency: str
    totals: Totals
    lines: tuple[Line, ...]
    shopper: Shopper
    created_at: datetime
    changed_at: datetime
    sees: str
    name: str | None = None
    aliases: tuple[str, ...] = ()
    discount_codes: tuple[str, ...] | None = None
    locale: str | None = None
    way_back: str | None = None  # the shop's own address that refills it; empty: none any more
    platform_state: str | None = None
    completed_at: datetime | None = None  # the platform says it became an order
    origin: Origin = Origin.CHECKOUT
    user_agent: str | None = None
    client_address: str | None = None  # the shopper's IP address, to find bots; never logged
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """An order, with every key by which it may close a cart (`cart_keys`)."""

    key: str
    currency: str
    totals: Totals
    lines: tuple[Line, ...]
    shopper: Shopper
    placed_at: datetime
    changed_at: datetime
    origin: Origin = Origin.CHECKOUT
    name: str | None = None
    cart_keys: tuple[str, ...] = ()
    discount_codes: tuple[str, ...] = ()
    platform_state: str | None = None
    paid: bool = False
    cancelled_at: datetime | None = None
    refunded: Decimal = ZERO
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """A product of a shop. `price` is the lowest of its variants."""

    key: str
    title: str
    changed_at: datetime
    address: str | None = None
    image: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    in_stock: bool | None = None
    categories: tuple[str, ...] = ()
    available: bool = True  # False: unpublished or deleted
    raw: str = ""


@dataclass(frozen=True, slots=True)
class CartGone:
    """The platform deleted a cart; any of `keys` names it."""

    keys: tuple[str, ...]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderGone:
    """The platform deleted an order, or a cart that it kept as an order."""

    key: str


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back on an order; `key` names the refund, so that a repeat counts once."""

    key: str
    order_key: str
    amount: Decimal
    currency: str
    at: datetime
    raw: str = ""


@dataclass(frozen=True, slots=True)
class CustomerSeen:
    """News of a customer apart from any cart: details, or a consent given or taken back."""

    shopper: Shopper
    changed_at: datetime
    raw: str = ""


@dataclass(frozen=True, slots=True)
class ShopNews:
    """What the platform says of the shop itself; None means "not said"."""

    name: str | None = None
    currency: str | None = None
    country: str | None = None
    timezone: str | None = None
    locale: str | None = None
    scopes: tuple[str, ...] | None = None
    uninstalled: bool = False


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """A legal request passed on by the platform.

    `kind`: "export" (a person asks what we hold), "erase" (forget a person),
    "erase_shop" (forget the shop).
    """

    kind: str
    shopper: Shopper = field(default_factory=Shopper)
    order_keys: tuple[str, ...] = ()
    raw: str = ""


Seen = (
    Cart
    | Order
    | Product
    | CartGone
    | OrderGone
    | Refund
    | CustomerSeen
    | ShopNews
    | PrivacyRequest
)


class RowKind(StrEnum):
    """What a row of a poll is about. What may be an order counts as one."""

    ORDER = "order"
    CHECKOUT = "checkout"


@dataclass(frozen=True, slots=True)
class UnreadRow:
    """A genuine row of a poll that could not be read, with what is legible all the same.

    `body` is the row as it came, to be read again; `error` holds nothing personal.
    `key` is the one that the thing would have in this model. `shopper` is who it is
    of: one without any mark is nobody, None means that it cannot be told.
    """

    kind: RowKind
    body: bytes
    error: str
    key: str | None = None
    shopper: Shopper | None = None
    cart_keys: tuple[str, ...] = ()
    placed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a poll, to be stored in one transaction with its `cursor`.

    `cursor` is opaque JSON text of the connector's own, from which
    `changed_since` goes on after a crash. `orders_known_until` is set only on
    the page that ended an order poll: the poll's start less the platform's
    index lag (10 s). `clock_offset` is our clock minus the platform's, in
    seconds, from its `Date` header; None when it was not seen. `unread` are the
    rows that could not be read: no row is left out of both.
    """

    seen: tuple[Seen, ...]
    cursor: str
    orders_known_until: datetime | None = None
    clock_offset: float | None = None
    unread: tuple[UnreadRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """An incentive to be made a coupon of: percent (0–100], an amount, or free shipping."""

    code: str
    ends_at: datetime
    percent: Decimal | None = None
    amount: Money | None = None
    free_shipping: bool = False
    minimum_total: Money | None = None
    email: str | None = None  # the only one who may use it


@dataclass(frozen=True, slots=True)
class Coupon:
    """A discount code that exists in the shop, as read back from it."""

    code: str
    key: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One text for one person. `reference` is the reminder's id as it travels."""

    reference: str
    channel: Channel
    sender: str
    recipient: str
    text: str
    status_url: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider says became of a message.

    `state`: "sent" (taken over), "delivered", "undelivered".
    `price` is what the provider charged, where told.
    """

    provider_id: str
    state: str
    at: datetime
    reference: str | None = None
    price: Money | None = None
    reason: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """A text that a shopper sent to a sender number."""

    provider_id: str
    sender: str  # the shopper's number
    recipient: str  # our number
    text: str
    at: datetime
