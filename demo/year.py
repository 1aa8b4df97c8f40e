"""A year of a small shop, played through the real code by a clock of its own."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, func, select, update

from demo import acts, counter
from demo.acts import Scene
from demo.people import Person, person
from recovery import handing_out, marks, planning, presets, programmes, reminders, shops, tables
from recovery.database import Database
from recovery.letters import Letter
from recovery.programme_form import Programme, Variant
from recovery.reminders import Outcome
from recovery.shops import ShopRow

SANDBOX = "sandbox"
_OURS = "http://127.0.0.1:8000"
#: As a shop of its kind has it; `make run` sets the sandbox's own seconds again when it starts.
_AS_IN_LIFE = {"idle_seconds": 1800, "delay_seconds": 1800, "cap_seconds": 86400, "any_hour": False}


class AlreadyFilled(Exception):
    """The shop has carts: a year was made, or somebody plays with it."""


class NotForReal(Exception):
    """A real shop is connected to this database."""


@dataclass
class Year:
    """What is still to happen, in the order of time."""

    scene: Scene
    events: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    _numbers: Any = field(default_factory=itertools.count)

    def at(self, when: datetime, act: Callable[[datetime], None]) -> None:
        """Let `act` happen then; after the end it does not."""
        if when <= self.scene.ends:
            heapq.heappush(self.events, (when, next(self._numbers), act))


def fill(
    database: Database,
    now: datetime,
    carts: int,
    span: timedelta,
    seed: int,
    tell: Callable[[float], None] = lambda done: None,
) -> str:
    """Play `carts` carts over `span` up to `now`; the same seed plays the same year.

    Returns what there is, in words. Raises `AlreadyFilled`, `NotForReal`.
    """
    shop = _the_shop(database)
    begin = now - span
    database.run(lambda db: _begin(db, shop, begin, seed))
    cheaper = begin + span * 0.7
    scene = Scene(database, shop, Random(seed), now, cheaper, begin)
    year = Year(scene)
    _people_come(year, begin, carts, seed)
    while year.events:
        when, _, act = heapq.heappop(year.events)
        scene.now = when
        act(when)
        tell((when - begin) / span)
    acts.asks_something(scene, now - timedelta(minutes=40))
    database.run(lambda db: _end(db, shop, cheaper, now))
    return _counted(database, shop)


def _the_shop(database: Database) -> ShopRow:
    with database.reading() as db:
        shop = shops.by_key(db, SANDBOX)
        if shops.has_real_ones(db):
            raise NotForReal("A real shop is connected here: made-up shoppers do not belong there.")
        held = db.execute(select(tables.carts.c.id).limit(1)).first()
    if shop is None:
        raise NotForReal("There is no sandbox shop here.")
    if held is not None:
        raise AlreadyFilled(
            "The sandbox shop has carts already. Nothing was changed. For a fresh year, stop "
            "`make run` and take the database away (var/relance.sqlite*)."
        )
    return shop


def _begin(db: Connection, shop: ShopRow, at: datetime, seed: int) -> None:
    draws = {"draw_key": f"{Random(seed).getrandbits(128):032x}"}
    mine = update(tables.shops).where(tables.shops.c.id == shop.id)
    db.execute(
        mine.values(**_AS_IN_LIFE, **draws, installed_at=at - timedelta(days=1), last_webhook_at=at)
    )
    programmes.save(db, shop.id, programmes.CART, programme(), "demo", at - timedelta(hours=1))


def programme() -> Programme:
    """Fashion's own, a tenth held out, two ways to begin, and a question why at the end."""
    form = presets.preset("fashion", "FR", "en")
    last = form.steps[-1]
    steps = (*form.steps[:-1], structs.replace(last, asks_why=True))
    calm = structs.replace(form.steps[0], words="calm")
    variants = (Variant("calm", 50, (calm,)),)
    return structs.replace(form, steps=steps, holdout=0.1, variants=variants)


def _people_come(year: Year, begin: datetime, carts: int, seed: int) -> None:
    chance, known = Random(seed + 1), list[Person]()
    for at in sorted(_moments(begin, year.scene.ends, carts, chance)):
        if known and chance.random() < 0.35:
            who = chance.choice(known)
        else:
            who = person(len(known), chance)
            known.append(who)
        year.at(at, partial(_cart, year, who))
        if chance.random() < 0.5:
            year.at(at + timedelta(hours=2), lambda when: acts.orders_at_once(year.scene, when))


def _moments(begin: datetime, end: datetime, many: int, chance: Random) -> list[datetime]:
    """A shop that grows, evenings and Sundays fuller than mornings, and a full November."""
    found: list[datetime] = []
    while len(found) < many:
        at = begin + (end - begin) * chance.random() ** 0.75
        hours = chance.choices(
            range(24), [1, 1, 0, 0, 0, 0, 1, 3, 4, 5, 5, 6, 7, 6, 5, 5, 6, 7, 9, 11, 13, 12, 8, 4]
        )[0]
        at = at.replace(hour=hours, minute=chance.randrange(60), second=chance.randrange(60))
        season = 1.0 if at.month in (11, 12) else 0.75 if at.month in (1, 6, 9) else 0.6
        if begin < at < end and chance.random() < season * (1.0 if at.weekday() > 4 else 0.85):
            found.append(at)
    return found


def _cart(year: Year, who: Person, at: datetime) -> None:
    scene = year.scene
    cart = acts.leaves_a_cart(scene, who, at)
    if scene.chance.random() < who.buys_anyway:
        later = at + timedelta(hours=scene.chance.expovariate(1 / 9) + 0.2)
        year.at(later, lambda when: acts.orders(scene, who, cart, when))
    year.at(at + timedelta(minutes=31), lambda when: _tick(year, when))


def _tick(year: Year, at: datetime) -> None:
    """What clock and worker do at that moment, and what the messages lead to."""
    scene = year.scene
    database = scene.database
    known = update(tables.shops).where(tables.shops.c.id == scene.shop.id)
    database.run(lambda db: db.execute(known.values(orders_known_until=at)))
    database.run(lambda db: planning.abandon_idle(db, at))
    database.run(lambda db: reminders.skip_stale(db, at))
    counter.make_codes(database.run, at)
    for batch in database.run(lambda db: handing_out.hand_out(db, at)):
        ids, account = list(batch.reminder_ids), batch.account_id
        _sent(year, _written(database, account, ids, at), at)
    _come_again(year, at)


def _written(database: Database, account: int, ids: list[int], at: datetime) -> list[Letter]:
    claimed = database.run(lambda db: reminders.claim(db, account, ids, at))
    if claimed is None:
        return []
    return database.run(lambda db: reminders.examine(db, claimed, _OURS, at))


def _sent(year: Year, letters: list[Letter], at: datetime) -> None:
    done = [Outcome(each.reminder_id, "accept", at, f"demo-{each.reminder_id}") for each in letters]
    year.scene.database.run(lambda db: reminders.settle(db, done, at))
    for letter in letters:
        for delay, act in acts.what_follows(year.scene, letter):
            year.at(at + delay, act)


def _come_again(year: Year, at: datetime) -> None:
    waiting = tables.reminders
    with year.scene.database.reading() as db:
        due = db.execute(
            select(func.min(waiting.c.due_at)).where(waiting.c.state == "scheduled")
        ).scalar()
    when = None if due is None else max(due, at + timedelta(minutes=1))
    if when is not None and (year.scene.next_tick is None or not at < year.scene.next_tick <= when):
        year.scene.next_tick = when
        year.at(when, lambda then: _tick(year, then))


def _end(db: Connection, shop: ShopRow, cheaper: datetime, now: datetime) -> None:
    counter.read_conversations(db, shop, now)
    marks.add(db, shop.id, cheaper.date(), "Free shipping from 40 €", now, None)
    mine = update(tables.shops).where(tables.shops.c.id == shop.id)
    db.execute(mine.values(last_webhook_at=now, orders_known_until=now))


def _counted(database: Database, shop: ShopRow) -> str:
    def many(table: Any, db: Connection) -> int:
        asked = select(func.count()).select_from(table).where(table.c.shop_id == shop.id)
        return int(db.execute(asked).scalar_one())

    with database.reading() as db:
        carts, sent = many(tables.carts, db), many(tables.reminders, db)
        bought, said = many(tables.orders, db), many(tables.replies, db)
    return f"{carts} carts, {sent} messages planned, {bought} orders, {said} replies"
