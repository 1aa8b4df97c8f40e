"""How often one address is written to: rows unique per (shop, address, channel, slot).

1. One reminder of a cart by text, and one by e-mail, per `shops.cap_seconds` (24 hours). So
   are carts that somebody asked to keep.
   And at most `shops.texts_a_week` reminders of carts by text to one number in seven days,
   which are `MOST_A_WEEK` unless the merchant wishes fewer.
2. The text that asks a number to confirm, of which two asked for at once would make two; and
   the e-mail that asks an address.
3. What was asked for: a number of slots for each number and day (`A_DAY`). Anybody can type
   anybody's number into a box, so each text being sent once is not enough.

A cap is taken right before the send, once nothing else speaks against it, and given
back when nothing left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, or_, select

from recovery import tables
from recovery.model import Channel
from recovery.upserts import insert_into

_CAPS = tables.caps
FIRST_STEP = "first step"
OPT_IN = "opt in"
_OPT_IN_SECONDS = 86400
_DAY_SECONDS = 86400
_WEEK = timedelta(days=7)
MOST_A_WEEK = 3  # reminders by text to one number of one shop
_WEEK_SLOTS = tuple(f"week {number}" for number in range(1, MOST_A_WEEK + 1))
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
ORDER = "order"  # the programme that tells of orders
ASKED = "asked"  # all others: what is watched, and the question whether the number is theirs
#: So many texts in 24 hours to one number of one shop.
#: - Asked for: the question, and three answers of the same day. Who watches more things than
#:   that hears of the others when the shop next shows them.
#: - Of orders: somebody placed those, so more is believed; two orders of one day, both
#:   confirmed, shipped, out for delivery and refunded. Yet an order that is paid on delivery
#:   costs a joker nothing.
A_DAY = {ASKED: 4, ORDER: 8}


def take_caps(db: Connection, reminder_ids: Sequence[int], now: datetime) -> set[int]:
    """Take the caps of these claimed reminders; those that may go on.

    Two that race for one number meet on the same row: the later finds it taken.
    Reminders without a usable number need none; they are skipped for that later.
    """
    rows = _wanted(db, reminder_ids)
    capped = [row for row in rows if row.address and row.cap_seconds > 0]
    # In one order everywhere: two workers that want the same numbers never wait in a ring.
    in_order = sorted(capped, key=lambda row: (row.shop_id, row.address))
    _upsert(db, [_values(row, now) for row in in_order])
    got = _got(db, [row.id for row in capped])
    texts = [row for row in capped if row.id in got and row.channel == Channel.SMS]
    got -= _too_many_a_week(db, texts, now)
    return {row.id for row in rows if row not in capped} | got


def _too_many_a_week(db: Connection, rows: Sequence[Any], now: datetime) -> set[int]:
    """Take a slot of the week for each of these; those whose number had them all.

    Nobody else takes one for the same number meanwhile: who comes here holds its day.
    """
    taken = _week_of(db, rows)
    values, too_many = [], set()
    for row in rows:
        slots = taken.get((row.shop_id, row.address), {})
        free = [slot for slot in _WEEK_SLOTS if slots.get(slot, _LONG_AGO) <= now - _WEEK]
        if free and len(_WEEK_SLOTS) - len(free) < row.texts_a_week:
            values.append(_values(row, now) | {"slot": free[0], "free_before": now - _WEEK})
        else:
            too_many.add(row.id)
    _upsert(db, values)
    free_caps(db, sorted(too_many))
    return too_many


def _week_of(db: Connection, rows: Sequence[Any]) -> dict[tuple[int, str], dict[str, datetime]]:
    found: dict[tuple[int, str], dict[str, datetime]] = {}
    if rows:
        columns = [_CAPS.c[name] for name in ("shop_id", "address", "slot", "taken_at")]
        here = (
            _CAPS.c.shop_id.in_({row.shop_id for row in rows}),
            _CAPS.c.address.in_({row.address for row in rows}),
            _CAPS.c.channel == "sms",
            _CAPS.c.slot.in_(_WEEK_SLOTS),
        )
        for row in db.execute(select(*columns).where(*here)):
            found.setdefault((row.shop_id, row.address), {})[row.slot] = row.taken_at
    return found


def take_opt_in(db: Connection, reminder_id: int, shop_id: int, phone: str, now: datetime) -> bool:
    """Take the cap of one text that asks a number to confirm; False: another was faster."""
    wanted = _Wanted(reminder_id, shop_id, phone, _OPT_IN_SECONDS)
    _upsert(db, [_values(wanted, now) | {"slot": OPT_IN}])
    return _holds(db, wanted, OPT_IN) and take_asked(db, reminder_id, shop_id, phone, ASKED, now)


def take_confirm(
    db: Connection,
    reminder_id: int,
    shop_id: int,
    email: str,
    slot: str,
    once_in: timedelta,
    now: datetime,
) -> bool:
    """Take the cap of one e-mail that asks an address to confirm; False: it has had one."""
    seconds = int(once_in.total_seconds())
    wanted = _Wanted(reminder_id, shop_id, email, seconds, Channel.EMAIL.value)
    _upsert(db, [_values(wanted, now) | {"slot": slot}])
    return _holds(db, wanted, slot)


def take_asked(
    db: Connection, reminder_id: int, shop_id: int, phone: str, programme: str, now: datetime
) -> bool:
    """Take one of the day's slots for an asked-for text; False: this number had them all.

    Two that race for one slot meet on its row: the later takes the next.
    """
    wanted = _Wanted(reminder_id, shop_id, phone, _DAY_SECONDS)
    sort = ORDER if programme == ORDER else ASKED
    for number in range(1, A_DAY[sort] + 1):
        slot = f"{sort} {number}"
        _upsert(db, [_values(wanted, now) | {"slot": slot}])
        if _holds(db, wanted, slot):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Wanted:
    id: int
    shop_id: int
    address: str
    cap_seconds: int
    channel: str = Channel.SMS.value


def free_from(db: Connection, reminder_ids: Sequence[int]) -> dict[int, datetime]:
    """By reminder, when its number may be written to again, as far as the day's cap goes."""
    if not reminder_ids:
        return {}
    wanted = _wanted(db, reminder_ids)
    columns = [_CAPS.c[name] for name in ("shop_id", "channel", "address", "taken_at")]
    taken = db.execute(
        select(*columns).where(
            _CAPS.c.shop_id.in_({row.shop_id for row in wanted}),
            _CAPS.c.address.in_({row.address for row in wanted}),
            _CAPS.c.slot == FIRST_STEP,
        )
    )
    at = {(row.shop_id, row.channel, row.address): row.taken_at for row in taken}
    held = {row.id: at.get((row.shop_id, row.channel, row.address)) for row in wanted}
    return {
        row.id: since + timedelta(seconds=row.cap_seconds)
        for row in wanted
        if (since := held[row.id]) is not None
    }


def free_caps(db: Connection, reminder_ids: Sequence[int]) -> None:
    """Give back the caps of reminders that did not leave."""
    if reminder_ids:
        db.execute(delete(_CAPS).where(_CAPS.c.reminder_id.in_(reminder_ids)))


def _wanted(db: Connection, reminder_ids: Sequence[int]) -> list[Any]:
    reminders, carts, shops = tables.reminders, tables.carts, tables.shops
    rows = db.execute(
        select(
            *(reminders.c[name] for name in ("id", "shop_id", "channel")),
            case(
                (reminders.c.channel == Channel.EMAIL.value, carts.c.email), else_=carts.c.phone
            ).label("address"),
            shops.c.cap_seconds,
            shops.c.texts_a_week,
        )
        .join(carts, carts.c.id == reminders.c.cart_id)
        .join(shops, shops.c.id == reminders.c.shop_id)
        .where(reminders.c.id.in_(reminder_ids))
        .order_by(reminders.c.due_at)
    )
    return list(rows)


def _upsert(db: Connection, values: Sequence[dict[str, Any]]) -> None:
    if not values:
        return
    insert = insert_into(db, _CAPS)
    taken = {"taken_at": insert.excluded.taken_at, "reminder_id": insert.excluded.reminder_id}
    free = or_(
        _CAPS.c.taken_at <= bindparam("free_before"),
        _CAPS.c.reminder_id == insert.excluded.reminder_id,
    )
    keys = [_CAPS.c.shop_id, _CAPS.c.address, _CAPS.c.channel, _CAPS.c.slot]
    upsert = insert.on_conflict_do_update(index_elements=keys, set_=taken, where=free)
    db.execute(upsert, values)


def _values(row: Any, now: datetime) -> dict[str, Any]:
    return {
        "shop_id": row.shop_id,
        "address": row.address,
        "channel": row.channel,
        "slot": FIRST_STEP,
        "taken_at": now,
        "reminder_id": row.id,
        "free_before": now - timedelta(seconds=row.cap_seconds),
    }


def _got(db: Connection, reminder_ids: Sequence[int]) -> set[int]:
    if not reminder_ids:
        return set()
    rows = db.execute(select(_CAPS.c.reminder_id).where(_CAPS.c.reminder_id.in_(reminder_ids)))
    return {row.reminder_id for row in rows}


def _holds(db: Connection, wanted: _Wanted, slot: str) -> bool:
    here = (_CAPS.c.shop_id == wanted.shop_id, _CAPS.c.address == wanted.address)
    its = (_CAPS.c.channel == wanted.channel, _CAPS.c.slot == slot)
    row = db.execute(select(_CAPS.c.reminder_id).where(*here, *its)).first()
    return row is not None and bool(row.reminder_id == wanted.id)
