"""The arms that people are in, as rows: drawn when a first step is planned, then kept.

A row for each mark of a person (customer id, e-mail, phone), so that the same person is found
again by another device, channel or cart. Where two that were kept apart turn out to be one
person, the earliest arm wins and all their rows are marked `in_conflict`: such a person has
lived in both arms, and counts in the one drawn first. The draw itself is `recovery.arms`.

Nobody is drawn for a cart that was written about already, as when a programme begins to hold
people out: a held-out person who got the first text would be no such person.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update

from recovery import tables
from recovery.arms import CONTROL, HELD_OUT, SLOTS, Kept, arm_of, merged
from recovery.programmes import Running
from recovery.shops import ShopRow
from recovery.states import ReminderState
from recovery.upserts import insert_new

__all__ = ["HELD_OUT", "foretold", "keep"]

log = logging.getLogger(__name__)
_ARMS, _REMINDERS = tables.arms, tables.reminders
_LEFT = (
    ReminderState.SENT,
    ReminderState.DELIVERED,
    ReminderState.UNDELIVERED,
    ReminderState.UNCONFIRMED,
)
_MARKS = ("customer_key", "email", "phone")  # the strongest first: it is what is drawn by
_Marks = tuple[tuple[str, str], ...]


def foretold(
    db: Connection,
    carts: Sequence[Any],
    of: Mapping[int, ShopRow],
    runs: Mapping[int, Running],
    programme: str,
) -> dict[int, str]:
    """By cart, the arm its person is in, or would be drawn into; nothing is kept.

    `carts` have `id`, `shop_id` and the marks; `of` and `runs` are by shop. Carts of nobody,
    and those whose programme compares nothing, have none.
    """
    asked = [cart for cart in carts if _compares(runs[cart.shop_id]) and _marks(cart)]
    held = _held(db, asked, programme)
    late = _written_to(db, asked, programme)
    found = {}
    for cart in asked:
        arm = _arm_in(_of_cart(cart, held))
        if not arm and cart.id not in late:
            arm = _drawn(cart, of[cart.shop_id], runs[cart.shop_id])
        if arm:
            found[cart.id] = arm
    return found


def keep(
    db: Connection,
    carts: Sequence[Any],
    of: Mapping[int, ShopRow],
    runs: Mapping[int, Running],
    programme: str,
    now: datetime,
) -> dict[int, str]:
    """As `foretold`, and each mark that has no row yet gets one, dated `now`.

    Of two processes that draw for one person at once, both find the same rows afterwards.
    """
    asked = [cart for cart in carts if _compares(runs[cart.shop_id]) and _marks(cart)]
    held = _held(db, asked, programme)
    late = _written_to(db, asked, programme)
    fresh: dict[tuple[int, str, str], dict[str, Any]] = {}
    for cart in asked:
        rows = _of_cart(cart, held)
        run = runs[cart.shop_id]
        kept = _arm_in(rows)
        arm = kept or (None if cart.id in late else _drawn(cart, of[cart.shop_id], run))
        if not arm:
            continue
        drawn = {} if kept else _drawn_by(arm, run)
        known = {(row.kind, row.mark) for row in rows}
        for kind, mark in _marks(cart):
            if (kind, mark) not in known:
                row = _row(cart, kind, mark, arm, run, programme, now)
                fresh.setdefault((cart.shop_id, kind, mark), row | drawn)
    insert_new(db, _ARMS, [fresh[key] for key in sorted(fresh)])
    if fresh:
        held = _held(db, asked, programme)
    found = {}
    for cart in asked:
        rows = _of_cart(cart, held)
        if rows:
            _join(db, rows)
        found[cart.id] = _arm_in(rows) or ""
    return found


def _compares(run: Running) -> bool:
    return run.form.holdout > 0 or bool(run.form.variants)


def _marks(cart: Any) -> _Marks:
    return tuple((kind, getattr(cart, kind)) for kind in _MARKS if getattr(cart, kind))


def _written_to(db: Connection, carts: Sequence[Any], programme: str) -> set[int]:
    """Those of the carts about which something left already."""
    mine = (_REMINDERS.c.cart_id.in_([cart.id for cart in carts]), _REMINDERS.c.state.in_(_LEFT))
    rows = db.execute(
        select(_REMINDERS.c.cart_id).where(*mine, _REMINDERS.c.programme == programme).distinct()
    )
    return {row.cart_id for row in rows}


def _drawn(cart: Any, shop: ShopRow, run: Running) -> str | None:
    """The arm of the cart's person; None where the shop cannot draw, which stops no other."""
    kind, mark = _marks(cart)[0]
    weights = run.weights
    variants = [(each.name, weights.get(each.name, 0)) for each in run.form.variants]
    key = shop.draw_key.encode()
    try:
        return arm_of(key, run.programme_id, f"{kind}:{mark}", run.form.holdout, variants)
    except ValueError as error:
        log.error("shop %s: nobody can be drawn into an arm: %s", shop.id, error)
        return None


def _drawn_by(arm: str, run: Running) -> dict[str, Any]:
    """By which shares, and with what chance among the treated, this arm was drawn."""
    weights = run.weights
    chances = weights | {CONTROL: SLOTS - sum(weights.values())}
    return {"split_id": run.split.id if run.split else None, "weight": chances.get(arm)}


def _row(
    cart: Any, kind: str, mark: str, arm: str, run: Running, programme: str, now: datetime
) -> dict[str, Any]:
    return {
        "shop_id": cart.shop_id,
        "programme": programme,
        "kind": kind,
        "mark": mark,
        "arm": arm,
        "version_id": run.version_id,
        "cart_id": cart.id,
        "at": now,
        "in_conflict": False,
        "split_id": None,  # of a mark that is added to a person, nothing was drawn
        "weight": None,
    }


def _held(
    db: Connection, carts: Sequence[Any], programme: str
) -> dict[tuple[int, str, str], list[Any]]:
    """The rows of these people, by each mark: all rows of whoever one of the marks is of."""
    marks = {mark for cart in carts for _, mark in _marks(cart)}
    if not marks:
        return {}
    here = (_ARMS.c.programme == programme, _ARMS.c.shop_id.in_({cart.shop_id for cart in carts}))
    rows = db.execute(select(_ARMS).where(*here, _ARMS.c.mark.in_(marks))).all()
    found: dict[tuple[int, str, str], list[Any]] = {}
    for row in rows:
        found.setdefault((row.shop_id, row.kind, row.mark), []).append(row)
    return found


def _of_cart(cart: Any, held: Mapping[tuple[int, str, str], list[Any]]) -> list[Any]:
    return [row for kind, mark in _marks(cart) for row in held.get((cart.shop_id, kind, mark), ())]


def _arm_in(rows: Sequence[Any]) -> str | None:
    return merged(_kept(rows)).arm if rows else None


def _kept(rows: Sequence[Any]) -> Iterable[Kept]:
    return (Kept(f"{_person(row):020d}", row.arm, row.at) for row in rows)


def _person(row: Any) -> int:
    return int(row.id if row.person is None else row.person)


def _join(db: Connection, rows: Sequence[Any]) -> None:
    """Let these rows, and all of their people, be of one person: that of the earliest."""
    first = min(rows, key=lambda row: (row.at, _person(row)))
    people = {_person(row) for row in rows}
    loose = any(row.person is None and row.id != _person(first) for row in rows)
    if len(people) == 1 and not loose:
        return
    all_rows = or_(_ARMS.c.id.in_(people), _ARMS.c.person.in_(people))
    together: dict[str, Any] = {"person": _person(first), "arm": first.arm}
    if merged(_kept(rows)).in_conflict or any(row.in_conflict for row in rows):
        together["in_conflict"] = True
    db.execute(update(_ARMS).where(all_rows).values(**together))
