"""When each step of a programme may leave for a cart: one question for what is planned,
planned anew, or put off right before it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from recovery import timing
from recovery.borders import is_above
from recovery.model import Channel
from recovery.programme_form import Programme, Step
from recovery.reasons import Reason
from recovery.sending_hours import HoursRule
from recovery.shops import ShopRow
from recovery.timing import Due, NotInTime

NO_STEP = NotInTime(Reason.NOT_IN_PROGRAMME)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shopper is, as far as sending hours go."""

    hours: Any
    zones: tuple[str, ...]


def place_of(cart: Any, shop: ShopRow) -> Place:
    """The sending hours and zones of the person behind a cart's row."""
    country = cart.country or shop.country
    hours = timing.hours_of(cart.phone, country, cart.region, shop.country)
    return Place(
        wished(hours, shop),
        timing.zones_of(cart.phone, country, cart.region, shop.timezone),
    )


def wished(hours: HoursRule, shop: ShopRow) -> HoursRule:
    """Of the hours that the law allows, those that the merchant wishes."""
    return hours.narrowed(shop.texts_from, shop.texts_until, shop.texts_on_sundays)


def starts_at(cart: Any, shop: ShopRow) -> datetime:
    """When the programme of this cart starts: it was left alone for the shop's idle time."""
    return timing.abandoned_at(cart.left_at, timedelta(seconds=shop.idle_seconds))


def dues(cart: Any, shop: ShopRow, form: Programme, now: datetime) -> dict[int, Due | NotInTime]:
    """By its number, when each step may leave on its own channel, no sooner than `now`.

    The first one within the twelve hours after the shopper's last change; a later one its
    delay after the start, or after the time that was wanted for the step before. An e-mail
    leaves at any hour: no law that we know of gives e-mails hours.
    """
    place = place_of(cart, shop)
    return {
        step.number: _due(cart, shop, form, step, wanted, place, now)
        for step, wanted in _wanted(cart, shop, form)
    }


def due_on(
    cart: Any, shop: ShopRow, form: Programme, number: int, channel: str, now: datetime
) -> Due | NotInTime:
    """When the step of that number may leave on that channel; `NO_STEP` where it may not.

    On another channel than its own it stands in for what could not be sent there: at once,
    where its time has come, and as late as the step itself could have been held.
    """
    for step, wanted in _wanted(cart, shop, form):
        if step.number == number and step.channel == channel:
            return _due(cart, shop, form, step, wanted, place_of(cart, shop), now)
        if step.number == number and step.fallback == channel:
            return _later(wanted, shop, place_of(cart, shop), now, is_any_hour(shop, channel))
    return NO_STEP


def is_any_hour(shop: ShopRow, channel: str) -> bool:
    """Whether a message of that channel may leave at any hour."""
    return shop.any_hour or channel == Channel.EMAIL


def is_large(cart: Any, form: Programme) -> bool:
    """Whether the cart reaches the programme's border; False in a currency without one."""
    return bool(is_above(cart.total, cart.currency, form.border))


def delay_of(step: Step, large: bool) -> timedelta:
    """The step's delay for a cart below the border, or from it on."""
    above = step.delay.above
    return timedelta(seconds=step.delay.below if above is None or not large else above)


def offsets(form: Programme, large: bool) -> dict[int, timedelta]:
    """How long after the start each step is wanted, by its number."""
    found: dict[int, timedelta] = {}
    before = timedelta()
    for step in sorted(form.steps, key=lambda each: each.number):
        since = timedelta() if step.since == "start" else before
        before = found[step.number] = since + delay_of(step, large)
    return found


def times(due: Due | NotInTime, now: datetime) -> dict[str, Any]:
    """The columns in which a reminder keeps what `timing` said, not handed out yet."""
    if isinstance(due, NotInTime):
        return {"due_at": now, "latest_at": now, "late": False, "handed_out_at": None}
    return {"due_at": due.at, "latest_at": due.latest, "late": due.late, "handed_out_at": None}


def _wanted(cart: Any, shop: ShopRow, form: Programme) -> Iterator[tuple[Step, datetime]]:
    start, after = starts_at(cart, shop), offsets(form, is_large(cart, form))
    for step in form.steps:
        yield step, start + after[step.number]


def _due(
    cart: Any,
    shop: ShopRow,
    form: Programme,
    step: Step,
    wanted: datetime,
    place: Place,
    now: datetime,
) -> Due | NotInTime:
    any_hour = is_any_hour(shop, step.channel)
    if step.number > 1:
        return _later(wanted, shop, place, now, any_hour)
    return timing.first_step_due(
        cart.left_at,
        starts_at(cart, shop),
        delay_of(step, is_large(cart, form)),
        place.hours,
        place.zones,
        any_hour=any_hour,
        not_before=now,
    )


def _later(
    wanted: datetime, shop: ShopRow, place: Place, now: datetime, any_hour: bool
) -> Due | NotInTime:
    # No promise binds it to twelve hours; it is stale as late as a first text would be.
    latest = wanted + timing.LAST_RESORT
    return timing.marketing_due(
        wanted, latest, place.hours, place.zones, any_hour=any_hour, not_before=now
    )
