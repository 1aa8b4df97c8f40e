"""What the plugin adds to a checkout page: bytes, requests, main-thread time, layout shift.

The two small checkouts of `tests/plugin/browser`, each loaded with and without us by turns,
in Debian's Chromium with its processor slowed to a quarter, as on a modest phone. A load
counts until the page has been still for a while; then a contact is typed, with the boxes
ticked where there are any. The anchor is the same page without us. The time inside of our
script is sampled by Chromium's own profiler; the whole main thread's time stands beside it, but
swings by more than we add. A real checkout is far
heavier than these pages, so that its own numbers say nothing here: only the difference does.
"""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.report import Report, Row, spread, verdict
from tests.plugin.browser.checkout import IDS
from tests.plugin.browser.pages import HERE, Setting
from tests.plugin.browser.shop import Shop

LOADS = 21
SLOWED = 4  # times slower than this machine
STILL = 1_000  # ms to wait for anything that comes late
NAMES = {"classic": "classic checkout", "block": "block checkout"}
EMAIL, PHONE = "ana@example.com", "+33612345678"
_WATCH = """
    window.shift = 0;
    window.long = [];
    new PerformanceObserver( ( list ) => list.getEntries().forEach( ( entry ) => {
        window.shift += entry.hadRecentInput ? 0 : entry.value;
    } ) ).observe( { type: 'layout-shift', buffered: true } );
    new PerformanceObserver( ( list ) => list.getEntries().forEach( ( entry ) => {
        window.long.push( entry.duration );
    } ) ).observe( { type: 'longtask', buffered: true } );
"""


@dataclass(frozen=True, slots=True)
class Load:
    """One load of a page, and then the typing."""

    size: int  # bytes over the wire, compressed, without headers
    requests: int
    loading: float  # ms of the main thread
    typing: float
    own_loading: float  # ms of these inside of our script, and of what it calls
    own_typing: float  # for one key, on average
    shift: float
    long_tasks: int
    sent: int


def run(loads: int = LOADS) -> Report:
    """Measure both checkouts."""
    report = Report("Cost of the plugin on a checkout page")
    subprocess.run(["npm", "ci"], cwd=HERE, check=True, capture_output=True, timeout=300)
    subprocess.run(["npm", "run", "build"], cwd=HERE, check=True, capture_output=True, timeout=300)
    with _opened() as (browser, shop):
        for kind in NAMES:
            _load(browser, shop, kind, with_us=True)  # the browser's own first time
            pairs = [
                (_load(browser, shop, kind, with_us=False), _load(browser, shop, kind))
                for _ in range(loads)
            ]
            _tell(report, kind, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    report.notes.append(
        f"{loads} loads each with and without us, by turns; medians (least–most); processor"
        f" slowed {SLOWED} times; nothing from a cache; bytes compressed by gzip, level 6"
    )
    return report


@contextmanager
def _opened() -> Iterator[tuple[Browser, Shop]]:
    shop = Shop()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
            )
            yield browser, shop
            browser.close()
    finally:
        shop.close()


def _load(browser: Browser, shop: Shop, kind: str, with_us: bool = True) -> Load:
    shop.begin(Setting(with_us=with_us))
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(_WATCH)
    client = context.new_cdp_session(page)
    for domain in ("Performance", "Profiler"):
        client.send(f"{domain}.enable")
    client.send("Profiler.setSamplingInterval", {"interval": 200})  # µs
    client.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    page.goto(f"{shop.address}/elsewhere")
    shop.served.clear()
    idle = _busy(client)
    client.send("Profiler.start")
    page.goto(f"{shop.address}/checkout/{kind}")
    page.locator(IDS[kind]["email"]).wait_for()
    page.wait_for_timeout(STILL)
    size, requests = sum(length for _, length in shop.served), len(shop.served)
    loading, shift = _busy(client) - idle, page.evaluate("window.shift")
    own_loading = _own(client.send("Profiler.stop")["profile"])
    for channel in ("sms", "email"):
        if with_us:
            page.locator(f'input[name="relance_{channel}"]').check()
    before = _busy(client)
    client.send("Profiler.start")
    page.locator(IDS[kind]["email"]).press_sequentially(EMAIL)
    page.locator(IDS[kind]["phone"]).press_sequentially(PHONE)
    page.wait_for_timeout(STILL)
    typing, long_tasks = _busy(client) - before, page.evaluate("window.long.length")
    own_typing = _own(client.send("Profiler.stop")["profile"]) / len(EMAIL + PHONE)
    shift = max(shift, page.evaluate("window.shift"))
    context.close()
    sent = len(shop.captures)
    return Load(size, requests, loading, typing, own_loading, own_typing, shift, long_tasks, sent)


def _busy(client: Any) -> float:
    """ms that the page's main thread has worked so far."""
    metrics = client.send("Performance.getMetrics")["metrics"]
    return 1000 * next(each["value"] for each in metrics if each["name"] == "TaskDuration")


def _own(profile: Any) -> float:
    """ms spent in our script, or in what it called, as samples tell it."""
    ours: set[int] = set()
    for node in profile["nodes"]:  # A parent comes before its children.
        if node["id"] in ours or node["callFrame"]["url"].endswith("/capture.js"):
            ours.update([node["id"], *node.get("children", [])])
    samples = zip(profile["samples"], profile["timeDeltas"], strict=True)
    return sum(length for node, length in samples if node in ours) / 1000


def _tell(report: Report, kind: str, without: list[Load], with_us: list[Load]) -> None:
    def added(name: str) -> float:
        """The medians' difference."""
        return float(
            statistics.median(getattr(each, name) for each in with_us)
            - statistics.median(getattr(each, name) for each in without)
        )

    def both(name: str, form: str, unit: str = "") -> tuple[str, str]:
        return (
            spread([getattr(each, name) for each in without], form, unit),
            spread([getattr(each, name) for each in with_us], form, unit),
        )

    limits = (
        ("bytes", "size", ".0f", "", 7_000, 6_500, "{:+.0f}"),
        ("requests", "requests", ".0f", "", 1, 1, "{:+.0f}"),
        ("our script while loading", "own_loading", ".1f", " ms", 50, 16, "{:+.1f} ms"),
        ("our script for each key", "own_typing", ".2f", " ms", 5, 2, "{:+.2f} ms"),
        ("main thread while loading", "loading", ".0f", " ms", None, None, "{:+.0f} ms"),
        ("main thread while typing", "typing", ".0f", " ms", None, None, "{:+.0f} ms"),
        ("layout shift", "shift", ".4f", "", 0.01, 0, "{:+.4f}"),
        ("long tasks (over 50 ms)", "long_tasks", ".0f", "", None, None, "{:+.0f}"),
    )
    for figure, name, form, unit, least, aim, difference in limits:
        more = added(name)
        alone, ours = both(name, form, unit)
        print(kind, figure, alone, ours, flush=True)
        report.add(
            Row(
                f"{figure}, {NAMES[kind]}",
                f"without us {alone}",
                f"{difference.format(more)}; with us {ours}",
                "–" if least is None else f"at most {difference.format(least)}",
                "–" if aim is None else f"at most {difference.format(aim)}",
                "for comparison"
                if least is None or aim is None
                else verdict(more <= least, more <= aim),
            )
        )
    sent = [each.sent for each in with_us]
    report.add(
        Row(
            f"requests while a contact is typed, {NAMES[kind]}",
            "0 without us",
            spread(sent, ".0f"),
            "at most 3",
            "at most 2",
            verdict(max(sent) <= 3, max(sent) <= 2),
        )
    )
