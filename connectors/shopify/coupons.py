"""An offer → a discount code in the shop, read back and compared before it is promised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused, Unreadable
from connectors.shopify import documents
from connectors.shopify.admin import Admin
from connectors.shopify.reading import Json, amount, moment, part, parts, text
from recovery.model import Coupon, Money, Offer

_COST = 20.0
_STARTED = timedelta(minutes=5)  # ago, so that no difference of clocks delays the start


def create_coupon(admin: Admin, offer: Offer) -> Coupon:
    """Make the code of `offer`, for one use, and read it back.

    Asked again, after an answer that was lost, it gives what is there already, if that is what
    the offer asks for. Raises `Refused` (the code is another's, the person unknown, it cannot be
    made as asked, or the shop made something else of it, which is then ended), `Busy`, `NoAnswer`.
    """
    document, root, discount = _wanted(offer)
    person = _person(admin, offer)
    discount["context"] = {"customers": {"add": [person]}} if person else {"all": "ALL"}
    made = part(admin.change(document, {"discount": discount}).get(root))
    if _is_taken(made):
        return _ours(admin, offer, person, made)
    refuse_user_errors(made)
    found = _read_back(admin, offer)
    coupon_key = text(found.get("id"))
    if coupon_key is None:
        raise NoAnswer("the new code cannot be read back yet")
    wrong = _differences(offer, person, part(found.get("codeDiscount")))
    if wrong:
        _end(admin, coupon_key)
        raise Refused(f"the shop made another code than was asked for: {', '.join(wrong)}")
    return Coupon(code=offer.code, key=coupon_key, ends_at=offer.ends_at)


def _end(admin: Admin, coupon_key: str) -> None:
    """End a code that came out wrong. Raises `NoAnswer` where it is still there."""
    try:
        admin.change(documents.DROP_COUPON, {"id": coupon_key})
    except (Busy, Refused) as error:  # "busy" would say that nothing happened
        raise NoAnswer("a code that came out wrong could not be ended") from error


def _is_taken(made: Json) -> bool:
    said = {text(error.get("code")) for error in parts(made.get("userErrors"))}
    return bool(said & {"TAKEN", "DUPLICATE"})


def _ours(admin: Admin, offer: Offer, person: str | None, made: Json) -> Coupon:
    """The code that is there already. Of another's, nothing is changed."""
    found = _read_back(admin, offer)
    coupon_key = text(found.get("id"))
    if coupon_key is None:  # not shown yet: it may be ours
        raise NoAnswer("the code is taken, and cannot be read back yet")
    if _differences(offer, person, part(found.get("codeDiscount"))):
        refuse_user_errors(made)
    return Coupon(code=offer.code, key=coupon_key, ends_at=offer.ends_at)


def remove_coupon(admin: Admin, coupon_key: str) -> None:
    """Take a code away for good; one that is gone already is no error.

    Raises `Refused`, `Busy`, `NoAnswer`.
    """
    told = admin.change(documents.DELETE_COUPON, {"id": coupon_key})
    payload = part(told.get("discountCodeDelete"))
    gone = {"INVALID", "NOT_FOUND"}
    if {text(error.get("code")) for error in parts(payload.get("userErrors"))} - gone:
        refuse_user_errors(payload)


def code_works(admin: Admin, code: str) -> bool:
    """Whether this code, in any case, is active and not used up.

    For whom, and for which carts, is the merchant's own matter. Raises `Busy`,
    `AccountStopped` (also where we may not read discounts), `Unreadable`.
    """
    answer = admin.ask(documents.CODE, {"code": code}, _COST)
    if answer.denied:  # null then says nothing of the code
        raise AccountStopped("Shopify does not let us read discounts: install the app again")
    if "codeDiscountNodeByCode" not in answer.data:
        raise Unreadable("an answer that tells nothing of the code")
    found = part(part(answer.data["codeDiscountNodeByCode"]).get("codeDiscount"))
    return found.get("status") == "ACTIVE" and not _is_used_up(found)


def _is_used_up(found: Json) -> bool:
    # A code used up stays ACTIVE. Where one discount has many codes the limit is that of
    # each of them, but the count is of them all: it tells nothing of this one.
    most, used = amount(found.get("usageLimit")), amount(found.get("asyncUsageCount"))
    is_alone = amount(part(found.get("codesCount")).get("count")) == 1
    return bool(is_alone and most and used is not None and used >= most)


def _read_back(admin: Admin, offer: Offer) -> Json:
    most = len(set(offer.product_keys)) + 1
    try:
        asked = {"code": offer.code, "products": most}
        answer = admin.ask(documents.COUPON, asked, _COST + most)
    except (Busy, Unreadable) as error:  # "busy" would say that nothing happened
        raise NoAnswer("the new code cannot be read back now") from error
    return part(answer.data.get("codeDiscountNodeByCode"))


def refuse_user_errors(payload: Json) -> None:
    """Raise `Refused` with the codes and fields of `userErrors`; messages may quote values."""
    errors = parts(payload.get("userErrors"))
    if errors:
        said = {text(error.get("code")) or _field(error) for error in errors}
        raise Refused("Shopify refuses: " + ", ".join(sorted(said)))


def _field(error: Json) -> str:
    field = error.get("field")
    return ".".join(str(step) for step in field) if isinstance(field, list) else "no reason given"


# -- what is asked for -------------------------------------------------------------------------


def _wanted(offer: Offer) -> tuple[str, str, dict[str, Any]]:
    if offer.excluded_product_keys and not offer.product_keys:
        raise Refused("Shopify cannot leave products out of a code for the whole order")
    discount: dict[str, Any] = {
        "title": offer.code,
        "code": offer.code,
        "startsAt": _iso(datetime.now(UTC) - _STARTED),
        "endsAt": _iso(offer.ends_at),
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
    }
    if offer.minimum_total is not None:
        least = str(offer.minimum_total.amount)
        discount["minimumRequirement"] = {"subtotal": {"greaterThanOrEqualToSubtotal": least}}
    if offer.free_shipping:
        if offer.product_keys:
            raise Refused("shipping is free for a whole order, not for some lines of it")
        discount["destination"] = {"all": True}
        return documents.SHIP_FREE, "discountCodeFreeShippingCreate", discount
    discount["customerGets"] = {"value": _value(offer), "items": _items(offer)}
    return documents.REDUCE, "discountCodeBasicCreate", discount


def _value(offer: Offer) -> dict[str, Any]:
    if offer.percent is not None and 0 < offer.percent <= 100:
        # GraphQL's Float, by the schema: the only number here that is no Decimal
        return {"percentage": float(offer.percent / 100)}
    if offer.amount is not None and offer.amount.amount > 0:
        return {"discountAmount": {"amount": str(offer.amount.amount), "appliesOnEachItem": False}}
    raise Refused("an offer of nothing")


def _items(offer: Offer) -> dict[str, Any]:
    return (
        {"products": {"productsToAdd": _products(offer)}} if offer.product_keys else {"all": True}
    )


def _products(offer: Offer) -> list[str]:
    """Whole products, whichever variant of them. Raises `Refused`."""
    if set(offer.product_keys) & set(offer.excluded_product_keys):
        raise Refused("a product of the offer is one of those that are left out")
    found = [f"gid://shopify/Product/{key}" for key in sorted(set(offer.product_keys))]
    if len(found) > documents.MOST_PRODUCTS:
        raise Refused(f"a code may name {documents.MOST_PRODUCTS} products at most")
    if not all(key.isascii() and key.isdigit() for key in offer.product_keys):
        raise Refused("a product of the offer is none of this shop's")
    return found


def _person(admin: Admin, offer: Offer) -> str | None:
    """The customer whom the code is for; None: everybody. Raises `Refused` for a stranger."""
    if offer.customer_key is not None:
        return f"gid://shopify/Customer/{offer.customer_key}"
    if offer.email is None:
        return None
    answer = admin.ask(documents.CUSTOMER_BY_EMAIL, {"email": offer.email}, _COST)
    customer = text(part(answer.data.get("customerByIdentifier")).get("id"))
    if customer is None:
        # Made before, with an answer that was lost, it is there however the person left since.
        if _read_back(admin, offer):
            raise NoAnswer("the code is there, and whom it is for cannot be told now")
        raise Refused("the shop knows no customer with that e-mail: no code for them alone")
    return customer


# -- what the shop made of it ------------------------------------------------------------------


def _differences(offer: Offer, person: str | None, made: Json) -> list[str]:
    """In what the discount found by its code differs from the offer."""
    least = part(part(made.get("minimumRequirement")).get("greaterThanOrEqualToSubtotal"))
    checks = {
        "end": moment(made.get("endsAt")) == moment(_iso(offer.ends_at)),
        "number of uses": made.get("usageLimit") == 1,
        "uses per customer": made.get("appliesOncePerCustomer") is True,
        "least total": _same(offer.minimum_total, least),
        "value": _same_value(offer, made),
        "products": offer.free_shipping or _same_items(offer, made),
        "person": _same_person(person, part(made.get("context"))),
    }
    return [name for name, holds in checks.items() if not holds]


def _same_value(offer: Offer, made: Json) -> bool:
    if offer.free_shipping:
        return made.get("__typename") == "DiscountCodeFreeShipping"
    value = part(part(made.get("customerGets")).get("value"))
    if offer.percent is not None:
        return amount(value.get("percentage")) == Decimal(repr(float(offer.percent / 100)))
    once = value.get("appliesOnEachItem") is False
    return once and _same(offer.amount, part(value.get("amount")))


def _same_items(offer: Offer, made: Json) -> bool:
    items = part(part(made.get("customerGets")).get("items"))
    if not offer.product_keys:
        return items.get("__typename") == "AllDiscountItems"
    here, single = _ids(items, "products"), _ids(items, "productVariants")
    is_kind = items.get("__typename") == "DiscountProducts"
    return is_kind and not single and sorted(here) == _products(offer)


def _ids(items: Json, name: str) -> list[str]:
    return [text(node.get("id")) or "" for node in parts(part(items.get(name)).get("nodes"))]


def _same_person(person: str | None, context: Json) -> bool:
    if person is None:
        return context.get("__typename") == "DiscountBuyerSelectionAll"
    return [text(each.get("id")) for each in parts(context.get("customers"))] == [person]


def _same(wanted: Money | None, made: Json) -> bool:
    """Amounts are in the shop's currency, whatever was meant: so the currency counts too."""
    if wanted is None:
        return not made
    return amount(made.get("amount")) == wanted.amount and (
        made.get("currencyCode") == wanted.currency
    )


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
