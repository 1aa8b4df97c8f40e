"""A stop ends one channel, by whichever way it was said, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from recovery import consent, receipts, states, stopping, tables, tokens
from recovery.database import Database
from recovery.model import Channel
from recovery.shops import ShopRow
from recovery.stopping import Stopped
from tests.conftest import SetClock
from tests.recovery.stories import EMAIL, PHONE, a_cart, a_shop, record, rows, tick


def two_channels(database: Database, clock: SetClock) -> ShopRow:
    """A cart with a text and a mail planned for it, and another person's with both."""
    shop = a_shop(database, clock())
    other = {"phone": "+33612345679", "email": "bob@example.com"}
    record(database, shop, a_cart(clock()), now=clock())
    from tests.recovery.stories import a_shopper

    record(
        database, shop, a_cart(clock(), "token:b", shopper=a_shopper(clock(), **other)), now=clock()
    )
    tick(database, clock.forward(minutes=31))
    with database.transaction() as db:
        for row in db.execute(tables.reminders.select()).all():
            mail = dict(row._mapping) | {"channel": "email", "step": 2}
            del mail["id"]
            db.execute(tables.reminders.insert().values(**mail))
    return shop


def waiting(database: Database) -> list[tuple[int, str]]:
    """(cart, channel) of what waits to leave."""
    found = rows(database, tables.reminders, "cart_id", "channel", "state")
    scheduled = states.ReminderState.SCHEDULED
    return [(row.cart_id, row.channel) for row in found if row.state == scheduled]


def stop(database: Database, shop: ShopRow, channel: Channel, address: str, now: Any) -> None:
    database.run(lambda db: stopping.stop_address(db, shop.id, channel, address, "link", now))


@pytest.mark.parametrize(
    ("channel", "address", "left"),
    [
        (Channel.SMS, PHONE, [(1, "email"), (2, "email"), (2, "sms")]),
        (Channel.EMAIL, " ANA@Example.com", [(1, "sms"), (2, "email"), (2, "sms")]),
    ],
)
def test_a_stop_ends_its_own_channel_of_that_person_alone(
    database: Database, clock: SetClock, channel: Channel, address: str, left: Any
) -> None:
    shop = two_channels(database, clock)
    assert len(waiting(database)) == 4
    stop(database, shop, channel, address, clock())
    assert sorted(waiting(database)) == left
    known = PHONE if channel is Channel.SMS else EMAIL
    with database.reading() as db:
        keys = {(shop.id, each, known) for each in ("sms", "email")}
        assert consent.suppressed(db, keys) == {(shop.id, channel.value, known)}


def test_the_old_name_stops_texts(database: Database, clock: SetClock) -> None:
    shop = two_channels(database, clock)
    said_at = clock() - timedelta(minutes=3)
    database.run(
        lambda db: receipts.stop_at_shop(db, shop.id, PHONE, "reply", clock(), said_at=said_at)
    )
    (stopped,) = rows(database, tables.suppressions)
    assert (stopped.channel, stopped.address, stopped.at) == ("sms", PHONE, said_at)
    assert sorted(waiting(database)) == [(1, "email"), (2, "email"), (2, "sms")]


def a_stop_link(database: Database, shop: ShopRow, channel: str, recipient: str | None) -> str:
    """The token of the stop link in a message to that address."""
    with database.transaction() as db:
        here = tables.reminders.c.channel == channel
        row = db.execute(tables.reminders.select().where(here)).first()
        assert row is not None
        named = tables.reminders.update().where(tables.reminders.c.id == row.id)
        db.execute(named.values(recipient=recipient))
        link = tokens.Link("stop", shop.id, row.cart_id, row.id, row.due_at)
        tokens.keep(db, [("a-made-up-token1", link)])
    return "a-made-up-token1"


@pytest.mark.parametrize(("channel", "address"), [("sms", PHONE), ("email", EMAIL)])
def test_the_link_in_a_message_stops_the_channel_it_came_by(
    database: Database, clock: SetClock, channel: str, address: str
) -> None:
    shop = two_channels(database, clock)
    token = a_stop_link(database, shop, channel, address)
    clock.forward(days=400)  # a stop link does not end with time
    for _ in range(2):  # twice is once
        done = database.run(lambda db: stopping.stop_by_link(db, token, clock()))
        assert done == Stopped(shop.id, Channel(channel))
    (stopped,) = rows(database, tables.suppressions)
    assert (stopped.channel, stopped.address, stopped.source) == (channel, address, "link")
    noted = rows(database, tables.consents, "channel", "source", "granted")
    assert (channel, "stop by link", False) in noted


def test_a_link_that_names_nobody_any_more_stops_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = two_channels(database, clock)
    token = a_stop_link(database, shop, "sms", None)
    done = database.run(lambda db: stopping.stop_by_link(db, token, clock()))
    assert done == Stopped(shop.id, None)
    assert rows(database, tables.suppressions) == []


def test_an_unknown_link_is_none(database: Database, clock: SetClock) -> None:
    assert database.run(lambda db: stopping.stop_by_link(db, "nothing", clock())) is None
