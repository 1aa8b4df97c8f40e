"""Unguessable links: 96 random bits, kept only as a hash, ended by their row's date."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from recovery import tables

BYTES = 12  # 96 bits: 16 characters, so that "/r/" and the token stay far below 24
LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Link:
    """Where a token leads, for one purpose, until its end.

    A stop link of a text that answers a request has no cart.
    """

    purpose: str
    shop_id: int
    cart_id: int | None
    reminder_id: int
    expires_at: datetime


def new_token() -> str:
    """A fresh token, 16 characters that are safe in an address."""
    return secrets.token_urlsafe(BYTES)


def keep(db: Connection, links: Sequence[tuple[str, Link]]) -> None:
    """Store links under the hashes of their tokens."""
    if links:
        db.execute(tables.links.insert(), [_row(token, link) for token, link in links])


def find(db: Connection, token: str, purpose: str) -> Link | None:
    """The link of that token and purpose, also when it has ended; None when there is none."""
    links = tables.links
    row = db.execute(
        select(
            links.c.purpose,
            links.c.shop_id,
            links.c.cart_id,
            links.c.reminder_id,
            links.c.expires_at,
        ).where(links.c.token_hash == hashed(token), links.c.purpose == purpose)
    ).first()
    return None if row is None else Link(**row._mapping)


def note_click(db: Connection, token: str, now: datetime) -> None:
    """Count one visit of the link."""
    links = tables.links
    db.execute(
        update(links)
        .where(links.c.token_hash == hashed(token))
        .values(
            clicks=links.c.clicks + 1,
            first_clicked_at=func.coalesce(links.c.first_clicked_at, now),
        )
    )


def hashed(token: str) -> str:
    """What is stored instead of a token. A random token needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _row(token: str, link: Link) -> dict[str, object]:
    return {
        "token_hash": hashed(token),
        "purpose": link.purpose,
        "shop_id": link.shop_id,
        "cart_id": link.cart_id,
        "reminder_id": link.reminder_id,
        "expires_at": link.expires_at,
        "clicks": 0,
    }
