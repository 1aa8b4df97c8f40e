"""Discount codes at a Shopify that executes the official schema over https."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.protocols import Busy, NoAnswer, Refused
from recovery.model import Money, Offer
from tests.connectors.shopify_pair import Pair
from tests.connectors.shopify_stand_in import (
    one_pair,  # noqa: F401
    running_stand_in,  # noqa: F401
    shop_maker,  # noqa: F401
    stand_in_clock,  # noqa: F401
)

# -- coupons ---------------------------------------------------------------------

OFFER = Offer("BACK-7QX2", datetime(2030, 1, 1, tzinfo=UTC), percent=Decimal("12.5"))


@pytest.mark.parametrize(
    "offer",
    [
        OFFER,
        replace(OFFER, percent=None, amount=Money(Decimal("5.00"), "EUR")),
        replace(OFFER, percent=None, free_shipping=True),
        replace(OFFER, minimum_total=Money(Decimal("30.00"), "EUR")),
    ],
    ids=["percent", "amount", "free shipping", "from 30 on"],
)
def test_a_coupon_is_made_and_read_back(pair: Pair, offer: Offer) -> None:
    coupon = pair.ours.create_coupon(offer)
    assert (coupon.code, coupon.ends_at) == (offer.code, offer.ends_at)
    assert coupon.key.startswith("gid://shopify/DiscountCodeNode/")
    (made,) = pair.theirs.discounts.all()
    assert made.usage_limit == 1


@pytest.mark.parametrize("value", [{}, {"percent": None, "amount": Money(Decimal(5), "EUR")}])
def test_a_code_on_certain_lines_is_for_those_products_alone(
    pair: Pair, value: dict[str, Any]
) -> None:
    mug, lamp, tea = (pair.theirs.add_product(title).id for title in ("Mug", "Lamp", "Tea"))
    offer = replace(OFFER, product_keys=(str(lamp), str(mug)), **value)
    coupon = pair.ours.create_coupon(offer)
    (made,) = pair.theirs.discounts.all()
    assert (set(made.product_ids), made.on_each_item) == ({mug, lamp}, False)
    assert pair.ours.create_coupon(offer) == coupon
    for other in ((), (str(mug),), (str(mug), str(lamp), str(tea))):
        with pytest.raises(Refused, match="TAKEN"):
            pair.ours.create_coupon(replace(offer, product_keys=other))
    with pytest.raises(Refused, match="INVALID"):
        pair.ours.create_coupon(replace(offer, code="OTHER", product_keys=("1",)))


def test_a_code_of_a_known_customer_is_for_them_alone(pair: Pair) -> None:
    ana, eve = (pair.theirs.add_customer(email=f"{name}@example.com").id for name in ("ana", "eve"))
    offer = replace(OFFER, customer_key=str(ana))
    coupon = pair.ours.create_coupon(offer)
    assert [each.customer_ids for each in pair.theirs.discounts.all()] == [(ana,)]
    assert pair.ours.create_coupon(offer) == coupon
    for other in (None, str(eve)):
        with pytest.raises(Refused, match="TAKEN"):
            pair.ours.create_coupon(replace(offer, customer_key=other))


def test_a_code_of_anothers_is_refused_and_left_as_it_is(pair: Pair) -> None:
    theirs = pair.ours.create_coupon(OFFER)
    with pytest.raises(Refused, match="TAKEN"):
        pair.ours.create_coupon(replace(OFFER, ends_at=OFFER.ends_at + timedelta(days=1)))
    assert pair.ours.create_coupon(OFFER) == theirs, "and asked again, ours is given again"


def test_a_code_is_taken_away_once_and_again(pair: Pair) -> None:
    made = pair.ours.create_coupon(OFFER)
    for _ in range(2):
        pair.ours.remove_coupon(made.key)
    assert not pair.ours.code_works(made.code, datetime.now(UTC))


def test_an_amount_in_another_currency_than_the_shops_is_refused_and_ended(
    pair: Pair,
) -> None:
    with pytest.raises(Refused):
        pair.ours.create_coupon(replace(OFFER, percent=None, amount=Money(Decimal(5), "JPY")))
    (made,) = pair.theirs.discounts.all()
    assert made.ends_at is not None and made.ends_at <= pair.clock()


@pytest.mark.parametrize("fault", [503, "drop_after"])
def test_a_line_that_breaks_at_a_mutation_is_no_answer(pair: Pair, fault: int | str) -> None:
    pair.theirs.fail_next(fault)
    with pytest.raises(NoAnswer):
        pair.ours.create_coupon(OFFER)


# -- a code that a text is to name ------------------------------------------------


def a_code(pair: Pair, **different: object) -> None:
    """The merchant's own code: for everybody, without an end."""
    pair.ours.create_coupon(replace(OFFER, code="HELLO10"))
    (made,) = pair.theirs.discounts.all()
    whole = {"ends_at": None, "usage_limit": None, "once_per_customer": False} | different
    pair.theirs.keep_discount(replace(made, **whole))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["HELLO10", "hello10"])
def test_a_code_in_force_works(pair: Pair, code: str) -> None:
    a_code(pair)
    assert pair.ours.code_works(code, pair.clock()) is True


def test_a_code_that_is_over_has_not_begun_or_is_used_up_does_not_work(pair: Pair) -> None:
    now, hour = pair.clock(), timedelta(hours=1)
    a_code(pair)
    (made,) = pair.theirs.discounts.all()
    for different in ({"ends_at": now - hour}, {"starts_at": now + hour}, {"usage_limit": 2}):
        pair.theirs.keep_discount(replace(made, uses=2, **different))  # type: ignore[arg-type]
        assert pair.ours.code_works("HELLO10", now) is False, different
    pair.theirs.keep_discount(replace(made, uses=2, usage_limit=3))
    assert pair.ours.code_works("HELLO10", now) is True


def test_a_code_that_is_not_there_does_not_work(pair: Pair) -> None:
    assert pair.ours.code_works("HELLO10", pair.clock()) is False


@pytest.mark.parametrize("fault", [503, "drop_after"])
def test_a_line_that_breaks_says_nothing_of_a_code(pair: Pair, fault: int | str) -> None:
    a_code(pair)
    pair.theirs.fail_next(fault)
    with pytest.raises(Busy):
        pair.ours.code_works("HELLO10", pair.clock())
