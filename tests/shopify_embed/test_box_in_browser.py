"""What the box does in a real browser, and what it leaves alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.shopify_embed.shop import Shop
from tests.shopify_embed.theme import Shown

PHONE = "06 12 34 56 78"
ORDER = "Text me about my order"
CART = "Keep my cart for me: text me one link to it"
WATCH = "Tell me when it is back or cheaper"
OFFERS = re.compile("Text me offers of Atelier Nord")
SHIFTS = """() => { window.shifts = 0; new PerformanceObserver((list) => {
  for (const each of list.getEntries()) window.shifts += each.value;
}).observe({ type: 'layout-shift', buffered: true }); }"""


def open_shop(page: Page, shop: Shop) -> Page:
    page.goto(f"{shop.address}/products/teapot")
    page.wait_for_function("window.relanceBox === true || ! document.querySelector('.relance-box')")
    return page


def send(page: Page, *ticks: str | re.Pattern[str], phone: str = PHONE) -> None:
    for words in ticks:
        page.get_by_label(words).check()
    page.get_by_label("Mobile number").fill(phone)
    page.locator(".relance-box__send").click()


# -- what is sent -----------------------------------------------------------------------------


def test_what_is_ticked_is_sent_with_its_words_and_the_carts_token(
    visitor: Page, shop: Shop
) -> None:
    send(open_shop(visitor, shop), ORDER, CART)
    (posted,) = shop.wait_for(1)
    assert posted.fields == {
        "phone": PHONE,
        "country": "FR",
        "locale": "en",
        "asks[order_news]": ORDER,
        "asks[keep_cart]": CART,
        "cart": "c1-abc",
    }
    assert re.fullmatch(r"[0-9a-f]{32}", posted.query["n"])
    assert posted.kind.startswith("application/x-www-form-urlencoded")
    expect(visitor.get_by_role("status")).to_have_text("Noted.")
    expect(visitor.get_by_label("Mobile number")).to_have_value("")


def test_each_post_has_a_number_of_its_own(visitor: Page, shop: Shop) -> None:
    open_shop(visitor, shop)
    for count in (1, 2):
        send(visitor, ORDER)
        shop.wait_for(count)
        expect(visitor.locator(".relance-box__send")).to_be_enabled()
    assert len({posted.query["n"] for posted in shop.posts}) == 2


def test_an_empty_cart_has_no_token_and_gets_none(visitor: Page, shop: Shop) -> None:
    shop.cart = {"token": "another each time", "item_count": 0}
    send(open_shop(visitor, shop), CART)
    (posted,) = shop.wait_for(1)
    assert "cart" not in posted.fields
    assert "/cart/update.js" not in shop.asked


def test_a_cart_filled_by_ajax_after_the_page_is_the_one_that_is_kept(
    visitor: Page, shop: Shop
) -> None:
    shop.cart = {"token": "x", "item_count": 0}
    open_shop(visitor, shop)
    shop.cart = {"token": "c1-later", "item_count": 1}
    send(visitor, CART)
    assert shop.wait_for(1)[0].fields["cart"] == "c1-later"


@pytest.mark.parametrize(
    ("sold_out", "asks"),
    [((), {"asks[price_drop]"}), ((45,), {"asks[back_in_stock]", "asks[price_drop]"})],
)
def test_the_choice_shown_now_is_watched(
    visitor: Page, shop: Shop, sold_out: tuple[int, ...], asks: set[str]
) -> None:
    shop.shown = Shown(sold_out=sold_out)
    open_shop(visitor, shop)
    visitor.locator('select[name="id"]').select_option("45")
    send(visitor, WATCH)
    fields = shop.wait_for(1)[0].fields
    assert {name for name in fields if name.startswith("asks")} == asks
    assert (fields["product"], fields["variant"]) == ("81", "45")


def test_marketing_is_a_tick_of_its_own_and_only_if_the_merchant_wants(
    visitor: Page, shop: Shop
) -> None:
    open_shop(visitor, shop)
    expect(visitor.get_by_label(OFFERS)).to_have_count(0)
    line = "10 % off your first order: HELLO10"
    shop.shown = Shown(settings={"offer_marketing": True, "welcome_line": line})
    open_shop(visitor, shop)
    expect(visitor.get_by_text(line)).to_be_visible()
    send(visitor, OFFERS)
    fields = shop.wait_for(1)[0].fields
    assert fields["marketing"].startswith("Text me offers of Atelier Nord now and then.")
    assert not any(name.startswith("asks") for name in fields)


# -- what is not ------------------------------------------------------------------------------


def test_nothing_is_ticked_beforehand_and_nothing_leaves_before_the_button(
    visitor: Page, shop: Shop
) -> None:
    shop.shown = Shown(settings={"offer_marketing": True})
    open_shop(visitor, shop)
    boxes = visitor.locator('.relance-box input[type="checkbox"]')
    assert [boxes.nth(place).is_checked() for place in range(boxes.count())] == [False] * 4
    visitor.get_by_label(CART).check()
    visitor.get_by_label("Mobile number").press_sequentially(PHONE)
    visitor.get_by_label("Mobile number").blur()
    visitor.reload()
    assert shop.posts == []
    assert set(shop.asked) <= {"/products/teapot", "/assets/relance.js", "/assets/relance.css"} | {
        "/favicon.ico"
    }


def test_without_a_tick_nothing_is_sent_and_the_box_says_why(visitor: Page, shop: Shop) -> None:
    send(open_shop(visitor, shop))
    expect(visitor.get_by_role("status")).to_have_text("Please tick what we may text you about.")
    assert shop.posts == []


@pytest.mark.parametrize("phone", ["", "12", "my number", "06 12 34 56 78 or 07", "1" * 30])
def test_a_number_that_is_none_stays_here(visitor: Page, shop: Shop, phone: str) -> None:
    send(open_shop(visitor, shop), ORDER, phone=phone)
    expect(visitor.get_by_role("status")).to_contain_text("Please check the number")
    assert visitor.get_by_label("Mobile number").get_attribute("aria-invalid") == "true"
    assert shop.posts == []


def test_a_letter_is_pointed_out_while_typing(visitor: Page, shop: Shop) -> None:
    open_shop(visitor, shop)
    field = visitor.get_by_label("Mobile number")
    field.press_sequentially("06 1")
    assert field.get_attribute("aria-invalid") == "false"
    field.press_sequentially("x")
    assert field.get_attribute("aria-invalid") == "true"
    field.press("Backspace")
    assert field.get_attribute("aria-invalid") == "false"


# -- answers ----------------------------------------------------------------------------------


def test_a_refusal_is_shown_in_its_words_and_what_was_typed_stays(
    visitor: Page, shop: Shop
) -> None:
    shop.answer = (422, {"ok": False, "words": "This is no mobile number."})
    send(open_shop(visitor, shop), ORDER)
    expect(visitor.get_by_role("status")).to_have_text("This is no mobile number.")
    expect(visitor.get_by_label("Mobile number")).to_have_value(PHONE)
    assert visitor.get_by_label(ORDER).is_checked()


@pytest.mark.parametrize("answer", [(502, b"<html>no app"), (500, b"")])
def test_when_the_service_is_away_the_box_says_so(
    visitor: Page, shop: Shop, answer: tuple[int, bytes]
) -> None:
    shop.answer = answer
    send(open_shop(visitor, shop), ORDER)
    expect(visitor.get_by_role("status")).to_contain_text("Please try again in a minute")
    expect(visitor.locator(".relance-box__send")).to_be_enabled()


def test_words_from_outside_are_text_and_nothing_else(visitor: Page, shop: Shop) -> None:
    shop.answer = (200, {"ok": True, "words": "<img src=x onerror=alert(1)>"})
    shop.shown = Shown(settings={"title": '"><script>boom()</script>'})
    send(open_shop(visitor, shop), ORDER)
    expect(visitor.get_by_role("status")).to_have_text("<img src=x onerror=alert(1)>")
    assert visitor.locator(".relance-box img, .relance-box script").count() == 0


# -- where it stands ----------------------------------------------------------------------------


def test_the_page_speaks_french_where_the_shop_does(visitor: Page, shop: Shop) -> None:
    shop.shown = Shown(locale="fr")
    open_shop(visitor, shop)
    visitor.get_by_label("Garder mon panier").check()
    visitor.get_by_label("Numéro de mobile").fill(PHONE)
    visitor.get_by_role("button", name="M’écrire").click()
    assert shop.wait_for(1)[0].fields["locale"] == "fr"


def test_fonts_and_colours_are_the_themes_unless_set(visitor: Page, shop: Shop) -> None:
    style = "(each) => { const s = getComputedStyle(each); return [s.color, s.fontFamily]; }"
    back = "(each) => getComputedStyle(each).backgroundColor"
    open_shop(visitor, shop)
    assert visitor.locator(".relance-box").evaluate(style) == ["rgb(40, 30, 20)", "Georgia, serif"]
    assert visitor.locator(".relance-box__send").evaluate(back) == "rgb(12, 80, 40)"
    shop.shown = Shown(settings={"button_color": "#aa0000", "text_color": "#000080"})
    open_shop(visitor, shop)
    assert visitor.locator(".relance-box__send").evaluate(back) == "rgb(170, 0, 0)"
    assert visitor.locator(".relance-box").evaluate(style)[0] == "rgb(0, 0, 128)"


def test_a_box_that_a_theme_draws_anew_works_as_well(visitor: Page, shop: Shop) -> None:
    open_shop(visitor, shop)
    visitor.evaluate("""() => { const box = document.querySelector('.relance-box');
        const drawn = document.createElement('div'); drawn.innerHTML = box.outerHTML;
        box.replaceWith(drawn); }""")
    send(visitor, ORDER)
    assert shop.wait_for(1)[0].fields["asks[order_news]"] == ORDER


def test_the_embed_is_a_button_that_opens_the_same_box(visitor: Page, shop: Shop) -> None:
    shop.blocks = ("relance_embed",)
    open_shop(visitor, shop)
    expect(visitor.locator(".relance-box")).to_be_hidden()
    visitor.locator(".relance-open").click()
    expect(visitor.get_by_role("dialog")).to_be_visible()
    send(visitor, CART)
    assert shop.wait_for(1)[0].fields["cart"] == "c1-abc"
    visitor.get_by_role("button", name="Close").click()
    expect(visitor.locator(".relance-box")).to_be_hidden()


def test_both_blocks_on_one_page_send_once(visitor: Page, shop: Shop) -> None:
    shop.blocks = ("relance_box", "relance_embed")
    open_shop(visitor, shop)
    visitor.locator(".relance-open").click()
    dialog = visitor.get_by_role("dialog")
    dialog.get_by_label(ORDER).check()
    dialog.get_by_label("Mobile number").fill(PHONE)
    dialog.locator(".relance-box__send").click()
    expect(dialog.get_by_role("status")).to_have_text("Noted.")
    assert len(shop.posts) == 1


def test_the_embed_is_where_the_merchant_wants_it(visitor: Page, shop: Shop) -> None:
    shop.blocks = ("relance_embed",)
    shop.shown = Shown(page_type="index", product=False)
    open_shop(visitor, shop)
    assert visitor.locator(".relance-open").count() == 0
    shop.shown = Shown(page_type="index", product=False, settings={"where": "everywhere"})
    open_shop(visitor, shop)
    visitor.locator(".relance-open").click()
    expect(visitor.get_by_label(WATCH)).to_have_count(0)  # nothing to watch on this page


# -- what it costs --------------------------------------------------------------------------------


@pytest.mark.parametrize("blocks", [(), ("relance_box",), ("relance_embed",)], ids=str)
def test_nothing_on_the_page_moves(visitor: Page, shop: Shop, blocks: tuple[str, ...]) -> None:
    shop.blocks = blocks
    visitor.add_init_script(f"({SHIFTS})()")
    open_shop(visitor, shop)
    if blocks == ("relance_box",):
        before = visitor.locator("#below").bounding_box()
        send(visitor, ORDER)
        expect(visitor.get_by_role("status")).to_have_text("Noted.")
        assert visitor.locator("#below").bounding_box() == before
    visitor.evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
    assert visitor.evaluate("() => window.shifts") == 0


def test_it_adds_two_small_files_and_asks_for_nothing_else(visitor: Page, shop: Shop) -> None:
    shop.blocks = ()
    open_shop(visitor, shop)
    without = [path for path in shop.asked if path != "/favicon.ico"]
    shop.asked.clear()
    shop.blocks = ("relance_box", "relance_embed")
    open_shop(visitor, shop)
    visitor.wait_for_load_state("networkidle")
    more = [path for path in shop.asked if path not in (*without, "/favicon.ico")]
    assert sorted(more) == ["/assets/relance.css", "/assets/relance.js"]
