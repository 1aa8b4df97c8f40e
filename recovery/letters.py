"""What leaves: the text of a reminder, in the shopper's language, with links of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, update

from recovery import lines, tables, tokens
from recovery.accounts import AccountRow
from recovery.answer_texts import Answer, text_of
from recovery.model import Channel, Message
from recovery.programmes import Running
from recovery.shops import ShopRow
from recovery.sms_parts import parts_of
from recovery.tokens import Link
from recovery.wording import (
    Item,
    Names,
    can_receive_replies,
    default_text,
    money,
    reminder_text,
)

_REMINDERS = tables.reminders


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to leave, and the reminder it belongs to."""

    reminder_id: int
    message: Message


def write_letters(
    db: Connection,
    leaving: Sequence[tuple[Any, ShopRow]],
    account: AccountRow,
    links_at: str,
    now: datetime,
    *,
    leave_by: Mapping[int, int] | None = None,
    answers: Sequence[tuple[Any, Answer]] = (),
    runs: Mapping[int, Running] | None = None,
) -> list[Letter]:
    """Write the texts for these carts and requests, store their links and what exactly is sent.

    `leave_by` names the request that a cart's reminder has leave by, where it is one;
    `answers` are texts without a cart; `runs` the programmes of the shops, by their ids.
    """
    by, of = leave_by or {}, runs or {}
    drafts = [
        replace(
            _draft(row, shop, account, links_at, now, of.get(row.shop_id)),
            request_id=by.get(row.id),
        )
        for row, shop in leaving
    ]
    drafts += [_answer(row, answer, account, links_at, now) for row, answer in answers]
    tokens.keep(db, [link for draft in drafts for link in draft.links])
    _keep_texts(db, drafts)
    return [Letter(draft.reminder_id, draft.message) for draft in drafts]


@dataclass(frozen=True, slots=True)
class _Draft:
    reminder_id: int
    message: Message
    links: tuple[tuple[str, Link], ...]
    request_id: int | None = None


def _draft(
    row: Any,
    shop: ShopRow,
    account: AccountRow,
    links_at: str,
    now: datetime,
    run: Running | None,
) -> _Draft:
    back, refuse = tokens.new_token(), tokens.new_token()
    answers = can_receive_replies(account.sender)
    names = _names(
        row, shop, f"{links_at}/r/{back}", "" if answers else f"{links_at}/stop/{refuse}"
    )
    locale = row.locale or shop.locale or ""
    text = reminder_text(_template(run, row.step, locale), names)
    links = [(back, _link("cart", row, now))]
    if not answers:
        links.append((refuse, _link("stop", row, now)))
    message = Message(str(row.reminder_id), Channel.SMS, account.sender, row.phone, text)
    return _Draft(row.reminder_id, message, tuple(links))


def _template(run: Running | None, number: int, locale: str) -> str:
    """The merchant's words in the shopper's language, else ours."""
    ours, language = default_text(locale)
    step = run.step(number) if run else None
    return step.texts.get(language, ours) if step else ours


def _answer(row: Any, answer: Answer, account: AccountRow, links_at: str, now: datetime) -> _Draft:
    refuse, links = "", []
    if not can_receive_replies(account.sender):
        token = tokens.new_token()
        refuse = f"{links_at}/stop/{token}"
        # Not of a cart: it is found by its shop and its reminder.
        ends = now + tokens.LIFE
        link = Link("stop", row.shop_id, None, row.reminder_id, ends)
        links = [(token, link)]
    text = text_of(answer, refuse)
    message = Message(str(row.reminder_id), Channel.SMS, account.sender, row.phone, text)
    return _Draft(row.reminder_id, message, tuple(links), row.request_id)


def _names(row: Any, shop: ShopRow, link: str, stop_link: str) -> Names:
    locale = row.locale or shop.locale or ""
    return Names(
        shop=shop.name or shop.address,
        link=link,
        lines=tuple(
            Item(line.title, line.quantity, money(line.total, row.currency, locale))
            for line in lines.read(row.lines)
        ),
        total=money(row.total, row.currency, locale),
        first_name=row.first_name,
        stop_words="" if stop_link else "STOP",
        stop_link=stop_link,
    )


def _link(purpose: str, row: Any, now: datetime) -> Link:
    return Link(purpose, row.shop_id, row.id, row.reminder_id, now + tokens.LIFE)


def _keep_texts(db: Connection, drafts: Sequence[_Draft]) -> None:
    if not drafts:
        return
    change = (
        update(_REMINDERS)
        .where(_REMINDERS.c.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}") for name in _KEPT})
    )
    db.execute(change, [_kept(draft) for draft in drafts])


_KEPT = ("recipient", "sender", "text", "parts", "request_id")


def _kept(draft: _Draft) -> dict[str, Any]:
    message = draft.message
    return {
        "row_id": draft.reminder_id,
        "new_recipient": message.recipient,
        "new_sender": message.sender,
        "new_text": message.text,
        "new_parts": parts_of(message.text).parts,
        "new_request_id": draft.request_id,
    }
