"""Every page of a merchant in a real browser: for all eyes and hands, in both languages.

The pages are found by following the links of a shop with a past, one of each kind. With
PICTURES=<folder> each is also pictured, in both languages, light and dark, on a telephone and on
a desk, with an index.html to look through them (`make screenshots`).
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

from bench import large_shop
from recovery import shops
from recovery.shops import ShopRow
from tests.conftest import SetClock
from tests.standins import axe
from tests.web.stage import PLUGIN_SECRET, Stage, settings_for
from tests.web.test_carts_walk import Quiet
from tests.web.test_merchant_door import link
from web import create_app

PICTURES = os.environ.get("PICTURES", "")
LANGUAGES = {"en": "en-GB", "fr": "fr-FR"}
PHONE, DESK = 360, 1280
#: Reached by a form alone, or not a page.
NO_PAGES = ("payload", "csv", "export", "download", "/mail")
RUN = """async tags => {
  const found = await axe.run({runOnly: tags});
  return found.violations.filter(v => ["serious", "critical", "moderate"].includes(v.impact))
    .map(v => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map(n => n.html).join(" | ")}`);
}"""
PLAIN = """() => {
  const wrong = [];
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (twice.length) wrong.push(`an id twice: ${twice}`);
  if (document.scrollingElement.scrollWidth > innerWidth)
    wrong.push(`wider than the window by ${document.scrollingElement.scrollWidth - innerWidth}`);
  if (!document.title) wrong.push("no title");
  return wrong;
}"""


@pytest.fixture(scope="module")
def stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The app, with a shop that has a past."""
    file = tmp_path_factory.mktemp("seen") / "shop.sqlite"
    file.write_bytes(sqlite_template.read_bytes())
    settings = settings_for(f"sqlite:///{file}", PUBLIC_URL="http://127.0.0.1")
    made = Stage(create_app(settings), SetClock(large_shop.NOW))
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def shop(stage: Stage) -> ShopRow:
    """A hundred and twenty carts of a year, with all that followed."""
    row = large_shop.fill(stage.database, carts=120, reminders=480, now=stage.clock())
    secrets = {"plugin_secret": PLUGIN_SECRET, "webhook_secret": "x"}
    stage.database.run(lambda db: shops.keep_credentials(db, stage.tools.keys, row, secrets))
    found = stage.database.run(lambda db: shops.by_id(db, row.id))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def served(stage: Stage) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, stage.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Visit:
    """A merchant in one browser: what goes wrong on a page is kept."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base, self.wrong = base, list[str]()
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("console", self._said)

    def _said(self, told: object) -> None:
        if getattr(told, "type", "") == "error" and "Failed to load" not in str(told):
            self.wrong.append(f"console: {getattr(told, 'text', told)}")

    def open(self, path: str) -> None:
        answer = self.page.goto(f"{self.base}{path}")
        if answer is None or answer.status != 200:
            self.wrong.append(f"{path}: {None if answer is None else answer.status}")


def visits(
    chromium: Browser, stage: Stage, shop: ShopRow, base: str, language: str, scheme: str
) -> Visit:
    """A browser of that language and scheme, signed in."""
    context = chromium.new_context(
        locale=LANGUAGES[language],
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": DESK, "height": 900},
        bypass_csp=True,  # for axe alone; the policy is tested elsewhere
    )
    context.set_default_timeout(20_000)
    made = Visit(context, base)
    made.open(link(stage, shop, nonce=secrets.token_hex(8)))
    return made


@pytest.fixture(scope="module")
def pages(chromium: Browser, stage: Stage, shop: ShopRow, served: str) -> dict[str, str]:
    """The address of one page of each kind, by its endpoint."""
    visit = visits(chromium, stage, shop, served, "en", "dark")
    found: dict[str, str] = {}
    waiting = [f"/shops/{shop.key}/"]
    router = stage.app.url_map.bind("127.0.0.1")
    while waiting:
        path = waiting.pop(0)
        try:
            endpoint, values = router.match(urlsplit(path).path, method="GET")
        except HTTPException:
            continue
        kind = f"{endpoint} {values.get('key', '')}".strip()
        if kind in found or any(name in path for name in NO_PAGES):
            continue
        found[kind] = path
        visit.open(path)
        links = visit.page.eval_on_selector_all(
            f'a[href^="/shops/{shop.key}/"]', "all => all.map(a => a.getAttribute('href'))"
        )
        waiting += [each.partition("#")[0] for each in links]
    visit.page.context.close()
    assert visit.wrong == []
    return found


def test_every_kind_of_page_is_found(pages: dict[str, str]) -> None:
    assert len(pages) >= 25, sorted(pages)
    for room in ("home", "results", "why", "carts", "conversations", "programmes", "settings"):
        assert any(kind.startswith(f"{room}.") for kind in pages), room


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("en", "light", DESK), ("fr", "dark", PHONE)]
)
def test_no_page_keeps_anybody_out(
    chromium: Browser,
    stage: Stage,
    shop: ShopRow,
    served: str,
    pages: dict[str, str],
    language: str,
    scheme: str,
    width: int,
) -> None:
    visit, wrong = visits(chromium, stage, shop, served, language, scheme), dict[str, list[str]]()
    visit.page.set_viewport_size({"width": width, "height": 800})
    code = axe.script().read_text()
    for kind, path in pages.items():
        visit.open(path)
        found = visit.page.evaluate(PLAIN)
        visit.page.evaluate(code)
        found += visit.page.evaluate(RUN, list(axe.TAGS))
        if visit.page.get_attribute("html", "lang") != language:
            found.append("another language")
        if found:
            wrong[kind] = found
    visit.page.context.close()
    assert visit.wrong == []
    assert wrong == {}, "\n".join(
        f"{kind}: {each}" for kind, several in wrong.items() for each in several
    )


def test_by_keyboard_alone_a_setting_is_saved(
    chromium: Browser, stage: Stage, shop: ShopRow, served: str
) -> None:
    visit = visits(chromium, stage, shop, served, "en", "light")
    page = visit.page
    page.goto(f"{served}/shops/{shop.key}/privacy/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"
    for _ in range(40):
        page.keyboard.press("Tab")
        seen = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(seen) != "none", page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("document.activeElement.name") == "keep_payload_days":
            break
    page.keyboard.press("Control+a")
    page.keyboard.type("45")
    page.keyboard.press("Enter")
    page.wait_for_selector('[role="status"]')
    assert page.input_value("#keep_payload_days") == "45"
    page.context.close()


@pytest.mark.skipif(not PICTURES, reason="pictures are made by `make screenshots`")
def test_pictures_of_all_pages(
    chromium: Browser, stage: Stage, shop: ShopRow, served: str, pages: dict[str, str]
) -> None:
    folder = Path(PICTURES)
    for language in LANGUAGES:
        for scheme in ("light", "dark"):
            visit = visits(chromium, stage, shop, served, language, scheme)
            for kind, path in pages.items():
                visit.open(path)
                for width in (PHONE, DESK):
                    visit.page.set_viewport_size({"width": width, "height": 900})
                    name = kind.replace(".", "-").replace(" ", "-")
                    place = folder / f"{language}-{scheme}-{width}" / f"{name}.png"
                    visit.page.screenshot(path=place, full_page=True)
            visit.page.context.close()
    shown = "".join(
        f'<h2>{each.parent.name}: {each.stem}</h2><img src="{each.relative_to(folder)}" alt="">'
        for each in sorted(folder.rglob("*.png"), key=lambda each: (each.stem, each.parent.name))
    )
    (folder / "index.html").write_text(f'<!doctype html><meta charset="utf-8">{shown}')
    assert len(list(folder.rglob("*.png"))) == 8 * len(pages)
