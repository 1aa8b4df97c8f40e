"""Words to tell stories of texts that ask why a cart was left, and of what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from recovery import accounts, programmes, reasons, receipts, tables
from recovery.database import Database
from recovery.model import Channel, Reply
from recovery.programme_form import Delay, End, Programme, Start, Step
from recovery.reasons import Reason
from recovery.shops import ShopRow
from recovery.states import ReminderState
from tests.conftest import SetClock
from tests.recovery.stories import (
    PHONE,
    a_cart,
    a_shop,
    accept,
    know_orders,
    record,
    rows,
    tick,
)

HOUR = 3600
SENDER = "+33700000001"
GOES_ON = (End.ORDER, End.OPT_OUT, End.EMPTIED, End.AGE)


def a_survey(*later: int, ends: tuple[End, ...] = GOES_ON, asks: bool = True) -> Programme:
    """A question after an hour, and reminders so many hours after the start."""
    steps = [Step(number=1, channel=Channel.SMS, delay=Delay(below=HOUR), asks_why=asks)]
    for at, hours in enumerate(later, 2):
        steps.append(Step(number=at, channel=Channel.SMS, delay=Delay(below=hours * HOUR)))
    return Programme(start=Start.CART, steps=tuple(steps), holdout=0.0, ends=ends)


def save(database: Database, shop: ShopRow, form: Programme, now: datetime) -> None:
    """The merchant keeps this programme."""
    database.run(lambda db: programmes.save(db, shop.id, programmes.CART, form, "the owner", now))


def asked_why(
    database: Database, clock: SetClock, form: Programme | None = None, **settings: Any
) -> ShopRow:
    """A shop whose survey just left for the cart of Anabella; reminders follow a day later."""
    shop = a_shop(database, clock(), **settings)
    save(database, shop, form or a_survey(24, 48), clock())
    ask(database, shop, clock)
    return shop


def ask(database: Database, shop: ShopRow, clock: SetClock, **cart: Any) -> None:
    """A cart is left, and the question leaves an hour and a half later."""
    record(database, shop, a_cart(clock(), **cart), now=clock())
    tick(database, clock.forward(minutes=31))
    know_orders(database, shop, clock.forward(minutes=60))
    letters = tick(database, clock())
    assert letters  # the question, and what answers somebody else's reply
    accept(database, letters, clock())


def reply(
    database: Database, text: str, at: datetime, phone: str = PHONE, **different: Any
) -> None:
    """The shopper writes to the sender's number; the webhook comes at once."""
    values = {"provider_id": f"r{at.isoformat()}{text}", "now": at} | different
    now = values.pop("now")

    def work(db: Any) -> None:
        account = accounts.by_name(db, "service")
        assert account is not None
        said = Reply(str(values["provider_id"]), phone.lstrip("+"), SENDER.lstrip("+"), text, at)
        receipts.record_reply(db, account, said, now)

    database.run(work)


def answers(database: Database) -> list[tuple[str | None, str]]:
    """What was understood, and what follows, in the order of the replies."""
    found = rows(database, tables.leaving_reasons, "reason", "follow")
    return [(row.reason, row.follow) for row in found]


def follow_ups(database: Database) -> list[Any]:
    """The texts that follow replies."""
    return [row for row in rows(database, tables.reminders) if row.programme == "reply"]


def later_steps(database: Database) -> Sequence[tuple[str, list[Reason]]]:
    """State and reasons of the programme's steps after the first."""
    found = rows(database, tables.reminders)
    steps = [row for row in found if row.programme == programmes.CART and row.step > 1]
    steps.sort(key=lambda row: row.step)
    return [(row.state, reasons.read(row.reasons)) for row in steps]


WAITING = (ReminderState.SCHEDULED.value, [])
CALLED_OFF = (ReminderState.SKIPPED.value, [Reason.ANSWERED])


def on_their_way(database: Database) -> list[Any]:
    """The replies that a person is to read."""
    return rows(database, tables.forwards)


def resting(database: Database) -> set[str]:
    """Who is paused."""
    return {row.address for row in rows(database, tables.pauses) if row.lifted_at is None}


DAY = timedelta(days=1)
