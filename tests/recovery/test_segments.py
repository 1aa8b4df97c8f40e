"""What conditions may ask of carts: read in groups, and the same as of each cart alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, event, update

from recovery import segments, tables
from recovery.conditions import Known
from recovery.database import Database
from recovery.eligibility import look_up
from recovery.model import Channel, Line, Product
from tests.conftest import SetClock
from tests.recovery.channel_stories import BOTH, a_person, a_shop_with_mail
from tests.recovery.stories import a_cart, a_line, an_order, record, rows

HOUR = timedelta(hours=1)


@contextmanager
def counted(db: Connection) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    seen: list[str] = []

    def note(*about: Any) -> None:
        seen.append(about[2])

    event.listen(db, "before_cursor_execute", note)
    yield seen
    event.remove(db, "before_cursor_execute", note)


def known(db: Connection, carts: list[Any], now: datetime) -> dict[int, Known]:
    return segments.known_of(db, carts, look_up(db, carts, now), now)


def a_street(database: Database, clock: SetClock, many: int) -> list[Any]:
    """Carts of as many people at two shops, some of whom ordered before; their rows."""
    near = a_shop_with_mail(database, clock())
    far = a_shop_with_mail(database, clock(), address="sud.myshopify.com")
    cup = Product(key="1", title="Tasse", categories=("cups", "blue"), changed_at=clock())
    record(database, near, cup, now=clock())
    for at in range(many):
        marks = {"customer_key": f"c{at}", "email": f"p{at}@example.com"}
        marks |= {"phone": f"+336123456{at:02}"}
        who, shop = a_person(clock(), *BOTH[: at % 3], **marks), (near, far)[at % 2]
        for order in range(at % 4):
            key, when = f"{at}-{order}", clock() - 30 * (order + 1) * HOUR
            gone = when + HOUR if order == 2 else None
            seen = an_order(when, key=key, shopper=who, cancelled_at=gone)
            record(database, shop, seen, now=clock())
        lines = (a_line(), Line("Bol", 1, Decimal(5), Decimal(5))) if at % 5 == 0 else (a_line(),)
        for cart in range(1 + at % 2):
            left = a_cart(clock(), key=f"token:{at}-{cart}", shopper=who, lines=lines)
            record(database, shop, left, now=clock())
    record(database, near, a_cart(clock(), key="token:nobody", shopper=None), now=clock())
    with database.transaction() as db:
        some = tables.carts.c.key.like("token:%-0")
        db.execute(update(tables.carts).where(some).values(abandoned_at=clock() - HOUR))
    return rows(database, tables.carts)


def test_one_cart_costs_as_many_statements_as_fifty(database: Database, clock: SetClock) -> None:
    carts = a_street(database, clock, 50)
    assert len(carts) > 70
    with database.reading() as db:
        of_all, of_one = (look_up(db, some, clock()) for some in (carts, carts[:1]))
        with counted(db) as for_all:
            segments.known_of(db, carts, of_all, clock())
        with counted(db) as for_one:
            segments.known_of(db, carts[:1], of_one, clock())
        with counted(db) as for_none:
            assert segments.known_of(db, [], of_one, clock()) == {}
    assert len(for_all) == len(for_one) == 5
    assert for_none == []


def test_of_a_group_the_same_is_known_as_of_each_alone(database: Database, clock: SetClock) -> None:
    carts = a_street(database, clock, 12)
    with database.reading() as db:
        together = known(db, carts, clock())
        alone = {cart.id: known(db, [cart], clock())[cart.id] for cart in carts}
    assert together == alone
    by_key = {cart.key: together[cart.id] for cart in carts}
    assert by_key["token:3-0"].orders == 2  # the third was cancelled
    assert by_key["token:3-0"].days_since_order == 1
    assert (by_key["token:3-0"].abandonments, by_key["token:3-1"].abandonments) == (0, 1)
    assert by_key["token:0-0"].orders is None
    assert by_key["token:0-0"].categories == {"cups", "blue", None}
    assert by_key["token:2-0"].categories == {"cups", "blue"}
    assert by_key["token:1-0"].categories == {None}  # which the other shop did not tell
    assert by_key["token:1-0"].consents == {Channel.SMS}


def test_what_the_platform_counts_speaks_where_no_order_is_known(
    database: Database, clock: SetClock
) -> None:
    carts = a_street(database, clock, 2)
    with database.transaction() as db:
        db.execute(update(tables.shoppers).values(orders=7))
    with database.reading() as db:
        found = {cart.key: known(db, carts, clock())[cart.id] for cart in carts}
    assert found["token:0-0"].orders == 7
    assert found["token:1-0"].orders == 1
    assert found["token:1-0"].abandonments == 0


@pytest.mark.parametrize("name", ["orders", "abandonments", "days_since_order"])
def test_of_nobody_nothing_is_known(database: Database, clock: SetClock, name: str) -> None:
    shop = a_shop_with_mail(database, clock())
    nobody = a_person(clock(), phone=None, email=None)
    record(database, shop, a_cart(clock(), shopper=nobody), now=clock())
    with database.reading() as db:
        (found,) = known(db, rows(database, tables.carts), clock()).values()
    assert getattr(found, name) is None
