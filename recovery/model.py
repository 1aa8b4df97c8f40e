"""The common model: what a shop tells us, whatever platform it runs on.

Everything here is frozen. Money is `Decimal` in the currency named beside it,
times are aware UTC, addresses and phones are as the shopper typed them:
`recovery.intake` normalises them before they are stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from recovery.model_messages import Credit, Email, Message, Receipt, Reply, RichText
from recovery.model_parts import ZERO, Channel, Consent, Line, Money, Origin, Shopper, Totals

__all__ = [
    "ZERO",
    "Cart",
    "CartGone",
    "Channel",
    "Consent",
    "ContactSeen",
    "Coupon",
    "Credit",
    "CustomerSeen",
    "Email",
    "Line",
    "Message",
    "Money",
    "Offer",
    "Order",
    "OrderGone",
    "Origin",
    "Page",
    "ParcelNews",
    "PrivacyRequest",
    "Product",
    "Receipt",
    "Refund",
    "Reply",
    "RequestKind",
    "RichText",
    "RowKind",
    "Seen",
    "ShopNews",
    "Shopper",
    "Stage",
    "TextRequest",
    "Totals",
    "UnreadRow",
    "Variant",
]


@dataclass(frozen=True, slots=True)
class Cart:
    """A snapshot of one cart, whichever door it came by.

    `key` is the platform's own; `name` a second name both doors may share: two
    carts with different names are two carts. `aliases` are further keys that
    join snapshots and orders to this cart ("token:…", "cart:…", "path:…").
    `changed_at` is the platform's time of the shopper's last change.
    `sees` names the sort of source ("webhook", "poll", "plugin", "cart"): a source never
    blanks what it cannot see, so None means "not shown here". "cart" is a browser's cart
    before any checkout; one that was emptied shows no currency: "".
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
class Variant:
    """One choice of a product, as far as its stock and price can be told (None: not told)."""

    key: str
    title: str = ""
    price: Decimal | None = None
    in_stock: bool | None = None


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
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True)
class CartGone:
    """The platform deleted a cart; any of `keys` names it.

    `forget`: the shopper said "no thanks". What was captured of them goes, too.
    """

    keys: tuple[str, ...]
    at: datetime | None = None
    forget: bool = False


@dataclass(frozen=True, slots=True)
class ContactSeen:
    """A shopper left a contact in the shop before any checkout.

    Any of `keys` ("token:…") names the cart it belongs to, which may come later. `shopper`
    holds what they typed and agreed to; `at` is when.
    """

    keys: tuple[str, ...]
    shopper: Shopper
    at: datetime
    raw: str = ""


class RequestKind(StrEnum):
    """What a shopper asks to be texted about. None of it is marketing."""

    ORDER_NEWS = "order_news"
    KEEP_CART = "keep_cart"
    BACK_IN_STOCK = "back_in_stock"
    PRICE_DROP = "price_drop"


@dataclass(frozen=True, slots=True)
class TextRequest:
    """A shopper asks for texts of one kind, in the shop, at `at`, having read `words`.

    `phone` is raw and read with `country`. `cart_key` names the cart to keep, in the form
    of `Cart.key` or an alias. A product or one variant of it is watched; `price` is what the
    shopper saw, from the shop's own server where it can be told.
    """

    kind: RequestKind
    phone: str
    at: datetime
    words: str
    source: str  # "plugin", "embed"
    country: str | None = None
    locale: str | None = None
    cart_key: str | None = None
    customer_key: str | None = None
    product_key: str | None = None
    variant_key: str | None = None
    product_title: str | None = None
    product_address: str | None = None
    price: Money | None = None
    withdrawn: bool = False  # taken back: no more texts of this kind


class Stage(StrEnum):
    """How far a parcel has come."""

    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class ParcelNews:
    """News of an order's parcel; `key` names the parcel, so that a repeat counts once."""

    key: str
    order_key: str
    stage: Stage
    at: datetime
    tracking_address: str | None = None
    carrier: str | None = None
    raw: str = ""


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
    """What the platform says of the shop itself; None means "not said".

    `at`: when it was so. An uninstall may be told late, after the shop came back.
    """

    name: str | None = None
    currency: str | None = None
    country: str | None = None
    timezone: str | None = None
    locale: str | None = None
    scopes: tuple[str, ...] | None = None
    domains: tuple[str, ...] | None = None  # of its storefront; those told before stay
    uninstalled: bool = False
    at: datetime | None = None


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
    | ContactSeen
    | TextRequest
    | ParcelNews
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
    """An incentive to be made a coupon of: percent (0–100], an amount, or free shipping.

    With `product_keys` it is for these products alone: a percentage of each, an amount once,
    off one item of them; shipping is never free for some lines only. A connector that cannot
    keep `excluded_product_keys` out refuses: no code reaches further than it was asked to.
    """

    code: str
    ends_at: datetime
    percent: Decimal | None = None
    amount: Money | None = None
    free_shipping: bool = False
    minimum_total: Money | None = None
    email: str | None = None  # the only one who may use it
    product_keys: tuple[str, ...] = ()  # none: the whole order
    excluded_product_keys: tuple[str, ...] = ()
    customer_key: str | None = None  # as `email`, where codes can be bound to a customer


@dataclass(frozen=True, slots=True)
class Coupon:
    """A discount code that exists in the shop, as read back from it."""

    code: str
    key: str
    ends_at: datetime
