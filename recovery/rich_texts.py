"""A text as an MMS or as an RCS card: dressed when it leaves, plain when that comes to nothing.

It is the same reminder, a text in every respect: its row, consent, caps, hours, words and
links. `reminders.rich` says in which form it leaves. The plain text follows the rich form

- within the same claim, where the provider refused it outright: nothing was sent;
- from a new claim, where it was taken and a receipt says that it was not delivered. That is
  the fallback of this step; should the text not be delivered either, nothing follows.

Never after silence. `reminders.rich_id` keeps the provider's id of what came to nothing, so
that its receipts are not taken for the text's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, or_, select, update

from recovery import emails, fallbacks, lines, rich_kinds, states, tables
from recovery.accounts import AccountRow
from recovery.caps import free_caps, take_caps
from recovery.email_look import picture
from recovery.email_words import WORDS
from recovery.model import Channel, Message, Receipt, RichText
from recovery.programme_form import Step
from recovery.shops import ShopRow
from recovery.states import ReminderState as State
from recovery.wording import clean

_REMINDERS = tables.reminders
LONGEST_TITLE = 200  # of an RCS card
_ENDED_SO = (State.SENT, State.UNCONFIRMED)
_LEFT = (*_ENDED_SO, State.SENDING, State.DELIVERED, State.UNDELIVERED)


def dressed(
    plain: Message, row: Any, shop: ShopRow, account: AccountRow, step: Step | None, link: str
) -> Message:
    """`plain` in the richer form that its step wants, or as it is where that cannot be.

    It cannot where the account or the recipient's country has none, where no line of the
    cart has a picture by https, and once the rich form of this reminder came to nothing.
    """
    kind = None if step is None or step.channel is not Channel.SMS else step.rich
    if kind is None or row.rich == rich_kinds.PLAIN:
        return plain
    if not rich_kinds.may_take(account.rich, kind, account.sender, plain.recipient):
        return plain
    shown = next(filter(None, (picture(line.image) for line in lines.read(row.lines))), None)
    if shown is None:
        return plain
    return RichText(
        reference=f"{plain.reference}-{kind}",
        channel=plain.channel,
        sender=plain.sender,
        recipient=plain.recipient,
        text=plain.text,
        status_url=plain.status_url,
        kind=kind,
        agent=account.rcs_agent or "",
        picture=shown,
        title=clean(shop.name or shop.address, LONGEST_TITLE),
        button=WORDS[emails.language_of(row.locale, shop.locale)].button,
        link=link,
    )


def column_of(message: Message, row: Any) -> str | None:
    """What `reminders.rich` holds while this message of `row` is on its way."""
    if isinstance(message, RichText):
        return message.kind
    return rich_kinds.PLAIN if row.rich == rich_kinds.PLAIN else None


def leave_plainly(db: Connection, refused: Sequence[tuple[int, str]]) -> None:
    """The rich form of these was refused, and why: whatever became of them since is a text."""
    if refused:
        change = (
            update(_REMINDERS)
            .where(_REMINDERS.c.id == bindparam("row_id"))
            .values(
                rich=rich_kinds.PLAIN,
                refusal=func.coalesce(_REMINDERS.c.refusal, bindparam("why")),
            )
        )
        db.execute(change, [{"row_id": each, "why": why} for each, why in refused])


def is_of_former(row: Any, receipt: Receipt) -> bool:
    """Whether the receipt is about the rich form of a reminder that is a plain text by now."""
    return bool(row.rich == rich_kinds.PLAIN and row.rich_id == receipt.provider_id)


def arrived_after_all(db: Connection, row: Any, receipt: Receipt, now: datetime) -> None:
    """What was told to have failed was delivered: it counts, and a text that waits stays here."""
    if receipt.state != "delivered":
        return
    also = {"settled_at": now, "provider_id": receipt.provider_id, "sent_at": min(receipt.at, now)}
    if states.move(db, _REMINDERS, row.id, "arrive_after_all", also):
        take_caps(db, [row.id], now)
    else:
        states.move(db, _REMINDERS, row.id, "deliver", {"settled_at": now})


def came_to_nothing(db: Connection, row: Any, receipt: Receipt, now: datetime) -> None:
    """A receipt says that the rich form was not delivered: the plain text is to follow.

    While its worker still awaits the answer it is only noted, and done when that is settled.
    """
    its = (_REMINDERS.c.id == row.id, _REMINDERS.c.rich_id.is_(None))
    noted = {"rich_id": receipt.provider_id, "refusal": receipt.reason}
    db.execute(update(_REMINDERS).where(*its, _is_rich()).values(**noted))
    follow(db, [row.id], now)


def follow(db: Connection, reminder_ids: Sequence[int], now: datetime) -> None:
    """Schedule the plain text of those whose rich form came to nothing.

    Those for which it is too late end so: past their time, or a later step has left.
    """
    if not reminder_ids:
        return
    ended = select(_REMINDERS.c.id, _REMINDERS.c.latest_at, _overtaken()).where(
        _REMINDERS.c.id.in_(reminder_ids),
        _REMINDERS.c.state.in_(_ENDED_SO),
        _REMINDERS.c.rich_id.is_not(None),
        _is_rich(),
    )
    rows = list(db.execute(ended))
    in_time = [row.id for row in rows if now <= row.latest_at and not row.overtaken]
    names = ("handed_out_at", "claimed_at", "sent_at", "settled_at", "provider_id")
    also = dict.fromkeys(names) | {"rich": rich_kinds.PLAIN, "due_at": now}
    free_caps(db, states.move_all(db, _REMINDERS, in_time, "go_plainly", also))
    late = [row.id for row in rows if row.id not in in_time]
    fallbacks.plan(db, states.move_all(db, _REMINDERS, late, "bounce", {"settled_at": now}), now)


def _overtaken() -> Any:
    """Whether a later step of the same cart has left by now."""
    later = _REMINDERS.alias("later")
    left = later.c.state.in_(_LEFT)
    same = (later.c.cart_id == _REMINDERS.c.cart_id, later.c.programme == _REMINDERS.c.programme)
    return exists().where(*same, later.c.step > _REMINDERS.c.step, left).label("overtaken")


def _is_rich() -> Any:
    return or_(*(_REMINDERS.c.rich == kind for kind in rich_kinds.KINDS))
