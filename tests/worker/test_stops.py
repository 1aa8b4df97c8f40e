"""Stops and yeses are written back, by whichever way the platform takes them."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.protocols import Busy, Refused
from recovery import stopping, tables
from recovery.database import Database
from recovery.model import Channel, Consent, CustomerSeen, Shopper
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.stories import EMAIL, PHONE, a_cart, a_shop, a_shopper, record, rows
from tests.recovery.test_consent import reply
from worker.stops import write_back


class Platform:
    """A shop that keeps consents; it may be in the mood to raise something."""

    def __init__(self, mood: Exception | None = None) -> None:
        self.told: list[tuple[str, Channel, bool, datetime]] = []
        self.mood = mood

    def write_consent(
        self, customer_key: str, channel: Channel, granted: bool, at: datetime
    ) -> None:
        self.told.append((customer_key, channel, granted, at))
        if self.mood is not None:
            raise self.mood


def tell(database: Database, shop: ShopRow, clock: SetClock, line: Any) -> Any:
    tools: Any = SimpleNamespace(database=database, now=clock)
    write_back(tools, shop, line)
    return line


def stopped_on_both(database: Database, clock: SetClock) -> ShopRow:
    shop = a_shop(database, clock())
    who = a_shopper(clock(), agreed=False, customer_key="4711")
    record(database, shop, a_cart(clock(), shopper=who), now=clock())
    for channel, address in ((Channel.SMS, PHONE), (Channel.EMAIL, EMAIL)):
        clock.forward(minutes=1)
        database.run(
            lambda db, to=(channel, address): stopping.stop_address(  # type: ignore[misc]
                db, shop.id, *to, "link", clock()
            )
        )
    return shop


def untold(database: Database) -> list[str]:
    found = rows(database, tables.suppressions, "channel", "written_back_at")
    return [row.channel for row in found if row.written_back_at is None]


def test_stops_of_both_channels_reach_the_platform_once_with_their_time(
    database: Database, clock: SetClock
) -> None:
    shop = stopped_on_both(database, clock)
    ats = {row.channel: row.at for row in rows(database, tables.suppressions)}
    for expected in (2, 0):
        clock.forward(minutes=5)
        told = tell(database, shop, clock, Platform()).told
        assert len(told) == expected
        for key, channel, granted, at in told:
            assert (key, granted, at) == ("4711", False, ats[channel.value])


def test_a_platform_without_a_place_for_it_is_told_nothing(
    database: Database, clock: SetClock
) -> None:
    shop = stopped_on_both(database, clock)
    tell(database, shop, clock, object())
    assert sorted(untold(database)) == ["email", "sms"]


@pytest.mark.parametrize(
    ("mood", "asked", "left"), [(Busy("later"), 1, 2), (Refused("no such customer"), 2, 0)]
)
def test_a_busy_platform_is_asked_again_and_a_refusal_is_the_end(
    database: Database, clock: SetClock, mood: Exception, asked: int, left: int
) -> None:
    shop = stopped_on_both(database, clock)
    assert len(tell(database, shop, clock, Platform(mood)).told) == asked
    assert len(untold(database)) == left


def test_a_yes_by_reply_reaches_the_platform_once(database: Database, clock: SetClock) -> None:
    shop = a_shop(database, clock())
    who = a_shopper(clock(), customer_key="4711")
    record(database, shop, a_cart(clock(), shopper=who), now=clock())
    yes = Consent(Channel.SMS, PHONE, True, "checkout", clock())
    record(database, shop, CustomerSeen(Shopper(consents=(yes,)), clock()), now=clock())
    for text in ("STOP", "START"):
        reply(database, text, clock.forward(minutes=1), text)
    told = tell(database, shop, clock, Platform()).told
    assert told == [("4711", Channel.SMS, True, clock())]
    assert tell(database, shop, clock, Platform()).told == []
