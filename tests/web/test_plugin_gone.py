"""The plugin's last word when it is deleted: nothing leaves any more, and the merchant is told."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from connectors.woocommerce.plugin import CARTS, GONE, PRIVACY, signature
from recovery import held
from tests.web.stage import PLUGIN_SECRET, Stage
from tests.web.test_merchant_door import a_browser, get, mark, post

BODY = b'{"version":1}'


def goes(
    stage: Stage, nonce: str = "3f0b9c1d2e4a5968", door: str = GONE, secret: str = PLUGIN_SECRET
) -> TestResponse:
    stamp = str(int(stage.clock().timestamp()))
    headers = {
        "X-Relance-Timestamp": stamp,
        "X-Relance-Nonce": nonce,
        "X-Relance-Signature": signature(secret, stamp, nonce, BODY, door),
    }
    return stage.client.post("/hooks/woocommerce/pots/gone", data=BODY, headers=headers)


def standing(stage: Stage) -> list[str]:
    return [row.subject for row in stage.rows("notices") if row.over_at is None]


def test_sending_is_paused_at_once_and_the_merchant_sees_why(stage: Stage) -> None:
    shop = stage.a_woocommerce_shop()
    answer = goes(stage)
    assert (answer.status_code, answer.headers["X-Relance"]) == (200, "1")
    assert stage.the_shop().held == held.PAUSED
    assert standing(stage) == [f"shop.{shop.id}.plugin_gone"]
    browser = a_browser(stage, shop)
    assert "All sending is paused." in get(browser, f"/shops/{shop.key}/").text
    post(browser, f"/shops/{shop.key}/start/on", form=mark(browser))


def test_its_next_sign_of_life_ends_the_notice_and_switches_nothing_on(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    goes(stage)
    stage.clock.forward(minutes=11)
    stamp, body = str(int(stage.clock().timestamp())), b'{"version":1,"carts":[]}'
    headers = {
        "X-Relance-Timestamp": stamp,
        "X-Relance-Nonce": "aaaaaaaaaaaaaaaa",
        "X-Relance-Signature": signature(PLUGIN_SECRET, stamp, "aaaaaaaaaaaaaaaa", body),
    }
    stage.client.post("/hooks/woocommerce/pots/carts", data=body, headers=headers)
    assert standing(stage) == []
    assert stage.the_shop().held == held.PAUSED


def test_a_shop_that_never_began_stays_as_it_is(stage: Stage) -> None:
    stage.a_woocommerce_shop(held=held.NEW)
    assert goes(stage).status_code == 200
    assert stage.the_shop().held == held.NEW


@pytest.mark.parametrize(
    "wrong", [{"door": CARTS}, {"door": PRIVACY}, {"secret": "thorn"}, {"nonce": "short"}]
)
def test_what_was_signed_otherwise_pauses_nobody(stage: Stage, wrong: dict[str, str]) -> None:
    stage.a_woocommerce_shop()
    assert goes(stage, **wrong).status_code == 401  # type: ignore[arg-type]
    assert stage.the_shop().held == ""


def test_a_replay_after_on_pauses_nobody(stage: Stage) -> None:
    shop = stage.a_woocommerce_shop()
    goes(stage)
    stage.database.run(lambda db: held.switch_on(db, shop.id, stage.clock()))
    assert goes(stage).status_code == 401
    assert stage.the_shop().held == ""


def test_it_opens_not_the_door_of_the_carts(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    stamp = str(int(stage.clock().timestamp()))
    headers = {
        "X-Relance-Timestamp": stamp,
        "X-Relance-Nonce": "3f0b9c1d2e4a5968",
        "X-Relance-Signature": signature(PLUGIN_SECRET, stamp, "3f0b9c1d2e4a5968", BODY, GONE),
    }
    for played in (BODY, b"gone." + BODY):
        answer = stage.client.post("/hooks/woocommerce/pots/carts", data=played, headers=headers)
        assert answer.status_code == 401
