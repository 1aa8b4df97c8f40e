"""The promises of the house, each judged by the world's notes alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import select

from recovery import tables
from tests.weather import LAG
from tests.world import FRESH, SEQUENCE, World
from tests.world_notes import Accepted, CartStory

_MINUTE = timedelta(minutes=1)
_PARIS = ZoneInfo("Europe/Paris")
_SHOWN_AS_SENT = {"sent", "delivered", "undelivered"}
_MAY_HAVE_LEFT = _SHOWN_AS_SENT | {"unconfirmed", "sending"}


def no_step_of_a_cart_is_sent_twice(world: World) -> None:
    """By no channel, but for one fallback, after a receipt that said undeliverable.

    That is the text after its card, or an e-mail after a text or a card.
    """
    steps: dict[tuple[str, str, int], list[Accepted]] = defaultdict(list)
    for text in world.accepted:
        programme, step = step_in(world, text.reminder_id)
        steps[cart_of(world, text.reminder_id).key, programme, step].append(text)
    for texts in steps.values():
        first, *others = texts
        assert len(others) <= 1
        for second in others:
            told = {(note.kind, note.order_key) for note in world.notes[: second.notes]}
            if second.channel == "sms":
                assert (first.reminder_id, first.is_card) == (second.reminder_id, True)
                assert not second.is_card
            else:
                assert (first.channel, second.channel) == ("sms", "email")
            assert ("undelivered", first.provider_id) in told


def steps_keep_their_distance(world: World) -> None:
    """No step leaves before the one before it, nor sooner after it than its programme says."""
    last: dict[str, Accepted] = {}
    for text in _of_carts(world):
        key = cart_of(world, text.reminder_id).key
        before = last.get(key)
        if before is not None and before.is_card and _is_known_to_have_failed(world, before, text):
            before = None  # nobody got it
        if before is not None and step_of(world, before.reminder_id) != step_of(
            world, text.reminder_id
        ):
            gap = _offset(world, text) - _offset(world, before)
            assert gap > timedelta(0)
            assert text.examined_at >= before.examined_at + gap
        last[key] = text


def _is_known_to_have_failed(world: World, card: Accepted, when: Accepted) -> bool:
    notes = world.notes[: when.notes]
    return any((n.kind, n.order_key) == ("undelivered", card.provider_id) for n in notes)


def _offset(world: World, text: Accepted) -> timedelta:
    step = step_of(world, text.reminder_id)
    return timedelta(seconds=sum(each.delay.below for each in SEQUENCE.steps[:step]))


def none_is_sent_after_a_recorded_order(world: World) -> None:
    for text in _before_orders(world):
        story = cart_of(world, text.reminder_id)
        changed_at = _changed_at(story, text)
        for note in world.notes[: text.notes]:
            of_the_cart = note.cart_key == story.key and _closes(note.at, story)
            of_the_person = note.person == story.person and note.at >= changed_at
            assert note.kind != "order" or not (of_the_cart or of_the_person)


def none_is_sent_two_minutes_after_the_platform_lists_an_order(world: World) -> None:
    for text in _before_orders(world):
        story = cart_of(world, text.reminder_id)
        for person, order, listed_at in world.placed:
            theirs = person == story.person and order.placed_at >= _changed_at(story, text)
            its = story.key in order.cart_keys and _closes(order.placed_at, story)
            assert not ((theirs or its) and listed_at < text.claimed_at - FRESH - LAG)


def none_is_sent_against_a_persons_will(world: World) -> None:
    for text in world.accepted:
        person = cart_of(world, text.reminder_id).person
        said = [note for note in world.notes[: text.notes] if note.person == person]
        of_channel = "" if text.channel == "sms" else "mail "
        if text.channel == "sms":
            replies = [note.kind for note in said if note.kind in ("stop", "start")]
            assert replies[-1:] != ["stop"]
        words = [note for note in said if note.kind in (f"{of_channel}yes", f"{of_channel}no")]
        last = max(enumerate(words), key=lambda each: (each[1].at, each[0]))[1]
        assert last.kind == f"{of_channel}yes"


def an_address_is_written_to_once_a_day_and_a_number_thrice_a_week(world: World) -> None:
    by_address: dict[str, list[Accepted]] = defaultdict(list)
    for text in sorted(_of_carts(world), key=lambda text: text.examined_at):
        counted = [
            each.examined_at
            for each in by_address[text.recipient]
            # A card that was told to have failed gave back what it had taken.
            if not (each.is_card and _is_known_to_have_failed(world, each, text))
        ]
        assert not counted or text.examined_at >= counted[-1] + timedelta(hours=24)
        lately = [at for at in counted if at > text.examined_at - timedelta(days=7)]
        assert text.channel == "email" or len(lately) < 3
        by_address[text.recipient].append(text)


def a_text_leaves_at_a_decent_hour_and_in_time(world: World) -> None:
    assert all(is_decent(text.examined_at) for text in world.accepted if text.channel == "sms")
    for text in _of_carts(world):
        changed_at = _changed_at(cart_of(world, text.reminder_id), text)
        assert changed_at + 15 * _MINUTE <= text.examined_at
        if step_of(world, text.reminder_id) == 1 and text.channel == "sms":
            assert text.examined_at <= _latest(changed_at)
        else:
            offset = _offset(world, text) if world.has_sequence else timedelta(0)
            wanted = changed_at + 30 * _MINUTE + offset
            assert wanted <= text.examined_at <= wanted + timedelta(hours=48)


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
    failed = {note.order_key for note in world.notes if note.kind == "undelivered"}
    taken = {
        text.reminder_id
        for text in world.accepted
        if not (text.is_card and text.provider_id in failed)  # its row is its text's by now
    }
    left = {text.reminder_id for text in world.accepted}
    for row in world.rows(tables.reminders, "id", "state"):
        assert row.state not in _SHOWN_AS_SENT or row.id in left
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


def no_code_is_promised_that_the_shop_does_not_have(world: World) -> None:
    with world.database.reading() as db:
        codes = [row.code for row in db.execute(select(tables.offers.c.code)) if row.code]
    for text in world.accepted:
        assert all(code in text.codes for code in codes if code in text.text)


def no_text_promises_more_than_its_code_gives(world: World) -> None:
    """Where a code is for certain lines, they are lines of its cart, and the text says so."""
    for text in world.accepted:
        keys = {line.product_key for line in cart_of(world, text.reminder_id).snapshots[0].lines}
        for offer in world.asked_for.values():
            if offer.code in text.text:
                assert set(offer.product_keys) <= keys
                assert bool(offer.product_keys) == (world.is_on_lines and not offer.free_shipping)
                of_all = "sur cette commande" in text.text or "réduction jusqu" in text.text
                assert not (of_all and offer.product_keys)


def nobody_is_reminded_whom_a_person_owes_an_answer(world: World) -> None:
    for text in _before_orders(world):
        person = cart_of(world, text.reminder_id).person
        wrote = [note for note in world.notes[: text.notes] if note.kind == "wrote"]
        assert person not in {note.person for note in wrote}


def _of_carts(world: World) -> list[Accepted]:
    """Without what answers a reply, and what tells of a reward: those have rules of their own."""
    return [each for each in world.accepted if step_in(world, each.reminder_id)[0] == "cart"]


def _before_orders(world: World) -> list[Accepted]:
    """Without what tells of a reward, which follows an order."""
    return [each for each in world.accepted if step_in(world, each.reminder_id)[0] != "reward"]


def step_of(world: World, reminder_id: int) -> int:
    """The step of its programme that a reminder is."""
    return step_in(world, reminder_id)[1]


def step_in(world: World, reminder_id: int) -> tuple[str, int]:
    """The programme, and the step of it, that a reminder is."""
    steps = world.steps_of_reminders
    if reminder_id not in steps:
        columns = (tables.reminders.c.programme, tables.reminders.c.step)
        with world.database.reading() as db:
            found = db.execute(select(*columns).where(tables.reminders.c.id == reminder_id)).one()
        steps[reminder_id] = (found.programme, found.step)
    return steps[reminder_id]


#: What holds after every step of every history.
PROMISES: tuple[Callable[[World], None], ...] = (
    no_step_of_a_cart_is_sent_twice,
    none_is_sent_after_a_recorded_order,
    none_is_sent_two_minutes_after_the_platform_lists_an_order,
    none_is_sent_against_a_persons_will,
    an_address_is_written_to_once_a_day_and_a_number_thrice_a_week,
    steps_keep_their_distance,
    no_code_is_promised_that_the_shop_does_not_have,
    no_text_promises_more_than_its_code_gives,
    nobody_is_reminded_whom_a_person_owes_an_answer,
    a_text_leaves_at_a_decent_hour_and_in_time,
    the_rows_tell_the_truth,
    a_cart_is_as_its_newest_snapshot_and_ordered_for_good,
)
