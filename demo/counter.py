"""Behind the counter: the shop makes codes, the merchant reads answers, texts have a price."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, select

from recovery import members, offer_codes, sms_count, sms_prices, tables, threads
from recovery.contacts import region_of
from recovery.letters import Letter
from recovery.model import Coupon, Money
from recovery.shops import ShopRow

#: Whom the sandbox's link lets in.
_MERCHANT = "sandbox:1"
#: What is younger is still to be read, so that there is something to do.
_READ_AFTER = timedelta(days=8)


def make_codes(run: Callable[[Callable[[Connection], object]], object], at: datetime) -> None:
    """Each code that is due is made in the shop, or taken away there, at once."""
    run(partial(_codes, at=at))


def _codes(db: Connection, at: datetime) -> None:
    for batch in offer_codes.hand_out(db, at):
        for offer_id in batch.offer_ids:
            if batch.job == offer_codes.MAKE:
                _make(db, offer_id, at)
            elif offer_codes.to_remove(db, offer_id, at) is not None:
                offer_codes.removed(db, offer_id, at)


def _make(db: Connection, offer_id: int, at: datetime) -> None:
    asked = offer_codes.to_make(db, offer_id, at)
    if asked is not None:
        code, ends_at = asked.offer.code, asked.offer.ends_at
        offer_codes.made(db, offer_id, Coupon(code, f"demo-{code}", ends_at), at)


def price_of(letter: Letter) -> Money | None:
    """What the made-up provider charges: the examples that the price page shows."""
    message = letter.message
    counted = sms_count.count(message.text)
    return sms_count.cost(counted, region_of(message.recipient), sms_prices.EXAMPLES)


def read_conversations(db: Connection, shop: ShopRow, now: datetime) -> None:
    """The merchant read what waits for long, and left what is new."""
    merchant = members.enter(db, shop.id, _MERCHANT, now)
    if merchant is None:
        return
    for head in threads.waiting(db, shop.id):
        if head.at < now - _READ_AFTER:
            threads.done(db, shop.id, head.reply_id, merchant.id, head.at + timedelta(hours=3))


def last_text_of(db: Connection, shop: ShopRow, now: datetime) -> tuple[str, str] | None:
    """Sender and recipient of the latest text that arrived: somebody who may ask something."""
    sent = tables.reminders.c
    asked = (
        select(sent.sender, sent.recipient)
        .where(sent.shop_id == shop.id, sent.channel == "sms", sent.state == "delivered")
        .where(sent.recipient.is_not(None), sent.sent_at < now - timedelta(hours=2))
        .order_by(sent.sent_at.desc())
    )
    row = db.execute(asked.limit(1)).first()
    return None if row is None else (row.sender, row.recipient)
