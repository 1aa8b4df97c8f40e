"""An outage of hours, whatever it is that is away: nothing stale leaves, nothing is dropped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from recovery import reasons, tables
from recovery.database import Database
from recovery.reasons import Reason
from tests.promises import PROMISES, cart_of
from tests.world import World
from tests.world_notes import CartStory, Person

TROUBLES = ("provider", "clock", "redis", "shop")


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)


#: When each cart is left, a Wednesday and the night after it; opening hours are 8 to 20 h.
LEFT = {
    "morning": paris("2026-11-18T10:00"),
    "noon": paris("2026-11-18T12:00"),
    "afternoon": paris("2026-11-18T16:00"),
    "evening": paris("2026-11-18T19:30"),  # brought forward to 19:59
    "closing": paris("2026-11-18T19:50"),  # held until opening, ten minutes late
    "night": paris("2026-11-19T02:00"),  # held until opening, in time
}
#: The outage begins on that morning at 10:15. When it ends → which carts are reminded.
REMINDED = {
    paris("2026-11-18T18:00"): set(LEFT),
    paris("2026-11-18T23:00"): {"evening", "closing", "night"},
    paris("2026-11-19T09:45"): {"night"},
}
BEGINS = paris("2026-11-18T10:15")


def moments() -> list[datetime]:
    """When the clock looks: about when something falls due, and when an outage is over."""
    last_minute = paris("2026-11-18T19:59") + timedelta(seconds=0.3)
    opening = paris("2026-11-19T08:00")
    due = [left + timedelta(minutes=75) for left in LEFT.values()]
    polled_again = [moment + timedelta(minutes=40) for moment in REMINDED]
    return sorted({*LEFT.values(), *due, last_minute, opening, *REMINDED, *polled_again})


def live(world: World, trouble: str, until: datetime) -> None:
    """A day and a half in which something is away from `BEGINS` until that moment."""
    for moment in moments():
        world.clock.at = moment
        for number, (name, left) in enumerate(LEFT.items()):
            if left == moment:
                story = CartStory(name, Person(number))
                world.carts.append(story)
                world.snapshot(story, moment)
        away = trouble if BEGINS <= moment < until else ""
        world.polls = "no answer" if away == "shop" else "well"
        if away != "clock":
            world.tick()
        if away == "redis":
            world.queues.empty()
        mood = "busy" if away == "provider" else "accepts"
        while world.queues.sends:
            world.work(world.queues.sends.pop(0), mood)


@pytest.mark.parametrize("until", REMINDED, ids=lambda until: f"{until:%d-%H%M}")
@pytest.mark.parametrize("trouble", TROUBLES)
def test_planned_or_not_what_an_outage_makes_stale_is_skipped_and_the_rest_is_sent(
    database: Database, monkeypatch: pytest.MonkeyPatch, trouble: str, until: datetime
) -> None:
    world = World(database, monkeypatch)
    live(world, trouble, until)
    assert {cart_of(world, text.reminder_id).key for text in world.accepted} == REMINDED[until]
    found = world.rows(tables.reminders, "state", "reasons")
    assert len(found) == len(LEFT)
    told = {reason for row in found for reason in reasons.read(row.reasons)}
    assert told <= {Reason.TOO_LATE, Reason.ORDERS_UNKNOWN}
    assert [row.state for row in found].count("skipped") == len(LEFT) - len(REMINDED[until])
    assert all(bool(reasons.read(row.reasons)) == (row.state == "skipped") for row in found)
    for promise in PROMISES:
        promise(world)


def test_what_leaves_past_the_promise_is_marked_late_and_nothing_else(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(database, monkeypatch)
    live(world, "provider", paris("2026-11-18T23:00"))
    late = {row.id for row in world.rows(tables.reminders, "id", "late") if row.late}
    assert {cart_of(world, each).key for each in late} == {"evening", "closing"}
    for text in world.accepted:
        left = LEFT[cart_of(world, text.reminder_id).key]
        assert (text.examined_at - left > timedelta(hours=12)) == (text.reminder_id in late)
