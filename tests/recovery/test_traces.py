"""No table keeps a person after an erasure: each column of text is said to name one, or nobody."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import LargeBinary, String, Table

from recovery import exports, forgetting, past_orders, receipts, shops, tables, traces, unread
from recovery.database import Database
from recovery.model import PrivacyRequest, ShopNews, Shopper
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stop_stories import stands
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
    rows,
    tick,
)
from tests.recovery.survey_stories import reply

#: Columns that name a shopper, or may: whoever adds one says how it is erased, and fills it
#: in `a_life`.
OF_SHOPPERS: dict[str, str] = {
    "arms": "mark",
    "caps": "address",
    "carts": "customer_key email phone phone_raw first_name client way_back raw",
    "clicks": "visit",
    "consents": "address words page ip",
    "forwards": "error",
    "name_words": "word",
    "offers": "customer_key email phone error",
    "orders": "customer_key email phone raw",
    "past_orders": "person",
    "privacy_receipts": "customer_key email phone",
    "parcels": "tracking_address",
    "pauses": "address",
    "reminders": "recipient text headline refusal",
    "replies": "sender text",
    "requests": "phone customer_key words",
    "shoppers": "identity customer_key first_name last_name email phone phone_raw raw",
    "unread": "headers body",
}
#: Without this the next message would break the stop.
STAYS = {"suppressions": "address", "stop_marks": "mark"}
#: Columns that name the merchant, or somebody who works there.
OF_MERCHANTS: dict[str, str] = {
    "accounts": "name sender mail_from credentials",
    "changes": "before after",
    "marks": "words",
    "members": "subject name",
    "tried_texts": "mark",
    "programme_versions": "author",
    "shops": "name credentials merchant_email postal_address logo sender_name",
}
NOBODYS: dict[str, str] = {
    "accounts": "messenger channel application_id stopped_reason rich rcs_agent",
    "changes": "subject",
    "alerts": "subject error",
    "looks": "what key",
    "marks": "day",
    "members": "language role",
    "history_imports": "what cursor error",
    "prepared_figures": "what period partial figures",
    "arms": "programme kind arm",
    "caps": "channel slot",
    "cart_keys": "key",
    "cart_words": "word",
    "carts": "key name state ended_because origin bot country region locale hidden currency "
    "discount_codes lines platform_state sources",
    "clicks": "link_hash who",
    "consents": "channel source language",
    "installs": "state_hash platform address browser_hash",
    "leaving_reasons": "reason follow",
    "links": "token_hash purpose",
    "nonces": "nonce",
    "notices": "subject words",
    "offers": "gift stand reasons kind currency lines left_out code coupon_key",
    "order_cart_keys": "key",
    "orders": "key name credited_by origin currency discount_codes lines platform_state",
    "pairings": "code_hash",
    "parcels": "key order_key stage carrier",
    "past_orders": "currency",
    "pauses": "because",
    "privacy_receipts": "kind came_by",
    "products": "key title address image currency categories variants raw",
    "programme_versions": "form",
    "programmes": "name start",
    "pulses": "name",
    "refunds": "key order_key currency",
    "reminders": "subject programme channel state reasons sender provider_id code "
    "price_currency arm words language rich rich_id",
    "replies": "provider_id",
    "requests": "kind about cart_key product_key variant_key title address currency country "
    "locale source ended_because",
    "shoppers": "country region locale",
    "shops": "key platform address other_addresses domains state currency country timezone locale "
    "held scopes order_texts welcome_code draw_key offer_policy sms_prices credit_rule colour "
    "code_read poll_cursor poll_error dkim_selector",
    "stop_marks": "source",
    "splits": "programme weights matured",
    "suppressions": "channel source",
    "tried_texts": "language outcome provider_id refusal price_currency",
    "unread": "door error digest",
    "written_answers": "once",
}
HERS = "Anabella Solinas"


def test_every_column_of_text_is_said_to_name_somebody_or_nobody() -> None:
    wrong = {}
    for table in tables.metadata.sorted_tables:
        several = (OF_SHOPPERS, STAYS, OF_MERCHANTS, NOBODYS)
        said = " ".join(each.get(table.name, "") for each in several).split()
        there = [each.name for each in table.columns if isinstance(each.type, String | LargeBinary)]
        if sorted(said) != sorted(there):
            wrong[table.name] = sorted(set(said) ^ set(there))
    assert wrong == {}


def put(database: Database, table: Table, **values: Any) -> int:
    """One more row, and its number where it has one."""
    with database.transaction() as db:
        made = db.execute(table.insert().values(**values))
        return int(made.inserted_primary_key[0]) if "id" in table.c else 0


def change(database: Database, table: Table, **values: Any) -> None:
    """All rows of a table."""
    database.run(lambda db: db.execute(table.update().values(**values)))


def ana(at: datetime) -> Shopper:
    return a_shopper(at, customer_key="c-ana", last_name="Solinas")


def a_life(database: Database, clock: SetClock) -> ShopRow:
    """Ana left a cart, was reminded, followed the link, answered, was offered a code, ordered."""
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=ana(clock()), raw=HERS), now=clock())
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    accept(database, tick(database, clock()), clock())
    record(database, shop, an_order(clock(), shopper=ana(clock()), raw=HERS), now=clock())
    (cart,) = rows(database, tables.carts)
    (sent,) = rows(database, tables.reminders)
    (order,) = rows(database, tables.orders)
    here, at = {"shop_id": shop.id}, {"at": clock()}
    for kind, mark in (("customer_key", "c-ana"), ("email", EMAIL), ("phone", PHONE)):
        drawn = {"programme": "cart", "kind": kind, "mark": mark, "arm": "control"}
        put(database, tables.arms, **here, **at, **drawn, cart_id=cart.id)
    offered = {"customer_key": "c-ana", "email": EMAIL, "phone": PHONE, "error": f"no {HERS}"}
    decided = {"gift": "incentive", "stand": "made", "reasons": "[]", "code": "C10"}
    ids = {"cart_id": cart.id, "reminder_id": sent.id}
    put(database, tables.offers, **here, **ids, **offered, **decided, decided_at=clock())
    clicked = {"link_hash": "h", "reminder_id": sent.id, "who": "person", "visit": "v-ana"}
    put(database, tables.clicks, **here, **at, **clicked)
    said = {"account_id": shop.account_id, "provider_id": "p", "sender": PHONE, "text": HERS}
    reply_id = put(database, tables.replies, **here, **at, **said)
    left = {**ids, "reply_id": reply_id, "reason": "shipping", "follow": "offer"}
    put(database, tables.leaving_reasons, **here, **at, **left, follow_at=clock())
    put(database, tables.forwards, **here, **at, reply_id=reply_id, error=f"{EMAIL}: refused")
    put(database, tables.pauses, **here, **at, address=PHONE, because="a reply")
    asked = {**here, "kind": "order_news", "phone": PHONE, "customer_key": "c-ana"}
    asked |= {"source": "plugin", "words": HERS}
    put(database, tables.requests, **asked, asked_at=clock(), said_at=clock(), recorded_at=clock())
    parcel = {"key": "k", "order_key": order.key, "stage": "shipped"}
    put(database, tables.parcels, **here, **at, **parcel, tracking_address=f"https://p/{HERS}")
    row = unread.Unread("shopify", f"{{{EMAIL}}}", f"to {EMAIL}".encode(), "odd", shop.id)
    database.run(lambda db: unread.keep(db, row, clock()))
    change(database, tables.carts, client="c-hash", phone_raw="06 12 34 56 78")
    change(database, tables.shoppers, raw=HERS, phone_raw="06 12 34 56 78")
    change(database, tables.reminders, headline=f"{HERS}, your cart", refusal=f"<{EMAIL}> unknown")
    change(database, tables.consents, words=HERS, page="https://nord.example/ana", ip="192.0.2.7")
    form = {"programme_id": 1, "number": 1, "form": "{}", "author": "Mira Paz"}
    put(database, tables.programmes, **here, name="p", start="cart", is_on=True, created_at=clock())
    put(database, tables.programme_versions, **form, **at)
    asked = {"kind": "export", "came_by": "shopify", "customer_key": "c-ana"}
    asked |= {"email": EMAIL, "phone": PHONE}
    put(database, tables.privacy_receipts, **here, **asked, asked_at=clock())
    whose = past_orders.persons(shop.draw_key, EMAIL)[0]
    old = {"person": whose, "placed_at": clock(), "amount": Decimal(10), "currency": "EUR"}
    put(database, tables.past_orders, **here, **old)
    return shop


def named_in(database: Database, columns: dict[str, str]) -> dict[tuple[str, str], set[str]]:
    """What stands in each of these columns."""
    found = {}
    for name, several in columns.items():
        for column in several.split():
            values = rows(database, tables.metadata.tables[name], column)
            found[name, column] = {str(row[0]) for row in values if row[0] not in (None, "")}
    return found


def left(before: dict[Any, set[str]], after: dict[Any, set[str]]) -> list[Any]:
    return sorted(key for key in before if before[key] & after[key])


def test_an_erased_person_is_left_in_no_column_and_the_figures_stay(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    before = named_in(database, OF_SHOPPERS)
    assert [key for key, values in before.items() if not values] == []  # else nothing is shown
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    record(database, shop, PrivacyRequest("erase", ana(clock())), now=clock())
    assert left(before, named_in(database, OF_SHOPPERS)) == []
    assert rows(database, tables.suppressions) == []
    assert stands(database, shop, PHONE)
    assert {row.arm for row in rows(database, tables.arms)} == {"control"}
    assert len(rows(database, tables.arms)) == 3
    assert [row.code for row in rows(database, tables.offers)] == ["C10"]
    assert [row.reason for row in rows(database, tables.leaving_reasons)] == ["shipping"]
    assert [row.who for row in rows(database, tables.clicks)] == ["person"]
    assert rows(database, tables.forwards) == rows(database, tables.pauses) == []


def test_a_shop_that_is_erased_keeps_nobody_not_even_its_merchant(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    merchant = {"merchant_email": "mira@nord.example", "postal_address": "1 quai, Brest"}
    change(database, tables.shops, **merchant, logo="https://nord.example/l", credentials="x")
    columns = OF_SHOPPERS | {name: OF_MERCHANTS[name] for name in ("programme_versions", "shops")}
    before = named_in(database, columns)
    record(database, shop, ShopNews(uninstalled=True), now=clock())
    with database.reading() as db:
        gone = shops.by_id(db, shop.id)
    record(database, gone, PrivacyRequest("erase_shop"), now=clock.forward(days=2))
    assert left(before, named_in(database, columns)) == []


def test_erasing_a_person_leaves_the_others_in_their_programmes(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    bob = {"programme": "cart", "arm": "a", "cart_id": 999, "at": clock(), "shop_id": shop.id}
    put(database, tables.arms, **bob, kind="email", mark="bob@example.com")
    put(database, tables.pauses, shop_id=shop.id, address="bob@example.com", at=clock(), because="")
    record(database, shop, PrivacyRequest("erase", ana(clock())), now=clock())
    assert rows(database, tables.arms)[-1].mark == "bob@example.com"
    assert [row.address for row in rows(database, tables.pauses)] == ["bob@example.com"]


def test_a_refusal_in_the_box_deletes_what_programmes_captured(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), "cart:made-up-1", shopper=ana(clock())), now=clock())
    (cart,) = rows(database, tables.carts)
    here, at = {"shop_id": shop.id}, {"at": clock()}
    for kind, mark in (("customer_key", "c-ana"), ("email", EMAIL), ("phone", PHONE)):
        drawn = {"programme": "cart", "kind": kind, "mark": mark, "arm": "control"}
        put(database, tables.arms, **here, **at, **drawn, cart_id=cart.id)
    decided = {"gift": "none", "stand": "none", "reasons": "[]", "decided_at": clock()}
    hers = {"customer_key": "c-ana", "email": "old@example.com", "phone": PHONE}
    put(database, tables.offers, **here, **decided, **hers, cart_id=cart.id, reminder_id=1)
    for address in (PHONE, "old@example.com"):  # the cart shows another e-mail by now
        put(database, tables.pauses, **here, **at, address=address, because="a reply")
    columns = {name: OF_SHOPPERS[name] for name in ("arms", "offers", "pauses", "consents")}
    before = named_in(database, columns)
    database.run(lambda db: forgetting.forget_carts(db, shop, ["cart:made-up-1"], clock()))
    assert left(before, named_in(database, columns)) == []


def test_a_new_reply_with_the_number_of_an_erased_one_is_answered_as_any_other(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    record(database, shop, PrivacyRequest("erase", ana(clock())), now=clock())
    (old,) = rows(database, tables.leaving_reasons)
    assert old.reply_id < 0
    again = {"cart_id": 5, "reminder_id": 5, "reply_id": -old.reply_id, "follow": "none"}
    put(database, tables.leaving_reasons, shop_id=shop.id, at=clock(), **again)
    assert len(rows(database, tables.leaving_reasons)) == 2


def test_erasing_twice_finds_nothing_more(database: Database, clock: SetClock) -> None:
    shop = a_life(database, clock)
    for found in (True, False):
        with database.transaction() as db:
            assert bool(traces.forget_address(db, shop.id, PHONE)) is found


@pytest.mark.parametrize(
    ("group", "name", "value"),
    [
        ("consents", "Your IP address", "192.0.2.7"),
        ("consents", "Page", "https://nord.example/ana"),
        ("messages", "Subject", f"{HERS}, your cart"),
        ("arms", "Which is", "c-ana"),
        ("offers", "Discount code", "C10"),
        ("clicks", "By", "person"),
        ("left", "Why the cart was left", "shipping"),
        ("pauses", "Address", PHONE),
    ],
)
def test_what_programmes_keep_is_handed_to_the_person(
    database: Database, clock: SetClock, group: str, name: str, value: str
) -> None:
    shop = a_life(database, clock)
    told = database.run(lambda db: exports.of_address(db, shop.id, EMAIL))
    found = {each.id: each for each in told}[f"relance-{group}"]
    assert value in [dict(item).get(name) for item in found.items]


@pytest.mark.parametrize("is_old", [False, True])
def test_a_reply_from_a_number_not_written_to_is_shown_and_erased(
    database: Database, clock: SetClock, is_old: bool
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=ana(clock())), now=clock())
    reply(database, f"Je m'appelle {HERS}", clock.forward(minutes=5))
    assert [row.shop_id for row in rows(database, tables.replies)] == [shop.id]
    if is_old:  # as rows of earlier versions are
        change(database, tables.replies, shop_id=None)
    told = database.run(lambda db: exports.of_address(db, shop.id, EMAIL))
    assert "relance-replies" in [each.id for each in told]
    record(database, shop, PrivacyRequest("erase", ana(clock())), now=clock())
    for table in (tables.replies, tables.forwards, tables.pauses):
        assert rows(database, table) == []


def test_a_reply_to_an_account_of_several_shops_is_erased_by_its_number_alone(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    a_shop(database, clock(), address="atelier-sud.myshopify.com")
    record(database, shop, a_cart(clock(), shopper=ana(clock())), now=clock())
    reply(database, HERS, clock.forward(minutes=5))
    reply(database, "Bob", clock.forward(minutes=5), phone="+33612345699")
    record(database, shop, PrivacyRequest("erase", ana(clock())), now=clock())
    assert [row.text for row in rows(database, tables.replies)] == ["Bob"]


def test_an_erased_shop_keeps_no_old_reply_that_was_forwarded_to_it(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    reply(database, HERS, clock.forward(minutes=5))
    change(database, tables.replies, shop_id=None)
    with database.transaction() as db:
        traces.forget_shop(db, shop.id)
    assert rows(database, tables.replies) == rows(database, tables.forwards) == []
