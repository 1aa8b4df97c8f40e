"""The offer that stands behind a link: its code is made, and can still be used."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast, get_args

from sqlalchemy import Connection, or_, select

from recovery import tables
from recovery.model import ZERO, Coupon
from recovery.offer_facts import Gift, OfferKind, Terms

_OFFERS = tables.offers


@dataclass(frozen=True, slots=True)
class Standing:
    """What was promised, and the code by which it is kept."""

    terms: Terms
    coupon: Coupon


def standing_offer(
    db: Connection, cart_id: int, reminder_id: int, offer_id: int | None, now: datetime
) -> Standing | None:
    """The offer of this reminder, else the last one that was announced for its cart; or None.

    Of a code that was never announced only its own message speaks: the link of an earlier one
    gives nothing away.
    """
    own = or_(_OFFERS.c.reminder_id == reminder_id, _OFFERS.c.id == (offer_id or 0))
    lives = (
        _OFFERS.c.cart_id == cart_id,
        _OFFERS.c.gift == Gift.NOW.value,
        _OFFERS.c.ends_at > now,
        *(_OFFERS.c[name].is_not(None) for name in ("code", "coupon_key", "made_at")),
        *(_OFFERS.c[name].is_(None) for name in ("used_at", "removed_at")),
    )
    told = or_(own, _OFFERS.c.announced_at.is_not(None))
    wanted = select(_OFFERS, own.label("is_own")).where(*lives, told)
    rows = sorted(db.execute(wanted), key=lambda row: (bool(row.is_own), row.made_at, row.id))
    return _standing(rows[-1]) if rows else None


def _standing(row: Any) -> Standing | None:
    if row.kind not in get_args(OfferKind) or row.currency is None:
        return None
    terms = Terms(
        gift=Gift.NOW,
        kind=cast(OfferKind, row.kind),
        value=row.value or ZERO,
        currency=row.currency,
        days=row.days or 1,
        minimum=row.minimum,
        lines=tuple(json.loads(row.lines)),
        ends_at=row.ends_at,
        left_out=tuple(json.loads(row.left_out)),
    )
    return Standing(terms, Coupon(row.code, row.coupon_key, row.ends_at))
