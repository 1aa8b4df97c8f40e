"""A welcome text from the box to the provider: the shop is asked about its code in its poll."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.protocols import (
    AccountStopped,
    Busy,
    Gate,
    NoAnswer,
    Refused,
    Unreadable,
    open_gate,
)
from recovery import handing_out, polls, reasons, tables
from recovery.database import Database
from recovery.model import Message, Page
from recovery.reasons import Reason
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.recovery.asked_stories import set_shop
from tests.recovery.stories import KEYS, a_shop, record, rows
from tests.recovery.welcome_stories import TEXT, a_box
from tests.worker.conftest import Provider
from worker import polling
from worker.sending import send_batch
from worker.tools import Tools


class Nobody:
    """A Redis in which nothing waits."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not asked for here")


class Till:
    """A shop that answers about a code what it is told, and a provider that takes texts."""

    def __init__(self) -> None:
        self.says: bool | Exception = True
        self.asked: list[str] = []
        self.provider = Provider()

    def shop(self, *connection: Any) -> Any:
        return self

    def messenger(self, *account: Any) -> Provider:
        return self.provider

    def changed_since(self, cursor: str | None, now: datetime) -> Iterator[Page]:
        yield Page((), "c", now, 0.0)

    def keep_subscriptions(self, hooks_url: str) -> int:
        return 0

    def code_works(self, code: str, now: datetime) -> bool:
        self.asked.append(code)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class House:
    """A shop with a welcome code, its till, and what the clock and the workers do for it."""

    def __init__(self, database: Database, clock: SetClock, till: Any) -> None:
        self.database, self.clock, self.till = database, clock, till
        self.shop: ShopRow = a_shop(database, clock(), welcome_code="HELLO10")
        redis: Any = Nobody()
        self.tools = Tools(database, redis, till, KEYS, clock, "https://r.example")

    def poll(self) -> None:
        """The poll that is due, if it is."""
        if self.database.run(lambda db: polls.hand_out_polls(db, self.clock())):
            polling.poll(self.tools, self.shop.id)

    def send(self) -> int:
        """Send what is due; how many texts left."""
        batches = self.database.run(lambda db: handing_out.hand_out(db, self.clock()))
        return sum(send_batch(self.tools, each.account_id, each.reminder_ids) for each in batches)

    def go_on(self, minutes: int) -> int:
        """Let so many minutes pass; how many texts left meanwhile."""
        left = 0
        for _ in range(minutes):
            self.poll()
            left += self.send()
            self.clock.forward(minutes=1)
        return left

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.till.provider.taken]

    def box(self) -> None:
        """Somebody ticks marketing in the box."""
        record(self.database, self.shop, a_box(self.clock()), now=self.clock())


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def house(
    database: Database, clock: SetClock, till: Till, monkeypatch: pytest.MonkeyPatch
) -> House:
    monkeypatch.setattr("worker.sending.others_wait", lambda tools: False)
    monkeypatch.setattr("worker.polling.line_to", lambda tools, shop: till)
    return House(database, clock, till)


def the_text(house: House) -> Any:
    (row,) = rows(house.database, tables.reminders)
    return row


def test_the_shop_is_asked_and_the_text_leaves_within_two_minutes(house: House, till: Till) -> None:
    house.box()
    assert house.go_on(minutes=3) == 1
    assert house.texts == [TEXT]
    assert till.asked
    assert set(till.asked) == {"HELLO10"}


def test_where_no_text_waits_the_shop_is_not_asked(house: House, till: Till) -> None:
    house.go_on(minutes=12)
    assert till.asked == []


@pytest.mark.parametrize(
    "trouble",
    [
        Busy("points"),
        AccountStopped("may not read discounts"),
        NoAnswer("lost"),
        Refused("no"),
        Unreadable("a page"),
    ],
)
def test_a_shop_that_does_not_say_is_asked_again_and_its_polls_go_well(
    house: House, till: Till, trouble: Exception
) -> None:
    till.says = trouble
    house.box()
    assert house.go_on(minutes=20) == 0
    assert len(till.asked) > 5
    row = rows(house.database, tables.shops)[0]
    assert (row.poll_failures, row.poll_error, row.code_read_at) == (0, None, None)
    till.says = True
    assert house.go_on(minutes=5) == 1
    assert house.texts == [TEXT]


def test_a_code_that_is_gone_sends_nothing_and_tells_the_merchant(house: House, till: Till) -> None:
    till.says = False
    house.box()
    assert house.go_on(minutes=5) == 0
    row = the_text(house)
    assert (row.state, reasons.read(row.reasons)) == ("skipped", [Reason.CODE_GONE])
    (told,) = rows(house.database, tables.notices)
    assert "HELLO10" in told.words
    till.says = True
    house.box()
    assert house.go_on(minutes=5) == 0


def test_a_shop_that_cannot_be_asked_about_codes_welcomes_nobody(
    house: House, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Till, "code_works")
    house.box()
    assert house.go_on(minutes=5) == 0
    assert the_text(house).state == "scheduled"


def test_a_code_changed_at_the_gate_is_not_named_but_the_new_one(house: House, till: Till) -> None:
    change = iter((True,))
    whole = Provider.send

    def send(message: Message, gate: Gate = open_gate) -> str:
        house.clock.forward(seconds=1)  # the pace held it so long
        if next(change, False):
            set_shop(house.database, welcome_code="OTHER")
        return whole(till.provider, message, gate)

    till.provider.send = send  # type: ignore[method-assign]
    house.box()
    assert house.go_on(minutes=6) == 1
    (text,) = house.texts
    assert "OTHER" in text
    assert "HELLO10" not in text
    assert the_text(house).code == "OTHER"


def test_an_unticked_box_at_the_gate_holds_the_text_back(house: House, till: Till) -> None:
    whole = Provider.send

    def send(message: Message, gate: Gate = open_gate) -> str:
        no = a_box(house.clock.forward(seconds=1), granted=False)
        record(house.database, house.shop, no, now=house.clock())
        return whole(till.provider, message, gate)

    till.provider.send = send  # type: ignore[method-assign]
    house.box()
    assert house.go_on(minutes=3) == 0
    assert house.texts == []
    assert reasons.read(the_text(house).reasons) == [Reason.NO_CONSENT]
    assert rows(house.database, tables.caps) == []


def test_over_a_sunday_it_waits_and_leaves_as_the_day_begins(house: House, till: Till) -> None:
    house.clock.at = house.clock.at.replace(day=22)  # a Sunday
    house.box()
    assert house.go_on(minutes=30) == 0
    assert till.asked == []
    house.clock.at = house.clock.at.replace(day=23, hour=6, minute=58)
    assert house.go_on(minutes=5) == 1
    assert rows(house.database, tables.reminders)[0].sent_at >= house.clock.at.replace(
        hour=7, minute=0
    ) - timedelta(seconds=1)
