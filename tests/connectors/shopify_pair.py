"""A stand-in shop and our connector of it, for the tests that let both talk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.protocols import Connection
from connectors.shopify import ShopifyShop
from recovery.model import Page, Seen
from tests.standins.shopify import StandInShop, StandInShopify


class Clock:
    """The stand-in's clock; tests move it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Pair:
    """A stand-in shop and our connector of it."""

    def __init__(self, stand_in: StandInShopify, theirs: StandInShop, clock: Clock) -> None:
        self.stand_in, self.theirs, self.clock = stand_in, theirs, clock
        self.connection = Connection(
            key=theirs.domain,
            address=theirs.domain,
            credentials=theirs.install(),
            options={
                "api_key": stand_in.api_key,
                "api_secret": stand_in.api_secret,
                "host_override": stand_in.url,
            },
        )
        self.ours = ShopifyShop(self.connection)

    def poll(self, cursor: str | None = None) -> list[Page]:
        return list(self.ours.changed_since(cursor, datetime.now(UTC)))

    def statuses(self) -> list[int]:
        return [seen.status for seen in self.theirs.requests]


def seen(pages: list[Page], kind: type[Seen]) -> list[Seen]:
    return [each for page in pages for each in page.seen if isinstance(each, kind)]
