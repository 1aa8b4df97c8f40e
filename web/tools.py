"""What a web process holds open, and how a request reaches it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from flask import current_app
from redis import Redis

from connectors.protocols import Messenger, Shop
from connectors.registry import Outside
from moment import Now
from recovery import accounts, shops
from recovery.accounts import AccountRow
from recovery.database import Database
from recovery.secrets import Keys
from recovery.shops import ShopRow
from web.pen import Pen

_KEPT = 5.0  # seconds that a shop's row may be old: webhooks come in floods
_READS = 1.0  # seconds that reading it anew may take


@dataclass(frozen=True, slots=True)
class _Known:
    """A shop as it was read: good until then; while it is read anew, until `at_last`."""

    pair: tuple[ShopRow, Shop]
    until: float
    at_last: float


@dataclass
class Tools:
    """Opened once per process by `create_app`."""

    database: Database
    redis: Redis | None
    outside: Outside
    keys: Keys
    now: Now
    public_url: str
    allow_private_shops: bool
    pen: Pen
    plugins_seen: dict[int, datetime] = field(default_factory=dict)  # shops', when noted last
    _messengers: dict[tuple[int, str], Messenger] = field(default_factory=dict)
    _known: dict[tuple[str, str], _Known] = field(default_factory=dict)

    def shop_by_address(self, platform: str, address: str) -> tuple[ShopRow, Shop] | None:
        """A shop and its connector, by the address the platform names."""
        name = (platform, address)
        return self._shop(name, lambda db: shops.by_address(db, platform, address))

    def shop_by_key(self, platform: str, key: str) -> tuple[ShopRow, Shop] | None:
        """A shop and its connector, by our public key."""
        if not key.isascii() or not key.isprintable():
            return None  # no key of ours, and nothing to ask a database
        found = self._shop(("key", key), lambda db: shops.by_key(db, key))
        return found if found is not None and found[0].platform == platform else None

    def messenger(self, account: AccountRow) -> Messenger:
        """The messenger of an account, kept while its row stays as it is."""
        name = (account.id, account.credentials)
        if name not in self._messengers:
            credentials = accounts.credentials_of(self.keys, account)
            address = credentials.get("address", "")
            self._messengers[name] = self.outside.messenger(
                account.messenger, account.name, address, credentials
            )
        return self._messengers[name]

    def line_to(self, shop: ShopRow) -> Shop:
        """The connector of a shop, with the credentials stored for it."""
        credentials = shops.credentials_of(self.keys, shop)
        return self.outside.shop(shop.platform, shop.key, shop.address, credentials)

    def forget(self) -> None:
        """Read the shops' rows anew from now on."""
        self._known.clear()

    def _shop(
        self, name: tuple[str, str], find: Callable[..., ShopRow | None]
    ) -> tuple[ShopRow, Shop] | None:
        moment = time.monotonic()
        kept = self._known.get(name)
        if kept is not None and moment < kept.until:
            return kept.pair
        if kept is not None and moment < kept.at_last:
            # One request of a flood reads it anew, the others go on with it meanwhile.
            self._known[name] = replace(kept, until=kept.at_last)
        with self.database.reading() as db:
            shop = find(db)
        if shop is None:
            self._known.pop(name, None)
            return None
        if len(self._known) > 10_000:
            self._known.clear()
        pair = (shop, self.line_to(shop))
        self._known[name] = _Known(pair, moment + _KEPT, moment + _KEPT + _READS)
        return pair


def tools() -> Tools:
    """The tools of the app that serves this request."""
    return cast(Tools, current_app.extensions["relance"])
