"""The capture door in a real WordPress: what is kept of a shopper's words, and what is not."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.plugin.relance_shop import RelanceShop
from tests.plugin.visitor import EMAIL, PHONE, Visitor, held_capture

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


def test_nothing_is_kept_without_a_ticked_box_beside_an_address(
    relance_shop: RelanceShop,
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    several: list[dict[str, Any]] = [
        {"phone": PHONE, "email": EMAIL, "consents": {"sms": False, "email": False}},
        {"phone": PHONE, "email": EMAIL},
        {"first_name": "Zoé", "country": "FR", "consents": {"sms": True, "email": True}},
        {"phone": PHONE, "consents": {"email": True}},
        {},
    ]
    for said in several:
        assert visitor.capture(said).status_code == 204, said
    assert relance_shop.carts() == []


def test_a_phone_alone_and_an_e_mail_alone_are_enough(relance_shop: RelanceShop) -> None:
    relance_shop.visitor(relance_shop.shirt).agree()
    relance_shop.visitor(relance_shop.shirt).agree(phone="", email=EMAIL, consents={"email": True})
    contacts = [row["contact"] for row in relance_shop.carts()]
    assert contacts == [{"phone": PHONE, "country": "FR"}, {"email": EMAIL, "country": "FR"}]


def test_an_empty_cart_is_not_kept(relance_shop: RelanceShop) -> None:
    assert relance_shop.visitor().agree().status_code == 204
    assert relance_shop.carts() == []


def test_an_e_mail_of_any_form_is_kept_as_typed(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    for email in (
        "a@etu.univ-grenoble-alpes.fr",
        "o'neil+tag@a-b.co.uk",
        "x@bücher.example",
        "é.è@exemple.fr",
        "dots..in.a.row@docomo.example.jp",
        '"two words"@example.com',
        "user@пример.рф",
    ):
        said = {"email": f" {email} ", "consents": {"email": True}}
        assert visitor.capture(said).status_code == 200, email
        assert relance_shop.cart()["contact"] == {"email": email}


def test_what_is_no_address_is_not_kept(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    for address in (
        {"email": "a@b"},
        {"email": "a b@example.com"},
        {"email": "<a@example.com>"},
        {"email": f"{'a' * 250}@example.com"},
        {"phone": "12345"},
        {"phone": "1234567890123456"},
        {"phone": "https://123456.example"},
        {"phone": "zoe@123456.example"},
    ):
        said = address | {"consents": {"sms": True, "email": True}}
        assert visitor.capture(said).status_code == 204, address
    assert relance_shop.carts() == []


def test_half_a_letter_and_markup_in_a_name_do_no_harm(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree(first_name="<b>Zoé</b>\n 🐈", last_name='O\'Neil \\ "x"')
    contact = relance_shop.cart()["contact"]
    assert contact["first_name"] == "Zoé  🐈" and contact["last_name"] == 'O\'Neil \\ "x"'


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


def test_another_site_gets_nothing_kept_and_no_nonce(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    good = visitor.config()["nonce"]
    message = {"phone": PHONE, "consents": {"sms": True}}
    for headers in (
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "cross-site", "Origin": relance_shop.url},
        {"Sec_Fetch_Site": "", "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "", "Origin": "null"},
        {"Sec_Fetch_Site": ""},
    ):
        visitor.nonce = good
        answer = visitor.capture(message, **headers)
        assert (answer.status_code, answer.json()) == (403, {"ok": False}), headers
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


def test_what_our_script_would_never_say_is_refused(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    for body, content_type in (
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
    ):
        answer = visitor.capture(body, Content_Type=content_type)
        assert answer.status_code == 400, body[:60]
    assert relance_shop.carts() == []


def test_a_flood_is_cut_off_but_a_withdrawal_is_always_heard(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.agree()
    statuses = set()
    for number in range(3):  # a minute may begin in between
        relance_shop.php(
            'global $wpdb; return $wpdb->query( "UPDATE {$wpdb->prefix}relance_carts SET'
            ' captures = 30, counted_from = " . intdiv( time(), 60 ) );'
        )
        statuses.add(visitor.agree(phone=f"+3360000000{number}").status_code)
    assert 429 in statuses
    assert visitor.agree(consents={"sms": False}, phone="").status_code == 200
    assert relance_shop.cart()["forget"] == 1


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
    key = visitor.key()
    with held_capture(visitor, {"email": EMAIL}):
        visitor.capture({"declined": True})
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
    visitor = Visitor(relance_shop, relance_shop.somebody(role))
    visitor.put(relance_shop.shirt.id)
    visitor.config()
    assert visitor.agree().status_code == 204
    assert relance_shop.carts() == []


def test_a_customer_is_captured_with_the_account(relance_shop: RelanceShop) -> None:
    visitor = Visitor(relance_shop, relance_shop.somebody("customer"))
    visitor.put(relance_shop.shirt.id)
    visitor.config()
    assert visitor.agree().status_code == 200
    assert relance_shop.cart()["customer_id"] > 1


def test_programs_that_name_themselves_are_left_out(relance_shop: RelanceShop) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    for agent, status in (
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 204),
        ("facebookexternalhit/1.1", 204),
        ("python-requests/2.32", 204),
        ("", 204),
        ("Mozilla/5.0 (Linux; Android 12; CUBOT NOTE 20) Chrome/120 Mobile", 200),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0", 200),
    ):
        visitor.session.headers["User-Agent"] = agent
        assert visitor.agree().status_code == status, agent


@pytest.mark.parametrize("settings", [{"on": False}, {"channels": []}, {"channels": ["email"]}])
def test_what_the_merchant_switched_off_is_not_captured(
    relance_shop: RelanceShop, settings: dict[str, Any]
) -> None:
    visitor = relance_shop.visitor(relance_shop.shirt)
    visitor.nonce = relance_shop.visitor(relance_shop.shirt).config()["nonce"]
    relance_shop.choose(**settings)
    assert visitor.agree().status_code == 204
    assert relance_shop.carts() == []
