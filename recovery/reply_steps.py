"""What follows a shopper's answer, as rows: a text in the programme "reply", and what it replaces.

A text that answers within a day of the reply stands outside the caps; STOP and decent hours
hold for it as for every other.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from recovery import programmes, states, tables
from recovery.model import Channel
from recovery.programme_form import End
from recovery.reasons import Reason, written
from recovery.shops import ShopRow
from recovery.survey_rules import OUTSIDE_CAPS, Follow, Next

_REMINDERS = tables.reminders
REPLY = "reply"  # the programme of these texts; their steps count within a cart

#: What follows → the words of its text.
WORDS = {
    Follow.OFFER: "reply_shipping",
    Follow.GUEST_LINK: "reply_account",
    Follow.CALM_STEP: "reply_calm",
    Follow.AT_HOUR: "reply_hour",
}
#: What the shopper wished takes the place of what was planned.
REPLACING = frozenset({Follow.CALM_STEP, Follow.AT_HOUR})
ANSWER_LIVES = timedelta(hours=24)
CALM_LIVES = timedelta(hours=48)


def plan(db: Connection, survey: Any, reply: Any, what: Next) -> None:
    """Plan the text that follows the `reply` to this survey, where one does.

    `survey` is a row of `reminders`, `reply` one of `replies`. The caller holds the cart's row,
    so that two answers at once do not take the same number.
    """
    if what.at is None:
        return
    calm = what.follow is Follow.CALM_STEP
    row = {
        "shop_id": survey.shop_id,
        "cart_id": survey.cart_id,
        "programme": REPLY,
        "step": _next_step(db, survey.cart_id),
        "channel": Channel.SMS.value,
        "state": states.at_first(_REMINDERS),
        "words": WORDS[what.follow],
        "arm": survey.arm,
        "due_at": what.at,
        "latest_at": what.at + (CALM_LIVES if calm else ANSWER_LIVES),
        "attempts": 0,
        "created_at": reply.at,  # from here on runs the day outside the caps
    }
    db.execute(_REMINDERS.insert().values(**row))


def stands_outside_caps(reminder: Any, now: datetime) -> bool:
    """Whether the reminder (`programme`, `created_at`) answers a reply of the last 24 hours."""
    return bool(reminder.programme == REPLY and now <= reminder.created_at + OUTSIDE_CAPS)


def is_ended_by_reply(db: Connection, shop: ShopRow, reminder: Any) -> bool:
    """Whether a reply ends the programme that this reminder was planned by."""
    forms = programmes.of_versions(db, [reminder.version_id]) if reminder.version_id else {}
    form = forms.get(reminder.version_id) or programmes.running(db, {shop.id: shop})[shop.id].form
    return End.REPLY in form.ends


def call_off_rest(db: Connection, cart_id: int, now: datetime) -> None:
    """Skip the steps that are still scheduled for the cart; not what follows replies, or orders."""
    scheduled = _REMINDERS.c.state == states.ReminderState.SCHEDULED
    mine = (_REMINDERS.c.cart_id == cart_id, _REMINDERS.c.programme == programmes.CART)
    ids = [row.id for row in db.execute(select(_REMINDERS.c.id).where(*mine, scheduled))]
    also = {"reasons": written([Reason.ANSWERED]), "settled_at": now}
    # Only while it waits: what a worker has claimed meanwhile is looked at there.
    states.move_all(db, _REMINDERS, ids, "skip", also, only_if=scheduled)


def _next_step(db: Connection, cart_id: int) -> int:
    mine = (_REMINDERS.c.cart_id == cart_id, _REMINDERS.c.programme == REPLY)
    last = db.execute(select(func.max(_REMINDERS.c.step)).where(*mine)).scalar_one()
    return int(last or 0) + 1
