"""What leaves: the text of a reminder, in the shopper's language, with links of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, bindparam, update

from recovery import lines, notices, rich_texts, tables, tokens
from recovery.accounts import AccountRow
from recovery.answer_facts import home_of
from recovery.answer_texts import Answer, text_of
from recovery.email_letters import Links, email_of, own_words_fit
from recovery.model import Channel, Email, Message
from recovery.offer_rows import Promised
from recovery.programme_form import Step
from recovery.programmes import Running, words_subject
from recovery.reward_rows import REWARD
from recovery.shops import ShopRow
from recovery.sms_parts import parts_of
from recovery.step_offers import Promises, kind_of, named
from recovery.tokens import Link
from recovery.wording import (
    Item,
    Names,
    can_receive_replies,
    default_text,
    money,
    ready_text,
    reminder_text,
)

_REMINDERS = tables.reminders
UNFILLED = (
    "The words of a step are too long for a large cart, or cannot be filled: such carts are "
    "written to in our own words. List fewer lines, as in {% for line in lines limit: 5 %}."
)


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
    promises: Promises | None = None,
) -> list[Letter]:
    """Write the texts for these carts and requests, store their links and what exactly is sent.

    `leave_by` names the request that a cart's reminder has leave by, where it is one;
    `answers` are texts without a cart; `runs` the programmes, and `promises` what may be
    offered, by reminder.
    """
    by, of, told = leave_by or {}, runs or {}, promises or {}
    drafts = [
        replace(
            _draft(
                row,
                shop,
                account,
                links_at,
                now,
                of.get(row.reminder_id),
                told.get(row.reminder_id),
            ),
            request_id=by.get(row.id),
        )
        for row, shop in leaving
    ]
    unfilled = {shop.id for draft, (_, shop) in zip(drafts, leaving, strict=True) if draft.instead}
    for shop_id in unfilled:
        notices.tell(db, words_subject(shop_id), UNFILLED, now, shop_id)
    drafts += [_answer(row, answer, account, links_at, now) for row, answer in answers]
    tokens.keep(db, [link for draft in drafts for link in draft.links])
    _keep_texts(db, drafts)
    return [Letter(draft.reminder_id, draft.message) for draft in drafts]


def as_it_leaves(
    row: Any,
    shop: ShopRow,
    account: AccountRow,
    links_at: str,
    now: datetime,
    run: Running,
    promised: Promised | None = None,
) -> tuple[Message, bool]:
    """What `write_letters` makes of such a row, to be looked at: nothing is kept.

    Its links lead nowhere. True: our words stand in for the merchant's, which cannot be filled.
    """
    draft = _draft(row, shop, account, links_at, now, run, promised)
    return draft.message, draft.instead


@dataclass(frozen=True, slots=True)
class _Draft:
    reminder_id: int
    message: Message
    links: tuple[tuple[str, Link], ...]
    request_id: int | None = None
    language: str | None = None
    code: str | None = None
    instead: bool = False  # our words, where the merchant's could not be filled
    rich: str | None = None  # as the reminder's column


def _draft(
    row: Any,
    shop: ShopRow,
    account: AccountRow,
    links_at: str,
    now: datetime,
    run: Running | None,
    promised: Promised | None,
) -> _Draft:
    back, refuse = tokens.new_token(), tokens.new_token()
    is_email = row.channel == Channel.EMAIL
    by_reply = not is_email and can_receive_replies(account.sender)
    # What an order earned is for another cart: it leads to the shop.
    to_cart = row.programme != REWARD
    there = f"{links_at}/r/{back}" if to_cart else home_of(shop)
    links = Links(there, f"{links_at}/stop/{refuse}")
    names = _names(row, shop, links.back, "" if by_reply else links.stop)
    step = run.step(row.step) if run else None
    kind = _kind(row, step) if promised is None else kind_of(promised, row)
    names = names if promised is None else named(names, promised, row, shop, now)
    fits = step is None or own_words_fit(step, names, (row.locale, shop.locale))
    if step is not None and not fits:
        step = structs.replace(step, texts={}, subjects={})
    locale = row.locale or shop.locale or ""
    if is_email:
        message: Message = email_of(row, shop, account, step, kind, names, links, promised, now)
    else:
        template = _template(step, kind, locale)
        text = reminder_text(template, names, plain=shop.smart_encoding)
        plain = Message(str(row.reminder_id), Channel.SMS, account.sender, row.phone, text)
        message = rich_texts.dressed(plain, row, shop, account, step, links.back)
    kept = [(back, _link("cart", row, now))] if to_cart else []
    if not by_reply:
        kept.append((refuse, _link("stop", row, now)))
    language = default_text(locale)[1]
    code = None if promised is None else promised.code
    return _Draft(
        row.reminder_id,
        message,
        tuple(kept),
        language=language,
        code=code,
        instead=not fits,
        rich=rich_texts.column_of(message, row),
    )


def _kind(row: Any, step: Step | None) -> str:
    """Which of our texts it is: that of the row, else what the step does, else its words."""
    if row.words:
        return str(row.words)
    if step is None:
        return "reminder"
    return "why" if step.asks_why and row.channel == Channel.SMS else step.words


def _template(step: Step | None, kind: str, locale: str) -> str:
    """The merchant's words in the shopper's language, where they wrote some; else ours."""
    ours, language = ready_text(kind, locale)
    is_theirs = step is not None and step.channel is Channel.SMS
    return step.texts.get(language, ours) if step and is_theirs else ours


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
    return _Draft(row.reminder_id, message, tuple(links), row.request_id, code=answer.code or None)


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


def keep_texts_alone(
    db: Connection, letters: Sequence[Letter], languages: Mapping[int, str | None]
) -> None:
    """Store what exactly is sent of letters that are of no cart and no request."""
    drafts = [
        _Draft(each.reminder_id, each.message, (), language=languages.get(each.reminder_id))
        for each in letters
    ]
    _keep_texts(db, drafts)


def _keep_texts(db: Connection, drafts: Sequence[_Draft]) -> None:
    if not drafts:
        return
    change = (
        update(_REMINDERS)
        .where(_REMINDERS.c.id == bindparam("row_id"))
        .values({name: bindparam(f"new_{name}") for name in _KEPT})
    )
    db.execute(change, [_kept(draft) for draft in drafts])


_KEPT = (
    *("recipient", "sender", "text", "headline", "parts", "request_id", "language", "code"),
    "rich",
)


def _kept(draft: _Draft) -> dict[str, Any]:
    message = draft.message
    return {
        "row_id": draft.reminder_id,
        "new_recipient": message.recipient,
        "new_sender": message.sender[:40],
        "new_text": message.text,
        "new_headline": message.subject if isinstance(message, Email) else None,
        "new_parts": None if isinstance(message, Email) else parts_of(message.text).parts,
        "new_request_id": draft.request_id,
        "new_language": draft.language,
        "new_code": draft.code,
        "new_rich": draft.rich,
    }
