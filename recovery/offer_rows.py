"""Decisions about offers as rows: one for each reminder whose step has an incentive.

`for_step` is asked in the transaction that examines a claimed reminder. The first time it
decides (`offers.decide`) and keeps the answer with its reasons, also when it is "none"; from
then on it tells how that stands. No code is named that was not read back from the shop: until
then the reminder waits, and after `PATIENCE` it goes without, or waits on, as its step says.
A row that was called back because its reminder was skipped does not count any more: should
that reminder be planned again, it is decided anew, and the newest row of a reminder speaks.

How a row can stand is listed in `offer_stands`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from recovery import notices, offer_past, offer_policy, offers, tables, timing
from recovery.fresh_codes import new_code
from recovery.offer_facts import Decision, Gift, Policy, Terms
from recovery.offer_past import terms_of, zone_of
from recovery.offer_policy import UnreadablePolicy
from recovery.offer_stands import Stand, change
from recovery.offer_words import Why, offer_words
from recovery.programme_form import Incentive, Step
from recovery.shops import ShopRow
from recovery.step_times import is_any_hour, place_of

_OFFERS, _REMINDERS = tables.offers, tables.reminders

PATIENCE = timedelta(minutes=10)  # with a shop that does not make the code
_AGAIN = timedelta(seconds=15)  # between two looks whether it is made
_AFTER_A_NO = timedelta(minutes=10)  # a step that waits asks a shop again that refused
_LEAST = timedelta(minutes=30)  # an offer that ends sooner is not promised any more
_NOT_IN_TIME = "The shop did not make the code in time."


@dataclass(frozen=True, slots=True)
class Nothing:
    """The step leaves without a promise."""


@dataclass(frozen=True, slots=True)
class Promised:
    """What the step may promise; `terms.ends_at` is the real end of `code`.

    A reward has no code yet, but a `deadline`: the last moment of the order that earns it,
    when the message leaves now. `zone` is the shopper's, in which the end is told.
    """

    terms: Terms
    offer_id: int
    zone: str
    code: str | None = None
    ends_at: datetime | None = None
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """The code is wanted and not made yet: ask again at `until`."""

    until: datetime


Verdict = Nothing | Promised | Wait
NOTHING = Nothing()


def for_step(
    db: Connection, cart: Any, shop: ShopRow, reminder_id: int, step: Step, now: datetime
) -> Verdict:
    """What this reminder may promise at `now`. `cart` is its row of `carts`.

    Decides and keeps the decision the first time. Raises nothing for rules that cannot be
    read: then nothing is offered, and the merchant is told.
    """
    if step.incentive is None:
        return NOTHING
    row = _row_of(db, reminder_id)
    if row is None or (row.stand == Stand.REMOVED and row.announced_at is None):
        offer_past.lock(db, shop.id)
        row = _decide(db, cart, shop, reminder_id, step, step.incentive, now)
    told = _by_id(db, row.repeats_id) if row.stand == Stand.REPEATED else row
    return NOTHING if told is None else _verdict(db, cart, shop, row, told, step, now)


def by_id(db: Connection, offer_id: int | None) -> Any | None:
    """The row of an offer, or None."""
    return None if offer_id is None else _by_id(db, offer_id)


def explained(row: Any, language: str | None = "en") -> list[str]:
    """Why an offer is as it is, in sentences for the merchant; the last trouble at the end."""
    told = [offer_words(Why(each), language) for each in json.loads(row.reasons)]
    return [*told, row.error] if row.error else told


def policy_of(shop: ShopRow, currency: str) -> Policy:
    """The shop's rules; `currency` where the shop's own is not known. Raises `UnreadablePolicy`."""
    return offer_policy.read(shop.offer_policy, shop.currency or currency)


def subject(shop_id: int) -> str:
    """Under which the merchant hears of trouble with codes."""
    return f"shop.{shop_id}.offers"


# -- the decision ----------------------------------------------------------------------------------


def foreseen(db: Connection, cart: Any, shop: ShopRow, step: Step, now: datetime) -> Decision:
    """What `for_step` would decide now for a step with an incentive; nothing is kept."""
    nobody = Decision(Gift.NONE, (Why.SHOP_OFFERS_NONE,))
    if step.incentive is None:
        return nobody
    try:
        policy = policy_of(shop, cart.currency)
    except UnreadablePolicy:
        return nobody
    return _decision(db, cart, shop, step, step.incentive, policy, now)


def _decision(
    db: Connection,
    cart: Any,
    shop: ShopRow,
    step: Step,
    asked: Incentive,
    policy: Policy,
    now: datetime,
) -> Decision:
    past = offer_past.offers_of_person(db, cart)
    return offers.decide(
        asked,
        offer_past.person_facts(db, cart, past, now),
        offer_past.cart_facts(cart, shop, step.number),
        policy,
        offer_past.spent(db, shop, policy, past, now),
        now,
    )


def _decide(
    db: Connection,
    cart: Any,
    shop: ShopRow,
    reminder_id: int,
    step: Step,
    asked: Incentive,
    now: datetime,
) -> Any:
    try:
        policy = policy_of(shop, cart.currency)
    except UnreadablePolicy as error:
        words = f"The rules for offers cannot be read, so nobody gets one: {error}"
        notices.tell(db, f"shop.{shop.id}.offer_policy", words, now, shop.id)
        nobody = Decision(Gift.NONE, (Why.SHOP_OFFERS_NONE,))
        return _keep(db, cart, reminder_id, nobody, now, error=words)
    decision = _decision(db, cart, shop, step, asked, policy, now)
    return _keep(db, cart, reminder_id, decision, now, **_first_stand(decision, shop, policy, now))


def _first_stand(
    decision: Decision, shop: ShopRow, policy: Policy, now: datetime
) -> dict[str, Any]:
    if decision.repeats is not None:
        return {"stand": Stand.REPEATED, "repeats_id": int(decision.repeats)}
    if decision.terms is None:
        return {}
    if decision.gift is Gift.NEXT:
        # Until its message leaves, `ends_at` tells how long the order may take from now.
        until = now + policy.order_within
        return {"stand": Stand.PROMISED, "ends_at": until, "try_at": until}
    ends = {"ends_at": decision.terms.ends_at, "try_at": now}
    return {"stand": Stand.WANTED, "code": new_code(shop)} | ends


def _keep(
    db: Connection, cart: Any, reminder_id: int, decision: Decision, now: datetime, **more: Any
) -> Any:
    values: dict[str, Any] = {
        "shop_id": cart.shop_id,
        "cart_id": cart.id,
        "reminder_id": reminder_id,
        "customer_key": cart.customer_key,
        "email": cart.email,
        "phone": cart.phone,
        "gift": decision.gift.value,
        "stand": Stand.NONE,
        "reasons": json.dumps([why.value for why in decision.reasons]),
        "cost": decision.cost,
        "decided_at": now,
    }
    terms = decision.terms
    if terms is not None:
        names = ("kind", "value", "currency", "days", "minimum")
        values |= {name: getattr(terms, name) for name in names}
        values |= {name: json.dumps(list(getattr(terms, name))) for name in ("lines", "left_out")}
    row = db.execute(_OFFERS.insert().values(**(values | more)).returning(*_OFFERS.c)).one()
    mine = update(_REMINDERS).where(_REMINDERS.c.id == reminder_id)
    db.execute(mine.values(offer_id=row.id))
    return row


def _row_of(db: Connection, reminder_id: int) -> Any | None:
    mine = select(_OFFERS).where(_OFFERS.c.reminder_id == reminder_id)
    return db.execute(mine.order_by(_OFFERS.c.id.desc()).limit(1)).first()


def _by_id(db: Connection, offer_id: int) -> Any | None:
    return db.execute(select(_OFFERS).where(_OFFERS.c.id == offer_id)).first()


# -- how it stands now -----------------------------------------------------------------------------


def _verdict(
    db: Connection, cart: Any, shop: ShopRow, own: Any, told: Any, step: Step, now: datetime
) -> Verdict:
    """`own` is the reminder's row, `told` the one whose promise it makes: itself, or another."""
    zone, waits = zone_of(cart, shop), step.incentive and step.incentive.unless_made == "wait"
    if told.stand == Stand.MADE:
        if told.ends_at <= now + _LEAST:
            return NOTHING
        return Promised(terms_of(told), own.id, zone, told.code, told.ends_at)
    if told.stand == Stand.PROMISED:
        deadline = deadline_if_sent(told, now)
        if deadline <= now + _LEAST:
            return NOTHING
        return Promised(terms_of(told), own.id, zone, deadline=deadline)
    if told.stand == Stand.WANTED:
        if waits or _has_time(db, cart, shop, own.reminder_id, told, now):
            return Wait(now + _AGAIN)
        _give_up(db, told, now)
    elif told.stand == Stand.FAILED and waits and told.id == own.id:
        return _ask_again(db, shop, told, now)
    return NOTHING


def deadline_if_sent(row: Any, at: datetime) -> datetime:
    """The last moment of the order that earns the reward, should its message leave at `at`.

    Once one has left it stays as it is.
    """
    if row.announced_at is not None:
        return row.ends_at  # type: ignore[no-any-return]
    return at + (row.ends_at - row.decided_at)  # type: ignore[no-any-return]


def _has_time(
    db: Connection, cart: Any, shop: ShopRow, reminder_id: int, told: Any, now: datetime
) -> bool:
    """Whether a reminder that would rather go without may still wait for the code.

    Not past its own end, and not past the closing of decent hours.
    """
    until = now + _AGAIN
    if now >= told.decided_at + PATIENCE:
        return False
    columns = (_REMINDERS.c.latest_at, _REMINDERS.c.channel)
    reminder = db.execute(select(*columns).where(_REMINDERS.c.id == reminder_id)).one()
    place, any_hour = place_of(cart, shop), is_any_hour(shop, reminder.channel)
    limit = reminder.latest_at - timing.ROOM
    return timing.may_leave(until, limit, place.hours, place.zones, any_hour)


def _give_up(db: Connection, row: Any, now: datetime) -> None:
    """The code is not waited for any longer; made after all, it is taken away again."""
    words = f"{_NOT_IN_TIME} {row.error or ''}".strip()
    look = row.try_at if row.coupon_key is not None else None
    if change(db, row.id, {Stand.WANTED}, stand=Stand.FAILED, error=words, try_at=look):
        told = f"Reminders leave without the offer that they would make. {words}"
        notices.tell(db, subject(row.shop_id), told, now, row.shop_id)


def _ask_again(db: Connection, shop: ShopRow, row: Any, now: datetime) -> Verdict:
    """The shop said no to this code; somebody may have mended what was in the way."""
    later = now + _AFTER_A_NO
    if row.coupon_key is not None:
        return NOTHING
    again = {"stand": Stand.WANTED, "code": new_code(shop), "try_at": later}
    change(db, row.id, {Stand.FAILED}, **again)
    return Wait(later + _AGAIN)


# -- announced, or never left ----------------------------------------------------------------------


def announced(db: Connection, reminder_ids: Sequence[int], now: datetime) -> None:
    """The messages of these reminders left, or may have left: what they promise is promised.

    Times count from the sending (`reminders.sent_at`), where it is known. Asked twice, the
    first time counts.
    """
    if not reminder_ids:
        return
    sent = select(*_OFFERS.c, _REMINDERS.c.sent_at).join(
        _REMINDERS, _REMINDERS.c.id == _OFFERS.c.reminder_id
    )
    mine = (_OFFERS.c.reminder_id.in_(list(reminder_ids)), _OFFERS.c.announced_at.is_(None))
    told = _OFFERS.c.stand.in_([*_PROMISING, Stand.REPEATED])
    for row in db.execute(sent.where(*mine, told)).all():
        at = row.sent_at or now
        _announce(db, row, at)
        repeated = by_id(db, row.repeats_id)
        if repeated is not None and repeated.stand in _PROMISING:
            _announce(db, repeated, at)


_PROMISING = (Stand.MADE, Stand.PROMISED, Stand.USED, Stand.ENDED)


def _announce(db: Connection, row: Any, at: datetime) -> None:
    values: dict[str, Any] = {"announced_at": at}
    if row.stand == Stand.PROMISED:
        until = deadline_if_sent(row, at)
        values |= {"ends_at": until, "try_at": until}
    still = (_OFFERS.c.id == row.id, _OFFERS.c.stand == row.stand)
    db.execute(update(_OFFERS).where(*still, _OFFERS.c.announced_at.is_(None)).values(**values))
