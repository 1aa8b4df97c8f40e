from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recovery.reasons import Reason
from recovery.sending_hours import (
    ELSEWHERE,
    FRANCE,
    UNITED_STATES,
    UNKNOWN_STATE,
    US_STATES,
    rule_for,
)
from recovery.timing import (
    Due,
    NotInTime,
    Shift,
    abandoned_at,
    first_step_due,
    hours_of,
    is_decent,
    last_decent_before,
    look_at,
    may_leave,
    next_decent,
    zones_of,
)

PARIS = ("Europe/Paris",)
HALF_HOUR = timedelta(minutes=30)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def local(text: str, zone: str = "Europe/Paris") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def plan(changed: datetime, **kwargs: object) -> Due | NotInTime:
    settled = {"hours": FRANCE, "zones": PARIS, "delay": HALF_HOUR} | kwargs
    return first_step_due(changed, abandoned_at(changed, HALF_HOUR), **settled)  # type: ignore[arg-type]


# --- which zones, which row


def test_the_phone_tells_the_zone_before_the_cart_and_the_shop() -> None:
    assert zones_of("+33612345678", "US", "CA", "Asia/Tokyo") == PARIS
    assert zones_of(None, "US", "CA", "Asia/Tokyo") == ("America/Los_Angeles",)
    assert zones_of(None, None, None, "Asia/Tokyo") == ("Asia/Tokyo",)
    assert zones_of("rubbish", "ZZ", "??", "No/Where") == ("UTC",)


def test_a_number_of_no_zone_is_as_good_as_none() -> None:
    assert zones_of("+881612345678", "FR", None, None) == PARIS


def test_several_possible_zones_are_all_named() -> None:
    assert set(zones_of("+34612345678", None, None, None)) == {"Europe/Madrid", "Atlantic/Canary"}
    assert set(zones_of(None, "US", "FL", None)) == {"America/New_York", "America/Chicago"}
    assert {"Pacific/Honolulu", "America/New_York"} <= set(zones_of(None, "US", None, None))


@pytest.mark.parametrize("zone", ["", "../../etc/passwd", "/etc/passwd", "Europe", "\x00", "é"])
def test_a_strange_zone_of_a_shop_is_ignored(zone: str) -> None:
    assert zones_of(None, None, None, zone) == ("UTC",)


def test_the_row_is_that_of_the_phones_country_then_the_carts_then_the_shops() -> None:
    assert hours_of("+33612345678", "US", "TX", "US") == FRANCE
    assert hours_of("+14155552671", "US", "TX") == US_STATES["TX"]
    assert hours_of("+14155552671", "FR", "TX") == UNKNOWN_STATE
    assert hours_of(None, "fr", None) == FRANCE
    assert hours_of(None, None, None, "FR") == FRANCE
    assert hours_of(None, None, None) == ELSEWHERE


@pytest.mark.parametrize(
    ("state", "hours", "sunday"),
    [("CA", (8, 21), (8, 21)), ("CT", (9, 20), (9, 20)), ("TX", (9, 21), (12, 21))]
    + [(state, (8, 20), (8, 20)) for state in ("FL", "OK", "MD", "MS", "NJ")]
    + [(state, (9, 20), (12, 20)) for state in (None, "", "??", "Texas or so")],
)
def test_american_hours_by_state_and_the_strictest_where_it_is_unknown(
    state: str | None, hours: tuple[int, int], sunday: tuple[int, int]
) -> None:
    row = rule_for("US", state)
    assert (row.opens.hour, row.closes.hour) == hours
    assert row.sundays == (time(sunday[0]), time(sunday[1]))
    assert (row.texts_per_cart, row.cart_texts_within) == (1, timedelta(hours=48))
    assert rule_for("us", f"US-{state}" if state else None) == row


def test_every_row_names_its_source() -> None:
    assert all(row.source for row in (ELSEWHERE, FRANCE, UNITED_STATES, *US_STATES.values()))


def test_overseas_and_alsace_rest_on_their_own_days_as_well() -> None:
    abolition, good_friday = date(2026, 5, 27), date(2026, 4, 3)
    assert rule_for("FR").window(abolition) is not None
    assert rule_for("GP").window(abolition) is None
    assert rule_for("FR", "GP") == rule_for("GP")
    assert rule_for("FR").window(good_friday) is not None
    assert rule_for("FR", "67").window(good_friday) is None


# --- decent hours


@pytest.mark.parametrize(
    ("moment", "decent"),
    [
        ("2026-06-06T07:59:59", False),
        ("2026-06-06T08:00", True),
        ("2026-06-06T19:59:59", True),
        ("2026-06-06T20:00", False),
        ("2026-06-07T12:00", False),  # a Sunday
        ("2026-07-14T12:00", False),  # a national holiday
        ("2026-04-06T12:00", False),  # Easter Monday
        ("2026-03-30T08:00", True),  # the Monday after summer time began
        ("2026-10-26T07:59", False),  # the Monday after it ended
    ],
)
def test_french_hours(moment: str, decent: bool) -> None:
    assert is_decent(local(moment), FRANCE, PARIS) is decent


def test_the_hour_must_be_decent_in_all_possible_zones() -> None:
    zones = ("America/New_York", "America/Los_Angeles")
    moment = local("2026-06-03T09:00", "America/New_York")
    assert is_decent(moment, ELSEWHERE, zones[:1])
    assert not is_decent(moment, ELSEWHERE, zones)
    assert next_decent(moment, ELSEWHERE, zones) == local("2026-06-03T08:00", "America/Los_Angeles")
    late = local("2026-06-03T20:59", "America/Los_Angeles")
    assert last_decent_before(late, ELSEWHERE, zones) == local(
        "2026-06-03T20:59", "America/New_York"
    )


def test_zones_with_no_common_hour_have_no_decent_moment() -> None:
    zones = ("Pacific/Honolulu", "America/Sao_Paulo", "Asia/Kathmandu")
    assert next_decent(local("2026-06-03T09:00"), ELSEWHERE, zones) is None
    assert last_decent_before(local("2026-06-03T09:00"), ELSEWHERE, zones) is None
    never = plan(local("2026-06-03T09:00"), hours=ELSEWHERE, zones=zones)
    assert never == NotInTime(Reason.NO_DECENT_HOUR)


def test_opening_follows_the_clock_over_a_change_of_time() -> None:
    night = local("2026-03-28T23:00")
    assert next_decent(night, ELSEWHERE, PARIS) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    night = local("2026-10-24T23:00")
    assert next_decent(night, ELSEWHERE, PARIS) == datetime(2026, 10, 25, 7, tzinfo=UTC)


def test_an_hour_that_the_clock_skips_or_repeats_is_no_trap() -> None:
    early = replace(ELSEWHERE, opens=time(2, 30), sundays=(time(2, 30), time(3)))
    skipped = next_decent(local("2026-03-28T23:00"), early, PARIS)  # 2:30 never strikes
    assert skipped is not None
    assert is_decent(skipped, early, PARIS)
    first, second = (datetime(2026, 10, 25, hour, 45, tzinfo=UTC) for hour in (0, 1))
    assert is_decent(first, early, PARIS)
    assert is_decent(second, early, PARIS)  # 2:45 strikes twice


def test_any_hour_is_decent_for_a_shop_that_is_set_so() -> None:
    midnight = local("2026-06-07T00:00")
    assert is_decent(midnight, FRANCE, PARIS, any_hour=True)
    assert next_decent(midnight, FRANCE, PARIS, any_hour=True) == midnight


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        is_decent(datetime(2026, 6, 3, 9), FRANCE, PARIS)
    with pytest.raises(ValueError, match="zone"):
        abandoned_at(datetime(2026, 6, 3, 9), HALF_HOUR)


# --- the twelve-hour promise


def test_by_day_a_text_leaves_as_planned() -> None:
    changed = local("2026-06-03T10:00")
    due = Due(local("2026-06-03T11:00"), local("2026-06-03T22:00"), False, Shift.AS_PLANNED)
    assert plan(changed) == due


def test_by_night_a_text_is_held_until_opening_when_that_keeps_the_promise() -> None:
    due = plan(local("2026-06-03T02:00"))
    assert due == Due(local("2026-06-03T08:00"), local("2026-06-03T14:00"), False, Shift.HELD)


def test_after_closing_a_text_is_brought_forward_to_the_last_decent_minute() -> None:
    changed = local("2026-06-03T19:30")
    due = plan(changed)
    assert due == Due(
        local("2026-06-03T19:59"), local("2026-06-04T09:00"), False, Shift.BROUGHT_FORWARD
    )
    assert look_at(abandoned_at(changed, HALF_HOUR), due) == due.at


def test_a_text_brought_forward_whose_morning_is_in_the_promise_has_the_promise_alone() -> None:
    changed = local("2026-06-03T20:40")
    due = plan(changed, hours=ELSEWHERE)  # 8 to 21 h
    last = local("2026-06-04T08:40")
    assert due == Due(local("2026-06-03T20:59"), last, False, Shift.BROUGHT_FORWARD)
    morning = plan(changed, hours=ELSEWHERE, not_before=local("2026-06-03T21:00"))
    assert morning == Due(local("2026-06-04T08:00"), last, False, Shift.HELD)


def test_a_cart_idle_for_less_than_a_quarter_of_an_hour_at_closing_is_not_brought_forward() -> None:
    assert plan(local("2026-06-03T19:44")) != plan(local("2026-06-03T19:45"))
    due = plan(local("2026-06-03T19:45"))
    assert due == Due(local("2026-06-04T08:00"), local("2026-06-04T09:00"), True, Shift.LATE)


@pytest.mark.parametrize("seconds", [0.3, 59.9])
def test_the_last_decent_minute_is_offered_as_long_as_it_lasts(seconds: float) -> None:
    now = local("2026-06-03T19:59") + timedelta(seconds=seconds)
    due = plan(local("2026-06-03T19:30"), not_before=now)
    assert due == Due(now, local("2026-06-04T09:00"), False, Shift.BROUGHT_FORWARD)


def test_brought_forward_is_not_offered_once_the_minute_has_passed() -> None:
    changed = local("2026-06-03T19:30")
    due = plan(changed, not_before=local("2026-06-03T20:01"))
    assert due == Due(local("2026-06-04T08:00"), local("2026-06-04T09:00"), True, Shift.LATE)


def test_a_saturday_night_before_a_monday_holiday_gets_no_text() -> None:
    assert plan(local("2026-04-04T21:00")) == NotInTime(Reason.NO_DECENT_HOUR)  # Easter


def test_a_saturday_before_a_monday_holiday_is_brought_forward_and_never_held() -> None:
    changed = local("2026-04-04T19:30")
    promised = changed + timedelta(hours=12)
    assert plan(changed) == Due(local("2026-04-04T19:59"), promised, False, Shift.BROUGHT_FORWARD)
    assert plan(changed, not_before=local("2026-04-04T20:01")) == NotInTime(Reason.TOO_LATE)


def test_a_saturday_night_before_a_working_monday_is_texted_late() -> None:
    changed = local("2026-06-06T21:00")
    due = Due(local("2026-06-08T08:00"), local("2026-06-08T09:00"), True, Shift.LATE)
    assert plan(changed) == due
    assert plan(changed, not_before=local("2026-06-07T15:00")) == due


def test_the_first_decent_hour_ends_with_the_last_resort() -> None:
    changed = local("2026-06-06T08:30")  # a Saturday; due after closing
    due = first_step_due(changed, changed + timedelta(hours=12), HALF_HOUR, FRANCE, PARIS)
    assert isinstance(due, Due)
    assert due.latest == local("2026-06-08T08:30")


def test_what_an_outage_makes_later_than_the_promise_does_not_leave() -> None:
    changed = local("2026-06-03T07:00")
    last = changed + timedelta(hours=12)
    due = plan(changed, not_before=last)
    assert due == Due(last, last, False, Shift.HELD)
    assert plan(changed, not_before=last + SECOND) == NotInTime(Reason.TOO_LATE)


def test_what_an_outage_makes_later_than_the_first_decent_hour_does_not_leave() -> None:
    changed = local("2026-06-06T21:00")
    last = local("2026-06-08T09:00")
    assert plan(changed, not_before=last) == Due(last, last, True, Shift.LATE)
    assert plan(changed, not_before=last + SECOND) == NotInTime(Reason.TOO_LATE)


def test_a_long_delay_is_cut_short_to_keep_the_promise() -> None:
    changed = local("2026-06-03T08:00")
    due = plan(changed, delay=timedelta(days=1))
    assert due == Due(local("2026-06-03T19:59"), local("2026-06-03T20:00"), False, Shift.AS_PLANNED)


def test_a_sandbox_shop_waits_seconds_at_any_hour() -> None:
    changed = local("2026-06-07T03:00")
    seconds = timedelta(seconds=3)
    due = first_step_due(
        changed, abandoned_at(changed, seconds), seconds, FRANCE, PARIS, any_hour=True
    )
    assert due == Due(changed + 2 * seconds, changed + timedelta(hours=12), False, Shift.AS_PLANNED)


def test_a_sender_asks_again_before_it_sends() -> None:
    due = plan(local("2026-06-03T10:00"))
    assert isinstance(due, Due)
    assert may_leave(due.at, due.latest, FRANCE, PARIS)
    assert not may_leave(local("2026-06-03T20:00"), due.latest, FRANCE, PARIS)  # closed
    assert not may_leave(due.latest + MINUTE, due.latest, FRANCE, PARIS, any_hour=True)  # stale


ROWS = st.sampled_from([FRANCE, ELSEWHERE, UNKNOWN_STATE, *US_STATES.values()])
ZONES = st.lists(
    st.sampled_from(
        "Europe/Paris America/New_York America/Los_Angeles Australia/Lord_Howe "
        "Asia/Kathmandu Pacific/Chatham America/Sao_Paulo Africa/Cairo".split()
    ),
    min_size=1,
    max_size=3,
    unique=True,
).map(tuple)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
MINUTES = st.integers(0, 2000).map(lambda minutes: timedelta(minutes=minutes))


@settings(max_examples=300, deadline=None)
@given(MOMENTS, MINUTES, MINUTES, ROWS, ZONES, st.none() | MINUTES)
def test_whatever_the_cart_its_text_leaves_at_a_decent_hour_in_time_or_not_at_all(
    changed: datetime, idle: timedelta, delay: timedelta, hours, zones, outage: timedelta | None
) -> None:
    now = None if outage is None else changed + outage
    due = first_step_due(changed, abandoned_at(changed, idle), delay, hours, zones, not_before=now)
    if isinstance(due, Due):
        assert is_decent(due.at, hours, zones)
        assert changed + timedelta(minutes=15) <= due.at <= due.latest
        assert now is None or due.at >= now
        assert due.latest <= changed + timedelta(hours=48)
        assert not due.late or due.latest > changed + timedelta(hours=12)
        assert due.late or due.at <= changed + timedelta(hours=12)
        assert may_leave(due.at, due.latest, hours, zones)


@settings(max_examples=300, deadline=None)
@given(MOMENTS, MINUTES, MINUTES, ROWS, ZONES, MINUTES)
def test_an_outage_moves_no_last_moment(
    changed: datetime, idle: timedelta, delay: timedelta, hours, zones, outage: timedelta
) -> None:
    """Planned before the outage or after it: the same text leaves at the same time, or none."""
    planned = first_step_due(changed, abandoned_at(changed, idle), delay, hours, zones)
    now = changed + outage
    asked = first_step_due(
        changed, abandoned_at(changed, idle), delay, hours, zones, not_before=now
    )
    if isinstance(planned, NotInTime) or now <= planned.at:
        assert asked == planned
    else:
        at = next_decent(now, hours, zones)
        if at is None or at > planned.latest:
            assert asked == NotInTime(Reason.TOO_LATE)
        else:
            assert isinstance(asked, Due)
            assert (asked.at, asked.latest) == (at, planned.latest)


@settings(max_examples=300, deadline=None)
@given(MOMENTS, ROWS, ZONES)
def test_only_decent_hours_hold_a_text_past_the_promise(changed: datetime, hours, zones) -> None:
    due = first_step_due(changed, abandoned_at(changed, HALF_HOUR), HALF_HOUR, hours, zones)
    promised = changed + timedelta(hours=12)
    wanted = changed + timedelta(hours=1)
    minutes = [wanted + MINUTE * count for count in range(0, 11 * 60)]
    if any(is_decent(at, hours, zones) for at in minutes if at + MINUTE <= promised):
        assert isinstance(due, Due)
        assert due.latest == promised
    elif isinstance(due, Due) and due.latest > promised:
        opening = next_decent(wanted, hours, zones)
        assert opening is not None
        assert promised < due.latest <= opening + timedelta(hours=1)


@settings(max_examples=200, deadline=None)
@given(MOMENTS, ROWS, ZONES)
def test_no_decent_minute_is_overlooked(moment: datetime, hours, zones) -> None:
    following = next_decent(moment, hours, zones)
    previous = last_decent_before(moment, hours, zones)
    assume(following is not None and previous is not None)
    assert previous <= moment <= following
    assert is_decent(previous, hours, zones)
    assert is_decent(following, hours, zones)
    minutes = range(1, min(3 * 1440, int((following - previous) / MINUTE)), 7)
    gap = [previous + MINUTE * count for count in minutes]
    assert previous == moment or not any(
        is_decent(at, hours, zones) for at in gap if at < following
    )
