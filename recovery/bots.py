"""Which carts no person filled: marked, left out of every denominator, never texted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from recovery import tables
from recovery.model import Cart

#: So many carts without a contact from one client in a day are a program's.
MANY_EMPTY_CARTS = 100
_DAY = timedelta(days=1)

_AGENT = re.compile(
    r"bot\b|crawl|spider|slurp|headless|storebot|preview|monitor|python-|curl/|wget", re.I
)
#: Addresses that Google's shopping crawler types into checkouts.
_KNOWN = re.compile(
    r"^(john|jane)\.?(doe|smith)?@(example\.com|storebot\.google)$|storebot|@email\.tst$", re.I
)


def why_a_bot(cart: Cart) -> str | None:
    """The reason to take this cart for a bot's, by what it shows; None: a person's.

    A contact outweighs a bot's user agent: some shoppers hide behind odd browsers,
    and some shops make carts by program for people on the telephone.
    """
    if cart.shopper.email and _KNOWN.search(cart.shopper.email):
        return "known test address"
    has_contact = bool(cart.shopper.email or cart.shopper.phone or cart.shopper.customer_key)
    if not has_contact and cart.user_agent and _AGENT.search(cart.user_agent):
        return "a bot's user agent"
    return None


def client_of(cart: Cart) -> str | None:
    """The visitor's network address, hashed: enough to count by, not kept as it is."""
    if not cart.client_address:
        return None
    return hashlib.sha256(cart.client_address.encode()).hexdigest()[:32]


def crowded_clients(db: Connection, clients: Iterable[str], now: datetime) -> set[str]:
    """Those clients that left `MANY_EMPTY_CARTS` carts without a contact within a day."""
    wanted = set(clients)
    if not wanted:
        return set()
    carts = tables.carts
    empty = carts.c.email.is_(None) & carts.c.phone_raw.is_(None)
    rows = db.execute(
        select(carts.c.client)
        .where(carts.c.client.in_(wanted), carts.c.recorded_at > now - _DAY, empty)
        .group_by(carts.c.client)
        .having(func.count() >= MANY_EMPTY_CARTS)
    )
    return {row.client for row in rows}
