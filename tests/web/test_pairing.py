"""Joining a plugin to its shop: who gets the secret, and who does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from recovery import pairings, shops, tables
from recovery.shops import ShopRow
from tests.connectors.pairing_shop import NONCE, PairingShop, a_pairing_shop
from tests.web.stage import PLUGIN_SECRET, Stage
from web import pairing

Made = Callable[..., Stage]


@pytest.fixture
def wordpress() -> Iterator[PairingShop]:
    with a_pairing_shop() as opened:
        yield opened


@pytest.fixture
def stage(a_stage: Made) -> Stage:
    return a_stage(ALLOW_PRIVATE_SHOPS="1")


@pytest.fixture
def shop(stage: Stage, wordpress: PairingShop) -> ShopRow:
    """A shop that is connected at the address where its WordPress lives."""
    return connected(stage, wordpress.address)


def connected(stage: Stage, address: str) -> ShopRow:
    shop = stage.a_woocommerce_shop()
    move = update(tables.shops).where(tables.shops.c.id == shop.id).values(address=address)
    stage.database.run(lambda db: db.execute(move))
    return stage.the_shop()


def a_code(stage: Stage, shop: ShopRow) -> str:
    return stage.database.run(lambda db: pairings.begin(db, shop.id, stage.clock()))


def pair(
    stage: Stage, code: str, address: str, nonce: str = NONCE, language: str = "en", **more: Any
) -> TestResponse:
    body = {"version": 1, "code": code, "address": address, "nonce": nonce} | more
    return stage.client.post("/pair", json=body, headers={"Accept-Language": language})


def is_good(stage: Stage, code: str) -> bool:
    return stage.database.run(lambda db: pairings.look(db, code, stage.clock())) is not None


def test_a_shop_that_confirms_gets_its_key_its_name_and_its_secret(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    code = a_code(stage, shop)
    wordpress.waits_for(NONCE)
    answer = pair(stage, code, wordpress.address)
    given = {"shop": "pots", "name": "Teapots & Co", "secret": PLUGIN_SECRET}
    assert (answer.status_code, answer.json) == (200, given)
    assert answer.headers["Cache-Control"] == "no-store"
    assert not is_good(stage, code)


def test_the_plugin_can_tell_our_answers_from_anybody_elses(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    code = a_code(stage, shop)
    answers = [
        stage.client.post("/pair", data=b"not this form"),
        pair(stage, "a-code-that-nobody-made", wordpress.address),
        pair(stage, code, "https://another.example"),
        pair(stage, code, wordpress.address),
    ]
    wordpress.waits_for(NONCE)
    answers.append(pair(stage, code, wordpress.address))
    assert [answer.status_code for answer in answers] == [400, 404, 409, 502, 200]
    assert {answer.headers.get("X-Relance") for answer in answers} == {"1"}


def test_a_code_pairs_once(stage: Stage, shop: ShopRow, wordpress: PairingShop) -> None:
    code = a_code(stage, shop)
    wordpress.waits_for(NONCE)
    assert pair(stage, code, wordpress.address).status_code == 200
    again = pair(stage, code, wordpress.address)
    assert (again.status_code, list(again.json or {})) == (404, ["error"])


def test_what_the_plugin_was_given_opens_its_door(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    wordpress.waits_for(NONCE)
    given = pair(stage, a_code(stage, shop), wordpress.address).json
    assert given is not None
    sent = stage.plugin_sends(b'{"version":1}', "3f0b9c1d2e4a5968", secret=given["secret"])
    assert (sent.status_code, sent.text) == (200, "not for us")


def test_a_shop_without_a_secret_gets_one_and_keeps_its_keys(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    keys = {"consumer_key": "ck_1", "webhook_secret": "tea"}
    stage.database.run(lambda db: shops.keep_credentials(db, stage.tools.keys, shop, keys))
    wordpress.waits_for(NONCE)
    given = pair(stage, a_code(stage, shop), wordpress.address).json
    assert given is not None and len(given["secret"]) > 30
    kept = shops.credentials_of(stage.tools.keys, stage.the_shop())
    assert kept == keys | {"plugin_secret": given["secret"]}


def test_whoever_only_has_the_code_gets_nothing(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    code = a_code(stage, shop)
    answer = pair(stage, code, wordpress.address)
    assert (answer.status_code, list(answer.json or {})) == (502, ["error"])
    wordpress.waits_for("f" * 32)  # the merchant pairs just now, by another nonce
    assert pair(stage, code, wordpress.address).status_code == 502
    assert is_good(stage, code), "a slip costs no new code"
    assert PLUGIN_SECRET not in answer.text


def test_another_shop_cannot_be_joined_to_it_though_it_shows_the_proof(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    wordpress.waits_for(NONCE)
    code = a_code(stage, shop)
    answer = pair(stage, code, "https://victim.example")
    assert (answer.status_code, wordpress.asked) == (409, [])
    assert wordpress.address not in answer.text
    assert is_good(stage, code)


def test_a_shop_is_paired_by_another_of_its_names_but_asked_at_the_one_we_hold(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    wordpress.waits_for(NONCE)
    mine = tables.shops.update().where(tables.shops.c.id == shop.id)
    with stage.database.transaction() as db:
        db.execute(mine.values(other_addresses="https://front.example"))
    assert pair(stage, a_code(stage, shop), "https://front.example").status_code == 200
    assert wordpress.asked


def test_the_shop_is_asked_at_the_address_that_we_know(
    stage: Stage, wordpress: PairingShop
) -> None:
    with a_pairing_shop() as ours:
        shop = connected(stage, ours.address)
        wordpress.waits_for(NONCE)
        assert pair(stage, a_code(stage, shop), wordpress.address).status_code == 409
        assert (ours.asked, wordpress.asked) == ([], [])


def test_http_and_https_are_told_apart_in_words_when_the_shop_does_not_confirm(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    code = a_code(stage, shop)
    secure = wordpress.address.replace("http:", "https:")
    answer = pair(stage, code, secure)
    assert answer.status_code == 502
    assert answer.json is not None
    assert wordpress.address in answer.json["error"] and secure in answer.json["error"]
    wordpress.waits_for(NONCE)
    assert pair(stage, code, secure).status_code == 200


def test_a_code_is_over_after_five_tries_that_were_not_confirmed(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    code = a_code(stage, shop)
    assert [pair(stage, code, wordpress.address).status_code for _ in range(6)] == [
        *[502] * 5,
        404,
    ]
    wordpress.waits_for(NONCE)
    assert pair(stage, code, wordpress.address).status_code == 404
    assert len(wordpress.asked) == 5


def test_another_shops_address_costs_no_try(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    code = a_code(stage, shop)
    for _ in range(9):
        assert pair(stage, code, "https://victim.example").status_code == 409
    wordpress.waits_for(NONCE)
    assert pair(stage, code, wordpress.address).status_code == 200


def test_a_code_that_is_over_is_404(stage: Stage, shop: ShopRow, wordpress: PairingShop) -> None:
    code = a_code(stage, shop)
    wordpress.waits_for(NONCE)
    stage.clock.forward(hours=24)
    assert pair(stage, code, wordpress.address).status_code == 404
    assert pair(stage, "q" * 32, wordpress.address).status_code == 404
    assert wordpress.asked == []


@pytest.mark.parametrize("changed", [{"state": "uninstalled"}, {"platform": "shopify"}])
def test_a_shop_that_is_not_connected_cannot_be_paired(
    stage: Stage, shop: ShopRow, wordpress: PairingShop, changed: dict[str, str]
) -> None:
    code = a_code(stage, shop)
    wordpress.waits_for(NONCE)
    change = tables.shops.update().values(**changed)
    stage.database.run(lambda db: db.execute(change))
    assert pair(stage, code, wordpress.address).status_code == 404


def test_a_redirect_is_told_and_not_followed(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    wordpress.says(301, b"", Location="https://www.pots.example/?secret=x")
    answer = pair(stage, a_code(stage, shop), wordpress.address)
    assert answer.status_code == 502
    assert answer.json is not None
    assert "https://www.pots.example" in answer.json["error"]
    assert "secret" not in answer.json["error"]


def test_a_private_address_is_not_asked_where_that_is_not_allowed(
    a_stage: Made, wordpress: PairingShop
) -> None:
    stage = a_stage()
    shop = connected(stage, wordpress.address)
    wordpress.waits_for(NONCE)
    assert pair(stage, a_code(stage, shop), wordpress.address).status_code == 502
    assert wordpress.asked == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff", b"[" * 5_000, b'{"version":1}', b"x" * 5_000]
)
def test_rubbish_is_400_in_words(stage: Stage, body: bytes) -> None:
    answer = stage.client.post("/pair", data=body)
    assert (answer.status_code, list(answer.json or {})) == (400, ["error"])


def test_the_merchant_is_answered_in_french(stage: Stage) -> None:
    answer = pair(stage, "q" * 32, "https://pots.example", language="fr-FR,fr;q=0.9")
    assert answer.json == {
        "error": "Ce code est inconnu, déjà utilisé, ou n’est plus valable. Demandez-en un nouveau."
    }


# -- the page ---------------------------------------------------------------------------------


def test_a_code_opened_in_a_browser_says_what_to_do_with_it(stage: Stage, shop: ShopRow) -> None:
    code = a_code(stage, shop)
    page = stage.client.get(f"/pair/{code}")
    assert page.status_code == 200
    assert f"https://relance.example/pair/{code}" in page.text
    assert "/plugin/relance.zip" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "pots.example" not in page.text and shop.address not in page.text
    assert is_good(stage, code), "a look changes nothing"


@pytest.mark.parametrize("code", ["unknown", "%ED%A0%80", "x" * 500])
def test_a_code_that_is_none_says_so(stage: Stage, code: str) -> None:
    page = stage.client.get(f"/pair/{code}", headers={"Accept-Language": "fr"})
    assert (page.status_code, "plus valable" in page.text) == (404, True)


def test_shops_that_answer_slowly_hold_only_two_of_our_threads(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    wordpress.waits_for()
    code = a_code(stage, shop)
    with pairing._ASKING, pairing._ASKING:
        answer = pair(stage, code, wordpress.address)
        assert answer.status_code == 429
        assert "try again" in answer.get_json()["error"]
    assert pair(stage, code, wordpress.address).status_code == 200


# -- what a person reads ------------------------------------------------------------------------


def test_hosts_are_shown_in_ascii_whatever_is_posted_or_held(
    stage: Stage, wordpress: PairingShop
) -> None:
    shop = connected(stage, "http://p\u043ets.example")  # a Cyrillic o
    with stage.app.test_request_context():
        page = pairing.step_two(shop).get_data(as_text=True)
    assert "http://xn--pts-sed.example/wp-admin/" in page
    assert "\u043e" not in page
    answer = pair(stage, a_code(stage, shop), "https://p\u043ets.example")
    assert answer.status_code == 409  # what is held should have been clean: it is no such shop


def test_an_address_that_turns_the_writing_is_400(stage: Stage, shop: ShopRow) -> None:
    answer = pair(stage, a_code(stage, shop), "https://pots.example/\u202e")
    assert (answer.status_code, "\u202e" in answer.text) == (400, False)


def test_the_name_is_given_without_what_turns_the_writing(
    stage: Stage, shop: ShopRow, wordpress: PairingShop
) -> None:
    rename = update(tables.shops).values(name="Teapots\u202e & Co")
    stage.database.run(lambda db: db.execute(rename))
    wordpress.waits_for(NONCE)
    answer = pair(stage, a_code(stage, shop), wordpress.address)
    assert (answer.json or {})["name"] == "Teapots & Co"
