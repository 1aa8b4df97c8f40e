"""When a promised reward on the next order is earned, runs out, or is void. Pure.

A promise is announced in a reminder and timed from its sending:

- It is earned by an order of *this* cart, placed from the sending on and no later than
  `within` after it. An order by the same person from another cart earns nothing.
- It counts from the claim on when nobody knows whether the text left: it may have arrived, so
  it is kept.
- It lapses only when the shop's orders are known past its deadline: an order may be told late.
- A cancelled order makes it void, and so does a refund that leaves less than `least_kept`. A
  code that was not used is then taken away; one that was used stays used.
- What went void comes back when the cancellation is taken back, but a code that was taken away
  does not: the caller makes another only for `EARNED`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from recovery.model_parts import ZERO


class Stand(StrEnum):
    """How a promise stands, and what is to be done."""

    WAITING = "waiting"  # for the order
    EARNED = "earned"  # make its code, again and again until it is made
    READY = "ready"  # the code is made: tell it, by a programme of its own
    USED = "used"
    ENDED = "ended"  # the code ran out unused: take it away
    LAPSED = "lapsed"  # not ordered in time
    VOID = "void"  # cancelled or refunded: take the code away, if there is one


@dataclass(frozen=True, slots=True)
class Promise:
    """A reward as it was announced. `sent_at`: when the reminder left, or was claimed.

    `code_ends_at` is the end of its code as read back from the shop; None: not made yet.
    `least_kept` is what an order must still be worth after refunds; at zero only a full
    refund makes the promise void.
    """

    sent_at: datetime
    within: timedelta
    code_ends_at: datetime | None = None
    used: bool = False
    least_kept: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Bought:
    """The order that closed the cart, as it is known now."""

    placed_at: datetime
    total: Decimal
    refunded: Decimal = ZERO
    cancelled: bool = False


def deadline(promise: Promise) -> datetime:
    """The last moment at which an order earns it."""
    return promise.sent_at + promise.within


def stand(
    promise: Promise, order: Bought | None, orders_known_until: datetime, now: datetime
) -> Stand:
    """How `promise` stands at `now`. `orders_known_until` is the shop's.

    Takes aware times (naive ones raise TypeError on comparison); promises one `Stand`.
    """
    if promise.used:
        return Stand.USED
    if order is None:
        return Stand.LAPSED if orders_known_until > deadline(promise) else Stand.WAITING
    if not promise.sent_at <= order.placed_at <= deadline(promise):
        return Stand.LAPSED
    if is_void(promise, order):
        return Stand.VOID
    if promise.code_ends_at is None:
        return Stand.EARNED
    return Stand.READY if now < promise.code_ends_at else Stand.ENDED


def is_void(promise: Promise, order: Bought) -> bool:
    """Has the order been cancelled, or too much of it been given back?"""
    kept = order.total - order.refunded
    given_back = order.refunded > 0 and (kept <= 0 or kept < promise.least_kept)
    return order.cancelled or given_back


def code_must_go(promise: Promise, how: Stand) -> bool:
    """Is there a code in the shop that nobody may use any more?"""
    gone = how in {Stand.VOID, Stand.ENDED, Stand.LAPSED}
    return promise.code_ends_at is not None and gone
