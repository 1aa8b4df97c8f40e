"""Replies on their way to the merchant's e-mail: handed out, claimed, settled. Each leaves once.

`forwards.try_at` says when the next try is due, and, for what is handed out or on the wire,
until when it is waited for; None means sent, or given up. `error` holds `ON_THE_WIRE` during
the call: what stays so belongs to a worker that died, and nobody knows whether it arrived.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from recovery import accounts, lines, notices, pauses, shops, tables
from recovery.accounts import AccountRow
from recovery.forward_words import Told, html_of, item, money, subject_of, text_of
from recovery.model import Channel, Email
from recovery.shops import ShopRow
from recovery.upserts import insert_into

_FORWARDS, _REPLIES = tables.forwards, tables.replies
_REMINDERS, _CARTS = tables.reminders, tables.carts
#: What Redis lost, or a dead worker held, is looked at again after this.
PATIENCE = timedelta(minutes=15)
#: Without an address or an account it is asked so often whether there is one by now.
KEPT = timedelta(minutes=15)
#: A reply that could not be handed over for so long is no news any more.
LIFE = timedelta(days=30)

#: Of one number so many replies a day (`WINDOW`) leave one by one; one more waits for the day's
#: end, and tells in one line how many came after it.
MOST_A_DAY = 5
WINDOW = timedelta(hours=24)

ON_THE_WIRE = "on its way"
HELD = "More than a day's replies of one number: the next e-mail says how many."
UNKNOWN = "It is not known whether the e-mail arrived; it is not sent a second time."
TOO_OLD = "It could not be sent for 30 days."
NO_ADDRESS = "Replies of shoppers wait: name the e-mail address that they are to go to."
NO_ACCOUNT = "Replies of shoppers wait: the shop has no account that sends e-mails."
_NOT_SENT = "An e-mail with a shopper's reply did not reach you: read the reply where it is kept."


@dataclass(frozen=True, slots=True)
class Forward:
    """One reply, claimed: the account that sends it, and the e-mail."""

    id: int
    shop_id: int
    account: AccountRow
    email: Email
    #: Further replies that this e-mail counts: rows of `forwards`.
    held: tuple[int, ...] = ()


def keep(db: Connection, shop_id: int, reply: Any, now: datetime) -> None:
    """Put a reply (its row) on its way to the merchant, once; past a day's number it is held."""
    mine = _of_sender(shop_id, reply.sender)
    lately = select(func.count()).where(*mine, _FORWARDS.c.at > now - WINDOW, _is_not_held())
    before = db.execute(lately).scalar_one()
    row = {"shop_id": shop_id, "reply_id": reply.id, "at": now, "try_at": now, "attempts": 0}
    if before == MOST_A_DAY:
        row["try_at"] = now + WINDOW
    elif before > MOST_A_DAY:
        row |= {"try_at": None, "error": HELD}
    db.execute(insert_into(db, _FORWARDS).values(**row).on_conflict_do_nothing())


def is_one_due(db: Connection, now: datetime) -> bool:
    """Whether `hand_out` would find anything; a read."""
    return db.execute(select(_FORWARDS.c.id).where(_due(now)).limit(1)).first() is not None


def hand_out(db: Connection, now: datetime, most: int = 100) -> list[int]:
    """Those to be sent now, each for one worker; what died on the wire is given up here."""
    dead = select(_FORWARDS).where(_due(now), _FORWARDS.c.error == ON_THE_WIRE)
    for row in db.execute(dead).all():
        _give_up(db, row.id, row.shop_id, UNKNOWN, now)
    due = select(_FORWARDS.c.id).where(_due(now), _idle()).order_by(_FORWARDS.c.try_at).limit(most)
    ids = [row.id for row in db.execute(due)]
    taken = (
        update(_FORWARDS)
        .where(_FORWARDS.c.id.in_(ids), _due(now), _idle())
        .values(try_at=now + PATIENCE)
        .returning(_FORWARDS.c.id)
    )
    return [row.id for row in db.execute(taken)]


def claim(db: Connection, forward_id: int, now: datetime) -> Forward | None:
    """Take it for one try, written out; None when there is nothing to send, or nobody to.

    From here on it may have left: who does not settle it has lost track of it.
    """
    mine = (_FORWARDS.c.id == forward_id, _FORWARDS.c.try_at.is_not(None), _idle())
    on_its_way = {
        "error": ON_THE_WIRE,
        "try_at": now + PATIENCE,
        "attempts": _FORWARDS.c.attempts + 1,
    }
    row = db.execute(update(_FORWARDS).where(*mine).values(**on_its_way).returning(_FORWARDS))
    forward = row.first()
    if forward is None:
        return None
    shop = shops.by_id(db, forward.shop_id)
    said = db.execute(select(_REPLIES).where(_REPLIES.c.id == forward.reply_id)).first()
    if shop is None or not shop.is_active or said is None:
        _over(db, forward_id, "The shop left, or the reply was erased.")
        return None
    account = _account(db, shop, forward, now)
    if account is None:
        return None
    waited = now - forward.at >= WINDOW  # the one that waited for the day's end
    held = _held(db, shop.id, said.sender) if waited else ()
    told = _told(db, shop, said, len(held))
    return Forward(forward_id, shop.id, account, _email(told, shop, account, forward_id, now), held)


def sent(db: Connection, forward: Forward, now: datetime) -> None:
    """The mail server took it."""
    _set(db, forward.id, sent_at=now, try_at=None, error=None)
    told = _FORWARDS.c.id.in_(forward.held)
    db.execute(update(_FORWARDS).where(told).values(sent_at=now))
    notices.settle(db, _waits(forward.shop_id), now)
    notices.settle(db, _not_forwarded(forward.shop_id), now)
    accounts.works_again(db, forward.account.id, now)


def later(db: Connection, forward_id: int, at: datetime, error: str) -> None:
    """Nothing happened: another try at `at`; `error` says what was in the way."""
    _set(db, forward_id, try_at=at, error=error)


def refused(db: Connection, forward: Forward, error: str, now: datetime) -> None:
    """The mail server said no for good; the merchant is told."""
    _give_up(db, forward.id, forward.shop_id, error, now)


def lost_track(db: Connection, forward: Forward, now: datetime) -> None:
    """It may have arrived: it is never sent again, and the merchant is told."""
    _give_up(db, forward.id, forward.shop_id, UNKNOWN, now)


def _account(db: Connection, shop: ShopRow, forward: Any, now: datetime) -> AccountRow | None:
    """The account that may send it now; else it is kept, or too old, and the merchant told."""
    of_shop = shop.email_account_id
    account = None if of_shop is None else accounts.by_id(db, of_shop)
    trouble = NO_ADDRESS if not shop.merchant_email else NO_ACCOUNT if account is None else None
    if forward.at + LIFE <= now:
        _give_up(db, forward.id, shop.id, TOO_OLD, now)
        return None
    if trouble is None and account is not None and account.may_send(now):
        return account
    if trouble is not None:
        notices.tell(db, _waits(shop.id), trouble, now, shop.id)
    # An account that is stopped told the merchant itself.
    later(db, forward.id, now + KEPT, trouble or "The account that sends e-mails is stopped.")
    return None


def _of_sender(shop_id: int, sender: str) -> tuple[Any, ...]:
    """Forwards of this number's replies at this shop."""
    said = select(_REPLIES.c.id).where(_REPLIES.c.sender == sender)
    return (_FORWARDS.c.shop_id == shop_id, _FORWARDS.c.reply_id.in_(said))


def _held(db: Connection, shop_id: int, sender: str) -> tuple[int, ...]:
    untold = (_FORWARDS.c.error == HELD, _FORWARDS.c.sent_at.is_(None))
    return tuple(db.scalars(select(_FORWARDS.c.id).where(*_of_sender(shop_id, sender), *untold)))


def _is_not_held() -> Any:
    return or_(_FORWARDS.c.error.is_(None), _FORWARDS.c.error != HELD)


def _email(told: Told, shop: ShopRow, account: AccountRow, number: int, now: datetime) -> Email:
    return Email(
        reference=f"forward-{number}",
        channel=Channel.EMAIL,
        sender=account.mail_from or account.sender,
        recipient=shop.merchant_email or "",
        text=text_of(told, shop.locale),
        subject=subject_of(told, shop.locale),
        html=html_of(told, shop.locale),
        sender_name=shop.name,
        written_at=now,
    )


def _told(db: Connection, shop: ShopRow, said: Any, held: int) -> Told:
    reminder, cart = _reminder(db, said), None
    if reminder is not None and reminder.cart_id is not None:
        cart = db.execute(select(_CARTS).where(_CARTS.c.id == reminder.cart_id)).first()
    told: dict[str, Any] = {
        "shop": shop.name or shop.address,
        "number": said.sender,
        "reply": said.text,
        "last_text": None if reminder is None else reminder.text,
        "shop_key": shop.key,
        "held": held,
    }
    if pauses.paused(db, {(shop.id, said.sender)}):
        told["paused_days"] = pauses.LONGEST.days
    return Told(**told, **({} if cart is None else _of_cart(cart, shop)))


def _reminder(db: Connection, said: Any) -> Any | None:
    mine = _REMINDERS.c.id == said.reminder_id
    return db.execute(select(_REMINDERS.c.text, _REMINDERS.c.cart_id).where(mine)).first()


def _of_cart(cart: Any, shop: ShopRow) -> dict[str, Any]:
    held = lines.read(cart.lines)
    return {
        "first_name": cart.first_name,
        "cart_name": cart.name,
        "lines": tuple(
            item(each.title, each.quantity, money(each.total, cart.currency, shop.locale))
            for each in held
        ),
        "total": money(cart.total, cart.currency, shop.locale),
    }


def _give_up(db: Connection, forward_id: int, shop_id: int, error: str, now: datetime) -> None:
    _over(db, forward_id, error)
    notices.tell(db, _not_forwarded(shop_id), f"{_NOT_SENT} {error}", now, shop_id)


def _over(db: Connection, forward_id: int, error: str) -> None:
    _set(db, forward_id, try_at=None, error=error)


def _set(db: Connection, forward_id: int, **values: Any) -> None:
    db.execute(update(_FORWARDS).where(_FORWARDS.c.id == forward_id).values(**values))


def _waits(shop_id: int) -> str:
    return f"shop.{shop_id}.replies_wait"


def _not_forwarded(shop_id: int) -> str:
    return f"shop.{shop_id}.reply_not_forwarded"


def _due(now: datetime) -> Any:
    return _FORWARDS.c.try_at <= now


def _idle() -> Any:
    return or_(_FORWARDS.c.error.is_(None), _FORWARDS.c.error != ON_THE_WIRE)
