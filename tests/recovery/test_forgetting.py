"""A "no thanks" in the shop leaves nothing behind, and takes nothing else along."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from connectors.woocommerce import polling
from recovery import consent, forgetting, privacy, receipts, tables, unread
from recovery.database import Database
from recovery.model import CartGone, Channel, Consent, CustomerSeen, Shopper
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stop_stories import stands
from tests.recovery.stories import (
    EMAIL,
    MINUTES,
    PHONE,
    a_cart,
    a_shop,
    a_shopper,
    accept,
    an_order,
    know_orders,
    record,
    rows,
    tick,
)

KEY = "cart:0d6a4e7c-made-up"
PERSONAL = (
    EMAIL,
    PHONE,
    PHONE.removeprefix("+"),
    "06 12 34 56 78",
    "Anabella",
    "Solinas",
    "restore/c1",
)


def captured(clock: SetClock, **different: Any) -> Any:
    """A cart as the plugin tells it, with consents on both channels."""
    known = {"last_name": "Solinas", "phone": "06 12 34 56 78"} | different.pop("known", {})
    at = clock()
    person = a_shopper(at, **known)
    if known.get("email", EMAIL):
        more = Consent(Channel.EMAIL, known.get("email", EMAIL), False, "checkout", at)
        person = Shopper(
            **{name: getattr(person, name) for name in person.__slots__ if name != "consents"},
            consents=(*person.consents, more),
        )
    values = {
        "key": KEY,
        "sees": "plugin",
        "way_back": "https://nord.example/restore/c1",
        "client_address": "198.51.100.7",
        "raw": json.dumps({"email": EMAIL, "phone": "06 12 34 56 78", "name": "Anabella Solinas"}),
        "shopper": person,
    }
    return a_cart(at, **(values | different))


def forget(database: Database, shop: ShopRow, clock: SetClock, *keys: str) -> None:
    database.run(lambda db: forgetting.forget_carts(db, shop, keys or (KEY,), clock()))


def everything(database: Database) -> str:
    return "\n".join(
        str(row) for table in tables.metadata.sorted_tables for row in rows(database, table)
    )


def left_of_them(database: Database) -> list[str]:
    held = everything(database)
    return [word for word in PERSONAL if word in held]


def test_a_no_thanks_leaves_nothing_behind(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, captured(clock), now=clock())
    assert left_of_them(database), "or there is nothing to see"
    forget(database, shop, clock)
    assert left_of_them(database) == []
    assert rows(database, tables.consents) == rows(database, tables.shoppers) == []
    (cart,) = rows(database, tables.carts)
    assert (cart.total > 0, cart.item_count, cart.raw, cart.client) == (True, 1, "", None)


def test_nor_when_they_typed_one_thing_after_the_other(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    steps = ({"email": None}, {"email": EMAIL, "phone": None}, {}, {"customer_key": "88"})
    for known in steps:
        record(database, shop, captured(clock, known=known), now=clock())
        clock.forward(seconds=5)
    assert len(rows(database, tables.shoppers)) == 3
    forget(database, shop, clock)
    assert left_of_them(database) == []
    assert rows(database, tables.shoppers) == []


def test_nor_when_a_text_was_sent_which_stays_counted(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, captured(clock), now=clock())
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    accept(database, tick(database, clock()), clock())
    (sent,) = rows(database, tables.reminders)
    assert (sent.state, sent.recipient) == ("sent", PHONE)
    forget(database, shop, clock)
    assert left_of_them(database) == []
    (sent,) = rows(database, tables.reminders)
    assert (sent.state, sent.recipient, sent.text, sent.sent_at) == (
        *("sent", None, None),
        clock(),
    )


def test_a_stop_stays(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, captured(clock), now=clock())
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    forget(database, shop, clock)
    assert rows(database, tables.suppressions) == []
    assert stands(database, shop, PHONE)
    assert rows(database, tables.consents) == []


def test_another_cart_of_that_person_keeps_its_contact_and_its_consent(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    record(database, shop, captured(clock), now=clock.forward(minutes=1))
    forget(database, shop, clock)
    first, second = rows(database, tables.carts)
    assert (first.email, first.phone, second.email, second.phone) == (EMAIL, PHONE, None, None)
    assert [row.email for row in rows(database, tables.shoppers)] == [EMAIL]
    assert PHONE in [row.address for row in rows(database, tables.consents)]


def test_a_phone_that_this_cart_alone_showed_is_taken_from_a_person_who_stays(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    buyer = Shopper(first_name="Anabella", email=EMAIL, country="FR")
    record(database, shop, an_order(clock(), shopper=buyer), now=clock())
    record(database, shop, captured(clock), now=clock.forward(days=1))
    assert rows(database, tables.shoppers)[0].phone == PHONE
    forget(database, shop, clock)
    (person,) = rows(database, tables.shoppers)
    assert (person.email, person.phone, person.phone_raw) == (EMAIL, None, None)
    assert PHONE not in everything(database)
    assert [row.email for row in rows(database, tables.orders)] == [EMAIL]


def test_whom_the_shop_itself_told_us_of_stays(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    known = a_shopper(clock(), customer_key="88")
    record(database, shop, CustomerSeen(known, clock(), '{"id": 88}'), now=clock())
    record(database, shop, captured(clock, known={"customer_key": "88"}), now=clock())
    forget(database, shop, clock)
    (person,) = rows(database, tables.shoppers)
    assert (person.customer_key, person.phone) == ("88", PHONE)
    assert PHONE in [row.address for row in rows(database, tables.consents)]


def ask_for(database: Database, shop: ShopRow, clock: SetClock, **more: Any) -> None:
    """A text that somebody asked for by that number."""
    values = {
        "shop_id": shop.id,
        "kind": "order_news",
        "phone": PHONE,
        "source": "plugin",
        "words": "Text me about my order.",
        "asked_at": clock(),
        "said_at": clock(),
        "recorded_at": clock(),
    }
    with database.transaction() as db:
        db.execute(tables.requests.insert().values(**(values | more)))


def test_a_text_asked_for_by_that_number_stands(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, captured(clock), now=clock())
    ask_for(database, shop, clock)
    forget(database, shop, clock)
    assert [row.phone for row in rows(database, tables.requests)] == [PHONE]
    assert PHONE in [row.address for row in rows(database, tables.consents)]


def test_what_was_asked_for_and_has_ended_goes_along(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, captured(clock), now=clock())
    for number in range(2):
        ask_for(database, shop, clock, about=f"p{number}", ended_at=clock())
    forget(database, shop, clock)
    assert left_of_them(database) == []


def test_a_yes_that_waits_for_its_second_word_goes_along(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), captured(clock), now=clock())
    ask_for(database, shop, clock, kind="marketing", cart_key=f"{shop.id}|{KEY}")
    forget(database, shop, clock)
    (waiting,) = rows(database, tables.requests)
    assert PHONE not in str(waiting)
    assert waiting.ended_at == clock()


def test_a_late_snapshot_from_before_fills_nothing_in_again(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    before = captured(clock)
    record(database, shop, before, now=clock())
    clock.forward(minutes=1)
    forget(database, shop, clock)
    record(database, shop, before, now=clock.forward(seconds=1))
    (cart,) = rows(database, tables.carts)
    assert (cart.email, cart.phone, cart.way_back, cart.raw) == (None, None, None, "")


def test_who_changes_their_mind_is_known_again(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, captured(clock), now=clock())
    forget(database, shop, clock)
    clock.forward(minutes=2)
    record(database, shop, captured(clock), now=clock())
    (cart,) = rows(database, tables.carts)
    assert (cart.state, cart.phone) == ("open", PHONE)
    keys = {(shop.id, "sms", PHONE)}
    with database.reading() as db:
        assert consent.latest(db, keys)[(shop.id, "sms", PHONE)].granted


def test_the_same_key_in_another_shop_is_another_cart(database: Database, clock: SetClock) -> None:
    shop, other = a_shop(database, clock()), a_shop(database, clock(), address="s.myshopify.com")
    for each in (shop, other):
        record(database, each, captured(clock), now=clock())
    forget(database, shop, clock)
    assert [row.email for row in rows(database, tables.carts)] == [None, EMAIL]
    assert {row.shop_id for row in rows(database, tables.shoppers)} == {other.id}
    assert {row.shop_id for row in rows(database, tables.consents)} == {other.id}


def test_of_an_unknown_cart_the_key_alone_is_kept(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, captured(clock), now=clock())
    forget(database, shop, clock, "cart:unknown-key")
    first, unknown = rows(database, tables.carts)
    assert (first.state, first.email, first.phone) == ("open", EMAIL, PHONE)
    assert (unknown.key, unknown.state, unknown.email) == ("cart:unknown-key", "expired", None)
    assert len(rows(database, tables.shoppers)) == 1


UNREAD = {"version": 2, "carts": [{"key": KEY[5:], "email": EMAIL}, {"key": "another-one", "x": 1}]}


@pytest.mark.parametrize(
    ("body", "left"),
    [
        (json.dumps(UNREAD), [{"version": 2, "carts": [{"key": "another-one", "x": 1}]}]),
        (json.dumps(UNREAD)[:-3], []),
        (json.dumps({"version": 9, "basket": {"key": KEY[5:], "email": EMAIL}}), []),
    ],
)
def test_it_is_taken_out_of_what_nobody_could_read(
    database: Database, clock: SetClock, body: str, left: list[Any]
) -> None:
    shop = a_shop(database, clock())
    orders = unread.Unread("woocommerce", "{}", body.encode(), "odd", shop.id)
    for row in (unread.Unread("plugin", "{}", body.encode(), "odd", shop.id), orders):
        database.run(lambda db, row=row: unread.keep(db, row, clock()))  # type: ignore[misc]
    forget(database, shop, clock)
    kept = rows(database, tables.unread)
    assert [json.loads(bytes(row.body)) for row in kept if row.door == "plugin"] == left
    assert [bytes(row.body) for row in kept if row.door != "plugin"] == [body.encode()]


def test_an_ordered_cart_loses_what_was_captured_and_the_order_keeps_its_own(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, captured(clock), now=clock())
    record(database, shop, an_order(clock.forward(minutes=1), cart_keys=(KEY,)), now=clock())
    forget(database, shop, clock)
    with database.reading() as db:
        cart = db.execute(select(tables.carts)).one()
    assert (cart.state, cart.ended_because, cart.phone) == ("ordered", "ordered", None)
    assert [row.phone for row in rows(database, tables.orders)] == [PHONE]
    assert PHONE in [row.address for row in rows(database, tables.consents)]


def test_erasing_after_a_no_thanks_finds_nothing(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, captured(clock), now=clock() + MINUTES)
    forget(database, shop, clock)
    done = database.run(lambda db: privacy.erase_address(db, shop, EMAIL, clock()))
    assert done == privacy.Erased(0, 0)


# -- what is still on its way ------------------------------------------------------------------


def test_a_no_thanks_that_overtakes_the_cart_keeps_it_from_coming_back(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    early = captured(clock)
    clock.forward(minutes=1)
    gone = CartGone((KEY,), clock(), forget=True)
    record(database, shop, gone, now=clock())
    record(database, shop, early, now=clock.forward(minutes=1))
    record(database, shop, gone, now=clock())
    (cart,) = rows(database, tables.carts)
    assert (cart.state, cart.email, cart.phone, cart.item_count) == ("expired", None, None, 0)
    assert left_of_them(database) == []


def test_who_fills_the_cart_anew_after_that_is_known_again(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, CartGone((KEY,), clock(), forget=True), now=clock())
    clock.forward(minutes=1)
    record(database, shop, captured(clock), now=clock())
    (cart,) = rows(database, tables.carts)
    assert (cart.state, cart.email, cart.item_count) == ("open", EMAIL, 1)


def test_a_draft_of_woocommerce_brings_nothing_back_and_takes_nothing_from_the_plugin(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, captured(clock), now=clock())
    record(database, shop, *drafted(clock), now=clock.forward(minutes=1))
    (cart,) = rows(database, tables.carts)
    assert (cart.email, cart.phone) == (EMAIL, PHONE), "the plugin's contact stays"
    record(database, shop, CartGone((KEY,), clock(), forget=True), now=clock())
    record(database, shop, *drafted(clock), now=clock.forward(minutes=1))
    assert left_of_them(database) == []


def drafted(clock: SetClock) -> Any:
    """What WooCommerce shows of that cart while the shopper types, as the poll reads it."""
    at = f"{clock.forward(minutes=1):%Y-%m-%dT%H:%M:%S}"
    row = {
        **{"id": 17, "status": "checkout-draft", "currency": "EUR", "total": "18.00"},
        **{"date_created_gmt": at, "date_modified_gmt": at, "created_via": "store-api"},
        "billing": {"email": EMAIL, "phone": "06 12 34 56 78", "country": "FR"},
        "meta_data": [{"id": 1, "key": "_relance_cart", "value": KEY.removeprefix("cart:")}],
    }
    seen, unread_rows = polling.news([row])
    assert unread_rows == ()
    return seen
