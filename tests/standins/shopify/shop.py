"""One stand-in shop: what its shoppers and its merchant do, told in a test's words."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from threading import RLock
from typing import Any

from tests.standins.shopify.access import DEFAULT_SCOPES, Approval, approval
from tests.standins.shopify.browsing import Browsing
from tests.standins.shopify.cost import Bucket
from tests.standins.shopify.faults import Faults
from tests.standins.shopify.making import Lines, amounts, made_lines
from tests.standins.shopify.oauth import Tokens
from tests.standins.shopify.payloads import Payloads
from tests.standins.shopify.people import People
from tests.standins.shopify.records import (
    BrowserCart,
    Checkout,
    Consent,
    Customer,
    Discount,
    Line,
    Order,
    Parcel,
    Product,
    Record,
    Refund,
    Seen,
    Settings,
    Shelf,
    Subscription,
    Variant,
)

Announce = Callable[["StandInShop", str, Callable[[Payloads], dict[str, Any]]], None]


class StandInShop(Browsing):
    """A shop with its store, its tokens, its bucket and its faults. Made by `add_shop`."""

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], datetime],
        announce: Announce,
        ids: Callable[[], int],
        lock: RLock,
        plan_bucket: int = 2000,
        restore_rate: float = 100,
        scopes: Iterable[str] = DEFAULT_SCOPES,
        protected_data: bool | Iterable[str] = True,
    ) -> None:
        self.settings, self.now, self.lock = settings, now, lock
        self._announce, self._new_id = announce, ids
        self.checkouts: Shelf[Checkout] = Shelf()
        self.orders: Shelf[Order] = Shelf()
        self.products: Shelf[Product] = Shelf()
        self.discounts: Shelf[Discount] = Shelf()
        self.people = People(now, ids, settings.locale, settings.index_lag)
        self.customers = self.people.shelf
        self.carts: dict[str, BrowserCart] = {}
        self.parcels: dict[int, Parcel] = {}
        self.subscriptions: dict[int, Subscription] = {}
        self.tokens = Tokens(now)
        self.bucket = Bucket(float(plan_bucket), float(restore_rate), now)
        self.faults = Faults()
        self.approved: Approval = approval(protected_data)
        self.scopes = tuple(scopes)
        self.has_app = True  # whether it is installed, so that session tokens are good
        self.grants: tuple[str, ...] | None = None  # what is granted, whatever is asked for
        self.user = 902_541_635  # who says yes on the page of consent, and who looks
        self.requests: list[Seen] = []
        self.visits: list[int] = []  # ids of checkouts whose recovery link was opened
        self.permalinks: list[str] = []  # paths of cart permalinks that were opened
        self._numbers = 1000

    @property
    def domain(self) -> str:
        return self.settings.domain

    @property
    def fail_next(self) -> Callable[..., None]:
        """See `Faults.fail_next`."""
        return self.faults.fail_next

    # -- the app -------------------------------------------------------------------------

    def install(self, expiring: bool = True, scopes: Iterable[str] | None = None) -> dict[str, Any]:
        """Install the app without the OAuth walk; returns what the token endpoint would."""
        with self.lock:
            granted = tuple(self.scopes if scopes is None else scopes)
            return self.tokens.issue(granted, expiring)

    def uninstall(self) -> None:
        """The merchant removes the app: told by webhook, then tokens and subscriptions end."""
        with self.lock:
            self.has_app = False
            self.say("app/uninstalled", lambda p: p.shop_news())
            self.tokens.revoke_all()
            self.subscriptions.clear()

    def change_scopes(self, scopes: Iterable[str]) -> None:
        """The granted scopes change under the app's tokens."""
        with self.lock:
            before, self.scopes = self.scopes, tuple(scopes)
            self.tokens.change_scopes(self.scopes)
            self.say("app/scopes_update", lambda p: p.scopes(before, self.scopes))

    def approve(self, protected_data: bool | Iterable[str]) -> None:
        """Approve protected customer data: all, none, or some of `EVERYTHING`."""
        self.approved = approval(protected_data)

    def ask_privacy(self, kind: str, customer_id: int | None = None) -> None:
        """Send a compliance topic: "customers/data_request", "customers/redact", "shop/redact"."""
        with self.lock:
            customer = self.customers.get(customer_id) if customer_id else None
            orders = [o.id for o in self.orders.all() if customer and o.customer_id == customer.id]
            self.say(kind, lambda p: p.compliance(kind, customer, orders))

    # -- shoppers ------------------------------------------------------------------------

    def add_customer(self, **details: Any) -> Customer:
        """A customer account; `details` are fields of `Customer`."""
        with self.lock:
            customer = self.people.add(**details)
            self.say("customers/create", lambda p: p.customer(customer))
            return customer

    def change_customer(self, customer_id: int, **changes: Any) -> Customer:
        with self.lock:
            customer = self.people.change(customer_id, **changes)
            self.say("customers/update", lambda p: p.customer(customer))
            return customer

    def change_consent(
        self, customer_id: int, channel: str, state: str, collected_from: str = "OTHER"
    ) -> Customer:
        """`channel` is "sms" or "email"; `state` in capitals, as "SUBSCRIBED"."""
        with self.lock:
            level = "SINGLE_OPT_IN" if state == "SUBSCRIBED" else None
            consent = Consent(state, level, self.now(), collected_from)
            return self.keep_consent(customer_id, channel, consent)

    def keep_consent(self, customer_id: int, channel: str, consent: Consent) -> Customer:
        with self.lock:
            customer = self.people.change(customer_id, **{f"{channel}_consent": consent})
            if channel == "sms":
                self.say("customers_marketing_consent/update", lambda p: p.sms_consent(customer))
            else:
                topic = "customers_email_marketing_consent/update"
                self.say(topic, lambda p: p.email_consent(customer))
            return customer

    def add_checkout(
        self,
        lines: Lines | None = None,
        guest: bool = False,
        carts: bool = False,
        **details: Any,
    ) -> Checkout:
        """A shopper begins a checkout; `details` are fields of `Checkout`.

        With an e-mail or a phone the shopper becomes a customer (unless `guest`), as in
        Shopify. Announces checkouts/create, and carts/create before it when `carts`.
        """
        with self.lock:
            now = self.now()
            details.setdefault("created_at", now)
            details.setdefault("updated_at", details["created_at"])
            checkout = Checkout(
                id=self._new_id(),
                token=details.pop("token", None) or secrets.token_hex(16),
                cart_token=details.pop("cart_token", None) or secrets.token_hex(16),
                key=secrets.token_hex(16),
                currency=details.pop("currency", self.settings.currency),
                lines=self._lines(lines),
                **amounts(details),
            )
            checkout = self.people.join(checkout, guest)
            self._keep(self.checkouts, checkout)
            if carts:
                self.say("carts/create", lambda p: p.cart(checkout))
            self.say("checkouts/create", lambda p: p.checkout(checkout))
            return checkout

    def change_checkout(
        self, checkout_id: int, guest: bool = False, carts: bool = False, **changes: Any
    ) -> Checkout:
        """The shopper changes something (`lines`, `email`, …). Announces checkouts/update."""
        with self.lock:
            if "lines" in changes:
                changes["lines"] = self._lines(changes["lines"])
            changes.setdefault("updated_at", self.now())
            checkout = replace(self._checkout(checkout_id), **amounts(changes))
            checkout = self.people.join(checkout, guest)
            self._keep(self.checkouts, checkout)
            if carts:
                self.say("carts/update", lambda p: p.cart(checkout))
            self.say("checkouts/update", lambda p: p.checkout(checkout))
            return checkout

    def delete_checkout(self, checkout_id: int) -> None:
        with self.lock:
            checkout = self._checkout(checkout_id)
            self.checkouts.drop(checkout_id)
            self.say("checkouts/delete", lambda p: p.deleted_checkout(checkout))

    def complete_checkout(self, checkout_id: int, **details: Any) -> Order:
        """The shopper pays: the checkout is completed and an order stands beside it."""
        with self.lock:
            now = self.now()
            checkout = replace(self._checkout(checkout_id), completed_at=now, updated_at=now)
            self._keep(self.checkouts, checkout)
            self.say("checkouts/update", lambda p: p.checkout(checkout))
            same = (
                "checkout_token email phone customer_id first_name last_name "
                "buyer_accepts_marketing locale billing_address shipping_address "
                "discount_codes shipping tax note source_name cart_token currency lines"
            ).split()
            known = {name: getattr(checkout, name) for name in same if name != "checkout_token"}
            known |= {"checkout_token": checkout.token, "checkout_id": checkout.id}
            return self.add_order(**(known | details))

    def add_order(
        self,
        lines: Lines | None = None,
        paid: bool = True,
        guest: bool = False,
        **details: Any,
    ) -> Order:
        """An order, with or without a checkout; `details` are fields of `Order`.

        Announces orders/create, and orders/paid when `paid`.
        """
        with self.lock:
            now = self.now()
            self._numbers += 1
            details.setdefault("financial_status", "PAID" if paid else "PENDING")
            details.setdefault("created_at", now)
            for name in ("updated_at", "processed_at"):
                details.setdefault(name, details["created_at"])
            order = Order(
                id=self._new_id(),
                number=self._numbers,
                token=secrets.token_hex(16),
                currency=details.pop("currency", self.settings.currency),
                lines=self._lines(lines),
                **amounts(details),
            )
            order = self.people.join(order, guest)
            self._keep(self.orders, order)
            self._count_order(order)
            self.say("orders/create", lambda p: p.order(order))
            if order.financial_status == "PAID":
                self.say("orders/paid", lambda p: p.order(order))
            return order

    # -- the merchant --------------------------------------------------------------------

    def change_order(self, order_id: int, **changes: Any) -> Order:
        with self.lock:
            changes.setdefault("updated_at", self.now())
            before = self._order(order_id)
            order = self._keep(self.orders, replace(before, **amounts(changes)))
            if order.financial_status == "PAID" != before.financial_status:
                self.say("orders/paid", lambda p: p.order(order))
            self.say("orders/updated", lambda p: p.order(order))
            return order

    def cancel_order(self, order_id: int, reason: str = "CUSTOMER") -> Order:
        with self.lock:
            now = self.now()
            changes: dict[str, Any] = {"cancelled_at": now, "updated_at": now}
            order = replace(self._order(order_id), cancel_reason=reason, **changes)
            self._keep(self.orders, order)
            self.say("orders/cancelled", lambda p: p.order(order))
            self.say("orders/updated", lambda p: p.order(order))
            return order

    def refund(self, order_id: int, amount: Decimal | str | None = None, note: str = "") -> Refund:
        """Give `amount` back (None: all that is left). Announces refunds/create."""
        with self.lock:
            before, now = self._order(order_id), self.now()
            left = before.money.total - before.refunded
            given = left if amount is None else Decimal(amount)
            refund = Refund(self._new_id(), given, now, note or None)
            status = "REFUNDED" if given >= left else "PARTIALLY_REFUNDED"
            order = replace(
                before,
                refunds=(*before.refunds, refund),
                financial_status=status,
                updated_at=now,
            )
            self._keep(self.orders, order)
            self.say("refunds/create", lambda p: p.refund(order, refund))
            self.say("orders/updated", lambda p: p.order(order))
            return refund

    def add_product(self, title: str, price: Decimal | str = "10.00", **details: Any) -> Product:
        """A product with one variant, or with the given `variants`. Announces products/update."""
        with self.lock:
            now = self.now()
            details.setdefault("handle", title.casefold().replace(" ", "-"))
            details.setdefault("variants", (Variant(self._new_id(), "Default", Decimal(price)),))
            product = Product(self._new_id(), title, created_at=now, updated_at=now, **details)
            self._keep(self.products, product)
            self.say("products/update", lambda p: p.product(product))
            return product

    def change_product(self, product_id: int, **changes: Any) -> Product:
        with self.lock:
            product = self.products.get(product_id)
            assert product is not None, "no such product"
            product = replace(product, updated_at=self.now(), **changes)
            self._keep(self.products, product)
            self.say("products/update", lambda p: p.product(product))
            return product

    def change_shop(self, **changes: Any) -> None:
        """Change `name`, `currency`, `timezone`, …. Announces shop/update."""
        with self.lock:
            self.settings = replace(self.settings, **changes)
            self.say("shop/update", lambda p: p.shop_news())

    # -- within --------------------------------------------------------------------------

    def say(self, topic: str, payload: Callable[[Payloads], dict[str, Any]]) -> None:
        """Announce `topic` to whoever is subscribed."""
        self._announce(self, topic, payload)

    def new_id(self) -> int:
        return self._new_id()

    def listed_until(self) -> datetime:
        """Lists show the shop as it was at this time."""
        return self.now() - self.settings.index_lag

    def keep_discount(self, discount: Discount) -> Discount:
        return self._keep(self.discounts, discount)

    def recovery_url(self, checkout: Checkout) -> str:
        """The address that refills the checkout; the same in GraphQL and in webhooks."""
        base = f"{self.settings.links}/{self.settings.id}/checkouts/ac/{checkout.cart_token}"
        return f"{base}/recover?key={checkout.key}"

    def _keep(self, shelf: Shelf[Record], record: Record) -> Record:
        return shelf.put(record, self.now(), self.settings.index_lag)

    def _checkout(self, checkout_id: int) -> Checkout:
        checkout = self.checkouts.get(checkout_id)
        assert checkout is not None, "no such checkout"
        return checkout

    def _order(self, order_id: int) -> Order:
        order = self.orders.get(order_id)
        assert order is not None, "no such order"
        return order

    def _lines(self, lines: Lines | None) -> tuple[Line, ...]:
        return made_lines(lines, self._new_id)

    def _count_order(self, order: Order) -> None:
        if order.customer_id and (customer := self.customers.get(order.customer_id)):
            self.people.change(customer.id, orders=customer.orders + 1)
        codes = {code.casefold() for code, _ in order.discount_codes}
        for discount in list(self.discounts.all()):
            if discount.code.casefold() in codes:
                self.keep_discount(replace(discount, uses=discount.uses + 1))
