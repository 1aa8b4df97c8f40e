"""When a reward that was promised is earned, runs out, or is void."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from recovery.rewards import Bought, Promise, Stand, code_must_go, deadline, is_void, stand

SENT = datetime(2026, 11, 21, 14, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
PROMISE = Promise(SENT, within=24 * HOUR)
ORDER = Bought(SENT + 3 * HOUR, Decimal(60))
LATER = SENT + 30 * HOUR
MADE = replace(PROMISE, code_ends_at=SENT + 100 * HOUR)


def _stand(
    promise: Promise = PROMISE,
    order: Bought | None = ORDER,
    known: datetime = LATER,
    now: datetime = LATER,
) -> Stand:
    return stand(promise, order, known, now)


def test_an_order_of_the_cart_within_its_hours_earns_the_reward() -> None:
    assert _stand() is Stand.EARNED
    assert deadline(PROMISE) == SENT + 24 * HOUR


@pytest.mark.parametrize(
    ("placed", "how"),
    [
        (SENT - SECOND, Stand.LAPSED),
        (SENT, Stand.EARNED),
        (SENT + 24 * HOUR, Stand.EARNED),
        (SENT + 24 * HOUR + SECOND, Stand.LAPSED),
    ],
)
def test_the_hours_run_from_the_sending_to_their_last_moment(placed: datetime, how: Stand) -> None:
    assert _stand(order=replace(ORDER, placed_at=placed)) is how


def test_an_order_told_late_still_earns_it() -> None:
    assert _stand(now=SENT + 500 * HOUR) is Stand.EARNED


def test_nothing_lapses_before_the_shops_orders_are_known_past_the_deadline() -> None:
    assert _stand(order=None, known=SENT + 24 * HOUR, now=SENT + 90 * HOUR) is Stand.WAITING
    assert _stand(order=None, known=SENT + 24 * HOUR + SECOND) is Stand.LAPSED


def test_a_cancelled_order_makes_it_void() -> None:
    cancelled = replace(ORDER, cancelled=True)
    assert _stand(order=cancelled) is Stand.VOID
    assert _stand(MADE, cancelled) is Stand.VOID


@pytest.mark.parametrize(
    ("refunded", "least", "void"),
    [
        ("0", "0", False),
        ("59.99", "0", False),
        ("60", "0", True),
        ("61", "0", True),
        ("20", "40", False),
        ("20.01", "40", True),
        ("0", "100", False),
    ],
)
def test_a_refund_makes_it_void_when_too_little_is_kept(
    refunded: str, least: str, void: bool
) -> None:
    promise = replace(PROMISE, least_kept=Decimal(least))
    order = replace(ORDER, refunded=Decimal(refunded))
    assert is_void(promise, order) is void
    assert (_stand(promise, order) is Stand.VOID) is void


def test_an_order_that_cost_nothing_is_not_void_by_itself() -> None:
    assert _stand(order=replace(ORDER, total=Decimal(0))) is Stand.EARNED


def test_a_code_that_is_made_is_told_until_it_ends() -> None:
    assert _stand(MADE) is Stand.READY
    assert _stand(MADE, now=SENT + 100 * HOUR - SECOND) is Stand.READY
    assert _stand(MADE, now=SENT + 100 * HOUR) is Stand.ENDED


def test_a_code_that_was_used_stays_used() -> None:
    used = replace(MADE, used=True)
    assert _stand(used, replace(ORDER, cancelled=True)) is Stand.USED
    assert _stand(used, now=SENT + 500 * HOUR) is Stand.USED


@pytest.mark.parametrize("how", list(Stand))
def test_a_code_nobody_may_use_is_taken_away(how: Stand) -> None:
    assert code_must_go(MADE, how) is (how in {Stand.VOID, Stand.ENDED, Stand.LAPSED})
    assert not code_must_go(PROMISE, how)
