"""checkouts/create, checkouts/update, checkouts/delete → Cart, CartGone."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from connectors.protocols import Unreadable
from connectors.shopify.origins import origin_of
from connectors.shopify.reading import (
    Json,
    amount,
    bare_token,
    count,
    key,
    moment,
    parts,
    path_of,
    text,
)
from connectors.shopify.shoppers import shopper_of_checkout
from recovery.model import ZERO, Cart, CartGone, Line, Origin, Shopper, Totals

_WORDS_BEFORE_A_CART_TOKEN = frozenset({"ac", "c", "cn"})


def cart_from_checkout(checkout: Json, now: datetime, raw: str) -> Cart:
    """The cart in a checkouts/create or checkouts/update webhook. Raises `Unreadable`.

    Sums are in `presentment_currency`, the one the shopper saw: Shopify's page on
    abandoned checkouts calls each of them "in presentment currency" and `currency`
    the shop's default, and a checkout, unlike an order, carries no `…_set` pair.
    """
    name = name_of(checkout)
    way_back = text(checkout.get("abandoned_checkout_url"))
    own_key, aliases = keys_of(
        token=key(checkout.get("token")),
        cart_token=bare_token(checkout.get("cart_token")),
        name=name,
        way_back=way_back,
    )
    created_at = moment(checkout.get("created_at"))
    changed_at = moment(checkout.get("updated_at")) or created_at or now
    currency, total = _currency_and_total(checkout)
    # The box is dated by the checkout's beginning: a snapshot repeats it at every change,
    # and must not outlive a "no" that was said since.
    shopper = shopper_of_checkout(checkout, created_at or changed_at)
    return Cart(
        key=own_key,
        name=name,
        aliases=aliases,
        currency=currency,
        totals=_totals(checkout, total),
        lines=tuple(map(_line, parts(checkout.get("line_items")))),
        shopper=shopper,
        created_at=created_at or changed_at,
        changed_at=changed_at,
        sees="webhook",
        discount_codes=_codes(checkout),
        locale=shopper.locale,
        way_back=way_back,
        platform_state=_state(checkout),
        completed_at=moment(checkout.get("completed_at")),
        origin=_origin(checkout, shopper),
        raw=raw,
    )


def cart_gone(checkout: Json, at: datetime) -> CartGone:
    """The cart that a checkouts/delete webhook names. Raises `Unreadable`.

    It names it by its id, also in the versions where the other topics have none; the
    checkout's name is "#" and that id. The cart token is left alone: a younger
    checkout of the same browser may have it too, and that one is not deleted.
    """
    token, name = key(checkout.get("token")), name_of(checkout)
    keys = tuple(f"{kind}:{value}" for kind, value in (("token", token), ("name", name)) if value)
    if not keys:
        raise Unreadable("a deleted checkout without id, token or name")
    return CartGone(keys=keys, at=at)


def name_of(checkout: Json) -> str | None:
    """The checkout's name, "#" and its id; versions up to 2026-01 also send the bare id."""
    name = text(checkout.get("name"))
    if name:
        return name
    own_id = key(checkout.get("id"))
    return f"#{own_id}" if own_id else None


def keys_of(
    *, token: str | None, cart_token: str | None, name: str | None, way_back: str | None
) -> tuple[str, tuple[str, ...]]:
    """A cart's key and the other keys that join snapshots and orders to it.

    Webhooks show token and cart token, the poll neither: both show name and recovery
    address. `token` and `name` belong to one checkout. A cart token, and with it the
    path of the recovery address, belongs to a browser's cart, and two successive
    checkouts of that browser may share it; so whoever joins on `cart:` or `path:`
    must take two different names for two carts.
    """
    path = path_of(way_back)
    keys = [
        f"{kind}:{value}"
        for kind, value in (("token", token), ("name", name), ("path", path))
        if value
    ]
    if not keys:
        raise Unreadable("a checkout without token, name or recovery address")
    if cart_token:
        keys.append(f"cart:{cart_token}")
    if path and not token:
        keys.extend(alias for alias in _keys_within(path) if alias not in keys)
    return keys[0], tuple(keys[1:])


def _keys_within(path: str) -> tuple[str, ...]:
    """What the path of a recovery address gives away, so that a polled cart meets its order.

    "/<shop>/checkouts/ac/<cart token>/recover", in older shops
    "/<shop>/checkouts/<token>/recover". Other shapes give nothing. It is a reading of
    somebody's address, so it is never a cart's own key.
    """
    steps = path.split("/")
    if len(steps) < 4 or steps[-1] != "recover":
        return ()
    if steps[-3] in _WORDS_BEFORE_A_CART_TOKEN:
        return (f"cart:{steps[-2]}",)
    return (f"token:{steps[-2]}",) if steps[-3] == "checkouts" else ()


def _currency_and_total(checkout: Json) -> tuple[str, Decimal]:
    """What no cart is without. Raises `Unreadable`."""
    currency = text(checkout.get("presentment_currency")) or text(checkout.get("currency"))
    total = amount(checkout.get("total_price"))
    if currency is None or total is None:
        raise Unreadable("a checkout without a currency or a total")
    return currency, total


def _totals(checkout: Json, total: Decimal) -> Totals:
    shipping = parts(checkout.get("shipping_lines"))
    return Totals(
        total=total,
        subtotal=amount(checkout.get("subtotal_price")),
        discounts=amount(checkout.get("total_discounts")),
        shipping=_sum(shipping, "price") if shipping else None,
        tax=amount(checkout.get("total_tax")),
    )


def _origin(checkout: Json, shopper: Shopper) -> Origin:
    return origin_of(
        checkout.get("source_name"),
        staff=checkout.get("user_id"),
        began_in_a_browser=bool(checkout.get("landing_site") or shopper.locale),
    )


def _line(line: Json) -> Line:
    quantity = count(line.get("quantity")) or 0
    unit_price = amount(line.get("price"))
    total = amount(line.get("line_price"))
    if unit_price is None:
        unit_price = amount(line.get("variant_price")) or ZERO
    reductions = parts(line.get("discount_allocations"))
    if reductions or total is None:
        total = unit_price * quantity - _sum(reductions, "amount")
    return Line(
        title=text(line.get("presentment_title")) or text(line.get("title")) or "",
        quantity=quantity,
        unit_price=unit_price,
        total=total,
        product_key=key(line.get("product_id")),
        variant_key=key(line.get("variant_id")),
        variant_title=text(line.get("presentment_variant_title"))
        or text(line.get("variant_title")),
        sku=text(line.get("sku")),
    )


def _sum(things: list[Json], name: str) -> Decimal:
    if not things:  # nearly always
        return ZERO
    return sum((amount(thing.get(name)) or ZERO for thing in things), ZERO)


def _codes(checkout: Json) -> tuple[str, ...]:
    codes = parts(checkout.get("discount_codes"))
    if not codes:
        return ()
    found = (text(code.get("code")) for code in codes)
    return tuple(code for code in found if code)


def _state(checkout: Json) -> str:
    if checkout.get("completed_at"):
        return "completed"
    return "closed" if checkout.get("closed_at") else "open"
