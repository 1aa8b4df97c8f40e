"""Which reminders asked "why was it left?": read from the version they were planned by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from recovery import programmes, tables
from recovery.programme_form import Programme

_REMINDERS, _CARTS = tables.reminders, tables.carts
_PROGRAMMES, _VERSIONS = tables.programmes, tables.programme_versions
#: `reminders.words` of a text that asks, where the row itself says so.
WHY = "why"


def asks_why(form: Programme, number: int, arm: str | None) -> bool:
    """Whether that step asks, for people of that arm (a variant may have its own step)."""
    of_arm = [step for each in form.variants if each.name == arm for step in each.steps]
    found = next((step for step in (*of_arm, *form.steps) if step.number == number), None)
    return found is not None and found.asks_why


def is_survey(db: Connection, reminder: Any) -> bool:
    """Whether the reminder of this row asked why."""
    if reminder.words == WHY:
        return True
    if reminder.version_id is None:
        return False
    form = programmes.of_versions(db, [reminder.version_id]).get(reminder.version_id)
    return form is not None and asks_why(form, reminder.step, reminder.arm)


def sent(db: Connection, shop_id: int, since: datetime, until: datetime) -> list[Any]:
    """The surveys that left in [since, until): the reminder's `id` and `state`, and of its
    cart `total`, `currency`, `country`, `phone`, `lines`."""
    forms = _asking_forms(db, shop_id)
    asks = or_(_REMINDERS.c.words == WHY, _REMINDERS.c.version_id.in_(forms))
    rows = db.execute(
        select(
            *(_REMINDERS.c[name] for name in ("id", "state", "version_id", "step", "arm", "words")),
            *(_CARTS.c[name] for name in ("total", "currency", "country", "phone", "lines")),
        )
        .join(_CARTS, _CARTS.c.id == _REMINDERS.c.cart_id)
        .where(
            _REMINDERS.c.shop_id == shop_id,
            _REMINDERS.c.sent_at >= since,
            _REMINDERS.c.sent_at < until,
            asks,
        )
        .order_by(_REMINDERS.c.id)
    )
    return [
        row
        for row in rows
        if row.words == WHY
        or (row.version_id in forms and asks_why(forms[row.version_id], row.step, row.arm))
    ]


def _asking_forms(db: Connection, shop_id: int) -> dict[int, Programme]:
    """The versions of the shop's programmes in which some step asks."""
    rows = db.execute(
        select(_VERSIONS.c.id)
        .join(_PROGRAMMES, _PROGRAMMES.c.id == _VERSIONS.c.programme_id)
        .where(_PROGRAMMES.c.shop_id == shop_id)
    )
    forms = programmes.of_versions(db, [row.id for row in rows])
    return {each: form for each, form in forms.items() if _asks_anywhere(form)}


def _asks_anywhere(form: Programme) -> bool:
    steps = (*form.steps, *(step for each in form.variants for step in each.steps))
    return any(step.asks_why for step in steps)
