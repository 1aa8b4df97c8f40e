"""Polls as the worker does them: odd rows, an outage of the shop, and reading again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused, Unreadable
from connectors.registry import Outside
from connectors.woocommerce import polling as woocommerce
from recovery import planning, polls, reasons, tables
from recovery.database import Database
from recovery.model import Page, Product, RowKind, Shopper, UnreadRow
from recovery.reasons import Reason
from recovery.shops import ShopRow
from tests.recovery.asked_stories import a_product, a_watch
from tests.recovery.stories import KEYS, a_cart, a_shopper, record, rows, the_reminder
from tests.world import World
from worker import polling
from worker.reading_again import read_again
from worker.tools import Tools

EMAIL = "ana0@example.com"
ROW: dict[str, Any] = {
    "id": 18,
    "status": "processing",
    "currency": "EUR",
    "total": "18.00",
    "date_created_gmt": "2026-11-18T08:00:00",
    "date_modified_gmt": "2026-11-18T09:30:00",
    "date_paid_gmt": "2026-11-18T09:30:00",
    "billing": {"email": EMAIL, "country": "FR"},
    "line_items": [],
}


class Listing:
    """A shop's list of orders as WooCommerce's reader reads it."""

    def __init__(self, *found: Any) -> None:
        self.rows = list(found)

    def shop(self, *connection: Any) -> Listing:
        return self

    def messenger(self, *account: Any) -> object:
        return object()  # one that cannot be asked for its credit

    def changed_since(self, cursor: str | None, now: datetime) -> Iterator[Page]:
        seen, unread = woocommerce.news(self.rows)
        yield Page(seen, "c", now, 0.0, unread)

    def keep_subscriptions(self, hooks_url: str) -> int:
        return 0


def tools_for(world: World, listing: Listing) -> Tools:
    outside: Any = listing
    redis: Any = world.queues
    return Tools(world.database, redis, outside, KEYS, world.clock, "https://r.example")


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(database, monkeypatch)


def a_waiting_reminder(world: World) -> None:
    now = world.clock()
    record(world.database, world.shop, a_cart(now, shopper=a_shopper(now, email=EMAIL)), now=now)
    now = world.clock.forward(minutes=31)
    world.database.run(lambda db: planning.abandon_idle(db, now))
    assert the_reminder(world.database).state == "scheduled"


def the_shop(world: World) -> Any:
    return rows(world.database, tables.shops)[0]


def test_a_poll_with_an_odd_row_ends_well_and_says_nothing_of_the_person(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    a_waiting_reminder(world)
    listing = Listing(ROW | {"currency": "", "date_paid_gmt": None}, 5, ROW | {"id": 19})
    polling.poll(tools_for(world, listing), world.shop.id)
    shop = the_shop(world)
    assert (shop.poll_failures, shop.poll_error, shop.poll_claimed_at) == (0, None, None)
    assert (shop.orders_known_until, shop.last_poll_at) == (world.clock(), world.clock())
    assert [row.key for row in rows(world.database, tables.orders)] == ["19"]
    assert len(rows(world.database, tables.unread)) == 2
    assert "unread: door poll" in caplog.text
    assert EMAIL not in caplog.text


class Unwilling(Listing):
    """A shop that knows no such webhook."""

    def keep_subscriptions(self, hooks_url: str) -> int:
        raise Refused("400 woocommerce_rest_shop_webhook_invalid_topic")


def test_a_webhook_that_a_shop_refuses_spoils_no_poll(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    polling.poll(tools_for(world, Unwilling(ROW)), world.shop.id)
    shop = the_shop(world)
    assert (shop.poll_failures, shop.orders_known_until) == (0, world.clock())
    assert "invalid_topic" in caplog.text


def test_whoever_an_odd_order_is_of_gets_no_text_and_once_read_it_is_an_order(
    world: World,
) -> None:
    a_waiting_reminder(world)
    odd = Listing(ROW | {"currency": ""})
    tools = tools_for(world, odd)
    polling.poll(tools, world.shop.id)
    assert the_reminder(world.database).state == "skipped"
    assert read_again(tools) == "0 read, 1 still unread"
    change = tables.unread.update().values(body=json.dumps(ROW).encode())  # as a mended reader
    world.database.run(lambda db: db.execute(change))
    assert read_again(tools) == "1 read, 0 still unread"
    assert [row.key for row in rows(world.database, tables.orders)] == ["18"]
    assert rows(world.database, tables.notices)[0].over_at == world.clock()


@pytest.mark.parametrize("platform", ["shopify", "woocommerce", "sandbox"])
@pytest.mark.parametrize("kind", list(RowKind))
def test_a_row_of_any_platform_that_is_still_odd_stays_unread(
    world: World, platform: str, kind: RowKind
) -> None:
    change = tables.shops.update().values(platform=platform)
    world.database.run(lambda db: db.execute(change))
    odd = UnreadRow(kind, b'{"id": 5}', "odd", "5")
    keep(world, replace(world.shop, platform=platform), odd)
    assert read_again(tools_for(world, Listing())) == "0 read, 1 still unread"


def test_what_the_database_refuses_again_keeps_no_other_from_being_read(world: World) -> None:
    too_much = json.dumps(ROW | {"id": 17, "total": "1" + 12 * "0"}).encode()
    # A sum of one line each fits, all of them together pass what a column holds.
    lines = [{"id": n, "name": "x", "quantity": 1, "subtotal": "999999999999"} for n in range(999)]
    whole = json.dumps(ROW | {"line_items": lines}).encode()
    for key, body in (("1", whole), ("2", too_much), ("3", json.dumps(ROW | {"id": 3}).encode())):
        keep(world, world.shop, UnreadRow(RowKind.ORDER, body, "odd", key, Shopper()))
    assert read_again(tools_for(world, Listing())) == "2 read, 1 still unread"
    assert sorted(row.key for row in rows(world.database, tables.orders)) == ["17", "3"]


def test_what_breaks_a_rule_of_a_table_keeps_no_other_from_being_read(world: World) -> None:
    two = [json.dumps(ROW | {"id": number}).encode() for number in (17, 3)]
    for key, body in zip("12", two, strict=True):
        keep(world, world.shop, UnreadRow(RowKind.ORDER, body, "odd", key, Shopper()))

    def refuse(_line: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if "INSERT INTO orders" in statement and "'17'" in repr(values):
            raise IntegrityError(statement, None, ValueError("a rule"))

    event.listen(world.database.engine, "before_cursor_execute", refuse)
    assert read_again(tools_for(world, Listing())) == "1 read, 1 still unread"
    assert [row.key for row in rows(world.database, tables.orders)] == ["3"]


def test_a_cart_of_the_sandbox_that_is_read_again_has_the_way_back_of_its_shop(
    world: World,
) -> None:
    address = "http://127.0.0.1:8001"
    change = tables.shops.update().values(platform="sandbox", address=address)
    world.database.run(lambda db: db.execute(change))
    at = world.clock().isoformat()
    checkout = {
        **dict.fromkeys(("subtotal", "discount", "shipping", "total"), "12.00"),
        **{"key": "c9", "currency": "EUR", "created_at": at, "changed_at": at},
        **{"contact": {"email": EMAIL}, "lines": [], "discount_codes": []},
    }
    odd = UnreadRow(RowKind.CHECKOUT, json.dumps(checkout).encode(), "odd", "cart:c9")
    keep(world, replace(world.shop, platform="sandbox"), odd)
    tools = replace(tools_for(world, Listing()), outside=Outside({}, {}))
    assert read_again(tools) == "1 read, 0 still unread"
    (cart,) = rows(world.database, tables.carts)
    assert (cart.key, cart.way_back) == ("cart:c9", f"{address}/cart/c9/recover")


def keep(world: World, shop: ShopRow, row: UnreadRow) -> None:
    page = Page((), "c", unread=(row,))
    world.database.run(lambda db: polls.store_page(db, shop, page, world.clock()))


# -- what shoppers wait for ----------------------------------------------------------------------


class Shelves(Listing):
    """A shop that shows its products, too; what it is asked for, and how it fails."""

    def __init__(self, *pages: Any) -> None:
        super().__init__()
        self.pages, self.asked = pages, []  # type: ignore[var-annotated]

    def products(self, watched: Any) -> Iterator[tuple[Product, ...]]:
        self.asked.append(list(watched))
        for page in self.pages:
            if isinstance(page, Exception):
                raise page
            yield page


def a_waiting_watch(world: World) -> None:
    now = world.clock()
    record(world.database, world.shop, a_product(now, False), a_watch(now), now=now)
    world.clock.forward(minutes=1)


def planned(world: World) -> list[tuple[str, str]]:
    return [(row.programme, row.state) for row in rows(world.database, tables.reminders)]


def test_a_watch_comes_true_by_the_poll_when_the_webhook_got_lost(world: World) -> None:
    a_waiting_watch(world)
    shelves = Shelves((a_product(world.clock(), True),))
    polling.poll(tools_for(world, shelves), world.shop.id)
    assert shelves.asked == [[("7", None)]]
    assert planned(world) == [("back_in_stock", "scheduled")]
    assert the_shop(world).poll_failures == 0


def test_products_are_asked_for_once_in_ten_minutes(world: World) -> None:
    a_waiting_watch(world)
    shelves = Shelves(())
    for _ in range(20):  # a poll each minute
        polling.poll(tools_for(world, shelves), world.shop.id)
        world.clock.forward(minutes=1)
    assert len(shelves.asked) in (2, 3)


def test_where_nobody_waits_no_product_is_asked_for(world: World) -> None:
    shelves = Shelves(())
    polling.poll(tools_for(world, shelves), world.shop.id)
    assert shelves.asked == []


@pytest.mark.parametrize(
    ("trouble", "failures", "wait"),
    [
        (Busy("points", 45.0), 1, 45),
        (AccountStopped("no right to read products", 900.0), 0, None),
        (NoAnswer("lost"), 0, None),
        (Refused("no"), 0, None),
        (Unreadable("a page of advertising"), 0, None),
    ],
)
def test_trouble_with_products_spoils_neither_the_orders_nor_what_was_read(
    world: World, trouble: Exception, failures: int, wait: int | None
) -> None:
    a_waiting_watch(world)
    shelves = Shelves((a_product(world.clock(), True),), trouble)
    polling.poll(tools_for(world, shelves), world.shop.id)
    shop = the_shop(world)
    assert (shop.orders_known_until, shop.poll_failures) == (world.clock(), failures)
    assert planned(world) == [("back_in_stock", "scheduled")]
    wait = shop.poll_seconds if wait is None else wait
    assert shop.next_poll_at == world.clock() + timedelta(seconds=wait)


def test_a_shop_that_is_slow_to_tell_goes_on_another_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_waiting_watch(world)
    monkeypatch.setattr(polling, "_LONGEST_READ", -1.0)
    shelves = Shelves((), (a_product(world.clock(), True),))
    polling.poll(tools_for(world, shelves), world.shop.id)
    assert planned(world) == []
    assert the_shop(world).poll_failures == 0


# -- the shop is away ---------------------------------------------------------------------------


def test_what_a_shop_was_away_for_too_long_is_skipped_and_its_later_carts_are_reminded(
    world: World,
) -> None:
    a_waiting_reminder(world)
    world.polls = "no answer"
    while the_reminder(world.database).state == "scheduled":
        world.clock.forward(minutes=20)
        world.tick()
        assert world.queues.sends == [] or not _leaves(world)
    row = the_reminder(world.database)
    assert (row.state, reasons.read(row.reasons)) == ("skipped", [Reason.ORDERS_UNKNOWN])
    assert row.latest_at < world.clock()
    assert the_shop(world).poll_failures > 3
    assert [each.over_at for each in rows(world.database, tables.notices)] == [None]

    world.polls = "well"
    now = world.clock.forward(hours=18)  # the next day, at a decent hour
    later = a_cart(now, key="token:c2", shopper=a_shopper(now, email=EMAIL))
    record(world.database, world.shop, later, now=now)
    for _ in range(8):
        world.clock.forward(minutes=10)
        world.tick()
        _leaves(world)
    assert the_shop(world).poll_failures == 0
    assert [each.over_at is None for each in rows(world.database, tables.notices)] == [False]
    states = {each.cart_id: each.state for each in rows(world.database, tables.reminders)}
    assert sorted(states.values()) == ["sent", "skipped"]
    assert len(world.accepted) == 1


def _leaves(world: World) -> bool:
    """The workers do what was handed out; whether a text left."""
    before = len(world.accepted)
    while world.queues.sends:
        world.work(world.queues.sends.pop())
    return len(world.accepted) > before
