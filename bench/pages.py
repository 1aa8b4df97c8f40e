"""The merchant's pages beside a large shop: server time and bytes of each.

A shop of 100,000 carts and 1,000,000 reminders (`bench.large_shop`). One of its people comes in
by a signed link; then each page under `/shops/<key>/` that needs nothing more than its address
is asked for twenty times, in this process, without a network: what is measured is the server's
own time, from the request read to the answer written. Pages of figures are asked for while their
figures are not yet counted, then all is counted as a worker does, and they are asked for again,
with the carts behind figures, searches, a cart and a conversation. The anchor is the page of the
team, which has a member to show and nothing of the shop's rows.
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
from werkzeug.test import TestResponse

import settings as configuration
from bench import large_shop, pages_filled
from bench.house import KINDS, NAMES, SECRET, House
from bench.pages_filled import Asked
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
            _of_kind(report, house, shop)
    report.notes.append(
        f"{carts:,} carts, {reminders:,} reminders; median and 95th percentile of {TIMES} requests"
        " after a first one; bytes of the page without its style, scripts and pictures"
    )
    return report


def _of_kind(report: Report, house: House, shop: ShopRow) -> None:
    name = NAMES[house.kind]
    browser, app = signed_in(house, shop, large_shop.NOW)
    base = f"/shops/{shop.key}"
    anchor, *pages = measured(browser, _addresses(app, shop.key))
    pages += measured(browser, pages_filled.waiting(base), ", not yet counted")
    took = pages_filled.seconds_of_counting(house.database, large_shop.NOW)
    pages += measured(browser, list(pages_filled.filled(house.database, shop, base)))
    _tell(report, name, base, anchor, pages)
    for figures, seconds in took.items():
        row = f"{figures}, counted by a worker, {name}"
        report.add(Row(row, "", f"{seconds:.1f} s of a processor", "–", "60 s", _aim(seconds)))


def _aim(seconds: float) -> str:
    return verdict(seconds < 60, False)


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


def measured(browser: FlaskClient, pages: list[Asked], more: str = "") -> Iterator[Page]:
    """Each page in turn; `more` is said beside its address."""
    for address, fields in pages:
        took = []
        for time_ in range(TIMES + 1):  # the first is not counted
            begun = time.perf_counter()
            answer = _answer(browser, address, fields)
            size = len(answer.data)
            took += [(time.perf_counter() - begun) * 1000] if time_ else []
        late = statistics.quantiles(took, n=20, method="inclusive")[-1]
        said = ", ".join(f"{name} {value}" for name, value in (fields or {}).items())
        name = f"{address} ({said})" if said else address
        yield Page(name + more, answer.status_code, statistics.median(took), late, size)


def _answer(browser: FlaskClient, address: str, fields: dict[str, str] | None) -> TestResponse:
    if not fields:
        return browser.get(address, base_url=_BASE)
    with browser.session_transaction(base_url=_BASE) as session:
        mark = session["forms"]
    return browser.post(address, data={"form": mark, **fields}, base_url=_BASE)


def _addresses(app: Flask, key: str) -> list[Asked]:
    found = {}
    with app.test_request_context(base_url=_BASE):
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.arguments == {"shop_key"}:
                found[rule.endpoint] = app.url_for(rule.endpoint, shop_key=key)
    inside = {name: each for name, each in found.items() if each.startswith(f"/shops/{key}/")}
    anchor = inside.pop(_ANCHOR)
    return [(each, None) for each in (anchor, *sorted(inside.values()))]


def _tell(report: Report, database: str, base: str, anchor: Page, pages: list[Page]) -> None:
    for page in (anchor, *pages):
        told = f"{page.median:.0f} ms, p95 {page.late:.0f} ms; {page.size / 1000:.0f} kB"
        print(database, page.address, page.status, told, flush=True)
        fits = page.late < MOST and page.size < MOST_BYTES
        status = "" if page.status == 200 else f", answered {page.status}"
        report.add(
            Row(
                f"`{page.address.removeprefix(base)}`, {database}{status}",
                f"`{anchor.address.removeprefix(base)}`, {anchor.median:.0f} ms",
                told,
                f"p95 under {MOST} ms, under {MOST_BYTES // 1000} kB",
                "–",
                verdict(fits and page.status < 400, False),
            )
        )
