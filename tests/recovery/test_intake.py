"""The one door: what becomes of snapshots of carts, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Thread

import pytest

from recovery import intake, lines, planning, reasons, states, tables
from recovery.database import Database
from recovery.model import (
    CartGone,
    CustomerSeen,
    Origin,
    Product,
    ShopNews,
    Shopper,
    Totals,
)
from recovery.reasons import Reason
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

NOBODY = Shopper(hidden=frozenset({"email", "phone"}))


def the_cart(database: Database) -> object:
    found = rows(database, tables.carts)
    assert len(found) == 1
    return found[0]


def test_webhook_and_poll_of_one_checkout_join_by_its_name(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), name="#C1"), now=clock())
    polled = a_cart(clock(), key="gid:1", name="#C1", sees="poll", shopper=NOBODY)
    record(database, shop, polled, now=clock())
    cart = the_cart(database)
    assert (cart.key, cart.sources, cart.phone) == ("token:c1", "webhook,poll", PHONE)


def test_webhook_and_poll_recorded_at_the_same_moment_are_one_cart(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    polled = a_cart(clock(), key="gid:1", name="#C1", sees="poll", shopper=NOBODY)
    beside = Thread(target=record, args=(database, shop, polled), kwargs={"now": clock()})
    with database.transaction() as db:
        intake.record(db, [(shop, a_cart(clock(), name="#C1"))], clock())
        beside.start()
        beside.join(0.05)
    beside.join()
    assert (the_cart(database).key, the_cart(database).sources) == ("token:c1", "webhook,poll")


def test_without_a_name_they_join_by_the_path_of_the_way_back(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    path = ("path:/recover/c1",)
    polled = a_cart(clock(), key="gid:1", sees="poll", shopper=NOBODY, aliases=path)
    record(database, shop, polled, now=clock())
    record(database, shop, a_cart(clock(), aliases=path), now=clock())
    assert (the_cart(database).key, the_cart(database).phone) == ("gid:1", PHONE)


def test_two_carts_with_different_names_that_share_a_token_stay_two(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    token = ("cart:t1",)
    record(database, shop, a_cart(clock(), key="cart:t1", name="#C1", aliases=token), now=clock())
    record(database, shop, a_cart(clock(), key="cart:t1", name="#C2", aliases=token), now=clock())
    record(database, shop, a_cart(clock(), key="cart:t1", name="#C2", aliases=token), now=clock())
    assert [cart.name for cart in rows(database, tables.carts)] == ["#C1", "#C2"]


def test_an_older_snapshot_changes_nothing(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    before = the_cart(database)
    stale = a_cart(clock() - MINUTES, totals=Totals(Decimal(1)), locale="de", sees="poll")
    record(database, shop, stale, now=clock.forward(minutes=1))
    assert the_cart(database) == before


def test_the_same_snapshot_twice_is_one_effect(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    cart = a_cart(clock())
    record(database, shop, cart, cart, now=clock())
    before = the_cart(database)
    record(database, shop, cart, now=clock.forward(minutes=1))
    assert the_cart(database) == before


def test_snapshots_of_one_instant_fill_each_others_blanks(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    bare = a_cart(clock(), shopper=NOBODY, sees="poll", totals=Totals(Decimal(18), tax=Decimal(3)))
    record(database, shop, bare, now=clock())
    record(database, shop, a_cart(clock(), totals=Totals(Decimal(99))), now=clock())
    cart = the_cart(database)
    assert (cart.phone, cart.total, cart.tax) == (PHONE, Decimal(18), Decimal(3))


def test_a_source_never_blanks_what_it_cannot_see(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    polled = a_cart(clock.forward(minutes=1), shopper=NOBODY, sees="poll", way_back=None)
    record(database, shop, replace(polled, totals=Totals(Decimal(20))), now=clock())
    cart = the_cart(database)
    assert (cart.phone, cart.email, cart.total) == (PHONE, "ana@example.com", Decimal(20))
    assert cart.way_back == "https://atelier-nord.example/recover/c1"


def test_idle_counts_on_the_platforms_clock_corrected_and_never_after_our_receipt(
    database: Database, clock: SetClock
) -> None:
    shop = replace(a_shop(database, clock()), clock_offset=30.0)
    slow = clock() - timedelta(minutes=2)
    record(database, shop, a_cart(slow), now=clock())
    assert the_cart(database).left_at == slow + timedelta(seconds=30)
    ahead = clock() + timedelta(minutes=5)
    record(database, shop, a_cart(ahead), now=clock())
    assert the_cart(database).left_at == clock()


def test_a_late_snapshot_does_not_reopen_an_ordered_cart(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    tick(database, clock.forward(minutes=31))
    record(database, shop, an_order(clock(), cart_keys=("token:c1",)), now=clock())
    record(database, shop, a_cart(clock.forward(minutes=1)), now=clock())
    assert the_cart(database).state == states.CartState.ORDERED
    reminder = the_reminder(database)
    assert (reminder.state, reasons.read(reminder.reasons)) == ("skipped", [Reason.ORDERED])


def test_a_cart_that_the_platform_completed_is_ordered(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    done = a_cart(clock() - MINUTES, completed_at=clock())  # even by an older snapshot
    record(database, shop, done, now=clock.forward(minutes=1))
    assert the_cart(database).state == states.CartState.ORDERED


def test_a_cart_after_an_order_starts_anew(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock(), cap_seconds=0)
    record(database, shop, a_cart(clock()), now=clock())
    record(database, shop, an_order(clock(), cart_keys=("token:c1",)), now=clock.forward(minutes=1))
    record(database, shop, a_cart(clock.forward(minutes=1), key="token:c2"), now=clock())
    tick(database, clock.forward(minutes=31))
    clock.forward(minutes=30)
    know_orders(database, shop, clock())
    assert len(tick(database, clock())) == 1


def test_a_cart_the_platform_deleted_is_over(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    tick(database, clock.forward(minutes=31))
    record(database, shop, CartGone(("token:c1",)), now=clock())
    assert the_cart(database).state == states.CartState.EXPIRED
    assert reasons.read(the_reminder(database).reasons) == [Reason.CART_ENDED]


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("1200", "JPY"), ("1.255", "KWD"), ("0.10", "EUR"), ("99999999999.9999", "CLF")],
)
def test_amounts_are_exact_through_the_database(
    database: Database, clock: SetClock, amount: str, currency: str
) -> None:
    shop = a_shop(database, clock())
    exact = Decimal(amount)
    cart = a_cart(clock(), currency=currency, totals=Totals(exact), lines=(a_line("A", amount),))
    record(database, shop, cart, now=clock())
    kept = the_cart(database)
    assert (kept.total, kept.currency) == (exact, currency)
    assert lines.read(kept.lines)[0].total == exact


def test_ids_past_2_to_53_and_letters_of_any_script_are_kept(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    long = str(2**63 + 1)
    shopper = a_shopper(clock(), first_name="Zoë 李 🎁", customer_key=long)
    cart = a_cart(clock(), key=f"id:{long}", shopper=shopper, lines=(a_line("Tasse à thé ☕"),))
    record(database, shop, cart, now=clock())
    kept = the_cart(database)
    assert (kept.key, kept.customer_key, kept.first_name) == (f"id:{long}", long, "Zoë 李 🎁")
    assert lines.read(kept.lines)[0].title == "Tasse à thé ☕"


def test_a_phone_that_cannot_be_normalised_is_kept_raw_and_never_texted(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    shopper = a_shopper(clock(), phone="06 12 34", agreed=False)
    record(database, shop, a_cart(clock(), shopper=shopper), now=clock())
    assert (the_cart(database).phone, the_cart(database).phone_raw) == (None, "06 12 34")
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    assert tick(database, clock()) == []
    assert reasons.read(the_reminder(database).reasons) == [Reason.PHONE_UNUSABLE]


@pytest.mark.parametrize("typed", ["06 12 34 56 78", "+33 6 12 34 56 78", "0033612345678"])
def test_a_phone_in_any_format_is_one_number(
    database: Database, clock: SetClock, typed: str
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=a_shopper(clock(), phone=typed)), now=clock())
    assert the_cart(database).phone == PHONE


@pytest.mark.parametrize(
    "origin", [Origin.MERCHANT, Origin.API, Origin.SUBSCRIPTION, Origin.DRAFT, Origin.POINT_OF_SALE]
)
def test_what_no_shopper_began_is_never_an_abandoned_cart(
    database: Database, clock: SetClock, origin: Origin
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), origin=origin), now=clock())
    tick(database, clock.forward(minutes=31))
    assert the_cart(database).state == states.CartState.OPEN
    assert rows(database, tables.reminders) == []


def test_an_empty_cart_gets_no_reminder(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), lines=()), now=clock())
    tick(database, clock.forward(minutes=31))
    assert rows(database, tables.reminders) == []
    assert not planning_has_work(database, clock)


def planning_has_work(database: Database, clock: SetClock) -> bool:
    with database.reading() as db:
        return planning.is_one_to_look_at(db, clock())


def test_one_phone_of_two_people_merges_no_shoppers(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    for number, name in enumerate(("ana", "bob")):
        shopper = a_shopper(clock(), email=f"{name}@example.com", customer_key=f"c{number}")
        record(database, shop, a_cart(clock(), key=name, shopper=shopper), now=clock())
    people = rows(database, tables.shoppers)
    assert [person.email for person in people] == ["ana@example.com", "bob@example.com"]
    assert {person.phone for person in people} == {PHONE}


def test_news_of_a_customer_fills_in_and_never_blanks(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    full = Shopper(customer_key="c1", first_name="Anabella", phone=PHONE, country="FR", orders=2)
    record(database, shop, CustomerSeen(full, clock()), now=clock())
    later = Shopper(customer_key="c1", email="ANA@example.com", orders=3)
    record(database, shop, CustomerSeen(later, clock() + MINUTES), now=clock())
    record(database, shop, CustomerSeen(replace(later, orders=1), clock()), now=clock())
    person = rows(database, tables.shoppers)[0]
    assert (person.first_name, person.email, person.orders) == ("Anabella", "ana@example.com", 3)


def test_an_older_snapshot_of_a_product_changes_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    tasse = Product("p1", "Tasse", clock(), price=Decimal("18.00"))
    record(database, shop, tasse, now=clock())
    record(database, shop, replace(tasse, title="Old", changed_at=clock() - MINUTES), now=clock())
    gone = replace(tasse, available=False, changed_at=clock() + MINUTES)
    record(database, shop, gone, now=clock())
    kept = rows(database, tables.products)
    assert [(row.title, row.available, row.currency) for row in kept] == [("Tasse", False, "EUR")]


def test_what_a_shop_does_not_say_of_itself_stays(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, ShopNews(name="Nord & Cie", scopes=("read_orders",)), now=clock())
    row = rows(database, tables.shops)[0]
    assert (row.name, row.country, row.scopes) == ("Nord & Cie", "FR", "read_orders")


def test_an_uninstalled_shop_loses_its_secrets_and_sends_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock(), credentials="sealed")
    record(database, shop, a_cart(clock()), now=clock())
    tick(database, clock.forward(minutes=31))
    record(database, shop, ShopNews(uninstalled=True), now=clock())
    know_orders(database, shop, clock.forward(minutes=30))
    assert tick(database, clock()) == []
    row = rows(database, tables.shops)[0]
    assert (row.state, row.credentials) == ("uninstalled", "")


def test_the_pictures_that_only_one_source_shows_are_kept(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    bare = replace(a_line(), product_key=None, variant_key=None)
    shown = replace(a_line(), image="https://atelier-nord.example/cup.jpg")
    for sees, line in (("webhook", bare), ("poll", shown), ("webhook", bare)):
        record(database, shop, a_cart(clock(), lines=(line,), sees=sees), now=clock())
    (kept,) = lines.read(rows(database, tables.carts)[0].lines)
    assert (kept.image, kept.product_key) == (shown.image, "1")
