"""Days that a merchant marked: since then something is different. And the reasons around one.

Each mark is kept as a change of who made it. One that was taken away can be put back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import Connection, func, select, update

from recovery import changes, tables
from recovery.intervals import Interval, newcombe
from recovery.leaving import NOT_UNDERSTOOD
from recovery.shop_wishes import readable

MOST = 50  # marks of a shop that are shown
LONGEST = 90  # days on either side
#: Answers on each side below which no difference is told.
FEWEST = 20
_MARKS, _REASONS = tables.marks, tables.leaving_reasons


@dataclass(frozen=True, slots=True)
class Mark:
    """A row of `marks`."""

    id: int
    day: date
    words: str
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Around:
    """Answers by reason in as many days before a mark as since; `days` of each side."""

    days: int
    before: Mapping[str, int]
    after: Mapping[str, int]

    def reasons(self) -> list[str]:
        """All that were given on either side, the most given first."""
        both = set(self.before) | set(self.after)
        return sorted(
            both, key=lambda each: (-self.before.get(each, 0) - self.after.get(each, 0), each)
        )

    def sizes(self) -> tuple[int, int]:
        """Answers before, and since."""
        return sum(self.before.values()), sum(self.after.values())

    def difference(self, reason: str) -> Interval | None:
        """Where the share since less the share before may lie, 95 %; None: too few answers."""
        before, after = self.sizes()
        if min(before, after) < FEWEST:
            return None
        return newcombe(self.after.get(reason, 0), after, self.before.get(reason, 0), before)


def of_shop(db: Connection, shop_id: int) -> list[Mark]:
    """The newest days first; those taken away among them."""
    asked = select(*(_MARKS.c[name] for name in ("id", "day", "words", "removed_at")))
    newest = asked.where(_MARKS.c.shop_id == shop_id).order_by(
        _MARKS.c.day.desc(), _MARKS.c.id.desc()
    )
    rows = db.execute(newest.limit(MOST))
    return [Mark(row.id, date.fromisoformat(row.day), row.words, row.removed_at) for row in rows]


def add(
    db: Connection, shop_id: int, day: date, words: str, now: datetime, member_id: int | None
) -> int:
    """Mark a day; the mark's id."""
    told = {"day": day.isoformat(), "words": " ".join(readable(words).split())[:200]}
    row = told | {"shop_id": shop_id, "member_id": member_id, "at": now}
    made = int(db.execute(_MARKS.insert().values(**row).returning(_MARKS.c.id)).scalar_one())
    changes.keep(db, shop_id, f"mark:{made}", {}, told, now, member_id=member_id)
    return made


def take_away(db: Connection, shop_id: int, id_: int, now: datetime, member_id: int | None) -> bool:
    """The mark is shown no more; False: there is none such."""
    return _set(db, shop_id, id_, now, member_id, removed=True)


def put_back(db: Connection, shop_id: int, id_: int, now: datetime, member_id: int | None) -> bool:
    """A mark that was taken away is there again; False: there is none such."""
    return _set(db, shop_id, id_, now, member_id, removed=False)


def _set(
    db: Connection, shop_id: int, id_: int, now: datetime, member_id: int | None, *, removed: bool
) -> bool:
    other = _MARKS.c.removed_at.is_(None) if removed else _MARKS.c.removed_at.is_not(None)
    mine = update(_MARKS).where(_MARKS.c.id == id_, _MARKS.c.shop_id == shop_id, other)
    moved = mine.values(removed_at=now if removed else None).returning(_MARKS.c.day, _MARKS.c.words)
    row = db.execute(moved).first()
    if row is None:
        return False
    told = {"day": row.day, "words": row.words}
    before, after = (told, {}) if removed else ({}, told)
    changes.keep(db, shop_id, f"mark:{id_}", before, after, now, member_id=member_id)
    return True


def around(db: Connection, shop_id: int, day: date, zone: tzinfo, now: datetime) -> Around:
    """The reasons given in the days since, and in as many before; at most `LONGEST` of each."""
    at = datetime.combine(day, time(), zone)
    days = max(0, min(LONGEST, (now.astimezone(zone).date() - day).days + 1))
    span = timedelta(days=days)
    before = _given(db, shop_id, at - span, at)
    return Around(days, before, _given(db, shop_id, at, at + span))


def _given(db: Connection, shop_id: int, since: datetime, until: datetime) -> dict[str, int]:
    here = (_REASONS.c.shop_id == shop_id, _REASONS.c.at >= since, _REASONS.c.at < until)
    asked = select(_REASONS.c.reason, func.count()).where(*here).group_by(_REASONS.c.reason)
    return {reason or NOT_UNDERSTOOD: int(many) for reason, many in db.execute(asked)}
