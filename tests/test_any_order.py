"""Whatever happens in whatever order: no text twice, none after an order or a stop, none lost.

Hypothesis tells histories of one shop and three people. The clock, the poll and the
worker are the real ones; the outside is `tests.world`. After each step the promises
are checked against the world's own notes, and at the end the weather is calm and
every reminder must come to its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from recovery import tables
from recovery.database import Database
from recovery.model import CartGone, Order, Shopper, Totals
from recovery.states import FINAL
from tests.recovery.stories import a_line
from tests.world import FRESH, LAG, MOODS, Accepted, CartStory, Person, WorkerDied, World, repeated

#: How many of all histories must see a text accepted, lest nothing be tested.
AT_LEAST = 1 / 3
HISTORIES: dict[str, Counter[str]] = {}

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_PARIS = ZoneInfo("Europe/Paris")
_PLACES = ("after claim", "before examine", "after examine", "before send", "after send")
_PLACES += ("before settle", "after settle")
_SHOWN_AS_SENT = {"sent", "delivered", "undelivered"}
_MAY_HAVE_LEFT = _SHOWN_AS_SENT | {"unconfirmed", "sending"}

people = st.sampled_from([Person(number) for number in (1, 2, 3)])
mostly_well = st.sampled_from(("accepts",) * 6 + MOODS)
#: What happens, and where, while a worker works.
fates = st.none() | st.tuples(
    st.sampled_from(("death", "death", "order", "order", "stop", "change", "twin", "stall", "no")),
    st.sampled_from(_PLACES),
)


class AnyOrder(RuleBasedStateMachine):
    """Every hand that moves a shop's carts, in any order."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.ended = False

    # Beginnings

    @initialize(ripe=st.sampled_from((True, True, False)), many=st.integers(1, 3))
    def some_carts_are_left(self, ripe: bool, many: int) -> None:
        for number in range(many):
            self.leave_a_cart(Person(number + 1))
        if ripe:
            self.an_hour_passes(with_clock=True)

    # What shoppers do

    @rule(person=people)
    def leave_a_cart(self, person: Person) -> None:
        self._later(_SECOND)
        if len(self.world.carts) < 7:
            story = CartStory(f"token:{len(self.world.carts)}", person)
            self.world.carts.append(story)
            self.world.snapshot(story, self._now())

    @rule(which=st.integers(0, 6), polled=st.booleans())
    def change_a_cart(self, which: int, polled: bool) -> None:
        self._later(_SECOND)
        story = self._cart(which)
        self.world.snapshot(story, self._now(), **(_polled(story) if polled else {}))

    @rule(which=st.integers(0, 6), ago=st.sampled_from((0, 0, 1, 40)), polled=st.booleans())
    def an_old_or_same_snapshot_comes(self, which: int, ago: int, polled: bool) -> None:
        story = self._cart(which)
        strange: dict[str, Any] = {"lines": (), "totals": Totals(Decimal(1)), "way_back": None}
        at = story.newest.changed_at - ago * _MINUTE
        self.world.snapshot(story, at, **strange, **(_polled(story) if polled else {}))

    @rule(which=st.integers(0, 6))
    def the_same_snapshot_comes_again(self, which: int) -> None:
        story = self._cart(which)
        self.world.record(story.newest, story.newest)

    @rule(which=st.integers(0, 6))
    def the_platform_deletes_a_cart(self, which: int) -> None:
        self.world.record(CartGone((self._cart(which).key,)))

    @rule(
        which=st.integers(0, 6),
        by=st.sampled_from(("cart", "email", "phone", "customer", "next cart")),
        ago=st.sampled_from((0, 0, 0, 1, 5, 40)),
        webhook=st.sampled_from((True, True, False)),
    )
    def an_order_is_placed(self, which: int, by: str, ago: int, webhook: bool) -> None:
        self._order(which, by, ago, webhook)

    @precondition(lambda self: self.world.placed)
    @rule(which=st.integers(0, 6), older=st.booleans())
    def an_order_comes_again(self, which: int, older: bool) -> None:
        person, order, _ = self.world.placed[which % len(self.world.placed)]
        self.world.record(repeated(order, older))
        self.world.note_order(person, order)

    @rule(person=people, text=st.sampled_from(("STOP", "STOP", "START")), again=st.booleans())
    def a_shopper_replies(self, person: Person, text: str, again: bool) -> None:
        self.world.reply(person, text, again)

    @precondition(lambda self: self.world.replies)
    @rule(which=st.integers(0, 6))
    def an_old_reply_comes_again(self, which: int) -> None:
        self.world.repeat_reply(self.world.replies[which % len(self.world.replies)])

    @rule(person=people, granted=st.booleans(), ago=st.sampled_from((0, 0, 1, 30)))
    def a_consent_is_told(self, person: Person, granted: bool, ago: int) -> None:
        self._later(_SECOND)
        self.world.say(person, granted, self._now() - ago * _MINUTE)

    # Time, weather, and our own processes

    @rule(minutes=st.sampled_from((1, 3, 11, 31)), with_clock=st.booleans())
    def minutes_pass(self, minutes: int, with_clock: bool) -> None:
        self._later(minutes * _MINUTE)
        if with_clock:
            self.world.tick()

    @rule(with_clock=st.sampled_from((True, True, False)))
    def an_hour_passes(self, with_clock: bool) -> None:
        for minutes in (31, 31):
            self.minutes_pass(minutes, with_clock)

    @rule(hours=st.sampled_from((6, 11, 14, 24, 72)))
    def hours_pass(self, hours: int) -> None:
        self._later(timedelta(hours=hours))
        self.world.tick()

    @rule(weather=st.sampled_from(("well", "well", "well", "no answer", "busy", "dies")))
    def polls_go(self, weather: str) -> None:
        self.world.polls = weather

    @rule()
    def redis_is_emptied(self) -> None:
        self.world.queues.empty()

    @rule(mood=mostly_well, fate=fates, which=st.integers(0, 6))
    def the_workers_work(self, mood: str, fate: tuple[str, str] | None, which: int) -> None:
        self.world.tick()
        while self.world.queues.sends:
            job = self.world.queues.sends.pop(0)
            self.world.work(job, mood, self._plan(fate, which, job))
            fate = None

    @precondition(lambda self: self.world.queues.done)
    @rule(which=st.integers(0, 6), mood=mostly_well)
    def an_old_job_comes_again(self, which: int, mood: str) -> None:
        done = self.world.queues.done
        self.world.work(done[which % len(done)], mood)

    @precondition(lambda self: self.world.accepted)
    @rule(which=st.integers(0, 6), state=st.sampled_from(("sent", "delivered", "undelivered")))
    def a_receipt_comes(self, which: int, state: str) -> None:
        accepted = self.world.accepted
        self.world.receipt(accepted[which % len(accepted)], state)

    # The promises

    @invariant()
    def the_promises_hold(self) -> None:
        for promise in self._promises:
            promise(self)

    def no_step_of_a_cart_is_sent_twice(self) -> None:
        sent = Counter(text.reminder_id for text in self.world.accepted)
        assert not [each for each, times in sent.items() if times > 1]
        carts = Counter(self._cart_of(text).key for text in self.world.accepted)
        assert not [key for key, times in carts.items() if times > 1]

    def none_is_sent_after_a_recorded_order(self) -> None:
        for text in self.world.accepted:
            story = self._cart_of(text)
            changed_at = _changed_at(story, text)
            for note in self.world.notes[: text.notes]:
                of_the_cart = note.cart_key == story.key and _closes(note.at, story)
                of_the_person = note.person == story.person and note.at >= changed_at
                assert note.kind != "order" or not (of_the_cart or of_the_person)

    def none_is_sent_two_minutes_after_the_platform_lists_an_order(self) -> None:
        for text in self.world.accepted:
            story = self._cart_of(text)
            for person, order, listed_at in self.world.placed:
                theirs = person == story.person and order.placed_at >= _changed_at(story, text)
                its = story.key in order.cart_keys and _closes(order.placed_at, story)
                assert not ((theirs or its) and listed_at < text.claimed_at - FRESH - LAG)

    def none_is_sent_against_a_persons_will(self) -> None:
        for text in self.world.accepted:
            person = self._cart_of(text).person
            said = [note for note in self.world.notes[: text.notes] if note.person == person]
            replies = [note.kind for note in said if note.kind in ("stop", "start")]
            assert replies[-1:] != ["stop"]
            words = [note for note in said if note.kind in ("yes", "no")]
            assert max(words, key=lambda note: note.at).kind == "yes"

    def a_number_gets_one_first_text_a_day(self) -> None:
        by_number: dict[str, datetime] = {}
        for text in sorted(self.world.accepted, key=lambda text: text.examined_at):
            last = by_number.get(text.recipient)
            assert last is None or text.examined_at >= last + timedelta(hours=24)
            by_number[text.recipient] = text.examined_at

    def a_text_leaves_at_a_decent_hour_and_in_time(self) -> None:
        for text in self.world.accepted:
            local = text.examined_at.astimezone(_PARIS)
            assert 8 <= local.hour < 20
            assert local.weekday() != 6
            changed_at = _changed_at(self._cart_of(text), text)
            assert timedelta(minutes=15) <= text.examined_at - changed_at <= timedelta(hours=48)

    def the_rows_tell_the_truth(self) -> None:
        taken = {text.reminder_id for text in self.world.accepted}
        for row in self._rows(tables.reminders, "id", "state"):
            assert row.state not in _SHOWN_AS_SENT or row.id in taken
            assert row.id not in taken or row.state in _MAY_HAVE_LEFT

    def a_cart_is_as_its_newest_snapshot_and_ordered_for_good(self) -> None:
        orders = [note for note in self.world.notes if note.kind == "order"]
        rows = self._rows(tables.carts, "key", "total", "changed_at", "state")
        held = {row.key: row for row in rows}
        assert set(held) == {story.key for story in self.world.carts}
        for story in self.world.carts:
            row, newest = held[story.key], story.newest
            assert (row.changed_at, row.total) == (newest.changed_at, newest.totals.total)
            own = [note for note in orders if note.cart_key == story.key]
            assert (row.state == "ordered") == any(_closes(note.at, story) for note in own)

    def teardown(self) -> None:
        self._calm()
        counts = HISTORIES.setdefault(self.world.database.engine.dialect.name, Counter())
        counts["histories"] += 1
        counts["a text accepted"] += bool(self.world.accepted)
        counts["texts"] += len(self.world.accepted)
        counts.update(self.world.counts)

    def _calm(self) -> None:
        """Two days and more of good weather: every reminder comes to its end."""
        self.world.polls = "well"
        until = self._now() + timedelta(hours=50)
        while self._now() < until:
            self._later(self._next_moment() - self._now())
            self.the_workers_work("accepts", None, 0)
            if self._is_over():
                break
        states = {row.state for row in self._rows(tables.reminders, "state")}
        assert states <= {state.value for state in FINAL}
        assert "open" not in {row.state for row in self._rows(tables.carts, "state")}
        self.the_promises_hold()

    def _next_moment(self) -> datetime:
        """When the clock next has something to do, in a minute at the soonest."""
        now = self._now()
        moments = [now + timedelta(hours=3)]
        for row in self._rows(tables.reminders, "state", "due_at", "claimed_at"):
            if row.state == "scheduled":
                moments.append(row.due_at)
            elif row.state == "sending":
                moments.append(row.claimed_at + timedelta(minutes=10) + _SECOND)
        moments += [
            row.look_at
            for row in self._rows(tables.carts, "look_at", "state")
            if row.state == "open"
        ]
        return max(now + _MINUTE, min(moments))

    def _is_over(self) -> bool:
        states = {row.state for row in self._rows(tables.reminders, "state")}
        carts = {row.state for row in self._rows(tables.carts, "state")}
        return not states & {"scheduled", "sending"} and "open" not in carts

    # Words

    def _now(self) -> datetime:
        return self.world.clock()

    def _later(self, by: timedelta) -> None:
        self.world.clock.at += by

    def _cart(self, which: int) -> CartStory:
        return self.world.carts[which % len(self.world.carts)]

    def _order(self, which: int, by: str, ago: int, webhook: bool) -> None:
        """`by` "cart": it names the cart and nobody; "next cart": one that is not seen yet."""
        story = self._cart(which)
        at = self._now() - ago * _MINUTE
        keys = {"cart": (story.key,), "next cart": (f"token:{len(self.world.carts)}",)}.get(by, ())
        order = Order(
            key=f"o{len(self.world.placed)}",
            currency="EUR",
            totals=Totals(Decimal(18)),
            lines=(a_line(),),
            shopper=story.person.seen("nothing" if keys else by),
            placed_at=at,
            changed_at=at,
            cart_keys=keys,
        )
        self.world.order(None if keys else story.person, order, webhook)

    def _plan(
        self, fate: tuple[str, str] | None, which: int, job: tuple[int, tuple[int, ...]]
    ) -> dict[str, Callable[[], None]]:
        if fate is None:
            return {}
        what, place = fate
        return {place: lambda: self._meanwhile(what, which, job)}

    def _meanwhile(self, what: str, which: int, job: tuple[int, tuple[int, ...]]) -> None:
        self.world.counts[what] += 1
        match what:
            case "death":
                raise WorkerDied
            case "order":
                self._order(which, ("cart", "email", "phone", "customer")[which % 4], 0, True)
            case "stop":
                self.world.reply(self._cart(which).person, "STOP", again=False)
            case "change":
                self.change_a_cart(which, polled=False)
            case "twin":
                self.world.work(job)
            case "no":
                self._later(_SECOND)
                self.world.say(self._cart(which).person, False, self._now())
            case "stall":
                self._later(11 * _MINUTE)
                self.world.tick()

    def _cart_of(self, text: Accepted) -> CartStory:
        keys = self.world.keys_of_reminders
        if text.reminder_id not in keys:
            carts, reminders = tables.carts, tables.reminders
            joined = select(carts.c.key).join(reminders, reminders.c.cart_id == carts.c.id)
            with self.world.database.reading() as db:
                found = db.execute(joined.where(reminders.c.id == text.reminder_id))
                keys[text.reminder_id] = found.scalar_one()
        return next(story for story in self.world.carts if story.key == keys[text.reminder_id])

    def _rows(self, table: Any, *columns: str) -> list[Any]:
        with self.world.database.reading() as db:
            return list(db.execute(select(*(table.c[name] for name in columns))))

    _promises: tuple[Callable[[AnyOrder], None], ...] = (
        no_step_of_a_cart_is_sent_twice,
        none_is_sent_after_a_recorded_order,
        none_is_sent_two_minutes_after_the_platform_lists_an_order,
        none_is_sent_against_a_persons_will,
        a_number_gets_one_first_text_a_day,
        a_text_leaves_at_a_decent_hour_and_in_time,
        the_rows_tell_the_truth,
        a_cart_is_as_its_newest_snapshot_and_ordered_for_good,
    )


def _polled(story: CartStory) -> dict[str, Any]:
    return {"sees": "poll", "shopper": Shopper(hidden=frozenset({"phone"}))}


def _closes(placed_at: datetime, story: CartStory) -> bool:
    """A key may outlive its cart: only an order of the cart's own time or later closes it."""
    return story.snapshots[0].created_at <= placed_at + _MINUTE


def _changed_at(story: CartStory, text: Accepted) -> datetime:
    """The shopper's last change that was recorded when the text was examined."""
    return max(at for number, at in story.changes if number <= text.notes)


def test_in_any_order_nobody_is_texted_twice_or_after_an_order(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = database.engine.dialect.name
    run_state_machine_as_test(
        lambda: AnyOrder(World(database, monkeypatch)),
        settings=settings(
            max_examples=60 if kind == "sqlite" else 20,
            stateful_step_count=14,
            # A history is short enough to be read as it was; making it shorter takes minutes.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            report_multiple_bugs=False,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    counts = HISTORIES[kind]
    with capsys.disabled():
        print(f"\n{kind}: {dict(sorted(counts.items()))}")
    assert counts["a text accepted"] >= AT_LEAST * counts["histories"]
