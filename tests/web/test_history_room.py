"""The merchant sees how far their shop's past is read, and can have it read again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from recovery import history, tables
from recovery.model import Page
from recovery.shops import ShopRow
from tests.recovery.stories import an_order
from tests.web.stage import Stage
from tests.web.test_merchant_door import a_browser, get, mark, post
from web import install


@pytest.fixture
def shop(stage: Stage) -> Iterator[ShopRow]:
    yield stage.a_woocommerce_shop(locale="en")


def begin(stage: Stage, shop: ShopRow) -> None:
    now = stage.clock()
    stage.database.run(lambda db: history.begin(db, shop, "", now))


def orders(stage: Stage, shop: ShopRow) -> history.Import:
    with stage.database.reading() as db:
        return history.of_shop(db, shop.id)[0]


def test_how_far_it_is_stands_on_the_first_page(stage: Stage, shop: ShopRow) -> None:
    browser = a_browser(stage, shop)
    home = f"/shops/{shop.key}/"
    assert "From before the install" not in get(browser, home).text
    begin(stage, shop)
    assert "Not begun yet." in get(browser, home).text
    of, now = orders(stage, shop), stage.clock()
    stage.database.run(lambda db: history.expect(db, of, 4, now))
    page = Page((an_order(now - timedelta(days=30)),), "p2")
    stage.database.run(lambda db: history.store_page(db, shop, of, page, now))
    text = get(browser, home).text
    assert "1 of about 4 read." in text
    assert 'value="25"' in text
    assert "No message is ever sent for any of it." in text
    assert 'hx-trigger="every 4s"' in text
    stands = orders(stage, shop)
    stage.database.run(lambda db: history.failed(db, stands, "The shop answered 500.", now))
    text = get(browser, home + "history/").text
    assert "what was read is kept" in text
    assert "The shop answered 500." in text
    post(browser, home + "history/now", form=mark(browser))
    assert orders(stage, shop).try_at == stage.clock()


def test_what_is_done_goes_from_the_first_page_and_can_be_read_again(
    stage: Stage, shop: ShopRow
) -> None:
    browser = a_browser(stage, shop)
    begin(stage, shop)
    with stage.database.reading() as db:
        every = history.of_shop(db, shop.id)
    for each in every:
        stage.database.run(lambda db, each=each: history.end(db, each, stage.clock()))  # type: ignore[misc]
    text = get(browser, f"/shops/{shop.key}/").text
    assert "Your shop’s past is read." in text
    assert "hx-trigger" not in text
    stage.clock.forward(days=3)
    browser = a_browser(stage, shop, nonce="fedcba9876543210")
    assert "From before the install" not in get(browser, f"/shops/{shop.key}/").text
    answer = post(browser, f"/shops/{shop.key}/history/again", form=mark(browser))
    assert answer.status_code == 302
    assert orders(stage, shop).ended_at is None


def test_an_install_begins_it_and_a_shop_that_is_here_is_not_read_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage.app.test_request_context():
        monkeypatch.setattr(install, "_ask_its_name", lambda *_: None)  # the wire
        keep = {"access_token": "shpat_made_up", "scope": "read_orders,read_all_orders"}
        shop = install.keep("shopify", "one.myshopify.com", keep)
        first = orders(stage, shop)
        assert first.since.year == 2006
        stage.database.run(lambda db: history.end(db, first, stage.clock()))
        install.keep("shopify", "one.myshopify.com", keep)
        assert orders(stage, shop).ended_at is not None
        left = tables.shops.update().values(state="uninstalled")
        stage.database.run(lambda db: db.execute(left))
        install.keep("shopify", "one.myshopify.com", {"access_token": "x"})
        assert orders(stage, shop).ended_at is None
        assert stage.clock() - orders(stage, shop).since == timedelta(days=60)
