"""The e-mail of one reminder: what its row, its cart and its shop say, as a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recovery import emails, lines, ready_texts
from recovery.accounts import AccountRow
from recovery.model import Channel, Email, Money
from recovery.offer_rows import Promised
from recovery.programme_form import Step
from recovery.shops import ShopRow
from recovery.step_offers import as_offer, of_some
from recovery.step_times import place_of
from recovery.wording import BadTemplate, Names, render

#: Kinds of words that e-mails call otherwise, or have none of their own for.
_KINDS = {
    **dict.fromkeys(("second", "offer", "reward_promise", "reward", "why"), "reminder"),
    **dict.fromkeys(("reply_shipping", "reply_account", "reply_hour"), "reminder"),
    **dict.fromkeys(("b2b", "reply_calm"), "calm"),
}
_SECURE = ("https://", "http://127.0.0.1:", "http://127.0.0.1/")  # the last two: this machine


@dataclass(frozen=True, slots=True)
class Links:
    """Where the e-mail leads: back to the cart, and to where one unsubscribes."""

    back: str
    stop: str


def kind_in_mails(kind: str) -> str:
    """What the kind of words of a step is called in e-mails (`email_words`)."""
    return _KINDS.get(kind, kind)


def email_of(
    row: Any,
    shop: ShopRow,
    account: AccountRow,
    step: Step | None,
    kind: str,
    names: Names,
    links: Links,
    promised: Promised | None = None,
    now: datetime | None = None,
) -> Email:
    """The e-mail of the claimed reminder `row` (with its cart's columns), from `account`.

    `kind` is one of `ready_texts.KINDS`, `step` the programme's, whose own words win;
    `promised` is what it may offer; `now` is what its Date header tells.

    The merchant's own subject and opening stand in for ours where the step has them in the
    language of the e-mail.
    """
    written = emails.write(_written(row, shop, step, kind, names, links, promised))
    return Email(
        reference=str(row.reminder_id),
        channel=Channel.EMAIL,
        sender=account.mail_from or account.sender,
        recipient=row.email,
        text=written.text,
        subject=written.subject,
        html=written.html,
        sender_name=shop.writes_as,
        reply_to=shop.merchant_email,
        # Mail programs follow it without asking: only where the way there is secure.
        unsubscribe_link=links.stop if links.stop.startswith(_SECURE) else None,
        written_at=now,
    )


def _written(
    row: Any,
    shop: ShopRow,
    step: Step | None,
    kind: str,
    names: Names,
    links: Links,
    promised: Promised | None,
) -> emails.ReminderEmail:
    offer = None if promised is None else as_offer(promised)
    return emails.ReminderEmail(
        shop=names.shop,
        link=links.back,
        stop_link=links.stop,
        postal_address=shop.postal_address,
        lines=lines.read(row.lines),
        total=Money(row.total, row.currency),
        locale=row.locale,
        shop_locale=shop.locale,
        first_name=row.first_name,
        logo=shop.logo,
        colour=shop.colour,
        zone=place_of(row, shop).zones[0],
        kind=kind_in_mails(kind),
        subject=_subject(kind, step, row, shop, names),
        opening=_own(_openings(step), row, shop, names),
        offer=offer,
        offer_words=None if promised is None else of_some(promised, row, shop),
        promise=names.offer if promised is not None and offer is None else None,
    )


def _subject(kind: str, step: Step | None, row: Any, shop: ShopRow, names: Names) -> str | None:
    own = _own(step.subjects if step else {}, row, shop, names)
    ours = ready_texts.subject(kind, emails.language_of(row.locale, shop.locale))
    return own or (None if ours is None else render(ours, names))


def _openings(step: Step | None) -> dict[str, str]:
    """The merchant's words, unless they were written for a text."""
    return step.texts if step is not None and step.channel is Channel.EMAIL else {}


def _own(texts: dict[str, str], row: Any, shop: ShopRow, names: Names) -> str | None:
    template = texts.get(emails.language_of(row.locale, shop.locale))
    return None if template is None else render(template, names)


def own_words_fit(step: Step, names: Names, locales: tuple[str | None, str | None]) -> bool:
    """Whether the merchant's words can be filled with this cart, and are not too long then.

    `locales` are the shopper's and the shop's. What was saved fits a usual cart; a large one
    may go beyond what an e-mail, or a template, holds.
    """
    language = emails.language_of(*locales)
    words = [each.get(language) for each in (step.texts, step.subjects)]
    longest = emails.LONGEST_WORDS if step.channel is Channel.EMAIL else None
    try:
        filled = [render(template, names) for template in words if template is not None]
    except BadTemplate:
        return False
    return longest is None or all(len(text) <= longest for text in filled)
