"""Genuine requests that could not be read: kept whole, to be read again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from recovery import tables


@dataclass(frozen=True, slots=True)
class Unread:
    """One such request. `headers` is JSON; `error` says what was wrong, nothing personal."""

    door: str
    headers: str
    body: bytes
    error: str
    shop_id: int | None = None
    account_id: int | None = None


def keep(db: Connection, request: Unread, now: datetime) -> None:
    """Keep the request."""
    db.execute(
        tables.unread.insert().values(
            door=request.door,
            headers=request.headers,
            body=request.body,
            error=request.error,
            shop_id=request.shop_id,
            account_id=request.account_id,
            at=now,
        )
    )
