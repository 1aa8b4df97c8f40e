"""The versions of a shop's programme a page at a time, and who switched it on or off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from recovery import changes, programmes, tables
from recovery.changes import Change
from recovery.programme_form import Programme, UnreadableProgramme, read

_PROGRAMMES, _VERSIONS = tables.programmes, tables.programme_versions
_CHANGES = tables.changes
SUBJECT = "programme"  # of a change: a programme was switched on or off
PAGE = 20


@dataclass(frozen=True, slots=True)
class Version:
    """A version as it was kept; `form` None: a newer release wrote it."""

    number: int
    form: Programme | None
    author: str
    at: datetime


def newest(db: Connection, shop_id: int, name: str) -> Version | None:
    """The version that runs, or waits while the programme is off; None: there is no programme."""
    row = db.execute(
        _of_shop(shop_id, name).where(_VERSIONS.c.id == _PROGRAMMES.c.version_id)
    ).first()
    return None if row is None else _version(row)


def of_number(db: Connection, shop_id: int, name: str, number: int) -> Version | None:
    """The version of that number, or None."""
    row = db.execute(_of_shop(shop_id, name).where(_VERSIONS.c.number == number)).first()
    return None if row is None else _version(row)


def page(
    db: Connection, shop_id: int, name: str, before: int | None = None, most: int = PAGE
) -> list[Version]:
    """Up to `most` versions, newest first, of numbers below `before`."""
    asked = _of_shop(shop_id, name).order_by(_VERSIONS.c.number.desc()).limit(most)
    if before is not None:
        asked = asked.where(_VERSIONS.c.number < before)
    return [_version(row) for row in db.execute(asked)]


def is_on(db: Connection, shop_id: int, name: str) -> bool | None:
    """Whether the programme is on; None: there is none of that name."""
    asked = select(_PROGRAMMES.c.is_on)
    mine = (_PROGRAMMES.c.shop_id == shop_id, _PROGRAMMES.c.name == name)
    found = db.execute(asked.where(*mine)).scalar()
    return None if found is None else bool(found)


def switch(
    db: Connection,
    shop_id: int,
    name: str,
    on: bool,
    now: datetime,
    *,
    member_id: int | None = None,
    undoes: int | None = None,
) -> int | None:
    """Switch a programme on or off and keep who did; the change's id, or None: it stands so."""
    stands = is_on(db, shop_id, name)
    if stands is None or stands is on or not programmes.switch(db, shop_id, name, on):
        return None
    was, new = {name: stands}, {name: on}
    by = {"member_id": member_id, "undoes": undoes}
    return changes.keep(db, shop_id, SUBJECT, was, new, now, **by)


def last_switch(db: Connection, shop_id: int, name: str) -> Change | None:
    """The latest time that it was switched."""
    mine = (_CHANGES.c.shop_id == shop_id, _CHANGES.c.subject == SUBJECT)
    asked = select(_CHANGES.c.id).where(*mine)
    asked = asked.order_by(_CHANGES.c.at.desc(), _CHANGES.c.id.desc()).limit(1)
    found = db.execute(asked).scalar()
    change = None if found is None else changes.by_id(db, shop_id, int(found))
    return change if change is not None and name in change.after else None


def _of_shop(shop_id: int, name: str) -> Any:
    columns = [_VERSIONS.c[each] for each in ("number", "form", "author", "at")]
    mine = (_PROGRAMMES.c.shop_id == shop_id, _PROGRAMMES.c.name == name)
    joined = _PROGRAMMES.c.id == _VERSIONS.c.programme_id
    return select(*columns).join(_PROGRAMMES, joined).where(*mine)


def _version(row: Any) -> Version:
    try:
        form: Programme | None = read(row.form)
    except UnreadableProgramme:
        form = None
    return Version(row.number, form, row.author, row.at)
