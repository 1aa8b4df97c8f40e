"""What is so, right before a text says it: of orders and their parcels, of products."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from recovery import tables
from recovery.asks import WATCHES
from recovery.model import RequestKind, Stage, Variant
from recovery.reasons import Reason
from recovery.shops import ShopRow

ORDER = "order"  # the programme
CONFIRMED, REFUNDED = "confirmed", "refunded"
#: The stages of an order that a shop may text about; a row's step is a place in here, from 1.
STAGES = (CONFIRMED, Stage.SHIPPED.value, Stage.OUT_FOR_DELIVERY.value, REFUNDED)
#: One after the other: what came to pass makes the ones before it old news. Money is apart.
_ON_THE_WAY = (*STAGES[:3], Stage.DELIVERED.value)
_LONGEST_ORDER_NAME = 24

Key = tuple[int, str]  # a shop's id, and the platform's key of a thing


@dataclass(frozen=True, slots=True)
class Goods:
    """A product, or one variant of it, as the shop last showed it. None: not told."""

    title: str
    in_stock: bool | None
    price: Decimal | None
    currency: str | None
    available: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows of the things that some texts speak of."""

    orders: dict[Key, Any] = field(default_factory=dict)
    parcels: dict[Key, list[Any]] = field(default_factory=dict)
    products: dict[Key, Any] = field(default_factory=dict)

    def against_stage(self, row: Any) -> list[Reason]:
        """What speaks against telling this stage of this order now."""
        stage, key = STAGES[row.step - 1], (row.shop_id, order_key(row.subject))
        order = self.orders.get(key)
        wanted = stages_in(row.order_texts)
        asked = (
            (Reason.SWITCHED_OFF, stage not in wanted),
            (Reason.NOT_TRUE, order is None),
            (Reason.ORDER_CANCELLED, stage != REFUNDED and _is_cancelled(order)),
            (Reason.OVERTAKEN, self._is_overtaken(stage, key, wanted)),
        )
        return [reason for reason, holds in asked if holds]

    def _is_overtaken(self, stage: str, key: Key, wanted: frozenset[str]) -> bool:
        # By a stage that is texted about, or by the end; not by one that nobody tells.
        if stage not in _ON_THE_WAY:
            return False
        later = _ON_THE_WAY[_ON_THE_WAY.index(stage) + 1 :]
        told = wanted | {Stage.DELIVERED.value}
        return any(each.stage in later and each.stage in told for each in self._parcels(key))

    def _parcels(self, key: Key) -> list[Any]:
        return self.parcels.get(key, [])

    def tracking_address(self, row: Any) -> str | None:
        """Where the order's latest parcel can be followed, as it was given."""
        here = self._parcels((row.shop_id, order_key(row.subject)))
        given = [each for each in here if each.tracking_address]
        return max(given, key=lambda each: each.at).tracking_address if given else None

    def order_name(self, row: Any) -> str:
        """What the shop calls the order ("#1001"), else its key."""
        key = order_key(row.subject)
        order = self.orders.get((row.shop_id, key))
        return str((order.name if order else None) or key)[:_LONGEST_ORDER_NAME]

    def is_true(self, row: Any) -> bool:
        """Whether what this watch waits for is so."""
        return is_true(row, self._goods(row))

    def product(self, row: Any, shop: ShopRow) -> tuple[str, str]:
        """The title and the address that a text about a watched product carries.

        Both are the shop's own: what a visitor's browser told could be anything.
        """
        product = self.products.get((row.shop_id, row.product_key))
        goods = self._goods(row)
        asked = row.address if row.source == "plugin" else None  # by the shop's server
        addresses = (product.address if product else None, asked)
        address = next((each for each in addresses if _is_web_address(each)), None)
        return goods.title if goods else "", address or home_of(shop)

    def _goods(self, row: Any) -> Goods | None:
        keys = (row.variant_key, row.product_key)
        shown = (self.products.get((row.shop_id, key)) for key in keys if key)
        found = (goods_of(row, product) for product in shown if product is not None)
        return next((goods for goods in found if goods is not None), None)


def look_up(db: Connection, rows: Sequence[Any]) -> Facts:
    """Read once what the questions about these claimed texts need."""
    told = [row for row in rows if row.programme == ORDER]
    watches = [row for row in rows if row.programme in WATCHES]
    orders = {(row.shop_id, order_key(row.subject)) for row in told}
    things = {(row.shop_id, row.product_key) for row in watches}
    things |= {(row.shop_id, row.variant_key) for row in watches if row.variant_key}
    parcels: dict[Key, list[Any]] = defaultdict(list)
    for parcel in _rows(db, tables.parcels, "order_key", orders):
        parcels[parcel.shop_id, parcel.order_key].append(parcel)
    return Facts(
        orders={(row.shop_id, row.key): row for row in _rows(db, tables.orders, "key", orders)},
        parcels=parcels,
        products={(row.shop_id, row.key): row for row in _rows(db, tables.products, "key", things)},
    )


def goods_of(request: Any, product: Any) -> Goods | None:
    """What a request watches, in this row of `products`; None where it cannot be told."""
    same = (product.currency, bool(product.available))
    if request.variant_key is None or request.variant_key == product.key:
        return Goods(product.title, product.in_stock, product.price, *same)
    for each in read_variants(product.variants):
        if each.key == request.variant_key:
            title = f"{product.title} {each.title}".strip()
            return Goods(title, each.in_stock, each.price, *same)
    return None


def is_true(request: Any, goods: Goods | None) -> bool:
    """Whether what this request waits for is so. What is not told is not so."""
    if goods is None or not goods.available:
        return False
    if request.kind == RequestKind.BACK_IN_STOCK:
        return goods.in_stock is True
    if request.price is None or goods.price is None or goods.in_stock is False:
        return False
    same_money = request.currency in (None, goods.currency) or goods.currency is None
    return same_money and bool(goods.price < request.price)


def written_variants(variants: Iterable[Variant]) -> str:
    """Variants as JSON text; prices as strings, so that none becomes a float."""
    return json.dumps(
        [
            {
                "key": each.key,
                "title": each.title,
                "price": None if each.price is None else str(each.price),
                "in_stock": each.in_stock,
            }
            for each in variants
        ]
    )


def read_variants(text: str) -> list[Variant]:
    """The variants kept by `written_variants`."""
    return [
        Variant(
            row["key"],
            row["title"],
            None if row["price"] is None else Decimal(row["price"]),
            row["in_stock"],
        )
        for row in json.loads(text)
    ]


def subject_of(order: str, stage: str) -> str:
    """The subject of a stage's text: "order:17:shipped"."""
    return f"{ORDER}:{order}:{stage}"


def order_key(subject: str) -> str:
    """The order of such a subject."""
    return subject.removeprefix(f"{ORDER}:").rpartition(":")[0]


def stages_in(order_texts: str) -> frozenset[str]:
    """The stages that a shop's setting switches on; a word that is none counts for nothing."""
    return frozenset(each.strip() for each in order_texts.split(",")) & frozenset(STAGES)


def _is_cancelled(order: Any) -> bool:
    return order is not None and order.cancelled_at is not None


def _rows(db: Connection, table: Any, column: str, wanted: set[Key]) -> list[Any]:
    if not wanted:
        return []
    columns = [each for each in table.c if each.name not in ("raw", "lines")]
    rows = db.execute(
        select(*columns).where(
            table.c.shop_id.in_({shop_id for shop_id, _ in wanted}),
            table.c[column].in_({key for _, key in wanted}),
        )
    )
    return [row for row in rows if (row.shop_id, getattr(row, column)) in wanted]


def _is_web_address(address: str | None) -> bool:
    return bool(address) and str(address).startswith(("https://", "http://"))


def home_of(shop: ShopRow) -> str:
    """The address of the shop's first page."""
    return shop.address if shop.address.startswith("http") else f"https://{shop.address}"
