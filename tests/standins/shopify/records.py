"""What a stand-in shop remembers: frozen records, and the history that makes index lag possible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

ZERO = Decimal(0)
# Who made an order, by its source_name: the id and name of the app that Shopify shows.
APPS = {
    "web": (580111, "Online Store"),
    "pos": (129785, "Point of Sale"),
    "shopify_draft_order": (1354745, "Draft Orders"),
}
COUNTRIES = {"DE": "Germany", "US": "United States", "FR": "France", "GB": "United Kingdom"}


@dataclass(frozen=True)
class Line:
    """One line of a checkout or an order; `price` is of one piece, before discounts."""

    title: str
    price: Decimal
    quantity: int = 1
    variant_title: str | None = None
    sku: str | None = None
    discount: Decimal = ZERO  # of the whole line
    image: str | None = None
    product_id: int | None = None
    variant_id: int | None = None
    id: int = 0

    @property
    def full(self) -> Decimal:
        return self.price * self.quantity


@dataclass(frozen=True)
class Consent:
    """A customer's marketing consent on one channel; `state` in Shopify's capitals."""

    state: str = "NOT_SUBSCRIBED"
    opt_in_level: str | None = None
    updated_at: datetime | None = None
    collected_from: str | None = None


@dataclass(frozen=True)
class Customer:
    id: int
    created_at: datetime
    updated_at: datetime
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    locale: str = "en"
    address: dict[str, Any] | None = None
    email_consent: Consent = Consent()
    sms_consent: Consent = Consent()
    orders: int = 0
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Money:
    """The sums of a checkout or an order, all in the currency of its record."""

    lines: Decimal
    discounts: Decimal
    shipping: Decimal
    tax: Decimal

    @property
    def subtotal(self) -> Decimal:
        return self.lines - self.discounts

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.shipping + self.tax


@dataclass(frozen=True)
class Checkout:
    id: int
    token: str
    cart_token: str
    key: str  # the secret of the recovery link
    currency: str
    lines: tuple[Line, ...]
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None
    closed_at: datetime | None = None
    email: str | None = None
    phone: str | None = None
    customer_id: int | None = None
    first_name: str | None = None
    last_name: str | None = None
    buyer_accepts_marketing: bool = False
    buyer_accepts_sms_marketing: bool = False
    sms_marketing_phone: str | None = None
    locale: str | None = "en"
    billing_address: dict[str, Any] | None = None
    shipping_address: dict[str, Any] | None = None
    discount_codes: tuple[tuple[str, Decimal], ...] = ()
    shipping: Decimal = ZERO
    tax: Decimal = ZERO
    note: str | None = None
    source_name: str = "web"
    gateway: str | None = None

    @property
    def name(self) -> str:
        return f"#{self.id}"

    @property
    def money(self) -> Money:
        return _money(self)


@dataclass(frozen=True)
class BrowserCart:
    """What lies in one browser's cart. `cart_token` is bare; /cart.js adds "?key=" and `key`."""

    cart_token: str
    key: str
    currency: str
    lines: tuple[Line, ...]
    created_at: datetime
    updated_at: datetime
    note: str | None = None


@dataclass(frozen=True)
class Parcel:
    """A fulfilment of an order; `progress` is its `shipment_status`."""

    id: int
    order_id: int
    number: int
    created_at: datetime
    updated_at: datetime
    status: str = "success"
    progress: str | None = None
    carrier: str | None = None
    tracking_url: str | None = None


@dataclass(frozen=True)
class Order:
    id: int
    number: int
    token: str
    currency: str
    lines: tuple[Line, ...]
    created_at: datetime
    updated_at: datetime
    processed_at: datetime
    checkout_id: int | None = None
    checkout_token: str | None = None
    cart_token: str | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    financial_status: str = "PAID"
    email: str | None = None
    phone: str | None = None
    customer_id: int | None = None
    first_name: str | None = None
    last_name: str | None = None
    buyer_accepts_marketing: bool = False
    locale: str | None = "en"
    billing_address: dict[str, Any] | None = None
    shipping_address: dict[str, Any] | None = None
    discount_codes: tuple[tuple[str, Decimal], ...] = ()
    shipping: Decimal = ZERO
    tax: Decimal = ZERO
    note: str | None = None
    source_name: str = "web"
    tags: tuple[str, ...] = ()
    refunds: tuple[Refund, ...] = ()

    @property
    def name(self) -> str:
        return f"#{self.number}"

    @property
    def money(self) -> Money:
        return _money(self)

    @property
    def refunded(self) -> Decimal:
        return sum((refund.amount for refund in self.refunds), ZERO)


@dataclass(frozen=True)
class Refund:
    id: int
    amount: Decimal
    created_at: datetime
    note: str | None = None
    lines: tuple[tuple[int, int], ...] = ()  # (line id, quantity)


@dataclass(frozen=True)
class Variant:
    id: int
    title: str
    price: Decimal
    sku: str | None = None
    stock: int = 10


@dataclass(frozen=True)
class Product:
    id: int
    title: str
    handle: str
    created_at: datetime
    updated_at: datetime
    variants: tuple[Variant, ...]
    image: str | None = None
    status: str = "ACTIVE"
    kind: str = ""
    vendor: str = "Stand-in"
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Discount:
    """A discount code. `value`: ("percentage", share), ("amount", money) or ("shipping", None)."""

    id: int
    code: str
    title: str
    value: tuple[str, Decimal | None]
    starts_at: datetime
    created_at: datetime
    updated_at: datetime
    ends_at: datetime | None = None
    usage_limit: int | None = None
    once_per_customer: bool = False
    minimum_subtotal: Decimal | None = None
    customer_ids: tuple[int, ...] = ()
    combines_with: tuple[bool, bool, bool] = (False, False, False)  # order, product, shipping
    uses: int = 0
    product_ids: tuple[int, ...] = ()  # none: all items
    on_each_item: bool = False


@dataclass
class Subscription:
    """A webhook subscription made through the API; it ends when its deliveries keep failing."""

    id: int
    topic: str
    uri: str
    api_version: str
    created_at: datetime
    updated_at: datetime
    filter: str | None = None
    include_fields: tuple[str, ...] = ()
    name: str | None = None


@dataclass
class Seen:
    """One request as it came in, for assertions. `query` and `variables` only for GraphQL."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: datetime
    query: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    cost: int | None = None


@dataclass
class Settings:
    """What a merchant or a test sets for a shop as a whole."""

    domain: str
    id: int
    name: str
    currency: str
    country: str
    timezone: str
    locale: str
    links: str  # where the storefront's links lead: "https://x.myshopify.com"
    index_lag: timedelta
    sms_consent_at_checkout: bool = True


Record = TypeVar("Record", Checkout, Order, Customer, Product, Discount)


@dataclass
class Shelf(Generic[Record]):
    """Records by id with their past, so that a list may show what was true `lag` ago."""

    _past: dict[int, list[tuple[datetime, Record]]] = field(default_factory=dict)

    def put(self, record: Record, now: datetime, lag: timedelta) -> Record:
        """Keep `record` as the state since `now`; what no reader can see any more is dropped."""
        past = self._past.setdefault(record.id, [])
        past.append((now, record))
        seen = [i for i, (since, _) in enumerate(past) if since <= now - lag]
        if seen:
            del past[: seen[-1]]
        return record

    def get(self, record_id: int) -> Record | None:
        past = self._past.get(record_id)
        return past[-1][1] if past else None

    def drop(self, record_id: int) -> None:
        self._past.pop(record_id, None)

    def all(self) -> Iterator[Record]:
        return (past[-1][1] for past in self._past.values())

    def listed(self, until: datetime) -> Iterator[Record]:
        """Each record as it was at `until`; those younger than that are not shown."""
        for past in self._past.values():
            for since, record in reversed(past):
                if since <= until:
                    yield record
                    break


def _money(record: Checkout | Order) -> Money:
    lines = sum((line.full for line in record.lines), ZERO)
    by_code = sum((amount for _, amount in record.discount_codes), ZERO)
    by_line = sum((line.discount for line in record.lines), ZERO)
    return Money(lines, by_code + by_line, record.shipping, record.tax)
