"""The customers of one shop, found by e-mail or phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tests.standins.shopify.records import Checkout, Consent, Customer, Order, Shelf

Bought = TypeVar("Bought", Checkout, Order)


class People:
    def __init__(
        self,
        now: Callable[[], datetime],
        ids: Callable[[], int],
        locale: str,
        lag: timedelta,
    ) -> None:
        self.now, self._new_id, self._locale, self._lag = now, ids, locale, lag
        self.shelf: Shelf[Customer] = Shelf()
        self._by_contact: dict[str, int] = {}  # folded e-mail or phone: customer id

    def add(self, **details: Any) -> Customer:
        now = self.now()
        return self._keep(Customer(self._new_id(), now, now, **details))

    def change(self, customer_id: int, **changes: Any) -> Customer:
        customer = self.shelf.get(customer_id)
        assert customer is not None, "no such customer"
        return self._keep(replace(customer, updated_at=self.now(), **changes))

    def join(self, record: Bought, guest: bool) -> Bought:
        """Join a checkout or an order to the customer of its e-mail or phone, or make one."""
        if guest or record.customer_id or not (record.email or record.phone):
            return record
        found = self._by_contact.get((record.email or record.phone or "").casefold())
        return replace(record, customer_id=found or self._meet(record).id)

    def _meet(self, record: Checkout | Order) -> Customer:
        yes = Consent("SUBSCRIBED", "SINGLE_OPT_IN", self.now(), "SHOPIFY")
        sms = getattr(record, "buyer_accepts_sms_marketing", False)
        return self.add(
            email=record.email,
            phone=record.phone,
            first_name=record.first_name,
            last_name=record.last_name,
            locale=record.locale or self._locale,
            address=record.billing_address or record.shipping_address,
            email_consent=yes if record.buyer_accepts_marketing else Consent(),
            sms_consent=yes if sms else Consent(),
        )

    def _keep(self, customer: Customer) -> Customer:
        for contact in filter(None, (customer.email, customer.phone)):
            self._by_contact.setdefault(contact.casefold(), customer.id)
        return self.shelf.put(customer, self.now(), self._lag)
