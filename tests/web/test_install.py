"""Connecting a shop: away to the platform and back, with proof of who came back.

What WooCommerce alone does is in `test_install_woocommerce.py`.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moment import FileClock, system_time
from recovery import shops
from tests.connectors.shopify_words import SHOP, Wire
from tests.standins.woocommerce import WooCommerceStandIn
from tests.web.installs import begun, begun_woo, callback, keys_of, signed
from tests.web.stage import Stage

DEFAULT = "read_products,write_discounts,read_orders,write_customers,read_fulfillments"
GRANT = {
    "access_token": "shpat_new",
    "scope": DEFAULT,
    "expires_in": 3600,
    "refresh_token": "shprt_new",
    "refresh_token_expires_in": 7_776_000,
}
Made = Callable[..., Stage]


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


# -- Shopify ------------------------------------------------------------------------------------


def test_the_merchant_is_sent_to_their_own_shops_page_of_consent(stage: Stage) -> None:
    answer = stage.client.get("/install/shopify", query_string={"shop": SHOP})
    parts = urlsplit(answer.headers["Location"])
    assert (parts.scheme, parts.netloc, parts.path) == ("https", SHOP, "/admin/oauth/authorize")
    asked = parse_qs(parts.query)
    assert asked["redirect_uri"] == ["https://relance.example/install/shopify/callback"]
    assert asked["client_id"] == ["key"]
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=Lax"))


@pytest.mark.parametrize("shop", ["", "evil.example", "a.myshopify.com.evil.example", "x\n.y"])
def test_what_is_no_shop_of_shopify_is_told_so(stage: Stage, shop: str) -> None:
    answer = stage.client.get("/install/shopify", query_string={"shop": shop})
    assert (answer.status_code, ".myshopify.com" in answer.text) == (400, True)
    assert stage.count("installs") == 0


def test_without_an_app_of_ones_own_the_page_says_what_is_missing(a_stage: Made) -> None:
    stage = a_stage(SHOPIFY_API_KEY="", SHOPIFY_API_SECRET="")
    answer = stage.client.get("/install/shopify", query_string={"shop": SHOP})
    assert (answer.status_code, "SHOPIFY_API_KEY" in answer.text) == (503, True)


def test_a_genuine_callback_connects_the_shop_and_seals_its_token(
    a_stage: Made, wire: Wire
) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    account = stage.an_account()
    state = begun(stage)
    wire.says(GRANT)
    answer = callback(stage, state)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/enter/shopify?shop={SHOP}")
    shop = stage.the_shop()
    assert (shop.address, shop.state, shop.account_id) == (SHOP, "active", account.id)
    assert "shpat_new" not in shop.credentials
    assert shops.credentials_of(stage.tools.keys, shop)["refresh_token"] == "shprt_new"
    assert wire.requests[0]["json"]["code"] == "c0de"


def test_a_shop_that_comes_back_keeps_its_rows(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    before = stage.a_shopify_shop(state="uninstalled")
    state = begun(stage)
    wire.says(GRANT)
    callback(stage, state)
    after = stage.the_shop()
    assert (after.id, after.key, after.state) == (before.id, before.key, "active")


def test_a_callback_signed_by_another_is_401(stage: Stage) -> None:
    state = begun(stage)
    assert callback(stage, state, "wrong").status_code == 401
    assert stage.client.get("/install/shopify/callback").status_code == 401
    assert stage.count("shops") == 0


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_callback_of_another_time_is_401(stage: Stage, minutes: int) -> None:
    state = begun(stage)
    stamp = str(int(stage.clock().timestamp()) + 60 * minutes)
    assert callback(stage, state, timestamp=stamp).status_code == 401


def test_another_browser_cannot_finish_the_install(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    state = begun(stage)
    own, stage.client = stage.client, stage.app.test_client()
    assert callback(stage, state).status_code == 401
    assert stage.count("shops") == 0
    stage.client = own
    wire.says(GRANT)
    assert callback(stage, state).status_code == 302


def test_a_state_is_good_once(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    state = begun(stage)
    wire.says(GRANT)
    assert callback(stage, state).status_code == 302
    assert callback(stage, state).status_code == 401


def test_a_state_ends_after_an_hour(stage: Stage) -> None:
    state = begun(stage)
    stage.clock.forward(minutes=61)
    assert callback(stage, state).status_code == 401


def test_a_state_begun_for_one_shop_connects_no_other(stage: Stage) -> None:
    state = begun(stage, "other.myshopify.com")
    assert callback(stage, state).status_code == 401


def test_a_code_that_shopify_refuses_keeps_nothing(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    state = begun(stage)
    wire.says({"error": "invalid_request"}, status=400)
    answer = callback(stage, state)
    assert (answer.status_code, "begin again" in answer.text) == (502, True)
    assert stage.count("shops") == 0


# -- both ---------------------------------------------------------------------------------------


def test_where_time_can_be_moved_no_real_shop_is_let_in(stage: Stage, tmp_path: Path) -> None:
    stage.tools.now = FileClock(tmp_path / "clock")
    answer = stage.client.get("/install/shopify", query_string={"shop": SHOP})
    assert (answer.status_code, "PUBLIC_URL" in answer.text) == (503, True)
    assert stage.count("installs") == 0


def test_nor_one_that_was_begun_while_it_could_not(a_stage: Made, tmp_path: Path) -> None:
    stage = a_stage(ALLOW_PRIVATE_SHOPS="1")
    shopify = begun(stage)
    with public_pots():
        woo = begun_woo(stage, "https://pots.example")["user_id"][0]
    behind = (stage.clock() - system_time()).total_seconds()
    (tmp_path / "clock").write_text(str(behind))  # the hour stays; only the clock is another
    stage.tools.now = FileClock(tmp_path / "clock")
    assert callback(stage, shopify).status_code == 503
    keys = {
        "user_id": woo,
        "consumer_key": "ck_" + "a" * 40,
        "consumer_secret": "cs_" + "b" * 40,
        "key_permissions": "read_write",
    }
    # No resolver answers here any more: what is not known to be a stand-in is real.
    assert stage.client.post("/install/woocommerce/callback", json=keys).status_code == 503
    assert stage.count("shops") == 0


@contextmanager
def public_pots() -> Iterator[None]:
    """As long as this lasts, pots.example leads to a public address."""
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("198.41.0.4", 443))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
        yield


def test_only_what_lies_on_a_private_address_is_a_stand_in(
    a_stage: Made, woo: WooCommerceStandIn, tmp_path: Path
) -> None:
    stage = a_stage(ALLOW_PRIVATE_SHOPS="1")
    stage.tools.now = FileClock(tmp_path / "clock")
    asked = {"shop": "https://pots.example"}
    with public_pots():
        told = stage.client.get("/install/woocommerce", query_string=asked)
    assert (told.status_code, "PUBLIC_URL" in told.text) == (503, True)
    assert stage.client.get("/install/shopify", query_string={"shop": SHOP}).status_code == 503
    keys = keys_of(woo, begun_woo(stage, woo.address)["user_id"][0])
    assert stage.client.post("/install/woocommerce/callback", json=keys).status_code == 200
    assert stage.the_shop().stand_in


# No dots: what could be a host's name would be looked up.
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters=".")
NAMES = st.sampled_from(["shop", "hmac", "state", "code", "timestamp", "host", "success"])
NAMES |= st.text(LETTERS, max_size=8)
TEXTS = st.dictionaries(NAMES, st.text(LETTERS, max_size=60))
BYTES = st.dictionaries(NAMES, st.binary(max_size=60).map(lambda raw: raw.replace(b".", b"-")))
PATHS = st.sampled_from(["shopify", "shopify/callback", "woocommerce", "woocommerce/done"])
MANY = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@MANY
@given(path=PATHS, query=BYTES, cookie=st.text(st.characters(max_codepoint=255), max_size=20))
def test_no_rubbish_is_a_fault_of_ours(
    stage: Stage, path: str, query: dict[str, bytes], cookie: str
) -> None:
    stage.client.set_cookie("relance_install", cookie)
    answer = stage.client.get(f"/install/{path}", query_string=query)
    assert answer.status_code in (200, 302, 400, 401)
    assert stage.count("shops") == 0


@MANY
@given(query=TEXTS)
def test_not_even_rubbish_that_is_signed(stage: Stage, query: dict[str, str]) -> None:
    stamp = str(int(stage.clock().timestamp()))
    whole = signed({"shop": SHOP, "timestamp": stamp} | query)
    assert stage.client.get("/install/shopify/callback", query_string=whole).status_code == 401


@MANY
@given(body=st.binary(max_size=200) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_no_posted_rubbish_either(stage: Stage, body: bytes | str) -> None:
    answer = stage.client.post("/install/woocommerce/callback", data=body)
    assert answer.status_code in (401, 400)
