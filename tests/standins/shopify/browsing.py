"""What happens in a shop before a checkout and after an order: browsers' carts, and parcels."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from tests.standins.shopify import parcel_payloads
from tests.standins.shopify.making import Lines
from tests.standins.shopify.records import BrowserCart, Checkout, Parcel


class Browsing:
    """Part of `StandInShop`."""

    carts: dict[str, BrowserCart]
    parcels: dict[int, Parcel]

    def fill_cart(self: Any, lines: Lines | None = None, **details: Any) -> BrowserCart:
        """A visitor puts something into an empty cart. Announces carts/create."""
        with self.lock:
            now = self.now()
            cart = BrowserCart(
                cart_token=details.pop("cart_token", None) or secrets.token_hex(16),
                key=secrets.token_hex(12),
                currency=details.pop("currency", self.settings.currency),
                lines=self._lines(lines),
                created_at=now,
                updated_at=now,
                **details,
            )
            self.carts[cart.cart_token] = cart
            self.say("carts/create", lambda p: p.cart(cart))
            return cart

    def change_cart(self: Any, cart_token: str, lines: Lines) -> BrowserCart:
        """The visitor changes what lies in the cart; `[]` empties it. Announces carts/update."""
        with self.lock:
            before = self.carts[cart_token]
            cart = replace(before, lines=self._lines(lines), updated_at=self.now())
            self.carts[cart_token] = cart
            self.say("carts/update", lambda p: p.cart(cart))
            return cart

    def begin_checkout(self: Any, cart_token: str, **details: Any) -> Checkout:
        """The visitor goes to the checkout with the cart's lines. Announces checkouts/create."""
        with self.lock:
            cart = self.carts[cart_token]
            known = {"cart_token": cart_token, "currency": cart.currency}
            return self.add_checkout(cart.lines, **(known | details))

    def ship(self: Any, order_id: int, **details: Any) -> Parcel:
        """The merchant sends the order off. Announces fulfillments/create."""
        with self.lock:
            order, now = self._order(order_id), self.now()
            number = 1 + sum(each.order_id == order.id for each in self.parcels.values())
            parcel = Parcel(self.new_id(), order.id, number, now, now, **details)
            self.parcels[parcel.id] = parcel
            said = parcel_payloads.fulfillment
            self.say("fulfillments/create", lambda p: said(p, order, parcel))
            return parcel

    def parcel_news(self: Any, parcel_id: int, progress: str) -> Parcel:
        """The carrier tells how far it is. Announces the event, and fulfillments/update."""
        with self.lock:
            parcel = replace(self.parcels[parcel_id], progress=progress, updated_at=self.now())
            self.parcels[parcel_id] = parcel
            order, event = self._order(parcel.order_id), self.new_id()
            said = parcel_payloads
            self.say("fulfillment_events/create", lambda p: said.event(p, order, parcel, event))
            self.say("fulfillments/update", lambda p: said.fulfillment(p, order, parcel))
            return parcel
