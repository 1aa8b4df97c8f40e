"""The programmes of a shop: rows, and for each change of one a version of its content.

Where a shop has no programme for carts, the built-in one runs: one SMS, `delay_seconds`
after the cart is abandoned.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, func, select, update

from recovery import accounts, notices, programme_checks, shops, split_rows, tables
from recovery.model import Channel
from recovery.programme_form import (
    Delay,
    Programme,
    Start,
    Step,
    UnreadableProgramme,
    read,
    written,
)
from recovery.programme_problems import Problem
from recovery.shops import ShopRow
from recovery.split_rows import Split

log = logging.getLogger(__name__)
_PROGRAMMES = tables.programmes
_VERSIONS = tables.programme_versions
CART = "cart"  # the name of the programme that reminds of carts


@dataclass(frozen=True, slots=True)
class Running:
    """What runs for a start at a shop now.

    `version_id` None and `programme_id` 0: the built-in one.
    """

    name: str
    version_id: int | None
    form: Programme
    programme_id: int = 0
    split: Split | None = None  # the shares that stand, where they are learned

    @property
    def weights(self) -> dict[str, int]:
        """The variants with their shares of 100 treated people, as new ones are drawn now."""
        if self.split is not None:
            return dict(self.split.weights)
        return {each.name: each.weight for each in self.form.variants}

    def step(self, number: int) -> Step | None:
        """The step of that number, if there is one."""
        return next((step for step in self.form.steps if step.number == number), None)

    def in_arm(self, arm: str | None) -> Running:
        """What runs for people of that arm: a variant's steps stand in for those of its numbers."""
        form = _in_arm(self.form, arm or "")
        return self if form is self.form else replace(self, form=form)


#: For what follows of itself, and is no step of a merchant's programme: a reward, a reply.
ALONE = Running("", None, Programme(start=Start.CART, steps=(), holdout=0.0))


def running(db: Connection, of: Mapping[int, ShopRow]) -> dict[int, Running]:
    """The programme for abandoned carts of each of these shops; one that is off has no steps."""
    rows = db.execute(
        select(
            *(_PROGRAMMES.c[name] for name in ("shop_id", "is_on")),
            _PROGRAMMES.c.id.label("programme_id"),
            *(_VERSIONS.c[name] for name in ("id", "form")),
        )
        .join(_VERSIONS, _VERSIONS.c.id == _PROGRAMMES.c.version_id)
        .where(_PROGRAMMES.c.shop_id.in_(of), _PROGRAMMES.c.name == CART)
    )
    found = {row.shop_id: _running(row) for row in rows}
    found |= _learned(db, found)
    return {shop_id: found.get(shop_id) or built_in(shop) for shop_id, shop in of.items()}


def built_in(shop: ShopRow) -> Running:
    """What runs where the merchant chose nothing."""
    return Running(CART, None, _one_text(shop.delay_seconds))


class NotSavable(ValueError):
    """A programme that would do harm, or nothing: `problems` says where, and why.

    The message is a line for each, in English, without the warnings.
    """

    def __init__(self, found: Sequence[Problem]) -> None:
        wrong = [each for each in found if not each.is_warning]
        super().__init__("\n".join(f"{each.where}: {each.words_en}" for each in wrong))
        self.problems = tuple(found)


class Newer(Exception):
    """Somebody saved another version since: its `number`, 0 where the programme is gone."""

    def __init__(self, number: int) -> None:
        super().__init__("a newer version stands")
        self.number = number


def words_subject(shop_id: int) -> str:
    """Under what a shop is told that words of its programme were not used."""
    return f"shop.{shop_id}.words"


def problems(db: Connection, form: Programme, shop: ShopRow) -> list[Problem]:
    """All that is wrong with `form` for this shop and its sender, warnings too."""
    known: dict[str, Any] = {"idle": timedelta(seconds=shop.idle_seconds)}
    known |= {"sender": accounts.sender_of(db, shop.account_id), "shop": shop.name or None}
    return programme_checks.problems(form, shop.country, shop.currency, **known)


def save(
    db: Connection,
    shop_id: int,
    name: str,
    form: Programme,
    author: str,
    now: datetime,
    seen: int | None = None,
) -> int:
    """Keep `form` as the newest version of the shop's programme of that name; the version's id.

    `author` names who changed it, for the merchant; `seen` is the number of the version that
    it was made from (0: there was none). What is scheduled is planned anew by
    `planning.follow_versions`. Raises `NotSavable` for what `problems` finds beyond warnings,
    `Newer` where another version than `seen` stands, LookupError for a shop that is not known.
    """
    shop = shops.by_id(db, shop_id)
    if shop is None:
        raise LookupError("no such shop")
    found = problems(db, form, shop)
    if not programme_checks.may_be_saved(found):
        raise NotSavable(found)
    programme_id = _programme(db, shop_id, name, form.start, now)
    numbers = select(func.max(_VERSIONS.c.number)).where(_VERSIONS.c.programme_id == programme_id)
    stands = db.execute(numbers).scalar_one() or 0
    if seen is not None and seen != stands:
        raise Newer(stands)
    row = {"programme_id": programme_id, "number": stands + 1, "form": written(form)}
    made = _VERSIONS.insert().values(**row, author=author, at=now).returning(_VERSIONS.c.id)
    version_id = int(db.execute(made).scalar_one())
    mine = _PROGRAMMES.c.id == programme_id
    values = {"version_id": version_id, "replan": True, "split_at": now if form.adaptive else None}
    db.execute(update(_PROGRAMMES).where(mine).values(**values))
    notices.settle(db, words_subject(shop_id), now)
    return version_id


def switch(db: Connection, shop_id: int, name: str, is_on: bool) -> bool:
    """Switch a programme on or off; False where there is none of that name."""
    mine = (_PROGRAMMES.c.shop_id == shop_id, _PROGRAMMES.c.name == name)
    changed = update(_PROGRAMMES).where(*mine).values(is_on=is_on, replan=True)
    return db.execute(changed.returning(_PROGRAMMES.c.id)).first() is not None


def changed(db: Connection) -> list[Any]:
    """Programmes whose scheduled reminders may still follow another version."""
    columns = [_PROGRAMMES.c[name] for name in ("id", "shop_id", "name", "version_id", "is_on")]
    return list(db.execute(select(*columns).where(_PROGRAMMES.c.replan.is_(True))))


def followed(db: Connection, programme: Any) -> None:
    """All its reminders follow that version now; a version saved meanwhile stays to be done."""
    same = (
        _PROGRAMMES.c.id == programme.id,
        _PROGRAMMES.c.version_id == programme.version_id,
        _PROGRAMMES.c.is_on.is_(programme.is_on),
    )
    db.execute(update(_PROGRAMMES).where(*same).values(replan=False))


def versions(db: Connection, shop_id: int, name: str) -> list[Any]:
    """All versions, the newest first: `id`, `number`, `form` (JSON), `author`, `at`."""
    columns = [_VERSIONS.c[each] for each in ("id", "number", "form", "author", "at")]
    rows = db.execute(
        select(*columns)
        .join(_PROGRAMMES, _PROGRAMMES.c.id == _VERSIONS.c.programme_id)
        .where(_PROGRAMMES.c.shop_id == shop_id, _PROGRAMMES.c.name == name)
        .order_by(_VERSIONS.c.number.desc())
    )
    return list(rows)


def held(db: Connection, shop_id: int, name: str) -> tuple[int, bool, Programme] | None:
    """The newest version's number, whether the programme is on, and its content; None: none."""
    row = db.execute(
        select(_VERSIONS.c.number, _VERSIONS.c.form, _PROGRAMMES.c.is_on)
        .join(_VERSIONS, _VERSIONS.c.id == _PROGRAMMES.c.version_id)
        .where(_PROGRAMMES.c.shop_id == shop_id, _PROGRAMMES.c.name == name)
    ).first()
    return None if row is None else (row.number, row.is_on, _read(row.form))


def of_versions(db: Connection, ids: Iterable[int]) -> dict[int, Programme]:
    """The content of these versions."""
    rows = db.execute(select(_VERSIONS.c.id, _VERSIONS.c.form).where(_VERSIONS.c.id.in_(ids)))
    return {row.id: _read(row.form) for row in rows}


def _learned(db: Connection, runs: Mapping[int, Running]) -> dict[int, Running]:
    """Those that have learned shares by now, with them; by shop."""
    ids = [run.version_id for run in runs.values() if run.form.adaptive and run.version_id]
    splits = split_rows.standing(db, ids) if ids else {}
    return {
        shop_id: replace(run, split=splits[run.version_id])
        for shop_id, run in runs.items()
        if run.version_id in splits
    }


def _running(row: Any) -> Running:
    try:
        form = _read(row.form)
    except UnreadableProgramme as error:  # written by a newer release, say; stops no other shop
        log.error("version %s of a programme cannot be read, nothing is planned: %s", row.id, error)
        return Running(CART, row.id, ALONE.form, row.programme_id)
    if not row.is_on:
        form = Programme(start=form.start, steps=(), holdout=0.0)
    return Running(CART, row.id, form, row.programme_id)


def _programme(db: Connection, shop_id: int, name: str, start: Start, now: datetime) -> int:
    mine = select(_PROGRAMMES.c.id).where(
        _PROGRAMMES.c.shop_id == shop_id, _PROGRAMMES.c.name == name
    )
    if db.dialect.name != "sqlite":  # which has one writer anyway
        mine = mine.with_for_update()
    found = db.execute(mine).first()
    if found is not None:
        return int(found.id)
    row = {"shop_id": shop_id, "name": name, "start": start.value, "is_on": True, "created_at": now}
    made = _PROGRAMMES.insert().values(**row).returning(_PROGRAMMES.c.id)
    return int(db.execute(made).scalar_one())


@lru_cache(maxsize=1000)
def _read(form: str) -> Programme:
    return read(form)


@lru_cache(maxsize=1000)
def _one_text(delay_seconds: int) -> Programme:
    step = Step(number=1, channel=Channel.SMS, delay=Delay(below=delay_seconds))
    return Programme(start=Start.CART, steps=(step,), holdout=0.0)


def _in_arm(form: Programme, arm: str) -> Programme:
    others = next((each.steps for each in form.variants if each.name == arm), ())
    if not others:
        return form
    by_number = {step.number: step for step in (*form.steps, *others)}
    return structs.replace(form, steps=tuple(by_number[number] for number in sorted(by_number)))
