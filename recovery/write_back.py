"""What a shop's platform is to be told: the stops, and the yeses that were given to us alone.

A row is noted as told once the platform took it, or can never take it: a stop on its own
row, a yes by a further row of the ledger, since no row of that is ever changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, union, update

from recovery import consent, email_opt_in, tables
from recovery.consent_words import GIVEN_TO_US, TOLD
from recovery.model import Channel
from recovery.upserts import insert_new

_CONSENTS = tables.consents
_STOPS = tables.suppressions
_CARTS = tables.carts
_CAPS = tables.caps
_REQUESTS = tables.requests
#: So long a yes is offered to a platform that does not take it. It is looked for by what was
#: confirmed or taken back meanwhile, not in the whole ledger.
PATIENCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Untold:
    """One yes (or stop) of one customer of the platform, said at `at`."""

    channel: Channel
    address: str
    customer_key: str
    granted: bool
    at: datetime
    source: str


def stops_to_write_back(db: Connection, shop_id: int) -> list[Untold]:
    """Stops that this shop's platform was not told yet, of people it knows."""
    waiting = (_STOPS.c.written_back_at.is_(None), _STOPS.c.lifted_at.is_(None))
    rows = db.execute(
        select(
            *(_STOPS.c[name] for name in ("channel", "address", "at", "source")),
            func.max(_CARTS.c.customer_key).label("customer_key"),
        )
        .join(_CARTS, and_(_CARTS.c.shop_id == shop_id, _is_theirs(_STOPS)))
        .where(*waiting, _STOPS.c.shop_id == shop_id, _CARTS.c.customer_key.is_not(None))
        .group_by(*(_STOPS.c[name] for name in ("channel", "address", "at", "source")))
        .order_by(_STOPS.c.at, _STOPS.c.address)
    )
    return [_untold(row, granted=False) for row in rows]


def wrote_stop(
    db: Connection, shop_id: int, channel: str, address: str, at: datetime, now: datetime
) -> None:
    """The platform was told of this stop, said at `at`, or can never be.

    A stop that was said anew meanwhile waits to be told.
    """
    here = (_STOPS.c.shop_id == shop_id, _STOPS.c.channel == channel, _STOPS.c.address == address)
    told = update(_STOPS).where(*here, _STOPS.c.at == at)
    db.execute(told.values(written_back_at=now))


def consents_to_write_back(db: Connection, shop_id: int, now: datetime) -> list[Untold]:
    """Yeses that people gave to us by reply or link, and that the platform was not told yet.

    Only what still holds: a later no, or a stop, leaves nothing to tell.
    """
    spoke = _who_spoke(shop_id, now - PATIENCE)
    here = (_CONSENTS.c.shop_id == shop_id, _CONSENTS.c.address.in_(spoke))
    given = (_CONSENTS.c.granted, _CONSENTS.c.source.in_(GIVEN_TO_US))
    rows = db.execute(
        select(
            *(_CONSENTS.c[name] for name in ("channel", "address", "at", "source")),
            func.max(_CARTS.c.customer_key).label("customer_key"),
        )
        .join(_CARTS, and_(_CARTS.c.shop_id == shop_id, _is_theirs(_CONSENTS)))
        .where(*here, *given, _CARTS.c.customer_key.is_not(None))
        .group_by(*(_CONSENTS.c[name] for name in ("channel", "address", "at", "source")))
        .order_by(_CONSENTS.c.at, _CONSENTS.c.address)
    ).all()
    keys = {(shop_id, row.channel, row.address) for row in rows}
    latest, stopped = consent.latest(db, keys), consent.suppressed(db, keys)
    told = _told(db, shop_id, {row.address for row in rows})
    return [
        _untold(row, granted=True)
        for row in rows
        if (key := (shop_id, row.channel, row.address)) not in stopped
        and (latest[key].at, latest[key].source) == (row.at, row.source)
        and (row.channel, row.address, row.at) not in told
    ]


def wrote_consent(db: Connection, shop_id: int, yes: Untold, now: datetime) -> None:
    """The platform was told of this yes, or can never be."""
    row = {"shop_id": shop_id, "channel": yes.channel.value, "address": yes.address}
    row |= {"granted": True, "source": f"{TOLD}{yes.source}"[:60], "words": ""}
    insert_new(db, _CONSENTS, [row | {"at": yes.at, "recorded_at": now}])


def _who_spoke(shop_id: int, since: datetime) -> Any:
    """The addresses that confirmed, or took a stop back, not before `since`."""
    confirmed = select(_REQUESTS.c.phone).where(
        _REQUESTS.c.shop_id == shop_id, _REQUESTS.c.confirmed_at >= since
    )
    lifted = select(_STOPS.c.address).where(
        _STOPS.c.shop_id == shop_id, _STOPS.c.lifted_at >= since
    )
    pressed = select(_CAPS.c.address).where(
        _CAPS.c.shop_id == shop_id,
        _CAPS.c.slot == email_opt_in.CONFIRM,
        _CAPS.c.taken_at >= since - email_opt_in.LIFE,
    )
    return union(confirmed, lifted, pressed)


def _told(db: Connection, shop_id: int, addresses: set[str]) -> set[tuple[str, str, datetime]]:
    here = (_CONSENTS.c.shop_id == shop_id, _CONSENTS.c.address.in_(addresses))
    rows = db.execute(
        select(*(_CONSENTS.c[name] for name in ("channel", "address", "at"))).where(
            *here, _CONSENTS.c.source.like(f"{TOLD}%")
        )
    )
    return {(row.channel, row.address, row.at) for row in rows}


def _is_theirs(table: Any) -> ColumnElement[bool]:
    """That a cart shows the address of that row, on its channel."""
    by_phone = and_(table.c.channel == Channel.SMS.value, _CARTS.c.phone == table.c.address)
    by_email = and_(table.c.channel == Channel.EMAIL.value, _CARTS.c.email == table.c.address)
    return or_(by_phone, by_email)


def _untold(row: Any, *, granted: bool) -> Untold:
    channel = Channel(row.channel)
    return Untold(channel, row.address, row.customer_key, granted, row.at, row.source)
