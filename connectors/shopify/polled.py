"""A node of the poll → Cart, Order.

The poll shows less than a webhook: a checkout has neither token nor e-mail, phone or
consent of its own, only its customer's. Hence the aliases, and `sees="poll"`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from connectors.protocols import ODD, Unreadable
from connectors.shopify.carts import keys_of
from connectors.shopify.orders import PAID, cart_keys_of
from connectors.shopify.origins import origin_of
from connectors.shopify.reading import (
    Json,
    amount,
    bare_token,
    count,
    last_part,
    moment,
    part,
    parts,
    text,
)
from connectors.shopify.shoppers import CUSTOMER_CONSENT, EVERYTHING
from recovery.model import (
    ZERO,
    Cart,
    Channel,
    Consent,
    Line,
    Order,
    Origin,
    RowKind,
    Shopper,
    Totals,
    UnreadRow,
)

Found = TypeVar("Found")

# What Shopify withholds, by the name of the field that it nulls.
_WITHHELD = {
    "customer": EVERYTHING,
    "email": frozenset({"email"}),
    "defaultEmailAddress": frozenset({"email"}),
    "emailAddress": frozenset({"email"}),
    "phone": frozenset({"phone"}),
    "defaultPhoneNumber": frozenset({"phone"}),
    "phoneNumber": frozenset({"phone"}),
    "firstName": frozenset({"first_name"}),
    "lastName": frozenset({"last_name"}),
    "billingAddress": frozenset({"address"}),
    "shippingAddress": frozenset({"address"}),
}

_ANSWERS = {"SUBSCRIBED": True, "UNSUBSCRIBED": False}


def hidden_in(denied: Iterable[tuple[Any, ...]], root: str, index: int) -> frozenset[str]:
    """What was withheld from the node at `index` of the list `root`, in our words.

    A path reads ["orders", "nodes", 3, "customer", "firstName"]: its end is what is
    null. One without a place in the list holds for the whole of it.
    """
    found: set[str] = set()
    for path in denied:
        if path[:1] not in ((), (root,)):
            continue
        place = next((step for step in path if isinstance(step, int)), index)
        if place == index and path and isinstance(path[-1], str):
            found |= _WITHHELD.get(path[-1], frozenset())
    return frozenset(found)


def cart_from_node(node: Json, hidden: frozenset[str]) -> Cart:
    """The cart in a node of `abandonedCheckouts`. Raises `Unreadable`."""
    name = text(node.get("name"))
    way_back = text(node.get("abandonedCheckoutUrl"))
    own_key, aliases = keys_of(token=None, cart_token=None, name=name, way_back=way_back)
    total, currency = _money(node.get("totalPriceSet"))
    created_at, changed_at = moment(node.get("createdAt")), moment(node.get("updatedAt"))
    if total is None or currency is None or created_at is None or changed_at is None:
        raise Unreadable("a polled checkout without total, currency or times")
    completed_at = moment(node.get("completedAt"))
    shopper = _shopper(node, hidden, changed_at)
    return Cart(
        key=own_key,
        name=name,
        aliases=aliases,
        currency=currency,
        totals=Totals(
            total=total,
            subtotal=_money(node.get("subtotalPriceSet"))[0],
            discounts=_money(node.get("totalDiscountSet"))[0],
            tax=_money(node.get("totalTaxSet"))[0],
        ),
        lines=tuple(_line(line, "discountedTotalPriceWithCodeDiscount") for line in _nodes(node)),
        shopper=shopper,
        created_at=created_at,
        changed_at=changed_at,
        sees="poll",
        discount_codes=_codes(node),
        way_back=way_back,
        platform_state="completed" if completed_at else "open",
        completed_at=completed_at,
        # The poll shows no source; no customer means "from a draft order or via an app".
        origin=Origin.CHECKOUT if node.get("customer") or hidden else Origin.UNKNOWN,
        raw=_raw(node),
    )


def order_from_node(node: Json, hidden: frozenset[str]) -> Order:
    """The order in a node of `orders`. Raises `Unreadable`."""
    own_key = last_part(node.get("id"))
    total, currency = _money(node.get("totalPriceSet"))
    created_at, changed_at = moment(node.get("createdAt")), moment(node.get("updatedAt"))
    if own_key is None or total is None or currency is None:
        raise Unreadable("a polled order without id, total or currency")
    if created_at is None or changed_at is None:
        raise Unreadable("a polled order without times")
    state = (text(node.get("displayFinancialStatus")) or "").lower()
    cart_keys = cart_keys_of(
        token=text(node.get("checkoutToken")), cart_token=bare_token(node.get("cartToken"))
    )
    return Order(
        key=own_key,
        name=text(node.get("name")),
        currency=currency,
        totals=Totals(
            total=total,
            subtotal=_money(node.get("subtotalPriceSet"))[0],
            discounts=_money(node.get("totalDiscountsSet"))[0],
            tax=_money(node.get("totalTaxSet"))[0],
        ),
        lines=tuple(_line(line, "discountedTotalSet") for line in _nodes(node)),
        shopper=_shopper(node, hidden, changed_at),
        placed_at=created_at,
        changed_at=changed_at,
        origin=origin_of(node.get("sourceName"), began_in_a_browser=bool(cart_keys)),
        cart_keys=cart_keys,
        discount_codes=_codes(node),
        platform_state=state or None,
        paid=state in PAID,
        cancelled_at=moment(node.get("cancelledAt")),
        refunded=_money(node.get("totalRefundedSet"))[0] or ZERO,
        raw=_raw(node),
    )


def unread_node(kind: RowKind, node: Any, error: str) -> UnreadRow:
    """A node that cannot be read, with what of it is legible."""
    body = json.dumps(node, separators=(",", ":"), default=str).encode()
    whole = part(node)
    if kind is RowKind.CHECKOUT:
        name, way_back = _or_none(text, whole.get("name")), whole.get("abandonedCheckoutUrl")
        key = _or_none(
            lambda told: keys_of(token=None, cart_token=None, name=name, way_back=text(told))[0],
            way_back,
        )
        return UnreadRow(kind, body, error, key)
    cart_keys = cart_keys_of(
        token=_or_none(text, whole.get("checkoutToken")),
        cart_token=_or_none(bare_token, whole.get("cartToken")),
    )
    placed_at = _or_none(moment, whole.get("createdAt"))
    key = _or_none(last_part, whole.get("id"))
    return UnreadRow(kind, body, error, key, _legible_shopper(whole), cart_keys, placed_at)


def _legible_shopper(node: Json) -> Shopper | None:
    """Who it is of: as usual, else the first e-mail, phone and id that can be read."""
    if "customer" not in node:
        return None
    with suppress(*ODD):
        return _shopper(node, frozenset(), datetime.now(UTC))
    customer = part(node.get("customer"))
    addresses = [part(node.get("shippingAddress")), part(node.get("billingAddress"))]
    by_email = part(customer.get("defaultEmailAddress"))
    by_phone = part(customer.get("defaultPhoneNumber"))
    phones = [node.get("phone"), *(each.get("phone") for each in addresses)]
    found = Shopper(
        customer_key=_or_none(last_part, customer.get("id")),
        email=_first([node.get("email"), by_email.get("emailAddress")]),
        phone=_first([*phones, by_phone.get("phoneNumber")]),
        country=_first([each.get("countryCodeV2") for each in reversed(addresses)]),
    )
    return found if found.customer_key or found.email or found.phone else None


def _first(values: Iterable[Any]) -> str | None:
    return next((found for each in values if (found := _or_none(text, each))), None)


def _or_none(read: Callable[[Any], Found | None], value: Any) -> Found | None:
    with suppress(*ODD):
        return read(value)
    return None


def _shopper(node: Json, hidden: frozenset[str], changed_at: datetime) -> Shopper:
    customer = part(node.get("customer"))
    billing, shipping = part(node.get("billingAddress")), part(node.get("shippingAddress"))
    by_email = part(customer.get("defaultEmailAddress"))
    by_phone = part(customer.get("defaultPhoneNumber"))
    email, phone = text(by_email.get("emailAddress")), text(by_phone.get("phoneNumber"))
    consents = [
        _consent(Channel.SMS, phone, by_phone, changed_at),
        _consent(Channel.EMAIL, email, by_email, changed_at),
    ]
    agreed_phone = phone if by_phone.get("marketingState") == "SUBSCRIBED" else None
    orders = count(customer.get("numberOfOrders"))
    named = next((each for each in (customer, shipping, billing) if _is_named(each)), {})
    return Shopper(
        customer_key=last_part(customer.get("id")),
        first_name=text(named.get("firstName")),
        last_name=text(named.get("lastName")),
        email=text(node.get("email")) or email,
        phone=agreed_phone
        or text(node.get("phone"))
        or text(shipping.get("phone"))
        or text(billing.get("phone"))
        or phone,
        country=text(billing.get("countryCodeV2")) or text(shipping.get("countryCodeV2")),
        region=text(billing.get("provinceCode")) or text(shipping.get("provinceCode")),
        locale=text(node.get("customerLocale")) or text(customer.get("locale")),
        orders=orders,
        consents=tuple(consent for consent in consents if consent),
        hidden=hidden,
    )


def _is_named(person: Json) -> bool:
    return bool(person.get("firstName") or person.get("lastName"))


def _consent(
    channel: Channel, address: str | None, shown: Json, otherwise: datetime
) -> Consent | None:
    granted = _ANSWERS.get(text(shown.get("marketingState")) or "")
    if granted is None or address is None:
        return None
    at = moment(shown.get("marketingUpdatedAt")) or otherwise
    return Consent(channel, address, granted, CUSTOMER_CONSENT, at)


def _line(line: Json, total_name: str) -> Line:
    quantity = count(line.get("quantity")) or 0
    unit_price = _money(line.get("originalUnitPriceSet"))[0] or ZERO
    total = _money(line.get(total_name))[0]
    return Line(
        title=text(line.get("title")) or "",
        quantity=quantity,
        unit_price=unit_price,
        total=unit_price * quantity if total is None else total,
        product_key=last_part(part(line.get("product")).get("id")),
        variant_key=last_part(part(line.get("variant")).get("id")),
        variant_title=text(line.get("variantTitle")),
        image=text(part(line.get("image")).get("url")),
        address=text(part(line.get("product")).get("onlineStoreUrl")),
        sku=text(line.get("sku")),
    )


def _money(bag: Any) -> tuple[Decimal | None, str | None]:
    """The sum in the currency the shopper saw, as the webhooks give it."""
    money = part(part(bag).get("presentmentMoney"))
    return amount(money.get("amount")), text(money.get("currencyCode"))


def _nodes(node: Json) -> list[Json]:
    return parts(part(node.get("lineItems")).get("nodes"))


def _codes(node: Json) -> tuple[str, ...]:
    codes = node.get("discountCodes")
    if not isinstance(codes, list):
        return ()
    return tuple(code for code in map(text, codes) if code)


def _raw(node: Json) -> str:
    return json.dumps(node, separators=(",", ":"), default=str)
