"""The form of what is counted: so many of how many, split by what, and the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from recovery.report_rows import CartSeen


@dataclass(frozen=True, slots=True)
class Figure:
    """So many, of how many."""

    count: int
    of: int


class By(StrEnum):
    """What a report is split by. The first four are of messages, not of carts."""

    PROGRAMME = "programme"
    STEP = "step"
    VARIANT = "variant"
    CHANNEL = "channel"
    LANGUAGE = "language"
    COUNTRY = "country"
    AMOUNT = "amount"  # bands of EUR, see `report_rows.band`
    CUSTOMER = "customer"  # "new", "returning"
    DAY = "day"  # on which the cart was begun, in the shop's zone


OF_MESSAGES = frozenset({By.PROGRAMME, By.STEP, By.VARIANT, By.CHANNEL})
ALL = ""  # the one group of a report that is not split


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows that a figure counts, by id: carts and reminders, and the orders of these."""

    carts: tuple[int, ...] = ()
    reminders: tuple[int, ...] = ()
    orders: tuple[int, ...] = ()


def of_cart(cart: CartSeen, by: By | None) -> str:
    """The group that a cart is in."""
    if by is None:
        return ALL
    if by is By.CUSTOMER:
        return "returning" if cart.returning else "new"
    return str(getattr(cart, by.value))
