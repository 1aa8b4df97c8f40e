"""Who agreed to what, when, by which words; who said stop.

Consent is a row for a (shop, channel, address); the latest one speaks. A stop is
a suppression of the address and outweighs any consent until it is lifted.
Sources: CNIL on prospecting by SMS and e-mail; `facts/messaging`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from recovery import tables
from recovery.bulk import insert_rows, listed, one_of
from recovery.contacts import e164, email_key
from recovery.model import Channel, Consent
from recovery.upserts import insert_new

_CONSENTS = tables.consents
_STOPS = tables.suppressions


@dataclass(frozen=True, slots=True)
class Word:
    """One consent for one shop, its address normalised."""

    shop_id: int
    channel: str
    address: str
    granted: bool
    source: str
    words: str
    at: datetime


def word_of(shop_id: int, consent: Consent, country: str | None) -> Word | None:
    """The consent with its address normalised; None when it cannot be."""
    is_sms = consent.channel is Channel.SMS
    address = e164(consent.address, country) if is_sms else email_key(consent.address)
    if address is None:
        return None
    return Word(
        shop_id,
        consent.channel.value,
        address,
        consent.granted,
        consent.source,
        consent.words,
        consent.at,
    )


def record(db: Connection, words: Iterable[Word], now: datetime) -> None:
    """Keep each consent that changes what we know: the same yes again adds no row."""
    fresh = sorted(dict.fromkeys(words), key=lambda word: word.at)
    if not fresh:
        return
    held = latest(db, {_key(word) for word in fresh})
    news = []
    for word in fresh:
        if _changes(held.get(_key(word)), word):
            held[_key(word)] = word
            news.append(word)
    insert_rows(db, _CONSENTS, [_row(word, now) for word in news], "DO NOTHING")


def latest(db: Connection, keys: set[tuple[int, str, str]]) -> dict[tuple[int, str, str], Word]:
    """The last word for each (shop, channel, address) that has one."""
    if not keys:
        return {}
    asked = {
        "shop_ids": listed({key[0] for key in keys}),
        "addresses": listed({key[2] for key in keys}),
    }
    found = (Word(*row) for row in db.execute(_latest(db.dialect.name), asked))
    return {_key(word): word for word in found if _key(word) in keys}


@lru_cache
def _latest(kind: str) -> Select[Any]:
    columns = [_CONSENTS.c[name] for name in Word.__slots__]
    return (
        select(*columns)
        .where(
            one_of(kind, _CONSENTS.c.shop_id, "shop_ids"),
            one_of(kind, _CONSENTS.c.address, "addresses"),
        )
        .order_by(_CONSENTS.c.at, _CONSENTS.c.id)
    )


def stop(
    db: Connection, shop_id: int, channel: str, address: str, source: str, now: datetime
) -> None:
    """No further message to this address on this channel, from now on."""
    stopped = {"at": now, "source": source, "lifted_at": None, "written_back_at": None}
    insert_new(
        db,
        _STOPS,
        [{"shop_id": shop_id, "channel": channel, "address": address, "at": now, "source": source}],
    )
    db.execute(update(_STOPS).where(*_is_stop(shop_id, channel, address)).values(**stopped))


def lift(
    db: Connection, shop_id: int, channel: str, address: str, said_at: datetime, now: datetime
) -> None:
    """The person takes the stop back by START, said at `said_at`: not a stop said later.

    A consent at a checkout does not: a snapshot may repeat a box ticked before the stop.
    """
    standing = (_STOPS.c.lifted_at.is_(None), _STOPS.c.at <= said_at)
    where = (*_is_stop(shop_id, channel, address), *standing)
    db.execute(update(_STOPS).where(*where).values(lifted_at=now))


def stops_to_write_back(db: Connection, shop_id: int) -> list[tuple[str, str]]:
    """Stops that this shop's platform was not told yet: (phone, the platform's customer)."""
    carts = tables.carts
    rows = db.execute(
        select(_STOPS.c.address, func.max(carts.c.customer_key).label("customer_key"))
        .join(carts, (carts.c.shop_id == _STOPS.c.shop_id) & (carts.c.phone == _STOPS.c.address))
        .where(*_untold(), _STOPS.c.shop_id == shop_id, carts.c.customer_key.is_not(None))
        .group_by(_STOPS.c.address)
    )
    return [(row.address, row.customer_key) for row in rows]


def wrote_back(db: Connection, shop_id: int, address: str, now: datetime) -> None:
    """The platform was told of this stop, or can never be."""
    where = _is_stop(shop_id, Channel.SMS.value, address)
    db.execute(update(_STOPS).where(*where).values(written_back_at=now))


def _untold() -> tuple:  # type: ignore[type-arg]
    waiting = (_STOPS.c.written_back_at.is_(None), _STOPS.c.lifted_at.is_(None))
    return (*waiting, _STOPS.c.channel == Channel.SMS.value)


def suppressed(db: Connection, keys: set[tuple[int, str, str]]) -> set[tuple[int, str, str]]:
    """Those of the (shop, channel, address) that said stop and did not take it back."""
    if not keys:
        return set()
    asked = {
        "shop_ids": listed({key[0] for key in keys}),
        "addresses": listed({key[2] for key in keys}),
    }
    rows = db.execute(_standing_stops(db.dialect.name), asked)
    return {(row.shop_id, row.channel, row.address) for row in rows} & keys


@lru_cache
def _standing_stops(kind: str) -> Select[Any]:
    return select(_STOPS.c.shop_id, _STOPS.c.channel, _STOPS.c.address).where(
        one_of(kind, _STOPS.c.shop_id, "shop_ids"),
        one_of(kind, _STOPS.c.address, "addresses"),
        _STOPS.c.lifted_at.is_(None),
    )


def _changes(held: Word | None, word: Word) -> bool:
    if held is None:
        return True
    if word.granted == held.granted:
        # A no said again is kept: a yes from between the two may still be on its way.
        return word.at > held.at and not word.granted
    return word.at >= held.at


def _is_stop(shop_id: int, channel: str, address: str) -> tuple:  # type: ignore[type-arg]
    return (_STOPS.c.shop_id == shop_id, _STOPS.c.channel == channel, _STOPS.c.address == address)


def _key(word: Word) -> tuple[int, str, str]:
    return (word.shop_id, word.channel, word.address)


def _row(word: Word, now: datetime) -> dict[str, object]:
    return {
        "shop_id": word.shop_id,
        "channel": word.channel,
        "address": word.address,
        "granted": word.granted,
        "source": word.source,
        "words": word.words,
        "at": word.at,
        "recorded_at": now,
    }
