"""A merchant's browser: the install beside Shopify's admin, and the pages inside it.

The admin and App Bridge lie at their true addresses, answered by the stand-in, so that the
browser itself holds to our Content-Security-Policy and keeps its cookies from the frame.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Route, expect
from sqlalchemy import select
from werkzeug.serving import make_server

import settings as configuration
from recovery import programmes, tables
from recovery.database import Database
from recovery.model import Channel
from recovery.programme_form import Delay, Programme, Start, Step
from tests.standins.shopify import StandInShopify, sessions
from tests.standins.shopify.shop import StandInShop
from tests.test_shopify_story import Quiet
from web import create_app

pytestmark = pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")

ADMIN = sessions.ADMIN
HTMX = (Path(create_app.__code__.co_filename).parent / "static" / "htmx.min.js").read_text()


class Walk:
    """The app, the stand-in, and a browser that knows nothing yet."""

    def __init__(self, url: str, shopify: StandInShopify, browser: Browser) -> None:
        self.shopify = shopify
        self.theirs: StandInShop = shopify.add_shop("shop-one.myshopify.com")
        environment = {
            "DATABASE_URL": url,
            "SECRET_KEY": "a-secret-only-for-tests",
            "ENCRYPTION_KEYS": "a-key-that-is-only-for-tests",
            "SHOPIFY_API_KEY": shopify.api_key,
            "SHOPIFY_API_SECRET": shopify.api_secret,
            "SHOPIFY_HOST_OVERRIDE": shopify.url,
        }
        app = create_app(configuration.load(environment))
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self.server.port}"
        app.extensions["relance"].public_url = self.url
        self.database: Database = app.extensions["relance"].database
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        self.context: BrowserContext = browser.new_context(ignore_https_errors=True, locale="en")
        self.context.set_default_timeout(10_000)
        self.context.grant_permissions(["local-network-access"])  # this machine, framed by a site
        self.asked: list[str] = []
        self.refused: list[str] = []
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.context.on("console", lambda line: self._note(line.text))
        self.context.route(f"{ADMIN}/**", self._admin)
        script = {"content_type": "text/javascript", "body": sessions.APP_BRIDGE}
        bridge = "https://cdn.shopify.com/shopifycloud/app-bridge.js*"
        self.context.route(bridge, lambda route: route.fulfill(**script))

    def opens_the_app(self) -> FrameLocator:
        """The merchant chooses the app in the admin."""
        page = self.context.new_page()
        page.goto(f"{ADMIN}/store/shop-one/apps/relance")
        return page.frame_locator("iframe[name=app]")

    def _admin(self, route: Route) -> None:
        if "/token?" in route.request.url:
            return route.fulfill(body=self.shopify.session_token(self.theirs))
        inside = self.shopify.launch(self.theirs, f"{self.url}/shopify/app")
        shop, user = self.theirs.domain, self.theirs.user
        frame = sessions.admin_page(inside, f"{ADMIN}/token", shop, user)
        return route.fulfill(content_type="text/html", body=frame)

    def _note(self, line: str) -> None:
        if "Content Security Policy" in line or "Refused" in line:
            self.refused.append(line)

    def names(self) -> list[tuple[str, str]]:
        with self.database.reading() as db:
            rows = db.execute(select(tables.members.c.subject, tables.members.c.name))
            return [(row.subject, row.name) for row in rows]

    def end(self) -> None:
        self.context.close()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.database.close()


@pytest.fixture
def walk(
    sqlite_template: Path, tmp_path: Path, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Walk]:
    path = tmp_path / "relance.sqlite"
    shutil.copy(sqlite_template, path)
    with StandInShopify() as shopify:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(shopify.ca_file))
        whole = Walk(f"sqlite:///{path}", shopify, chromium)
        yield whole
        whole.end()


def test_a_merchant_connects_beside_the_admin_and_stands_at_the_start(walk: Walk) -> None:
    page = walk.context.new_page()
    page.goto(f"{walk.url}/install/shopify?shop={walk.theirs.domain}")
    expect(page.get_by_role("heading", name="Nothing leaves yet.")).to_be_visible()
    expect(page.locator(".shop")).to_have_text("Shop One")
    page.get_by_role("link", name="Team").click()
    page.get_by_label("How you are called here").fill("Ada")
    page.locator("form", has=page.get_by_label("How you are called here")).get_by_role(
        "button", name="Save"
    ).click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    assert walk.names() == [(f"shopify:{walk.theirs.user}", "Ada")]
    assert not any("cdn.shopify.com" in each for each in walk.asked)


def test_a_merchant_opens_the_app_inside_the_admin_and_works_there(walk: Walk) -> None:
    frame = walk.opens_the_app()
    expect(frame.get_by_role("heading", name="Nothing leaves yet.")).to_be_visible()
    expect(frame.get_by_role("button", name="Sign out")).to_have_count(0)
    frame.get_by_role("link", name="Team").click()
    expect(frame.get_by_role("heading", name="Team")).to_be_visible()
    frame.get_by_label("How you are called here").fill("Ada")
    frame.get_by_label("How you are called here").press("Enter")
    expect(frame.get_by_role("status")).to_have_text("Saved.")
    frame.get_by_role("link", name="Start").click()
    expect(frame.get_by_role("heading", name="Nothing leaves yet.")).to_be_visible()
    assert walk.names() == [(f"shopify:{walk.theirs.user}", "Ada")]
    assert walk.context.cookies(walk.url) == []
    inside = walk.context.pages[0].frames[1]
    inside.wait_for_function("() => !location.href.includes('id_token')")
    inside.evaluate("() => { document.querySelector('h1').remove(); location.reload(); }")
    expect(frame.get_by_role("heading", name="Nothing leaves yet.")).to_be_visible()
    assert walk.refused == []
    # A page that answers as one types: its requests bear a token, too.
    inside.evaluate(f"() => {{ {HTMX}; window.htmx = htmx; }}")
    inside.evaluate(
        """() => {
            const title = document.querySelector("h1");
            title.setAttribute("hx-get", location.pathname + "team/");
            title.setAttribute("hx-target", "#content");
            htmx.process(title);
        }"""
    )
    frame.get_by_role("heading", name="Nothing leaves yet.").click()
    expect(frame.get_by_label("How you are called here")).to_have_value("Ada")


def test_an_email_and_a_page_that_opens_beside_find_their_way_inside_the_admin(
    walk: Walk,
) -> None:
    frame = walk.opens_the_app()
    expect(frame.get_by_role("heading", name="Nothing leaves yet.")).to_be_visible()
    with walk.database.transaction() as db:
        row = db.execute(select(tables.shops.c.id, tables.shops.c.key)).one()
        form = Programme(Start.CART, (Step(1, Channel.EMAIL, Delay(1800)),), holdout=0.0)
        programmes.save(db, row.id, programmes.CART, form, "Ada", datetime.now(UTC))
    inside = walk.context.pages[0].frames[1]
    there = f"/shops/{row.key}/programmes/cart/steps/1/words/en"
    inside.evaluate(
        """(there) => {
            const link = document.createElement("a");
            link.href = there;
            document.body.append(link);
            link.click();
        }""",
        there,
    )
    mail = frame.frame_locator("iframe[title='The e-mail']")
    expect(mail.get_by_text("Camille").first).to_be_visible()
    frame.get_by_label("The opening of the e-mail").fill("Good evening, you.")
    expect(mail.get_by_role("paragraph").nth(1)).to_have_text(
        "Good evening, you."
    )  # htmx brought it
    inside = walk.context.pages[0].frames[1]
    beside = inside.evaluate(
        """(there) => {
            const link = document.createElement("a");
            Object.assign(link, { href: there, target: "_blank" });
            document.body.append(link);
            document.addEventListener("click", (event) => event.preventDefault());
            link.click();
            return link.href;
        }""",
        there,
    )
    app = f"{ADMIN}/store/shop-one/apps/{walk.shopify.api_key}"
    assert beside == f"{app}{there}"
    assert walk.refused == []


def test_no_other_site_can_frame_the_pages(walk: Walk) -> None:
    inside = walk.shopify.launch(walk.theirs, f"{walk.url}/shopify/app")
    page = walk.context.new_page()
    evil = f'<iframe name="app" src="{inside.replace("&", "&amp;")}"></iframe>'
    walk.context.route(
        "https://evil.example/**", lambda route: route.fulfill(content_type="text/html", body=evil)
    )
    page.goto("https://evil.example/")
    expect(page.frame_locator("iframe").get_by_role("status")).to_have_count(0)
    assert walk.refused != []
