"""The ledger: who agreed to what, when, by which words; who said stop.

Consent is a row for a (shop, channel, address); the latest one speaks. Rows are added and
never changed; only an erasure takes them away. A stop is a suppression of the address and
outweighs any consent until it is lifted; that it was said, and taken back, is a row of the
ledger, too, which `latest` passes over. Where rows come from is listed in `consent_words`.
Sources: CNIL on prospecting by SMS and e-mail; `facts/messaging`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, select, update

from recovery import stop_marks, tables
from recovery.bulk import insert_rows, listed, one_of
from recovery.consent_words import START, STOP, TOLD, ip_of, is_ours, language_of, page_of
from recovery.contacts import e164, email_key
from recovery.model import Channel, Consent
from recovery.upserts import insert_new

_CONSENTS = tables.consents
_STOPS = tables.suppressions
_LONGEST_WORDS = 2000


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
    language: str | None = None
    page: str | None = None
    ip: str | None = None


def word_of(shop_id: int, consent: Consent, country: str | None) -> Word | None:
    """The consent with its address normalised; None when it cannot be.

    Page and IP address are kept of a yes that we collected ourselves, and of nothing else.
    """
    is_sms = consent.channel is Channel.SMS
    address = e164(consent.address, country) if is_sms else email_key(consent.address)
    if address is None:
        return None
    proven = consent.granted and is_ours(consent.source)
    return Word(
        shop_id,
        consent.channel.value,
        address,
        consent.granted,
        consent.source,
        consent.words,
        consent.at,
        language_of(consent.language),
        page_of(consent.page) if proven else None,
        ip_of(consent.ip) if proven else None,
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
            speaks(),
        )
        .order_by(_CONSENTS.c.at, _CONSENTS.c.id)
    )


def speaks() -> ColumnElement[bool]:
    """That a row of the ledger is a yes or no, and not the note of a stop."""
    source = _CONSENTS.c.source
    return and_(*(source.not_like(f"{prefix}%") for prefix in (STOP, START, TOLD)))


def stop(
    db: Connection,
    shop_id: int,
    channel: str,
    address: str,
    source: str,
    now: datetime,
    *,
    words: str = "",
    recorded_at: datetime | None = None,
) -> None:
    """No further message to this address on this channel, from now on.

    `source` is one of `consent_words.SOURCES`, `words` what the person wrote, if they did.
    """
    stopped = {"at": now, "source": source, "lifted_at": None, "written_back_at": None}
    insert_new(
        db,
        _STOPS,
        [{"shop_id": shop_id, "channel": channel, "address": address, "at": now, "source": source}],
    )
    db.execute(update(_STOPS).where(*_is_stop(shop_id, channel, address)).values(**stopped))
    no = Word(shop_id, channel, address, False, f"{STOP}{source}"[:60], _cut(words), now)
    insert_new(db, _CONSENTS, [_row(no, recorded_at or now)])


def lift(
    db: Connection,
    shop_id: int,
    channel: str,
    address: str,
    said_at: datetime,
    now: datetime,
    *,
    words: str = "",
) -> None:
    """The person takes the stop back by START, said at `said_at`: not a stop said later.

    A consent at a checkout does not: a snapshot may repeat a box ticked before the stop.
    Who had agreed before the stop agrees again by it: meanwhile the platform, which was told
    of the stop, may have told it to us as a no of its own.
    """
    stop_marks.bring_back(db, shop_id, channel, address)
    standing = (_STOPS.c.lifted_at.is_(None), _STOPS.c.at <= said_at)
    where = (*_is_stop(shop_id, channel, address), *standing)
    found = db.execute(select(_STOPS.c.at).where(*where)).first()
    if found is None:
        return
    db.execute(update(_STOPS).where(*where).values(lifted_at=now))
    agreed = _had_agreed(db, shop_id, channel, address, found.at)
    source = "reply" if agreed else f"{START}reply"
    yes = Word(shop_id, channel, address, True, source, _cut(words), said_at)
    insert_new(db, _CONSENTS, [_row(yes, now)])


def _had_agreed(db: Connection, shop_id: int, channel: str, address: str, before: datetime) -> bool:
    row = db.execute(
        select(_CONSENTS.c.granted)
        .where(*_is_of(shop_id, channel, address), _CONSENTS.c.at <= before, speaks())
        .order_by(_CONSENTS.c.at.desc(), _CONSENTS.c.id.desc())
        .limit(1)
    ).first()
    return row is not None and bool(row.granted)


def suppressed(db: Connection, keys: set[tuple[int, str, str]]) -> set[tuple[int, str, str]]:
    """Those of the (shop, channel, address) that said stop and did not take it back."""
    if not keys:
        return set()
    asked = {
        "shop_ids": listed({key[0] for key in keys}),
        "addresses": listed({key[2] for key in keys}),
    }
    rows = db.execute(_standing_stops(db.dialect.name), asked)
    standing = {(row.shop_id, row.channel, row.address) for row in rows} & keys
    return standing | stop_marks.marked(db, keys - standing)


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
        # A no said again is kept: a yes from between the two may still be on its way. So is a
        # yes to e-mail of the platform's own after one of our box, which alone may not do.
        is_own = not is_ours(word.source) and is_ours(held.source)
        by_platform = is_own and word.channel == Channel.EMAIL
        return word.at > held.at and (not word.granted or by_platform)
    return word.at >= held.at


def _is_stop(shop_id: int, channel: str, address: str) -> tuple:  # type: ignore[type-arg]
    return (_STOPS.c.shop_id == shop_id, _STOPS.c.channel == channel, _STOPS.c.address == address)


def _is_of(shop_id: int, channel: str, address: str) -> tuple[ColumnElement[bool], ...]:
    here = (_CONSENTS.c.address == address, _CONSENTS.c.shop_id == shop_id)
    return (*here, _CONSENTS.c.channel == channel)


def _cut(words: str) -> str:
    return words[:_LONGEST_WORDS]


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
        "language": word.language,
        "page": word.page,
        "ip": word.ip,
        "at": word.at,
        "recorded_at": now,
    }
