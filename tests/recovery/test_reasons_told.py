"""How often each reason was named, per product, amount and country, of how many asked."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from recovery import reasons_told, tables
from recovery.database import Database
from recovery.model import Totals
from recovery.reasons_told import By
from recovery.shops import ShopRow
from recovery.survey import Left
from tests.conftest import SetClock
from tests.recovery.stories import a_line, a_shop, a_shopper, an_order, record
from tests.recovery.survey_stories import a_survey, ask, reply, save


def a_shop_that_asks(database: Database, clock: SetClock) -> ShopRow:
    shop = a_shop(database, clock())
    save(database, shop, a_survey(), clock())
    return shop


def a_lost_cart(
    database: Database, clock: SetClock, shop: ShopRow, number: int, **different: Any
) -> str:
    """Another person's cart is left and asked about; their number."""
    phone = f"+3361234560{number}"
    shopper = a_shopper(clock(), phone=phone, email=f"p{number}@example.com")
    ask(database, shop, clock, key=f"token:c{number}", shopper=shopper, **different)
    return phone


def counted(database: Database, shop: ShopRow, clock: SetClock, by: By) -> dict[Any, Any]:
    """(group, reason) → (count, asked), but for what nobody named."""
    since = clock() - timedelta(days=30)
    with database.reading() as db:
        told = reasons_told.counts(db, shop.id, since, clock() + timedelta(seconds=1), by)
    return {(each.group, each.reason): (each.count, each.asked) for each in told if each.count}


def test_each_reason_has_the_number_asked_beside_it(database: Database, clock: SetClock) -> None:
    shop = a_shop_that_asks(database, clock)
    for number, said in enumerate(["1", "livraison", "3", "bonjour ?", None]):
        phone = a_lost_cart(database, clock, shop, number)
        if said:
            reply(database, said, clock.forward(minutes=1), phone=phone)
    assert counted(database, shop, clock, "country") == {
        ("FR", Left.SHIPPING): (2, 5),
        ("FR", Left.DECIDING): (1, 5),
        ("FR", None): (1, 5),
    }
    with database.reading() as db:
        since, until = clock() - timedelta(days=30), clock() + timedelta(seconds=1)
        told = reasons_told.counts(db, shop.id, since, until, "country")
    assert [(each.reason, each.count) for each in told] == [
        (Left.SHIPPING, 2),
        (Left.ACCOUNT, 0),
        (Left.DECIDING, 1),
        (Left.NO_TIME, 0),
        (Left.OTHER, 0),
        (None, 1),
    ]


def test_a_cart_counts_for_each_of_its_products(database: Database, clock: SetClock) -> None:
    shop = a_shop_that_asks(database, clock)
    cup = a_line()
    bowl = type(cup)("Bol", 1, Decimal(9), Decimal(9), product_key="2", variant_key="21")
    nameless = type(cup)("Carte", 1, Decimal(5), Decimal(5))
    one = a_lost_cart(database, clock, shop, 1, lines=(cup, bowl, cup))
    a_lost_cart(database, clock, shop, 2, lines=(cup,))
    a_lost_cart(database, clock, shop, 3, lines=(nameless,))
    reply(database, "2", clock.forward(minutes=1), phone=one)
    assert counted(database, shop, clock, "product") == {
        ("1", Left.ACCOUNT): (1, 2),
        ("2", Left.ACCOUNT): (1, 1),
    }


def test_amounts_fall_into_bands_of_euros(database: Database, clock: SetClock) -> None:
    shop = a_shop_that_asks(database, clock)
    amounts = [
        ("49.99", "EUR", "0-50"),
        ("50.00", "EUR", "50-100"),
        ("110.00", "USD", "100-250"),
        ("900.00", "EUR", "500+"),
        ("10.00", "XYZ", None),
    ]
    for number, (amount, currency, _) in enumerate(amounts):
        totals = Totals(Decimal(amount))
        phone = a_lost_cart(database, clock, shop, number, totals=totals, currency=currency)
        reply(database, "1", clock.forward(minutes=1), phone=phone)
    assert counted(database, shop, clock, "amount") == {
        (band, Left.SHIPPING): (1, 1) for _, _, band in amounts
    }


def test_a_person_is_counted_once_by_the_first_answer_understood(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop_that_asks(database, clock)
    phone = a_lost_cart(database, clock, shop, 1)
    for said in ("allo ?", "3", "1"):
        reply(database, said, clock.forward(minutes=1), phone=phone)
    assert counted(database, shop, clock, "country") == {("FR", Left.DECIDING): (1, 1)}


def test_who_ordered_before_the_answer_is_counted_too(database: Database, clock: SetClock) -> None:
    shop = a_shop_that_asks(database, clock)
    phone = a_lost_cart(database, clock, shop, 1)
    order = an_order(clock.forward(minutes=1), cart_keys=("token:c1",))
    record(database, shop, order, now=clock())
    reply(database, "1", clock.forward(minutes=1), phone=phone)
    assert counted(database, shop, clock, "country") == {("FR", Left.SHIPPING): (1, 1)}


def test_a_survey_that_did_not_arrive_asked_nobody(database: Database, clock: SetClock) -> None:
    shop = a_shop_that_asks(database, clock)
    a_lost_cart(database, clock, shop, 1)
    lost = tables.reminders.update().values(state="undelivered")
    database.run(lambda db: db.execute(lost))
    phone = a_lost_cart(database, clock, shop, 2)
    reply(database, "1", clock.forward(minutes=1), phone=phone)
    assert counted(database, shop, clock, "country") == {("FR", Left.SHIPPING): (1, 1)}


def test_only_the_shops_own_surveys_of_the_time_count(database: Database, clock: SetClock) -> None:
    shop = a_shop_that_asks(database, clock)
    reply(database, "1", clock(), phone=a_lost_cart(database, clock, shop, 1))
    clock.forward(days=31 - 1)
    other = a_shop(database, clock(), address="atelier-sud.myshopify.com")
    save(database, other, a_survey(asks=False), clock())
    reply(database, "1", clock(), phone=a_lost_cart(database, clock, other, 2))
    assert counted(database, shop, clock, "country") == {}
    assert counted(database, other, clock, "country") == {}
