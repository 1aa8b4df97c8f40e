"""Shopify's expiring tokens with two workers, against the stand-in: one refresh, one pair."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.protocols import AccountStopped, Busy
from recovery import shops
from recovery.database import Database
from recovery.shops import ShopRow
from tests.recovery.stories import KEYS, a_shop
from tests.standins.shopify import StandInShop, StandInShopify
from worker.tokens import fresh_credentials
from worker.tools import Tools

DOMAIN = "shop-one.myshopify.com"


class Outside:
    """The options that lead to the stand-in; `when_renewing` is called right before a refresh."""

    def __init__(self, stand_in: StandInShopify) -> None:
        self._given = {
            "api_key": stand_in.api_key,
            "api_secret": stand_in.api_secret,
            "host_override": stand_in.url,
        }
        self.when_renewing: Callable[[], object] = lambda: None

    def options(self, platform: str) -> Mapping[str, str]:
        self.when_renewing()
        return self._given


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInShopify]:
    with StandInShopify() as opened:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(opened.ca_file))
        yield opened


@pytest.fixture
def theirs(stand_in: StandInShopify) -> StandInShop:
    return stand_in.add_shop(DOMAIN)


def now() -> datetime:
    return datetime.now(UTC)


def a_worker(database: Database, stand_in: StandInShopify) -> Tools:
    outside: Any = Outside(stand_in)
    redis: Any = None
    return Tools(database, redis, outside, KEYS, now, "https://r.example")


def the_shop(database: Database, theirs: StandInShop, left: timedelta) -> ShopRow:
    """Our row of the shop; its token has so much time left."""
    pair = theirs.install()
    held = {
        "access_token": pair["access_token"],
        "refresh_token": pair["refresh_token"],
        "expires_at": (now() + left).isoformat(),
    }
    shop = a_shop(database, now(), address=DOMAIN)
    database.run(lambda db: shops.keep_credentials(db, KEYS, shop, held))
    with database.reading() as db:
        found = shops.by_id(db, shop.id)
    assert found is not None
    return found


def ask(tools: Tools, shop: ShopRow) -> Mapping[str, str]:
    """What a worker does that read the shop's row before."""
    return fresh_credentials(tools, shop, shops.credentials_of(KEYS, shop))


def refreshes(theirs: StandInShop) -> int:
    """Requests for tokens as they came in."""
    return sum(seen.path.startswith("/admin/oauth/access_token") for seen in theirs.requests)


def test_who_comes_while_another_renews_uses_the_token_that_still_lasts(
    database: Database, stand_in: StandInShopify, theirs: StandInShop
) -> None:
    shop = the_shop(database, theirs, timedelta(minutes=5))
    first, second = (a_worker(database, stand_in) for _ in range(2))
    meanwhile: list[Mapping[str, str]] = []
    first.outside.when_renewing = lambda: meanwhile.append(ask(second, shop))  # type: ignore[attr-defined]
    renewed = ask(first, shop)
    assert meanwhile == [shops.credentials_of(KEYS, shop)]
    assert refreshes(theirs) == 1
    assert renewed["access_token"] != meanwhile[0]["access_token"]
    assert ask(second, shop) == renewed  # though it read the row before it was renewed
    assert refreshes(theirs) == 1


def test_who_comes_while_another_renews_a_dead_token_comes_back_later(
    database: Database, stand_in: StandInShopify, theirs: StandInShop
) -> None:
    shop = the_shop(database, theirs, timedelta(minutes=-1))
    first, second = (a_worker(database, stand_in) for _ in range(2))
    told: list[Busy] = []

    def come_too() -> None:
        with pytest.raises(Busy) as error:
            ask(second, shop)
        told.append(error.value)

    first.outside.when_renewing = come_too  # type: ignore[attr-defined]
    renewed = ask(first, shop)
    assert [type(error) for error in told] == [Busy]  # not: the account is stopped
    assert not isinstance(told[0], AccountStopped)
    assert ask(second, shop) == renewed
    assert refreshes(theirs) == 1


def test_two_workers_at_once_refresh_once_and_both_get_the_new_pair(
    database: Database, stand_in: StandInShopify, theirs: StandInShop
) -> None:
    shop = the_shop(database, theirs, timedelta(minutes=5))
    start = threading.Barrier(2)

    def work(_: int) -> None:
        tools = a_worker(database, stand_in)
        start.wait(10)
        ask(tools, shop)

    with ThreadPoolExecutor(2) as both:
        list(both.map(work, range(2)))
    assert refreshes(theirs) == 1
    after = [ask(a_worker(database, stand_in), shop) for _ in range(2)]
    with database.reading() as db:
        row = shops.by_id(db, shop.id)
    assert row is not None
    assert after == [shops.credentials_of(KEYS, row)] * 2
    assert after[0]["access_token"] != shops.credentials_of(KEYS, shop)["access_token"]
    assert refreshes(theirs) == 1


def test_a_worker_that_died_while_renewing_is_followed_by_another(
    database: Database, stand_in: StandInShopify, theirs: StandInShop
) -> None:
    shop = the_shop(database, theirs, timedelta(minutes=5))
    first, second = (a_worker(database, stand_in) for _ in range(2))

    def die() -> None:
        raise KeyboardInterrupt

    first.outside.when_renewing = die  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        ask(first, shop)
    assert ask(second, shop) == shops.credentials_of(KEYS, shop)  # the lease is not over
    second.now = lambda: now() + shops.REFRESH_LEASE + timedelta(seconds=1)
    assert ask(second, shop)["access_token"] != shops.credentials_of(KEYS, shop)["access_token"]
    assert refreshes(theirs) == 1
