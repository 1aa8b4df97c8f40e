"""orders/* and refunds/create → Order, Refund."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.protocols import Unreadable
from connectors.shopify.origins import origin_of
from connectors.shopify.reading import (
    Json,
    amount,
    bare_token,
    count,
    key,
    moment,
    part,
    parts,
    text,
)
from connectors.shopify.shoppers import shopper_of_order
from recovery.model import ZERO, Line, Order, Refund, Totals

PAID = frozenset({"paid", "partially_refunded", "refunded"})


def order_from_webhook(order: Json, now: datetime, raw: str) -> Order:
    """The order in an orders/* webhook. Raises `Unreadable`.

    Every sum comes twice, in the shop's currency and, within `…_set`, in the one the
    shopper saw; the latter is taken, so that it compares with the cart's.
    """
    own_key = key(order.get("id"))
    presented = "presentment_money" in part(order.get("total_price_set"))
    total, currency = _total(order, presented)
    if own_key is None or total is None or currency is None:
        raise Unreadable("an order without id, total or currency")
    created_at = moment(order.get("created_at")) or moment(order.get("processed_at"))
    state = (text(order.get("financial_status")) or "").lower()
    cart_keys = cart_keys_of(
        token=key(order.get("checkout_token")),
        cart_token=bare_token(order.get("cart_token")),
        checkout_id=key(order.get("checkout_id")),  # until 2026-01
    )
    return Order(
        key=own_key,
        name=text(order.get("name")),
        currency=currency,
        totals=Totals(
            total=total,
            subtotal=_sum_of(order, "subtotal_price", presented),
            discounts=_sum_of(order, "total_discounts", presented),
            shipping=_presented(order.get("total_shipping_price_set")),
            tax=_sum_of(order, "total_tax", presented),
        ),
        lines=tuple(_line(line, presented) for line in parts(order.get("line_items"))),
        shopper=shopper_of_order(order),
        placed_at=created_at or now,
        changed_at=moment(order.get("updated_at")) or created_at or now,
        origin=origin_of(
            order.get("source_name"),
            staff=order.get("user_id"),
            began_in_a_browser=bool(cart_keys or order.get("landing_site")),
        ),
        cart_keys=cart_keys,
        discount_codes=_codes(order),
        platform_state=state or None,
        paid=state in PAID,
        cancelled_at=moment(order.get("cancelled_at")),
        refunded=sum((_given_back(each) for each in parts(order.get("refunds"))), ZERO),
        raw=raw,
    )


def cart_keys_of(
    *, token: str | None, cart_token: str | None, checkout_id: str | None = None
) -> tuple[str, ...]:
    """Every key by which an order may close a cart; see `carts.keys_of` for their trust.

    `cart:` closes each checkout that the browser's cart passed through, which is
    right for those begun before the order and wrong for a later one: whoever joins
    on it compares times and names.
    """
    return tuple(
        f"{kind}:{value}"
        for kind, value in (
            ("token", token),
            ("name", f"#{checkout_id}" if checkout_id else None),
            ("cart", cart_token),
        )
        if value
    )


def refund_from_webhook(refund: Json, now: datetime, raw: str) -> tuple[Refund, ...]:
    """The money given back in a refunds/create webhook; empty when only goods went back."""
    own_key, order_key = key(refund.get("id")), key(refund.get("order_id"))
    if own_key is None or order_key is None:
        raise Unreadable("a refund without its id or its order's")
    given_back = _given_back(refund)
    if not given_back:
        return ()
    currency = _currency_of_refund(refund)
    if currency is None:
        raise Unreadable("a refund without a currency")
    at = moment(refund.get("processed_at")) or moment(refund.get("created_at")) or now
    return (Refund(own_key, order_key, given_back, currency, at, raw),)


def _given_back(refund: Json) -> Decimal:
    """The sum of the refund's payments that went through; a failed one moved no money."""
    return sum(
        (
            amount(payment.get("amount")) or ZERO
            for payment in parts(refund.get("transactions"))
            if payment.get("kind") == "refund" and payment.get("status") == "success"
        ),
        ZERO,
    )


def _currency_of_refund(refund: Json) -> str | None:
    """A payment's own currency; it may be null, then that of the refunded lines or duties."""
    for payment in parts(refund.get("transactions")):
        currency = text(payment.get("currency"))
        if currency:
            return currency
    bags = [line.get("subtotal_set") for line in parts(refund.get("refund_line_items"))]
    for bag in (*bags, refund.get("total_duties_set")):
        currency = text(part(part(bag).get("presentment_money")).get("currency_code"))
        if currency:
            return currency
    return None


def _total(order: Json, presented: bool) -> tuple[Decimal | None, str | None]:
    if presented:
        money = part(part(order.get("total_price_set")).get("presentment_money"))
        return amount(money.get("amount")), text(money.get("currency_code"))
    return amount(order.get("total_price")), text(order.get("currency"))


def _presented(bag: Any) -> Decimal | None:
    return amount(part(part(bag).get("presentment_money")).get("amount"))


def _sum_of(thing: Json, name: str, presented: bool) -> Decimal | None:
    return _presented(thing.get(f"{name}_set")) if presented else amount(thing.get(name))


def _line(line: Json, presented: bool) -> Line:
    quantity = count(line.get("quantity")) or 0
    unit_price = _sum_of(line, "price", presented) or amount(line.get("price")) or ZERO
    reduced = sum(
        (
            _sum_of(each, "amount", presented) or ZERO
            for each in parts(line.get("discount_allocations"))
        ),
        ZERO,
    )
    return Line(
        title=text(line.get("title")) or text(line.get("name")) or "",
        quantity=quantity,
        unit_price=unit_price,
        total=unit_price * quantity - reduced,
        product_key=key(line.get("product_id")),
        variant_key=key(line.get("variant_id")),
        variant_title=text(line.get("variant_title")),
        sku=text(line.get("sku")),
    )


def _codes(order: Json) -> tuple[str, ...]:
    found = (text(code.get("code")) for code in parts(order.get("discount_codes")))
    return tuple(code for code in found if code)
