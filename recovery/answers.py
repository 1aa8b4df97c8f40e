"""Texts that answer a request: planned once, and looked at anew right before they leave.

They go the way of every reminder (claim, examine, send, settle), without a cart. A row is
one for each (request, programme, subject): a stage of an order, one asking of a watch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from recovery import answer_facts, asks, consent, opt_in, shops, states, tables, timing, welcome
from recovery.accounts import AccountRow
from recovery.answer_facts import Facts
from recovery.answer_texts import Answer, tracking_link
from recovery.model import Channel, Stage
from recovery.reasons import Reason
from recovery.shops import ShopRow
from recovery.timing import Due, NotInTime
from recovery.wording import can_receive_replies

_REMINDERS = tables.reminders
_REQUESTS = tables.requests


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of one claimed text: skipped (`reasons`), put off (`due`), or sent."""

    row: Any
    shop: ShopRow
    reasons: tuple[Reason, ...] = ()
    due: Due | None = None
    wants_code: bool = False  # put off until the platform says whether its code works
    answer: Answer | None = None


def judge(db: Connection, ids: Sequence[int], account: AccountRow, now: datetime) -> list[Verdict]:
    """Look at these claimed texts, in the order of their ids given."""
    rows = _read(db, ids)
    if not rows:
        return []
    of = shops.all_by_id(db, list({row.shop_id for row in rows}))
    stops = consent.suppressed(db, {_key(row) for row in rows})
    facts = answer_facts.look_up(db, rows)
    known = welcome.look_up(db, rows)
    unconfirmed = opt_in.unconfirmed(db, [row for row in rows if row.programme == asks.OPT_IN])
    place = {each: at for at, each in enumerate(ids)}
    verdicts = []
    for row in sorted(rows, key=lambda row: place[row.reminder_id]):
        shop = of[row.shop_id]
        against = [
            *_against(row, shop, stops, unconfirmed, account),
            *_untrue(row, facts, known),
        ]
        if row.programme == welcome.WELCOME and not against:
            verdicts.append(_welcome(row, shop, known, now))
        else:
            verdicts.append(_verdict(row, shop, against, facts, now))
    return verdicts


def _read(db: Connection, ids: Sequence[int]) -> list[Any]:
    names = ("latest_at", "programme", "step", "subject", "shop_id")
    of_request = (
        *("phone", "kind", "about", "product_key", "variant_key", "address", "price"),
        *("currency", "country", "locale", "source", "asked_at", "confirmed_at", "ended_at"),
        "ended_because",
    )
    rows = db.execute(
        select(
            _REMINDERS.c.id.label("reminder_id"),
            _REMINDERS.c.request_id,
            *(_REMINDERS.c[name] for name in names),
            *(_REQUESTS.c[name] for name in of_request),
            tables.shops.c.double_opt_in,
            tables.shops.c.order_texts,
            *(tables.shops.c[name] for name in _OF_THE_CODE),
        )
        .join(_REQUESTS, _REQUESTS.c.id == _REMINDERS.c.request_id)
        .join(tables.shops, tables.shops.c.id == _REMINDERS.c.shop_id)
        .where(
            _REMINDERS.c.id.in_(ids),
            _REMINDERS.c.cart_id.is_(None),
            _REMINDERS.c.state == states.ReminderState.SENDING,
        )
    )
    return list(rows)


_OF_THE_CODE = ("welcome_code", "code_read", "code_works", "code_read_at")


def _key(row: Any) -> tuple[int, str, str]:
    return (row.shop_id, Channel.SMS.value, row.phone)


def _against(
    row: Any,
    shop: ShopRow,
    stops: set[tuple[int, str, str]],
    unconfirmed: set[tuple[int, str]],
    account: AccountRow,
) -> list[Reason]:
    """What speaks against any text to this number."""
    asks_to_confirm = row.programme == asks.OPT_IN
    stands = row.ended_at is None
    if asks_to_confirm:
        stands = (row.shop_id, row.phone) in unconfirmed
    elif row.programme == welcome.WELCOME:
        stands = welcome.stands(row)
    wanted = opt_in.is_wanted(row.double_opt_in, row.phone, row.country)
    asked = (
        (Reason.SHOP_GONE, not shop.is_active),
        (Reason.NOT_ON, bool(shop.held)),
        (Reason.STOPPED, _key(row) in stops),
        (Reason.NOT_ASKED, not stands),
        (Reason.NOT_CONFIRMED, wanted and not asks_to_confirm and row.confirmed_at is None),
        (Reason.NO_REPLIES, asks_to_confirm and not can_receive_replies(account.sender)),
    )
    return [reason for reason, holds in asked if holds]


def _untrue(row: Any, facts: Facts, known: welcome.Known) -> list[Reason]:
    """What speaks against what this text says."""
    if row.programme == welcome.WELCOME:
        return welcome.against(row, known)
    if row.programme == answer_facts.ORDER:
        return facts.against_stage(row)
    if row.programme in asks.WATCHES and not facts.is_true(row):
        return [Reason.NOT_TRUE]
    return []


def _verdict(
    row: Any, shop: ShopRow, against: list[Reason], facts: Facts, now: datetime
) -> Verdict:
    if against:
        return Verdict(row, shop, tuple(against))
    rule = timing.ASKED[rule_name(row.programme, row.step)]
    happened_at = row.latest_at - rule.stale
    due = _due(rule, happened_at, row.phone, row.country, shop, now)
    if isinstance(due, NotInTime):
        return Verdict(row, shop, (due.reason,))
    if due.at > now:
        return Verdict(row, shop, due=due)
    return Verdict(row, shop, answer=_answer(row, shop, facts))


def _welcome(row: Any, shop: ShopRow, known: welcome.Known, now: datetime) -> Verdict:
    due = welcome.due(row, shop, known, now)
    is_known = welcome.is_code_known(row, now)
    may_leave = isinstance(due, Due) and due.at <= now
    if may_leave and not is_known:
        due = welcome.wait(row, now)
    if isinstance(due, NotInTime):
        return Verdict(row, shop, (due.reason,))
    if due.at > now:
        return Verdict(row, shop, due=due, wants_code=may_leave)
    if not row.code_works:
        return Verdict(row, shop, (Reason.CODE_GONE,))
    names = (shop.name or shop.address, (row.locale, shop.locale))
    code, home = row.welcome_code, answer_facts.home_of(shop)
    answer = Answer(welcome.WELCOME, *names, code, home, link_is_needed=True, code=code)
    return Verdict(row, shop, answer=answer)


def _answer(row: Any, shop: ShopRow, facts: Facts) -> Answer:
    name = rule_name(row.programme, row.step)
    locale = (row.locale, shop.locale)
    sender = shop.name or shop.address
    if row.programme == answer_facts.ORDER:
        address = facts.tracking_address(row) if name in _OF_A_PARCEL else None
        return Answer(name, sender, locale, facts.order_name(row), tracking_link(address))
    if row.programme in asks.WATCHES:
        title, address = facts.product(row, shop)
        return Answer(name, sender, locale, title, address, link_is_needed=True)
    return Answer(name, sender, locale)


_OF_A_PARCEL = (Stage.SHIPPED.value, Stage.OUT_FOR_DELIVERY.value)


def rule_name(programme: str, step: int) -> str:
    """The row of `timing.ASKED`: a stage of an order, else the programme."""
    return answer_facts.STAGES[step - 1] if programme == answer_facts.ORDER else programme


def _due(
    rule: timing.AskedRule,
    happened_at: datetime,
    phone: str,
    country: str | None,
    shop: ShopRow,
    now: datetime,
) -> Due | NotInTime:
    zones = timing.zones_of(phone, country or shop.country, None, shop.timezone)
    return timing.asked_due(rule, happened_at, zones, any_hour=shop.any_hour, not_before=now)
