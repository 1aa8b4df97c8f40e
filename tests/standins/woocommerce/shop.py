"""The shop itself: orders, coupons, customers, products, and who changes them.

Times are kept in UTC and written shop-local and as `*_gmt`, like the real one.
Each change that a webhook tells of is put into the queue (`hooks.py`), which
runs only when somebody visits.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
DRAFT = "checkout-draft"
PAID = ("processing", "completed")
STATUSES = (
    "any trash auto-draft pending processing on-hold completed cancelled refunded failed "
    "checkout-draft"
).split()


class StandInShop:
    """What shoppers and the merchant can do in it."""

    def __init__(self, timezone: str, version: str, currency: str, clock: Callable[[], datetime]):
        self.zone, self.version, self.currency = ZoneInfo(timezone), version, currency
        self.clock = clock
        self.lock = threading.RLock()
        self.address = ""
        self.name = "Bench Shop"
        self.tell: Callable[[str, int], None] = lambda topic, key: None
        self.orders: dict[int, Row] = {}
        self.coupons: dict[int, Row] = {}
        self.customers: dict[int, Row] = {}
        self.products: dict[int, Row] = {}
        self._last_id = 10
        self.add_product("T-shirt", "25.00", sku="t-shirt")
        self.add_product("Mug", "12.50", sku="mug")

    def new_id(self) -> int:
        with self.lock:
            self._last_id += 1
            return self._last_id

    @property
    def drafts_early(self) -> bool:
        """Before 10.8, opening the checkout made a draft order."""
        return tuple(int(x) for x in self.version.split(".")[:2]) < (10, 8)

    # -- a shopper ---------------------------------------------------------------

    def open_checkout(self, **who: Any) -> int | None:
        """Open the block checkout and type oneself in. The draft's id; None from 10.8 on."""
        return (
            self._new_order(DRAFT, "store-api", who, ("order.updated",))
            if self.drafts_early
            else None
        )

    def place_order(self, status: str = "processing", via: str = "store-api", **who: Any) -> int:
        """Place an order. `who`: see `_new_order`. Its id.

        `order.updated` is queued before `order.created`, as the real one does.
        """
        topics = ("order.updated", "order.created")
        return self._new_order(status, via, who, topics if via != "rest-api" else topics[::-1])

    def place_draft(self, order_id: int, status: str = "processing") -> None:
        """Place the order that was a draft: the id stays."""
        self.set_status(order_id, status)
        self.tell("order.created", order_id)

    def pay(self, order_id: int) -> None:
        """Pay an order that waited, by its `payment_url`."""
        self.set_status(order_id, "processing")

    def register(self, email: str, **fields: Any) -> int:
        """A customer with an account. Its id."""
        now = self.clock()
        row = {"id": self.new_id(), "email": email, "created": now, "modified": now, **fields}
        with self.lock:
            self.customers[row["id"]] = row
        self.tell("customer.created", row["id"])
        return int(row["id"])

    def keep_meta(self, customer_id: int, told: list[Row]) -> None:
        """Metadata of a customer: a field that is there takes the new value."""
        with self.lock:
            row = self.customers[customer_id]
            held = {each["key"]: each for each in row.get("meta_data", [])}
            for each in told:
                former = held.get(each["key"], {"id": self.new_id(), "key": each["key"]})
                held[each["key"]] = former | {"value": each["value"]}
            row |= {"meta_data": list(held.values()), "modified": self.clock()}
        self.tell("customer.updated", customer_id)

    # -- the merchant, and the shop's own clockwork ------------------------------------

    def set_status(self, order_id: int, status: str) -> None:
        changes: Row = {"status": status}
        row = self.orders[order_id]
        by_cash = row["payment_method"] == "cod"  # paid at the door, so only when completed
        if status == "completed" or (status in PAID and not by_cash):
            changes["paid"] = row["paid"] or self.clock()
        if status == "completed":
            changes["completed"] = self.clock()
        self.edit(order_id, **changes)

    def edit(self, order_id: int, **changes: Any) -> None:
        """Change any field of an order; its modified time moves."""
        with self.lock:
            self.orders[order_id].update(changes, modified=self.clock())
        self.tell("order.updated", order_id)

    def refund(self, order_id: int, amount: str) -> None:
        refunds = [
            *self.orders[order_id]["refunds"],
            {"id": self.new_id(), "reason": "", "total": f"-{amount}", "total_tax": "0.00"},
        ]
        self.edit(order_id, refunds=refunds)

    def trash(self, order_id: int) -> None:
        """Into the bin: the webhook will say `{"id":…}` and nothing more."""
        with self.lock:
            self.orders[order_id].update(was=self.orders[order_id]["status"], status="trash")
        self.tell("order.deleted", order_id)

    def untrash(self, order_id: int) -> None:
        """Out of the bin: `order.restored` is not sent, only `order.updated`."""
        self.set_status(order_id, self.orders[order_id]["was"])

    def delete(self, order_id: int) -> None:
        with self.lock:
            del self.orders[order_id]
        self.tell("order.deleted", order_id)

    def add_product(self, name: str, price: str, **fields: Any) -> int:
        now = self.clock()
        row = {
            "id": self.new_id(),
            "name": name,
            "price": price,
            "created": now,
            "modified": now,
            **fields,
        }
        with self.lock:
            self.products[row["id"]] = row
        return int(row["id"])

    def use_coupon(self, code: str, email: str) -> None:
        """A shopper's order used the code."""
        for row in self.coupons.values():
            if row["code"] == code.lower():
                row["usage_count"] += 1
                row["used_by"].append(email)

    # -- rows ------------------------------------------------------------------------------

    def _new_order(self, status: str, via: str, who: Row, topics: tuple[str, ...]) -> int:
        """Make an order row. `who`: first_name, last_name, email, phone, country, state,

        customer_id, payment_method, meta, ip, user_agent, coupons, and `lines`:
        [(product id, quantity)]; shipping is 7.50.
        """
        now = self.clock()
        order_id = self.new_id()
        row: Row = {
            "id": order_id,
            "status": status,
            "via": via,
            "created": now,
            "modified": now,
            "paid": None,
            "completed": None,
            "key": f"wc_order_{secrets.token_urlsafe(9)}",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "email": "",
            "phone": "",
            "country": "US",
            "state": "CA",
            "customer_id": 0,
            "payment_method": "offsite",
            "meta": {},
            "ip": "203.0.113.9",
            "user_agent": "Mozilla/5.0",
            "coupons": [],
            "lines": [(min(self.products), 2)],
            "shipping": "7.50",
            "refunds": [],
            "number": str(order_id),
            "currency": self.currency,
        }
        row.update(who)
        if status in PAID and row["payment_method"] != "cod":
            row["paid"] = now
        with self.lock:
            self.orders[order_id] = row
        for topic in topics:
            self.tell(topic, order_id)
        return order_id

    def total(self, row: Row) -> Decimal:
        lines = sum((Decimal(self.products[p]["price"]) * n for p, n in row["lines"]), Decimal(0))
        return lines + Decimal(row["shipping"])

    def local(self, moment: datetime | None) -> str | None:
        return moment and moment.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M:%S")

    def gmt(self, moment: datetime | None) -> str | None:
        return moment and moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")

    def offset(self) -> timedelta:
        return self.clock().astimezone(self.zone).utcoffset() or timedelta(0)
