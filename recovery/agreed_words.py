"""Which sentences shoppers of a shop agreed to lately: each wording is a version of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from recovery import tables
from recovery.consent_words import is_ours

_CONSENTS = tables.consents
_LOOKED_AT = 300  # rows of the shop
_AMONG = 20_000  # rows of all shops: no index leads to the latest of one


@dataclass(frozen=True, slots=True)
class Wording:
    """A sentence beside a box of ours that was ticked, and when that was first and last seen."""

    words: str
    channel: str
    language: str | None
    first: datetime
    last: datetime


def lately(db: Connection, shop_id: int, most: int) -> list[Wording]:
    """The wordings of the latest yeses, the newest first; nobody who said yes is named."""
    newest = db.execute(select(func.max(_CONSENTS.c.id))).scalar_one() or 0
    columns = [_CONSENTS.c[name] for name in ("words", "channel", "language", "source", "at")]
    mine = (_CONSENTS.c.shop_id == shop_id, _CONSENTS.c.id > newest - _AMONG)
    said = select(*columns).where(*mine, _CONSENTS.c.granted.is_(True))
    found: dict[tuple[Any, ...], Wording] = {}
    for row in db.execute(said.order_by(_CONSENTS.c.id.desc()).limit(_LOOKED_AT)):
        if not is_ours(row.source) or not row.words.strip():
            continue
        key = (row.words, row.channel, row.language)
        known = found.get(key)
        first, last = (row.at, row.at) if known is None else (known.first, known.last)
        span = (min(first, row.at), max(last, row.at))
        found[key] = Wording(row.words[:1000], row.channel, row.language, *span)
    return list(found.values())[:most]
