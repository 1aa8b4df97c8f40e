"""The e-mail of one reminder: what its row, its cart and its shop say, as a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recovery import emails, lines
from recovery.accounts import AccountRow
from recovery.model import Channel, Email, Money
from recovery.programme_form import Step
from recovery.shops import ShopRow
from recovery.step_times import place_of
from recovery.wording import Names, render

#: Kinds of words that e-mails call otherwise, or have none of their own for.
_KINDS = {"second": "reminder", "offer": "reminder", "b2b": "calm"}


@dataclass(frozen=True, slots=True)
class Links:
    """Where the e-mail leads: back to the cart, and to where one unsubscribes."""

    back: str
    stop: str


def email_of(
    row: Any, shop: ShopRow, account: AccountRow, step: Step | None, names: Names, links: Links
) -> Email:
    """The e-mail of the claimed reminder `row` (with its cart's columns), from `account`.

    The merchant's own subject and opening stand in for ours where the step has them in the
    language of the e-mail.
    """
    written = emails.write(_written(row, shop, step, names, links))
    return Email(
        reference=str(row.reminder_id),
        channel=Channel.EMAIL,
        sender=account.mail_from or account.sender,
        recipient=row.email,
        text=written.text,
        subject=written.subject,
        html=written.html,
        sender_name=shop.name or shop.address,
        reply_to=shop.merchant_email,
        # Mail programs follow it without asking: only where the way there is secure.
        unsubscribe_link=links.stop if links.stop.startswith("https://") else None,
    )


def _written(
    row: Any, shop: ShopRow, step: Step | None, names: Names, links: Links
) -> emails.ReminderEmail:
    kind = row.words or (step.words if step else "reminder")
    return emails.ReminderEmail(
        shop=names.shop,
        link=links.back,
        stop_link=links.stop,
        postal_address=shop.postal_address or names.shop,
        lines=lines.read(row.lines),
        total=Money(row.total, row.currency),
        locale=row.locale,
        shop_locale=shop.locale,
        first_name=row.first_name,
        logo=shop.logo,
        colour=shop.colour,
        zone=place_of(row, shop).zones[0],
        kind=_KINDS.get(kind, kind),
        subject=_own(step.subjects if step else {}, row, shop, names),
        opening=_own(
            step.texts if step and step.channel is Channel.EMAIL else {}, row, shop, names
        ),
    )


def _openings(step: Step | None) -> dict[str, str]:
    """The merchant's words, unless they were written for a text."""
    return step.texts if step is not None and step.channel is Channel.EMAIL else {}


def _own(texts: dict[str, str], row: Any, shop: ShopRow, names: Names) -> str | None:
    template = texts.get(emails.language_of(row.locale, shop.locale))
    return None if template is None else render(template, names)
