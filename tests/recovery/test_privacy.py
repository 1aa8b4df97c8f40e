"""What a person and a shop may ask to be forgotten, on both databases."""

from __future__ import annotations

import json
from urllib.parse import quote_plus

import pytest

from recovery import polls, privacy, receipts, shops, states, tables, unread
from recovery.database import Database
from recovery.model import CustomerSeen, Page, PrivacyRequest, RowKind, ShopNews, Shopper, UnreadRow
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

PERSONAL = (EMAIL, PHONE, PHONE.removeprefix("+"), "06 12 34 56 78", "Anabella", "c-ana")


def everything(database: Database) -> str:
    """All rows of all tables but suppressions, as one text."""
    tables_kept = [table for table in tables.metadata.sorted_tables if table.name != "suppressions"]
    return "\n".join(str(row) for table in tables_kept for row in rows(database, table))


def ana(clock: SetClock, **different: object) -> Shopper:
    return a_shopper(clock(), **({"customer_key": "c-ana", "last_name": "Solinas"} | different))


def a_life(database: Database, clock: SetClock) -> ShopRow:
    """Ana left a cart, was texted, and ordered."""
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=ana(clock), raw='{"Anabella": 1}'), now=clock())
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    accept(database, tick(database, clock()), clock())
    record(database, shop, an_order(clock(), shopper=ana(clock), raw="Anabella"), now=clock())
    return shop


def test_an_erased_person_is_named_nowhere_and_the_figures_stay(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    record(database, shop, PrivacyRequest("erase", ana(clock)), now=clock())
    held = everything(database)
    assert [word for word in PERSONAL if word in held] == []
    assert rows(database, tables.orders)[0].total > 0
    assert rows(database, tables.reminders)[0].state == "sent"


def test_a_stop_outlives_the_erasing(database: Database, clock: SetClock) -> None:
    shop = a_life(database, clock)
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    record(database, shop, PrivacyRequest("erase", ana(clock)), now=clock())
    assert rows(database, tables.suppressions) == []
    assert stands(database, shop, PHONE)


def test_erasing_one_of_two_who_share_a_phone_leaves_the_other(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    bob = a_shopper(clock(), email="bob@example.com", customer_key="c-bob", first_name="Bob")
    record(database, shop, a_cart(clock(), shopper=ana(clock)), now=clock())
    record(database, shop, a_cart(clock(), key="token:bob", shopper=bob), now=clock())
    record(database, shop, PrivacyRequest("erase", ana(clock)), now=clock())
    gone, kept = rows(database, tables.carts)
    assert (gone.email, gone.phone) == (None, None)
    assert (kept.email, kept.phone, kept.first_name) == ("bob@example.com", PHONE, "Bob")
    assert [person.email for person in rows(database, tables.shoppers)] == ["bob@example.com"]
    assert [row.address for row in rows(database, tables.consents)] == [PHONE]


def test_erasing_one_of_two_customers_with_one_address_leaves_the_other(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    bob = a_shopper(clock(), customer_key="c-bob", first_name="Bob")
    record(database, shop, a_cart(clock(), shopper=ana(clock)), now=clock())
    record(database, shop, a_cart(clock(), key="token:bob", shopper=bob), now=clock())
    record(database, shop, PrivacyRequest("erase", ana(clock)), now=clock())
    assert [row.first_name for row in rows(database, tables.carts)] == [None, "Bob"]
    assert [row.customer_key for row in rows(database, tables.shoppers)] == ["c-bob"]


def test_what_a_customer_left_as_a_guest_is_erased_with_them(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=ana(clock, customer_key=None)), now=clock())
    record(database, shop, PrivacyRequest("erase", ana(clock)), now=clock())
    assert rows(database, tables.carts)[0].email is None
    assert rows(database, tables.shoppers) == []


def test_a_person_who_changed_address_is_erased_by_the_new_one(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=ana(clock)), now=clock())
    moved = Shopper(customer_key="c-ana", email="ana@new.example")
    record(database, shop, CustomerSeen(moved, clock() + MINUTES), now=clock())
    by_address = PrivacyRequest("erase", Shopper(email="ana@new.example"))
    record(database, shop, by_address, now=clock())
    assert rows(database, tables.shoppers) == []


def test_erasing_calls_off_what_is_scheduled(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=ana(clock)), now=clock())
    tick(database, clock.forward(minutes=31))
    record(database, shop, PrivacyRequest("erase", ana(clock)), now=clock())
    assert rows(database, tables.reminders)[0].state == "skipped"


def test_erasing_in_one_shop_changes_nothing_in_another(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    other = a_shop(database, clock(), address="sud.myshopify.com")
    for each in (shop, other):
        record(database, each, a_cart(clock(), shopper=ana(clock)), now=clock())
    record(database, shop, PrivacyRequest("erase", ana(clock)), now=clock())
    assert [row.email for row in rows(database, tables.carts)] == [None, EMAIL]
    assert [row.shop_id for row in rows(database, tables.consents)] == [other.id]


def test_a_request_for_what_is_held_is_noted_for_the_merchant_without_a_name(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    request = PrivacyRequest("export", ana(clock))
    record(database, shop, request, request, now=clock())
    notices = rows(database, tables.notices)
    assert len(notices) == 1
    assert notices[0].shop_id == shop.id
    assert EMAIL not in notices[0].words


def ask_for(database: Database, shop: ShopRow, clock: SetClock, **more: object) -> None:
    """A text that somebody asked for, and one that waits to be sent for it."""
    at = dict.fromkeys(("asked_at", "said_at", "recorded_at"), clock())
    row = {"shop_id": shop.id, "kind": "order_news", "phone": PHONE, "source": "plugin", **at}
    with database.transaction() as db:
        made = tables.requests.insert().values(**({**row, "words": "Anabella: yes"} | more))
        id_ = db.execute(made.returning(tables.requests.c.id)).scalar_one()
        db.execute(
            tables.reminders.insert().values(
                **{"shop_id": shop.id, "request_id": id_, "subject": "order:1:shipped"},
                **{"programme": "order", "step": 1, "channel": "sms"},
                state=states.at_first(tables.reminders),
                **{"due_at": clock(), "latest_at": clock(), "created_at": clock()},
                **{"recipient": PHONE, "text": "Anabella, it is on its way."},
            )
        )


def test_texts_asked_for_are_erased_with_the_person_and_stay_counted(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    ask_for(database, shop, clock)
    ask_for(database, shop, clock, about="shop", phone="+33612340000", customer_key="c-ana")
    record(database, shop, PrivacyRequest("erase", ana(clock)), now=clock())
    held = everything(database)
    assert [word for word in (*PERSONAL, "+33612340000") if word in held] == []
    ended = rows(database, tables.requests)
    assert [(row.ended_because, row.ended_at) for row in ended] == [("erased", clock())] * 2
    assert [row.state for row in rows(database, tables.reminders)] == ["sent", *["skipped"] * 2]


def test_a_text_asked_for_by_a_shared_phone_stays(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    bob = a_shopper(clock(), email="bob@example.com", customer_key="c-bob", first_name="Bob")
    record(database, shop, a_cart(clock(), shopper=ana(clock)), now=clock())
    record(database, shop, a_cart(clock(), key="token:bob", shopper=bob), now=clock())
    ask_for(database, shop, clock)
    record(database, shop, PrivacyRequest("erase", ana(clock)), now=clock())
    assert [row.phone for row in rows(database, tables.requests)] == [PHONE]


def test_who_typed_a_phone_before_the_e_mail_is_erased_under_both(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    for email in (None, EMAIL):
        person = ana(clock, customer_key=None, email=email)
        record(database, shop, a_cart(clock.forward(seconds=5), shopper=person), now=clock())
    assert len(rows(database, tables.shoppers)) == 2
    record(database, shop, PrivacyRequest("erase", Shopper(email=EMAIL)), now=clock())
    assert rows(database, tables.shoppers) == rows(database, tables.consents) == []


def test_a_parcel_of_an_erased_order_leads_nowhere(database: Database, clock: SetClock) -> None:
    shop = a_life(database, clock)
    with database.transaction() as db:
        for key in ("o1", "o2"):
            row = {"shop_id": shop.id, "key": key, "order_key": key, "stage": "shipped"}
            address = {"tracking_address": f"https://p.example/{key}", "at": clock()}
            db.execute(tables.parcels.insert().values(**row, **address))
    record(database, shop, PrivacyRequest("erase", ana(clock)), now=clock())
    left = [row.tracking_address for row in rows(database, tables.parcels)]
    assert left == [None, "https://p.example/o2"]


def test_erasing_by_an_address_counts_what_it_erased_and_the_stops_that_stay(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    database.run(lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock()))
    done = database.run(lambda db: privacy.erase_address(db, shop, EMAIL, clock()))
    # A cart, an order, the person, a text, a consent, the note of the stop in the ledger,
    # and the caps of its day and week.
    assert done == privacy.Erased(removed=8, retained=1)
    assert [word for word in PERSONAL if word in everything(database)] == []
    again = database.run(lambda db: privacy.erase_address(db, shop, EMAIL, clock()))
    assert again.removed == 0


def test_an_address_erases_what_its_customer_left_under_another(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=ana(clock, email="w@example.com")), now=clock())
    record(database, shop, a_cart(clock(), key="token:2", shopper=ana(clock)), now=clock())
    database.run(lambda db: privacy.erase_address(db, shop, EMAIL, clock()))
    assert [row.email for row in rows(database, tables.carts)] == [None, None]
    assert "w@example.com" not in everything(database)


def test_an_uninstalled_shop_is_erased(database: Database, clock: SetClock) -> None:
    shop = a_life(database, clock)
    record(database, shop, ShopNews(uninstalled=True), now=clock())
    with database.reading() as db:
        gone = shops.by_id(db, shop.id)
    record(database, gone, PrivacyRequest("erase_shop"), now=clock.forward(days=2))
    held = everything(database)
    assert [word for word in PERSONAL if word in held] == []
    assert rows(database, tables.shops)[0].state == "erased"


def test_nobody_waits_for_the_file_of_who_was_erased_meanwhile(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    record(database, shop, PrivacyRequest("export", ana(clock)), now=clock())
    assert [row.over_at for row in rows(database, tables.notices)] == [None]
    record(database, shop, PrivacyRequest("erase", ana(clock)), now=clock.forward(hours=1))
    assert [row.over_at for row in rows(database, tables.notices)] == [clock()]


def test_a_shop_that_came_back_is_not_erased_by_the_request_of_its_former_life(
    database: Database, clock: SetClock
) -> None:
    shop = a_life(database, clock)
    record(database, shop, ShopNews(uninstalled=True), now=clock())
    back = database.run(lambda db: shops.add(db, shop.platform, shop.address, clock()))
    assert (back.id, back.key) == (shop.id, shop.key)
    record(database, back, PrivacyRequest("erase_shop"), now=clock.forward(days=2))
    assert rows(database, tables.carts)[0].email == EMAIL


BODIES = {
    "the address": json.dumps({"email": EMAIL}),
    "in capitals": json.dumps({"buyer": {"mail": f" {EMAIL.upper()} "}}),
    "with escapes": '{"email": "\\u0061na\\u0040example.com"}',
    "in a form": f"email={quote_plus(EMAIL)}&total=1",
    "cut off": '{"order": {"email": "ANA@EXAMPLE.COM", "pho',
    "the phone": json.dumps({"phone": PHONE}),
    "escaped": '{"phone": "\\u002b33612345678"}',
    "as at home": json.dumps({"note": "call 06 12 34 56 78 please"}),
    "with dots": json.dumps({"tel": "06.12.34.56.78"}),
    "from abroad": json.dumps({"tel": "0033 (0)6 12 34 56 78"}),
    "without a plus": json.dumps({"msisdn": 33612345678}),
    "the customer": json.dumps({"customer": {"id": "gid://shopify/Customer/4711"}}),
    "the customer's number": json.dumps({"order": {"customer_id": 4711}}),
}
OTHERS = (
    json.dumps({"email": "joana@example.com.au", "phone": "+33612345679", "id": 4711}),
    json.dumps({"id": 5306123456789, "customer": {"id": 47112}}),
    "",
)


@pytest.mark.parametrize("form", BODIES)
def test_an_erased_person_is_in_no_body_that_could_not_be_read(
    database: Database, clock: SetClock, form: str
) -> None:
    shop, other = a_shop(database, clock()), a_shop(database, clock(), address="s.myshopify.com")
    for each, bodies in ((shop, (BODIES[form], *OTHERS)), (other, (BODIES[form],))):
        for body in bodies:
            row = unread.Unread("shopify", "{}", body.encode(), "odd", each.id)
            database.run(lambda db, row=row: unread.keep(db, row, clock()))  # type: ignore[misc]
    record(database, shop, PrivacyRequest("erase", ana(clock, customer_key="4711")), now=clock())
    left = [(row.shop_id, bytes(row.body).decode()) for row in rows(database, tables.unread)]
    assert left == [*((shop.id, body) for body in OTHERS), (other.id, BODIES[form])]


def test_an_erased_person_is_in_no_unread_row_of_a_poll(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    odd = UnreadRow(RowKind.ORDER, b"[]", "odd", "o1", ana(clock))
    database.run(lambda db: polls.store_page(db, shop, Page((), "c", unread=(odd,)), clock()))
    record(database, shop, PrivacyRequest("erase", ana(clock)), now=clock())
    assert rows(database, tables.unread) == []
