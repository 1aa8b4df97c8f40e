"""Shopify's expiring tokens: renewed before they lapse, by one worker at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.protocols import AccountStopped, Busy, Connection, NoAnswer, Refused
from connectors.shopify.install import expires_soon, refreshed
from recovery import shops
from recovery.shops import ShopRow
from worker.tools import Tools


def fresh_credentials(
    tools: Tools, shop: ShopRow, credentials: Mapping[str, str]
) -> Mapping[str, str]:
    """The shop's credentials, renewed when they soon end. Raises `Busy`, `AccountStopped`.

    One refresh at a time per shop: who does not get the lease uses the token it has
    while that lasts. The new pair is stored before anybody uses it.
    """
    if not expires_soon(credentials, tools.now()):
        return credentials
    # Another worker may have renewed it since the row was read, and again before our lease.
    current = _stored(tools, shop)
    if not expires_soon(current, tools.now()):
        return current
    if not tools.database.run(lambda db: shops.take_refresh_lease(db, shop.id, tools.now())):
        if has_expired(current, tools.now()):
            raise Busy("another worker is renewing the token", 5)
        return current
    current = _stored(tools, shop)
    if not expires_soon(current, tools.now()):
        return current
    renewed = _renew(tools, shop, current)
    tools.database.run(lambda db: shops.keep_credentials(db, tools.keys, shop, renewed))
    return renewed


def has_expired(credentials: Mapping[str, str], now: datetime) -> bool:
    """Whether the token's time is over; False for one that has no end."""
    end = credentials.get("expires_at")
    return end is not None and end != "" and datetime.fromisoformat(end) <= now


def _stored(tools: Tools, shop: ShopRow) -> Mapping[str, str]:
    with tools.database.reading() as db:
        row = shops.by_id(db, shop.id)
    return {} if row is None else shops.credentials_of(tools.keys, row)


def _renew(tools: Tools, shop: ShopRow, credentials: Mapping[str, str]) -> Mapping[str, str]:
    options = tools.outside.options(shop.platform)
    try:
        return refreshed(Connection(shop.key, shop.address, credentials, options))
    except Refused as error:
        words = "Shopify no longer accepts our access: open the app in the shop to renew it."
        raise AccountStopped(words) from error
    except NoAnswer as error:
        # The old refresh token stays good until the new one is used, so this may be repeated.
        raise Busy("the token could not be renewed", 30) from error
