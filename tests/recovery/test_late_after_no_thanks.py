"""What was captured before a "no thanks" and comes after it brings nobody back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery import forgetting, intake, tables
from recovery.database import Database
from recovery.model import Channel, Consent, ContactSeen, RequestKind, Shopper
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.asked_stories import a_request, order_news
from tests.recovery.stories import EMAIL, PHONE, a_cart, a_shop, a_shopper, record, rows
from tests.recovery.test_contact_intake import a_browsers_cart
from tests.recovery.test_forgetting import KEY, captured, forget, left_of_them

OTHER = "+33699887766"


@pytest.fixture
def shop(database: Database, clock: SetClock) -> ShopRow:
    return a_shop(database, clock(), double_opt_in=True)


def boxed(at: datetime, **known: Any) -> Shopper:
    """Somebody who ticked the box of the shop."""
    yes = Consent(Channel.SMS, PHONE, True, "box", at, "Offers by text")
    return replace(a_shopper(at, agreed=False, **known), consents=(yes,))


def nothing_is_known(database: Database) -> bool:
    people = rows(database, tables.shoppers) + rows(database, tables.consents)
    return left_of_them(database) == [] and people == []


def declined(database: Database, shop: ShopRow, clock: SetClock, *seen: Any) -> None:
    """These were seen, and a minute later the shopper said no thanks."""
    record(database, shop, *(seen or (captured(clock),)), now=clock())
    clock.forward(minutes=1)
    forget(database, shop, clock)


def test_a_late_snapshot_brings_back_neither_people_nor_consents(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    before = captured(clock)
    later = captured(clock, changed_at=clock() + timedelta(seconds=30))
    declined(database, shop, clock, before)
    for each in (before, later):
        record(database, shop, each, now=clock.forward(seconds=1))
        assert nothing_is_known(database)
    (cart,) = rows(database, tables.carts)
    assert (cart.email, cart.phone, cart.ended_because) == (None, None, forgetting._WHY)


def test_nor_one_of_that_very_moment(database: Database, shop: ShopRow, clock: SetClock) -> None:
    declined(database, shop, clock)
    that_moment = captured(clock)
    record(database, shop, that_moment, now=clock.forward(seconds=1))
    assert nothing_is_known(database)


@pytest.mark.parametrize("sees", ["webhook", "poll", "plugin"])
def test_nor_the_first_checkout_of_a_browsers_cart(
    database: Database, shop: ShopRow, clock: SetClock, sees: str
) -> None:
    at = clock()
    declined(database, shop, clock, a_browsers_cart(at))
    record(database, shop, captured(clock), now=clock())
    database.run(lambda db: forgetting.forget_carts(db, shop, ("cart:t1",), clock()))
    checkout = a_cart(at, "cart:t1", sees=sees, shopper=a_shopper(at, last_name="Sol"))
    record(database, shop, checkout, now=clock.forward(seconds=1))
    (first, *_) = rows(database, tables.carts)
    assert (first.email, first.phone, first.first_name) == (None, None, None)


def test_nor_a_contact_left_before(database: Database, shop: ShopRow, clock: SetClock) -> None:
    contact = ContactSeen((KEY,), boxed(clock()), clock())
    declined(database, shop, clock)
    record(database, shop, contact, now=clock.forward(seconds=1))
    assert nothing_is_known(database)
    assert rows(database, tables.requests) == rows(database, tables.reminders) == []


def test_nor_is_a_number_asked_to_confirm_what_was_ticked_before(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    before = captured(clock, shopper=boxed(clock()))
    declined(database, shop, clock)
    record(database, shop, before, now=clock.forward(seconds=1))
    assert nothing_is_known(database)
    assert rows(database, tables.requests) == rows(database, tables.reminders) == []


def test_in_one_group_the_late_one_alone_is_forgotten(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    before = captured(clock)
    declined(database, shop, clock)
    known = {"phone": OTHER, "email": "bob@example.com"}
    other = a_cart(clock(), "cart:other", shopper=a_shopper(clock(), **known))
    database.run(lambda db: intake.record(db, [(shop, before), (shop, other)], clock()))
    assert [row.email for row in rows(database, tables.shoppers)] == ["bob@example.com"]
    assert [row.address for row in rows(database, tables.consents)] == [OTHER]


def test_whoever_stands_in_another_cart_stays(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    before = captured(clock)
    declined(database, shop, clock, a_cart(clock()), before)
    stands = [rows(database, each) for each in (tables.shoppers, tables.consents)]
    record(database, shop, before, now=clock.forward(seconds=1))
    assert [row.email for row in rows(database, tables.shoppers)] == [EMAIL]
    assert PHONE in [row.address for row in rows(database, tables.consents)]
    assert all(stands)


def test_what_was_agreed_to_elsewhere_since_stays(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    before = captured(clock)
    declined(database, shop, clock)
    clock.forward(minutes=1)
    record(database, shop, ContactSeen((), a_shopper(clock()), clock()), now=clock())
    record(database, shop, before, now=clock.forward(seconds=1))
    assert [row.phone for row in rows(database, tables.shoppers)] == [PHONE]
    agreed = [row for row in rows(database, tables.consents) if row.address == PHONE]
    assert agreed and all(row.granted for row in agreed)


def test_who_changed_their_mind_is_not_declined_any_more(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    declined(database, shop, clock)
    clock.forward(minutes=2)
    record(database, shop, captured(clock), now=clock())
    (cart,) = rows(database, tables.carts)
    assert (cart.state, cart.ended_because, cart.phone) == ("open", None, PHONE)
    between = captured(clock, changed_at=clock() - timedelta(minutes=1))
    record(database, shop, between, now=clock())
    assert [row.phone for row in rows(database, tables.shoppers)] == [PHONE]


def test_a_cart_to_be_kept_is_forgotten_with_it_and_other_wishes_stand(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    keep = a_request(RequestKind.KEEP_CART, clock(), cart_key=KEY)
    declined(database, shop, clock, captured(clock), keep)
    assert PHONE not in str(rows(database, tables.requests))
    assert nothing_is_known(database)
    late = a_request(RequestKind.KEEP_CART, clock(), cart_key=KEY)
    record(database, shop, late, now=clock())
    assert nothing_is_known(database)
    news = order_news(clock(), cart_key=KEY)
    record(database, shop, news, now=clock())
    standing = [row for row in rows(database, tables.requests) if row.ended_at is None]
    assert [(row.kind, row.phone) for row in standing] == [("order_news", PHONE)]


def test_a_cart_kept_after_all_is_kept(database: Database, shop: ShopRow, clock: SetClock) -> None:
    declined(database, shop, clock)
    keep = a_request(RequestKind.KEEP_CART, clock.forward(minutes=1), cart_key=KEY)
    record(database, shop, keep, now=clock())
    assert [row.phone for row in rows(database, tables.requests)] == [PHONE]
    assert rows(database, tables.carts)[0].phone == PHONE
