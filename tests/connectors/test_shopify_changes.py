"""What we change at Shopify, coupons and subscriptions, told by a server on loopback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.protocols import AccountStopped, NoAnswer, ReadsCodes, Refused
from connectors.shopify import ShopifyShop
from connectors.shopify.topics import SUBSCRIBED
from recovery.model import Money, Offer
from tests.connectors.shopify_words import Wire, page

NINE = {"amount": "9.00", "currencyCode": "EUR"}
OFFER = Offer("BACK-7QX2", datetime(2030, 1, 1, tzinfo=UTC), percent=Decimal(10))


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


@pytest.fixture
def shop(wire: Wire) -> Iterator[ShopifyShop]:
    shop = wire.shop()
    yield shop
    shop.close()


def test_its_codes_can_be_looked_up(shop: ShopifyShop) -> None:
    assert isinstance(shop, ReadsCodes)


@pytest.mark.parametrize(
    ("found", "works"),
    [
        ({"status": "ACTIVE"}, True),
        ({"status": "EXPIRED"}, False),
        ({"status": "SCHEDULED"}, False),
        ({"status": "ACTIVE", "usageLimit": 5, "asyncUsageCount": 5}, False),
        # of one discount with many codes: the limit is that of each of them
        (
            {
                "status": "ACTIVE",
                "usageLimit": 1,
                "asyncUsageCount": 7,
                "codesCount": {"count": 90},
            },
            True,
        ),
        (None, False),
    ],
)
def test_a_code_works_while_shopify_calls_it_active(
    wire: Wire, shop: ShopifyShop, found: dict[str, Any] | None, works: bool
) -> None:
    discount = {"usageLimit": None, "asyncUsageCount": 5, "codesCount": {"count": 1}}
    node = None if found is None else {"codeDiscount": discount | found}
    wire.gives({"codeDiscountNodeByCode": node})
    assert shop.code_works("HELLO10", OFFER.ends_at) is works


def test_where_discounts_may_not_be_read_nothing_is_said_of_a_code(
    wire: Wire, shop: ShopifyShop
) -> None:
    denied = {"message": "x", "path": ["codeDiscountNodeByCode"]}
    denied |= {"extensions": {"code": "ACCESS_DENIED"}}
    wire.gives({"codeDiscountNodeByCode": None}, errors=[denied])
    with pytest.raises(AccountStopped):
        shop.code_works("HELLO10", OFFER.ends_at)


# -- coupons ---------------------------------------------------------------------------------


EVERYBODY = {"__typename": "DiscountBuyerSelectionAll", "all": "ALL"}
PERCENTAGE = {"__typename": "DiscountPercentage", "percentage": 0.1}


def gets(value: dict[str, Any], items: dict[str, Any]) -> dict[str, Any]:
    return {"value": value, "items": items}


def some(*products: int, single: int | None = None) -> dict[str, Any]:
    """The items of a code that names products, and perhaps a variant."""
    named = [{"id": f"gid://shopify/Product/{each}"} for each in products]
    variants = [] if single is None else [{"id": f"gid://shopify/ProductVariant/{single}"}]
    found = {"products": {"nodes": named}, "productVariants": {"nodes": variants}}
    return {"__typename": "DiscountProducts", **found}


def people(*customers: int) -> dict[str, Any]:
    ids = [{"id": f"gid://shopify/Customer/{each}"} for each in customers]
    return {"__typename": "DiscountCustomers", "customers": ids}


def a_code(**changes: Any) -> dict[str, Any]:
    discount = {
        "__typename": "DiscountCodeBasic",
        "endsAt": "2030-01-01T00:00:00Z",
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "minimumRequirement": None,
        "context": EVERYBODY,
        "customerGets": gets(PERCENTAGE, {"__typename": "AllDiscountItems"}),
    }
    node = {"id": "gid://shopify/DiscountCodeNode/5", "codeDiscount": discount | changes}
    return {"codeDiscountNodeByCode": node}


MADE = {"discountCodeBasicCreate": {"codeDiscountNode": {"id": "x"}, "userErrors": []}}


def test_a_coupon_is_asked_for_one_use_and_an_end(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives(MADE)
    wire.gives(a_code())
    coupon = shop.create_coupon(OFFER)
    assert (coupon.code, coupon.key) == (OFFER.code, "gid://shopify/DiscountCodeNode/5")
    asked = wire.asked(0)["variables"]["discount"]
    assert (asked["usageLimit"], asked["appliesOncePerCustomer"]) == (1, True)
    assert asked["endsAt"] == "2030-01-01T00:00:00Z"
    assert asked["customerGets"]["value"] == {"percentage": 0.1}
    assert asked["context"] == {"all": "ALL"}


def test_a_code_for_one_person_is_bound_to_them(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives({"customerByIdentifier": {"id": "gid://shopify/Customer/9"}})
    wire.gives(MADE)
    wire.gives(a_code(context=people(9)))
    shop.create_coupon(replace(OFFER, email="mila@example.com"))
    assert wire.asked(0)["variables"] == {"email": "mila@example.com"}
    assert wire.asked(1)["variables"]["discount"]["context"] == {
        "customers": {"add": ["gid://shopify/Customer/9"]}
    }
    wire.gives({"customerByIdentifier": None})
    wire.gives({"codeDiscountNodeByCode": None})
    with pytest.raises(Refused) as refused:
        shop.create_coupon(replace(OFFER, email="mila@example.com"))
    assert "mila" not in str(refused.value)
    assert len(wire.requests) == 5, "a code for everybody was made instead"


def test_a_person_who_cannot_be_found_any_more_says_nothing_of_a_code_that_is_there(
    wire: Wire, shop: ShopifyShop
) -> None:
    wire.gives({"customerByIdentifier": None})
    wire.gives(a_code(context=people(9)))
    with pytest.raises(NoAnswer):
        shop.create_coupon(replace(OFFER, email="mila@example.com"))
    assert len(wire.requests) == 2


def test_a_known_customer_is_named_by_their_key_without_a_search(
    wire: Wire, shop: ShopifyShop
) -> None:
    wire.gives(MADE)
    wire.gives(a_code(context=people(9)))
    shop.create_coupon(replace(OFFER, email="mila@example.com", customer_key="9"))
    context = wire.asked(0)["variables"]["discount"]["context"]
    assert context == {"customers": {"add": ["gid://shopify/Customer/9"]}}


@pytest.mark.parametrize(
    ("offer", "items"),
    [
        (OFFER, {"all": True}),
        (
            replace(OFFER, product_keys=("8", "7")),
            {"products": {"productsToAdd": ["gid://shopify/Product/7", "gid://shopify/Product/8"]}},
        ),
    ],
    ids=["the order", "certain lines"],
)
def test_a_code_is_asked_for_its_products_alone(
    wire: Wire, shop: ShopifyShop, offer: Offer, items: dict[str, Any]
) -> None:
    wire.gives(MADE)
    told = {"__typename": "AllDiscountItems"} if not offer.product_keys else some(8, 7)
    wire.gives(a_code(customerGets=gets(PERCENTAGE, told)))
    shop.create_coupon(offer)
    assert wire.asked(0)["variables"]["discount"]["customerGets"]["items"] == items
    assert wire.asked(1)["variables"]["products"] == len(offer.product_keys) + 1


@pytest.mark.parametrize(
    "told",
    [
        {"__typename": "AllDiscountItems"},
        {"__typename": "DiscountCollections"},
        some(7),
        some(7, 8, 9),
        some(7, 9),
        some(7, 8, single=5),
    ],
    ids=["all", "a collection", "one less", "one more", "another", "a variant more"],
)
def test_a_code_for_other_products_than_asked_is_ended_and_refused(
    wire: Wire, shop: ShopifyShop, told: dict[str, Any]
) -> None:
    wire.gives(MADE)
    wire.gives(a_code(customerGets=gets(PERCENTAGE, told)))
    wire.gives({"discountCodeDeactivate": {"userErrors": []}})
    with pytest.raises(Refused, match="products"):
        shop.create_coupon(replace(OFFER, product_keys=("7", "8")))
    assert wire.asked()["variables"] == {"id": "gid://shopify/DiscountCodeNode/5"}


@pytest.mark.parametrize("context", [EVERYBODY, people(), people(8), people(9, 8), {}])
def test_a_code_for_other_people_than_asked_is_ended_and_refused(
    wire: Wire, shop: ShopifyShop, context: dict[str, Any]
) -> None:
    wire.gives(MADE)
    wire.gives(a_code(context=context))
    wire.gives({"discountCodeDeactivate": {"userErrors": []}})
    with pytest.raises(Refused, match="person"):
        shop.create_coupon(replace(OFFER, customer_key="9"))


def test_an_amount_that_came_out_for_each_item_is_ended_and_refused(
    wire: Wire, shop: ShopifyShop
) -> None:
    five = {"amount": {"amount": "5.0", "currencyCode": "EUR"}, "appliesOnEachItem": True}
    wire.gives(MADE)
    wire.gives(a_code(customerGets=gets(five, some(7))))
    wire.gives({"discountCodeDeactivate": {"userErrors": []}})
    money = Money(Decimal(5), "EUR")
    with pytest.raises(Refused, match="value"):
        shop.create_coupon(replace(OFFER, percent=None, amount=money, product_keys=("7",)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"excluded_product_keys": ("7",)}, "leave products out"),
        ({"excluded_product_keys": ("7",), "product_keys": ("7", "8")}, "left out"),
        ({"percent": None, "free_shipping": True, "product_keys": ("7",)}, "whole order"),
        (
            {"percent": None, "free_shipping": True, "excluded_product_keys": ("7",)},
            "leave products out",
        ),
        ({"product_keys": ("mug",)}, "none of this shop's"),
        ({"product_keys": tuple(map(str, range(101)))}, "100"),
    ],
    ids=["but for", "on what is left out", "shipping", "shipping but for", "no key", "too many"],
)
def test_what_shopify_cannot_limit_is_refused_before_anything_wider_is_made(
    wire: Wire, shop: ShopifyShop, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        shop.create_coupon(replace(OFFER, **changes))
    assert not wire.requests


@pytest.mark.parametrize(
    "other",
    [
        {"endsAt": None},
        {"endsAt": "2031-01-01T00:00:00Z"},
        {"usageLimit": None},
        {"appliesOncePerCustomer": False},
        {
            "customerGets": gets(
                PERCENTAGE | {"percentage": 0.2}, {"__typename": "AllDiscountItems"}
            )
        },
        {"customerGets": gets(PERCENTAGE, some(7))},
        {"context": people(9)},
        {
            "minimumRequirement": {
                "greaterThanOrEqualToSubtotal": {"amount": "9", "currencyCode": "EUR"}
            }
        },
    ],
)
def test_a_code_that_came_out_otherwise_is_ended_and_refused(
    wire: Wire, shop: ShopifyShop, other: dict[str, Any]
) -> None:
    wire.gives(MADE)
    wire.gives(a_code(**other))
    wire.gives({"discountCodeDeactivate": {"userErrors": []}})
    with pytest.raises(Refused, match="another code"):
        shop.create_coupon(OFFER)
    assert wire.asked()["variables"] == {"id": "gid://shopify/DiscountCodeNode/5"}


def test_a_made_code_that_cannot_be_read_back_is_no_answer(wire: Wire, shop: ShopifyShop) -> None:
    for answer in ({"codeDiscountNodeByCode": None}, None):
        wire.gives(MADE)
        wire.gives(answer) if answer else wire.says({}, 429)
        with pytest.raises(NoAnswer):
            shop.create_coupon(OFFER)


@pytest.mark.parametrize("percent", [None, Decimal(0), Decimal(-5), Decimal(101)])
def test_an_offer_of_nothing_is_not_sent(
    wire: Wire, shop: ShopifyShop, percent: Decimal | None
) -> None:
    with pytest.raises(Refused):
        shop.create_coupon(replace(OFFER, percent=percent))
    assert not wire.requests


# -- subscriptions ---------------------------------------------------------------------------

HOOKS = "https://relance.example/hooks/shopify"


def subscribed(*pairs: tuple[str, str]) -> dict[str, Any]:
    nodes = [
        {"id": f"gid://shopify/WebhookSubscription/{number}", "topic": topic, "uri": uri}
        for number, (topic, uri) in enumerate(pairs)
    ]
    return page("webhookSubscriptions", *nodes)


def test_a_second_subscription_of_one_topic_is_deleted(wire: Wire, shop: ShopifyShop) -> None:
    elsewhere = "https://old.example/hooks/shopify"
    doubled = [(SUBSCRIBED[0], elsewhere), (SUBSCRIBED[1], HOOKS)]
    wire.gives(subscribed(*[(topic, HOOKS) for topic in SUBSCRIBED], *doubled))
    for _ in doubled:
        wire.gives({"webhookSubscriptionDelete": {"userErrors": []}})
    assert shop.keep_subscriptions(HOOKS) == 2
    gone = {request["json"]["variables"].get("id") for request in wire.requests[1:]}
    count = len(SUBSCRIBED)
    assert gone == {f"gid://shopify/WebhookSubscription/{n}" for n in (count, count + 1)}


def test_a_refused_topic_takes_no_other_with_it(
    wire: Wire, shop: ShopifyShop, caplog: pytest.LogCaptureFixture
) -> None:
    wire.gives(subscribed(*[(topic, HOOKS) for topic in SUBSCRIBED[2:]]))
    errors = [{"field": ["topic"], "message": "no permission"}]
    wire.gives({"webhookSubscriptionCreate": {"webhookSubscription": None, "userErrors": errors}})
    made = {"webhookSubscription": {"id": "x"}, "userErrors": []}
    wire.gives({"webhookSubscriptionCreate": made})
    with caplog.at_level(logging.WARNING):
        assert shop.keep_subscriptions(HOOKS) == 1
    assert SUBSCRIBED[0] in caplog.text
    wire.gives(subscribed())
    for _ in SUBSCRIBED:
        wire.gives({"webhookSubscriptionCreate": {"userErrors": errors}})
    with pytest.raises(Refused):
        shop.keep_subscriptions(HOOKS)


def test_a_topic_that_another_worker_just_made_is_no_failure(wire: Wire, shop: ShopifyShop) -> None:
    wire.gives(subscribed(*[(topic, HOOKS) for topic in SUBSCRIBED[1:]]))
    errors = [{"field": ["uri"], "message": "Address for this topic has already been taken"}]
    wire.gives({"webhookSubscriptionCreate": {"userErrors": errors}})
    assert shop.keep_subscriptions(HOOKS) == 1
