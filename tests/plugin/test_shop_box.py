"""The opt-in box: what stands on the page, what its door takes, and how it behaves for a person."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Locator

from recovery.model import CustomerSeen, TextRequest
from tests.plugin.relance_shop import RelanceShop
from tests.plugin.visitor import PHONE, Visitor

pytest_plugins = ["tests.plugin.shop_fixtures"]

SMALL = "Only for what you ticked. Each message says how to stop."


def page_with(shop: RelanceShop, content: str) -> str:
    """The path of a page that holds this."""
    number = shop.run(
        "$name = 'box-' . md5( $content ); $page = get_page_by_path( $name );"
        "return $page ? $page->ID : wp_insert_post( wp_slash( array( 'post_type' => 'page',"
        " 'post_status' => 'publish', 'post_title' => 'A page', 'post_name' => $name,"
        " 'post_content' => $content ) ) );",
        content=content,
    )
    return f"/?page_id={number}"


def box_path(shop: RelanceShop, product: int = 0) -> str:
    """A page with the shortcode, beside that product."""
    return page_with(shop, f'[relance_box product="{product}"]')


class Asker:
    """A visitor before a box."""

    def __init__(self, shop: RelanceShop, product: int = 0, visitor: Visitor | None = None) -> None:
        self.shop, self.visitor = shop, visitor or Visitor(shop)
        page = self.visitor.get(box_path(shop, product), allow_redirects=True).text
        told = re.search(r'data-relance-box="([^"]*)"', page)
        assert told, page
        self.config = json.loads(html.unescape(told[1]))
        self.said: dict[str, Any] = {
            "phone": PHONE,
            "country": "FR",
            "kinds": ["order_news"],
            "marketing": False,
            "product_id": product,
            "variation_id": 0,
            "locale": "en_US",
            "note": "",
        }

    def ask(self, headers: dict[str, str] | None = None, **said: Any) -> requests.Response:
        """What the script sends; other words and headers by name."""
        heads = {
            "Content-Type": "application/json",
            "Sec-Fetch-Site": "same-origin",
            "X-Relance-Nonce": self.config["nonce"],
        } | (headers or {})
        return self.visitor.post(
            "/?wc-ajax=relance_box", data=json.dumps(self.said | said), headers=heads
        )

    def waiting(self, group: str = "requests") -> list[dict[str, Any]]:
        """What waits for the service."""
        rows = self.shop.rows("relance_requests") or []
        return [json.loads(row["body"]) for row in rows if row["kind"] == group]


def test_the_block_and_the_shortcode_stand_unticked_with_their_style(
    relance_shop: RelanceShop,
) -> None:
    shirt = relance_shop.shirt.id
    offer = "10 % \\u003cb\\u003eoff\\u003c/b\\u003e"  # as the editor writes "<b>"
    block = page_with(
        relance_shop, f'<!-- wp:relance/box {{"offer":"{offer}","product":{shirt}}} /-->'
    )
    shortcode = page_with(relance_shop, '[relance_box title="A & B"]')
    first = Visitor(relance_shop).get(block, allow_redirects=True).text
    second = Visitor(relance_shop).get(shortcode, allow_redirects=True).text
    for page in (first, second):
        assert page.count('class="relance-box"') == 1
        assert "checked" not in page[page.index("relance-box") : page.index("</form>")]
        assert page.index("relance-box-css") < page.index("<body")
        assert "assets/box.js" in page and SMALL in page
    assert "10 % &lt;b&gt;off&lt;/b&gt;" in first
    assert "Text me once when it costs less." in first and "back in stock" not in first
    assert "A &amp; B" in second and "costs less" not in second


def test_while_not_connected_there_is_no_box_and_its_door_is_shut(
    relance_shop: RelanceShop,
) -> None:
    asker = Asker(relance_shop)
    relance_shop.begin(paired=False)
    page = Visitor(relance_shop).get(box_path(relance_shop), allow_redirects=True).text
    assert "relance-box" not in page
    assert asker.ask().status_code == 400
    assert asker.waiting() == []


def test_what_is_asked_for_arrives_with_the_words_that_were_read(
    relance_shop: RelanceShop,
) -> None:
    asker = Asker(relance_shop, relance_shop.shirt.id)
    answer = asker.ask(kinds=["price_drop", "order_news"], marketing=True)
    assert answer.status_code == 200
    assert answer.json() == {"ok": True, "message": "Noted. Each message says how to stop."}
    relance_shop.send()
    (post,) = relance_shop.receiver.posts
    news, cheaper = [one for one in post.seen if isinstance(one, TextRequest)]
    assert cheaper.words == f"Text me once when it costs less. {SMALL}"
    assert (cheaper.phone, cheaper.country, cheaper.locale) == (PHONE, "FR", "en_US")
    told = post.told["requests"][1]
    assert (told["title"], told["price"], told["currency"]) == ("T-shirt", "25.00", "EUR")
    assert told["permalink"] == relance_shop.shirt.link
    assert news.words.startswith("Text me about my order")
    (person,) = [one for one in post.seen if isinstance(one, CustomerSeen)]
    (consent,) = person.shopper.consents
    assert consent.address == PHONE and "offers of Nord Shop" in consent.words


def test_without_the_box_for_offers_there_is_no_consent_to_them(relance_shop: RelanceShop) -> None:
    asker = Asker(relance_shop)
    asker.ask()
    assert asker.waiting("customers") == []


def test_what_is_missing_or_false_is_said_and_nothing_kept(relance_shop: RelanceShop) -> None:
    asker = Asker(relance_shop, relance_shop.shirt.id)
    for said, field, words in (
        ({"phone": "12"}, "phone", "does not look complete"),
        ({"phone": "a@example.com 123456"}, "phone", "does not look complete"),
        ({"country": "XX"}, "country", "choose the country"),
        ({"kinds": []}, None, "tick what we may text you about"),
        ({"kinds": ["lottery"]}, None, "tick what we may text you about"),
        ({"note": "buy pills"}, None, "try again in a minute"),
        ({"phone": 5}, None, "could not be read"),
        ({"kinds": ["back_in_stock"]}, None, "in stock now"),
        ({"kinds": ["keep_cart"]}, None, "still empty"),
        ({"kinds": ["price_drop"], "product_id": 999999}, None, "cannot be watched"),
        (
            {"kinds": ["price_drop"], "variation_id": relance_shop.mug.variations[0]},
            None,
            "cannot be watched",
        ),
        ({"phone": "1" * 5000}, None, "could not be read"),
    ):
        answer = asker.ask(**said)
        assert answer.status_code == 400, said
        assert answer.json().get("field") == field and words in answer.json()["message"]
    assert relance_shop.rows("relance_requests") == []


def test_another_site_cannot_ask_for_somebody(relance_shop: RelanceShop) -> None:
    asker = Asker(relance_shop)
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
        {"Content-Type": "text/plain"},
        {"User-Agent": "python-requests/2"},
    ):
        assert asker.ask(headers).status_code == 400, headers
    assert asker.visitor.get("/?wc-ajax=relance_box").status_code == 400
    assert relance_shop.rows("relance_requests") == []


def test_a_nonce_is_the_sessions_own_and_is_renewed(relance_shop: RelanceShop) -> None:
    asker = Asker(relance_shop, visitor=relance_shop.visitor(relance_shop.shirt))
    stranger = Asker(relance_shop, visitor=relance_shop.visitor(relance_shop.shirt))
    stranger.config["nonce"] = asker.config["nonce"]
    refused = stranger.ask()
    assert refused.status_code == 403
    stranger.config["nonce"] = refused.json()["nonce"]
    assert stranger.ask().status_code == 200


def test_a_kept_cart_travels_with_the_request(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt, 3)
    asker = Asker(relance_shop, visitor=visitor)
    assert asker.ask(kinds=["keep_cart"]).status_code == 200
    row = relance_shop.cart()
    assert row["contact"] == {"phone": PHONE, "country": "FR"} and row["consents"] == []
    relance_shop.send()
    (post,) = relance_shop.receiver.posts
    assert post.told["requests"][0]["cart_key"] == visitor.key() == row["cart_key"]
    assert post.carts[0].lines[0].quantity == 3


def test_a_sold_out_variation_is_watched_under_its_own_number(relance_shop: RelanceShop) -> None:
    small = relance_shop.mug.variations[0]
    relance_shop.set_product(small, stock=0)
    asker = Asker(relance_shop, relance_shop.mug.id)
    assert asker.ask(kinds=["back_in_stock"], variation_id=small).status_code == 200
    (asked,) = asker.waiting()
    assert (asked["product_id"], asked["variation_id"]) == (relance_shop.mug.id, small)
    assert asked["title"] == "Mug - Small"


def test_twenty_an_hour_are_enough(relance_shop: RelanceShop) -> None:
    asker = Asker(relance_shop)
    statuses = [asker.ask().status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    assert len(asker.waiting()) == 20


def test_the_words_are_in_the_language_of_the_page(relance_shop: RelanceShop) -> None:
    relance_shop.switch_language("fr_FR")
    asker = Asker(relance_shop)
    answer = asker.ask(locale="fr_FR").json()
    assert "Chaque message dit comment ne plus en recevoir." in answer["message"]
    assert "Chaque message dit comment ne plus en recevoir." in asker.waiting()[0]["words"]


# -- in a browser ------------------------------------------------------------------------------


@pytest.fixture
def box(relance_shop: RelanceShop, chromium: Browser) -> Iterator[Locator]:
    """The box beside the mug, in a narrow window of a clean browser, on the mug's own page."""
    context = chromium.new_context(viewport={"width": 360, "height": 800})
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver( list => list.getEntries().forEach("
        " one => { window.shift += one.value } ) ).observe( { type: 'layout-shift',"
        " buffered: true } )"
    )
    relance_shop.run(
        "wp_update_post( array( 'ID' => $id, 'post_content' => '[relance_box]' ) ); return 1;",
        id=relance_shop.mug.id,
    )
    page.goto(relance_shop.mug.link)
    yield page.locator("form.relance-box")
    context.close()


def said(box: Locator) -> str:
    """What the box says."""
    return box.locator("[role=status]").inner_text()


def test_a_person_is_told_what_is_wrong_while_typing_and_not_before(
    relance_shop: RelanceShop, box: Locator
) -> None:
    phone, send = box.get_by_label("Mobile number"), box.locator("[type=submit]")
    assert box.locator("input:checked").count() == 0
    send.click()
    assert said(box) == "Please tick what we may text you about."
    box.get_by_label("Text me about my order").check()
    phone.fill("12x")
    assert phone.get_attribute("aria-invalid") == "true" and "complete" in said(box)
    phone.fill("06 12")  # too early to judge
    assert phone.get_attribute("aria-invalid") == "false" and said(box) == ""
    phone.blur()
    assert phone.get_attribute("aria-invalid") == "true"
    phone.fill("٠٦١٢٣٤٥٦٧٨")
    assert phone.get_attribute("aria-invalid") == "false"
    assert relance_shop.rows("relance_requests") == []  # nothing leaves before "Send"
    phone.fill("06 12 34 56 78")
    send.click()
    box.page.wait_for_function("document.querySelector('.relance-box [role=status]').textContent")
    assert said(box) == "Noted. Each message says how to stop."
    assert phone.input_value() == ""
    assert len(relance_shop.rows("relance_requests") or []) == 1
    wide = "document.documentElement.scrollWidth <= 360"
    assert box.page.evaluate(wide) and box.page.evaluate("window.shift") < 0.01


def test_what_can_be_asked_follows_the_chosen_variation(
    relance_shop: RelanceShop, box: Locator
) -> None:
    small = relance_shop.mug.variations[0]
    relance_shop.set_product(small, stock=0)
    page = box.page
    page.reload()
    stock, price = box.get_by_label("back in stock"), box.get_by_label("costs less")
    assert price.is_visible() and not stock.is_visible()
    page.locator("form.variations_form select").select_option("Small")
    stock.wait_for()
    assert not price.is_visible()
    stock.check()
    page.locator("form.variations_form select").select_option("")
    price.wait_for()
    box.get_by_label("Mobile number").fill(PHONE)
    box.locator("[type=submit]").click()
    assert said(box).startswith("Please tick")  # a tick that is hidden is none
    page.locator("form.variations_form select").select_option("Small")
    stock.wait_for()
    box.locator("[type=submit]").click()
    # What it said of the missing tick may still stand there.
    page.wait_for_function(
        "document.querySelector('.relance-box [role=status]').textContent.startsWith('Noted')"
    )
    (row,) = relance_shop.rows("relance_requests") or []
    assert json.loads(row["body"])["variation_id"] == small


def test_an_old_page_gets_a_fresh_nonce_once_and_goes_on(
    relance_shop: RelanceShop, box: Locator
) -> None:
    page = box.page
    visitor = relance_shop.visitor(relance_shop.shirt)  # another session than the page's nonce
    cookies = [
        {"name": one.name, "value": str(one.value), "url": relance_shop.url}
        for one in visitor.session.cookies
    ]
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    box.get_by_label("Text me about my order").check()
    box.get_by_label("Mobile number").fill(PHONE)
    statuses: list[int] = []
    page.on("response", lambda answer: statuses.append(answer.status))
    box.locator("[type=submit]").click()
    page.wait_for_function("document.querySelector('.relance-box [role=status]').textContent")
    assert said(box).startswith("Noted")
    assert statuses == [403, 200]
