"""Who made a checkout or an order: Shopify's `source_name` → our word."""

from __future__ import annotations

from typing import Any

from recovery.model import Origin

_ORIGINS = {
    "web": Origin.CHECKOUT,
    "mobile_app": Origin.CHECKOUT,
    "580111": Origin.CHECKOUT,  # the Online Store, by its app id
    "pos": Origin.POINT_OF_SALE,
    "iphone": Origin.POINT_OF_SALE,  # older versions of the till
    "android": Origin.POINT_OF_SALE,
    "129785": Origin.POINT_OF_SALE,
    "shopify_draft_order": Origin.DRAFT,
    "1354745": Origin.DRAFT,
}


def origin_of(source_name: Any, *, staff: Any = None, began_in_a_browser: bool = False) -> Origin:
    """Who made it.

    A number is the id of an app. An app that only writes orders leaves no trace of a
    browser; a headless storefront, the Shop app or a buy button does, because there a
    shopper fills the checkout. So a source outside the table is a shopper's when such
    a trace is there, else the work of a program. The table wins over the trace: the
    invoice of a draft also has a checkout.
    """
    name = str(source_name).lower() if source_name not in (None, "") else ""
    if name.startswith("subscription_contract"):
        return Origin.SUBSCRIPTION
    known = _ORIGINS.get(name)
    if known is not None and known is not Origin.CHECKOUT:
        return known
    if staff:
        return Origin.MERCHANT
    if known is not None or began_in_a_browser:
        return Origin.CHECKOUT
    return Origin.API if name else Origin.UNKNOWN
