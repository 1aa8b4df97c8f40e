"""WooCommerce's JSON → our model: pure functions, one per thing.

An order row is a cart or an order by its status alone. What was never paid and
waits for nobody but the shopper is a cart; everything else is an order, the
statuses that other plugins invent included: better one reminder too few.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlsplit

from connectors.protocols import Unreadable
from connectors.woocommerce.fields import (
    Row,
    amount,
    key,
    moment,
    number,
    parse,
    part,
    rows,
    text,
    wanted,
    words,
)
from connectors.woocommerce.plugin_fields import consent
from recovery.model import (
    ZERO,
    Cart,
    CartGone,
    Consent,
    CustomerSeen,
    Line,
    Order,
    OrderGone,
    Origin,
    Product,
    Seen,
    Shopper,
    Totals,
)

# Their status → is it still a cart? `cancelled` is one unless it was paid once.
CART_STATUSES = frozenset({"checkout-draft", "pending", "failed", "cancelled"})
PAYABLE = frozenset(
    {"pending", "failed"}
)  # `payment_url` opens; a draft's and a cancelled's do not
NOT_YET = frozenset({"auto-draft", "draft", "new"})  # the merchant's screen, nothing ordered
ORIGINS = {
    "checkout": Origin.CHECKOUT,  # the classic checkout
    "store-api": Origin.CHECKOUT,  # the block checkout
    "admin": Origin.MERCHANT,
    "rest-api": Origin.API,
    "subscription": Origin.SUBSCRIPTION,
}
# Where plugins of several languages note the shopper's own on the order.
LOCALE_NOTES = (
    "_relance_locale",
    "wpml_language",
    "_wpml_language",
    "pll_language",
    "trp_language",
)
CART_NOTE = "_relance_cart"  # the WordPress plugin's key of the cart that became this order
CONSENTS_NOTE = "_relance_consents"  # what was ticked in the plugin's boxes as it was placed
MOST_CONSENTS = 20
DRAFT = "checkout-draft"
A_CART_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")


def order_news(row: Row, raw: str, sees: str) -> tuple[Seen, ...]:
    """A cart, an order, or that it is gone, by the order's status. Raises `Unreadable`.

    A draft that names a cart of the plugin is nothing to us: see `is_told_by_the_plugin`.
    """
    status = wanted(text(row, "status"), "status").removeprefix("wc-")
    if status == "trash":
        return order_gone(row)
    if status in NOT_YET:
        return ()
    if status == DRAFT and is_told_by_the_plugin(row):
        return ()
    if status in CART_STATUSES and moment(row, "date_paid_gmt") is None:
        return (cart_from_order(row, status, raw, sees),)
    return (order_from(row, status, raw),)


def is_told_by_the_plugin(row: Row) -> bool:
    """Whether this draft is of a cart that the WordPress plugin tells us of, or keeps from us.

    Until 10.8 WooCommerce fills drafts while the shopper types, whatever is ticked, and
    each keystroke makes them newer than a "no thanks". So only the plugin speaks of that
    cart, which it does after the shopper agreed. Once placed, the order is read as any other.
    """
    return moment(row, "date_paid_gmt") is None and cart_key_noted(row) is not None


def order_gone(row: Row) -> tuple[Seen, ...]:
    """Trashed or deleted: of the row only the id is left, so it may have been either."""
    found = wanted(key(row), "id")
    return (OrderGone(found), CartGone((f"order:{found}",)))


def cart_from_order(row: Row, status: str, raw: str, sees: str) -> Cart:
    """A snapshot of the cart that WooCommerce keeps as an unpaid order."""
    created = wanted(moment(row, "date_created_gmt"), "date_created_gmt")
    changed = moment(row, "date_modified_gmt") or created
    plugin_key = cart_key_noted(row)
    return Cart(
        key=f"order:{wanted(key(row), 'id')}",
        currency=currency(row),
        totals=totals(row),
        lines=tuple(line(one, taxed(row)) for one in rows(row, "line_items")),
        shopper=replace(shopper(row), consents=consents_noted(row, changed)),
        created_at=created,
        changed_at=changed,
        sees=sees,
        aliases=(f"cart:{plugin_key}",) if plugin_key else (),
        discount_codes=coupon_codes(row),
        locale=locale(row),
        way_back=way_back(row, status),
        platform_state=status,
        origin=origin(row),
        user_agent=text(row, "customer_user_agent"),
        client_address=text(row, "customer_ip_address"),
        raw=raw,
    )


def order_from(row: Row, status: str, raw: str) -> Order:
    """An order.

    `placed_at` is when it was paid, else when its row was made: a cart that
    waited as `pending` for an hour was not placed before its reminder.
    """
    found = wanted(key(row), "id")
    created = wanted(moment(row, "date_created_gmt"), "date_created_gmt")
    changed = moment(row, "date_modified_gmt") or created
    paid_at = moment(row, "date_paid_gmt")
    plugin_key = cart_key_noted(row)
    return Order(
        key=found,
        currency=currency(row),
        totals=totals(row),
        lines=tuple(line(one, taxed(row)) for one in rows(row, "line_items")),
        shopper=replace(shopper(row), consents=consents_noted(row, changed)),
        # An unpaid order may begin as a draft long before it is placed: the time of the
        # first news of it errs on the side of one reminder less.
        placed_at=paid_at or changed,
        changed_at=changed,
        origin=origin(row),
        name=text(row, "number"),
        cart_keys=(f"order:{found}", *((f"cart:{plugin_key}",) if plugin_key else ())),
        discount_codes=coupon_codes(row),
        platform_state=status,
        paid=paid_at is not None,
        cancelled_at=changed if status == "cancelled" else None,
        refunded=sum((abs(amount(one, "total") or ZERO) for one in rows(row, "refunds")), ZERO),
        raw=raw,
    )


def currency(row: Row) -> str:
    """The ISO code in the row. Raises `Unreadable`."""
    found = wanted(text(row, "currency"), "currency").upper()
    if not re.fullmatch("[A-Z]{3}", found):
        raise Unreadable("currency is not an ISO code")
    return found


def origin(row: Row) -> Origin:
    """Who made it, by `created_via`."""
    return ORIGINS.get(text(row, "created_via") or "", Origin.UNKNOWN)


def way_back(row: Row, status: str) -> str | None:
    """`payment_url`, where it opens for whoever holds it: a guest's unpaid order.

    A registered customer's asks for a log-in, and our links log nobody in. Empty for a
    cancelled order: what was shown before opens no more.
    """
    if status == "cancelled":
        return ""
    if status not in PAYABLE or key(row, "customer_id") or row.get("needs_payment") is False:
        return None
    return web_address(row, "payment_url")


def web_address(row: Row, name: str) -> str | None:
    """The http(s) address in `name`, else None: it ends in a link that people tap."""
    found = text(row, name)
    try:
        parts = urlsplit(found or "")
    except ValueError:
        return None
    return found if parts.scheme in ("http", "https") and parts.netloc else None


def cart_key_noted(row: Row) -> str | None:
    """The plugin's key of the cart, from the order's meta data."""
    found = note(row, CART_NOTE)
    return found if found and A_CART_KEY.match(found) else None


def consents_noted(row: Row, changed_at: datetime) -> tuple[Consent, ...]:
    """What was ticked in the plugin's boxes as the order was placed; none is later than that.

    The note is a JSON list of the plugin's consents. What cannot be read counts for nothing,
    and keeps no order from being read.
    """
    told = next(
        (one.get("value") for one in rows(row, "meta_data") if one.get("key") == CONSENTS_NOTE), ""
    )
    found: list[Consent] = []
    from_ip = row.get("customer_ip_address")
    where = (locale(row), from_ip if isinstance(from_ip, str) else None)
    with suppress(Unreadable):
        listed = parse(told) if isinstance(told, str) else told
        for one in listed[:MOST_CONSENTS] if isinstance(listed, list) else ():
            with suppress(Unreadable):
                if isinstance(one, dict):
                    found.append(consent(one, changed_at, "checkout", *where))
    return tuple(found)


def locale(row: Row) -> str | None:
    """The shopper's language, where a plugin noted it on the order."""
    return next((found for name in LOCALE_NOTES if (found := note(row, name))), None)


def note(row: Row, name: str) -> str | None:
    """A text in the order's `meta_data`; None when missing or of another shape."""
    for one in rows(row, "meta_data"):
        value = one.get("value")
        if one.get("key") == name and isinstance(value, str):
            return text(one, "value")
    return None


def shopper(row: Row) -> Shopper:
    """The person of an order, from billing, else shipping."""
    billing, shipping = part(row, "billing"), part(row, "shipping")

    def either(name: str) -> str | None:
        return text(billing, name) or text(shipping, name)

    country = either("country")
    return Shopper(
        customer_key=key(row, "customer_id"),
        first_name=either("first_name"),
        last_name=either("last_name"),
        email=text(billing, "email"),
        phone=either("phone"),
        country=country.upper() if country else None,
        region=either("state"),
        locale=locale(row),
    )


def taxed(row: Row) -> bool:
    """Does this shop speak of prices with tax? Then lines do as well."""
    return row.get("prices_include_tax") is True


def totals(row: Row) -> Totals:
    """The sums as the shopper saw them: with tax where the shop's prices have it."""
    with_tax = taxed(row)

    def both(name: str, tax: str) -> Decimal | None:
        found = amount(row, name)
        return found if found is None or not with_tax else found + (amount(row, tax) or ZERO)

    return Totals(
        total=wanted(amount(row, "total"), "total"),
        subtotal=sum(
            (line_sum(one, "subtotal", with_tax) for one in rows(row, "line_items")), ZERO
        ),
        discounts=both("discount_total", "discount_tax"),
        shipping=both("shipping_total", "shipping_tax"),
        tax=amount(row, "total_tax"),
    )


def line_sum(row: Row, name: str, with_tax: bool) -> Decimal:
    """A line's `total` or `subtotal`, with its tax when asked."""
    found = amount(row, name) or ZERO
    return found + (amount(row, f"{name}_tax") or ZERO) if with_tax else found


def line(row: Row, with_tax: bool) -> Line:
    """One line. Its unit price is before discounts, its total after them."""
    quantity = max(number(row, "quantity") or 0, 1)  # some plugins sell 0.5 kg
    title, variant = titles(row)
    return Line(
        title=title,
        quantity=quantity,
        unit_price=each(line_sum(row, "subtotal", with_tax), quantity),
        total=line_sum(row, "total", with_tax),
        product_key=key(row, "product_id"),
        variant_key=key(row, "variation_id"),
        variant_title=variant,
        image=web_address(part(row, "image"), "src"),
        sku=text(row, "sku"),
    )


def titles(row: Row) -> tuple[str, str | None]:
    """The product's name and the variation's: "Shirt - Blue" with parent "Shirt"."""
    name, parent = words(row, "name") or "", words(row, "parent_name")
    if parent and name.startswith(f"{parent} - "):
        return parent, name.removeprefix(f"{parent} - ")
    return name, None


def each(whole: Decimal, quantity: int) -> Decimal:
    """The price of one: exact where it can be, else rounded to the sum's own decimals."""
    one = whole / quantity
    if one * quantity == whole:
        return one
    return one.quantize(Decimal(1).scaleb(int(whole.as_tuple().exponent)), ROUND_HALF_UP)


def coupon_codes(row: Row) -> tuple[str, ...]:
    """The codes on the order, as WooCommerce keeps them: in lower case."""
    return tuple(code for one in rows(row, "coupon_lines") if (code := text(one, "code")))


def customer_from(row: Row, raw: str) -> CustomerSeen:
    """A registered customer's own details."""
    billing, shipping = part(row, "billing"), part(row, "shipping")
    country = text(billing, "country") or text(shipping, "country")
    person = Shopper(
        customer_key=wanted(key(row), "id"),
        first_name=text(row, "first_name") or text(billing, "first_name"),
        last_name=text(row, "last_name") or text(billing, "last_name"),
        email=text(row, "email") or text(billing, "email"),
        phone=text(billing, "phone") or text(shipping, "phone"),
        country=country.upper() if country else None,
        region=text(billing, "state") or text(shipping, "state"),
    )
    changed = moment(row, "date_modified_gmt") or moment(row, "date_created_gmt")
    return CustomerSeen(person, wanted(changed, "date_modified_gmt"), raw)


def product_from(row: Row, raw: str) -> Product:
    """A product. Its currency is the shop's, which the row does not tell."""
    images = rows(row, "images")
    changed = moment(row, "date_modified_gmt") or moment(row, "date_created_gmt")
    return Product(
        key=wanted(key(row), "id"),
        title=words(row, "name") or "",
        changed_at=wanted(changed, "date_modified_gmt"),
        address=web_address(row, "permalink"),
        image=web_address(images[0], "src") if images else None,
        price=amount(row, "price"),
        in_stock={"instock": True, "onbackorder": True, "outofstock": False}.get(
            text(row, "stock_status") or ""
        ),
        categories=tuple(name for one in rows(row, "categories") if (name := words(one, "name"))),
        available=text(row, "status") == "publish",
        raw=raw,
    )


def product_gone(row: Row, now: datetime) -> Product:
    """A deleted product: the id is all that is told, and the time is our own."""
    return Product(wanted(key(row), "id"), "", now, available=False)
