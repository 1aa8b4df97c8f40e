"""Which message earned an order: a fact written once, in the order's own transaction.

By what a shop credits is its `credit_rule`; the order keeps the message and by which of the
three it was found. The surest comes first:

1. Code: the order itself names a code that we gave. Nothing else proves as much.
2. Click: the same person followed a link of ours shortly before. They read it and came back.
3. Window: a message left shortly before. Off, unless the merchant asks for it.

Among several of a sort, the last one is credited. Never by guess: a preview or a program that
follows a link credits nothing, nor does a code that the whole shop knows in a stranger's hand,
nor (by click or window) a renewal that nobody decided on. Whoever is held out of a programme is
never credited to it: they got nothing from it, so at most they know somebody who did.

Credit is not proof of effect: that is told by `recovery.reports`, from those held out. A
refund or a cancellation changes nothing here and takes the money back there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, or_, select, union_all, update

from recovery import credit_rule, notices, people, tables
from recovery.arms import HELD_OUT
from recovery.credit_rule import CLICK, CODE, DEFAULT, WINDOW, CreditRule, UnreadableRule
from recovery.model import Origin
from recovery.people import Marks
from recovery.shops import ShopRow
from recovery.states import ReminderState

_ORDERS, _REMINDERS, _CARTS = tables.orders, tables.reminders, tables.carts
_LINKS, _CLICKS, _OFFERS, _ARMS = tables.links, tables.clicks, tables.offers, tables.arms
_MARKS = ("customer_key", "email", "phone")
#: Who a click was of, where it was a person's: of a link, or of the button on our page.
PERSONS = ("person", "button")
_LEFT = (ReminderState.SENT, ReminderState.DELIVERED)
#: What a used code was read in: by then it arrived, whatever we were told of it.
_MAY_HAVE_LEFT = (*_LEFT, ReminderState.UNCONFIRMED, ReminderState.UNDELIVERED)


class _Touch(NamedTuple):
    at: datetime
    reminder_id: int


class _Buyer(NamedTuple):
    """Who ordered, by the order's marks, and the carts that the order came from."""

    shop_id: int
    marks: Marks
    carts: list[int]
    held_out_of: frozenset[str]  # programmes

    def got(self) -> tuple[ColumnElement[bool], ...]:
        """The conditions, each with an index of its own, that a reminder was theirs."""
        addresses = [each for each in (self.marks.phone, self.marks.email) if each]
        return _REMINDERS.c.recipient.in_(addresses), _REMINDERS.c.cart_id.in_(self.carts)

    def earned_in(self) -> tuple[ColumnElement[bool], ...]:
        """The condition that a reminder may be credited with what they ordered."""
        return (_REMINDERS.c.shop_id == self.shop_id,) + (
            (_REMINDERS.c.programme.not_in(self.held_out_of),) if self.held_out_of else ()
        )


def credit(
    db: Connection,
    shop: ShopRow,
    order_id: int,
    own_carts: list[int],
    marks: Marks,
    placed_at: datetime,
    now: datetime,
) -> None:
    """Note on the order the message that earned it, by what, and the cart it came from; once.

    `own_carts` are those that the order names; `placed_at` is by our clock.
    """
    if own_carts:
        mine = (_ORDERS.c.id == order_id, _ORDERS.c.cart_id.is_(None))
        db.execute(update(_ORDERS).where(*mine).values(cart_id=own_carts[0]))
    columns = [_ORDERS.c[name] for name in ("reminder_id", "discount_codes", "origin")]
    order = db.execute(select(*columns).where(_ORDERS.c.id == order_id)).one()
    if order.reminder_id is not None:
        return
    held_out_of = _held_out_of(db, shop.id, own_carts, marks)
    buyer = _Buyer(shop.id, marks, own_carts, held_out_of)
    found = _earned(db, buyer, order, _rule_of(db, shop, now), placed_at)
    if found is not None:
        by, reminder_id = found
        facts = {"reminder_id": reminder_id, "credited_by": by}
        db.execute(update(_ORDERS).where(_ORDERS.c.id == order_id).values(**facts))


def _earned(
    db: Connection, buyer: _Buyer, order: Any, rule: CreditRule, placed_at: datetime
) -> tuple[str, int] | None:
    """By what, and by which message."""
    decided = order.origin != Origin.SUBSCRIPTION
    codes = order.discount_codes if rule.code else ""
    touches = _by_code(db, buyer, codes, placed_at)
    if touches:
        return CODE, max(touches).reminder_id
    if not decided:
        return None
    carts = _carts_of(db, buyer)
    touches = _by_click(db, buyer, carts, rule, placed_at) if rule.click_days else []
    if touches:
        return CLICK, max(touches).reminder_id
    touches = _by_window(db, buyer, carts, rule, placed_at) if rule.window_hours else []
    return (WINDOW, max(touches).reminder_id) if touches else None


def _carts_of(db: Connection, buyer: _Buyer) -> set[int]:
    """The carts that the order came from, and all others of that person."""
    mine = people.same_person(_CARTS, buyer.shop_id, buyer.marks)
    return {*buyer.carts, *db.execute(select(_CARTS.c.id).where(mine)).scalars()}


def _rule_of(db: Connection, shop: ShopRow, now: datetime) -> CreditRule:
    subject = f"shop.{shop.id}.credit_rule"
    try:
        return credit_rule.read(shop.credit_rule)
    except UnreadableRule as error:
        words = f"By what orders are credited cannot be read, so the default holds: {error}"
        notices.tell(db, subject, words, now, shop.id)
        return DEFAULT


def _held_out_of(
    db: Connection, shop_id: int, own_carts: list[int], marks: Marks
) -> frozenset[str]:
    """The programmes in which this person, by any mark, gets nothing."""
    columns = [_CARTS.c[name] for name in _MARKS]
    carts = db.execute(select(*columns).where(_CARTS.c.id.in_(own_carts))).all()
    known = {
        (kind, getattr(each, kind))
        for each in (marks, *carts)
        for kind in _MARKS
        if getattr(each, kind)
    }
    if not known:
        return frozenset()
    here = (_ARMS.c.shop_id == shop_id, _ARMS.c.mark.in_({mark for _, mark in known}))
    columns = [_ARMS.c[name] for name in ("kind", "mark", "programme")]
    rows = db.execute(select(*columns).where(*here, _ARMS.c.arm == HELD_OUT))
    return frozenset(row.programme for row in rows if (row.kind, row.mark) in known)


# -- by what -----------------------------------------------------------------------------------


def _by_code(db: Connection, buyer: _Buyer, told: str, placed_at: datetime) -> list[_Touch]:
    """The messages that named a code of this order.

    An offer's code was made for one message: whoever uses it read that one. Any other code
    (the shop's welcome code, say) tells only of messages that the buyer got.
    """
    codes = [code.strip() for code in told.split("\n") if code.strip()]
    forms = sorted({form for code in codes for form in (code, code.upper(), code.lower())})
    if not forms:
        return []
    named = union_all(
        *(select(_REMINDERS.c.id).where(got, _REMINDERS.c.code.in_(forms)) for got in buyer.got()),
        _promising(buyer, forms),
    )
    left_at = func.coalesce(_REMINDERS.c.sent_at, _REMINDERS.c.claimed_at)
    rows = db.execute(
        select(_REMINDERS.c.sent_at, _REMINDERS.c.claimed_at, _REMINDERS.c.id).where(
            *buyer.earned_in(),
            _REMINDERS.c.state.in_(_MAY_HAVE_LEFT),
            left_at <= placed_at,
            _REMINDERS.c.id.in_(named),
        )
    )
    return [_Touch(row.sent_at or row.claimed_at, row.id) for row in rows]


def _promising(buyer: _Buyer, forms: list[str]) -> Any:
    """The steps that asked for the code, and the later ones that named it again."""
    first = _OFFERS.alias("first")
    here = (first.c.shop_id == buyer.shop_id, first.c.code.in_(forms))
    same = or_(_OFFERS.c.id == first.c.id, _OFFERS.c.repeats_id == first.c.id)
    joined = _OFFERS.join(first, (_OFFERS.c.cart_id == first.c.cart_id) & same)
    return select(_OFFERS.c.reminder_id).select_from(joined).where(*here)


def _by_click(
    db: Connection, buyer: _Buyer, carts: set[int], rule: CreditRule, placed_at: datetime
) -> list[_Touch]:
    """The messages whose link the person followed in time, with the last time."""
    span = (placed_at - rule.clicked_within, placed_at)
    rows = db.execute(
        select(_LINKS.c.reminder_id, _LINKS.c.first_clicked_at)
        .join(_REMINDERS, _REMINDERS.c.id == _LINKS.c.reminder_id)
        .where(_LINKS.c.cart_id.in_(carts), _LINKS.c.purpose != "stop", *buyer.earned_in())
    ).all()
    firsts = [(row.first_clicked_at, row.reminder_id) for row in rows if row.first_clicked_at]
    again = _clicks(db, {row.reminder_id for row in rows}, span) if rows else []
    return [_Touch(at, id_) for at, id_ in [*firsts, *again] if span[0] <= at <= span[1]]


def _clicks(
    db: Connection, reminder_ids: Iterable[int], span: tuple[datetime, datetime]
) -> list[tuple[datetime, int]]:
    """Visits of persons; a link itself only knows its first."""
    where = (_CLICKS.c.reminder_id.in_(reminder_ids), _CLICKS.c.who.in_(PERSONS))
    rows = db.execute(
        select(_CLICKS.c.at, _CLICKS.c.reminder_id).where(*where, _CLICKS.c.at.between(*span))
    )
    return [(row.at, row.reminder_id) for row in rows]


def _by_window(
    db: Connection, buyer: _Buyer, carts: set[int], rule: CreditRule, placed_at: datetime
) -> list[_Touch]:
    """The messages about the person's carts that are known to have left in time."""
    rows = db.execute(
        select(_REMINDERS.c.sent_at, _REMINDERS.c.id).where(
            *buyer.earned_in(),
            _REMINDERS.c.cart_id.in_(carts),
            _REMINDERS.c.state.in_(_LEFT),
            _REMINDERS.c.sent_at.between(placed_at - rule.left_within, placed_at),
        )
    )
    return [_Touch(row.sent_at, row.id) for row in rows]
