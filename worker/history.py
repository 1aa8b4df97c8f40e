"""What a shop kept from before we came, read some pages at a time in the low lane."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from connectors.protocols import (
    AccountStopped,
    Busy,
    NoAnswer,
    Past,
    Refused,
    ShowsPast,
    Unreadable,
)
from recovery import history, shops
from recovery.database import Database
from recovery.history import Import
from recovery.model import Page
from recovery.shops import ShopRow
from worker.plugin_codes import NoSuchShop
from worker.polling import line_to
from worker.tools import Tools

log = logging.getLogger(__name__)

#: Pages and seconds of one job: then live polls of the same shop have their turn.
PAGES, SECONDS = 5, 20.0
_STOPPED = 900.0  # seconds: nothing changes there until somebody mends it


def read(tools: Tools, import_id: int, most: int = PAGES) -> None:
    """Go on with an import, for a while; what was stored stays, whatever happens."""
    with tools.database.reading() as db:
        of = history.claimed(db, import_id)
        shop = None if of is None else shops.by_id(db, of.shop_id)
    if of is None or shop is None or not shop.is_active:
        return
    reader = _Reader(tools, shop, of)
    try:
        reader.go_on(most)
    except AccountStopped as error:
        reader.failed(str(error), _STOPPED)
    except Busy as error:
        reader.failed("The shop asks to come back later.", error.retry_after)
    except (NoAnswer, Refused, Unreadable) as error:
        reader.failed(str(error))
    except Exception as error:
        log.exception("shop %s: its past was not read", shop.id)
        reader.failed(f"A defect of ours: {type(error).__name__}")


class _Reader:
    """One job: the shop, and the import as the last stored page left it."""

    def __init__(self, tools: Tools, shop: ShopRow, of: Import) -> None:
        self.tools, self.shop, self.of = tools, shop, of

    def go_on(self, most: int) -> None:
        line = line_to(self.tools, self.shop)
        if not isinstance(line, ShowsPast):
            self.tools.database.run(lambda db: history.end(db, self.of, self.tools.now()))
            return
        if self.of.begun_at is None:
            self._expect(line)
        until = time.monotonic() + SECONDS
        for number, page in enumerate(self._pages(line), 1):
            if not self._store(page):
                return
            if number >= most or time.monotonic() > until:
                break
        self.tools.database.run(lambda db: history.give_back(db, self.of, self.tools.now()))

    def failed(self, words: str, wait: float = 0) -> None:
        log.warning("shop %s: its past (%s) waits: %s", self.shop.id, self.of.what, words)
        now = self.tools.now()
        self.tools.database.run(lambda db: history.failed(db, self.of, words, now, wait))

    def _pages(self, line: ShowsPast) -> Iterator[Page]:
        of = self.of
        return line.past(Past(of.what), of.since, of.until, of.cursor, self.tools.now())

    def _expect(self, line: ShowsPast) -> None:
        try:
            many = line.how_many(Past(self.of.what), self.of.since, self.of.until)
        except (AccountStopped, NoAnswer, Refused, Unreadable):
            many = None  # without it the list may be read all the same
        self.tools.database.run(lambda db: history.expect(db, self.of, many, self.tools.now()))

    def _store(self, page: Page) -> bool:
        """Whether there is more to read, and it is still ours to read."""
        now = self.tools.now()
        stands = self.tools.database.run(
            lambda db: history.store_page(db, self.shop, self.of, page, now)
        )
        self.of = stands or self.of
        return stands is not None


def read_again_from_the_beginning(database: Database, shop_key: str, now: datetime) -> str:
    """Begin the import of that shop anew; what to tell of it. Raises `NoSuchShop`."""

    def work(db: Connection) -> bool:
        shop = shops.by_key(db, shop_key)
        if shop is None or not shop.is_active:
            raise NoSuchShop(f"no connected shop has the key {shop_key!r}")
        return history.begin(db, shop, shops.scopes_of(db, shop.id), now, again=True)

    if database.run(work):
        return "The workers read it; the shop's first page shows how far they are."
    return "Shops of this kind have no past that could be read."
