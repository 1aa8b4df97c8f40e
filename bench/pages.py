"""The merchant's pages beside a large shop: server time and bytes of each.

A shop of 100,000 carts and 1,000,000 reminders (`bench.large_shop`). One of its people comes in
by a signed link; then each page under `/shops/<key>/` that needs nothing more than its address
is asked for twenty times, in this process, without a network: what is measured is the server's
own time, from the request read to the answer written. The anchor is the page of the team, which
has a member to show and nothing of the shop's rows.
"""

from __future__ import annotations

import secrets
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient

import settings as configuration
from bench import large_shop
from bench.house import KINDS, NAMES, SECRET, House
from bench.report import Report, Row, verdict
from connectors import entry_links
from recovery import shops
from recovery.shops import ShopRow
from web import create_app

TIMES = 20
MOST, MOST_BYTES = 150, 100_000  # ms, bytes
_BASE = "http://127.0.0.1:8000"
_ANCHOR = "team.team"
_PLUGIN_SECRET = "a plugin's secret that is only for benches"


@dataclass(frozen=True, slots=True)
class Page:
    """What a page took, in ms, and how large it is."""

    address: str
    status: int
    median: float
    late: float  # the 95th of a hundred
    size: int


def run(kinds: tuple[str, ...] = KINDS, carts: int = 100_000, reminders: int = 1_000_000) -> Report:
    """Measure on each kind of database."""
    report = Report("The merchant's pages beside a large shop")
    for kind in kinds:
        with House(kind, redis=False) as house:
            shop = large_shop.fill(house.database, carts, reminders)
            browser, app = signed_in(house, shop, large_shop.NOW)
            _tell(report, NAMES[kind], list(measured(app, browser, shop.key)))
    report.notes.append(
        f"{carts:,} carts, {reminders:,} reminders; median and 95th percentile of {TIMES} requests"
        " after a first one; bytes of the page without its style, scripts and pictures"
    )
    return report


def signed_in(house: House, shop: ShopRow, now: datetime) -> tuple[FlaskClient, Flask]:
    """A browser of the shop's owner, and the app that it asks, whose time stands at `now`."""
    credentials = {"plugin_secret": _PLUGIN_SECRET, "webhook_secret": SECRET}
    house.database.run(lambda db: shops.keep_credentials(db, house.keys, shop, credentials))
    app = create_app(configuration.load(house.environment))
    app.extensions["relance"].now = lambda: now
    browser = app.test_client()
    entry = entry_links.query(_PLUGIN_SECRET, shop.key, "1", secrets.token_urlsafe(16), now)
    door = f"/enter/woocommerce/{shop.key}?{urlencode(entry)}"
    answer = browser.get(door, base_url=_BASE)
    if answer.status_code != 302:
        raise RuntimeError(f"the door did not open: {answer.status_code}")
    return browser, app


def measured(app: Flask, browser: FlaskClient, key: str) -> Iterator[Page]:
    """Each page, the anchor first."""
    for address in _addresses(app, key):
        answer = browser.get(address, base_url=_BASE)
        took = []
        for _ in range(TIMES):
            begun = time.perf_counter()
            answer = browser.get(address, base_url=_BASE)
            size = len(answer.data)
            took.append((time.perf_counter() - begun) * 1000)
        late = statistics.quantiles(took, n=20, method="inclusive")[-1]
        short = address.removeprefix(f"/shops/{key}")
        yield Page(short, answer.status_code, statistics.median(took), late, size)


def _addresses(app: Flask, key: str) -> list[str]:
    found = {}
    with app.test_request_context(base_url=_BASE):
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.arguments == {"shop_key"}:
                found[rule.endpoint] = app.url_for(rule.endpoint, shop_key=key)
    inside = {name: each for name, each in found.items() if each.startswith(f"/shops/{key}/")}
    anchor = inside.pop(_ANCHOR)
    return [anchor, *sorted(inside.values())]


def _tell(report: Report, database: str, pages: list[Page]) -> None:
    anchor = pages[0]
    for page in pages:
        told = f"{page.median:.0f} ms, p95 {page.late:.0f} ms; {page.size / 1000:.0f} kB"
        print(database, page.address, page.status, told, flush=True)
        fits = page.late < MOST and page.size < MOST_BYTES
        status = "" if page.status == 200 else f", answered {page.status}"
        report.add(
            Row(
                f"`{page.address}`, {database}{status}",
                f"`{anchor.address}`, {anchor.median:.0f} ms",
                told,
                f"p95 under {MOST} ms, under {MOST_BYTES // 1000} kB",
                "–",
                verdict(fits and page.status < 400, False),
            )
        )
