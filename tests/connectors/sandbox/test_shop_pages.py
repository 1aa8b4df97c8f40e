"""The sandbox shop's pages, as a newcomer walks through them."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from connectors.sandbox.goods import SHELF, Terms, holds, sums
from connectors.sandbox.store import Store
from connectors.sandbox.words import COUNTRIES, ENGLISH, FRENCH, WORDS
from tests.connectors.sandbox.stage import (
    BEARER,
    NOW,
    PHONE,
    Clock,
    checkouts,
    leave_a_cart,
    page,
    told,
)

# Words.


def test_every_word_is_there_in_both_languages() -> None:
    assert ENGLISH.keys() == FRENCH.keys()
    assert all(ENGLISH.values()) and all(FRENCH.values())
    assert COUNTRIES["en"].keys() == COUNTRIES["fr"].keys()


@pytest.mark.parametrize("path", ["/", "/product/lamp", "/cart", "/phone", "/help"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_says_that_no_real_text_or_email_is_sent(
    browser: FlaskClient, path: str, language: str
) -> None:
    browser.post("/choice", data={"language": language, "country": "FR"})
    answer = browser.get(path)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    english = "no real text or e-mail is ever sent"
    words = english if language == "en" else "aucun vrai SMS ni e-mail"
    assert words in answer.text


def test_nothing_is_loaded_from_elsewhere(browser: FlaskClient) -> None:
    leave_a_cart(browser)
    for path in ("/", "/cart", "/checkout", "/phone", "/help"):
        answer = browser.get(path)
        loaded = re.findall(r'(?:src|href)="(https?:[^"]*)"', answer.text)
        assert loaded == [] and "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_six_products_have_a_picture_and_a_price(browser: FlaskClient) -> None:
    shelf = page(browser, "/")
    assert len(SHELF) == 6
    for product in SHELF.values():
        picture = f"/static/pictures/{product.key}.svg"
        assert picture in shelf and f"€{product.price}" in shelf
        with browser.get(picture) as answer:
            assert answer.mimetype == "image/svg+xml"


def test_an_unknown_page_is_missing_in_plain_words(browser: FlaskClient) -> None:
    answer = browser.get("/product/gold")
    assert (answer.status_code, ENGLISH["missing"] in answer.text) == (404, True)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_shows_what_python_calls_a_thing(browser: FlaskClient, language: str) -> None:
    browser.post("/choice", data={"language": language, "country": "FR"})
    leave_a_cart(browser)
    paths = ["/", "/product/lamp", "/cart", "/checkout", "/phone", "/phone/screen", "/help", "/no"]
    thanks = str(browser.post("/order", data={"phone": PHONE}).location)
    empty = page(browser, "/cart")
    leave_a_cart(browser)
    shown = [empty, *(page(browser, path) for path in [*paths, thanks])]
    assert not any("<built-in" in html.unescape(each) for each in shown)
    assert WORDS[language]["update"] in page(browser, "/cart")


def test_the_first_visit_is_in_the_language_that_the_browser_asks_for(
    browser: FlaskClient,
) -> None:
    for asked, wanted in [("fr-CA,fr;q=0.9,en;q=0.5", "fr"), ("ja", "en"), ("en,fr;q=0.5", "en")]:
        answer = browser.get("/", headers={"Accept-Language": asked})
        assert f'<html lang="{wanted}">' in answer.text
        assert {"accept-language", "cookie"} <= set(answer.vary.as_set())
    browser.post("/choice", data={"language": "en", "country": "FR"})
    assert '<html lang="en">' in browser.get("/", headers={"Accept-Language": "fr"}).text


def test_the_checkout_shows_a_made_up_number_and_address_without_javascript(
    browser: FlaskClient,
) -> None:
    browser.post("/cart/add", data={"product": "mug"})
    form = page(browser, "/checkout")
    number, address = re.findall(r'data-example="([^"]+)"', form)
    assert f"{number}</small>" in form and f"{address}</small>" in form


def test_a_choice_of_nonsense_stays_with_english_and_france(browser: FlaskClient) -> None:
    browser.post("/choice", data={"language": "xx", "country": "ZZ"})
    assert '<option value="FR" selected>' in page(browser, "/")


def test_a_choice_goes_back_to_the_page_it_came_from_and_nowhere_else(browser: FlaskClient) -> None:
    chosen = {"language": "fr", "country": "BE"}
    for referrer, wanted in [
        ("http://localhost/cart", "/cart"),
        ("http://localhost//evil.test/x", "/evil.test/x"),
        ("http://evil.test/x", "/"),
    ]:
        answer = browser.post("/choice", data=chosen, headers={"Referer": referrer})
        assert answer.location == wanted


# The cart and the checkout.


def test_a_cart_is_told_to_nobody_before_its_checkout_is_opened(
    app: Flask, store: Store, browser: FlaskClient
) -> None:
    browser.post("/cart/add", data={"product": "mug"})
    assert (told(store), checkouts(app)) == ([], [])
    browser.get("/checkout")
    browser.get("/checkout")
    assert [topic for topic, _ in told(store)] == ["checkouts/update"]


def test_adding_twice_makes_two_of_one_line(app: Flask, browser: FlaskClient) -> None:
    browser.post("/cart/add", data={"product": "mug"})
    leave_a_cart(browser)
    (line,) = checkouts(app)[0]["lines"]
    assert (line["quantity"], line["unit_price"], line["total"]) == (2, "18.00", "36.00")
    assert line["image"] == "http://shop.test/static/pictures/mug.svg"


@pytest.mark.parametrize("quantity", ["99999", "-3", "x", "1e9", ""])
def test_a_quantity_of_nonsense_breaks_nothing(browser: FlaskClient, quantity: str) -> None:
    leave_a_cart(browser)
    answer = browser.post("/cart/change", data={"product": "mug", "quantity": quantity})
    assert answer.status_code in (302, 400)
    assert browser.get("/cart").status_code == 200


def test_the_box_is_never_ticked_beforehand(browser: FlaskClient) -> None:
    browser.post("/cart/add", data={"product": "mug"})
    form = page(browser, "/checkout")
    assert 'name="sms"' in form and "checked" not in form
    assert ENGLISH["sms_words"] in form


def test_a_half_typed_number_is_not_kept(app: Flask, browser: FlaskClient) -> None:
    leave_a_cart(browser)
    answer = browser.post("/checkout/save", json={"phone": "06 12"})
    assert answer.json == {"saved": True, "errors": {"phone": ENGLISH["error_phone"]}}
    assert checkouts(app)[0]["contact"]["phone"] == PHONE


def test_a_box_ticked_before_the_number_counts_from_the_number_on(
    app: Flask, browser: FlaskClient, clock: Clock
) -> None:
    browser.post("/cart/add", data={"product": "mug"})
    browser.post("/checkout/save", json={"sms": True})
    assert checkouts(app)[0]["sms_consent"] is None
    clock.forward(60)
    browser.post("/checkout/save", json={"phone": PHONE})
    consent = checkouts(app)[0]["sms_consent"]
    assert (consent["phone"], consent["granted"]) == (PHONE, True)
    assert datetime.fromisoformat(consent["at"]) == NOW + timedelta(seconds=60)


def test_a_consent_follows_its_own_browser_to_another_number(
    app: Flask, browser: FlaskClient
) -> None:
    leave_a_cart(browser)
    browser.post("/checkout/save", json={"phone": "07 44 55 66 77"})
    assert checkouts(app)[0]["sms_consent"]["phone"] == "07 44 55 66 77"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b"7"])
def test_a_save_of_nonsense_is_refused(browser: FlaskClient, body: bytes) -> None:
    leave_a_cart(browser)
    answer = browser.post("/checkout/save", data=body, content_type="application/json")
    assert answer.status_code == 400


def test_a_save_of_odd_values_keeps_what_there_was(app: Flask, browser: FlaskClient) -> None:
    leave_a_cart(browser)
    odd = {"first_name": 7, "phone": None, "email": ["x"], "sms": "yes", "total": "0"}
    assert browser.post("/checkout/save", json=odd).status_code == 200
    assert checkouts(app)[0]["contact"]["phone"] == PHONE
    assert checkouts(app)[0]["sms_consent"]["granted"] is True


def test_a_move_to_another_country_keeps_the_number_the_same(
    app: Flask, browser: FlaskClient
) -> None:
    leave_a_cart(browser)
    browser.post("/choice", data={"language": "fr", "country": "DE"})
    (checkout,) = checkouts(app)
    assert (checkout["country"], checkout["language"]) == ("DE", "fr")
    assert checkout["contact"]["phone"] == checkout["sms_consent"]["phone"] == "+33612345678"
    assert checkout["lines"][0]["title"] == "Tasse en grès"


def test_leaving_saves_the_form_and_says_what_to_do(app: Flask, browser: FlaskClient) -> None:
    browser.post("/cart/add", data={"product": "tea"})
    browser.get("/checkout")
    form = {"first_name": "Ada", "phone": PHONE, "email": "", "sms": "yes"}
    start = browser.post("/leave", data=form, follow_redirects=True)
    assert start.request.path == "/" and ENGLISH["left"] in start.text
    assert checkouts(app)[0]["sms_consent"]["phone"] == PHONE


def test_leaving_without_consent_says_that_no_text_may_come(browser: FlaskClient) -> None:
    browser.post("/cart/add", data={"product": "tea"})
    start = browser.post("/leave", data={"phone": PHONE}, follow_redirects=True)
    assert ENGLISH["left_no_consent"] in start.text


def test_a_browser_agrees_only_for_a_number_that_it_wrote(app: Flask, browser: FlaskClient) -> None:
    key, other = leave_a_cart(browser, sms=False), app.test_client()
    page(other, f"/cart/{key}/recover")
    other.post("/checkout/save", json={"sms": True})
    assert checkouts(app)[0]["sms_consent"] is None
    other.post("/checkout/save", json={"phone": PHONE})
    assert checkouts(app)[0]["sms_consent"]["phone"] == PHONE


# Orders.


def test_an_order_thanks_and_ends_the_cart(store: Store, browser: FlaskClient) -> None:
    leave_a_cart(browser)
    thanks = browser.post("/order", data={"phone": PHONE, "sms": "yes"}, follow_redirects=True)
    assert ENGLISH["thanks"] in thanks.text and "S1001" in thanks.text
    assert told(store)[-1][0] == "orders/create"
    assert ENGLISH["cart_empty"] in page(browser, "/cart")


def test_an_order_without_any_contact_is_asked_for_one(store: Store, browser: FlaskClient) -> None:
    browser.post("/cart/add", data={"product": "tea"})
    answer = browser.post("/order", data={"first_name": "Ada"})
    assert (answer.status_code, ENGLISH["error_contact"] in answer.text) == (422, True)
    assert "orders/create" not in [topic for topic, _ in told(store)]


def test_an_order_is_shown_and_cancelled_by_its_own_browser_alone(
    app: Flask, store: Store, browser: FlaskClient
) -> None:
    leave_a_cart(browser)
    path = str(browser.post("/order", data={"phone": PHONE}).location)
    other = app.test_client()
    assert other.get(path).status_code == other.post(path + "/cancel").status_code == 404
    assert ENGLISH["cancelled"] in browser.post(path + "/cancel", follow_redirects=True).text
    browser.post(path + "/cancel")
    assert [topic for topic, _ in told(store)].count("orders/cancelled") == 1


# The way back.


def test_the_way_back_restores_the_cart_in_a_new_browser_and_shows_no_contact(
    app: Flask, browser: FlaskClient
) -> None:
    key = leave_a_cart(browser, email="ada@example.com")
    other = app.test_client()
    form = page(other, f"/cart/{key}/recover")
    assert ENGLISH["recovered"] in form and ENGLISH["checkout_title"] in form
    assert "1 × Stoneware mug" in form
    assert not any(own in form for own in ("Ada", f'value="{PHONE}"', "ada@example.com", "checked"))


def test_the_way_back_shows_the_contact_to_the_browser_that_left_it(browser: FlaskClient) -> None:
    key = leave_a_cart(browser)
    form = page(browser, f"/cart/{key}/recover")
    assert 'value="Ada"' in form and f'value="{PHONE}"' in form and "checked" in form


def test_the_way_back_changes_nothing_at_the_shop(
    app: Flask, store: Store, browser: FlaskClient, clock: Clock
) -> None:
    key = leave_a_cart(browser)
    before, told_before = checkouts(app), told(store)
    clock.forward(3600)
    page(app.test_client(), f"/cart/{key}/recover?code=NONE")
    assert (checkouts(app), told(store)) == (before, told_before)


def test_another_browser_blanks_nothing_and_its_number_has_no_consent(
    app: Flask, browser: FlaskClient
) -> None:
    key, other = leave_a_cart(browser), app.test_client()
    page(other, f"/cart/{key}/recover")
    other.post("/checkout/save", json={"first_name": "", "phone": "", "sms": False})
    assert checkouts(app)[0]["contact"]["first_name"] == "Ada"
    assert checkouts(app)[0]["sms_consent"]["granted"] is True
    other.post("/checkout/save", json={"phone": "07 44 55 66 77"})
    assert checkouts(app)[0]["contact"]["phone"] == "07 44 55 66 77"
    assert checkouts(app)[0]["sms_consent"] is None
    assert 'value="Ada"' not in page(other, "/checkout")


def test_the_way_back_of_an_ordered_cart_says_so(app: Flask, browser: FlaskClient) -> None:
    key = leave_a_cart(browser)
    browser.post("/order", data={"phone": PHONE})
    assert ENGLISH["recover_ordered"] in page(app.test_client(), f"/cart/{key}/recover")
    assert ENGLISH["recover_unknown"] in page(browser, "/cart/nobody/recover")


# Discount codes.


def make_code(app: Flask, **terms: object) -> int:
    offer = {"code": "BACK", "ends_at": (NOW + timedelta(days=1)).isoformat()} | terms
    return app.test_client().post("/api/coupons", json=offer, headers=BEARER).status_code


def test_a_code_of_the_way_back_is_applied_and_used_once(app: Flask, browser: FlaskClient) -> None:
    assert make_code(app, percent="10") == 201
    key = leave_a_cart(browser)
    assert "−€1.80" in page(browser, f"/cart/{key}/recover?code=back")
    browser.post("/order", data={"phone": PHONE})
    (checkout,) = checkouts(app)
    assert (checkout["discount"], checkout["discount_codes"]) == ("1.80", ["BACK"])
    leave_a_cart(browser)
    used = browser.post("/checkout/code", data={"code": "BACK"}, follow_redirects=True)
    assert ENGLISH["code_wrong"] in used.text


def test_a_code_that_lapsed_in_the_meantime_is_told_before_ordering(
    app: Flask, store: Store, browser: FlaskClient, clock: Clock
) -> None:
    make_code(app, percent="10")
    leave_a_cart(browser)
    browser.post("/checkout/code", data={"code": "BACK"})
    clock.forward(90_000)
    answer = browser.post("/order", data={"phone": PHONE}, follow_redirects=True)
    assert ENGLISH["code_wrong"] in answer.text
    assert "orders/create" not in [topic for topic, _ in told(store)]


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"percent": "0"},
        {"percent": "101"},
        {"percent": "NaN"},
        {"percent": "ten"},
        {"percent": "5", "free_shipping": True},
        {"amount": {"amount": "-1", "currency": "EUR"}},
        {"amount": {"amount": "5", "currency": "USD"}},
        {"amount": 5},
        {"percent": "5", "ends_at": "tomorrow"},
        {"percent": "5", "ends_at": "2026-11-21T12:00:00"},
        {"percent": "5", "code": ""},
        {"percent": "5", "products": "mug"},
        {"percent": "5", "products": [1]},
        {"percent": "5", "left_out": ["boat"]},
        {"free_shipping": True, "products": ["mug"]},
    ],
)
def test_terms_of_nonsense_make_no_coupon(app: Flask, terms: dict[str, object]) -> None:
    assert make_code(app, **terms) == 422


@pytest.mark.parametrize(
    ("terms", "total"),
    [
        (None, "40.90"),
        (Terms("C", NOW, percent=Decimal("12.5")), "36.40"),
        (Terms("C", NOW, amount=Decimal(5)), "35.90"),
        (Terms("C", NOW, amount=Decimal(500)), "4.90"),
        (Terms("C", NOW, free_shipping=True), "36.00"),
        (Terms("C", NOW, percent=Decimal(50), minimum=Decimal("36.01")), "40.90"),
        (Terms("C", NOW, percent=Decimal(50), minimum=Decimal("36.00")), "22.90"),
    ],
)
def test_what_two_mugs_cost(terms: Terms | None, total: str) -> None:
    assert sums([("mug", 2)], terms).total == Decimal(total)


OFF = Terms("C", NOW + timedelta(days=1), percent=Decimal(50))
ONCE = replace(OFF, percent=None, amount=Decimal(5))
SHIPPED = replace(OFF, percent=None, free_shipping=True)


@pytest.mark.parametrize(
    ("terms", "lines", "discount", "does_hold"),
    [
        (OFF, [("mug", 2), ("tea", 1)], "22.90", True),
        (replace(OFF, products=("tea",)), [("mug", 2), ("tea", 1)], "4.90", True),
        (replace(OFF, left_out=("mug",)), [("mug", 2), ("tea", 1)], "4.90", True),
        (replace(OFF, products=("tea",)), [("mug", 2)], "0", False),
        (
            replace(OFF, products=("tea",), minimum=Decimal(10)),
            [("mug", 2), ("tea", 1)],
            "0",
            False,
        ),
        (replace(ONCE, products=("mug",)), [("mug", 2), ("tea", 1)], "5", True),
        (replace(ONCE, products=("mug", "tea")), [("mug", 2), ("tea", 1)], "5", True),
        (replace(ONCE, left_out=("mug",)), [("mug", 2)], "0", False),
        (replace(SHIPPED, left_out=("mug",)), [("mug", 2), ("tea", 1)], "0", False),
        (replace(SHIPPED, left_out=("tea",)), [("mug", 2)], "0", True),
    ],
)
def test_a_code_takes_off_its_lines_alone(
    terms: Terms, lines: list[tuple[str, int]], discount: str, does_hold: bool
) -> None:
    assert sums(lines, terms).discount == Decimal(discount)
    assert holds(terms, lines, "", NOW) is does_hold


def test_a_code_that_was_taken_away_is_not_taken_and_a_used_one_stays(
    app: Flask, browser: FlaskClient
) -> None:
    for code in ("BACK", "ELSE"):
        make_code(app, code=code, percent="10")
    door = app.test_client()

    def key(code: str) -> str:
        told = door.get(f"/api/coupons?code={code}", headers=BEARER).get_json()
        return str(told["coupons"][0]["key"])

    keys = [key("BACK"), key("ELSE")]
    leave_a_cart(browser)
    browser.post("/checkout/code", data={"code": "BACK"})
    browser.post("/order", data={"phone": PHONE})
    for each in keys:
        assert door.delete(f"/api/coupons/{each}", headers=BEARER).status_code == 200
    (checkout,) = checkouts(app)
    assert checkout["discount"] == "1.80", "an order that was paid stays as it was paid"
    leave_a_cart(browser)
    gone = browser.post("/checkout/code", data={"code": "ELSE"}, follow_redirects=True)
    assert ENGLISH["code_wrong"] in gone.text
    assert door.delete(f"/api/coupons/{keys[0]}").status_code == 401
