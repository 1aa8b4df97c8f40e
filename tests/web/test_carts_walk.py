"""A merchant in a real browser: a cart's life is read, a reply is answered and arrives."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from recovery import accounts, receipts
from recovery.model import Receipt
from tests.recovery.stories import a_cart, a_line, a_shopper, know_orders, record
from tests.web.stage import Stage
from tests.web.test_conversations_room import leaves, says, settle
from tests.web.test_merchant_door import link

#: Where pictures of the pages are put to be looked at; without it none are made.
PICTURES = os.environ.get("PICTURES", "")


class Quiet(WSGIRequestHandler):
    def log(self, *args: Any) -> None:
        pass


@pytest.fixture
def served(a_stage: Callable[..., Stage]) -> Iterator[tuple[Stage, str]]:
    """The app at an address of its own, over plain http as on one's own machine."""
    stage = a_stage(PUBLIC_URL="http://127.0.0.1")
    server = make_server("127.0.0.1", 0, stage.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield stage, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A browser in which nothing may go wrong on a page."""
    context = chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda told: complaints.append(told.text) if "Content Security" in told.text else None,
    )
    yield page
    context.close()
    assert complaints == []


def picture(page: Page, name: str) -> None:
    if not PICTURES:
        return
    for width in (360, 1280):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{scheme}.png", full_page=True)


def arrives(stage: Stage, reminder_id: int) -> None:
    told = Receipt(f"p{reminder_id}", "delivered", stage.clock(), str(reminder_id))

    def work(db: Any) -> None:
        account = accounts.by_name(db, "service")
        assert account is not None
        receipts.record_receipt(db, account, told, stage.clock())

    stage.database.run(work)


def test_a_carts_life_is_read_and_a_reply_answered(served: tuple[Stage, str], page: Page) -> None:
    stage, home = served
    account = stage.an_account()
    shop = stage.a_woocommerce_shop(
        account_id=account.id, country="FR", timezone="Europe/Paris", any_hour=True
    )
    ana = a_shopper(stage.clock(), customer_key="c-ana", first_name="Zoé")
    lines = (a_line("Théière en grès, émail bleu nuit", "48.00"), a_line("Tasse", quantity=2))
    record(stage.database, shop, a_cart(stage.clock(), shopper=ana, lines=lines), now=stage.clock())
    bob = a_shopper(stage.clock(), False, first_name=None, phone=None, email="b@pots.example")
    earlier = stage.clock() - timedelta(hours=1)
    record(stage.database, shop, a_cart(earlier, "token:2", shopper=bob), now=stage.clock())
    know_orders(stage.database, shop, stage.clock())
    letters = stage.what_leaves_after_an_hour(account)
    settle(stage, letters)
    arrives(stage, letters[0].reminder_id)
    says(stage, "Bonjour, livrez-vous en Suisse ?")

    page.goto(home + link(stage, shop))
    page.goto(f"{home}/shops/{shop.key}/carts/")
    expect(page.locator("tbody tr")).to_have_count(2)
    picture(page, "carts")
    page.get_by_label("Name, e-mail, phone, product or order number").fill("theiere ZOE")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert "ZOE" not in page.url and "theiere" not in page.url
    page.locator("tbody a").click()
    life = page.locator("ol.carts-life")
    expect(life).to_contain_text("The message arrived on their device.")
    expect(life).to_contain_text("Bonjour, livrez-vous en Suisse ?")
    picture(page, "cart")
    page.get_by_role("button", name="Stop the reminders of this cart").click()
    expect(page.get_by_role("status")).to_contain_text("no reminder of this cart leaves any more")
    page.get_by_role("button", name="Let its reminders leave again").click()

    page.get_by_role("link", name="Conversations", exact=True).click()
    picture(page, "conversations")
    page.get_by_text("Bonjour, livrez-vous en Suisse ?").click()
    page.get_by_label("Your answer, by SMS").press_sequentially("Oui, en trois jours.")
    expect(page.locator("#count")).to_contain_text("Characters: 20")
    picture(page, "conversation")
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_role("status").first).to_contain_text("Your answer is on its way")
    (letter,) = leaves(stage)
    assert letter.message.text == "Oui, en trois jours."
    settle(stage, [letter])
    arrives(stage, letter.reminder_id)
    page.reload()
    expect(page.locator("ol.talk li.member")).to_contain_text("arrived")
    picture(page, "answered")
    page.get_by_role("link", name="All conversations").click()
    expect(page.get_by_text("Nobody waits for an answer.")).to_be_visible()
