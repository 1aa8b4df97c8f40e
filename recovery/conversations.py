"""What a shopper's reply sets going, when it is no stop, no start and no yes that we asked for.

An answer to a survey ("why was it left?") is kept with its reason, and what follows it is
planned (`survey_rules`). Everything else reaches a person: it is on its way to the merchant's
e-mail (`forwarding`), and the programmes stand still for who wrote it (`pauses`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from recovery import forwarding, notices, pauses, reply_steps, surveys, tables
from recovery.offer_facts import Decision, Gift
from recovery.shops import ShopRow
from recovery.states import CartState
from recovery.step_times import Place, place_of
from recovery.survey import Answer, read_answer
from recovery.survey_rules import TO_A_PERSON, Chance, Next, follows
from recovery.timing import next_decent

_REASONS, _CARTS = tables.leaving_reasons, tables.carts
_REMINDERS = tables.reminders
#: So long after a survey a reply is taken for an answer to it; later, "2" may mean anything.
LISTENS = timedelta(days=7)
#: How far the provider's clock may be behind ours: a reply from before the survey is none to it.
CLOCKS_DIFFER = timedelta(minutes=5)
_OPEN = frozenset({CartState.OPEN, CartState.ABANDONED})

#: Free shipping for this cart (a row of `carts`) at this shop now: as `offers.decide` says.
ShippingOffer = Callable[[Connection, Any, ShopRow, datetime], Decision]


def no_shipping_offer(db: Connection, cart: Any, shop: ShopRow, now: datetime) -> Decision:
    """Nobody decides about offers: none is made."""
    return Decision(Gift.NONE, ())


def heard(
    db: Connection,
    shop: ShopRow,
    reply: Any,
    reminder: Any | None,
    now: datetime,
    shipping_offer: ShippingOffer = no_shipping_offer,
) -> Next:
    """Do what this reply asks for, once; tells what that is.

    `reply` is its row of `replies`, just kept; `reminder` the row of the latest reminder from
    that sender to that number, None where there was none. Not for a stop: that comes first.
    """
    survey = _survey(db, shop, reply, reminder)
    cart = _held_cart(db, survey)
    answer = _answer(shop, reply, survey, cart, survey is reminder)
    if answer is not None:
        place = place_of(cart, shop)
        chance = _chance(db, shop, survey, cart, place, now, shipping_offer)
        what = follows(answer, chance, reply.at, place.zones[0])
        _keep_reason(db, shop, reply, survey, answer, what)
        reply_steps.plan(db, survey, reply, what)
        reminder = survey
    else:
        what, cart = TO_A_PERSON, _held_cart(db, reminder)
    if what.pauses:
        _reach_a_person(db, shop, reply, cart, now)
    if cart is not None and _is_rest_over(db, shop, reminder, what):
        reply_steps.call_off_rest(db, cart.id, now)
    return what


def is_nobodys(db: Connection, account_id: int, now: datetime) -> None:
    """A reply came to a sender that several shops use, from a number none of them wrote to."""
    words = "Somebody wrote to this sender whom no shop had written to: read it where it is kept."
    notices.tell(db, f"account.{account_id}.reply_to_nobody", words, now)


def _held_cart(db: Connection, reminder: Any | None) -> Any | None:
    """The reminder's cart, held until this transaction ends: of two answers at once one is first.

    An order that is recorded at this moment waits, and then calls off what is planned here; or
    it is read here.
    """
    if reminder is None or reminder.cart_id is None:
        return None
    mine = select(_CARTS).where(_CARTS.c.id == reminder.cart_id)
    if db.dialect.name != "sqlite":  # which has one writer anyway
        mine = mine.with_for_update()
    return db.execute(mine).first()


def _survey(db: Connection, shop: ShopRow, reply: Any, latest: Any | None) -> Any | None:
    """The last survey that left for them lately; texts may have left since. None: there is none.

    `latest` itself, if it is one.
    """
    if latest is None:
        return None
    rows = db.execute(
        select(_REMINDERS)
        .where(
            _REMINDERS.c.recipient == latest.recipient,
            _REMINDERS.c.sender == latest.sender,
            _REMINDERS.c.account_id == latest.account_id,
            _REMINDERS.c.shop_id == shop.id,
            _REMINDERS.c.sent_at >= reply.at - LISTENS,
            _REMINDERS.c.sent_at <= reply.at + CLOCKS_DIFFER,
            _REMINDERS.c.cart_id.is_not(None),
        )
        .order_by(_REMINDERS.c.sent_at.desc(), _REMINDERS.c.id.desc())
    )
    found = next((row for row in rows if surveys.is_survey(db, row)), None)
    return latest if found is not None and found.id == latest.id else found


def _answer(
    shop: ShopRow, reply: Any, survey: Any | None, cart: Any | None, is_latest: bool
) -> Answer | None:
    """What the reply says to the survey that it belongs to; None: it belongs to none.

    After a later text only what is plainly an answer belongs to it.
    """
    if survey is None or cart is None:
        return None
    answer = read_answer(reply.text, survey.language or cart.locale or shop.locale)
    return answer if is_latest or answer.reason is not None else None


def _chance(
    db: Connection,
    shop: ShopRow,
    survey: Any,
    cart: Any,
    place: Place,
    now: datetime,
    shipping_offer: ShippingOffer,
) -> Chance:
    # By its cart, of which there is an index.
    same = (_REASONS.c.cart_id == survey.cart_id, _REASONS.c.reminder_id == survey.id)
    answered = select(_REASONS.c.id).where(*same).limit(1)

    def decent(moment: datetime) -> datetime | None:
        return next_decent(max(moment, now), place.hours, place.zones, shop.any_hour)

    return Chance(
        shipping=shipping_offer(db, cart, shop, now),
        guests_may_order=shop.guests_may_order,
        cart_is_open=cart.state in _OPEN,
        answered_before=db.execute(answered).first() is not None,
        decent=decent,
    )


def _keep_reason(
    db: Connection, shop: ShopRow, reply: Any, survey: Any, answer: Answer, what: Next
) -> None:
    row = {
        "shop_id": shop.id,
        "cart_id": survey.cart_id,
        "reminder_id": survey.id,
        "reply_id": reply.id,
        "reason": answer.reason.value if answer.reason else None,
        "follow": what.follow.value,
        "follow_at": what.at,
        "at": reply.at,
    }
    db.execute(_REASONS.insert().values(**row))


def _reach_a_person(
    db: Connection, shop: ShopRow, reply: Any, cart: Any | None, now: datetime
) -> None:
    forwarding.keep(db, shop.id, reply, now)
    addresses = [reply.sender, *([cart.email] if cart is not None and cart.email else [])]
    pauses.pause(db, shop.id, addresses, f"reply {reply.id}", now)


def _is_rest_over(db: Connection, shop: ShopRow, reminder: Any | None, what: Next) -> bool:
    if what.follow in reply_steps.REPLACING:
        return True
    return reminder is not None and reply_steps.is_ended_by_reply(db, shop, reminder)
