"""Carts are found by what is known of them, on both databases, and erased people are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from recovery import cart_life, cart_search, retention, search_words, silences, tables
from recovery.cart_search import Asked
from recovery.database import Database
from recovery.eligibility import reason_since
from recovery.members import Member, Role
from recovery.model import CartGone, PrivacyRequest
from recovery.reasons import Reason, read
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import (
    EMAIL,
    a_cart,
    a_line,
    a_shop,
    a_shopper,
    an_order,
    know_orders,
    record,
    rows,
    tick,
)

AT = datetime(2026, 11, 18, tzinfo=UTC)
MEMBER = Member(1, 1, "wordpress:7", "Mira", "", Role.EDITOR, AT, None, None)


@pytest.fixture
def shop(database: Database, clock: SetClock) -> ShopRow:
    return a_shop(database, clock())


@pytest.fixture
def find(database: Database, shop: ShopRow) -> Callable[..., list[int]]:
    """The ids of the carts that are found, newest first."""

    def found(typed: str = "", **more: object) -> list[int]:
        with database.reading() as db:
            page = cart_search.find(db, shop, Asked(typed, **more))  # type: ignore[arg-type]
        return [row.id for row in page.rows]

    return found


def left(
    database: Database, shop: ShopRow, at: object, key: str = "token:c1", **cart: object
) -> int:
    record(database, shop, a_cart(at, key, **cart), now=at)  # type: ignore[arg-type]
    return int(rows(database, tables.carts)[-1].id)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Théière en GRÈS", ["theiere", "en", "gres"]),
        ("L'Été à Brest!", ["ete", "brest"]),
        ("Straße ŒUVRE İstanbul", ["strasse", "œuvre", "istanbul"]),
        ("a_b c-42 \x00 ✨", ["42"]),
        ("茶壶", ["茶壶"]),
        ("", []),
        ("x" * 90, ["x" * 40]),
    ],
)
def test_a_word_has_no_accents_and_no_capitals(text: str, words: list[str]) -> None:
    assert list(search_words.apart(text)) == words


def test_lines_that_went_are_not_found_and_new_ones_are(
    database: Database, shop: ShopRow, clock: SetClock, find: Callable[..., list[int]]
) -> None:
    lines = (a_line("Tasse bleue"), a_line("Plateau bleu"))
    cart = left(database, shop, clock(), lines=lines)
    left(database, shop, clock.forward(minutes=1), lines=(lines[0], a_line("Théière bleu")))
    assert find("theiere") == find("bleu") == find("tasse bleue") == [cart]
    assert find("plateau") == []
    assert len(rows(database, tables.cart_words)) == 4  # tasse, bleue, theiere, bleu


def test_several_words_must_all_be_found_in_one_cart(
    database: Database, shop: ShopRow, clock: SetClock, find: Callable[..., list[int]]
) -> None:
    one = left(database, shop, clock(), lines=(a_line("Tasse bleue"),))
    bob = a_shopper(clock(), first_name="Bob", email="bob@example.com", phone=None)
    two = left(
        database, shop, clock.forward(hours=1), "token:2", shopper=bob, lines=(a_line("Tasse"),)
    )
    assert find("tasse") == find() == [two, one]
    assert find("tasse bob") == find("BOB tas") == [two]
    assert find("bleue bob") == find("bob nowhere") == []
    assert find("tasse", until=clock()) == [one]
    assert find("tasse", since=clock()) == [two]
    assert find("tasse", state="ordered") == []


def test_what_bears_a_contact_is_found_by_its_beginning_to_the_letter(
    database: Database, shop: ShopRow, clock: SetClock, find: Callable[..., list[int]]
) -> None:
    cart = left(database, shop, clock())
    other = a_shopper(clock(), email="anabel_x@example.com", phone="+4915112345678")
    second = left(database, shop, clock(), "token:2", shopper=other)
    assert find("ana@") == find("+3361") == find("06 12 34 5") == [cart]
    assert find("anabel_x@") == find("anabel_x@EX") == find("+49 151") == [second]
    assert find("an%@") == find("anabelyx@") == find("061") == []


def test_an_order_leads_to_the_cart_that_it_closed(
    database: Database, shop: ShopRow, clock: SetClock, find: Callable[..., list[int]]
) -> None:
    cart = left(database, shop, clock())
    order = an_order(clock(), name="#1001", cart_keys=("token:c1",))
    record(database, shop, order, now=clock())
    assert find("#1001") == find("1001") == find("o1") == [cart]
    assert find("#100") == find("1002") == []
    assert find(state="ordered") == [cart]
    assert find(state="brought_back") == []


def test_another_shops_carts_are_never_found(
    database: Database, shop: ShopRow, clock: SetClock, find: Callable[..., list[int]]
) -> None:
    other = a_shop(database, clock(), address="cups.myshopify.com")
    left(database, other, clock())
    record(database, other, an_order(clock(), name="#7", cart_keys=("token:c1",)), now=clock())
    for typed in ("", "tasse", "anabella", EMAIL, "ana@", "#7", "tas"):
        assert find(typed) == []


@pytest.mark.parametrize("how", ["erased", "no thanks", "time is over"])
def test_who_is_forgotten_is_found_by_no_name(
    database: Database, shop: ShopRow, clock: SetClock, find: Callable[..., list[int]], how: str
) -> None:
    ana = replace(a_shopper(clock(), customer_key="c-ana"), last_name="Solinas")
    cart = left(database, shop, clock(), "cart:1", shopper=ana)
    assert find("solinas") == find("anabella") == [cart]
    if how == "erased":
        record(database, shop, PrivacyRequest("erase", ana), now=clock())
    elif how == "no thanks":
        gone = CartGone(keys=("cart:1",), at=clock(), forget=True)
        record(database, shop, gone, now=clock())
    else:
        later = clock() + timedelta(days=420)
        (kept,) = database.run(retention.to_sweep)
        while database.run(lambda db: retention.sweep(db, kept, later)):
            pass
    for typed in ("solinas", "anabella", "sol", EMAIL, "ana@"):
        assert find(typed) == []
    assert find("tasse") == [cart]
    assert rows(database, tables.name_words) == []


def test_a_silenced_cart_is_not_reminded_even_when_it_changes(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    cart = left(database, shop, clock())
    tick(database, clock.forward(minutes=31))
    assert database.run(lambda db: silences.silence(db, MEMBER, cart, clock()))
    assert not database.run(lambda db: silences.silence(db, MEMBER, cart, clock()))
    left(database, shop, clock.forward(minutes=5), lines=(a_line("Plateau"),))
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=40))
    assert tick(database, clock()) == []
    (reminder,) = rows(database, tables.reminders)
    assert (reminder.state, read(reminder.reasons)) == ("skipped", [Reason.SILENCED])


def test_a_silence_between_the_look_and_the_send_is_seen(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    cart = left(database, shop, clock())
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    (letter,) = tick(database, clock())
    database.run(lambda db: silences.silence(db, MEMBER, cart, clock()))
    with database.reading() as db:
        assert reason_since(db, letter.reminder_id) is Reason.SILENCED


def test_the_same_person_is_certain_by_customer_or_email_never_by_phone(
    database: Database, shop: ShopRow, clock: SetClock
) -> None:
    first = left(database, shop, clock())
    left(database, shop, clock(), "token:2", shopper=a_shopper(clock(), email="bob@example.com"))
    third = left(database, shop, clock(), "token:3", shopper=a_shopper(clock(), phone=None))
    with database.reading() as db:
        others = cart_life.others_of(db, cart_life.cart_of(db, shop.id, first))
    assert [row.id for row in others.carts] == [third]
