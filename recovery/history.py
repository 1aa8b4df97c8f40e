"""The import of what a shop kept from before we came: how far it is, and who goes on with it.

Orders are read first: a cart that became one of them is not taken for one that was left. The
clock hands out what is due, a worker reads some pages, each stored with its cursor in one
transaction, and gives it back; who is killed loses the page under way and nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from recovery import past_intake, tables
from recovery.model import Page
from recovery.shops import ShopRow
from recovery.upserts import insert_into

ORDERS, CARTS = "orders", "carts"
#: What Shopify shows to every app, and what WooCommerce is asked for; carts of both.
SHOPIFY_DAYS, WOOCOMMERCE_DAYS, CART_DAYS = 60, 730, 90
ALL_ORDERS = "read_all_orders"  # the scope by which Shopify shows older ones
_BEGINNING = datetime(2006, 1, 1, tzinfo=UTC)  # no shop of Shopify's is older
PLATFORMS = ("shopify", "woocommerce")
#: What Redis lost, or a dead worker held, is handed out again after this.
PATIENCE = timedelta(minutes=3)
#: Between two jobs of one import: what the shop lets us ask for is left to polls and sends.
PAUSE = timedelta(seconds=5)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=30)
_ROWS = tables.history_imports


@dataclass(frozen=True, slots=True)
class Import:
    """One of them as it stands. `seen` counts what came; `expected` is about how many will."""

    id: int
    shop_id: int
    what: str
    since: datetime
    until: datetime
    cursor: str | None
    expected: int | None
    seen: int
    tries: int
    error: str | None
    begun_at: datetime | None
    ended_at: datetime | None
    try_at: datetime | None

    @property
    def share(self) -> float | None:
        """How far it is, from 0 to 1; None while nobody knows."""
        if self.ended_at is not None:
            return 1.0
        return min(0.99, self.seen / self.expected) if self.expected else None


_COLUMNS = [_ROWS.c[name] for name in Import.__slots__]


def begin(
    db: Connection, shop: ShopRow, scopes: str, now: datetime, *, again: bool = False
) -> bool:
    """Read that shop's past, from its beginning; False where the platform shows none.

    What is stored already is found again and stays as it is. `again`: it is about the time
    before the install all the same, which began when the shop was connected.
    """
    if shop.platform not in PLATFORMS:
        return False
    until = _install(db, shop) if again else now
    for what, since in _spans(shop.platform, scopes, now):
        row = {"shop_id": shop.id, "what": what, "since": since, "until": until, "try_at": now}
        fresh = {"cursor": None, "expected": None, "seen": 0, "tries": 0, "error": None}
        fresh |= {"begun_at": None, "ended_at": None, "handed_out_at": None}
        insert = insert_into(db, _ROWS).values(**row, **fresh)
        anew = {"since": since, "until": until, "try_at": now, **fresh}
        same = [_ROWS.c.shop_id, _ROWS.c.what]
        db.execute(insert.on_conflict_do_update(index_elements=same, set_=anew))
    return True


def _spans(platform: str, scopes: str, now: datetime) -> list[tuple[str, datetime]]:
    whole = ALL_ORDERS in scopes.split(",")
    days = SHOPIFY_DAYS if platform == "shopify" else WOOCOMMERCE_DAYS
    orders = _BEGINNING if platform == "shopify" and whole else now - timedelta(days=days)
    return [(ORDERS, orders), (CARTS, now - timedelta(days=CART_DAYS))]


def _install(db: Connection, shop: ShopRow) -> datetime:
    """When the shop was connected: what an import already says, else its own row."""
    shops = tables.shops
    said = db.execute(select(func.min(_ROWS.c.until)).where(_ROWS.c.shop_id == shop.id)).scalar()
    own = select(shops.c.installed_at).where(shops.c.id == shop.id)
    found: datetime = said or db.execute(own).scalar_one()
    return found


def of_shop(db: Connection, shop_id: int) -> Sequence[Import]:
    """The imports of a shop, orders first."""
    rows = db.execute(select(*_COLUMNS).where(_ROWS.c.shop_id == shop_id))
    found = [Import(**row._mapping) for row in rows]
    return sorted(found, key=lambda each: each.what != ORDERS)


def is_one_due(db: Connection, now: datetime) -> bool:
    """Whether `hand_out` would find anything; a read."""
    return db.execute(_due(now).limit(1)).first() is not None


def hand_out(db: Connection, now: datetime, most: int = 4) -> list[int]:
    """Those to be gone on with, by id, each for one worker; who waits longest is first."""
    ids = [row.id for row in db.execute(_due(now).order_by(_ROWS.c.try_at).limit(most))]
    taken = update(_ROWS).where(_ROWS.c.id.in_(ids), _is_free(now)).values(handed_out_at=now)
    return [row.id for row in db.execute(taken.returning(_ROWS.c.id))]


def claimed(db: Connection, id_: int) -> Import | None:
    """What was handed out; None where it has ended."""
    found = db.execute(select(*_COLUMNS).where(_ROWS.c.id == id_)).first()
    return None if found is None or found.try_at is None else Import(**found._mapping)


def expect(db: Connection, of: Import, many: int | None, now: datetime) -> None:
    """About so many will come."""
    mine = update(_ROWS).where(_ROWS.c.id == of.id)
    db.execute(mine.values(expected=many, begun_at=of.begun_at or now))


def store_page(
    db: Connection, shop: ShopRow, of: Import, page: Page, now: datetime
) -> Import | None:
    """Store a page with its cursor; how the import stands then.

    None: it has ended by this page, or another worker went on from the same place. Then
    nothing is stored.
    """
    is_last = page.cursor == ""
    there = _ROWS.c.cursor.is_(None) if of.cursor is None else _ROWS.c.cursor == of.cursor
    mine = (_ROWS.c.id == of.id, _ROWS.c.try_at.is_not(None), _ROWS.c.until == of.until, there)
    came = len(page.seen) + len(page.unread)
    values: dict[str, Any] = {"cursor": page.cursor, "seen": _ROWS.c.seen + came}
    values |= {"tries": 0, "error": None, "handed_out_at": now, "begun_at": of.begun_at or now}
    values |= {"try_at": None, "ended_at": now} if is_last else {}
    moved = db.execute(update(_ROWS).where(*mine).values(**values).returning(_ROWS.c.id)).first()
    if moved is None:
        return None
    past_intake.store(db, shop, page, now)
    return None if is_last else claimed(db, of.id)


def give_back(db: Connection, of: Import, now: datetime, wait: timedelta = PAUSE) -> None:
    """So much for now; somebody goes on after `wait`."""
    _later(db, of.id, now + wait)


def failed(db: Connection, of: Import, words: str, now: datetime, wait: float = 0) -> None:
    """It stands still, and says why; each time in a row it waits longer, up to half an hour."""
    backoff = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(of.tries, 10))
    longest = max(backoff, timedelta(seconds=wait))
    _later(db, of.id, now + longest, tries=of.tries + 1, error=words[:300])


def go_on_now(db: Connection, shop_id: int, now: datetime) -> None:
    """The merchant does not want to wait for the next try."""
    waits = (_ROWS.c.shop_id == shop_id, _ROWS.c.try_at.is_not(None))
    db.execute(update(_ROWS).where(*waits).values(try_at=now))


def end(db: Connection, of: Import, now: datetime) -> None:
    """There is nothing to read."""
    done = {"try_at": None, "ended_at": now, "handed_out_at": None}
    db.execute(update(_ROWS).where(_ROWS.c.id == of.id).values(**done))


def _later(db: Connection, id_: int, at: datetime, **also: Any) -> None:
    mine = (_ROWS.c.id == id_, _ROWS.c.try_at.is_not(None))
    db.execute(update(_ROWS).where(*mine).values(try_at=at, handed_out_at=None, **also))


def _due(now: datetime) -> Any:
    orders = tables.history_imports.alias("orders_first")
    before = and_(
        orders.c.shop_id == _ROWS.c.shop_id,
        orders.c.what == ORDERS,
        orders.c.try_at.is_not(None),
    )
    waits = and_(_ROWS.c.what == CARTS, select(orders.c.id).where(before).exists())
    active = select(tables.shops.c.id).where(
        tables.shops.c.id == _ROWS.c.shop_id, tables.shops.c.state == "active"
    )
    return select(_ROWS.c.id).where(_ROWS.c.try_at <= now, _is_free(now), ~waits, active.exists())


def _is_free(now: datetime) -> Any:
    return or_(_ROWS.c.handed_out_at.is_(None), _ROWS.c.handed_out_at < now - PATIENCE)
