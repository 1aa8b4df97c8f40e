"""A discount code in the shop: made, then read back, because the API forgives too much.

`date_expires_gmt` is silently ignored and the coupon never expires; so is a
`date_expires` that cannot be parsed. With a Z, `date_expires` means UTC in any
shop's time zone. A coupon that came back with another end than asked is removed.

On certain lines a percentage counts for these products alone. `fixed_cart` would spread over the
whole cart as soon as one of them is in it, and `fixed_product` counts for every item of them:
so that is limited to one item (`limit_usage_to_x_items`), and an amount is given once. A product
left out takes no percentage; with one in the cart, an amount or free shipping does not apply.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused, Unreadable
from connectors.woocommerce.client import Rest
from connectors.woocommerce.fields import Row, key, moment, number, text
from recovery.model import ZERO, Coupon, Offer


def create_coupon(rest: Rest, offer: Offer) -> Coupon:
    """Make `offer` a coupon, and read it back.

    Asked again, after an answer that was lost, it gives what is there already, if that is what
    the offer asks for. Raises `Refused` (also when the code is another's), `Busy`, `NoAnswer`.
    """
    ends_at = offer.ends_at.astimezone(UTC).replace(microsecond=0)
    asked = asked_for(offer, ends_at)
    try:
        try:
            row = rest.post("coupons", asked).row()
        except Refused:
            return _ours(rest, asked, ends_at)
        coupon_key, told = key(row), moment(row, "date_expires_gmt")
    except Unreadable as error:
        raise NoAnswer("The shop's answer about the coupon cannot be read.") from error
    if coupon_key is None:
        raise NoAnswer("The shop's answer about the coupon does not name it.")
    if told != ends_at or not honoured(row, asked):
        take_back(rest, coupon_key)
        raise Refused("The shop made the coupon otherwise than asked (end, code, use or products).")
    return Coupon(asked["code"], coupon_key, ends_at)


def _ours(rest: Rest, asked: dict[str, Any], ends_at: datetime) -> Coupon:
    """The coupon that is there already under that code; raises `Refused` where it is none of ours.

    Nothing of it is changed: it may be the merchant's.
    """
    try:
        found = rest.get("coupons", code=asked["code"]).rows()
    except (Busy, Unreadable) as error:  # "busy" would say that nothing happened
        raise NoAnswer("Whether the coupon is there cannot be read now.") from error
    for row in found:
        is_it = moment(row, "date_expires_gmt") == ends_at and honoured(row, asked)
        coupon_key = key(row)
        if is_it and coupon_key is not None and not number(row, "usage_count"):
            return Coupon(asked["code"], coupon_key, ends_at)
    raise Refused("The shop refused the coupon, and has none like it under that code.")


def remove_coupon(rest: Rest, coupon_key: str) -> None:
    """Delete a coupon for good; one that is gone already is no error. Raises like `Rest.delete`."""
    try:
        rest.delete(f"coupons/{coupon_key}")
    except Refused as error:
        if "404" not in str(error) and "410" not in str(error):
            raise


def code_works(rest: Rest, code: str, now: datetime) -> bool:
    """Whether this code is published, not over at `now`, and not used up.

    The list takes a code in any case, finds published coupons alone, and is empty without
    one. Conditions on the cart or the shopper are the merchant's own. Raises like `Rest.get`.
    """
    found = rest.get("coupons", code=code).rows()
    named = [row for row in found if (text(row, "code") or "").lower() == code.lower()]
    if found and not named:  # a plugin may answer with whatever there is
        raise Unreadable("The shop answered with other coupons than the one asked for.")
    return any(_is_in_force(row, now) for row in named)


def _is_in_force(row: Row, now: datetime) -> bool:
    # "status" is told by newer shops alone; the older ones list what is published.
    if text(row, "status") not in (None, "publish"):
        return False
    ends_at, most = moment(row, "date_expires_gmt"), number(row, "usage_limit")
    if ends_at is not None and ends_at < now:
        return False
    return not most or (number(row, "usage_count") or 0) < most


def asked_for(offer: Offer, ends_at: datetime) -> dict[str, Any]:
    """The body of the request. Raises `Refused` for an offer that is none."""
    kind, value = worth(offer)
    row: dict[str, Any] = {
        "code": offer.code.strip().lower(),  # the shop lower-cases it anyway
        "discount_type": kind,
        "amount": f"{value:f}",
        "date_expires": ends_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "individual_use": True,
        "usage_limit": 1,
        "usage_limit_per_user": 1,
        "free_shipping": offer.free_shipping,
        "product_ids": _products(offer.product_keys),
        "excluded_product_ids": _products(offer.excluded_product_keys),
        "description": "Relance",
    }
    if kind == "fixed_product":
        row["limit_usage_to_x_items"] = 1
    if offer.minimum_total:
        row["minimum_amount"] = f"{offer.minimum_total.amount:f}"
    if offer.email:
        row["email_restrictions"] = [offer.email.strip().lower()]
    elif offer.customer_key:
        raise Refused("WooCommerce binds a coupon to an e-mail, not to a customer without one.")
    return row


def _products(keys: tuple[str, ...]) -> list[int]:
    """Ids of products, each with all of its variations. Raises `Refused`."""
    if not all(one.isascii() and one.isdigit() and int(one) > 0 for one in keys):
        raise Refused("A product of the offer is none of this shop's.")
    return sorted({int(one) for one in keys})


def worth(offer: Offer) -> tuple[str, Decimal]:
    """WooCommerce's discount type and its amount. Raises `Refused`."""
    if not offer.code.strip():
        raise Refused("A coupon needs a code.")
    if offer.percent is not None and offer.amount is not None:
        raise Refused("A coupon is a percentage or an amount, not both.")
    if offer.percent is not None:
        if not (offer.percent.is_finite() and ZERO < offer.percent <= 100):
            raise Refused("A percentage lies above 0 and is at most 100.")
        return "percent", offer.percent
    if offer.amount is not None:
        if not (offer.amount.amount.is_finite() and offer.amount.amount > ZERO):
            raise Refused("The amount of a coupon is more than nothing.")
        return "fixed_product" if offer.product_keys else "fixed_cart", offer.amount.amount
    if offer.product_keys:
        raise Refused("Shipping is free for a whole order, not for some lines of it.")
    if not offer.free_shipping:
        raise Refused("The offer gives nothing.")
    return "fixed_cart", ZERO


def honoured(row: Row, asked: dict[str, Any]) -> bool:
    """Did the shop keep what was promised, and what protects the merchant?"""
    return (
        text(row, "code") == asked["code"]
        and text(row, "discount_type") == asked["discount_type"]
        and _same(row.get("amount"), asked["amount"])
        and _same(row.get("minimum_amount"), asked.get("minimum_amount"))
        and row.get("free_shipping", False) is asked["free_shipping"]
        and row.get("usage_limit") == 1
        and row.get("usage_limit_per_user") == 1
        and (row.get("limit_usage_to_x_items") or None) == asked.get("limit_usage_to_x_items")
        and _same_ids(row, asked)
        and not any(row.get(name) for name in _NARROWER)
        and row.get("individual_use") is True
        and row.get("email_restrictions", []) == asked.get("email_restrictions", [])
    )


#: What would keep the coupon from what is promised.
_NARROWER = ("product_categories", "excluded_product_categories", "exclude_sale_items")


def _same_ids(row: Row, asked: dict[str, Any]) -> bool:
    return all(
        isinstance(row.get(name), list) and sorted(map(str, row[name])) == sorted(map(str, wanted))
        for name, wanted in asked.items()
        if name in ("product_ids", "excluded_product_ids")
    )


def _same(told: Any, wanted: str | None) -> bool:
    """The shop writes "10.00" for "10", and "0.00" for nothing."""
    try:
        return Decimal(str(told or 0)) == Decimal(wanted or 0)
    except ArithmeticError:
        return False


def take_back(rest: Rest, coupon_key: str) -> None:
    """Remove a coupon that came out wrong. Raises `Refused` that names it when it stays."""
    try:
        rest.delete(f"coupons/{coupon_key}")
    except (AccountStopped, Busy, NoAnswer, Refused) as error:
        raise Refused(
            f"The shop made coupon {coupon_key} otherwise than asked, and it could not be "
            "removed: delete it in the shop."
        ) from error
