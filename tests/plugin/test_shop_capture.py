"""The capture door in a real WordPress: what is kept of a shopper's words, and what is not."""

from __future__ import annotations

import json
import re
import threading
import time
from typing import Any

import pytest

from tests.plugin.shop_fixtures import RelanceShop
from tests.plugin.visitor import EMAIL, PHONE, Visitor

pytest_plugins = ["tests.plugin.shop_fixtures"]

A_KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")


def test_what_the_shopper_agreed_to_is_kept_with_the_cart(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt, 2)
    said = {
        "phone": "06 12 34 56 78",
        "email": EMAIL,
        "country": "fr",
        "state": "",
        "first_name": "Zoé",
        "last_name": "Petit",
        "consents": {"sms": True, "email": False},
        "why": "typed",
        "declined": False,
    }
    answer = visitor.capture(said)
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    row = relance_shop.cart()
    assert A_KEY.match(row["cart_key"]) and row["cart_key"] == visitor.key()
    assert row["contact"] == {
        "phone": "06 12 34 56 78",
        "country": "FR",
        "first_name": "Zoé",
        "last_name": "Petit",
    }
    (consent,) = row["consents"]
    assert (consent["channel"], consent["granted"]) == ("sms", True)
    assert consent["address"] == "06 12 34 56 78"
    assert "offers of Nord Shop. Each message says how to stop." in consent["words"]
    assert (row["waiting"], row["forget"], row["deleted"], row["order_id"]) == (1, 0, 0, 0)
    assert "Firefox/140" in row["user_agent"] and row["ip"] == "127.0.0.1"
    assert EMAIL not in json.dumps(row)


def test_the_lines_can_be_read_and_put_back(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt, 2)
    large = relance_shop.mug.variations[1]
    visitor.put(relance_shop.mug.id, 1, variation_id=large, attribute_size="Large")
    visitor.agree()
    snapshot = relance_shop.cart()["snapshot"]
    shirt, mug = snapshot["lines"]
    assert (shirt["title"], shirt["quantity"], shirt["unit_price"], shirt["total"]) == (
        "T-shirt",
        2,
        "25.00",
        "50.00",
    )
    assert shirt["sku"] == "shirt-1" and shirt["permalink"] == relance_shop.shirt.link
    assert (mug["product_id"], mug["variation_id"]) == (relance_shop.mug.id, large)
    assert mug["variation"] == "Large" and mug["unit_price"] == "12.00"
    assert [line["quantity"] for line in snapshot["restore"]] == [2, 1]
    assert snapshot["restore"][1]["variation"] == {"attribute_size": "Large"}


def test_a_cart_without_a_contact_leaves_no_row(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.change(3)
    assert visitor.get("/checkout/").status_code == 200
    assert relance_shop.carts() == []


@pytest.mark.parametrize(
    "said",
    [
        {"phone": PHONE, "email": EMAIL, "consents": {"sms": False, "email": False}},
        {"phone": PHONE, "email": EMAIL},
        {"first_name": "Zoé", "country": "FR", "consents": {"sms": True, "email": True}},
        {"phone": PHONE, "consents": {"email": True}},
        {},
    ],
)
def test_nothing_is_kept_without_a_ticked_box_beside_an_address(
    relance_shop: RelanceShop, said: dict[str, Any]
) -> None:
    assert relance_shop.visitor(relance_shop.shirt).capture(said).status_code == 204
    assert relance_shop.carts() == []


def test_a_phone_alone_and_an_e_mail_alone_are_enough(relance_shop: RelanceShop) -> None:
    relance_shop.visitor(relance_shop.shirt).agree()
    relance_shop.visitor(relance_shop.shirt).agree(
        phone="", email=EMAIL, consents={"email": True}
    )
    contacts = [row["contact"] for row in relance_shop.carts()]
    assert contacts == [{"phone": PHONE, "country": "FR"}, {"email": EMAIL, "country": "FR"}]


def test_an_empty_cart_is_not_kept(relance_shop: RelanceShop) -> None:
    assert relance_shop.visitor().agree().status_code == 204
    assert relance_shop.carts() == []


@pytest.mark.parametrize(
    "email",
    [
        "a@etu.univ-grenoble-alpes.fr",
        "o'neil+tag@a-b.co.uk",
        "x@bücher.example",
        "é.è@exemple.fr",
        "dots..in.a.row@docomo.example.jp",
        '"two words"@example.com',
        "user@пример.рф",
    ],
)
def test_an_e_mail_of_any_form_is_kept_as_typed(relance_shop: RelanceShop, email: str) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    said = {"email": f" {email} ", "consents": {"email": True}}
    assert visitor.capture(said).status_code == 200
    assert relance_shop.cart()["contact"] == {"email": email}


@pytest.mark.parametrize(
    "address",
    [
        {"email": "a@b"},
        {"email": "a b@example.com"},
        {"email": "<a@example.com>"},
        {"email": f"{'a' * 250}@example.com"},
        {"phone": "12345"},
        {"phone": "1234567890123456"},
        {"phone": "https://123456.example"},
        {"phone": "zoe@123456.example"},
    ],
)
def test_what_is_no_address_is_not_kept(
    relance_shop: RelanceShop, address: dict[str, str]
) -> None:
    said = address | {"consents": {"sms": True, "email": True}}
    assert relance_shop.visitor(relance_shop.shirt).capture(said).status_code == 204
    assert relance_shop.carts() == []


def test_half_a_letter_and_markup_in_a_name_do_no_harm(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree(first_name="<b>Zoé</b>\n 🐈", last_name="O'Neil \\ \"x\"")
    contact = relance_shop.cart()["contact"]
    assert contact["first_name"] == "Zoé  🐈" and contact["last_name"] == "O'Neil \\ \"x\""


# -- the door ---------------------------------------------------------------------------------


def test_an_old_nonce_gets_a_fresh_one_that_holds(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.nonce = "0123456789"
    answer = visitor.agree()
    assert answer.status_code == 403 and list(answer.json()) == ["nonce"]
    assert relance_shop.carts() == []
    visitor.nonce = answer.json()["nonce"]
    assert visitor.agree().status_code == 200


def test_the_nonce_of_the_page_holds(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    told = visitor.config()
    assert (told["mode"], told["channels"]) == ("consent", ["sms", "email"])
    assert visitor.agree().status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "OURS"},
        {"Sec_Fetch_Site": "", "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "", "Origin": "null"},
        {"Sec_Fetch_Site": ""},
    ],
)
def test_another_site_gets_nothing_kept_and_no_nonce(
    relance_shop: RelanceShop, headers: dict[str, str]
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    if headers.get("Origin") == "OURS":
        headers = headers | {"Origin": relance_shop.url}
    message = {"phone": PHONE, "consents": {"sms": True}}
    answer = visitor.capture(message, **headers)
    assert (answer.status_code, answer.json()) == (403, {"ok": False})
    visitor.nonce = "0123456789"
    assert "nonce" not in visitor.capture(message, **headers).json()
    assert visitor.capture({"declined": True}, **headers).status_code == 403
    assert relance_shop.carts() == []


def test_an_old_browser_is_known_by_its_origin(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    message = {"phone": PHONE, "consents": {"sms": True}}
    answer = visitor.capture(message, Sec_Fetch_Site="", Origin=relance_shop.url)
    assert answer.status_code == 200


def test_a_page_that_is_only_asked_for_keeps_nothing(relance_shop: RelanceShop) -> None:
    answer = relance_shop.visitor(relance_shop.shirt).get(
        "/?wc-ajax=relance_capture", headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b'"text"', "application/json"),
        (b'{"a":{"b":{"c":{"d":1}}}}', "application/json"),
        (b'{"email":["x"]}', "application/json"),
        (b'{"consents":"sms"}', "application/json"),
        (b'{"consents":{"sms":"yes"}}', "application/json"),
        (b'{"declined":"no"}', "application/json"),
        (json.dumps({"state": "x" * 300}).encode(), "application/json"),
        (json.dumps({"why": "x" * 8192}).encode(), "application/json"),
        (b'{"phone":"+33612345678","consents":{"sms":true}}', "text/plain"),
        (b"phone=%2B33612345678", "application/x-www-form-urlencoded"),
    ],
)
def test_what_our_script_would_never_say_is_refused(
    relance_shop: RelanceShop, body: bytes, content_type: str
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    assert visitor.capture(body, Content_Type=content_type).status_code == 400
    assert relance_shop.carts() == []


def test_a_flood_is_cut_off_but_a_withdrawal_is_always_heard(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    relance_shop.php(
        'global $wpdb; return $wpdb->query( "UPDATE {$wpdb->prefix}relance_carts'
        ' SET captures = 30, counted_from = " . intdiv( time() + 30, 60 ) );'
    )
    relance_shop.php(
        'global $wpdb; return $wpdb->query( "UPDATE {$wpdb->prefix}relance_carts'
        ' SET captures = 30, counted_from = " . intdiv( time(), 60 ) );'
    )
    assert visitor.agree(first_name="Ana").status_code == 429
    assert visitor.agree(consents={"sms": False}, phone="").status_code == 200
    assert relance_shop.carts() == [] or relance_shop.carts()[0]["forget"] == 1


# -- taken back -------------------------------------------------------------------------------


def test_an_unticked_box_takes_its_address_and_leaves_the_other(
    relance_shop: RelanceShop,
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree(email=EMAIL, consents={"sms": True, "email": True})
    relance_shop.send()
    visitor.capture({"email": EMAIL, "consents": {"sms": False, "email": True}})
    row = relance_shop.cart()
    assert row["contact"] == {"email": EMAIL, "country": "FR"} and row["waiting"] == 1
    granted = {(one["channel"], one["address"]): one["granted"] for one in row["consents"]}
    assert granted == {("sms", PHONE): False, ("email", EMAIL): True}


def test_the_last_box_unticked_erases_the_cart_here_and_there(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree(first_name="Zoé")
    relance_shop.send()
    key = relance_shop.cart()["cart_key"]
    assert visitor.capture({"consents": {"sms": False}}).status_code == 200
    row = relance_shop.cart()
    assert (row["contact"], row["consents"], row["snapshot"]) == ([], [], [])
    assert (row["forget"], row["ip"], row["user_agent"], row["email_hash"]) == (1, "", "", "")
    assert visitor.key() not in (None, key)
    relance_shop.send()
    assert relance_shop.carts() == []
    assert relance_shop.receiver.carts()[-1]["forget"] is True


def test_another_number_takes_the_consent_for_the_first_one_back(
    relance_shop: RelanceShop,
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree(phone="+3361234567")
    visitor.agree()  # the last digit: nobody has heard of the first number
    assert [one["address"] for one in relance_shop.cart()["consents"]] == [PHONE]
    relance_shop.send()
    visitor.agree(phone="+33699999999")
    consents = relance_shop.cart()["consents"]
    assert [(one["address"], one["granted"]) for one in consents] == [
        (PHONE, False),
        ("+33699999999", True),
    ]


def test_no_thanks_erases_and_is_remembered_in_the_browser(relance_shop: RelanceShop) -> None:
    relance_shop.choose(mode="notice")
    visitor = relance_shop.visitor(relance_shop.shirt)
    assert visitor.capture({"email": EMAIL, "phone": PHONE}).status_code == 200
    row = relance_shop.cart()
    assert row["contact"] == {"email": EMAIL, "phone": PHONE} and row["consents"] == []
    key = visitor.key()
    answer = visitor.capture({"declined": True})
    assert answer.status_code == 200
    assert "relance_declined=1" in answer.headers["Set-Cookie"]
    row = relance_shop.cart()
    assert (row["contact"], row["forget"], row["waiting"]) == ([], 1, 1)
    assert visitor.key() != key
    assert visitor.capture({"email": EMAIL}).status_code == 204
    assert EMAIL not in json.dumps(relance_shop.carts())
    assert visitor.agree().status_code == 200  # a ticked box is the newer word


@pytest.mark.parametrize("was_known", [False, True])
def test_no_thanks_wins_over_a_capture_that_is_under_way(
    relance_shop: RelanceShop, was_known: bool
) -> None:
    relance_shop.choose(mode="notice")
    visitor = relance_shop.visitor(relance_shop.shirt)
    if was_known:
        visitor.capture({"email": "early@example.com"})
    key, nonce = visitor.key(), visitor.nonce
    held = relance_shop.folder / "held"
    late = Visitor(relance_shop)
    late.session.cookies.update(visitor.session.cookies)
    late.nonce = nonce
    answers: list[int] = []

    def type_on() -> None:
        answers.append(late.capture({"email": EMAIL}, X_Aside_Hold="1").status_code)

    typing = threading.Thread(target=type_on)
    typing.start()
    until = time.monotonic() + 10
    while not held.exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert held.exists()
    visitor.capture({"declined": True})
    held.unlink()
    typing.join(20)
    assert answers == [200]
    relance_shop.send()
    assert relance_shop.carts() == []
    assert EMAIL not in repr([post.body for post in relance_shop.receiver.posts])
    assert {"key": key, "forget": True} in [
        {name: cart.get(name) for name in ("key", "forget")}
        for cart in relance_shop.receiver.carts()
    ]


# -- who is left out --------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["administrator", "shop_manager", "editor", "author"])
def test_the_shops_own_people_are_left_out(relance_shop: RelanceShop, role: str) -> None:
    login = "admin" if role == "administrator" else _somebody(relance_shop, role)
    visitor = Visitor(relance_shop, login)
    visitor.put(relance_shop.shirt.id)
    visitor.config()
    assert visitor.agree().status_code == 204
    assert relance_shop.carts() == []


def test_a_customer_is_captured_with_the_account(relance_shop: RelanceShop) -> None:
    visitor = Visitor(relance_shop, _somebody(relance_shop, "customer"))
    visitor.put(relance_shop.shirt.id)
    visitor.config()
    assert visitor.agree().status_code == 200
    assert relance_shop.cart()["customer_id"] > 1


def _somebody(shop: RelanceShop, role: str) -> str:
    login = role.replace("_", "-")
    if not shop.php(f"return username_exists( '{login}' );"):
        shop.add_user(login, role)
    return login


@pytest.mark.parametrize(
    ("agent", "status"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 204),
        ("facebookexternalhit/1.1", 204),
        ("python-requests/2.32", 204),
        ("", 204),
        ("Mozilla/5.0 (Linux; Android 12; CUBOT NOTE 20) Chrome/120 Mobile", 200),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0", 200),
    ],
)
def test_programs_that_name_themselves_are_left_out(
    relance_shop: RelanceShop, agent: str, status: int
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.session.headers["User-Agent"] = agent
    assert visitor.agree().status_code == status


@pytest.mark.parametrize("settings", [{"on": False}, {"channels": []}, {"channels": ["email"]}])
def test_what_the_merchant_switched_off_is_not_captured(
    relance_shop: RelanceShop, settings: dict[str, Any]
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.nonce = relance_shop.visitor(relance_shop.shirt).config()["nonce"]
    relance_shop.choose(**settings)
    assert visitor.agree().status_code == 204
    assert relance_shop.carts() == []


# -- the cart goes on -------------------------------------------------------------------------


def test_every_change_of_a_known_cart_is_kept(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    told = [relance_shop.cart()]
    large = relance_shop.mug.variations[1]
    for change in (
        lambda: visitor.change(3),
        lambda: visitor.put(relance_shop.mug.id, 1, variation_id=large, attribute_size="Large"),
        visitor.remove,
        lambda: visitor.store("cart/add-item", {"id": relance_shop.shirt.id, "quantity": 2}),
    ):
        change()
        told.append(relance_shop.cart())
    assert [row["snapshot"]["totals"]["subtotal"] for row in told] == [
        "25.00",
        "75.00",
        "87.00",
        "12.00",
        "62.00",
    ]
    changed = [row["changed_at"] for row in told]
    assert changed == sorted(set(changed))
    assert len({row["cart_key"] for row in told}) == 1


def test_an_emptied_cart_is_told_and_the_same_one_goes_on(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    relance_shop.send()
    visitor.remove()
    assert (relance_shop.cart()["deleted"], relance_shop.cart()["waiting"]) == (1, 1)
    relance_shop.send()
    assert relance_shop.receiver.carts()[-1].keys() == {"key", "changed_at", "deleted"}
    visitor.put(relance_shop.shirt.id, 2)
    row = relance_shop.cart()
    assert (row["deleted"], row["waiting"]) == (0, 1)
    assert row["contact"] == {"phone": PHONE, "country": "FR"}


def test_the_same_again_changes_nothing(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    relance_shop.send()
    before = relance_shop.cart()
    assert visitor.agree(why="leave").status_code == 200
    visitor.get("/cart/")
    assert relance_shop.cart() == before


def test_a_capture_undoes_nothing_that_another_request_wrote(relance_shop: RelanceShop) -> None:
    relance_shop.php("return ( new WC_Coupon( 'beside' ) )->get_id();") or relance_shop.add_coupon(
        "beside", amount="5", discount_type="fixed_cart"
    )
    visitor = relance_shop.visitor(relance_shop.shirt)
    late = Visitor(relance_shop)
    late.session.cookies.update(visitor.session.cookies)
    visitor.agree()
    late.nonce = visitor.nonce
    held = relance_shop.folder / "held"
    typing = threading.Thread(
        target=lambda: late.capture(
            {"phone": "+33699999999", "consents": {"sms": True}}, X_Aside_Hold="1"
        )
    )
    typing.start()
    until = time.monotonic() + 10
    while not held.exists() and time.monotonic() < until:
        time.sleep(0.01)
    visitor.use_coupon("beside")
    held.unlink()
    typing.join(20)
    assert [one["code"] for one in visitor.store("cart")["coupons"]] == ["beside"]


# -- the sums ---------------------------------------------------------------------------------


def test_the_sums_are_the_servers_whatever_the_browser_says(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt, 2)
    lie = {
        "totals": {"total": "0.01"},
        "currency": "XXX",
        "lines": [{"title": "Gold"}],
        "customer_id": 1,
        "order_id": 9,
        "ip": "203.0.113.1",
    }
    visitor.agree(**lie)
    row = relance_shop.cart()
    said = visitor.store("cart")["totals"]
    assert row["snapshot"]["totals"]["total"].replace(".", "") == said["total_price"]
    assert row["snapshot"]["totals"]["subtotal"] == "50.00"
    assert (row["snapshot"]["currency"], row["customer_id"], row["order_id"]) == ("EUR", 0, 0)
    assert [line["title"] for line in row["snapshot"]["lines"]] == ["T-shirt"]
    assert row["ip"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("in_prices", "shown", "unit", "tax"),
    [(True, True, "25.00", "8.33"), (True, False, "20.83", "8.33"), (False, True, "30.00", "10.00")],
)
def test_prices_are_told_with_tax_where_the_shop_shows_them_so(
    relance_shop: RelanceShop, in_prices: bool, shown: bool, unit: str, tax: str
) -> None:
    relance_shop.count_taxes("20", in_prices=in_prices, shown=shown)
    visitor = relance_shop.visitor(relance_shop.shirt, 2)
    visitor.agree()
    snapshot = relance_shop.cart()["snapshot"]
    said = visitor.store("cart")["totals"]
    assert snapshot["lines"][0]["unit_price"] == unit
    assert snapshot["totals"]["total"].replace(".", "") == said["total_price"]
    without_shipping = int(said["total_tax"]) - int(said["total_shipping_tax"] or 0)
    assert f"{without_shipping / 100:.2f}" == tax


@pytest.mark.parametrize(
    ("currency", "decimals", "unit"), [("JPY", 0, "25"), ("TND", 3, "25.000"), ("USD", 2, "25.00")]
)
def test_amounts_have_the_decimals_of_the_currency(
    relance_shop: RelanceShop, currency: str, decimals: int, unit: str
) -> None:
    relance_shop.switch_currency(currency, decimals)
    relance_shop.visitor(relance_shop.shirt, 2).agree()
    snapshot = relance_shop.cart()["snapshot"]
    assert snapshot["currency"] == currency
    assert snapshot["lines"][0]["unit_price"] == unit
    relance_shop.send()
    (cart,) = relance_shop.receiver.posts[0].carts
    assert cart.currency == currency and str(cart.lines[0].unit_price) == unit


def test_a_coupon_is_told_with_what_it_takes_off(relance_shop: RelanceShop) -> None:
    if not relance_shop.php("return ( new WC_Coupon( 'ten' ) )->get_id();"):
        relance_shop.add_coupon("ten", amount="10", discount_type="percent")
    visitor = relance_shop.visitor(relance_shop.shirt, 2)
    visitor.agree()
    visitor.use_coupon("TEN")
    snapshot = relance_shop.cart()["snapshot"]
    assert snapshot["coupons"] == ["ten"]
    assert (snapshot["totals"]["subtotal"], snapshot["totals"]["discounts"]) == ("50.00", "5.00")
    line = snapshot["lines"][0]
    assert (line["unit_price"], line["total"]) == ("25.00", "45.00")


def test_the_shoppers_language_is_told_and_the_words_are_in_it(relance_shop: RelanceShop) -> None:
    relance_shop.set_options(WPLANG="fr_FR")
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.config()
    visitor.agree()
    row = relance_shop.cart()
    assert row["snapshot"]["locale"] == "fr_FR"
    assert "Chaque message dit comment arrêter" in row["consents"][0]["words"]
