"""The shop in which the plugin is tried answers as the real shops were seen to answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
import requests

from tests.standins.wordpress.shop import Shop

SESSION = re.compile(r"^wp_woocommerce_session_[0-9a-f]{32}$")
ADDRESS = {
    "first_name": "Noor",
    "last_name": "Vale",
    "address_1": "3 rue du Nord",
    "city": "Lille",
    "postcode": "59000",
    "country": "FR",
}


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with Shop.start() as started:
        yield started
        assert started.log() == ""  # WP_DEBUG is on: not one notice of PHP


@pytest.fixture(scope="module")
def shirt(shop: Shop) -> int:
    return shop.add_product("Shirt", "25.00", stock=99, sku="shirt").id


def store(shop: Shop, path: str) -> str:
    return f"{shop.url}/wp-json/wc/store/v1/{path}"


def token(shop: Shop) -> dict[str, str]:
    """The header that names a new cart."""
    answer = shop.browser().get(store(shop, "cart"), timeout=30)
    return {"Cart-Token": answer.headers["Cart-Token"]}


def with_a_cart(shop: Shop, product: int, quantity: int = 2) -> requests.Session:
    browser = shop.browser()
    form = {"add-to-cart": product, "quantity": quantity}
    assert browser.post(shop.url, data=form, timeout=30).status_code == 200
    return browser


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, pattern
    return match.group(1)


def post_review(shop: Shop, browser: requests.Session, page: str) -> Any:
    form = {
        "security": found(r'update_order_review_nonce":"(\w+)"', page),
        "payment_method": "cod",
        "country": "FR",
        "postcode": "59000",
        "post_data": "billing_phone=%2B33612345678&billing_email=noor%40example.com",
    }
    answer = browser.post(f"{shop.url}/?wc-ajax=update_order_review", data=form, timeout=30)
    return answer.json()


def order_form(page: str, **more: str) -> dict[str, str]:
    form = {f"billing_{name}": text for name, text in ADDRESS.items()}
    form["woocommerce-process-checkout-nonce"] = found(
        r'name="woocommerce-process-checkout-nonce" value="(\w+)"', page
    )
    return form | {"payment_method": "cod", "billing_email": "noor@example.com"} | more


# -- session ------------------------------------------------------------------------------------


def test_a_visitor_gets_a_session_with_the_first_thing_in_the_cart(shop: Shop, shirt: int) -> None:
    browser = shop.browser()
    browser.get(f"{shop.url}/cart/", timeout=30)
    assert not browser.cookies
    browser.post(shop.url, data={"add-to-cart": shirt}, timeout=30)
    names = set(browser.cookies.keys())
    (session,) = [name for name in names if SESSION.match(name)]
    assert {"woocommerce_items_in_cart", "woocommerce_cart_hash"} < names
    key, ends, renews, seal = unquote(browser.cookies[session]).split("|")
    assert re.fullmatch(r"t_[0-9a-f]{30}", key)
    assert int(ends) - int(renews) == 3600 and seal.startswith("$generic$")
    (row,) = [row for row in shop.rows("woocommerce_sessions") or [] if row["session_key"] == key]
    assert f'"product_id";i:{shirt};' in row["session_value"]
    assert "b5c1d5ca8bae6d4896cf1807cdf763f0" in row["session_value"]  # a simple product's hash


def test_the_classic_checkout_leaves_no_contact_in_the_session(shop: Shop, shirt: int) -> None:
    browser = with_a_cart(shop, shirt)
    page = browser.get(f"{shop.url}/classic-checkout/", timeout=30).text
    post_review(shop, browser, page)
    rows = shop.rows("woocommerce_sessions") or []
    assert not any("noor@example.com" in row["session_value"] for row in rows)
    assert not shop.orders()


def test_logging_in_moves_the_cart_to_the_account(shop: Shop, shirt: int) -> None:
    user = shop.add_user("wim")
    browser = with_a_cart(shop, shirt)
    shop.log_in(browser, "wim")
    assert "Shirt" in browser.get(f"{shop.url}/cart/", timeout=30).text
    keys = [row["session_key"] for row in shop.rows("woocommerce_sessions") or []]
    assert str(user) in keys


# -- classic checkout -----------------------------------------------------------------------------


def test_the_classic_page_has_the_fields_of_the_real_one(shop: Shop, shirt: int) -> None:
    page = with_a_cart(shop, shirt).get(f"{shop.url}/classic-checkout/", timeout=30).text
    for name in ("email", "phone", "first_name", "last_name", "country", "postcode"):
        assert f'name="billing_{name}" id="billing_{name}"' in page
    assert 'class="checkout woocommerce-checkout"' in page
    assert "woocommerce-checkout woocommerce-page" in page
    assert 'data-priority="110"' in page and 'id="billing_email_field"' in page


def test_update_order_review_answers_with_fragments(shop: Shop, shirt: int) -> None:
    browser = with_a_cart(shop, shirt, 3)
    page = browser.get(f"{shop.url}/classic-checkout/", timeout=30).text
    told = post_review(shop, browser, page)
    assert list(told) == ["result", "messages", "reload", "fragments"]
    assert (told["result"], told["messages"], told["reload"]) == ("success", "", False)
    table = told["fragments"][".woocommerce-checkout-review-order-table"]
    assert "75.00" in table and "82.50" in table
    assert ".woocommerce-checkout-payment" in told["fragments"]


def test_a_wrong_nonce_is_refused(shop: Shop, shirt: int) -> None:
    browser = with_a_cart(shop, shirt)
    form = {"security": "0000000000"}
    answer = browser.post(f"{shop.url}/?wc-ajax=update_order_review", data=form, timeout=30)
    assert (answer.status_code, answer.text) == (403, "-1")


def test_the_classic_order_is_placed_and_the_cart_is_empty(shop: Shop, shirt: int) -> None:
    browser = with_a_cart(shop, shirt, 3)
    page = browser.get(f"{shop.url}/classic-checkout/", timeout=30).text
    form = order_form(page, billing_phone="+33612345678")
    answer = browser.post(f"{shop.url}/?wc-ajax=checkout", data=form, timeout=30)
    told = answer.json()
    assert list(told) == ["result", "redirect", "order_id"]
    assert "/checkout/order-received/" in told["redirect"]
    order = next(one for one in shop.orders() if one["id"] == told["order_id"])
    assert (order["status"], order["total"], order["created_via"]) == (
        "processing",
        "82.50",
        "checkout",
    )
    assert order["billing"]["phone"] == "+33612345678"
    assert "Your cart is currently empty" in browser.get(f"{shop.url}/cart/", timeout=30).text


def test_what_is_missing_is_said_and_no_order_is_made(shop: Shop, shirt: int) -> None:
    before = len(shop.orders())
    browser = with_a_cart(shop, shirt)
    page = browser.get(f"{shop.url}/classic-checkout/", timeout=30).text
    form = order_form(page, billing_email="")
    told = browser.post(f"{shop.url}/?wc-ajax=checkout", data=form, timeout=30).json()
    assert told["result"] == "failure" and "Email address" in told["messages"]
    assert len(shop.orders()) == before


# -- Store API ------------------------------------------------------------------------------------


def test_the_empty_cart_is_told_as_captured(shop: Shop) -> None:
    answer = shop.browser().get(store(shop, "cart"), timeout=30)
    told = answer.json()
    assert list(told) == [
        "items", "coupons", "fees", "totals", "shipping_address", "billing_address",
        "needs_payment", "needs_shipping", "payment_requirements", "has_calculated_shipping",
        "shipping_rates", "items_count", "items_weight", "cross_sells", "errors",
        "payment_methods", "extensions",
    ]  # fmt: skip
    assert told["totals"]["total_shipping"] is None and told["totals"]["total_price"] == "0"
    assert told["needs_payment"] is False and told["shipping_rates"] == []
    assert answer.headers["User-ID"] == "0" and answer.headers["Cart-Hash"] == ""
    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Nonce"]


def test_the_cart_token_names_a_cart_from_anywhere(shop: Shop, shirt: int) -> None:
    head = token(shop)
    added = shop.browser().post(
        store(shop, "cart/add-item"), json={"id": shirt, "quantity": 2}, headers=head, timeout=30
    )
    assert added.status_code == 201
    assert not any(SESSION.match(name) for name in dict(added.cookies))
    told = shop.browser().get(store(shop, "cart"), headers=head, timeout=30).json()
    (line,) = told["items"]
    assert (line["quantity"], line["prices"]["price"]) == (2, "2500")
    assert line["prices"]["raw_prices"] == {
        "precision": 6,
        "price": "25000000",
        "regular_price": "25000000",
        "sale_price": "25000000",
    }
    assert line["quantity_limits"]["multiple_of"] == 1
    assert told["totals"]["total_items"] == "5000" and told["totals"]["total_price"] == "5750"
    (rate,) = told["shipping_rates"][0]["shipping_rates"]
    assert (rate["rate_id"], rate["price"], rate["selected"]) == ("flat_rate:1", "750", True)


def test_a_change_without_token_or_nonce_is_refused(shop: Shop, shirt: int) -> None:
    answer = shop.browser().post(store(shop, "cart/add-item"), json={"id": shirt}, timeout=30)
    assert answer.status_code == 401
    assert answer.json()["code"] == "woocommerce_rest_missing_nonce"


def test_no_order_exists_before_place_order(shop: Shop, shirt: int) -> None:
    before = len(shop.orders())
    head, browser = token(shop), shop.browser()
    add = {"id": shirt, "quantity": 1}
    browser.post(store(shop, "cart/add-item"), json=add, headers=head, timeout=30)
    contact = ADDRESS | {"email": "a@etu.univ-grenoble-alpes.fr", "phone": "+33612345678"}
    body = {"billing_address": contact}
    told = browser.post(
        store(shop, "cart/update-customer"), json=body, headers=head, timeout=30
    ).json()
    assert told["billing_address"]["phone"] == "+33612345678"
    opened = browser.get(store(shop, "checkout"), headers=head, timeout=30).json()
    assert (opened["order_id"], opened["status"]) == (0, "checkout-draft")
    assert len(shop.orders()) == before
    pay = {"billing_address": contact, "payment_method": "cod"}
    placed = browser.post(store(shop, "checkout"), json=pay, headers=head, timeout=30)
    assert placed.status_code == 200
    assert placed.json()["status"] == "processing"
    assert placed.json()["payment_result"]["payment_status"] == "success"
    assert placed.headers["Cart-Hash"] == ""


def test_a_draft_exists_on_opening_before_10_8(shop: Shop, shirt: int) -> None:
    shop.set_options(standin_drafts="on_open")
    head, browser = token(shop), shop.browser()
    browser.post(store(shop, "cart/add-item"), json={"id": shirt}, headers=head, timeout=30)
    opened = browser.get(store(shop, "checkout"), headers=head, timeout=30).json()
    shop.set_options(standin_drafts="deferred")
    assert opened["order_id"] > 0 and opened["status"] == "checkout-draft"


def test_a_declined_card_is_a_400_and_leaves_a_failed_order(shop: Shop, shirt: int) -> None:
    head, browser = token(shop), shop.browser()
    browser.post(store(shop, "cart/add-item"), json={"id": shirt}, headers=head, timeout=30)
    pay = {"billing_address": ADDRESS | {"email": "x@example.com"}, "payment_method": "declined"}
    answer = browser.post(store(shop, "checkout"), json=pay, headers=head, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["code"] == "woocommerce_rest_checkout_process_payment_error"
    assert shop.orders()[-1]["status"] == "failed"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"date_expires": "2020-01-01"}, "has expired."),
        ({"usage_limit": 1, "usage_count": 1}, "Usage limit for coupon"),
        ({"email_restrictions": ["only@example.com"]}, "Please enter a valid email at checkout"),
    ],
)
def test_coupons_that_do_not_hold_are_refused_with_the_real_words(
    shop: Shop, shirt: int, more: dict[str, Any], words: str
) -> None:
    code = f"no-{len(words)}"
    shop.add_coupon(code, amount="10", discount_type="percent", **more)
    head, browser = token(shop), shop.browser()
    browser.post(store(shop, "cart/add-item"), json={"id": shirt}, headers=head, timeout=30)
    asked = {"code": code.upper()}
    answer = browser.post(store(shop, "cart/apply-coupon"), json=asked, headers=head, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["code"] == "woocommerce_rest_cart_coupon_error"
    assert words in answer.json()["message"]


def test_a_percent_coupon_takes_its_share_off(shop: Shop, shirt: int) -> None:
    shop.add_coupon("Ten", amount="10", discount_type="percent")
    head, browser = token(shop), shop.browser()
    add = {"id": shirt, "quantity": 2}
    browser.post(store(shop, "cart/add-item"), json=add, headers=head, timeout=30)
    asked = {"code": "TEN"}
    told = browser.post(
        store(shop, "cart/apply-coupon"), json=asked, headers=head, timeout=30
    ).json()
    assert told["coupons"][0]["code"] == "ten"
    assert told["items"][0]["totals"]["line_total"] == "4500"
    assert told["totals"]["total_discount"] == "500" and told["totals"]["total_price"] == "5250"


def test_a_session_link_shows_the_cart_in_another_browser(shop: Shop, shirt: int) -> None:
    first = shop.browser()
    link = f"{shop.url}/checkout-link/?products={shirt}:2&utm_source=x"
    sent = first.get(link, timeout=30, allow_redirects=False)
    assert (
        sent.status_code == 302 and "/checkout/?utm_source=x&session=" in sent.headers["Location"]
    )
    other = shop.browser()
    assert other.get(sent.headers["Location"], timeout=30).status_code == 200
    assert "Shirt" in other.get(f"{shop.url}/cart/", timeout=30).text


# -- products ------------------------------------------------------------------------------------


def test_a_variation_must_be_one_of_its_product(shop: Shop) -> None:
    choices = [{"attributes": {"Size": one}, "price": "12.00"} for one in ("Small", "Large")]
    mug = shop.add_variable("Mug", {"Size": ["Small", "Large"]}, choices)
    browser = shop.browser()
    page = browser.post(mug.link, data={"add-to-cart": mug.id}, timeout=30).text
    assert "Please choose product options" in page
    form = {"add-to-cart": mug.id, "attribute_size": "Large"}
    browser.post(mug.link, data=form, timeout=30)
    cart = browser.get(f"{shop.url}/cart/", timeout=30).text
    assert "Mug - Large" in cart and "Size: Large" in cart


def test_what_is_sold_out_or_gone_leaves_the_cart_with_a_word(shop: Shop) -> None:
    cap = shop.add_product("Cap", "9.00", stock=1)
    browser = with_a_cart(shop, cap.id, 1)
    shop.set_product(cap.id, stock=0)
    assert "is not in stock" in browser.get(f"{shop.url}/cart/", timeout=30).text
    page = browser.post(cap.link, data={"add-to-cart": cap.id}, timeout=30).text
    assert "out of stock" in page
    shop.set_product(cap.id, delete=True)
    assert "Your cart is currently empty" in browser.get(f"{shop.url}/cart/", timeout=30).text


def test_taxes_are_shown_as_the_merchant_chose(shop: Shop, shirt: int) -> None:
    shop.count_taxes("20", in_prices=True, shown=True)
    try:
        page = with_a_cart(shop, shirt).get(f"{shop.url}/classic-checkout/", timeout=30).text
    finally:
        shop.set_options(woocommerce_calc_taxes="no", woocommerce_prices_include_tax="no")
    assert "50.00" in page and "59.00" in page  # 41.67 + 8.33, shipping 7.50 + 1.50
