"""Histories of one shop, in which anything may happen in any order.

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
from itertools import product
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from recovery import reasons, tables
from recovery.model import CartGone, Order, Shopper, Totals
from recovery.reasons import Reason
from recovery.states import FINAL
from tests.promises import PROMISES, cart_of, is_decent, step_in
from tests.recovery.stories import a_line
from tests.sequences import Sequences, indexes, moods, people
from tests.weather import WorkerDied
from tests.world import World, repeated
from tests.world_notes import CartStory, Person

#: What was told, for each database.
HISTORIES: dict[str, Counter[str]] = {}

_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
PLACES = ("after claim", "before examine", "after examine", "before send", "after send")
PLACES += ("before settle", "after settle")

Fate = tuple[str, str]  # what happens, and where in a worker's steps

receipts = st.lists(st.sampled_from(("sent", "delivered", "undelivered")), min_size=1, max_size=3)
#: What happens, and where, while a worker works; news matters most between claim and look.
_FATES = (
    *product(("order", "order", "stop", "no", "change"), ("after claim", "before examine")),
    *product(("death", "twin", "stall"), PLACES),
    *product(("order", "stop", "change"), PLACES[2:]),
    *product(("death",) * 6, ("after send", "before settle")),
)
fates = st.sampled_from((*(None,) * (len(_FATES) // 2), *_FATES))


class AnyOrder(Sequences):
    """Every hand that moves a shop's carts, in any order."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.ended = False

    # Beginnings

    @initialize(
        ripe=st.sampled_from((2, 2, 2, 1, 0)),
        many=st.integers(1, 3),
        mood=moods,
        fate=fates,
        which=indexes,
        sequence=st.sampled_from((False, True, False)),
        on_lines=st.booleans(),
    )
    def some_carts_are_left(
        self,
        ripe: int,
        many: int,
        mood: str,
        fate: Fate | None,
        which: int,
        sequence: bool = False,
        on_lines: bool = False,
    ) -> None:
        if sequence:
            self.world.run_a_sequence(on_lines)
        for number in range(many):
            self.leave_a_cart(Person(number + 1))
        if ripe:
            self.an_hour_passes(True)
        if ripe > 1:
            self.the_workers_work(mood, fate, which)

    # What shoppers do

    @rule(person=people)
    def leave_a_cart(self, person: Person) -> None:
        self._later(_SECOND)
        if len(self.world.carts) < 7:
            story = CartStory(f"token:{len(self.world.carts)}", person)
            self.world.carts.append(story)
            self.world.snapshot(story, self._now())

    @rule(which=indexes, polled=st.booleans())
    def change_a_cart(self, which: int, polled: bool) -> None:
        self._later(_SECOND)
        story = self._cart(which)
        self.world.snapshot(story, self._now(), **(_polled(story) if polled else {}))

    @rule(which=indexes, ago=st.sampled_from((0, 0, 1, 40)), polled=st.booleans())
    def an_old_or_same_snapshot_comes(self, which: int, ago: int, polled: bool) -> None:
        story = self._cart(which)
        strange: dict[str, Any] = {"lines": (), "totals": Totals(Decimal(1)), "way_back": None}
        at = story.newest.changed_at - ago * _MINUTE
        self.world.snapshot(story, at, **strange, **(_polled(story) if polled else {}))

    @rule(which=indexes)
    def the_same_snapshot_comes_again(self, which: int) -> None:
        story = self._cart(which)
        self.world.record(story.newest, story.newest)

    @rule(which=indexes)
    def the_platform_deletes_a_cart(self, which: int) -> None:
        self.world.record(CartGone((self._cart(which).key,)))

    @rule(
        which=indexes,
        by=st.sampled_from(("cart", "email", "phone", "customer", "next cart")),
        ago=st.sampled_from((0, 0, 0, 1, 5, 40)),
        webhook=st.sampled_from((True, True, False)),
        touched=st.booleans(),
    )
    def an_order_is_placed(
        self, which: int, by: str, ago: int, webhook: bool, touched: bool
    ) -> None:
        self._order(self._cart(which), by, ago, webhook)
        if touched:  # a platform may touch a checkout once more while it becomes an order
            self.change_a_cart(which, polled=False)

    @precondition(lambda self: self.world.placed)
    @rule(which=indexes, older=st.booleans())
    def an_order_comes_again(self, which: int, older: bool) -> None:
        person, order, _ = self.world.placed[which % len(self.world.placed)]
        self.world.record(repeated(order, older))
        self.world.note_order(person, order)

    @rule(person=people, text=st.sampled_from(("STOP", "STOP", "START")), again=st.booleans())
    def a_shopper_replies(self, person: Person, text: str, again: bool) -> None:
        self.world.reply(person, text, again)

    @precondition(lambda self: self.world.replies)
    @rule(which=indexes)
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

    def an_hour_passes(self, with_clock: bool) -> None:
        for minutes in (31, 31):
            self.minutes_pass(minutes, with_clock)

    @rule(mood=moods, fate=fates, which=indexes)
    def an_hour_passes_and_the_workers_work(self, mood: str, fate: Fate | None, which: int) -> None:
        self.an_hour_passes(True)
        self.the_workers_work(mood, fate, which)

    @rule(person=people, mood=moods, fate=fates, which=indexes)
    def a_cart_is_left_alone(
        self, person: Person, mood: str, fate: Fate | None, which: int
    ) -> None:
        self.leave_a_cart(person)
        self.an_hour_passes_and_the_workers_work(mood, fate, which)

    @rule(hours=st.sampled_from((6, 11, 14, 24, 72)))
    def hours_pass(self, hours: int) -> None:
        self._later(timedelta(hours=hours))
        self.world.tick()

    @rule(weather=st.sampled_from(("well", "well", "well", "no answer", "busy", "dies")))
    def polls_go(self, weather: str) -> None:
        self.world.polls = weather

    @rule(which=indexes, by=st.sampled_from(("cart", "email", "phone", "customer")))
    def an_order_is_not_heard_of(self, which: int, by: str) -> None:
        """Its webhook is lost, and the shop answers no poll; workers and clock go on."""
        self.world.polls = "no answer"
        self._order(self._cart(which), by, 0, webhook=False)
        self.minutes_pass(3, with_clock=True)
        self.the_workers_work("accepts", None, 0)

    @rule()
    def redis_is_emptied(self) -> None:
        self.world.queues.empty()

    @rule(mood=moods, fate=fates, which=indexes)
    def the_workers_work(self, mood: str, fate: Fate | None, which: int) -> None:
        self.world.tick()
        while self.world.queues.sends:
            job = self.world.queues.sends.pop(0)
            self.world.work(job, mood, self._plan(fate, which, job))
            fate = None

    @precondition(lambda self: self.world.queues.done)
    @rule(which=indexes, mood=moods)
    def an_old_job_comes_again(self, which: int, mood: str) -> None:
        done = self.world.queues.done
        self.world.work(done[which % len(done)], mood)

    @precondition(lambda self: self._texts())
    @rule(which=indexes, told=receipts)
    def receipts_come(self, which: int, told: list[str]) -> None:
        accepted = self._texts()
        for state in told:
            self.world.receipt(accepted[which % len(accepted)], state)

    # The promises

    @invariant()
    def the_promises_hold(self) -> None:
        for promise in PROMISES:
            promise(self.world)

    def teardown(self) -> None:
        texts = len(self.world.accepted)
        self.calm()
        self._a_new_cart_gets_its_text()
        counts = HISTORIES.setdefault(self.world.database.engine.dialect.name, Counter())
        counts["histories"] += 1
        counts["a text accepted"] += texts > 0
        counts["texts"] += texts
        counts["of a sequence"] += self.world.has_sequence
        mails = [each for each in self.world.accepted if each.channel == "email"]
        counts["e-mails"] += len(mails)
        told = [step_in(self.world, each.reminder_id) for each in self.world.accepted]
        counts["fallbacks"] += sum(
            step_in(self.world, each.reminder_id) in (("cart", 1), ("cart", 3)) for each in mails
        )
        cards = [each for each in self.world.accepted if each.is_card]
        texts_of = {each.reminder_id for each in self.world.accepted if not each.is_card}
        counts["cards"] += len(cards)
        counts["texts after cards"] += sum(each.reminder_id in texts_of for each in cards)
        counts["rewards"] += sum(programme == "reward" for programme, _ in told)
        counts["answers"] += sum(programme == "reply" for programme, _ in told)
        counts.update(self.world.counts)

    def calm(self) -> None:
        """Days of good weather, past the last step's time: every reminder comes to its end."""
        self.world.polls = "well"
        begun = self._now()
        until = begun + timedelta(hours=50 + 120 * self.world.has_sequence)
        while self._now() < until:
            self._later(self._next_moment() - self._now())
            self.the_workers_work("accepts", None, 0)
            if self._is_over():
                break
        states = {row.state for row in self.world.rows(tables.reminders, "state")}
        assert states <= {state.value for state in FINAL}
        assert "open" not in {row.state for row in self.world.rows(tables.carts, "state")}
        self._none_was_lost_since(begun)
        self.the_promises_hold()

    def _a_new_cart_gets_its_text(self) -> None:
        """Whatever happened before: somebody new who leaves a cart is reminded of it, once."""
        before, story = len(self.world.accepted), CartStory("token:new", Person(4))
        self.world.carts.append(story)
        self.world.snapshot(story, self._now())
        self.calm()
        ours = [text.reminder_id for text in self.world.accepted[before:]]
        assert {cart_of(self.world, each).key for each in ours} == {"token:new"}
        steps = [step_in(self.world, each)[1] for each in ours]
        assert steps == ([1, 2, 3] if self.world.has_sequence else [1])

    def _none_was_lost_since(self, begun: datetime) -> None:
        """What an hour of good weather left a decent minute was not skipped for want of time."""
        names = ("reasons", "latest_at", "step", "channel", "programme")
        for row in self.world.rows(tables.reminders, *names):
            if (row.programme, row.step, row.channel) != (
                "cart",
                1,
                "sms",
            ):  # others wait for a step before, or a cap
                continue
            late = {Reason.TOO_LATE, Reason.ORDERS_UNKNOWN} & set(reasons.read(row.reasons))
            left = int((row.latest_at - begun) / _MINUTE)
            assert not late or not any(is_decent(begun + m * _MINUTE) for m in range(60, left))

    def _next_moment(self) -> datetime:
        """When the clock next has something to do, in a minute at the soonest."""
        now = self._now()
        moments = [now + timedelta(hours=3)]
        for row in self.world.rows(tables.reminders, "state", "due_at", "claimed_at"):
            if row.state == "scheduled":
                moments.append(row.due_at)
            elif row.state == "sending":
                moments.append(row.claimed_at + timedelta(minutes=10) + _SECOND)
        moments += [
            row.look_at
            for row in self.world.rows(tables.carts, "look_at", "state")
            if row.state == "open"
        ]
        moments += [row.try_at for row in self.world.rows(tables.offers, "try_at") if row.try_at]
        return max(now + _MINUTE, min(moments))

    def _is_over(self) -> bool:
        states = {row.state for row in self.world.rows(tables.reminders, "state")}
        carts = {row.state for row in self.world.rows(tables.carts, "state")}
        offers = {row.stand for row in self.world.rows(tables.offers, "stand")}
        waits = states & {"scheduled", "sending"} or offers & {"wanted", "earned"}
        return not waits and "open" not in carts

    # Words

    def _now(self) -> datetime:
        return self.world.clock()

    def _later(self, by: timedelta) -> None:
        self.world.clock.at += by

    def _cart(self, which: int) -> CartStory:
        return self.world.carts[which % len(self.world.carts)]

    def _order(self, story: CartStory, by: str, ago: int, webhook: bool) -> None:
        """`by` "cart": it names the cart and nobody; "next cart": one that is not seen yet."""
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
        self, fate: Fate | None, which: int, job: tuple[int, tuple[int, ...]]
    ) -> dict[str, Callable[[], None]]:
        if fate is None:
            return {}
        what, place = fate
        return {place: lambda: self._meanwhile(what, which, job)}

    def _meanwhile(self, what: str, which: int, job: tuple[int, tuple[int, ...]]) -> None:
        self.world.counts[f"{what} meanwhile"] += 1
        story = cart_of(self.world, job[1][which % len(job[1])])
        match what:
            case "death":
                raise WorkerDied
            case "order":
                self._order(story, ("cart", "email", "phone", "customer")[which % 4], 0, True)
            case "stop":
                self.world.reply(story.person, "STOP", again=False)
            case "change":
                self._later(_SECOND)
                self.world.snapshot(story, self._now())
            case "twin":
                self.world.work(job)
            case "no":
                self._later(_SECOND)
                self.world.say(story.person, False, self._now())
            case "stall":
                self._later(11 * _MINUTE)
                self.world.tick()


def _polled(story: CartStory) -> dict[str, Any]:
    return {"sees": "poll", "shopper": Shopper(hidden=frozenset({"phone"}))}
