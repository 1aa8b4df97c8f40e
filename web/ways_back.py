"""Where a link leads in the end: the shop's own checkout, with the offer's code applied."""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import urlsplit

from werkzeug.urls import iri_to_uri

from recovery import lines
from recovery.model import Cart, Coupon, Shopper, Totals
from recovery.secrets import Sealed
from web.tools import Tools

_NEVER = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, half surrogates, line breaks


def way_back(tools: Tools, cart: Any, coupon: Coupon | None) -> tuple[str | None, bool]:
    """The address of this row of `carts`, and whether the coupon is applied there.

    None where there is no address that a browser can be sent to. A code that cannot be
    applied is no reason to lose the way: the shopper may type it.
    """
    plain = cart.way_back if is_web_address(cart.way_back) else None
    if plain is None or coupon is None:
        return plain, False
    with_code = _with_code(tools, cart, coupon)
    if with_code == plain or not is_web_address(with_code):
        return plain, False
    return with_code, True


def is_web_address(address: str | None) -> bool:
    """Can a browser be sent there? What `redirect` could not write in a header is none."""
    if not address or any(unicodedata.category(char) in _NEVER for char in address):
        return False  # before `urlsplit`, which drops line breaks without a word
    try:
        parts = urlsplit(iri_to_uri(address))
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _with_code(tools: Tools, row: Any, coupon: Coupon) -> str | None:
    """The shop's own connector knows how; without its credentials there is none."""
    try:
        found = tools.shop_by_key(row.shop_platform, row.shop_key)
    except (Sealed, KeyError):
        return None
    return None if found is None else found[1].way_back(_cart(row), coupon)


def _cart(row: Any) -> Cart:
    """As much of the cart as its way back is made of."""
    return Cart(
        key=row.key,
        currency=row.currency,
        totals=Totals(row.total),
        lines=lines.read(row.lines),
        shopper=Shopper(),
        created_at=row.changed_at,
        changed_at=row.changed_at,
        sees=row.sources,
        way_back=row.way_back,
        platform_state=row.platform_state,
    )
