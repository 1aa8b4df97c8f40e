"""When a reminder leaves: idle time, decent hours, holidays, the twelve-hour promise.

Pure. Every moment, in and out, is aware UTC; local zones exist in here only.
The hours themselves are rows of `recovery.sending_hours`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone as phone_zones

from recovery.contacts import region_of
from recovery.reasons import Reason
from recovery.region_zones import zones_of_region
from recovery.sending_hours import HoursRule, Window, rule_for

PROMISE = timedelta(hours=12)  # from the shopper's last change to the first message
LAST_RESORT = timedelta(hours=48)  # how far decent hours may hold a text, marked late
FIRST_HOUR = timedelta(hours=1)  # in which a text that was held past the promise leaves
LEAST_IDLE = timedelta(minutes=15)
ROOM = timedelta(minutes=1)  # between what is planned and the end of its time
MINUTE = timedelta(minutes=1)
#: A welcome is one for so long after the box was ticked: past any row of days of rest, and
#: past the day that it may wait behind a reminder.
WELCOME = timedelta(days=7)
HORIZON_DAYS = 10  # longer than any row of days of rest

#: The hours of texts that a shopper asked for. The rows of `sending_hours` are about
#: marketing; a parcel that comes on a Sunday is news on that Sunday.
ASKED_HOURS = HoursRule("House rule for texts that were asked for: 8-21 h, every day.")


@dataclass(frozen=True, slots=True)
class AskedRule:
    """When one sort of asked-for text is news, counted from what it tells of.

    For `at_once` it may leave at any hour, then in `ASKED_HOURS`, and never after `stale`.
    """

    at_once: timedelta
    stale: timedelta
    because: str


_NEVER_AT_ONCE = timedelta(0)
#: To add a text, add a row.
ASKED: dict[str, AskedRule] = {
    "opt_in": AskedRule(
        timedelta(minutes=30), timedelta(hours=24), "the shopper left the number just now"
    ),
    "confirmed": AskedRule(
        timedelta(minutes=30), timedelta(hours=6), "the shopper ordered just now"
    ),
    "shipped": AskedRule(
        _NEVER_AT_ONCE, timedelta(hours=48), "a parcel leaves at night, too; nobody waits up for it"
    ),
    "out_for_delivery": AskedRule(
        _NEVER_AT_ONCE, timedelta(hours=12), "it is about this day's delivery"
    ),
    "refunded": AskedRule(_NEVER_AT_ONCE, timedelta(hours=72), "money takes days to come anyway"),
    "back_in_stock": AskedRule(
        _NEVER_AT_ONCE, timedelta(hours=48), "asked again before it leaves: is it still so?"
    ),
    "price_drop": AskedRule(
        _NEVER_AT_ONCE, timedelta(hours=48), "asked again before it leaves: is it still so?"
    ),
}


class Shift(StrEnum):
    """Why a reminder leaves when it does."""

    AS_PLANNED = "as planned"
    BROUGHT_FORWARD = "brought forward to before closing"
    HELD = "held until opening"
    LATE = "late: no decent hour within twelve hours"


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder may leave from `at`, and never after `latest`; `late`: past the promise."""

    at: datetime
    latest: datetime
    late: bool
    reason: Shift


@dataclass(frozen=True, slots=True)
class NotInTime:
    """No text can leave in time: the step is skipped, with this reason."""

    reason: Reason


@lru_cache(maxsize=2_000)
def zones_of(
    phone: str | None,
    cart_country: str | None,
    cart_region: str | None,
    shop_timezone: str | None,
) -> tuple[str, ...]:
    """The zones a recipient may be in: by E.164 `phone`, else the cart's place, else the shop's.

    Several mean that the hour must be decent in all of them. When nothing is
    known the answer is ("UTC",), never empty.
    """
    choices = (
        _zones_of_phone(phone),
        zones_of_region(cart_country, cart_region),
        (shop_timezone or "",),
    )
    for zones in choices:
        known = tuple(dict.fromkeys(name for name in zones if _zone(name) is not None))
        if known:
            return known
    return ("UTC",)


def _zones_of_phone(phone: str | None) -> tuple[str, ...]:
    try:
        parsed = phonenumbers.parse(phone or "")
    except phonenumbers.NumberParseException:
        return ()
    zones: tuple[str, ...] = phone_zones.time_zones_for_number(parsed)
    return tuple(zone for zone in zones if zone != phone_zones.UNKNOWN_TIMEZONE)


def hours_of(
    phone: str | None,
    cart_country: str | None,
    cart_region: str | None,
    shop_country: str | None = None,
) -> HoursRule:
    """The row that holds for a recipient: the phone's country, else the cart's, else the shop's.

    The cart's region counts only inside the country that decides.
    """
    country = region_of(phone) or cart_country or shop_country
    same = (cart_country or "").strip().upper() == (country or "").strip().upper()
    return rule_for(country, cart_region if same else None)


def is_decent(
    moment: datetime, hours: HoursRule, zones: tuple[str, ...], any_hour: bool = False
) -> bool:
    """May a marketing text leave at `moment`, by the local clock of every one of `zones`?"""
    _check_aware(moment)
    return any_hour or all(_is_open(moment.astimezone(zone), hours) for zone in _known(zones))


def next_decent(
    moment: datetime, hours: HoursRule, zones: tuple[str, ...], any_hour: bool = False
) -> datetime | None:
    """The first decent moment at or after `moment`; None when there is none in ten days."""
    if is_decent(moment, hours, zones, any_hour):
        return moment
    # Decent time begins only where some zone opens, so these moments are all to try.
    openings = sorted(at for at, _ in _windows(moment, hours, zones, forward=True))
    return next((at for at in openings if at >= moment and is_decent(at, hours, zones)), None)


def last_decent_before(
    moment: datetime, hours: HoursRule, zones: tuple[str, ...], any_hour: bool = False
) -> datetime | None:
    """`moment` itself if it is decent, else the last decent minute before; None as above."""
    if is_decent(moment, hours, zones, any_hour):
        return moment
    last_minutes = [at - MINUTE for _, at in _windows(moment, hours, zones, forward=False)]
    decent = (at for at in sorted(last_minutes, reverse=True) if is_decent(at, hours, zones))
    return next((at for at in decent if at <= moment), None)


def abandoned_at(changed_at: datetime, idle: timedelta) -> datetime:
    """When a cart counts as abandoned: `idle` after the shopper's last change."""
    _check_aware(changed_at)
    return changed_at + idle


def first_step_due(
    changed_at: datetime,
    abandoned_at: datetime,
    delay: timedelta,
    hours: HoursRule,
    zones: tuple[str, ...],
    *,
    any_hour: bool = False,
    not_before: datetime | None = None,
) -> Due | NotInTime:
    """When the first text of a programme leaves, and the last moment at which it may.

    It is due `delay` after `abandoned_at`. The promise of twelve hours runs from
    `changed_at`, the shopper's last change; a delay that would break it is cut short.
    A due time outside decent hours is brought forward to the last decent minute if the
    cart is idle for 15 minutes by then, else held until opening.

    `latest` is the end of the twelve hours. Only where no decent hour lies between the
    due time and that end it is the end of the first decent hour after, at most 48 hours
    after the change: what leaves then is marked late.

    `not_before` is the present: a moment that has passed is no longer offered. It never
    moves `latest`, so that an outage makes nothing leave later. Brought forward, `at` may
    lie before `abandoned_at`: look at a cart by `look_at`. `any_hour` (sandbox shops)
    lifts hours and the 15 minutes.
    """
    _check_aware(changed_at, abandoned_at)
    promised = changed_at + PROMISE
    floor = changed_at if any_hour else changed_at + LEAST_IDLE
    wanted = max(min(abandoned_at + delay, promised - ROOM), abandoned_at, floor)
    starts = _starts(wanted, floor, changed_at + LAST_RESORT, hours, zones, any_hour)
    if starts is None:
        return NotInTime(Reason.NO_DECENT_HOUR)
    earliest, last_start = starts
    latest = _latest(last_start, changed_at)
    at = _still_to_come(earliest, latest, not_before, hours, zones, any_hour)
    if at is None:
        return NotInTime(Reason.TOO_LATE)
    late = latest > promised and at + ROOM > promised
    return Due(at, latest, late, _shift(at, wanted, late))


def _starts(
    wanted: datetime,
    floor: datetime,
    resort: datetime,
    hours: HoursRule,
    zones: tuple[str, ...],
    any_hour: bool,
) -> tuple[datetime, datetime] | None:
    """Where the time to leave begins: brought forward, if `floor` allows, and held.

    Both are the same moment if there is one of them only; None when none has `ROOM`
    before `resort`.
    """
    opening = next_decent(wanted, hours, zones, any_hour)
    if opening is not None and opening + ROOM > resort:
        opening = None
    before = last_decent_before(wanted, hours, zones, any_hour)
    at = before if before is not None and before >= floor else opening
    last_start = opening or at
    if at is None or last_start is None or last_start + ROOM > resort:
        return None
    return at, last_start


def _latest(last_start: datetime, changed_at: datetime) -> datetime:
    """The end of the promise, or past it if the text cannot even start to leave before."""
    promised = changed_at + PROMISE
    if last_start + ROOM <= promised:
        return promised
    return min(last_start + FIRST_HOUR, changed_at + LAST_RESORT)


def _still_to_come(
    at: datetime,
    latest: datetime,
    not_before: datetime | None,
    hours: HoursRule,
    zones: tuple[str, ...],
    any_hour: bool,
) -> datetime | None:
    """`at`; if that has passed, the next decent moment up to `latest`, or None."""
    if not_before is None or at >= not_before:
        return at
    again = next_decent(not_before, hours, zones, any_hour)
    return again if again is not None and again <= latest else None


def _shift(at: datetime, wanted: datetime, late: bool) -> Shift:
    if late:
        return Shift.LATE
    if at == wanted:
        return Shift.AS_PLANNED
    return Shift.BROUGHT_FORWARD if at < wanted else Shift.HELD


def look_at(abandoned_at: datetime, due: Due | NotInTime) -> datetime:
    """When the clock must look at an open cart, so that nothing brought forward is missed."""
    return min(abandoned_at, due.at) if isinstance(due, Due) else abandoned_at


def may_leave(
    now: datetime,
    latest: datetime,
    hours: HoursRule,
    zones: tuple[str, ...],
    any_hour: bool = False,
) -> bool:
    """Asked right before sending what is due: is it not yet stale, and a decent hour?"""
    return now <= latest and is_decent(now, hours, zones, any_hour)


def asked_due(
    rule: AskedRule,
    happened_at: datetime,
    zones: tuple[str, ...],
    *,
    any_hour: bool = False,
    not_before: datetime,
) -> Due | NotInTime:
    """When a text that was asked for leaves, after `happened_at`, what it tells of.

    `latest` is decided by what happened alone, never by the present (`not_before`).
    """
    _check_aware(happened_at, not_before)
    latest = happened_at + rule.stale
    wanted = max(happened_at, not_before)
    if wanted > latest:
        return NotInTime(Reason.TOO_LATE)
    at = wanted
    if wanted > happened_at + rule.at_once or not rule.at_once:
        found = next_decent(wanted, ASKED_HOURS, zones, any_hour)
        if found is None or found > latest:
            return NotInTime(Reason.NO_DECENT_HOUR)
        at = found
    return Due(at, latest, late=False, reason=Shift.AS_PLANNED if at == wanted else Shift.HELD)


def marketing_due(
    happened_at: datetime,
    latest: datetime,
    hours: HoursRule,
    zones: tuple[str, ...],
    *,
    any_hour: bool = False,
    not_before: datetime,
) -> Due | NotInTime:
    """When marketing that follows `happened_at`, and is no reminder of a cart, may leave.

    From then on, in the hours of marketing, at `not_before` at the earliest and never
    after `latest`.
    """
    _check_aware(happened_at, latest, not_before)
    wanted = max(happened_at, not_before)
    if wanted > latest:
        return NotInTime(Reason.TOO_LATE)
    at = next_decent(wanted, hours, zones, any_hour)
    if at is None or at > latest:
        return NotInTime(Reason.NO_DECENT_HOUR)
    return Due(at, latest, late=False, reason=Shift.AS_PLANNED if at == wanted else Shift.HELD)


def _is_open(local: datetime, hours: HoursRule) -> bool:
    window = hours.window(local.date())
    return window is not None and window[0] <= local.time() < window[1]


def _windows(
    moment: datetime, hours: HoursRule, zones: tuple[str, ...], forward: bool
) -> Iterator[tuple[datetime, datetime]]:
    """Opening and closing, in UTC, of each zone's days from `moment` on, or back from it."""
    for zone in _known(zones):
        today = moment.astimezone(zone).date()
        for ahead in range(HORIZON_DAYS + 1):
            day = today + timedelta(days=ahead if forward else -ahead)
            window = hours.window(day)
            if window is not None:
                yield _in_utc(datetime.combine(day, window[0], zone), window, zone)


def _in_utc(opening: datetime, window: Window, zone: ZoneInfo) -> tuple[datetime, datetime]:
    closing = datetime.combine(opening.date(), window[1], zone)
    return opening.astimezone(UTC), closing.astimezone(UTC)


def _known(zones: tuple[str, ...]) -> list[ZoneInfo]:
    return [zone for zone in map(_zone, zones) if zone is not None] or [ZoneInfo("UTC")]


@lru_cache(maxsize=1000)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown; or a path, a folder
        return None


def _check_aware(*moments: datetime) -> None:
    if any(moment.utcoffset() is None for moment in moments):
        raise ValueError("a moment without a zone: hand in aware UTC")
