"""The box in the theme, by the app proxy: who is let in, what is kept, what is said."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from recovery import floods
from tests.connectors.shopify_words import SECRET, SHOP, recording
from tests.standins.shopify.app_proxy import signed_query
from tests.web.stage import Stage
from web import shopify_proxy

PHONE = "06 12 34 56 78"
KEPT = "+33612345678"
WATCH = {"asks[price_drop]": "Tell me when it is cheaper"}
OFFERS = {"marketing": "Offers now and then"}


@pytest.fixture(autouse=True)
def door(stage: Stage) -> None:
    """The door is open, also where the app does not open it by itself yet."""
    if shopify_proxy.blueprint.name not in stage.app.blueprints:
        stage.app.register_blueprint(shopify_proxy.blueprint)


class Visitor:
    """A browser in front of the shop, and Shopify behind it, which signs."""

    def __init__(self, stage: Stage, client: str = "192.0.2.1") -> None:
        self.stage, self.client, self.posts = stage, client, 0

    def query(self, secret: str = SECRET, shop: str = SHOP, **rest: Any) -> str:
        self.posts += 1
        number = f"{abs(hash(self.client)) % 16**8:08x}{self.posts:024x}"
        return signed_query(secret, shop, rest.get("at", self.stage.clock()), f"n={number}")

    def posts_raw(self, body: bytes, query: str | None = None, **headers: str) -> TestResponse:
        return self.stage.client.post(
            f"/proxy/shopify/contact?{self.query() if query is None else query}",
            data=body,
            headers={"X-Forwarded-For": self.client} | headers,
        )

    def posts_box(self, query: str | None = None, **fields: str) -> TestResponse:
        given = {"phone": PHONE, "country": "FR", "locale": "en"} | fields
        return self.posts_raw(urlencode(given).encode(), query)


def untouched(stage: Stage) -> bool:
    tables = ("carts", "consents", "shoppers", "requests", "nonces")
    return not any(stage.count(table) for table in tables)


# -- who is let in ---------------------------------------------------------------------------


def test_a_box_becomes_a_contact_and_a_consent_with_its_words(stage: Stage) -> None:
    stage.a_shopify_shop()
    answer = Visitor(stage).posts_box(cart="c1-abc?key=secret", **OFFERS)
    assert (answer.status_code, answer.json["ok"]) == (200, True)
    assert "stop" in answer.json["words"]
    (cart,) = stage.rows("carts")
    assert (cart.key, cart.phone, cart.item_count) == ("cart:c1-abc", KEPT, 0)
    (word,) = stage.rows("consents")
    assert (word.address, word.source) == (KEPT, "embed")
    assert word.words == f"told by the browser: {OFFERS['marketing']}"


def test_the_consent_keeps_where_it_was_given_without_the_pages_query(stage: Stage) -> None:
    stage.a_shopify_shop()
    given = {"phone": PHONE, "country": "FR", "locale": "fr-CA"} | OFFERS
    page = f"https://{SHOP}/products/tasse?email=ana@example.com"
    Visitor(stage).posts_raw(urlencode(given).encode(), Referer=page)
    (word,) = stage.rows("consents")
    assert (word.language, word.ip) == ("fr-CA", "192.0.2.1")
    assert word.page == f"https://{SHOP}/products/tasse"


def test_the_carts_webhook_fills_the_cart_that_the_box_began(stage: Stage) -> None:
    stage.a_shopify_shop()
    told = recording("carts_update_2026-07")
    Visitor(stage).posts_box(cart=f"{told['token']}?key=secret", **OFFERS)
    assert stage.shopify_sends("carts/update", told).status_code == 200
    (cart,) = stage.rows("carts")
    assert (cart.phone, cart.item_count, cart.total) == (KEPT, 2, Decimal("49.00"))
    assert cart.way_back == f"https://{SHOP}/cart/44123456789012:2"


@pytest.mark.parametrize("secret", ["another", "", SECRET + " "])
def test_a_forged_box_changes_nothing(stage: Stage, secret: str) -> None:
    stage.a_shopify_shop()
    visitor = Visitor(stage)
    answer = visitor.posts_box(visitor.query(secret=secret), cart="c1", **OFFERS)
    assert (answer.status_code, answer.json["ok"]) == (401, False)
    assert untouched(stage)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_stale_box_changes_nothing(stage: Stage, minutes: int) -> None:
    stage.a_shopify_shop()
    visitor = Visitor(stage)
    query = visitor.query(at=stage.clock() + timedelta(minutes=minutes))
    assert visitor.posts_box(query, cart="c1", **OFFERS).status_code == 401
    assert untouched(stage)


def test_a_box_of_another_shop_or_of_one_that_left_changes_nothing(stage: Stage) -> None:
    stage.a_shopify_shop()
    visitor = Visitor(stage)
    query = visitor.query(shop="other.myshopify.com")
    assert visitor.posts_box(query, cart="c1", **OFFERS).status_code == 401
    told = {"X-Shopify-Triggered-At": stage.clock().isoformat()}
    stage.shopify_sends("app/uninstalled", {"id": 1}, **told)
    assert visitor.posts_box(cart="c1", **OFFERS).status_code == 401
    assert untouched(stage)


def test_a_signed_query_is_good_once_whatever_the_body(stage: Stage) -> None:
    stage.a_shopify_shop()
    visitor = Visitor(stage)
    query = visitor.query()
    assert visitor.posts_box(query, cart="c1", **OFFERS).status_code == 200
    again = visitor.posts_box(query, cart="c2", phone="06 99 99 99 99", **OFFERS)
    assert (again.status_code, again.json["ok"]) == (409, False)
    assert [cart.key for cart in stage.rows("carts")] == ["cart:c1"]


def test_of_two_replays_in_one_instant_one_passes(stage: Stage) -> None:
    stage.a_shopify_shop()
    visitor = Visitor(stage)
    query = visitor.query()
    # On SQLite the first one's transaction keeps the second out, so there is nobody to meet.
    meet = threading.Barrier(1 if stage.database.is_sqlite else 2, timeout=10)

    def wait(_line: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO nonces"):
            meet.wait()

    event.listen(stage.database.engine, "before_cursor_execute", wait)
    with ThreadPoolExecutor(2) as pool:
        tries = [
            pool.submit(Visitor(stage).posts_box, query, cart=f"c{number}", **OFFERS)
            for number in range(2)
        ]
        statuses = sorted(each.result().status_code for each in tries)
    event.remove(stage.database.engine, "before_cursor_execute", wait)
    assert statuses == [200, 409]
    assert stage.count("carts") == 1


def test_two_shoppers_in_one_second_are_both_heard(stage: Stage) -> None:
    stage.a_shopify_shop()
    for number in (1, 2):
        visitor = Visitor(stage, f"192.0.2.{number}")
        assert visitor.posts_box(cart=f"c{number}", **OFFERS).status_code == 200
    assert stage.count("carts") == 2


def test_only_posting_is_a_way_in(stage: Stage) -> None:
    stage.a_shopify_shop()
    query = Visitor(stage).query()
    assert stage.client.get(f"/proxy/shopify/contact?{query}").status_code == 405


# -- what cannot be done ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "status", "what"),
    [
        ({"phone": "12"}, 422, "phone"),
        ({"phone": "01 40 00 00 00"}, 422, "landline"),
        ({"phone": "0612345678", "country": "DE"}, 422, "landline"),
        ({"phone": "0612345678", "country": "US"}, 422, "phone"),
        ({"phone": ""}, 400, "odd"),
        ({"phone": "0" * 100}, 400, "odd"),
        ({"asks[keep_cart]": "Keep it"}, 422, "empty_cart"),
        ({}, 422, "nothing"),
        ({"asks[back_in_stock]": "Tell me"}, 422, "nothing"),
    ],
)
def test_what_cannot_be_done_is_said_and_kept_nowhere(
    stage: Stage, fields: dict[str, str], status: int, what: str
) -> None:
    stage.a_shopify_shop()
    given = fields | OFFERS if "phone" in fields else fields
    answer = Visitor(stage).posts_box(**given)
    assert (answer.status_code, answer.json["what"], answer.json["ok"]) == (status, what, False)
    assert not (stage.count("carts") or stage.count("consents") or stage.count("shoppers"))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"phone[]=1", b"null"])
def test_what_is_no_box_is_refused_in_words(stage: Stage, body: bytes) -> None:
    stage.a_shopify_shop()
    answer = Visitor(stage).posts_raw(body)
    assert (answer.status_code, answer.json["what"]) == (400, "odd")


def test_a_long_body_is_refused_unread(stage: Stage) -> None:
    stage.a_shopify_shop()
    answer = Visitor(stage).posts_raw(b"x" * 9000)
    assert (answer.status_code, answer.json["what"]) == (413, "too_long")


def test_the_answer_is_in_the_shoppers_language(stage: Stage) -> None:
    stage.a_shopify_shop()
    visitor = Visitor(stage)
    assert "noté" in visitor.posts_box(locale="fr-CA", cart="c1", **OFFERS).json["words"]
    assert "Noted" in visitor.posts_box(locale="pt-BR", cart="c1", **OFFERS).json["words"]
    early = visitor.posts_raw(b"{", **{"Accept-Language": "fr;q=0.9"})
    assert "formulaire" in early.json["words"]


def test_nobody_posts_without_end(stage: Stage) -> None:
    stage.a_shopify_shop()
    visitor, other = Visitor(stage), Visitor(stage, "192.0.2.9")
    for number in range(10):
        phone = f"06 12 34 56 {number:02}"
        assert visitor.posts_box(phone=phone, cart="c1", **OFFERS).status_code == 200
    answer = visitor.posts_box(cart="c1", **OFFERS)
    assert (answer.status_code, answer.json["what"]) == (429, "too_often")
    assert 0 < int(answer.headers["Retry-After"]) <= 600
    assert other.posts_box(cart="c2", **OFFERS).status_code == 200
    stage.clock.forward(minutes=11)
    assert visitor.posts_box(cart="c1", **OFFERS).status_code == 200


def test_nobody_has_a_strangers_phone_flooded(stage: Stage) -> None:
    stage.a_shopify_shop()
    statuses = [
        Visitor(stage, f"192.0.2.{number}").posts_box(cart=f"c{number}", **OFFERS).status_code
        for number in range(7)
    ]
    assert statuses == [200] * 5 + [429] * 2


def test_a_client_cannot_write_its_own_address(stage: Stage) -> None:
    stage.a_shopify_shop()
    statuses = set()
    for number in range(12):
        visitor = Visitor(stage, f"10.9.8.{number}, 192.0.2.1")  # Shopify writes the last
        phone = f"06 12 34 56 {number:02}"
        statuses.add(visitor.posts_box(phone=phone, cart="c1", **OFFERS).status_code)
    assert statuses == {200, 429}


# -- what is asked for -------------------------------------------------------------------------


def test_a_watched_thing_is_called_and_priced_by_the_shop(stage: Stage) -> None:
    stage.a_shopify_shop()
    variants = [
        {"id": 44, "title": "Blue", "price": "24.50", "inventory_quantity": 3},
        {"id": 45, "title": "Red", "price": "19.90", "inventory_quantity": 0},
    ]
    product = recording("products_update_2026-07") | {"id": 81, "variants": variants}
    stage.shopify_sends("products/update", product)
    told = {"product": "81", "variant": "44", "price": "0.01", "title": "<b>Free</b>"}
    assert Visitor(stage).posts_box(**WATCH, **told).status_code == 200
    (request,) = stage.rows("requests")
    assert (request.kind, request.phone) == ("price_drop", KEPT)
    assert (request.title, request.price) == ("Teapot", Decimal("24.50"))
    assert request.words == f"told by the browser: {WATCH['asks[price_drop]']}"
    assert request.address == f"https://{SHOP}/products/teapot"


def test_a_thing_we_never_heard_of_has_no_price(stage: Stage) -> None:
    stage.a_shopify_shop()
    told = {"product": "999", "variant": "1", "price": "0.01"}
    assert Visitor(stage).posts_box(**WATCH, **told).status_code == 200
    (request,) = stage.rows("requests")
    assert (request.title, request.price) == ("", None)


def test_json_is_taken_as_well(stage: Stage) -> None:
    stage.a_shopify_shop()
    said = {"phone": PHONE, "country": "FR", "cart": "c1", "asks": {"keep_cart": "Keep it"}}
    answer = Visitor(stage).posts_raw(json.dumps(said).encode())
    assert answer.status_code == 200
    assert [request.kind for request in stage.rows("requests")] == ["keep_cart"]
    assert stage.count("consents") == 0, "keeping a cart is no consent to marketing"


def test_nothing_personal_is_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.a_shopify_shop()
    visitor = Visitor(stage)
    visitor.posts_box(cart="c1", **OFFERS)
    visitor.posts_raw(b'{"phone": 612345678, "asks": 5}')
    assert "12345678" not in caplog.text
    assert "12 34" not in caplog.text


def test_a_fault_of_our_own_is_an_error_and_may_be_tried_again(stage: Stage) -> None:
    stage.a_shopify_shop()
    stage.app.config["PROPAGATE_EXCEPTIONS"] = False
    visitor = Visitor(stage)
    with stage.without_table("consents"):
        assert visitor.posts_box(cart="c1", **OFFERS).status_code == 500
    assert stage.count("carts") == 0
    assert visitor.posts_box(cart="c1", **OFFERS).status_code == 200


# -- a crowd of numbers that nobody knows --------------------------------------------------------


def test_beyond_the_most_new_numbers_a_box_is_turned_away_politely(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(floods, "MOST_NEW", 3)
    stage.a_shopify_shop()
    answers = [
        Visitor(stage, f"192.0.2.{each}").posts_box(
            phone=f"+336120000{each:02}", cart="c1", **{"asks[order_news]": "My order"}, **OFFERS
        )
        for each in range(5)
    ]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 2
    assert answers[-1].json["words"] == "That is too often. Please try again later."
    assert int(answers[-1].headers["Retry-After"]) == 3600
    assert stage.count("requests") == stage.count("consents") == 3
    (notice,) = stage.rows("notices")
    assert (notice.over_at, "turned away" in notice.words) == (None, True)
    assert "+3361" not in caplog.text + notice.words
    known = Visitor(stage, "192.0.2.9").posts_box(phone="+33612000000", product="7", **WATCH)
    assert known.status_code == 200
