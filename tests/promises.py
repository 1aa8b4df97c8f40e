"""The promises of the house, each judged by the world's notes alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import select

from recovery import tables
from tests.weather import LAG
from tests.world import FRESH, Accepted, CartStory, World

_MINUTE = timedelta(minutes=1)
_PARIS = ZoneInfo("Europe/Paris")
_SHOWN_AS_SENT = {"sent", "delivered", "undelivered"}
_MAY_HAVE_LEFT = _SHOWN_AS_SENT | {"unconfirmed", "sending"}


def no_step_of_a_cart_is_sent_twice(world: World) -> None:
    sent = Counter(text.reminder_id for text in world.accepted)
    assert not [each for each, times in sent.items() if times > 1]
    carts = Counter(cart_of(world, text.reminder_id).key for text in world.accepted)
    assert not [key for key, times in carts.items() if times > 1]


def none_is_sent_after_a_recorded_order(world: World) -> None:
    for text in world.accepted:
        story = cart_of(world, text.reminder_id)
        changed_at = _changed_at(story, text)
        for note in world.notes[: text.notes]:
            of_the_cart = note.cart_key == story.key and _closes(note.at, story)
            of_the_person = note.person == story.person and note.at >= changed_at
            assert note.kind != "order" or not (of_the_cart or of_the_person)


def none_is_sent_two_minutes_after_the_platform_lists_an_order(world: World) -> None:
    for text in world.accepted:
        story = cart_of(world, text.reminder_id)
        for person, order, listed_at in world.placed:
            theirs = person == story.person and order.placed_at >= _changed_at(story, text)
            its = story.key in order.cart_keys and _closes(order.placed_at, story)
            assert not ((theirs or its) and listed_at < text.claimed_at - FRESH - LAG)


def none_is_sent_against_a_persons_will(world: World) -> None:
    for text in world.accepted:
        person = cart_of(world, text.reminder_id).person
        said = [note for note in world.notes[: text.notes] if note.person == person]
        replies = [note.kind for note in said if note.kind in ("stop", "start")]
        assert replies[-1:] != ["stop"]
        words = [note for note in said if note.kind in ("yes", "no")]
        assert max(words, key=lambda note: note.at).kind == "yes"


def a_number_gets_one_first_text_a_day(world: World) -> None:
    by_number: dict[str, datetime] = {}
    for text in sorted(world.accepted, key=lambda text: text.examined_at):
        last = by_number.get(text.recipient)
        assert last is None or text.examined_at >= last + timedelta(hours=24)
        by_number[text.recipient] = text.examined_at


def a_text_leaves_at_a_decent_hour_and_in_time(world: World) -> None:
    for text in world.accepted:
        assert is_decent(text.examined_at)
        changed_at = _changed_at(cart_of(world, text.reminder_id), text)
        assert changed_at + 15 * _MINUTE <= text.examined_at <= _latest(changed_at)


def is_decent(moment: datetime) -> bool:
    """Whether a text may leave then, by the clock of Paris."""
    local = moment.astimezone(_PARIS)  # no day of rest but Sunday lies in the histories' time
    return 8 <= local.hour < 20 and local.weekday() != 6


@lru_cache
def _latest(changed_at: datetime) -> datetime:
    """Decision 10, minute by minute: the last moment for a cart that was last changed then."""
    due, end = changed_at + 60 * _MINUTE, changed_at + 720 * _MINUTE
    minutes = [due + number * _MINUTE for number in range(47 * 60)]
    first = next(minute for minute in minutes if is_decent(minute))
    if first <= end - _MINUTE:
        return end
    opening = first.replace(second=0, microsecond=0)
    return min(opening + 60 * _MINUTE, changed_at + timedelta(hours=48))


def the_rows_tell_the_truth(world: World) -> None:
    taken = {text.reminder_id for text in world.accepted}
    for row in world.rows(tables.reminders, "id", "state"):
        assert row.state not in _SHOWN_AS_SENT or row.id in taken
        assert row.id not in taken or row.state in _MAY_HAVE_LEFT
        assert row.id not in world.delivered or row.state == "delivered"


def a_cart_is_as_its_newest_snapshot_and_ordered_for_good(world: World) -> None:
    orders = [note for note in world.notes if note.kind == "order"]
    rows = world.rows(tables.carts, "key", "total", "changed_at", "state")
    held = {row.key: row for row in rows}
    assert set(held) == {story.key for story in world.carts}
    for story in world.carts:
        row, newest = held[story.key], story.newest
        assert (row.changed_at, row.total) == (newest.changed_at, newest.totals.total)
        own = [note for note in orders if note.cart_key == story.key]
        assert (row.state == "ordered") == any(_closes(note.at, story) for note in own)


def _closes(placed_at: datetime, story: CartStory) -> bool:
    """A key may outlive its cart: only an order of the cart's own time or later closes it."""
    return story.snapshots[0].created_at <= placed_at + _MINUTE


def _changed_at(story: CartStory, text: Accepted) -> datetime:
    """The shopper's last change that was recorded when the text was examined."""
    return max(at for number, at in story.changes if number <= text.notes)


def cart_of(world: World, reminder_id: int) -> CartStory:
    """The cart that a reminder is for."""
    keys = world.keys_of_reminders
    if reminder_id not in keys:
        carts, reminders = tables.carts, tables.reminders
        joined = select(carts.c.key).join(reminders, reminders.c.cart_id == carts.c.id)
        with world.database.reading() as db:
            found = db.execute(joined.where(reminders.c.id == reminder_id))
            keys[reminder_id] = found.scalar_one()
    return next(story for story in world.carts if story.key == keys[reminder_id])


#: What holds after every step of every history.
PROMISES: tuple[Callable[[World], None], ...] = (
    no_step_of_a_cart_is_sent_twice,
    none_is_sent_after_a_recorded_order,
    none_is_sent_two_minutes_after_the_platform_lists_an_order,
    none_is_sent_against_a_persons_will,
    a_number_gets_one_first_text_a_day,
    a_text_leaves_at_a_decent_hour_and_in_time,
    the_rows_tell_the_truth,
    a_cart_is_as_its_newest_snapshot_and_ordered_for_good,
)
