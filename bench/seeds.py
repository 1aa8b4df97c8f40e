"""Many scheduled reminders at once, equal to what the code writes.

One cart goes through the real door and is abandoned and planned by the real clock's
work. Its rows (shopper, cart, keys, consent, reminder) are then copied inside the
database, each with a number of its own in the place of the first one's: in its ids,
keys, phone and e-mail. Only the raw payload is shorter than real ones (they would fill
the disk; nothing that is measured reads it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Integer, String, bindparam, cast, func, literal, select, text

from bench.house import House
from recovery import intake, planning, states, tables
from recovery.columns import Id
from recovery.model import Cart, Channel, Consent, Line, Shopper, Totals
from recovery.shops import ShopRow

_FIRST = 10_000_000  # eight digits, so that "+336" and the number are a French mobile
_PATTERNS = 99_000_000  # and the shop's id: the number of a shop's pattern
_NUMBERED = {"id", "cart_id"}
_COPIED = ("shoppers", "carts", "cart_keys", "consents", "reminders")


@dataclass(frozen=True)
class Pattern:
    """The rows of one reminder as the code wrote them: (table, row)."""

    number: int
    rows: tuple[tuple[Any, Mapping[str, Any]], ...]
    life: timedelta  # from due to the latest moment


def pattern(house: House, shop: ShopRow, now: datetime) -> Pattern:
    """Let one cart come in, be abandoned and planned; its reminder itself is then skipped."""
    number = _PATTERNS + shop.id
    left = now - timedelta(hours=2)

    def work(db: Connection) -> tuple[tuple[Any, Mapping[str, Any]], ...]:
        intake.record(db, [(shop, _cart(left, number))], left)
        planning.abandon_idle(db, now)
        found = tuple(
            (tables.metadata.tables[name], dict(row))
            for name in _COPIED
            for row in _rows_of(db, tables.metadata.tables[name], number)
        )
        ids = [row["id"] for table, row in found if table is tables.reminders]
        assert len(ids) == 1, f"{len(ids)} reminders were planned"
        states.move_all(db, tables.reminders, ids, "skip", {"settled_at": now})
        return found

    rows = house.database.run(work)
    reminder = next(row for table, row in rows if table is tables.reminders)
    return Pattern(number, rows, reminder["latest_at"] - reminder["due_at"])


def next_number(house: House) -> int:
    """The first number that no row has yet."""
    with house.database.reading() as db:
        highest = db.execute(select(func.max(tables.carts.c.id))).scalar_one() or 0
    return max(_FIRST, int(highest) + 1_000)


def copy(db: Connection, made: Pattern, first: int, count: int, due_at: datetime) -> None:
    """`count` reminders that are due at `due_at`, numbered from `first` on."""
    numbers = select(literal(first, Integer).label("i")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i < first + count - 1))
    times = {"due_at": due_at, "latest_at": due_at + made.life}
    for table, row in made.rows:
        values = [
            _value(table.c[name], times.get(name, value), numbers.c.i, str(made.number))
            for name, value in row.items()
        ]
        chosen = select(*values).select_from(numbers)
        db.execute(table.insert().from_select(list(row), chosen, include_defaults=False))


def copy_each(db: Connection, made: Pattern, due: Mapping[int, datetime]) -> None:
    """Reminders with times of their own: number → due time, the numbers without a gap."""
    copy(db, made, min(due), len(due), min(due.values()))
    table = tables.reminders
    change = table.update().where(table.c.id == bindparam("number"))
    times = [
        {"number": number, "due": moment, "latest": moment + made.life}
        for number, moment in due.items()
    ]
    db.execute(change.values(due_at=bindparam("due"), latest_at=bindparam("latest")), times)


def later(house: House, made: Pattern, first: int, count: int, begin: datetime) -> None:
    """`count` reminders due evenly over the day after `begin`."""
    chunk = max(1, min(10_000, count // 20))
    for at in range(0, count, chunk):
        due = begin + timedelta(days=1) * (at / count)
        size = min(chunk, count - at)
        house.database.run(
            lambda db, at=at, due=due, size=size: copy(db, made, first + at, size, due)
        )
    settle(house)


def settle(house: House) -> None:
    """What a database does by itself after a while: statistics, sequences, a written log."""
    if house.kind == "sqlite":
        with house.database.engine.connect() as db:
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with house.database.engine.connect() as db:
        for name in _COPIED:
            if "id" in tables.metadata.tables[name].c:
                sequence = f"pg_get_serial_sequence('{name}', 'id')"
                db.execute(text(f"SELECT setval({sequence}, max(id)) FROM {name}"))
        db.commit()
    with house.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("VACUUM ANALYZE"))


def left_to_do(db: Connection, now: datetime) -> int:
    """How many reminders are due, or on their way, and in no final state."""
    reminders = tables.reminders
    waiting = (reminders.c.state == "scheduled") & (reminders.c.due_at <= now)
    on_the_way = reminders.c.state == "sending"
    many = select(func.count()).select_from(reminders).where(waiting | on_the_way)
    return int(db.execute(many).scalar_one())


def _rows_of(db: Connection, table: Any, number: int) -> list[Any]:
    cart = select(tables.carts.c.id).where(tables.carts.c.key == f"token:t{number}")
    where = {
        "shoppers": lambda: table.c.customer_key == str(number),
        "carts": lambda: table.c.id.in_(cart),
        "cart_keys": lambda: table.c.cart_id.in_(cart),
        "consents": lambda: table.c.address == f"+336{number}",
        "reminders": lambda: table.c.cart_id.in_(cart),
    }[table.name]()
    found = db.execute(select(table).where(where)).mappings().all()
    assert found, f"nothing was written to {table.name}"
    return list(found)


def _value(column: Any, value: Any, number: Any, mark: str) -> Any:
    if column.name in _NUMBERED:
        return cast(number, Id)
    if isinstance(value, str) and mark in value:
        parts = value.split(mark)
        made = literal(parts[0], String)
        for part in parts[1:]:
            made = made.concat(cast(number, String)).concat(literal(part, String))
        return made
    return literal(value, column.type)


def _cart(at: datetime, number: int) -> Cart:
    phone = f"+336{number}"
    lines = tuple(
        Line(f"Tasse {place}", 1, Decimal("18.00"), Decimal("18.00"), str(place), f"1{place}")
        for place in range(2)
    )
    return Cart(
        key=f"token:t{number}",
        name=f"#{number}",
        aliases=(f"cart:c{number}", f"path:/1/checkouts/ac/c{number}/recover"),
        currency="EUR",
        totals=Totals(Decimal("36.00")),
        lines=lines,
        shopper=Shopper(
            customer_key=str(number),
            first_name="Ana",
            last_name="Costa",
            email=f"ana.{number}@example.com",
            phone=phone,
            country="FR",
            locale="fr",
            consents=(Consent(Channel.SMS, phone, True, "shopify checkout", at),),
        ),
        created_at=at,
        changed_at=at,
        sees="webhook",
        way_back=f"https://bench.example/1/checkouts/ac/c{number}/recover?key=k{number}",
        raw="{}",
    )
