"""What is handed to a person who asks what is held of them."""

from __future__ import annotations

from typing import Any

import pytest

from recovery import exports, receipts, tables
from recovery.database import Database
from recovery.exports import Group
from recovery.model import Channel, Consent, Shopper
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import (
    EMAIL,
    PHONE,
    a_cart,
    a_shop,
    a_shopper,
    accept,
    an_order,
    know_orders,
    record,
    tick,
)


@pytest.fixture
def shop(database: Database, clock: SetClock) -> ShopRow:
    return a_shop(database, clock())


def told(database: Database, shop: ShopRow, email: str = EMAIL) -> dict[str, Group]:
    groups = database.run(lambda db: exports.of_address(db, shop.id, email))
    return {group.id: group for group in groups}


def values(group: Group, name: str) -> list[str]:
    """That value of every item in the group that has it."""
    return [dict(item)[name] for item in group.items if name in dict(item)]


def test_carts_orders_messages_consents_and_stops_are_told(
    database: Database, clock: SetClock, shop: ShopRow
) -> None:
    record(database, shop, a_cart(clock(), discount_codes=("A", "B")), now=clock())
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    accept(database, tick(database, clock()), clock())
    record(database, shop, an_order(clock()), now=clock())
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    found = told(database, shop)
    assert values(found["relance-carts"], "Contents") == ["1 × Tasse"]
    assert values(found["relance-carts"], "Total") == ["18 EUR"]
    assert values(found["relance-carts"], "Discount codes") == ["A, B"]
    assert values(found["relance-orders"], "Phone") == [PHONE]
    assert values(found["relance-messages"], "To") == [PHONE]
    assert values(found["relance-messages"], "Text")[0]
    assert values(found["relance-consents"], "Answer") == ["yes", "no"]
    assert values(found["relance-consents"], "Where")[1] == "stop: reply to a message"
    assert values(found["relance-stops"], "Address") == [PHONE]
    assert values(found["relance-person"], "First name") == ["Anabella"]


def test_nothing_is_told_of_somebody_unknown_or_of_another_shop(
    database: Database, clock: SetClock, shop: ShopRow
) -> None:
    other = a_shop(database, clock(), address="sud.myshopify.com")
    record(database, shop, a_cart(clock()), now=clock())
    assert told(database, shop, "nobody@example.com") == {}
    assert told(database, other) == {}


def test_a_shared_phone_tells_nothing_of_the_other(
    database: Database, clock: SetClock, shop: ShopRow
) -> None:
    bob = a_shopper(clock(), email="bob@example.com", first_name="Bob")
    record(database, shop, a_cart(clock()), a_cart(clock(), "token:b", shopper=bob), now=clock())
    _ask_for(database, shop, clock, PHONE)
    found = told(database, shop)
    assert "relance-requests" not in found
    assert "relance-consents" not in found, "nobody can tell whose it is"
    assert "Bob" not in str(found) and "bob@" not in str(found)


def test_what_a_customer_left_under_another_address_is_theirs(
    database: Database, clock: SetClock, shop: ShopRow
) -> None:
    known = a_shopper(clock(), customer_key="88")
    elsewhere = Shopper(customer_key="88", email="work@example.com", country="FR")
    record(database, shop, a_cart(clock(), shopper=elsewhere), now=clock())
    record(database, shop, a_cart(clock(), "token:c2", shopper=known), now=clock())
    emails = values(told(database, shop)["relance-carts"], "E-mail")
    assert emails == ["work@example.com", EMAIL]


def test_texts_asked_for_and_parcels_are_told(
    database: Database, clock: SetClock, shop: ShopRow
) -> None:
    record(database, shop, an_order(clock(), key="7301"), now=clock())
    _ask_for(database, shop, clock, PHONE)
    _ask_for(database, shop, clock, "+33612349999")
    with database.transaction() as db:
        for number, key in enumerate(("7301", "7302")):
            row = {"shop_id": shop.id, "key": str(number), "order_key": key, "stage": "shipped"}
            address = {"tracking_address": f"https://p.example/{key}", "at": clock()}
            db.execute(tables.parcels.insert().values(**row, **address))
    found = told(database, shop)
    assert values(found["relance-requests"], "Phone") == [PHONE]
    assert values(found["relance-parcels"], "Link to follow it") == ["https://p.example/7301"]


def test_who_typed_a_phone_before_the_e_mail_is_told_of_both_rows(
    database: Database, clock: SetClock, shop: ShopRow
) -> None:
    early = a_shopper(clock(), email=None)
    record(database, shop, a_cart(clock(), shopper=early), now=clock())
    record(database, shop, a_cart(clock.forward(seconds=5)), now=clock())
    found = told(database, shop)
    assert len(found["relance-person"].items) == 2
    assert values(found["relance-consents"], "Address") == [PHONE]


def test_a_no_is_told_as_well_as_a_yes(database: Database, clock: SetClock, shop: ShopRow) -> None:
    no = Consent(Channel.EMAIL, EMAIL, False, "checkout", clock(), "News, please.")
    person = Shopper(email=EMAIL, consents=(no,))
    record(database, shop, a_cart(clock(), shopper=person), now=clock())
    group = told(database, shop)["relance-consents"]
    assert (values(group, "Answer"), values(group, "Words read")) == (["no"], ["News, please."])


def _ask_for(database: Database, shop: ShopRow, clock: SetClock, phone: str) -> None:
    at = dict.fromkeys(("asked_at", "said_at", "recorded_at"), clock())
    row: dict[str, Any] = {"shop_id": shop.id, "kind": "order_news", "phone": phone, **at}
    with database.transaction() as db:
        db.execute(tables.requests.insert().values(source="plugin", words="Yes.", **row))
