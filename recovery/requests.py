"""What shoppers ask to be texted about: recorded, confirmed, taken back, stopped.

A number that cannot be read, or cannot receive texts, is not kept: nothing could ever be
done with it. The same ask twice is one row; asked again after its end, it begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from recovery import (
    answer_plans,
    asks,
    consent,
    contact_intake,
    forgetting,
    opt_in,
    order_texts,
    planning,
    tables,
    watches,
    welcome,
)
from recovery.cart_keys import key_within, shortened
from recovery.consent import Word
from recovery.consent_words import language_of
from recovery.contacts import e164, may_be_texted
from recovery.model import (
    Cart,
    Channel,
    Consent,
    ContactSeen,
    CustomerSeen,
    Order,
    RequestKind,
    Seen,
    Shopper,
    TextRequest,
)
from recovery.reasons import Reason
from recovery.shops import ShopRow
from recovery.upserts import insert_new

_WithShopper = Cart | Order | ContactSeen | CustomerSeen
_LONGEST_WORDS = 2000


def record_request(db: Connection, shop: ShopRow, seen: TextRequest, now: datetime) -> None:
    """Keep what a shopper asks, or takes back, and begin what can be told already."""
    row = _row(shop, seen, now)
    if row is None:
        return
    if seen.withdrawn:
        _take_back(db, row, now)
        return
    if seen.kind == RequestKind.KEEP_CART and _is_declined(db, shop, seen.cart_key, seen.at):
        return
    request = asks.ask(db, row)
    if request is None:
        return
    if request.kind == RequestKind.KEEP_CART:
        _leave_contact(db, shop, seen, now)
    elif request.kind in asks.WATCHES:
        request = watches.with_its_price(db, request)
    _begin(db, shop, request, now)


def confirm(db: Connection, shop: ShopRow, number: str, at: datetime, now: datetime) -> None:
    """This number said yes, at `at`: what it asked for at this shop may be answered."""
    waiting = [each for each in asks.of_number(db, shop.id, number) if each.confirmed_at is None]
    asks.confirm(db, [each.id for each in waiting], at)
    for each in waiting:
        _begin(db, shop, asks.by_id(db, each.id), now)


def stop(db: Connection, shop_id: int, number: str, now: datetime) -> None:
    """This number wants no more texts from this shop: nothing it asked for stands any more."""
    ids = asks.stop(db, shop_id, number, now)
    answer_plans.call_off(db, ids, Reason.STOPPED, now)
    welcome.call_off(db, shop_id, number, Reason.STOPPED, now)


def note_boxes(db: Connection, arrivals: Iterable[tuple[ShopRow, Seen]], now: datetime) -> None:
    """A yes (or no) to marketing that was ticked in a box of ours.

    Does it wait for a reply? Is it welcomed by a text? Else there is nothing to keep of it
    beyond the consent. Costs nothing where no such box was ticked.
    """
    ticked = [
        (shop, seen, word)
        for shop, seen in arrivals
        if isinstance(seen, _WithShopper)
        for word in seen.shopper.consents
        if word.source in opt_in.BOXES and word.channel is Channel.SMS
    ]
    settings = {shop.id: opt_in.setting_of(db, shop.id) for shop, _, _ in ticked}
    codes = {shop_id: welcome.code_of(db, shop_id) for shop_id in settings}
    for shop, seen, ticked_word in ticked:
        country = seen.shopper.country
        word = consent.word_of(shop.id, ticked_word, country or shop.country)
        if word is None or not may_be_texted(word.address):
            continue
        if _is_declined(db, shop, _cart_key(seen), _time_of(seen)):
            continue
        row = _marketing_row(shop, seen, ticked_word, word, now)
        if not word.granted:
            if _agreed_since(db, shop, word):  # an old no, told again or late
                continue
            welcome.call_off(db, shop.id, word.address, Reason.NO_CONSENT, now)
            if any(each.kind == asks.MARKETING for each in _standing(db, shop, word.address)):
                _take_back(db, row, now)
        elif codes[shop.id] or opt_in.is_wanted(settings[shop.id], word.address, country):
            request = asks.ask(db, row)
            if request is not None:
                _begin(db, shop, request, now)


def _agreed_since(db: Connection, shop: ShopRow, word: Any) -> bool:
    key = (shop.id, Channel.SMS.value, word.address)
    latest = consent.latest(db, {key}).get(key)
    return latest is not None and latest.granted


def _begin(db: Connection, shop: ShopRow, request: Any, now: datetime) -> None:
    """Tell what can be told already; an unconfirmed number is first asked to confirm."""
    if not opt_in.may_begin(db, shop, request, now):
        return
    request = asks.by_id(db, request.id)
    match request.kind:
        case RequestKind.ORDER_NEWS:
            order_texts.begin(db, shop, request, now)
        case RequestKind.BACK_IN_STOCK | RequestKind.PRICE_DROP:
            watches.begin(db, shop, request, now)
        case RequestKind.KEEP_CART:
            planning.replan_skipped(db, _carts_kept(db, request), now)
        case asks.MARKETING:
            _agree(db, shop, request, now)


def _agree(db: Connection, shop: ShopRow, request: Any, now: datetime) -> None:
    """What was ticked in the box is consent by now: by the reply, where one is wanted."""
    if request.confirmed_at is not None:
        _keep_confirmed(db, shop, request, now)
    asks.end(db, [request.id], welcome.AGREED, now)
    welcome.begin(db, shop, request, now)


def _keep_confirmed(db: Connection, shop: ShopRow, request: Any, now: datetime) -> None:
    agreed = {
        "shop_id": shop.id,
        "channel": Channel.SMS.value,
        "address": request.phone,
        "granted": True,
        "source": opt_in.CONFIRMED,
        "words": request.words,
        "language": language_of(request.locale),
        "at": max(request.confirmed_at, request.said_at),
        "recorded_at": now,
    }
    insert_new(db, tables.consents, [agreed])
    carts = tables.carts
    theirs = (carts.c.phone == request.phone, carts.c.shop_id == shop.id)
    rows = db.execute(select(carts.c.id).where(*theirs, carts.c.state == "abandoned"))
    planning.replan_skipped(db, [row.id for row in rows], now)


def _leave_contact(db: Connection, shop: ShopRow, seen: TextRequest, now: datetime) -> None:
    """The number is left for this cart, which may come later."""
    shopper = Shopper(
        customer_key=seen.customer_key,
        phone=seen.phone,
        country=seen.country,
        locale=seen.locale,
    )
    keys = (seen.cart_key,) if seen.cart_key else ()
    contact_intake.record_contact(db, shop, ContactSeen(keys, shopper, seen.at), now)


def _carts_kept(db: Connection, request: Any) -> Sequence[int]:
    keys = tables.cart_keys
    rows = db.execute(select(keys.c.cart_id).where(keys.c.key == request.cart_key))
    return [row.cart_id for row in rows]


def _take_back(db: Connection, row: dict[str, Any], now: datetime) -> None:
    answer_plans.call_off(db, asks.take_back(db, row), Reason.NOT_ASKED, now)


def _standing(db: Connection, shop: ShopRow, phone: str) -> list[Any]:
    return asks.of_number(db, shop.id, phone)


def _row(shop: ShopRow, seen: TextRequest, now: datetime) -> dict[str, Any] | None:
    """The values of its row; None when nothing could ever be done with it."""
    phone = e164(seen.phone, seen.country or shop.country)
    about = _about(seen)
    if phone is None or not may_be_texted(phone) or (about is None and not seen.withdrawn):
        return None
    return {
        "shop_id": shop.id,
        "kind": seen.kind.value,
        "phone": phone,
        "about": about or "",
        "cart_key": key_within(shop.id, seen.cart_key) if seen.cart_key else None,
        "product_key": shortened(seen.product_key, 64) if seen.product_key else None,
        "variant_key": shortened(seen.variant_key, 64) if seen.variant_key else None,
        "title": (seen.product_title or "")[:255],
        "address": seen.product_address,
        "price": seen.price.amount if seen.price else None,
        "currency": seen.price.currency[:3] if seen.price else None,
        "country": seen.country[:2] if seen.country else None,
        "locale": seen.locale[:35] if seen.locale else None,
        "customer_key": shortened(seen.customer_key, 64) if seen.customer_key else None,
        "source": seen.source[:20],
        "words": seen.words[:_LONGEST_WORDS],
        "said_at": seen.at,
        "recorded_at": now,
    }


def _about(seen: TextRequest) -> str | None:
    """What the request is about: a cart, a product; None when that is missing."""
    match seen.kind:
        case RequestKind.ORDER_NEWS:
            return ""
        case RequestKind.KEEP_CART:
            return shortened(seen.cart_key, 255) if seen.cart_key else None
        case RequestKind.BACK_IN_STOCK | RequestKind.PRICE_DROP:
            if not seen.product_key:
                return None
            return shortened(f"{seen.product_key}:{seen.variant_key or ''}".rstrip(":"), 255)


def _is_declined(db: Connection, shop: ShopRow, cart_key: str | None, at: datetime) -> bool:
    """Whether the shopper said "no thanks" to that cart at `at` or since."""
    return forgetting.is_forgotten(db, shop.id, [cart_key] if cart_key else [], at)


def _time_of(seen: _WithShopper) -> datetime:
    return seen.at if isinstance(seen, ContactSeen) else seen.changed_at


def _cart_key(seen: _WithShopper) -> str | None:
    """The cart beside which a box was ticked: who forgets that cart forgets this, too."""
    if isinstance(seen, Cart):
        return seen.key
    return seen.keys[0] if isinstance(seen, ContactSeen) and seen.keys else None


def _marketing_row(
    shop: ShopRow, seen: _WithShopper, ticked: Consent, word: Word, now: datetime
) -> dict[str, Any]:
    shopper, cart_key = seen.shopper, _cart_key(seen)
    nothing = dict.fromkeys(("product_key", "variant_key", "address", "price", "currency"))
    return nothing | {
        "shop_id": shop.id,
        "kind": asks.MARKETING,
        "phone": word.address,
        "about": "",
        "cart_key": key_within(shop.id, cart_key) if cart_key else None,
        "title": "",
        "country": shopper.country[:2] if shopper.country else None,
        "locale": shopper.locale[:35] if shopper.locale else None,
        "customer_key": shopper.customer_key,
        "source": ticked.source[:20],
        "words": ticked.words[:_LONGEST_WORDS],
        "said_at": ticked.at,
        "recorded_at": now,
    }
