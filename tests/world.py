"""A small world for `test_any_order`: people, a shop, a provider, and a worker that may die.

The world notes what was recorded when. Whether a text was right is judged from these
notes alone, never by asking the code under test.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import Connection, delete, select

from recovery import accounts, intake, programmes, receipts, tables
from recovery.database import Database
from recovery.model import (
    Cart,
    Channel,
    Consent,
    Coupon,
    CustomerSeen,
    Message,
    Offer,
    Order,
    Receipt,
    Reply,
    RichText,
    Totals,
)
from recovery.programme_form import Delay, Incentive, Programme, Start, Step
from tests.conftest import SetClock
from tests.recovery.stories import KEYS, a_line, a_shop
from tests.weather import Outside, Platform, Provider, Queues, WorkerDied
from tests.world_notes import Accepted, CartStory, Evidence, Note, Person
from worker import offer_codes, polling, queues, sending
from worker.clock import Clock
from worker.tools import Tools

START = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)  # a Wednesday, 10:00 in Paris
FRESH = timedelta(minutes=2)
SENDER = "+33700000001"


_HOUR = 3600
#: A card or text or else an e-mail, an e-mail with an offer, a text that asks or else an e-mail.
SEQUENCE = Programme(
    start=Start.CART,
    holdout=0.0,
    steps=(
        Step(number=1, channel=Channel.SMS, delay=Delay(1800), fallback=Channel.EMAIL, rich="rcs"),
        Step(
            number=2,
            channel=Channel.EMAIL,
            delay=Delay(20 * _HOUR),
            since="step",
            incentive=Incentive(kind="percent", value=Decimal(10)),
        ),
        Step(
            number=3,
            channel=Channel.SMS,
            delay=Delay(10 * _HOUR),
            since="step",
            fallback=Channel.EMAIL,
            asks_why=True,
        ),
    ),
)
_STEPS = frozenset({"claim", "examine", "settle"})


class Steps:
    """A worker's database: each transaction is a step, before and after which things happen."""

    def __init__(self, world: World, plan: dict[str, Callable[[], None]]) -> None:
        self._world, self._plan, self._died = world, plan, False
        self.seen: dict[int, Evidence] = {}

    def run(self, work: Callable[[Connection], Any]) -> Any:
        # The names that the piece of work calls: "claim", "examine", "settle", …
        name = next((each for each in work.__code__.co_names if each in _STEPS), "other")
        self.happen(f"before {name}")
        now, notes = self._world.clock(), len(self._world.notes)
        done = self._world.database.run(work)
        if name == "claim" and done is not None:
            self.seen |= {each: Evidence(now, now, notes) for each in done.ids}
        if name == "examine":
            for letter in done:
                seen = self.seen[letter.reminder_id]
                self.seen[letter.reminder_id] = Evidence(seen.claimed_at, now, notes)
        self.happen(f"after {name}")
        return done

    def reading(self) -> AbstractContextManager[Connection]:
        return self._world.database.reading()

    def happen(self, place: str) -> None:
        """What was planned for this place, once. The dead do nothing any more."""
        if self._died:
            raise WorkerDied
        try:
            self._plan.pop(place, lambda: None)()
        except WorkerDied:
            self._died = True
            raise


class _Clock(Clock):
    def _safely(self, what: str, work: Callable[[], object]) -> None:
        work()  # a failure of the database is a failure of the test


class World:
    """One history: a shop with its people, and every hand that moves it."""

    def __init__(self, database: Database, patch: pytest.MonkeyPatch) -> None:
        self.database, self.clock = database, SetClock(START)
        self.takes_cards = True
        self.has_sequence = False  # of texts and e-mails, instead of the built-in text
        self.is_on_lines = False  # what it offers is on the lines of the cart
        self.counts: Counter[str] = Counter()
        self.carts: list[CartStory] = []
        self.notes: list[Note] = []
        self.placed: list[tuple[Person | None, Order, datetime]] = []  # and when it can be listed
        self.replies: list[Reply] = []
        self.accepted: list[Accepted] = []
        self.delivered: set[int] = set()
        self.answered: set[int] = set()
        self.keys_of_reminders: dict[int, str] = {}
        self.steps_of_reminders: dict[int, tuple[str, int]] = {}
        self.provider_lock = threading.RLock()
        self.polls = "well"
        self.codes: dict[str, Coupon] = {}  # in the shop, by their keys
        self.asked_for: dict[str, Offer] = {}  # what each of them is, by the code
        self.queues = Queues()
        patch.setattr(queues, "enqueue", self.queues.enqueue)
        patch.setattr(queues, "depth", self.queues.depth)
        _empty(database)
        address = "https://nord.example"
        self.shop = replace(a_shop(database, START, address=address), platform="woocommerce")
        with database.transaction() as db:
            db.execute(tables.shops.update().values(platform="woocommerce"))
            db.execute(tables.accounts.update().values(rate=1000.0))

    def run_a_sequence(self, on_lines: bool = False) -> None:
        """From now on the shop sends three steps over two channels.

        `on_lines`: its offer is on what is in the cart, instead of on the whole order.
        """
        self.has_sequence, self.is_on_lines = True, on_lines
        with self.database.transaction() as db:
            mail = accounts.keep(
                db, KEYS, "mail", "smtp", "hello@nord.example", {}, 1000.0, Channel.EMAIL
            )
            db.execute(tables.shops.update().values(email_account_id=mail.id))
            ours = tables.accounts.c.name == "service"
            rcs = {"rich": "rcs:FR", "rcs_agent": "Nord-RCS"}
            db.execute(tables.accounts.update().where(ours).values(**rcs))
            form = _on_lines(SEQUENCE) if on_lines else SEQUENCE
            programmes.save(db, self.shop.id, programmes.CART, form, "the owner", START)

    # What shoppers and the shop do

    def snapshot(self, story: CartStory, at: datetime, **different: Any) -> None:
        """A snapshot of a cart comes in; newer ones count as the shopper's change."""
        person = story.person
        words = [Consent(Channel.SMS, person.phone, True, "checkout", at)]
        if self.has_sequence and person.number != 3:  # who agrees to texts alone
            words.append(Consent(Channel.EMAIL, person.email, True, "checkout", at))
        values: dict[str, Any] = {
            "key": story.key,
            "currency": "EUR",
            "totals": Totals(Decimal(sum(len(each.snapshots) for each in self.carts) + 10)),
            "lines": (replace(a_line(), image="https://nord.example/1.jpg"),),
            "shopper": person.seen("everything", *words),
            "created_at": at,
            "changed_at": at,
            "sees": "webhook",
            "way_back": "https://nord.example/back",
        }
        cart = Cart(**(values | different))
        is_news = not story.snapshots or at > story.newest.changed_at
        self.record(cart)
        for word in cart.shopper.consents:
            self.notes.append(Note(_word(word.channel, True), person, word.at))
        if is_news:
            story.snapshots.append(cart)
            self.notes.append(Note("change", person, at))
            story.changes.append((len(self.notes), at))

    def order(self, person: Person | None, order: Order, webhook: bool) -> None:
        """An order is placed; its webhook may be lost, the list keeps it."""
        self.placed.append((person, order, self.clock()))
        if webhook:
            self.record(order)
            self.note_order(person, order)

    def note_order(self, person: Person | None, order: Order) -> None:
        """This order is committed by now."""
        cart_key = order.cart_keys[0] if order.cart_keys else None
        known = {note.order_key for note in self.notes}
        if order.key not in known:
            self.notes.append(Note("order", person, order.placed_at, cart_key, order.key))

    def say(
        self, person: Person, granted: bool, at: datetime, channel: Channel = Channel.SMS
    ) -> None:
        """The platform tells of a consent given or taken back at a time."""
        address = person.phone if channel is Channel.SMS else person.email
        word = Consent(channel, address, granted, "customer", at)
        self.record(CustomerSeen(person.seen("everything", word), at))
        self.notes.append(Note(_word(channel, granted), person, at))

    def reply(self, person: Person, text: str, again: bool) -> None:
        """A text from a shopper to the shop's number; `again` repeats the last one."""
        now = self.clock()
        number = person.phone.removeprefix("+")
        reply = Reply(f"r{len(self.replies)}", number, SENDER.removeprefix("+"), text, now)
        self.database.run(lambda db: receipts.record_reply(db, self.account(db), reply, now))
        self.replies.append(reply)
        kinds = {"STOP": "stop", "START": "start"}
        if text == "START" and self._had_agreed(person):
            self.notes.append(Note("yes", person, now))
        self.notes.append(Note(kinds.get(text, "wrote"), person, now))
        if again:
            self.database.run(lambda db: receipts.record_reply(db, self.account(db), reply, now))

    def _had_agreed(self, person: Person) -> bool:
        """Whether this person said stop, which stands, and had agreed to texts before it."""
        said = [note for note in self.notes if note.person == person]
        replies = [note for note in said if note.kind in ("stop", "start")]
        if not replies or replies[-1].kind != "stop":
            return False
        words = [n for n in said if n.kind in ("yes", "no") and n.at <= replies[-1].at]
        return bool(words) and max(words, key=lambda note: note.at).kind == "yes"

    def answer(self, person: Person, text: str) -> None:
        """An answer to the last text that the person got, which asks why the cart was left."""
        last = [each for each in self.accepted if each.recipient == person.phone][-1]
        self.answered.add(last.reminder_id)
        now, number = self.clock(), person.phone.removeprefix("+")
        reply = Reply(f"r{len(self.replies)}", number, SENDER.removeprefix("+"), text, now)
        self.database.run(lambda db: receipts.record_reply(db, self.account(db), reply, now))
        self.replies.append(reply)

    def repeat_reply(self, reply: Reply) -> None:
        """The provider brings an old reply once more: it says nothing new."""
        now = self.clock()
        self.database.run(lambda db: receipts.record_reply(db, self.account(db), reply, now))

    def receipt(self, text: Accepted, state: str) -> None:
        """The provider tells what became of a text it took."""
        now = self.clock()
        if state == "delivered":
            self.delivered.add(text.reminder_id)
        reference = f"{text.reminder_id}-rcs" if text.is_card else str(text.reminder_id)
        told = Receipt(text.provider_id, state, now, reference=reference)
        self.database.run(lambda db: receipts.record_receipt(db, self.account(db), told, now))
        if state == "undelivered":
            self.notes.append(Note(state, None, now, order_key=text.provider_id))

    def take(self, message: Message, steps: Steps) -> Accepted:
        """The provider takes a text; what was so when it was examined is noted with it."""
        reminder_id, number = int(message.reference.partition("-")[0]), len(self.accepted)
        seen = steps.seen[reminder_id]
        taken = Accepted(
            reminder_id,
            message.channel.value,
            message.recipient,
            f"p{number}",
            message.text,
            tuple(coupon.code for coupon in self.codes.values()),
            seen.claimed_at,
            seen.examined_at,
            seen.notes,
            isinstance(message, RichText),
        )
        self.accepted.append(taken)
        return taken

    def record(self, *seen: Any) -> None:
        """The one door."""
        shop, now = self.shop, self.clock()
        self.database.run(lambda db: intake.record(db, [(shop, each) for each in seen], now))

    def rows(self, table: Any, *columns: str) -> list[Any]:
        """These columns of all rows of a table."""
        with self.database.reading() as db:
            return list(db.execute(select(*(table.c[name] for name in columns))))

    def account(self, db: Connection) -> accounts.AccountRow:
        found = accounts.by_name(db, "service")
        assert found is not None
        return found

    # What our own processes do

    def tick(self) -> None:
        """The clock looks, and what it wants polled is polled, by the weather."""
        _Clock(self._tools(self.database)).tick(self.clock())
        while self.queues.polls:
            self._poll(self.queues.polls.pop())
        while self.queues.codes:
            job, ids = self.queues.codes.pop(0)
            getattr(offer_codes, job.removesuffix("_codes"))(
                self._tools(self.database, Platform(self)), ids
            )

    def _poll(self, shop_id: int) -> None:
        try:
            polling.poll(self._tools(self.database, Platform(self)), shop_id)
        except WorkerDied:
            self.counts["died in a poll"] += 1

    def work(
        self,
        job: tuple[int, tuple[int, ...]],
        mood: str = "accepts",
        plan: dict[str, Callable[[], None]] | None = None,
    ) -> None:
        """A worker does one job, or dies in it."""
        steps = Steps(self, dict(plan or {}))
        tools = self._tools(steps, messenger=Provider(self, steps, mood))
        self.queues.done.append(job)
        try:
            sending.send_batch(tools, job[0], job[1])
        except WorkerDied:
            self.counts["died in a send"] += 1

    def _tools(
        self, database: Any, shop: Platform | None = None, messenger: Provider | None = None
    ) -> Tools:
        outside: Any = Outside(shop, messenger)
        redis: Any = self.queues
        return Tools(database, redis, outside, KEYS, self.clock, "https://r.example")


def _on_lines(form: Programme) -> Programme:
    """The same one, its offers on the lines of the cart."""
    steps = (
        structs.replace(each, incentive=structs.replace(each.incentive, lines="cart"))
        if each.incentive
        else each
        for each in form.steps
    )
    return structs.replace(form, steps=tuple(steps))


def _word(channel: Channel, granted: bool) -> str:
    """What a note calls a consent."""
    return ("" if channel is Channel.SMS else "mail ") + ("yes" if granted else "no")


def repeated(order: Order, older: bool) -> Order:
    """The same order once more, or as it stood before."""
    return replace(order, changed_at=order.changed_at - timedelta(minutes=1)) if older else order


def _empty(database: Database) -> None:
    with database.transaction() as db:
        for table in reversed(tables.metadata.sorted_tables):
            db.execute(delete(table))
