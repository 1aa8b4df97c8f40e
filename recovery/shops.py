"""The shops we work for: their rows, their settings, their secrets."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select, update

from recovery import tables
from recovery.model import ShopNews
from recovery.secrets import Keys

_SHOPS = tables.shops
_MOST_DOMAINS = 50
REFRESH_LEASE = timedelta(seconds=30)
#: A platform asks two days after an uninstall that a shop be erased. Were that request lost,
#: people would stay for as long as the shop once chose; so it is done unasked, later.
UNASKED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ShopRow:
    """One row of `shops`, without its poll's state. Durations in seconds."""

    id: int
    key: str
    platform: str
    address: str
    state: str
    held: str  # see `recovery.held`; "": it sends
    stand_in: bool
    name: str
    currency: str | None
    country: str | None
    timezone: str | None
    locale: str | None
    credentials: str  # encrypted
    account_id: int | None
    email_account_id: int | None
    idle_seconds: int
    delay_seconds: int
    cap_seconds: int
    any_hour: bool
    texts_from: int | None
    texts_until: int | None
    texts_on_sundays: bool
    customers_may_be_texted: bool
    customers_may_be_mailed: bool
    email_double_opt_in: bool
    poll_seconds: int
    clock_offset: float
    other_addresses: str  # separated by spaces
    domains: str  # that the platform told, separated by spaces
    draw_key: str
    offer_policy: str  # JSON, like the two below; "": the defaults
    sms_prices: str
    credit_rule: str
    smart_encoding: bool
    guests_may_order: bool
    merchant_email: str | None
    postal_address: str
    sender_name: str
    colour: str | None
    logo: str | None

    @property
    def writes_as(self) -> str:
        """The name that its e-mails come from."""
        return self.sender_name or self.name or self.address

    def hooks_at(self, public_url: str) -> str:
        """Where its webhooks go, of an installation at that address."""
        base = f"{public_url}/hooks/{self.platform}"
        return base if self.platform == "shopify" else f"{base}/{self.key}"

    @property
    def is_active(self) -> bool:
        """Whether we may work for it at all."""
        return self.state == "active"

    @property
    def further_addresses(self) -> tuple[str, ...]:
        """Under which addresses, beside its own, the shop speaks of itself."""
        return tuple(self.other_addresses.split())

    @property
    def own_addresses(self) -> tuple[str, ...]:
        """Under which addresses and domains it is found, beside its own."""
        return (*self.further_addresses, *self.domains.split())


_COLUMNS = [_SHOPS.c[field.name] for field in fields(ShopRow)]


def by_id(db: Connection, shop_id: int) -> ShopRow | None:
    """The shop with that row id, or None."""
    return _one(db, _SHOPS.c.id == shop_id)


def by_key(db: Connection, key: str) -> ShopRow | None:
    """The shop with that public key, or None."""
    return _one(db, _SHOPS.c.key == key)


def by_address(db: Connection, platform: str, address: str) -> ShopRow | None:
    """The shop at that address of a platform, or None."""
    return _one(db, (_SHOPS.c.platform == platform) & (_SHOPS.c.address == address))


def all_by_id(db: Connection, shop_ids: list[int]) -> dict[int, ShopRow]:
    """The shops with those row ids."""
    rows = db.execute(select(*_COLUMNS).where(_SHOPS.c.id.in_(shop_ids)))
    return {row.id: ShopRow(**row._mapping) for row in rows}


def add(
    db: Connection,
    platform: str,
    address: str,
    now: datetime,
    *,
    key: str | None = None,
    **settings: Any,
) -> ShopRow:
    """A new shop, or the one that came back: active again, its old rows kept."""
    found = by_address(db, platform, address)
    if found is None:
        values = {"key": key or secrets.token_urlsafe(12), "platform": platform} | settings
        db.execute(_SHOPS.insert().values(address=address, installed_at=now, **values))
    else:
        back = {"state": "active", "uninstalled_at": None, "erase_at": None, "installed_at": now}
        db.execute(update(_SHOPS).where(_SHOPS.c.id == found.id).values(**back | settings))
    shop = by_address(db, platform, address)
    assert shop is not None  # noqa: S101 - written a line above
    return shop


def keep_credentials(
    db: Connection, keys: Keys, shop: ShopRow, credentials: Mapping[str, str]
) -> None:
    """Encrypt and store all credentials of a shop at once, bound to this shop and column."""
    sealed = keys.seal(json.dumps(dict(credentials)), f"shops.credentials.{shop.key}")
    db.execute(
        update(_SHOPS).where(_SHOPS.c.id == shop.id).values(credentials=sealed, refresh_until=None)
    )


def credentials_of(keys: Keys, shop: ShopRow) -> dict[str, str]:
    """The decrypted credentials; empty when none are stored. Raises `recovery.secrets.Sealed`."""
    if not shop.credentials:
        return {}
    opened: dict[str, str] = json.loads(
        keys.open(shop.credentials, f"shops.credentials.{shop.key}")
    )
    return opened


def take_refresh_lease(db: Connection, shop_id: int, now: datetime) -> bool:
    """True for the one who may renew this shop's token now; the lease ends by itself."""
    free = or_(_SHOPS.c.refresh_until.is_(None), _SHOPS.c.refresh_until < now)
    taken = db.execute(
        update(_SHOPS).where(_SHOPS.c.id == shop_id, free).values(refresh_until=now + REFRESH_LEASE)
    )
    return taken.rowcount == 1


def hear(db: Connection, shop: ShopRow, news: ShopNews, now: datetime) -> None:
    """Write down what the platform says of the shop itself; None leaves things as they are."""
    said = {
        "name": news.name[:255] if news.name else None,
        "currency": news.currency[:3] if news.currency else None,
        "country": news.country[:2] if news.country else None,
        "timezone": news.timezone[:64] if news.timezone else None,
        "locale": news.locale[:35] if news.locale else None,
        "scopes": None if news.scopes is None else ",".join(news.scopes),
        "domains": None if news.domains is None else _with(shop.domains, news.domains),
    }
    values: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    mine = update(_SHOPS).where(_SHOPS.c.id == shop.id)
    if values:
        db.execute(mine.values(**values))
    if news.uninstalled:
        gone: dict[str, Any] = {"state": "uninstalled", "uninstalled_at": now, "credentials": ""}
        gone["erase_at"] = now + UNASKED
        # Told late (Shopify tries for hours), it is about the life before this install.
        of_this_life = _SHOPS.c.installed_at <= (news.at or now)
        db.execute(mine.where(_SHOPS.c.state == "active", of_this_life).values(**gone))


def scopes_of(db: Connection, shop_id: int) -> str:
    """What the platform last said that we may do there, separated by commas; "": nothing yet."""
    found = db.execute(select(_SHOPS.c.scopes).where(_SHOPS.c.id == shop_id)).scalar()
    return str(found or "")


def polls_fail(db: Connection, shop_id: int) -> bool:
    """Whether the latest poll of that shop did not end well."""
    found = db.execute(select(_SHOPS.c.poll_failures).where(_SHOPS.c.id == shop_id)).scalar()
    return bool(found)


def _with(told: str, domains: tuple[str, ...]) -> str:
    named = dict.fromkeys([*told.split(), *("".join(each.split())[:255] for each in domains)])
    return " ".join([each for each in named if each][-_MOST_DOMAINS:])


def has_real_ones(db: Connection) -> bool:
    """Whether one shop is neither the sandbox nor a stand-in."""
    real = (_SHOPS.c.platform != "sandbox") & _SHOPS.c.stand_in.is_(False)
    return db.execute(select(_SHOPS.c.id).where(real).limit(1)).first() is not None


def _one(db: Connection, condition: Any) -> ShopRow | None:
    row = db.execute(select(*_COLUMNS).where(condition)).first()
    return None if row is None else ShopRow(**row._mapping)
