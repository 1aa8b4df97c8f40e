"""A merchant of a WooCommerce shop in a real browser: from our front page to the first text.

Ours is served over https, as WooCommerce wants it of whoever gets its keys. The shop and the
provider of texts are stand-ins, reached over HTTP and TLS; nothing is handed over in memory.
"""

from __future__ import annotations

import csv
import io
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
import trustme
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from connectors import entry_links
from recovery import shops
from recovery.model import Origin
from recovery.shops import ShopRow
from tests.recovery.stories import EMAIL, a_cart, a_shopper, record
from tests.standins.vonage import StandInVonage
from tests.standins.woocommerce import WooCommerceStandIn
from tests.standins.woocommerce.authorize import COOKIE
from tests.web.stage import Stage
from tests.web.test_carts_walk import Quiet

MINE = "06 12 34 56 78"


@dataclass
class Walk:
    """The app, both stand-ins, and a browser that knows nothing yet."""

    stage: Stage
    home: str
    woo: WooCommerceStandIn
    vonage: StandInVonage
    page: Page

    def connects(self) -> None:
        """From our front page to the shop and back."""
        page = self.page
        page.goto(self.home)
        page.locator("#woocommerce").fill(self.woo.address)
        page.get_by_role("button", name="Connect WooCommerce").click()
        if not any(each["name"] == COOKIE for each in page.context.cookies()):
            page.get_by_role("button", name="Login").click()
        expect(page.get_by_role("heading", name="would like to connect")).to_be_visible()

    def enters(self) -> ShopRow:
        """By the link that the plugin signs in wp-admin."""
        shop = self.stage.the_shop()
        secret = shops.credentials_of(self.stage.tools.keys, shop)["plugin_secret"]
        query = entry_links.query(secret, shop.key, "7", "0123456789abcdef", self.stage.clock())
        self.page.goto(f"{self.home}/enter/woocommerce/{shop.key}?{encoded(query)}")
        return shop


def encoded(query: dict[str, str]) -> str:
    return urlencode(query)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def walk(
    a_stage: Callable[..., Stage],
    chromium: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Walk]:
    authority, port = trustme.CA(), free_port()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with StandInVonage() as vonage, WooCommerceStandIn(currency="EUR") as woo:
        both = tmp_path / "ca.pem"
        ours = b"".join(part.bytes() for part in [authority.cert_pem])
        both.write_bytes(ours + Path(vonage.ca_file).read_bytes())
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(both))
        home = f"https://127.0.0.1:{port}"
        hosts = {"VONAGE_API_HOST": vonage.host, "VONAGE_REST_HOST": vonage.host}
        stage = a_stage(PUBLIC_URL=home, ALLOW_PRIVATE_SHOPS="1", **hosts)
        server = make_server(
            "127.0.0.1", port, stage.app, threaded=True, request_handler=Quiet, ssl_context=context
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        seen = chromium.new_context(
            ignore_https_errors=True, locale="en-GB", viewport={"width": 1280, "height": 900}
        )
        seen.set_default_timeout(10_000)
        page, complaints = seen.new_page(), []  # type: ignore[var-annotated]
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda told: complaints.append(told.text) if "Content Security" in told.text else None,
        )
        yield Walk(stage, home, woo, vonage, page)
        seen.close()
        server.shutdown()
        thread.join()
        server.server_close()
        assert complaints == []


def test_from_our_front_page_to_the_first_text(walk: Walk) -> None:
    page, vonage = walk.page, walk.vonage
    walk.connects()
    page.get_by_role("link", name="Approve").click()
    expect(page.get_by_role("link", name="Download the plugin")).to_be_visible()
    shop = walk.enters()
    assert shop.address == walk.woo.address
    expect(page.get_by_role("heading", name="Nothing leaves yet.")).to_be_visible()
    expect(page.get_by_role("heading", name="From before the install")).to_be_visible()
    page.get_by_role("link", name="Begin").click()

    # By keyboard alone from here to the button of the first step.
    page.get_by_label("Fashion").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Take this programme").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved.")

    page.get_by_label("Application id").fill(vonage.credentials["application_id"])
    page.get_by_label("Private key").fill(vonage.credentials["private_key"])
    page.get_by_label("Signature secret").fill(vonage.credentials["signature_secret"])
    page.get_by_label("API key").fill(vonage.credentials["api_key"])
    page.get_by_label("API secret").fill("not this one")
    page.get_by_label("Sender", exact=True).fill("+33 7 55 53 00 17")
    page.get_by_role("button", name="Try and keep it").click()
    expect(page.locator("#api_secret-wrong")).to_be_visible()
    expect(page.get_by_label("Application id")).to_have_value(vonage.credentials["application_id"])
    page.get_by_label("Private key").fill(vonage.credentials["private_key"])
    page.get_by_label("Signature secret").fill(vonage.credentials["signature_secret"])
    page.get_by_label("API secret").fill(vonage.api_secret)
    page.get_by_role("button", name="Try and keep it").click()
    expect(page.get_by_text("Vonage accepts the account.")).to_be_visible()

    page.locator("#test").get_by_label("Country").select_option("FR")
    page.get_by_label("Your mobile number").fill(MINE)
    page.get_by_label("Language of the text").select_option("fr")
    page.get_by_label("This is my own number").check()
    page.get_by_role("button", name="Send me this text").click()
    expect(page.locator("#test")).to_contain_text("the provider has it")
    (text,) = vonage.accepted()
    assert (text.to, text.sender) == ("33612345678", "33755530017")
    assert "STOP" in (text.text or "")

    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("Switched on. Carts that are left")).to_be_visible()
    assert walk.stage.the_shop().held == ""


def test_a_merchant_who_declines_and_one_whose_keys_do_not_work(walk: Walk) -> None:
    page = walk.page
    walk.connects()
    page.get_by_role("link", name="Deny").click()
    expect(page.get_by_text("nothing was connected")).to_be_visible()
    page.get_by_role("link", name="Back").click()
    page.locator("#woocommerce").fill("https://no-such-shop.invalid")
    page.get_by_role("button", name="Connect WooCommerce").click()
    expect(page.get_by_text("No shop can be reached there.")).to_be_visible()
    walk.connects()
    walk.woo.weather.next_answers.extend(["500"] * 5)
    page.get_by_role("link", name="Approve").click()
    expect(page.get_by_role("heading", name="Access denied")).to_be_visible()
    assert walk.stage.count("shops") == 0


def test_a_persons_file_the_results_and_leaving(walk: Walk) -> None:
    page, stage = walk.page, walk.stage
    walk.connects()
    page.get_by_role("link", name="Approve").click()
    expect(page.get_by_role("link", name="Download the plugin")).to_be_visible()
    shop = walk.enters()
    now = stage.clock()
    cart = a_cart(now, shopper=a_shopper(now, email=EMAIL), origin=Origin.CHECKOUT)
    record(stage.database, shop, cart, now=now)

    page.get_by_role("link", name="Privacy").click()
    page.get_by_label("Their e-mail address or phone number").fill(EMAIL)
    page.get_by_role("button", name="Look up").click()
    with page.expect_download() as told:
        page.get_by_role("button", name="Download").click()
    held = Path(told.value.path()).read_text(encoding="utf-8")
    assert EMAIL in held and "Tasse" in held

    page.get_by_role("link", name="Results", exact=True).click()
    with page.expect_download() as told:
        page.get_by_role("link", name="All of it as a file (CSV)").click()
    rows = list(csv.reader(io.StringIO(Path(told.value.path()).read_text(encoding="utf-8-sig"))))
    (begun,) = (row for row in rows if row[:1] == ["Carts begun"])
    assert begun[1] == "1"

    page.get_by_role("link", name="Privacy").click()
    page.get_by_role("link", name="Disconnect this shop").click()
    page.get_by_label("To be sure, type").fill("somebody else")
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Nothing was changed.")).to_be_visible()
    page.get_by_label("To be sure, type").fill(shop.name or shop.address)
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("button", name="Disconnect")).to_have_count(0)
    assert stage.the_shop().state == "uninstalled"
    page.goto(f"{walk.home}/shops/{shop.key}/")
    expect(page.get_by_role("link", name="Privacy")).to_have_count(0)
