"""How far carts came: with a contact, with leave to write, reminded, clicked, ordered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from recovery import report_rows
from recovery.counted import ALL, OF_MESSAGES, Behind, By, Figure, of_cart
from recovery.programmes import CART
from recovery.report_rows import CartSeen


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far carts came. Each figure is a part of the one before it.

    `reminded`: a message is known to have arrived, or not known not to. `ordered` are those
    that clicked; `earned` are all reminded carts with a credited order, by whatever it is
    credited, so it is of `reminded`.
    """

    carts: int
    with_contact: Figure
    with_consent: Figure
    abandoned: Figure
    reminded: Figure
    clicked: Figure
    ordered: Figure
    earned: Figure


def funnel(
    db: Connection,
    shop_id: int,
    since: datetime,
    until: datetime,
    programme: str = CART,
    by: By | None = None,
) -> dict[str, Funnel]:
    """From carts to orders, by the messages of one programme, for each value of `by`.

    Of the carts begun from `since` to before `until`; without `by` the one group is `ALL`.
    Raises ValueError for a split of messages, LookupError for a shop that is not known.
    """
    if by in OF_MESSAGES:
        raise ValueError(f"carts have no {by}")
    groups: dict[str, list[CartSeen]] = {} if by else {ALL: []}
    for cart in report_rows.of_carts(db, shop_id, since, until):
        groups.setdefault(of_cart(cart, by), []).append(cart)
    return {value: _funnel(groups[value], programme) for value in sorted(groups)}


_Stage = Callable[[CartSeen, str], bool]


def _reminded(cart: CartSeen, programme: str) -> bool:
    return any(each.arrived for each in cart.messages if each.programme == programme)


def _clicked(cart: CartSeen, programme: str) -> bool:
    return any(each.clicked for each in cart.messages if each.programme == programme)


def has_earned(cart: CartSeen, programme: str) -> bool:
    return any(each.earned for each in cart.messages if each.programme == programme)


def _ordered(cart: CartSeen, programme: str) -> bool:
    return has_earned(cart, programme) or any(sale.stands for sale in cart.sales)


#: Each stage is of those that reached the one before it.
STAGES: dict[str, _Stage] = {
    "with_contact": lambda cart, _: cart.has_contact,
    "with_consent": lambda cart, _: cart.agreed,
    "abandoned": lambda cart, _: cart.abandoned,
    "reminded": _reminded,
    "clicked": _clicked,
    "ordered": _ordered,
}


def _funnel(carts: list[CartSeen], programme: str) -> Funnel:
    figures: dict[str, Figure] = {}
    here = len(carts)
    for name in STAGES:
        carts_there = len(_reached(carts, name, programme))
        figures[name] = Figure(carts_there, here)
        here = carts_there
    earned = Figure(len(_reached(carts, "earned", programme)), figures["reminded"].count)
    return Funnel(carts=len(carts), **figures, earned=earned)


def _reached(carts: Iterable[CartSeen], stage: str, programme: str) -> list[CartSeen]:
    """The carts that passed this stage and all before it."""
    if stage == "carts":
        return list(carts)
    if stage == "earned":
        reached = _reached(carts, "reminded", programme)
        return [cart for cart in reached if has_earned(cart, programme)]
    names = list(STAGES)
    asked = [STAGES[name] for name in names[: names.index(stage) + 1]]
    return [cart for cart in carts if all(each(cart, programme) for each in asked)]


def behind_stage(
    db: Connection,
    shop_id: int,
    since: datetime,
    until: datetime,
    stage: str,
    programme: str = CART,
    by: By | None = None,
    value: str = ALL,
) -> Behind:
    """The rows that a figure of `funnel` counts; `stage` is a field of `Funnel`.

    Its reminders are those of the programme that arrived, its orders the carts' own and
    those credited to these. Raises LookupError for a stage there is not.
    """
    if stage not in (*STAGES, "carts", "earned"):
        raise LookupError("no such figure")
    every = report_rows.of_carts(db, shop_id, since, until)
    carts = _reached([cart for cart in every if of_cart(cart, by) == value], stage, programme)
    sent = [
        each
        for cart in carts
        for each in cart.messages
        if each.programme == programme and each.arrived
    ]
    sales = [sale for cart in carts for sale in cart.sales]
    sales += [sale for each in sent for sale in each.sales]
    return Behind(
        tuple(cart.id for cart in carts),
        tuple(sorted(each.id for each in sent)),
        tuple(sorted({sale.id for sale in sales if sale.stands})),
    )
