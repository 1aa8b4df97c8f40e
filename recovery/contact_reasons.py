"""May this person be written to on this channel: address, STOP, leave, and whether they wait
for an answer of a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from recovery import email_opt_in, leave, opt_in
from recovery.consent import Word
from recovery.contacts import may_be_texted
from recovery.model import Channel
from recovery.reasons import Reason
from recovery.shops import ShopRow

Key = tuple[int, str, str]
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
#: Beside these, what leaves was promised, and is not held by a reply that waits.
HELD_BY_A_REPLY = frozenset({"cart", "reply"})


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known of the contacts of a group of people `at` one moment.

    `consents` and `stops` are by (shop, channel, address), `sales` by (shop, mark, value),
    `kept` are carts with the request to keep them, `paused` (shop, address).
    """

    at: datetime = _LONG_AGO
    consents: Mapping[Key, Word] = field(default_factory=dict)
    stops: frozenset[Key] | set[Key] = frozenset()
    sales: Mapping[Key, datetime] = field(default_factory=dict)
    kept: Mapping[int, int] = field(default_factory=dict)
    paused: frozenset[tuple[int, str]] | set[tuple[int, str]] = frozenset()


def addresses(cart: Any) -> Iterator[Key]:
    """Where the person of this cart can be written to."""
    if cart.phone:
        yield cart.shop_id, Channel.SMS.value, cart.phone
    if cart.email:
        yield cart.shop_id, Channel.EMAIL.value, cart.email


def reasons_of_contact(cart: Any, shop: ShopRow, known: Reach) -> list[Reason]:
    """Why this claimed reminder (a row with its cart) may not reach its person."""
    waits = cart.programme in HELD_BY_A_REPLY and any(
        (shop_id, address) in known.paused for shop_id, _, address in addresses(cart)
    )
    held = [Reason.PAUSED] if waits else []
    if cart.channel == Channel.EMAIL:
        return held + reasons_of_email(cart, shop, known)
    return held + _reasons_of_text(cart, shop, known)


def reasons_of_email(cart: Any, shop: ShopRow, known: Reach) -> list[Reason]:
    """Why this cart's person may get no e-mails."""
    if not cart.email:
        return [Reason.NO_EMAIL]
    key = (cart.shop_id, Channel.EMAIL.value, cart.email)
    against = [Reason.STOPPED] if key in known.stops else []
    word = known.consents.get(key)
    missing = leave.missing_leave(
        Channel.EMAIL,
        leave.countries_of(Channel.EMAIL, cart.phone, cart.country, shop.country),
        word,
        is_unconfirmed=word is not None and email_opt_in.is_unconfirmed(shop, word.source),
        bought_at=known.sales.get((cart.shop_id, "email", cart.email)),
        customers_may=shop.customers_may_be_mailed,
        now=known.at,
    )
    return against if missing is None else [*against, missing]


def _reasons_of_text(cart: Any, shop: ShopRow, known: Reach) -> list[Reason]:
    if not cart.phone_raw and not cart.phone:
        return [Reason.NO_PHONE]
    if not cart.phone or not may_be_texted(cart.phone):
        return [Reason.PHONE_UNUSABLE]
    key = (cart.shop_id, Channel.SMS.value, cart.phone)
    against = [Reason.STOPPED] if key in known.stops else []
    missing = None if cart.id in known.kept else _missing(cart, shop, known)
    return against if missing is None else [*against, missing]


def _missing(cart: Any, shop: ShopRow, known: Reach) -> Reason | None:
    word = known.consents.get((cart.shop_id, Channel.SMS.value, cart.phone))
    return leave.missing_leave(
        Channel.SMS,
        leave.countries_of(Channel.SMS, cart.phone, cart.country, shop.country),
        word,
        is_unconfirmed=word is not None and opt_in.is_unconfirmed_box(cart, word.source),
        bought_at=known.sales.get((cart.shop_id, "phone", cart.phone)),
        customers_may=shop.customers_may_be_texted,
        now=known.at,
    )
