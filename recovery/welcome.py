"""The welcome text: one for a number that agreed to marketing in a box of ours, with a code.

A programme of its own, off until the merchant names a code (`shops.welcome_code`). It is
marketing: it needs the consent to stand, keeps the hours and days of rest of marketing, and
comes behind a reminder by a day. It answers the request in which the yes is kept, so that a
number has one row for it at a shop, and it takes a cap that is never free again.

No code is promised that does not work. The platform is asked in the shop's poll, whenever a
text waits (`wanted_code`); what it said counts for `_FRESH`. Before that is known the text
waits, at most `_PATIENCE`; then, or where the code does not work, it is skipped, and the
merchant finds a notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, text, update

from recovery import answer_plans, asks, caps, consent, notices, tables, timing
from recovery.model import Channel
from recovery.reasons import Reason
from recovery.shops import ShopRow
from recovery.step_times import wished
from recovery.timing import Due, NotInTime
from recovery.upserts import insert_into

_SHOPS = tables.shops
_REMINDERS = tables.reminders
_REQUESTS = tables.requests
_CAPS = tables.caps

WELCOME = "welcome"  # the programme, the text, and the slot of its cap
AGREED = "agreed"  # how the request ends: its consent goes on without it
#: What the platform said of the code is true for so long. Longer than `_AGAIN`, so that
#: whoever asked for it still finds it.
_FRESH = timedelta(minutes=3)
_AGAIN = timedelta(minutes=1)  # between two looks for the platform's answer
_PATIENCE = timedelta(days=2)  # with a platform that does not answer
_SOON = timedelta(minutes=2)  # ahead of a text its code is read
_GONE = (
    "The welcome code {code} does not work in the shop: it is not there, is over, has not begun, "
    "or is used up. Texts that would name it are not sent. See code_gone in "
    "docs/when-things-break.md."
)
_UNKNOWN = (
    "For two days the shop did not say whether the welcome code {code} works. Texts that would "
    "name it are not sent. See code_unknown in docs/when-things-break.md."
)

Key = tuple[int, str]  # a shop's id, and a phone


def code_of(db: Connection, shop_id: int) -> str:
    """The code that the shop's welcome texts name; "" while it sends none."""
    return str(db.execute(select(_SHOPS.c.welcome_code).where(_SHOPS.c.id == shop_id)).scalar_one())


# -- planned ---------------------------------------------------------------------------------------


def begin(db: Connection, shop: ShopRow, request: Any, now: datetime) -> None:
    """Plan the text of this yes, which is consent by now; once for its number, ever.

    Skipped it stays so: who took the yes back and gives it anew gets none.
    """
    key = (shop.id, Channel.SMS.value, request.phone)
    word = consent.latest(db, {key}).get(key)
    agreed = word is not None and word.granted and not consent.suppressed(db, {key})
    if not agreed or not code_of(db, shop.id) or _is_welcomed(db, shop.id, request.phone):
        return
    since = max(request.said_at, request.confirmed_at or request.said_at)
    due = _due(request, shop, since, since + timing.WELCOME, now)
    if isinstance(due, Due):  # one said too long ago says nothing against a later one
        answer_plans.keep(db, shop, request, WELCOME, "", due, now)


def call_off(db: Connection, shop_id: int, phone: str, reason: Reason, now: datetime) -> None:
    """Skip the text that is planned for this number, for good."""
    here = (_REQUESTS.c.phone == phone, _REQUESTS.c.shop_id == shop_id)
    mine = select(_REQUESTS.c.id).where(*here, _REQUESTS.c.kind == asks.MARKETING)
    answer_plans.call_off(db, [row.id for row in db.execute(mine)], reason, now)


def _is_welcomed(db: Connection, shop_id: int, phone: str) -> bool:
    # Longer than its request: that is put away a year after its end.
    return bool(_taken(db, {(shop_id, phone)}, WELCOME))


# -- looked at, right before it leaves ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knew of the people of some of these texts."""

    words: dict[tuple[int, str, str], consent.Word] = field(default_factory=dict)
    reminded: dict[Key, datetime] = field(default_factory=dict)


def look_up(db: Connection, rows: Sequence[Any]) -> Known:
    """Read once what the questions about these claimed texts need."""
    mine = {(row.shop_id, row.phone) for row in rows if row.programme == WELCOME}
    if not mine:
        return Known()
    words = consent.latest(db, {(shop_id, Channel.SMS.value, phone) for shop_id, phone in mine})
    return Known(words, _taken(db, mine, caps.FIRST_STEP))


def stands(row: Any) -> bool:
    """Whether the request that is answered still says yes; `row` has its end."""
    return row.ended_at is None or row.ended_because == AGREED


def against(row: Any, known: Known) -> list[Reason]:
    """What speaks against welcoming this number, now or later."""
    word = known.words.get((row.shop_id, Channel.SMS.value, row.phone))
    asked = (
        (Reason.NO_CONSENT, word is None or not word.granted),
        (Reason.SWITCHED_OFF, not row.welcome_code),
    )
    return [reason for reason, holds in asked if holds]


def due(row: Any, shop: ShopRow, known: Known, now: datetime) -> Due | NotInTime:
    """When it may leave: now, at a decent hour, or a day after a reminder to this number."""
    reminded_at = known.reminded.get((row.shop_id, row.phone))
    free_at = now if reminded_at is None else reminded_at + timedelta(seconds=shop.cap_seconds)
    if free_at > row.latest_at:
        return NotInTime(Reason.CAPPED)
    return _due(row, shop, now, row.latest_at, max(now, free_at))


def is_code_known(row: Any, now: datetime) -> bool:
    """Whether the platform said lately of the very code that the shop has now if it works."""
    is_it = row.code_read is not None and row.code_read == row.welcome_code
    return bool(is_it and row.code_read_at is not None and row.code_read_at > now - _FRESH)


def wait(row: Any, now: datetime) -> Due | NotInTime:
    """When to look again whether the code is known, within `_PATIENCE` of the first look."""
    latest = min(row.latest_at, now + _PATIENCE)
    if now + _AGAIN > latest:
        return NotInTime(Reason.CODE_UNKNOWN)
    return Due(now + _AGAIN, latest, late=False, reason=timing.Shift.HELD)


def take(db: Connection, row: Any, now: datetime) -> bool:
    """Take the cap of this text, for ever, and note the code that it names.

    False: another one was faster. It is given back when nothing left (`caps.free_caps`).
    """
    cap = {"shop_id": row.shop_id, "address": row.phone, "channel": Channel.SMS.value}
    cap |= {"slot": WELCOME, "taken_at": now, "reminder_id": row.reminder_id}
    taken = (
        insert_into(db, _CAPS)
        .values(**cap)
        .on_conflict_do_update(
            index_elements=[_CAPS.c[name] for name in ("shop_id", "address", "channel", "slot")],
            set_={"taken_at": now},
            where=_CAPS.c.reminder_id == row.reminder_id,
        )
        .returning(_CAPS.c.reminder_id)
    )
    if db.execute(taken).first() is None:
        return False
    named = update(_REMINDERS).where(_REMINDERS.c.id == row.reminder_id)
    db.execute(named.values(code=row.welcome_code))
    return True


def reason_since(db: Connection, row: Any) -> Reason | None:
    """What came up since the look at a group; `CODE_UNKNOWN`: look at it all again.

    `row` is that of `eligibility.reason_since`.
    """
    if not stands(row):
        return Reason.NOT_ASKED
    key = (row.shop_id, Channel.SMS.value, row.recipient)
    word = consent.latest(db, {key}).get(key)
    if word is None or not word.granted:
        return Reason.NO_CONSENT
    still = row.code == row.welcome_code == row.code_read and row.code_works
    return None if still else Reason.CODE_UNKNOWN


def _due(
    row: Any, shop: ShopRow, since: datetime, latest: datetime, not_before: datetime
) -> Due | NotInTime:
    country = row.country or shop.country
    hours = wished(timing.hours_of(row.phone, country, None, shop.country), shop)
    zones = timing.zones_of(row.phone, country, None, shop.timezone)
    return timing.marketing_due(
        min(since, not_before), latest, hours, zones, any_hour=shop.any_hour, not_before=not_before
    )


def _taken(db: Connection, keys: set[Key], slot: str) -> dict[Key, datetime]:
    rows = db.execute(
        select(_CAPS.c.shop_id, _CAPS.c.address, _CAPS.c.taken_at).where(
            _CAPS.c.shop_id.in_({shop_id for shop_id, _ in keys}),
            _CAPS.c.address.in_({phone for _, phone in keys}),
            _CAPS.c.channel == Channel.SMS.value,
            _CAPS.c.slot == slot,
        )
    )
    found = {(row.shop_id, row.address): row.taken_at for row in rows}
    return {key: at for key, at in found.items() if key in keys}


# -- the code, as the platform shows it -----------------------------------------------------------


def wanted_code(db: Connection, shop_id: int, now: datetime) -> str | None:
    """The code to ask the shop's platform about: a text that names it leaves soon. Else None."""
    waits = text(
        "reminders.state = 'scheduled' AND reminders.handed_out_at IS NULL "
        "AND reminders.cart_id IS NULL"
    )
    soon = (_REMINDERS.c.shop_id == shop_id, _REMINDERS.c.due_at <= now + _SOON)
    one = select(_REMINDERS.c.id).where(waits, *soon, _REMINDERS.c.programme == WELCOME)
    if db.execute(one.limit(1)).first() is None:
        return None
    return code_of(db, shop_id) or None


def keep_answer(db: Connection, shop_id: int, code: str, works: bool, now: datetime) -> None:
    """The platform said at `now` whether this code works."""
    said = {"code_read": code, "code_works": works, "code_read_at": now}
    db.execute(update(_SHOPS).where(_SHOPS.c.id == shop_id).values(**said))
    if works:
        settle(db, shop_id, now)


def tell(db: Connection, shop_id: int, reason: Reason, now: datetime) -> None:
    """A text was skipped for its code: the merchant must know."""
    words = {Reason.CODE_GONE: _GONE, Reason.CODE_UNKNOWN: _UNKNOWN}[reason]
    told = words.format(code=code_of(db, shop_id))
    notices.tell(db, _subject(shop_id), told, now, shop_id)


def settle(db: Connection, shop_id: int, now: datetime) -> None:
    """The code works, or is another one, or none, by now."""
    notices.settle(db, _subject(shop_id), now)


def _subject(shop_id: int) -> str:
    return f"shop.{shop_id}.welcome_code"
