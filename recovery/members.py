"""Who looks after a shop, and what they may do. Who somebody is, only the platform proves."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, select, update

from recovery import tables
from recovery.shop_wishes import readable
from recovery.upserts import insert_into

_SEEN_EVERY = timedelta(minutes=10)  # a row is not written at each page

_MEMBERS = tables.members


class Role(StrEnum):
    """What a member may do; each may what the ones before it may."""

    READER = "reader"
    EDITOR = "editor"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        """Greater may more."""
        return list(Role).index(self)


class LastOwner(Exception):
    """A shop keeps at least one owner."""


@dataclass(frozen=True, slots=True)
class Member:
    """A row of `members`."""

    id: int
    shop_id: int
    subject: str
    name: str
    language: str
    role: Role
    added_at: datetime
    last_seen_at: datetime | None
    removed_at: datetime | None

    def may(self, role: Role) -> bool:
        """Whether what `role` may do is theirs to do."""
        return self.removed_at is None and self.role.rank >= role.rank


_COLUMNS = [_MEMBERS.c[field.name] for field in fields(Member)]


def enter(db: Connection, shop_id: int, subject: str, now: datetime) -> Member | None:
    """The member whom the platform proved to be `subject`; the first of a shop is its owner.

    Whoever comes later is a reader until an owner says more. None: an owner took them out.
    """
    _one_at_a_time(db, shop_id)
    found = _one(db, _MEMBERS.c.shop_id == shop_id, _MEMBERS.c.subject == subject)
    if found is None:
        role = Role.READER if _owners(db, shop_id) else Role.OWNER
        new = {"shop_id": shop_id, "subject": subject, "name": "", "language": ""}
        row = new | {"role": role.value, "added_at": now, "last_seen_at": now}
        db.execute(insert_into(db, _MEMBERS).values(**row).on_conflict_do_nothing())
        return _one(db, _MEMBERS.c.shop_id == shop_id, _MEMBERS.c.subject == subject)
    return None if found.removed_at is not None else found


def by_id(db: Connection, shop_id: int, member_id: int) -> Member | None:
    """The member of that shop with that row id who may still enter, or None."""
    here = _MEMBERS.c.shop_id == shop_id
    return _one(db, here, _MEMBERS.c.id == member_id, _MEMBERS.c.removed_at.is_(None))


def by_subject(db: Connection, shop_id: int, subject: str) -> Member | None:
    """The member whom the platform calls that, even one who was taken out; or None."""
    return _one(db, _MEMBERS.c.shop_id == shop_id, _MEMBERS.c.subject == subject)


def of_shop(db: Connection, shop_id: int) -> list[Member]:
    """Everybody who ever was a member, owners first; those taken out last."""
    rows = db.execute(select(*_COLUMNS).where(_MEMBERS.c.shop_id == shop_id))
    found = [_read(row) for row in rows]
    return sorted(found, key=lambda each: (each.removed_at is not None, -each.role.rank, each.id))


def names(db: Connection, shop_id: int) -> dict[int, str]:
    """How each member is called on the pages, by row id."""
    return {each.id: called(each) for each in of_shop(db, shop_id)}


def called(member: Member) -> str:
    """Their name, or what the platform calls them as long as they gave none."""
    return member.name or member.subject.replace(":", " ", 1)


def note_seen(db: Connection, member: Member, now: datetime) -> None:
    """Remember that they were here."""
    mine = update(_MEMBERS).where(_MEMBERS.c.id == member.id)
    db.execute(mine.values(last_seen_at=now))


def is_seen_lately(member: Member, now: datetime) -> bool:
    """Whether `note_seen` has nothing new to tell."""
    return member.last_seen_at is not None and now - member.last_seen_at < _SEEN_EVERY


def call(db: Connection, member: Member, name: str, language: str) -> None:
    """Keep how they want to be called, and in which language they read."""
    mine = update(_MEMBERS).where(_MEMBERS.c.id == member.id)
    db.execute(mine.values(name=" ".join(readable(name).split())[:80], language=language))


def give(db: Connection, shop_id: int, member_id: int, role: Role) -> bool:
    """Let them do what `role` may; False: no such member. Raises `LastOwner`."""
    return _change(db, shop_id, member_id, role, role=role.value)


def take_out(db: Connection, shop_id: int, member_id: int, now: datetime) -> bool:
    """They may not enter any more. Raises `LastOwner`."""
    return _change(db, shop_id, member_id, None, removed_at=now)


def let_in(db: Connection, shop_id: int, member_id: int) -> bool:
    """Who was taken out may enter again, as a reader."""
    mine = (_MEMBERS.c.shop_id == shop_id, _MEMBERS.c.id == member_id)
    back = update(_MEMBERS).where(*mine, _MEMBERS.c.removed_at.is_not(None))
    values = {"removed_at": None, "role": Role.READER.value}
    return db.execute(back.values(**values).returning(_MEMBERS.c.id)).first() is not None


def _change(
    db: Connection, shop_id: int, member_id: int, then: Role | None, **values: object
) -> bool:
    _one_at_a_time(db, shop_id)
    found = by_id(db, shop_id, member_id)
    if found is None:
        return False
    if then is not Role.OWNER and _owners(db, shop_id) == [member_id]:
        raise LastOwner("a shop keeps at least one owner")
    db.execute(update(_MEMBERS).where(_MEMBERS.c.id == member_id).values(**values))
    return True


def _owners(db: Connection, shop_id: int) -> list[int]:
    owner = (_MEMBERS.c.shop_id == shop_id, _MEMBERS.c.role == Role.OWNER.value)
    return list(db.scalars(select(_MEMBERS.c.id).where(*owner, _MEMBERS.c.removed_at.is_(None))))


def _one_at_a_time(db: Connection, shop_id: int) -> None:
    # Two who enter first at once must not both be its owner; on SQLite one writes at a time.
    shop = select(tables.shops.c.id).where(tables.shops.c.id == shop_id)
    db.execute(shop.with_for_update())


def _one(db: Connection, *where: object) -> Member | None:
    row = db.execute(select(*_COLUMNS).where(*where)).first()  # type: ignore[arg-type]
    return None if row is None else _read(row)


def _read(row: object) -> Member:
    values = dict(row._mapping)  # type: ignore[attr-defined]
    return Member(**values | {"role": Role(values["role"])})
