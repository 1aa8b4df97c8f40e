"""The carts behind a figure, a page at a time, the newest first; a look never takes long.

A figure is one of `results`: of messages (a field of `fates.Messages`, or a reason), or of
carts (a field of `funnels.Funnel`). Carts are looked through in groups; after `MOST` of them
the page is given as it is, with the place to go on from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from recovery import report_rows, tables
from recovery.counted import ALL, OF_MESSAGES, By, of_cart
from recovery.fates import FATES
from recovery.funnels import STAGES
from recovery.programmes import CART
from recovery.reasons import Reason
from recovery.report_rows import CartSeen, Message

PAGE, MOST, _GROUP = 25, 60, 30
_CARTS = tables.carts
_Is = Callable[[CartSeen], bool]


@dataclass(frozen=True, slots=True)
class CartBehind:
    """A cart that a figure counts, or whose message it counts; it names nobody."""

    id: int
    name: str
    created_at: datetime
    currency: str
    total: Decimal
    messages: int


@dataclass(frozen=True, slots=True)
class Behind:
    """Some of them; `before` is from where the next are looked for, None: these are all."""

    carts: tuple[CartBehind, ...]
    looked_down_to: datetime
    before: datetime | None


def behind(
    db: Connection,
    shop_id: int,
    span: tuple[datetime, datetime],
    figure: str,
    by: By | None = None,
    value: str = ALL,
) -> Behind:
    """The newest carts of [since, until) behind that figure. Raises LookupError for none such."""
    since, down_to = span
    fits = _fits(figure, by, value)
    found: list[CartBehind] = []
    looked = 0
    while down_to > since and looked < MOST and len(found) < PAGE:
        lower = _lower(db, shop_id, since, down_to)
        seen = report_rows.of_carts(db, shop_id, lower, down_to)
        found += _shown(db, [cart for cart in seen if fits(cart)])
        looked, down_to = looked + max(1, len(seen)), lower
    return Behind(tuple(found), down_to, down_to if down_to > since else None)


def _fits(figure: str, by: By | None, value: str) -> _Is:
    if figure == "carts" or (figure in STAGES and figure not in FATES):
        return _of_stage(figure, by, value)
    if figure in list(Reason):
        why = Reason(figure)
        return _of_messages(lambda each: FATES["skipped"](each) and why in each.reasons, by, value)
    if figure not in FATES:
        raise LookupError("no such figure")
    return _of_messages(FATES[figure], by, value)


def _of_messages(fits: Callable[[Message], bool], by: By | None, value: str) -> _Is:
    def own(cart: CartSeen, message: Message) -> bool:
        if by in OF_MESSAGES and by is not None:
            return str(getattr(message, by.value)) == value
        return of_cart(cart, by) == value

    return lambda cart: any(own(cart, each) and fits(each) for each in cart.messages)


def _of_stage(stage: str, by: By | None, value: str) -> _Is:
    if by in OF_MESSAGES:
        raise LookupError("carts are not split so")
    names = list(STAGES)
    asked = [] if stage == "carts" else [STAGES[each] for each in names[: names.index(stage) + 1]]
    return lambda cart: of_cart(cart, by) == value and all(each(cart, CART) for each in asked)


def _lower(db: Connection, shop_id: int, since: datetime, down_to: datetime) -> datetime:
    here = (_CARTS.c.shop_id == shop_id, _CARTS.c.created_at < down_to)
    asked = select(_CARTS.c.created_at).where(*here, _CARTS.c.created_at >= since)
    found = db.execute(asked.order_by(_CARTS.c.created_at.desc()).offset(_GROUP).limit(1)).scalar()
    lower: datetime | None = found
    return lower or since


def _shown(db: Connection, carts: list[CartSeen]) -> list[CartBehind]:
    many = {cart.id: len(cart.messages) for cart in carts}
    names = ("id", "name", "created_at", "currency", "total")
    asked = select(*(_CARTS.c[name] for name in names)).where(_CARTS.c.id.in_(many))
    rows = db.execute(asked.order_by(_CARTS.c.created_at.desc(), _CARTS.c.id.desc()))
    return [
        CartBehind(row.id, row.name or "", row.created_at, row.currency, row.total, many[row.id])
        for row in rows
    ]
