"""carts/create, carts/update → Cart: what lies in a browser's cart, and nobody's name.

They come for each visitor who puts something in, long before any checkout. The body has
lines and a token: no shopper, no discount codes, no currency but that of its lines. The
same token is the `cart_token` of the checkout that may follow, and of its order.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.protocols import Unreadable
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
from recovery.model import ZERO, Cart, Line, Shopper, Totals

#: The sort of source: it sees less than a checkout's webhook, and never overrules one.
CART_SIGHT = "cart"

_NOBODY = Shopper()
_LONGEST_PERMALINK = 2000  # characters, which every browser and Shopify take


def cart_from_browser(cart: Json, now: datetime, raw: str) -> Cart:
    """The cart in a carts/create or carts/update webhook. Raises `Unreadable`.

    An emptied one has no lines, no sum and, for want of lines, no currency (""). Sums
    are those the shopper saw (`presentment_money`), and before taxes and shipping.
    """
    token = bare_token(cart.get("token")) or bare_token(cart.get("id"))
    if token is None:
        raise Unreadable("a browser's cart without a token")
    rows = parts(cart.get("line_items"))
    lines = tuple(map(_line, rows))
    created_at = moment(cart.get("created_at"))
    changed_at = moment(cart.get("updated_at")) or created_at or now
    total = sum((line.total for line in lines), ZERO)
    return Cart(
        key=cart_key(token),
        currency=next(filter(None, map(_currency, rows)), ""),
        totals=Totals(total=total, subtotal=total),
        lines=lines,
        shopper=_NOBODY,
        created_at=created_at or changed_at,
        changed_at=changed_at,
        sees=CART_SIGHT,
        raw=raw,
    )


def cart_key(token: str) -> str:
    """How a browser's cart is called by its bare token; checkouts have it as an alias."""
    return f"cart:{token}"


def permalink(domain: str, lines: Iterable[Line]) -> str | None:
    """Shopify's cart permalink to these lines; None when no line names its variant.

    It cannot carry what was engraved on a line, or a subscription: those come plain.
    """
    wanted: dict[str, int] = {}
    for line in lines:
        if line.variant_key and line.variant_key.isdecimal() and line.quantity > 0:
            wanted[line.variant_key] = wanted.get(line.variant_key, 0) + line.quantity
    address = f"https://{domain}/cart/" + ",".join(f"{id}:{many}" for id, many in wanted.items())
    return address if wanted and len(address) <= _LONGEST_PERMALINK else None


def _line(line: Json) -> Line:
    quantity = count(line.get("quantity")) or 0
    unit_price = _amount(line, "price") or ZERO
    total = _amount(line, "line_price")
    return Line(
        title=text(line.get("title")) or "",
        quantity=quantity,
        unit_price=unit_price,
        total=unit_price * quantity if total is None else total,
        product_key=key(line.get("product_id")),
        variant_key=key(line.get("variant_id")),
        sku=text(line.get("sku")),
    )


def _amount(line: Json, name: str) -> Decimal | None:
    shown = amount(_presented(line.get(f"{name}_set")).get("amount"))
    return amount(line.get(name)) if shown is None else shown


def _currency(line: Json) -> str | None:
    return text(_presented(line.get("line_price_set")).get("currency_code"))


def _presented(pair: Any) -> Json:
    return part(part(pair).get("presentment_money"))
