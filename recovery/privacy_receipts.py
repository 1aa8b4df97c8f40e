"""What was asked about people's data, by which way it came, and when it was done.

A receipt of an export holds the person's marks until somebody fetched the file, or for
`MARKS_LIFE`; a receipt of an erasing never holds any.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from recovery import tables
from recovery.people import Marks

MARKS_LIFE = timedelta(days=60)
#: The GDPR's month for an answer (article 12 (3)).
ANSWER_WITHIN = timedelta(days=30)
LIFE = timedelta(days=3 * 365)
_RECEIPTS = tables.privacy_receipts
_MARKS = ("customer_key", "email", "phone")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A row of `privacy_receipts`. `removed`: rows that named the person; `retained`: stops."""

    id: int
    kind: str
    came_by: str
    member_id: int | None
    asked_at: datetime
    done_at: datetime | None
    removed: int | None
    retained: int | None
    customer_key: str | None
    email: str | None
    phone: str | None

    @property
    def marks(self) -> Marks:
        """Who is meant, as long as that is known."""
        return Marks(self.customer_key, self.email, self.phone)

    @property
    def names_somebody(self) -> bool:
        """Whether the file can still be made."""
        return any((self.customer_key, self.email, self.phone))


_COLUMNS = [_RECEIPTS.c[field.name] for field in fields(Receipt)]


def ask(
    db: Connection,
    shop_id: int,
    kind: str,
    came_by: str,
    now: datetime,
    marks: Marks | None = None,
    member_id: int | None = None,
) -> int:
    """Write down that this is asked; the receipt's id. `marks` of an export alone."""
    row: dict[str, Any] = {"shop_id": shop_id, "kind": kind, "came_by": came_by, "asked_at": now}
    if marks is not None:
        row |= {name: getattr(marks, name) for name in _MARKS}
    made = _RECEIPTS.insert().values(**row, member_id=member_id).returning(_RECEIPTS.c.id)
    return int(db.execute(made).scalar_one())


def done(
    db: Connection,
    receipt_id: int,
    now: datetime,
    removed: int | None = None,
    retained: int | None = None,
) -> None:
    """It was carried out; the first time counts."""
    mine = update(_RECEIPTS).where(_RECEIPTS.c.id == receipt_id, _RECEIPTS.c.done_at.is_(None))
    db.execute(mine.values(done_at=now, removed=removed, retained=retained))


def of_shop(db: Connection, shop_id: int, most: int = 50) -> list[Receipt]:
    """The latest of a shop: what waits first, then the newest."""
    asked = select(*_COLUMNS).where(_RECEIPTS.c.shop_id == shop_id)
    order = (_RECEIPTS.c.done_at.is_not(None), _RECEIPTS.c.asked_at.desc(), _RECEIPTS.c.id.desc())
    return [Receipt(**row._mapping) for row in db.execute(asked.order_by(*order).limit(most))]


def by_id(db: Connection, shop_id: int, receipt_id: int) -> Receipt | None:
    """That receipt of that shop, or None."""
    mine = (_RECEIPTS.c.id == receipt_id, _RECEIPTS.c.shop_id == shop_id)
    row = db.execute(select(*_COLUMNS).where(*mine)).first()
    return None if row is None else Receipt(**row._mapping)


def is_one_waiting(db: Connection, shop_id: int) -> bool:
    """Whether a file waits to be fetched: of who was erased meanwhile there is none."""
    mine = (_RECEIPTS.c.shop_id == shop_id, _RECEIPTS.c.done_at.is_(None), _named())
    return db.execute(select(_RECEIPTS.c.id).where(*mine).limit(1)).first() is not None


def _named() -> ColumnElement[bool]:
    return or_(*(_RECEIPTS.c[name].is_not(None) for name in _MARKS))


def tidy(db: Connection, now: datetime) -> None:
    """Take the marks off old receipts; drop receipts that nobody asks for any more."""
    old = update(_RECEIPTS).where(_RECEIPTS.c.asked_at < now - MARKS_LIFE, _named())
    db.execute(old.values(**dict.fromkeys(_MARKS)))
    db.execute(delete(_RECEIPTS).where(_RECEIPTS.c.asked_at < now - LIFE))
