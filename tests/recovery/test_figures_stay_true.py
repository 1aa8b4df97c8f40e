"""What must not move a figure: erasures, refunds, other currencies, a link's age, its robots."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from recovery import exports, reports, tables, tidying
from recovery.added import Arm, Figure, added
from recovery.counted import Figure as Share
from recovery.database import Database
from recovery.model import PrivacyRequest, Refund, Shopper
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.report_stories import add, in_arm, left, ordered, reminded
from tests.recovery.stories import EMAIL, a_cart, a_shop, a_shopper, record, rows

DAY = timedelta(days=1)


def compared(database: Database, shop: ShopRow, clock: SetClock) -> Figure:
    with database.reading() as db:
        told = reports.added_by(db, shop.id, "cart", clock() - 90 * DAY, clock(), clock())
    assert told.added is not None
    assert isinstance(told.added.added.conversion, Figure)
    return told.added.added.conversion


def sums(figure: Figure) -> tuple[int, Decimal, int, Decimal]:
    one, other = figure.treated, figure.held_out
    return one.people, one.sum, other.people, other.sum


def two_arms(database: Database, shop: ShopRow, clock: SetClock, people: int = 100) -> None:
    """As many in each arm; every fourth of each orders an hour later."""
    for number in range(people):
        arm = "held_out" if number % 2 else "control"
        mail = f"p{number}@example.com"
        in_arm(database, shop, arm, clock(), email=mail, phone=f"+3361200{number:04}")
        if number % 8 < 2:
            at = clock() + timedelta(hours=1)
            ordered(database, shop, at, f"o{number}", email=mail)


def test_erasing_people_moves_no_figure(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    two_arms(database, shop, clock)
    clock.forward(days=20)
    before = compared(database, shop, clock)
    assert sums(before)[1] > 0
    for number in range(0, 60, 2):  # treated people, buyers and others
        gone = Shopper(email=f"p{number}@example.com")
        record(database, shop, PrivacyRequest("erase", gone), now=clock())
    assert sums(compared(database, shop, clock)) == sums(before)
    left_over = {row.email for row in rows(database, tables.orders)}
    assert not left_over & {f"p{number}@example.com" for number in range(0, 60, 2)}


def test_two_erased_people_stay_two(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    two_arms(database, shop, clock)
    clock.forward(days=20)
    for number in (0, 1):
        gone = Shopper(email=f"p{number}@example.com")
        record(database, shop, PrivacyRequest("erase", gone), now=clock())
    kept = [row for row in rows(database, tables.orders) if row.customer_key]
    assert len({row.customer_key for row in kept}) == len(kept) == 2


def test_an_erasure_by_e_mail_takes_the_customers_number_of_its_carts_too(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    hers = a_shopper(clock(), customer_key="c1")
    record(database, shop, a_cart(clock(), shopper=hers), now=clock())
    in_arm(database, shop, "control", clock(), customer_key="c1", email=EMAIL)
    record(database, shop, PrivacyRequest("erase", Shopper(email=EMAIL)), now=clock())
    assert all(row.mark.startswith("erased ") for row in rows(database, tables.arms))


def test_who_paid_in_another_currency_ordered_all_the_same(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock(), currency="EUR")
    for number in range(100):
        mail = {"email": f"p{number}@example.com"}
        in_arm(database, shop, "held_out" if number % 2 else "control", clock(), **mail)
        if number % 4 < 2:
            currency = "USD" if number % 2 else "EUR"
            ordered(database, shop, clock() + DAY, f"o{number}", currency=currency, **mail)
    clock.forward(days=20)
    assert sums(compared(database, shop, clock)) == (50, Decimal(25), 50, Decimal(25))


def test_takings_elsewhere_count_as_orders_and_are_in_no_sum() -> None:
    told = added(Arm(500, (Decimal(10),) * 40, 10), Arm(500, (Decimal(10),) * 20))
    assert isinstance(told.conversion, Figure)
    assert isinstance(told.revenue, Figure)
    assert (told.conversion.treated.sum, told.revenue.treated.sum) == (50, 400)
    with pytest.raises(ValueError, match="people"):
        Arm(1, (Decimal(1),), 1)


def test_who_has_nobody_held_out_is_not_told_that_there_are_enough() -> None:
    told = added(Arm(5, (Decimal(10),) * 5), Arm(0, ()))
    assert told.to_tell is not None
    assert told.to_tell > 0


def test_an_order_that_was_all_refunded_is_no_order_any_more(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    cart = left(database, shop, clock(), "token:1", a_shopper(clock()))
    message = reminded(database, shop, cart, clock())
    order = ordered(database, shop, clock() + DAY, "o1", email=EMAIL)
    orders = tables.orders
    credited = orders.update().where(orders.c.id == order).values(reminder_id=message)
    database.run(lambda db: db.execute(credited))
    span = (clock() - DAY, clock() + DAY)
    with database.reading() as db:
        assert reports.money(db, shop.id, *span)[reports.ALL].orders == 1
    back = Refund("r1", "o1", Decimal("50.00"), "EUR", clock() + 2 * DAY)
    record(database, shop, back, now=clock() + 2 * DAY)
    with database.reading() as db:
        assert reports.money(db, shop.id, *span)[reports.ALL].orders == 0


def test_an_e_mail_has_no_price_that_could_be_missing(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    cart = left(database, shop, clock(), "token:1", a_shopper(clock()))
    reminded(database, shop, cart, clock(), price=Decimal("0.07"), price_currency="EUR")
    reminded(database, shop, cart, clock(), step=2, channel="email")
    with database.reading() as db:
        told = reports.money(db, shop.id, clock() - DAY, clock() + DAY)[reports.ALL]
    assert told.unpriced == Share(0, 1)


@pytest.mark.parametrize(("purpose", "stays"), [("stop", True), ("cart", False)])
def test_a_link_that_stops_messages_does_not_end(
    database: Database, clock: SetClock, purpose: str, stays: bool
) -> None:
    shop = a_shop(database, clock())
    cart = left(database, shop, clock(), "token:1", a_shopper(clock()))
    message = reminded(database, shop, cart, clock())
    link = {"token_hash": "h", "shop_id": shop.id, "purpose": purpose, "reminder_id": message}
    add(database, tables.links, **link, expires_at=clock() + 30 * DAY)
    clock.forward(days=400)
    database.run(lambda db: tidying.tidy(db, clock()))
    assert ("h" in [row.token_hash for row in rows(database, tables.links)]) is stays


def test_a_share_is_handed_out_as_a_share(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=a_shopper(clock())), now=clock())
    (cart,) = rows(database, tables.carts)
    offer = {"gift": "incentive", "stand": "made", "reasons": "[]", "decided_at": clock()}
    offer |= {"kind": "percent", "value": Decimal(10), "currency": "EUR", "reminder_id": 1}
    add(database, tables.offers, shop_id=shop.id, cart_id=cart.id, email=EMAIL, **offer)
    told = database.run(lambda db: exports.of_address(db, shop.id, EMAIL))
    (found,) = [each for each in told if each.id == "relance-offers"]
    assert "10 %" in [dict(item).get("Value") for item in found.items]
