"""How many numbers that a shop never heard of may ask for texts within an hour.

The boxes are open to everybody, so somebody may type a list of strangers' numbers into
them. The cap of a number (`caps`) spares each stranger; this spares the strangers as a
crowd, and the merchant's bill. Counted in the rows of `requests`, by the time at which it
was asked: what a shop's plugin brings hours late does not count as a crowd of now.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select, union_all

from recovery import notices, tables

_REQUESTS = tables.requests
_ORDERS = tables.orders
WINDOW = timedelta(hours=1)
#: A box is used by some few in a hundred visitors, so 500 new numbers in an hour are the
#: crowd of more than ten thousand visitors. Below that nobody is ever turned away.
MOST_NEW = 500
#: A sale beyond that brings orders, and a list of strangers' numbers brings none.
FOR_EACH_ORDER = 5
_WORDS = (
    "More numbers than usual asked for texts within an hour, without orders to match: at {at} "
    "UTC further new numbers were turned away until the crowd is over. Somebody may be typing "
    "other people's numbers into the box of your shop. Numbers known before, carts and orders "
    "are not touched. See “Floods of numbers” in docs/when-things-break.md."
)


def lets_in(db: Connection, shop_id: int, phone: str, at: datetime, now: datetime) -> bool:
    """Whether this number, which asks at `at`, may be kept; False: it is one too many.

    A number that asked this shop for anything before always may. The merchant is told.
    """
    if _is_known(db, shop_id, phone):
        return True
    many = _new_numbers(db, shop_id, at)
    if many < MOST_NEW:
        if many < MOST_NEW // 2:  # not at each number that finds room for a moment
            notices.settle(db, _subject(shop_id), now)
        return True
    if many < FOR_EACH_ORDER * _orders(db, shop_id, at):
        return True
    notices.tell(db, _subject(shop_id), _WORDS.format(at=f"{now:%Y-%m-%d %H:%M}"), now, shop_id)
    return False


def _is_known(db: Connection, shop_id: int, phone: str) -> bool:
    here = (_REQUESTS.c.phone == phone, _REQUESTS.c.shop_id == shop_id)
    # A no to what was never asked makes nobody known: anybody can say that, too.
    asked = or_(_REQUESTS.c.ended_at.is_(None), _REQUESTS.c.ended_at > _REQUESTS.c.asked_at)
    return db.execute(select(_REQUESTS.c.id).where(*here, asked).limit(1)).first() is not None


def _new_numbers(db: Connection, shop_id: int, at: datetime) -> int:
    """How many numbers were new to the shop in the hour before `at`."""
    since = at - WINDOW
    asked = (_REQUESTS.c.said_at > since, _REQUESTS.c.said_at <= at)
    # One that is older only spoke again.
    new = (*asked, _REQUESTS.c.shop_id == shop_id, _REQUESTS.c.recorded_at > since)
    # Two looks, each by an index of its own: what stands, and what ended meanwhile.
    standing = select(_REQUESTS.c.phone).where(*new, _REQUESTS.c.ended_at.is_(None))
    ended = select(_REQUESTS.c.phone).where(*new, _REQUESTS.c.ended_at > since)
    phones = union_all(standing, ended).subquery()
    return int(db.execute(select(func.count(func.distinct(phones.c.phone)))).scalar_one())


def _orders(db: Connection, shop_id: int, at: datetime) -> int:
    """Orders placed in that hour; they may be told a little later than the box."""
    placed = (_ORDERS.c.placed_at > at - WINDOW, _ORDERS.c.shop_id == shop_id)
    many = select(func.count()).select_from(_ORDERS).where(*placed)
    return int(db.execute(many).scalar_one())


def _subject(shop_id: int) -> str:
    return f"shop.{shop_id}.numbers"
