"""Changes of a shop's settings: checked against what was seen, kept with who and when, undone.

A form carries the mark (`mark_of`) of the values that it showed. Who saves values that
somebody else changed meanwhile is told by `Changed`, and nothing is overwritten.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select, update

from recovery import tables

_CHANGES, _SHOPS = tables.changes, tables.shops
SHOP = "shop"  # the subject of changes to a shop's own row


class Changed(Exception):
    """Somebody changed it since it was shown; `change_id` of the latest one, if one is kept."""

    def __init__(self, change_id: int | None) -> None:
        super().__init__("changed since it was shown")
        self.change_id = change_id


@dataclass(frozen=True, slots=True)
class Change:
    """A row of `changes`, read."""

    id: int
    member_id: int | None
    at: datetime
    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    undoes: int | None


def values_of(db: Connection, shop_id: int, names: Iterable[str]) -> dict[str, Any]:
    """Columns of the shop's row as they stand."""
    columns = [_SHOPS.c[name] for name in names]
    row = db.execute(select(*columns).where(_SHOPS.c.id == shop_id)).one()
    return dict(row._mapping)


def mark_of(values: Mapping[str, Any]) -> str:
    """A short mark of values: the same for the same values."""
    return hashlib.sha256(_written(values).encode()).hexdigest()[:20]


def set_of_shop(
    db: Connection,
    shop_id: int,
    values: Mapping[str, Any],
    now: datetime,
    *,
    member_id: int | None = None,
    seen: str | None = None,
    undoes: int | None = None,
) -> int | None:
    """Write columns of the shop's row and keep the change; its id, or None if nothing changes.

    `seen` is the mark of the same columns as they were shown. Raises `Changed`.
    """
    db.execute(select(_SHOPS.c.id).where(_SHOPS.c.id == shop_id).with_for_update())
    before = values_of(db, shop_id, values)
    if seen is not None and mark_of(before) != seen:
        raise Changed(_latest(db, shop_id, SHOP))
    after = {name: value for name, value in values.items() if value != before[name]}
    if not after:
        return None
    db.execute(update(_SHOPS).where(_SHOPS.c.id == shop_id).values(**after))
    was = {name: before[name] for name in after}
    return keep(db, shop_id, SHOP, was, after, now, member_id=member_id, undoes=undoes)


def keep(
    db: Connection,
    shop_id: int,
    subject: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
    *,
    member_id: int | None = None,
    undoes: int | None = None,
) -> int:
    """Write down a change that was made; its id."""
    row = {"shop_id": shop_id, "member_id": member_id, "at": now, "subject": subject}
    row |= {"before": _written(before), "after": _written(after), "undoes": undoes}
    made = _CHANGES.insert().values(**row).returning(_CHANGES.c.id)
    return int(db.execute(made).scalar_one())


def undo(
    db: Connection, shop_id: int, change_id: int, now: datetime, member_id: int | None = None
) -> int | None:
    """Put a change of the shop's row back, as a change of its own; None: no such change.

    Raises `Changed` when one of its values was changed again since.
    """
    found = by_id(db, shop_id, change_id)
    if found is None or found.subject != SHOP:
        return None
    seen = mark_of(found.after)
    stands = values_of(db, shop_id, found.after)
    if mark_of(stands) != seen:
        raise Changed(_latest(db, shop_id, SHOP))
    who = {"member_id": member_id, "undoes": change_id}
    return set_of_shop(db, shop_id, found.before, now, seen=seen, **who)


def by_id(db: Connection, shop_id: int, change_id: int) -> Change | None:
    """That change of that shop, or None."""
    asked = select(_CHANGES).where(_CHANGES.c.id == change_id, _CHANGES.c.shop_id == shop_id)
    row = db.execute(asked).first()
    return None if row is None else _read(row)


def latest(
    db: Connection, shop_id: int, most: int = 100, before: int | None = None
) -> list[Change]:
    """The latest changes of a shop, newest first; only those older than the change `before`."""
    asked = select(_CHANGES).where(_CHANGES.c.shop_id == shop_id)
    if before is not None:
        asked = asked.where(_CHANGES.c.id < before)
    asked = asked.order_by(_CHANGES.c.at.desc(), _CHANGES.c.id.desc()).limit(most)
    return [_read(row) for row in db.execute(asked)]


def _latest(db: Connection, shop_id: int, subject: str) -> int | None:
    mine = (_CHANGES.c.shop_id == shop_id, _CHANGES.c.subject == subject)
    newest = select(_CHANGES.c.id).where(*mine).order_by(_CHANGES.c.id.desc()).limit(1)
    return db.execute(newest).scalar()


def _read(row: Any) -> Change:
    before, after = json.loads(row.before), json.loads(row.after)
    return Change(row.id, row.member_id, row.at, row.subject, before, after, row.undoes)


def _written(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, default=_plain)


def _plain(value: Any) -> str | int:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a {type(value).__name__} is not kept as a change")
