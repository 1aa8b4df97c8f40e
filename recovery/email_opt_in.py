"""The double opt-in of e-mail: a yes ticked in a box of ours is asked once more, by an e-mail.

Where the merchant wants it (`shops.email_double_opt_in`). The yes stands in the ledger as it
was given, and is no leave before the link of that e-mail is opened and its button pressed: see
`confirming`. What a platform tells us of its own is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from recovery import consent, states, tables
from recovery.consent_words import is_ours
from recovery.default_texts import default_text
from recovery.model import Cart, Channel, ContactSeen, CustomerSeen, Order, Seen
from recovery.shops import ShopRow

_REMINDERS = tables.reminders
_WITH_SHOPPER = (Cart, Order, ContactSeen, CustomerSeen)
CONFIRM = "confirm"  # the programme, the purpose of its link, and the slot of its cap
CONFIRMED = "box, confirmed by link"  # the source of the consent that the button makes
ONCE_IN = timedelta(days=30)  # one such e-mail to an address of a shop in so long a time
LIFE = timedelta(days=14)  # of its link
#: Told later than this, a yes is no news, and the question would be a riddle.
STALE = timedelta(days=2)

Key = tuple[int, str, str]


def is_unconfirmed(shop: ShopRow, source: str) -> bool:
    """Whether a yes of that source waits for its second word, by the shop's setting now."""
    return shop.email_double_opt_in and is_ours(source)


def note(db: Connection, arrivals: Iterable[tuple[ShopRow, Seen]], now: datetime) -> None:
    """Ask the addresses that a box of ours showed just now to confirm, once.

    Costs nothing where no shop wants it. To be called when the ledger has these arrivals.
    """
    ticked = _ticked(arrivals)
    if not ticked:
        return
    latest, stopped = consent.latest(db, set(ticked)), consent.suppressed(db, set(ticked))
    for key, (shop, locale, at) in ticked.items():
        word = latest.get(key)  # None: it was forgotten, by a "no thanks" that is newer
        waits = word is not None and word.granted and is_unconfirmed(shop, word.source)
        is_news = at > now - STALE and key not in stopped
        if waits and is_news and not _is_asked(db, key, now):
            _plan(db, shop, key[2], locale, at, now)


def _ticked(
    arrivals: Iterable[tuple[ShopRow, Seen]],
) -> dict[Key, tuple[ShopRow, str | None, datetime]]:
    """Each address with its shop, its shopper's locale, and when the box was last ticked."""
    found: dict[Key, tuple[ShopRow, str | None, datetime]] = {}
    for shop, seen in arrivals:
        if not shop.email_double_opt_in or not isinstance(seen, _WITH_SHOPPER):
            continue
        for each in seen.shopper.consents:
            if each.channel is not Channel.EMAIL or not each.granted or not is_ours(each.source):
                continue
            word = consent.word_of(shop.id, each, seen.shopper.country)
            if word is not None:
                key = (shop.id, word.channel, word.address)
                at = max(word.at, found[key][2]) if key in found else word.at
                found[key] = (shop, seen.shopper.locale, at)
    return found


def _is_asked(db: Connection, key: Key, now: datetime) -> bool:
    """Whether this address was asked lately, or is about to be."""
    shop_id, channel, address = key
    mine = (_REMINDERS.c.recipient == address, _REMINDERS.c.shop_id == shop_id)
    lately = _REMINDERS.c.created_at > now - ONCE_IN
    sent = (_REMINDERS.c.programme == CONFIRM, _REMINDERS.c.channel == channel)
    not_skipped = _REMINDERS.c.state != states.ReminderState.SKIPPED
    asked = select(_REMINDERS.c.id).where(*mine, *sent, lately, not_skipped)
    return db.execute(asked.limit(1)).first() is not None


def _plan(
    db: Connection, shop: ShopRow, address: str, locale: str | None, at: datetime, now: datetime
) -> None:
    """At once, at any hour: it answers what the shopper did just now, and wakes nobody."""
    row = {
        "shop_id": shop.id,
        "programme": CONFIRM,
        "step": 1,
        "channel": Channel.EMAIL.value,
        "state": states.at_first(_REMINDERS),
        "recipient": address,
        "language": default_text(locale, shop.locale)[1],
        "due_at": now,
        "latest_at": at + STALE,
        "attempts": 0,
        "created_at": now,
    }
    db.execute(_REMINDERS.insert().values(**row))
