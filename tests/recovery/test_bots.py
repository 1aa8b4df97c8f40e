"""Carts no person filled: marked, left out, never texted; on both databases."""

from __future__ import annotations

import pytest

from recovery import bots, tables
from recovery.database import Database
from recovery.model import Shopper
from tests.conftest import SetClock
from tests.recovery.stories import MINUTES, a_cart, a_shop, a_shopper, record, rows, tick

NOBODY = Shopper()
STOREBOT = "Mozilla/5.0 (compatible; Storebot-Google/1.0)"
PERSONS = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"


@pytest.mark.parametrize("agent", [STOREBOT, "python-requests/2.32", "curl/8.1", "HeadlessChrome"])
def test_a_bots_user_agent_without_a_contact_is_a_bot(clock: SetClock, agent: str) -> None:
    assert bots.why_a_bot(a_cart(clock(), shopper=NOBODY, user_agent=agent))


@pytest.mark.parametrize("agent", [PERSONS, None, "Cubot phone browser"])
def test_a_persons_user_agent_is_none(clock: SetClock, agent: str | None) -> None:
    cart = a_cart(clock(), shopper=a_shopper(clock()), user_agent=agent)
    assert bots.why_a_bot(cart) is None


def test_a_contact_outweighs_a_bots_user_agent(clock: SetClock) -> None:
    assert bots.why_a_bot(a_cart(clock(), user_agent="python-requests/2.32")) is None


@pytest.mark.parametrize("email", ["john@storebot.google", "jane.doe@example.com"])
def test_known_test_addresses_are_bots(clock: SetClock, email: str) -> None:
    assert bots.why_a_bot(a_cart(clock(), shopper=a_shopper(clock(), email=email)))


def test_a_bots_cart_gets_no_reminder_and_leaves_every_denominator(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    cart = a_cart(clock(), shopper=NOBODY, user_agent=STOREBOT)
    record(database, shop, cart, now=clock())
    tick(database, clock.forward(minutes=31))
    assert rows(database, tables.carts)[0].bot == "a bot's user agent"
    assert rows(database, tables.reminders) == []


def test_a_poll_that_sees_no_user_agent_does_not_make_a_person_of_a_bot(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=NOBODY, user_agent=STOREBOT), now=clock())
    polled = a_cart(clock() + MINUTES, shopper=NOBODY, sees="poll")
    record(database, shop, polled, now=clock.forward(minutes=2))
    assert rows(database, tables.carts)[0].bot is not None


def test_a_contact_that_comes_later_makes_a_person_of_it(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), shopper=NOBODY, user_agent=STOREBOT), now=clock())
    later = a_cart(clock() + MINUTES, user_agent=STOREBOT)
    record(database, shop, later, now=clock.forward(minutes=2))
    assert rows(database, tables.carts)[0].bot is None


def test_hundreds_of_empty_carts_from_one_client_are_a_bots(
    database: Database, clock: SetClock
) -> None:
    shop = a_shop(database, clock())
    empty = [
        a_cart(clock(), key=f"c{number}", shopper=NOBODY, client_address="192.0.2.7")
        for number in range(bots.MANY_EMPTY_CARTS)
    ]
    record(database, shop, *empty, now=clock())
    other = a_cart(clock(), key="other", shopper=NOBODY, client_address="192.0.2.8")
    one_more = a_cart(clock(), key="more", shopper=NOBODY, client_address="192.0.2.7")
    known = a_cart(clock(), key="known", client_address="192.0.2.7")
    record(database, shop, other, one_more, known, now=clock.forward(minutes=1))
    found = {row.key: row.bot for row in rows(database, tables.carts)}
    assert (found["other"], found["known"]) == (None, None)
    assert found["more"] == "one client, many empty carts"


def test_a_client_is_kept_as_a_hash_only(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock(), client_address="192.0.2.7"), now=clock())
    assert "192.0.2.7" not in str(rows(database, tables.carts))
