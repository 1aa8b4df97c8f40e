"""Connecting a WooCommerce shop: away to the shop and back, and the keys that it posts."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from recovery import pairings, shops
from tests.standins.woocommerce import WooCommerceStandIn
from tests.web.installs import begun_woo, keys_of
from tests.web.stage import Stage

Made = Callable[..., Stage]


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
