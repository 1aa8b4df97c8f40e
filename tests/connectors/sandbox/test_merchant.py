"""The way from the sandbox shop into the merchant's pages."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from connectors import entry_links
from connectors.protocols import Forged
from connectors.sandbox.delivery import Hooks
from connectors.sandbox.server import create_sandbox
from connectors.sandbox.store import Store
from tests.connectors.sandbox.stage import SECRET, Clock


def test_every_page_leads_to_the_merchants_pages(browser: FlaskClient) -> None:
    for path in ("/", "/cart", "/phone", "/help"):
        assert 'href="/merchant"' in browser.get(path).text


def test_the_shop_signs_a_new_link_each_time_that_the_house_reads(
    browser: FlaskClient, clock: Clock
) -> None:
    found = [browser.get("/merchant") for _ in range(2)]
    assert [answer.status_code for answer in found] == [303, 303]
    assert found[0].headers["Cache-Control"] == "no-store"
    links = [urlsplit(answer.headers["Location"]) for answer in found]
    assert {f"{one.scheme}://{one.netloc}{one.path}" for one in links} == {
        "http://us.test/enter/sandbox/demo"
    }
    read = [entry_links.read(dict(parse_qsl(one.query)), SECRET, "demo", clock()) for one in links]
    assert [entry.user for entry in read] == ["1", "1"]
    assert read[0].nonce != read[1].nonce
    with pytest.raises(Forged):
        later = clock() + timedelta(seconds=61)
        entry_links.read(dict(parse_qsl(links[0].query)), SECRET, "demo", later)


def test_a_browser_is_led_to_the_houses_address_for_browsers(store: Store, clock: Clock) -> None:
    hooks = Hooks("http://127.0.0.1:8000", "demo", "https://relance.example")
    app = create_sandbox(store, hooks, SECRET, clock, "http://shop.test")
    answer = app.test_client().get("/merchant")
    assert answer.headers["Location"].startswith("https://relance.example/enter/sandbox/demo?")
