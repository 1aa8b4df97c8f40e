"""What the plugin tells besides carts: what shoppers ask to be texted about, and parcels."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from connectors.protocols import Unreadable
from connectors.woocommerce import fields
from connectors.woocommerce.fields import Row, text, wanted, words
from connectors.woocommerce.plugin_fields import at, flag
from connectors.woocommerce.reading import A_CART_KEY, currency, web_address
from recovery.model import ZERO, Money, ParcelNews, RequestKind, Stage, TextRequest

SOURCE = "plugin"
LONGEST_KEY = 64  # of a parcel
LONGEST_CARRIER = 80
_OF_A_PRODUCT = (RequestKind.BACK_IN_STOCK, RequestKind.PRICE_DROP)

Choice = TypeVar("Choice", bound=StrEnum)


def text_request(row: Row, now: datetime) -> TextRequest:
    """One entry of `requests`. Raises `Unreadable`."""
    kind, withdrawn = one_of(row, "kind", RequestKind), flag(row, "withdrawn")
    cart, product = cart_key(row), fields.key(row, "product_id")
    told = text(row, "words")
    if not withdrawn:
        wanted(told, "words")
        if kind in _OF_A_PRODUCT:
            wanted(product, "product_id")
        if kind is RequestKind.KEEP_CART:
            wanted(cart, "cart_key")
    country = text(row, "country")
    return TextRequest(
        kind=kind,
        phone=wanted(text(row, "phone"), "phone"),
        at=at(row, "at", now),
        words=told or "",
        source=SOURCE,
        country=country.upper() if country else None,
        locale=text(row, "locale"),
        cart_key=f"cart:{cart}" if cart else None,
        customer_key=fields.key(row, "customer_id"),
        product_key=product,
        variant_key=fields.key(row, "variation_id"),
        product_title=words(row, "title"),
        product_address=web_address(row, "permalink"),
        price=price(row),
        withdrawn=withdrawn,
    )


def parcel(row: Row, now: datetime) -> ParcelNews:
    """One entry of `parcels`. Raises `Unreadable`."""
    found = wanted(text(row, "key"), "key")
    if len(found) > LONGEST_KEY:
        raise Unreadable(f"key: more than {LONGEST_KEY} characters")
    carrier = words(row, "carrier")
    return ParcelNews(
        key=found,
        order_key=wanted(fields.key(row, "order_id"), "order_id"),
        stage=one_of(row, "stage", Stage),
        at=at(row, "at", now),
        tracking_address=web_address(row, "tracking_address"),
        carrier=carrier[:LONGEST_CARRIER] if carrier else None,
        raw=json.dumps(row, default=str),
    )


def one_of(row: Row, name: str, choices: type[Choice]) -> Choice:
    """The choice that is named. Raises `Unreadable`."""
    try:
        return choices(wanted(text(row, name), name))
    except ValueError as error:
        raise Unreadable(f"{name}: one of {', '.join(choices)} was expected") from error


def cart_key(row: Row) -> str | None:
    """The plugin's own key of the cart in `cart_key`. Raises `Unreadable`."""
    found = text(row, "cart_key")
    if found is not None and not A_CART_KEY.match(found):
        raise Unreadable("cart_key: 8 to 64 letters, digits, - and _ were expected")
    return found


def price(row: Row) -> Money | None:
    """What the shopper saw, with its currency. Raises `Unreadable`."""
    found = fields.amount(row, "price")
    if found is None:
        return None
    if found < ZERO:
        raise Unreadable("price: nothing or more was expected")
    return Money(found, currency(row))
