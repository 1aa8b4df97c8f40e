"""Connecting a shop: away to the platform and back, with proof of who came back."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from moment import FileClock, system_time
from recovery import pairings, shops
from tests.connectors.shopify_words import SECRET, SHOP, Wire
from tests.standins.woocommerce import WooCommerceStandIn
from tests.web.stage import Stage

GRANT = {
    "access_token": "shpat_new",
    "scope": "read_orders",
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


@pytest.fixture
def woo() -> Iterator[WooCommerceStandIn]:
    with WooCommerceStandIn() as stand_in:
        yield stand_in


def begun(stage: Stage, shop: str = SHOP) -> str:
    """The state that Shopify is asked to bring back."""
    answer = stage.client.get("/install/shopify", query_string={"shop": shop})
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]


def signed(query: Mapping[str, str], secret: str = SECRET) -> dict[str, str]:
    """A query with its `hmac`, as Shopify writes it."""

    def escaped(text: str) -> str:
        return text.replace("%", "%25").replace("&", "%26")

    pairs = [
        f"{escaped(name).replace('=', '%3D')}={escaped(value)}" for name, value in query.items()
    ]
    message = "&".join(sorted(pairs)).encode(errors="replace")
    return {**query, "hmac": hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}


def callback(stage: Stage, state: str, secret: str = SECRET, **changed: str) -> TestResponse:
    query = {
        "code": "c0de",
        "host": "YWRtaW4",
        "shop": SHOP,
        "state": state,
        "timestamp": str(int(stage.clock().timestamp())),
    } | changed
    return stage.client.get("/install/shopify/callback", query_string=signed(query, secret))


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
    assert (answer.status_code, "connected" in answer.text) == (200, True)
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
    assert callback(stage, state).status_code == 200


def test_a_state_is_good_once(a_stage: Made, wire: Wire) -> None:
    stage = a_stage(SHOPIFY_HOST_OVERRIDE=wire.url)
    state = begun(stage)
    wire.says(GRANT)
    assert callback(stage, state).status_code == 200
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


# -- WooCommerce ----------------------------------------------------------------------------------


def begun_woo(stage: Stage, address: str) -> dict[str, list[str]]:
    answer = stage.client.get("/install/woocommerce", query_string={"shop": address})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{address}/wc-auth/v1/authorize?")
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def keys_of(woo: WooCommerceStandIn, state: str) -> dict[str, Any]:
    return {
        "key_id": 5,
        "user_id": state,
        "consumer_key": woo.key.consumer_key,
        "consumer_secret": woo.key.consumer_secret,
        "key_permissions": "read_write",
    }


def test_the_shops_own_keys_connect_it(a_stage: Made, woo: WooCommerceStandIn) -> None:
    stage = a_stage(ALLOW_PRIVATE_SHOPS="1")
    asked = begun_woo(stage, woo.address)
    assert asked["callback_url"] == ["https://relance.example/install/woocommerce/callback"]
    assert asked["scope"] == ["read_write"]
    keys = keys_of(woo, asked["user_id"][0])
    assert stage.client.post("/install/woocommerce/callback", json=keys).status_code == 200
    shop = stage.the_shop()
    kept = shops.credentials_of(stage.tools.keys, shop)
    assert (shop.address, kept["consumer_key"]) == (woo.address, woo.key.consumer_key)
    assert len(kept["webhook_secret"]) >= 32
    assert kept["webhook_secret"] != kept["plugin_secret"]


def test_keys_that_the_shop_does_not_accept_connect_nothing(
    a_stage: Made, woo: WooCommerceStandIn
) -> None:
    stage = a_stage(ALLOW_PRIVATE_SHOPS="1")
    state = begun_woo(stage, woo.address)["user_id"][0]
    keys = keys_of(woo, state) | {"consumer_secret": "cs_" + "0" * 40}
    assert stage.client.post("/install/woocommerce/callback", json=keys).status_code == 502
    assert stage.count("shops") == 0


def test_keys_that_nobody_waits_for_are_401(a_stage: Made, woo: WooCommerceStandIn) -> None:
    stage = a_stage(ALLOW_PRIVATE_SHOPS="1")
    state = begun_woo(stage, woo.address)["user_id"][0]
    door = "/install/woocommerce/callback"
    assert stage.client.post(door, json=keys_of(woo, "guessed")).status_code == 401
    assert stage.client.post(door, json=keys_of(woo, "\ud800")).status_code == 401
    assert stage.client.post(door, json=keys_of(woo, state)).status_code == 200
    assert stage.client.post(door, json=keys_of(woo, state)).status_code == 401


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://pots.example",
        "https://somebody:secret@127.0.0.1",
        "http://127.0.0.1:8000",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0",
        "http://10.0.0.1",
        "http://localhost",
    ],
)
def test_our_own_network_is_no_shop(stage: Stage, address: str) -> None:
    answer = stage.client.get("/install/woocommerce", query_string={"shop": address})
    assert answer.status_code == 400
    assert stage.count("installs") == 0


def test_an_address_longer_than_any_is_told_so(a_stage: Made) -> None:
    stage = a_stage(ALLOW_PRIVATE_SHOPS="1")
    long = {"shop": f"https://127.0.0.1/{'a' * 300}"}
    assert stage.client.get("/install/woocommerce", query_string=long).status_code == 400


def test_without_https_of_our_own_the_page_says_so(a_stage: Made) -> None:
    stage = a_stage(ALLOW_PRIVATE_SHOPS="1", PUBLIC_URL="http://127.0.0.1:8000")
    answer = stage.client.get("/install/woocommerce", query_string={"shop": "http://127.0.0.1"})
    assert (answer.status_code, "PUBLIC_URL" in answer.text) == (503, True)


def came_back(stage: Stage, state: str, success: str = "1") -> TestResponse:
    query = {"success": success, "user_id": state}
    return stage.client.get("/install/woocommerce/done", query_string=query)


def test_the_merchant_who_comes_back_gets_the_plugin_and_a_code_for_it(
    a_stage: Made, woo: WooCommerceStandIn
) -> None:
    stage = a_stage(ALLOW_PRIVATE_SHOPS="1")
    state = begun_woo(stage, woo.address)["user_id"][0]
    stage.client.post("/install/woocommerce/callback", json=keys_of(woo, state))
    page = came_back(stage, state)
    assert (page.status_code, "/plugin/relance.zip" in page.text) == (200, True)
    (code,) = re.findall(r">https://relance.example/pair/([\w-]+)<", page.text)
    escaped = quote(f"https://relance.example/pair/{code}", safe="")
    link = f"{woo.address}/wp-admin/admin.php?page=relance&amp;code={escaped}"
    assert f'href="{link}"' in page.text
    found = stage.database.run(lambda db: pairings.look(db, code, stage.clock()))
    assert found is not None and found.shop_id == stage.the_shop().id
    assert page.headers["Cache-Control"] == "no-store"


def test_before_the_keys_are_there_the_page_says_so(a_stage: Made, woo: WooCommerceStandIn) -> None:
    stage = a_stage(ALLOW_PRIVATE_SHOPS="1")
    state = begun_woo(stage, woo.address)["user_id"][0]
    page = came_back(stage, state)
    assert ("have not come in yet" in page.text, "/pair/" in page.text) == (True, False)
    again = re.findall(r'href="(/install/[^"]+)"', page.text)
    assert again == [f"/install/woocommerce/done?success=1&amp;user_id={state}"]
    assert stage.count("pairings") == 0


def test_another_browser_or_another_install_gets_no_code(
    a_stage: Made, woo: WooCommerceStandIn
) -> None:
    stage = a_stage(ALLOW_PRIVATE_SHOPS="1")
    state = begun_woo(stage, woo.address)["user_id"][0]
    stage.client.post("/install/woocommerce/callback", json=keys_of(woo, state))
    own, stage.client = stage.client, stage.app.test_client()
    assert "/pair/" not in came_back(stage, state).text
    # Everybody may begin an install of that shop; keys that it does not accept connect nothing.
    stage.clock.forward(seconds=1)
    theirs = begun_woo(stage, woo.address)["user_id"][0]
    wrong = keys_of(woo, theirs) | {"consumer_secret": "cs_" + "0" * 40}
    assert "have not come in yet" in came_back(stage, theirs).text
    assert stage.client.post("/install/woocommerce/callback", json=wrong).status_code == 502
    assert "have not come in yet" in came_back(stage, theirs).text
    assert stage.count("pairings") == 0
    stage.client = own
    stage.clock.forward(minutes=60)
    assert "/pair/" not in came_back(stage, state).text, "an install ends after an hour"


def test_whoever_comes_back_from_nowhere_reads_nothing_of_a_shop(stage: Stage) -> None:
    for query in ("success=1", "success=1&user_id=x", "success=1&user_id=%ED%A0%80"):
        page = stage.client.get(f"/install/woocommerce/done?{query}")
        assert (page.status_code, "in which the connection was begun" in page.text) == (200, True)
    assert "nothing was connected" in came_back(stage, "x", success="0").text


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
    assert answer.status_code in (401, 502)
