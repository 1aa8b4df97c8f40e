"""A contact left before any checkout finds its cart, whichever comes first, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from recovery import planning, reasons, states, tables
from recovery.database import Database
from recovery.model import (
    Cart,
    Channel,
    Consent,
    ContactSeen,
    Order,
    Shopper,
    Totals,
)
from recovery.reasons import Reason
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import (
    MINUTES,
    PHONE,
    a_cart,
    a_line,
    a_shop,
    a_shopper,
    an_order,
    know_orders,
    record,
    rows,
    the_reminder,
    tick,
)

KEY = "cart:t1"
PERMALINK = "https://atelier-nord.myshopify.com/cart/11:1"
RECOVERY = "https://atelier-nord.example/recover/c1"


def a_browsers_cart(at: datetime, **different: Any) -> Cart:
    """As carts/update shows it: lines, a token, nobody."""
    values: dict[str, Any] = {
        "shopper": Shopper(),
        "sees": "cart",
        "way_back": PERMALINK,
        "totals": Totals(Decimal("18.00"), subtotal=Decimal("18.00")),
        "created_at": at,
    }
    return a_cart(at, KEY, **(values | different))


def an_emptied_cart(at: datetime) -> Cart:
    nothing = Totals(Decimal(0), subtotal=Decimal(0))
    return a_browsers_cart(at, lines=(), totals=nothing, currency="", way_back=None)


def a_checkout(at: datetime, **different: Any) -> Cart:
    """The checkout of the same browser, before anybody typed anything, unless told."""
    values: dict[str, Any] = {
        "name": "#C1",
        "aliases": (KEY,),
        "shopper": Shopper(),
        "way_back": RECOVERY,
        "platform_state": "open",
        "totals": Totals(Decimal("22.90"), subtotal=Decimal("18.00"), shipping=Decimal("4.90")),
    }
    return a_cart(at, **(values | different))


def a_contact(at: datetime, agreed: bool = True, **known: Any) -> ContactSeen:
    phone = known.get("phone", PHONE)
    words = (Consent(Channel.SMS, phone, True, "embed", at, "Offers, please"),)
    values: dict[str, Any] = {"phone": phone, "country": "FR", "locale": "fr"}
    shopper = Shopper(**(values | known), consents=words if agreed and phone else ())
    return ContactSeen((KEY,), shopper, at)


def an_order_of_it(at: datetime, **different: Any) -> Order:
    return an_order(at, cart_keys=(KEY,), **different)


def the_cart(database: Database) -> Any:
    (cart,) = rows(database, tables.carts)
    return cart


def texts_after_an_hour(database: Database, shop: ShopRow, clock: SetClock) -> list[Any]:
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    return tick(database, clock())


# -- both orders of arrival ----------------------------------------------------------------


def test_a_contact_finds_the_cart_that_lies_there(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_browsers_cart(clock()), now=clock())
    record(database, shop, a_contact(clock.forward(minutes=5)), now=clock())
    cart = the_cart(database)
    assert (cart.key, cart.phone, cart.item_count) == (KEY, PHONE, 1)
    assert (cart.sources, cart.country, cart.locale) == ("cart,contact", "FR", "fr")
    assert cart.left_at == clock(), "the idle clock begins anew"
    (letter,) = texts_after_an_hour(database, shop, clock)
    assert letter.message.recipient == PHONE


def test_a_contact_that_comes_first_waits_for_its_cart(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    filled_at = clock()
    record(database, shop, a_contact(clock.forward(minutes=1)), now=clock())
    left_at = clock()
    waiting = the_cart(database)
    assert (waiting.item_count, waiting.currency, waiting.phone) == (0, "EUR", PHONE)
    record(database, shop, a_browsers_cart(filled_at), now=clock.forward(minutes=2))
    cart = the_cart(database)
    assert (cart.item_count, cart.total, cart.phone) == (1, Decimal("18.00"), PHONE)
    assert (cart.changed_at, cart.left_at) == (filled_at, left_at)
    assert cart.way_back == PERMALINK
    assert len(texts_after_an_hour(database, shop, clock)) == 1


def test_both_orders_of_arrival_end_in_the_same_cart(database: Database, clock: SetClock) -> None:
    told = [a_browsers_cart(clock()), a_contact(clock() + MINUTES)]
    told += [a_checkout(clock() + 2 * MINUTES)]
    clock.forward(minutes=3)
    ends = []
    for place in range(3):
        shop = a_shop(database, clock(), address=f"shop-{place}.myshopify.com")
        for seen in told[place:] + told[:place]:
            record(database, shop, seen, now=clock())
        (cart,) = [row for row in rows(database, tables.carts) if row.shop_id == shop.id]
        assert {"contact", "webhook"} <= set(cart.sources.split(","))
        ends.append((cart.phone, cart.total, cart.name, cart.way_back, cart.item_count))
    assert ends == [(PHONE, Decimal("22.90"), "#C1", RECOVERY, 1)] * 3


def test_the_same_contact_twice_changes_nothing(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    contact = a_contact(clock())
    record(database, shop, a_browsers_cart(clock() - MINUTES), contact, contact, now=clock())
    before = the_cart(database), rows(database, tables.consents), rows(database, tables.shoppers)
    record(database, shop, contact, now=clock.forward(minutes=1))
    after = the_cart(database), rows(database, tables.consents), rows(database, tables.shoppers)
    assert after == before
    assert len(before[1]) == 1


def test_a_contact_alone_is_never_an_abandoned_cart(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_contact(clock()), now=clock())
    assert texts_after_an_hour(database, shop, clock) == []
    assert the_cart(database).state == states.CartState.OPEN
    assert rows(database, tables.reminders) == []


# -- what it may change ----------------------------------------------------------------------


def test_the_person_and_the_words_they_read_are_kept(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_contact(clock(), customer_key="77"), now=clock())
    (word,) = rows(database, tables.consents)
    assert (word.address, word.granted, word.source, word.words) == (
        PHONE,
        True,
        "embed",
        "Offers, please",
    )
    (person,) = rows(database, tables.shoppers)
    assert (person.customer_key, person.phone) == ("77", PHONE)


def test_a_contact_fills_blanks_and_blanks_nothing(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    known = a_shopper(clock(), agreed=False, phone=None, locale="de")
    record(database, shop, a_checkout(clock(), shopper=known), now=clock())
    record(database, shop, a_contact(clock.forward(minutes=1), locale=None), now=clock())
    cart = the_cart(database)
    assert (cart.phone, cart.email, cart.first_name) == (PHONE, "ana@example.com", "Anabella")
    assert (cart.locale, cart.way_back, cart.total) == ("de", RECOVERY, Decimal("22.90"))
    unusable = a_contact(clock.forward(minutes=1), phone="12", agreed=False)
    record(database, shop, unusable, now=clock())
    assert (the_cart(database).phone, the_cart(database).phone_raw) == (PHONE, PHONE)


def test_the_phone_left_for_texts_outlives_the_one_of_a_parcel(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_browsers_cart(clock()), now=clock())
    record(database, shop, a_contact(clock.forward(minutes=1)), now=clock())
    parcel = a_shopper(clock(), agreed=False, phone="+33140000000")
    record(database, shop, a_checkout(clock.forward(minutes=1), shopper=parcel), now=clock())
    assert (the_cart(database).phone, the_cart(database).email) == (PHONE, "ana@example.com")
    agreed = a_shopper(clock(), phone="+33698765432")
    record(database, shop, a_checkout(clock.forward(minutes=1), shopper=agreed), now=clock())
    assert the_cart(database).phone == "+33698765432"


def test_a_contact_opens_an_abandoned_cart_and_plans_anew(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_checkout(clock()), now=clock())
    tick(database, clock.forward(minutes=31))
    assert the_cart(database).state == states.CartState.ABANDONED
    record(database, shop, a_contact(clock.forward(minutes=5)), now=clock())
    assert the_cart(database).state == states.CartState.OPEN
    assert the_reminder(database).due_at > clock() + timedelta(minutes=30)
    assert len(texts_after_an_hour(database, shop, clock)) == 1


def test_a_contact_outweighs_the_suspicion_of_a_bot(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_checkout(clock(), user_agent="Googlebot/2.1"), now=clock())
    assert the_cart(database).bot
    record(database, shop, a_contact(clock.forward(minutes=1)), now=clock())
    assert the_cart(database).bot is None


def test_without_a_key_or_a_contact_no_cart_is_made(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, ContactSeen((), Shopper(phone=PHONE), clock()), now=clock())
    record(database, shop, ContactSeen((KEY,), Shopper(), clock()), now=clock())
    assert rows(database, tables.carts) == []
    assert [person.phone for person in rows(database, tables.shoppers)] == [PHONE]


def test_carts_of_two_shops_with_one_token_are_two(database: Database, clock: SetClock) -> None:
    first = a_shop(database, clock())
    other = a_shop(database, clock(), address="other.myshopify.com")
    record(database, first, a_browsers_cart(clock()), now=clock())
    record(database, other, a_contact(clock.forward(minutes=1)), now=clock())
    assert [cart.phone for cart in rows(database, tables.carts)] == [None, PHONE]


# -- orders ------------------------------------------------------------------------------------


def test_an_ordered_cart_is_left_as_it_is(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_checkout(clock()), now=clock())
    record(database, shop, an_order_of_it(clock.forward(minutes=1)), now=clock())
    before = the_cart(database)
    assert before.state == states.CartState.ORDERED
    late = clock.forward(minutes=1)
    record(database, shop, a_contact(late), an_emptied_cart(late), now=clock())
    assert the_cart(database) == before
    assert len(rows(database, tables.consents)) == 1, "what was agreed to is kept all the same"


def test_a_cart_whose_order_came_before_its_contact_is_not_made(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    contact = a_contact(clock())
    order = an_order_of_it(clock.forward(minutes=1), shopper=Shopper(email="other@example.com"))
    record(database, shop, order, now=clock())
    record(database, shop, contact, now=clock())
    assert rows(database, tables.carts) == []


def test_the_order_closes_the_cart_by_its_token_whoever_it_names(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_browsers_cart(clock()), now=clock())
    record(database, shop, a_contact(clock.forward(minutes=1)), now=clock())
    tick(database, clock.forward(minutes=31))
    somebody = Shopper(email="other@example.com")
    record(database, shop, an_order_of_it(clock(), shopper=somebody), now=clock())
    assert the_cart(database).state == states.CartState.ORDERED
    assert reasons.read(the_reminder(database).reasons) == [Reason.ORDERED]


# -- a browser's cart ----------------------------------------------------------------------------


def test_a_browsers_cart_without_a_contact_is_nobodys(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_browsers_cart(clock()), now=clock())
    record(database, shop, a_browsers_cart(clock.forward(minutes=1)), now=clock())
    assert texts_after_an_hour(database, shop, clock) == []
    assert the_cart(database).state == states.CartState.OPEN, "so it is in no denominator"
    assert rows(database, tables.reminders) == []
    with database.reading() as db:
        assert not planning.is_one_to_look_at(db, clock())


def test_a_checkout_without_a_contact_counts_as_before(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_browsers_cart(clock()), now=clock())
    record(database, shop, a_checkout(clock.forward(minutes=1)), now=clock())
    texts_after_an_hour(database, shop, clock)
    assert the_cart(database).state == states.CartState.ABANDONED
    assert reasons.read(the_reminder(database).reasons) == [Reason.NO_PHONE]


def test_an_emptied_cart_is_not_reminded_of(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_browsers_cart(clock()), now=clock())
    record(database, shop, a_contact(clock.forward(minutes=1)), now=clock())
    record(database, shop, an_emptied_cart(clock.forward(minutes=1)), now=clock())
    assert (the_cart(database).item_count, the_cart(database).currency) == (0, "EUR")
    assert texts_after_an_hour(database, shop, clock) == []
    filled = a_browsers_cart(clock.forward(minutes=1), lines=(a_line("Bol", "9.00"),))
    record(database, shop, filled, now=clock())
    assert len(texts_after_an_hour(database, shop, clock)) == 1


def test_a_late_snapshot_does_not_fill_an_emptied_cart(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    full = a_browsers_cart(clock())
    record(database, shop, an_emptied_cart(clock.forward(minutes=1)), now=clock())
    record(database, shop, full, now=clock())
    assert the_cart(database).item_count == 0


def test_a_checkout_overtaken_by_its_cart_loses_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    begun = a_checkout(clock(), shopper=a_shopper(clock()))
    two = (a_line(quantity=2),)
    more = a_browsers_cart(clock.forward(minutes=1), lines=two)
    record(database, shop, more, now=clock())
    record(database, shop, begun, now=clock())
    cart = the_cart(database)
    assert (cart.phone, cart.name, cart.way_back) == (PHONE, "#C1", RECOVERY)
    assert (cart.item_count, cart.changed_at) == (2, clock())
    assert len(texts_after_an_hour(database, shop, clock)) == 1


def test_a_browsers_cart_takes_nothing_from_its_checkout(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    hidden = a_shopper(clock(), hidden=frozenset({"address"}))
    record(database, shop, a_checkout(clock(), shopper=hidden), now=clock())
    record(database, shop, a_browsers_cart(clock.forward(minutes=1)), now=clock())
    cart = the_cart(database)
    assert (cart.way_back, cart.total, cart.phone) == (RECOVERY, Decimal("22.90"), PHONE)
    assert (cart.name, cart.platform_state, cart.hidden) == ("#C1", "open", "address")
    other = Totals(Decimal("9.00"), subtotal=Decimal("9.00"))
    changed = a_browsers_cart(clock.forward(minutes=1), lines=(a_line("Bol", "9"),), totals=other)
    record(database, shop, changed, now=clock())
    assert (the_cart(database).total, the_cart(database).way_back) == (Decimal("9.00"), RECOVERY)


def test_a_second_checkout_of_the_browser_is_a_cart_of_its_own(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_browsers_cart(clock()), now=clock())
    for name in ("#C1", "#C2"):
        checkout = a_checkout(clock.forward(minutes=1), name=name, key=f"token:{name}")
        record(database, shop, checkout, now=clock())
    assert [cart.name for cart in rows(database, tables.carts)] == ["#C1", "#C2"]


@pytest.mark.parametrize("currency", ["", "EUR"])
def test_a_cart_seen_empty_at_first_is_kept_in_the_shops_currency(
    database: Database, clock: SetClock, currency: str
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_browsers_cart(clock(), lines=(), currency=currency), now=clock())
    assert (the_cart(database).currency, the_cart(database).item_count) == ("EUR", 0)
    yen = a_browsers_cart(clock.forward(minutes=1), currency="JPY")
    record(database, shop, yen, now=clock())
    assert the_cart(database).currency == "JPY"
