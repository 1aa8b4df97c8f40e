"""What a merchant is shown: each figure with what it is of, and the rows behind it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from recovery import reports, tables
from recovery.database import Database
from recovery.model import Origin, Shopper, Totals
from recovery.reasons import Reason, written
from recovery.reports import By, Figure
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.report_stories import (
    add,
    clicked,
    left,
    offered,
    ordered,
    reminded,
    visited,
)
from tests.recovery.stories import a_shop, a_shopper, an_order, record

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def somebody(at: datetime, name: str, phone: str | None = None, **known: Any) -> Shopper:
    return a_shopper(at, email=f"{name}@example.com", phone=phone, **known)


# How far carts came


def a_story(database: Database, clock: SetClock) -> tuple[ShopRow, dict[str, int]]:
    """Seven carts, each of which came one stage further; the last one ordered."""
    shop = a_shop(database, clock())
    at = clock()
    carts = {
        "nobody": Shopper(),
        "silent": somebody(at, "silent"),
        "open": somebody(at, "open", "+33612345601"),
        "unsent": somebody(at, "unsent", "+33612345602"),
        "sent": somebody(at, "sent", "+33612345603"),
        "clicked": somebody(at, "clicked", "+33612345604"),
        "ordered": somebody(at, "ordered", "+33612345605"),
    }
    ids = {name: left(database, shop, at, f"token:{name}", who) for name, who in carts.items()}
    with database.transaction() as db:
        gone = tables.carts.c.id.in_([ids[name] for name in ids if name not in ("nobody", "open")])
        db.execute(update(tables.carts).where(gone).values(abandoned_at=at + timedelta(hours=1)))
    clock.forward(hours=2)
    why = written([Reason.CAPPED, Reason.TOO_LATE])
    reminded(database, shop, ids["unsent"], clock(), state="skipped", sent_at=None, reasons=why)
    price = {"price": Decimal("0.07"), "price_currency": "EUR"}
    reminded(database, shop, ids["sent"], clock(), state="delivered", **price)
    visited(database, shop, reminded(database, shop, ids["clicked"], clock()), clock())
    last = reminded(database, shop, ids["ordered"], clock(), arm="control", **price)
    clicked(database, last, clock.forward(minutes=1))
    told = {"cart_keys": ("token:ordered",), "refunded": Decimal(10)}
    ordered(database, shop, clock.forward(minutes=5), "o1", "50.00", **told)
    return shop, ids


def test_each_stage_is_a_part_of_the_one_before(database: Database, clock: SetClock) -> None:
    shop, ids = a_story(database, clock)
    span = (clock() - DAY, clock())
    with database.reading() as db:
        told = reports.funnel(db, shop.id, *span)[reports.ALL]
        behind = reports.behind_stage(db, shop.id, *span, "clicked")
    assert told.carts == 7
    assert told.with_contact == Figure(6, 7)
    assert told.with_consent == Figure(5, 6)
    assert told.abandoned == Figure(4, 5)
    assert told.reminded == Figure(3, 4)
    assert told.clicked == Figure(2, 3)
    assert told.ordered == Figure(1, 2)
    assert told.earned == Figure(1, 3)
    assert behind.carts == (ids["clicked"], ids["ordered"])
    assert len(behind.reminders) == 2
    assert len(behind.orders) == 1


def test_every_stage_names_as_many_rows_as_it_counts(database: Database, clock: SetClock) -> None:
    shop, _ = a_story(database, clock)
    span = (clock() - DAY, clock())
    with database.reading() as db:
        told = reports.funnel(db, shop.id, *span)[reports.ALL]
        for stage in ("with_contact", "with_consent", "abandoned", "reminded", "earned"):
            named = reports.behind_stage(db, shop.id, *span, stage).carts
            assert len(named) == getattr(told, stage).count, stage
        with pytest.raises(LookupError):
            reports.behind_stage(db, shop.id, *span, "seen")


def test_bots_and_previews_clicked_nothing(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    cart = left(database, shop, clock(), "token:c1", somebody(clock(), "a", "+33612345678"))
    message = reminded(database, shop, cart, clock())
    visited(database, shop, message, clock(), "bot")
    visited(database, shop, message, clock(), "preview")
    with database.reading() as db:
        told = reports.funnel(db, shop.id, clock() - DAY, clock() + DAY)[reports.ALL]
    assert (told.reminded, told.clicked) == (Figure(1, 1), Figure(0, 1))


def test_carts_of_nobody_and_of_programs_are_in_no_report(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    who = somebody(clock(), "a")
    left(database, shop, clock(), "token:c1", who, origin=Origin.MERCHANT)
    left(database, shop, clock(), "token:c2", Shopper(email="jane.doe@example.com"))
    left(database, shop, clock(), "token:c3", who, lines=(), totals=Totals(Decimal(0)))
    left(database, shop, clock(), "token:c4", who)
    with database.transaction() as db:
        last = tables.carts.c.id == 4
        db.execute(update(tables.carts).where(last).values(sources="cart"))
    with database.reading() as db:
        told = reports.funnel(db, shop.id, clock() - DAY, clock() + DAY)
    assert told[reports.ALL].carts == 0


def test_a_stop_and_a_no_of_before_are_no_consent_and_later_ones_take_nothing_back(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    for at, hours in enumerate((-1, 1)):
        phone = f"+3361234560{at}"
        left(database, shop, clock(), f"token:{at}", somebody(clock(), f"p{at}", phone))
        stop = {"channel": "sms", "address": phone, "source": "reply"}
        at_ = clock() + timedelta(hours=hours)
        add(database, tables.suppressions, shop_id=shop.id, at=at_, **stop)
    with database.reading() as db:
        told = reports.funnel(db, shop.id, clock() - DAY, clock() + DAY)[reports.ALL]
    assert told.with_consent == Figure(1, 2)


def test_customers_may_be_written_to_where_the_merchant_says_so(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock(), customers_may_be_mailed=True)
    ordered(database, shop, clock() - 9 * DAY, "o0", email="a@example.com")
    left(database, shop, clock(), "token:1", Shopper(email="a@example.com"))
    left(database, shop, clock(), "token:2", Shopper(email="b@example.com"))
    with database.reading() as db:
        span = (clock() - DAY, clock() + DAY)
        told = reports.funnel(db, shop.id, *span, by=By.CUSTOMER)
    assert told["returning"].with_consent == Figure(1, 1)
    assert told["new"].with_consent == Figure(0, 1)


def test_carts_are_split_by_day_of_the_shop_and_by_segment(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    late = datetime.fromisoformat("2026-11-17T23:30:00+00:00")  # the 18th in Paris
    french = somebody(late, "a", locale="fr-FR")
    left(database, shop, late, "token:1", french)
    dear = {"totals": Totals(Decimal("110.00")), "currency": "USD"}
    american = somebody(late, "b", locale="en_US", country="US")
    left(database, shop, late - 2 * timedelta(hours=1), "token:2", american, **dear)
    other = {"totals": Totals(Decimal("9.00")), "currency": "XTS"}
    left(database, shop, late, "token:3", Shopper(email="c@example.com"), **other)
    counts: dict[By, dict[str, int]] = {}
    with database.reading() as db:
        for by in (By.DAY, By.LANGUAGE, By.COUNTRY, By.AMOUNT, By.CUSTOMER):
            told = reports.funnel(db, shop.id, late - DAY, late + DAY, by=by)
            counts[by] = {value: each.carts for value, each in told.items()}
        with pytest.raises(ValueError, match="channel"):
            reports.funnel(db, shop.id, late, late, by=By.CHANNEL)
    assert counts == {
        By.DAY: {"2026-11-17": 1, "2026-11-18": 2},
        By.LANGUAGE: {"fr": 1, "en": 1, "unknown": 1},
        By.COUNTRY: {"FR": 1, "US": 1, "unknown": 1},
        By.AMOUNT: {"0-50": 1, "100-250": 1, "unknown": 1},
        By.CUSTOMER: {"new": 3},
    }


# What became of messages


def test_messages_are_counted_by_what_became_of_them(database: Database, clock: SetClock) -> None:
    shop, ids = a_story(database, clock)
    reminded(database, shop, ids["open"], clock(), state="unconfirmed", sent_at=None)
    reminded(database, shop, ids["open"], clock(), state="undelivered", step=2)
    reminded(database, shop, ids["open"], clock(), state="failed", step=3, sent_at=None)
    reminded(database, shop, ids["open"], clock(), state="scheduled", step=4, sent_at=None)
    span = (clock() - DAY, clock())
    with database.reading() as db:
        told = reports.messages(db, shop.id, *span)[reports.ALL]
        for name in ("left", "waiting", "skipped", "failed", "unconfirmed", "undelivered"):
            named = reports.behind(db, shop.id, *span, name).reminders
            assert len(named) == getattr(told, name).count == {"left": 4}.get(name, 1), name
        capped = reports.behind(db, shop.id, *span, Reason.CAPPED)
        with pytest.raises(LookupError):
            reports.behind(db, shop.id, *span, "seen")
    assert told.planned == 8
    assert told.left == Figure(4, 8)
    assert told.undelivered == Figure(1, 4)
    assert (told.clicked, told.earned) == (Figure(2, 4), Figure(1, 4))
    assert told.reasons == {Reason.CAPPED: Figure(1, 8), Reason.TOO_LATE: Figure(1, 8)}
    assert capped.carts == (ids["unsent"],)


def test_messages_are_split_by_what_they_are_and_by_their_cart(
    database: Database, clock: SetClock
) -> None:
    shop, ids = a_story(database, clock)
    mail = {"channel": "email", "step": 2, "programme": "winter"}
    reminded(database, shop, ids["sent"], clock(), **mail)
    span = (clock() - DAY, clock())
    with database.reading() as db:
        split = {
            by: {
                value: each.planned
                for value, each in reports.messages(db, shop.id, *span, by=by).items()
            }
            for by in (By.PROGRAMME, By.STEP, By.CHANNEL, By.VARIANT, By.COUNTRY)
        }
        only = reports.messages(db, shop.id, *span, "winter")[reports.ALL]
        named = reports.behind(db, shop.id, *span, "left", by=By.CHANNEL, value="email")
    assert split == {
        By.PROGRAMME: {"cart": 4, "winter": 1},
        By.STEP: {"1": 4, "2": 1},
        By.CHANNEL: {"sms": 4, "email": 1},
        By.VARIANT: {"": 4, "control": 1},
        By.COUNTRY: {"FR": 5},
    }
    assert only.planned == 1
    assert named.carts == (ids["sent"],)


def test_money_is_by_currency_net_of_refunds_beside_what_messages_and_offers_cost(
    database: Database, clock: SetClock
) -> None:
    shop, ids = a_story(database, clock)
    cart, (first, second) = ids["clicked"], (clock(), clock() + timedelta(minutes=1))
    dear = {"step": 2, "price": Decimal("0.12"), "price_currency": "USD"}
    message = reminded(database, shop, cart, first, **dear)
    clicked(database, message, first)
    told = {"cart_keys": ("token:clicked",), "email": "clicked@example.com"}
    dollars = ordered(database, shop, second, "o2", "30.00", currency="USD", **told)
    gone = ordered(database, shop, second, "o3", "99.00", **told)
    with database.transaction() as db:
        mine = tables.orders.c.id == gone
        db.execute(update(tables.orders).where(mine).values(cancelled_at=second))
    used = {"used_at": second, "stand": "used"}
    offered(database, shop, cart, message, first, used_by=dollars, took_off=Decimal(5), **used)
    offered(database, shop, cart, message, first, used_by=dollars, **used)
    offered(database, shop, cart, message, first, used_by=gone, took_off=Decimal(9), **used)
    span = (clock() - DAY, clock() + DAY)
    with database.reading() as db:
        money = reports.money(db, shop.id, *span)[reports.ALL]
        by_step = reports.money(db, shop.id, *span, by=By.STEP)
        named = reports.behind(db, shop.id, *span, "earned", by=By.STEP, value="2")
    assert money.orders == 2
    assert money.revenue == {"EUR": Decimal(40), "USD": Decimal(30)}
    assert money.messages == {"EUR": Decimal("0.14"), "USD": Decimal("0.12")}
    assert money.unpriced == Figure(1, 4)
    assert (money.offers, money.offers_unknown) == (Decimal(5), Figure(1, 2))
    assert by_step["2"].revenue == {"USD": Decimal(30)}
    assert (named.reminders, named.orders) == ((message,), (dollars,))


def test_two_orders_of_one_cart_are_two_orders_and_one_message(
    database: Database, clock: SetClock
) -> None:
    shop, _ = a_story(database, clock)
    again = an_order(clock.forward(minutes=1), "o2", cart_keys=("token:ordered",))
    record(database, shop, again, again, now=clock())
    span = (clock() - DAY, clock())
    with database.reading() as db:
        told = reports.messages(db, shop.id, *span)[reports.ALL]
        money = reports.money(db, shop.id, *span)[reports.ALL]
    assert (told.earned, money.orders) == (Figure(1, 3), 2)
    assert money.revenue == {"EUR": Decimal(58)}


def test_an_order_called_off_is_in_no_figure(database: Database, clock: SetClock) -> None:
    shop, _ = a_story(database, clock)
    with database.transaction() as db:
        db.execute(update(tables.orders).values(cancelled_at=clock()))
    span = (clock() - DAY, clock())
    with database.reading() as db:
        told = reports.funnel(db, shop.id, *span)[reports.ALL]
        money = reports.money(db, shop.id, *span)[reports.ALL]
        named = reports.behind(db, shop.id, *span, "clicked")
    assert (told.ordered, told.earned) == (Figure(0, 2), Figure(0, 3))
    assert (money.orders, money.revenue, named.orders) == (0, {}, ())


def test_with_no_cart_every_figure_is_none_of_none(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    span = (clock() - DAY, clock())
    with database.reading() as db:
        assert reports.funnel(db, shop.id, *span)[reports.ALL].ordered == Figure(0, 0)
        assert reports.messages(db, shop.id, *span)[reports.ALL].left == Figure(0, 0)
        assert reports.money(db, shop.id, *span)[reports.ALL].unpriced == Figure(0, 0)
        assert reports.leaving(db, shop.id, *span) == {reports.ALL: {}}
        assert reports.funnel(db, shop.id, *span, by=By.DAY) == {}


# Why carts were left


def test_reasons_of_leaving_are_counted_by_product_country_and_amount(
    database: Database, clock: SetClock
) -> None:
    shop, ids = a_story(database, clock)
    answers = (("sent", "shipping"), ("clicked", "shipping"), ("open", "no_time"), ("unsent", None))
    for number, (name, reason) in enumerate(answers):
        row = {"cart_id": ids[name], "reminder_id": 1, "reply_id": number, "reason": reason}
        add(database, tables.leaving_reasons, shop_id=shop.id, follow="none", at=clock(), **row)
    span = (clock() - DAY, clock() + DAY)
    with database.reading() as db:
        told = reports.leaving(db, shop.id, *span)[reports.ALL]
        products = reports.leaving(db, shop.id, *span, by="product")
        amounts = reports.leaving(db, shop.id, *span, by=By.AMOUNT)
        with pytest.raises(ValueError, match="day"):
            reports.leaving(db, shop.id, *span, by=By.DAY)
    assert {reason: each.figure for reason, each in told.items()} == {
        "shipping": Figure(2, 4),
        "no_time": Figure(1, 4),
        "not_understood": Figure(1, 4),
    }
    assert told["shipping"].answers == (1, 2)
    assert list(products) == ["1"]
    assert amounts["0-50"]["shipping"].figure == Figure(2, 4)
