"""Links nobody can guess: one cart, one purpose, an end; on both databases."""

from __future__ import annotations

import re

from recovery import tables, tokens
from recovery.database import Database
from tests.conftest import SetClock
from tests.recovery.stories import a_cart, a_shop, know_orders, record, rows, the_reminder, tick


def a_link_sent(database: Database, clock: SetClock) -> str:
    """The token in the text of a reminder that is about to leave."""
    shop = a_shop(database, clock())
    record(database, shop, a_cart(clock()), now=clock())
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=30))
    text = tick(database, clock())[0].message.text
    found = re.search(r"https://r\.example/r/([\w-]+)", text)
    assert found is not None
    return found[1]


def test_a_token_is_96_random_bits_that_fit_into_24_characters_of_path() -> None:
    made = {tokens.new_token() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(token) for token in made} == {16}
    assert len(f"/r/{tokens.new_token()}") <= 24


def test_a_link_leads_to_its_one_cart(database: Database, clock: SetClock) -> None:
    token = a_link_sent(database, clock)
    with database.reading() as db:
        link = tokens.find(db, token, "cart")
    assert link is not None
    reminder = the_reminder(database)
    assert (link.cart_id, link.reminder_id) == (reminder.cart_id, reminder.id)
    assert link.expires_at == clock() + tokens.LIFE


def test_a_token_serves_one_purpose_only(database: Database, clock: SetClock) -> None:
    token = a_link_sent(database, clock)
    with database.reading() as db:
        assert tokens.find(db, token, "stop") is None
        assert tokens.find(db, token[:-1], "cart") is None


def test_only_the_hash_of_a_token_is_kept(database: Database, clock: SetClock) -> None:
    token = a_link_sent(database, clock)
    links = rows(database, tables.links)
    assert [row.token_hash for row in links] == [tokens.hashed(token)]
    assert token not in str(links)


def test_clicks_are_counted_and_the_first_is_remembered(
    database: Database, clock: SetClock
) -> None:
    token = a_link_sent(database, clock)
    first = clock.forward(minutes=1)
    for _ in range(3):
        database.run(lambda db: tokens.note_click(db, token, clock()))
        clock.forward(minutes=1)
    link = rows(database, tables.links)[0]
    assert (link.clicks, link.first_clicked_at) == (3, first)
