"""Webhooks of shops: who is believed, what is stored, and what becomes of the rest."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DataError

import logs
from connectors.registry import Outside
from recovery import leaving_shops, tables
from recovery.states import CartState
from tests.connectors.shopify_words import PREVIOUS, recording
from tests.connectors.woocommerce_recordings import FOLDER
from tests.web.stage import Stage, settings_for
from worker.reading_again import read_again
from worker.tools import Tools as WorkerTools

CHECKOUT = "checkouts_update_2026-07"
NONCE = "3f0b9c1d2e4a5968"
CARTS = (FOLDER / "plugin-carts.json").read_bytes()


def checkout(**changed: Any) -> dict[str, Any]:
    return recording(CHECKOUT) | changed


def read_again_here(stage: Stage) -> str:
    """What `python -m worker read-again` does and says."""
    settings = settings_for(stage.tools.database.url)
    outside = Outside(settings.shop_options(), settings.messenger_options())
    unused: Any = None  # reading needs no Redis
    return read_again(
        WorkerTools(
            database=stage.database,
            redis=unused,
            outside=outside,
            keys=stage.tools.keys,
            now=stage.clock,
            public_url=settings.public_url,
        )
    )


@contextmanager
def a_database_that_refuses(stage: Stage, bad: Callable[[str, str], bool]) -> Iterator[None]:
    """As long as this lasts, it takes no statement that is `bad` by its words and values."""

    def refuse(_line: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if bad(statement, repr(values)):
            raise DataError(statement, None, ValueError("out of range"))

    engine = stage.database.engine
    event.listen(engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", refuse)


# -- Shopify ---------------------------------------------------------------------------------


def test_a_genuine_checkout_is_stored_before_the_answer(stage: Stage) -> None:
    stage.a_shopify_shop()
    answer = stage.shopify_sends("checkouts/update", checkout())
    assert (answer.status_code, answer.text) == (200, "stored")
    (cart,) = stage.rows("carts")
    assert cart.state == CartState.OPEN
    assert json.loads(cart.raw)["token"] == checkout()["token"]
    (shop,) = stage.rows("shops")
    assert shop.last_webhook_at == stage.clock()


def test_the_same_webhook_twice_is_one_cart(stage: Stage) -> None:
    stage.a_shopify_shop()
    for _ in range(3):
        assert stage.shopify_sends("checkouts/update", checkout()).status_code == 200
    assert stage.count("carts") == 1


def test_a_forged_webhook_is_401_and_changes_nothing(stage: Stage) -> None:
    stage.a_shopify_shop()
    assert stage.shopify_sends("checkouts/update", checkout(), "wrong").status_code == 401
    unsigned = stage.client.post("/hooks/shopify", data=json.dumps(checkout()))
    assert unsigned.status_code == 401
    assert stage.count("carts") == stage.count("unread") == 0


@pytest.mark.parametrize("topic", ["customers/redact", "shop/redact", "customers/data_request"])
def test_a_forged_compliance_webhook_is_401_too(stage: Stage, topic: str) -> None:
    stage.a_shopify_shop()
    assert stage.shopify_sends(topic, {"shop_domain": "x"}, "wrong").status_code == 401


def test_during_a_rotation_the_previous_secret_is_still_good(stage: Stage) -> None:
    stage.a_shopify_shop()
    assert stage.shopify_sends("checkouts/update", checkout(), PREVIOUS).text == "stored"


def test_a_webhook_of_a_shop_we_do_not_know_is_200_and_changes_nothing(stage: Stage) -> None:
    answer = stage.shopify_sends("checkouts/update", checkout())
    assert (answer.status_code, answer.text) == (200, "not for us")
    nobody = {"X-Shopify-Shop-Domain": "evil.example/?x="}
    assert stage.shopify_sends("checkouts/update", checkout(), **nobody).status_code == 200
    assert stage.count("carts") == stage.count("unread") == 0


def test_a_topic_we_do_not_read_is_200_and_not_kept(stage: Stage) -> None:
    stage.a_shopify_shop()
    answer = stage.shopify_sends("locations/create", {"id": 1})
    assert (answer.status_code, answer.text) == (200, "not for us")
    assert stage.count("unread") == 0


def test_an_order_closes_its_cart_by_the_same_door(stage: Stage) -> None:
    stage.a_shopify_shop()
    stage.shopify_sends("checkouts/update", checkout(token="tok-1", cart_token="crt-1"))
    order = recording("orders_paid_2026-07") | {"checkout_token": "tok-1", "cart_token": "crt-1"}
    assert stage.shopify_sends("orders/paid", order).text == "stored"
    (cart,) = stage.rows("carts")
    (stored,) = stage.rows("orders")
    assert (cart.state, stored.cart_id) == (CartState.ORDERED, cart.id)


def test_a_genuine_but_unreadable_webhook_is_200_and_kept(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    shop = stage.a_shopify_shop()
    body = json.dumps(checkout(line_items="torn")).encode()
    answer = stage.shopify_sends("checkouts/update", body)
    assert (answer.status_code, answer.text) == (200, "kept, not understood")
    (kept,) = stage.rows("unread")
    assert (kept.body, kept.shop_id, kept.read_at) == (body, shop.id, None)
    assert json.loads(kept.headers)["X-Shopify-Topic"] == "checkouts/update"
    told = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(told) == 1
    line = logs.JsonLines().format(told[0])
    person = checkout()
    assert person["email"] not in line
    assert str(person["phone"]) not in line


def test_what_no_database_holds_is_200_and_kept(stage: Stage) -> None:
    stage.a_shopify_shop()
    answer = stage.shopify_sends("checkouts/update", checkout(total_price="5000000000000000.00"))
    assert (answer.status_code, answer.text) == (200, "kept, not understood")
    (kept,) = stage.rows("unread")
    assert "refused" in kept.error and b"5000000000000000.00" in kept.body
    assert stage.count("carts") == 0


def test_what_was_kept_is_read_once_the_reader_understands_it(stage: Stage) -> None:
    stage.a_shopify_shop()
    stage.shopify_sends("checkouts/update", b"{not json")
    assert read_again_here(stage) == "0 read, 1 still unread"
    # As if the reader had been mended: the body is one that it understands by now.
    change = tables.unread.update().values(body=json.dumps(checkout()).encode())
    stage.database.run(lambda db: db.execute(change))
    assert read_again_here(stage) == "1 read, 0 still unread"
    assert read_again_here(stage) == "0 read, 0 still unread"
    assert stage.count("carts") == 1


def test_a_fault_of_ours_is_500_so_that_the_webhook_comes_again(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.a_shopify_shop()
    with stage.without_table("carts"):
        answer = stage.shopify_sends("checkouts/update", checkout())
    assert answer.status_code == 500
    assert not any(checkout()["email"] in logs.JsonLines().format(each) for each in caplog.records)
    assert stage.shopify_sends("checkouts/update", checkout()).text == "stored"
    assert stage.count("carts") == 1


def test_an_uninstalled_shop_is_marked_and_its_keys_are_gone(stage: Stage) -> None:
    stage.a_shopify_shop()
    told = {"X-Shopify-Triggered-At": stage.clock().isoformat()}
    assert stage.shopify_sends("app/uninstalled", {"id": 1}, **told).text == "stored"
    (shop,) = stage.rows("shops")
    assert (shop.state, shop.credentials) == ("uninstalled", "")


def test_an_uninstalled_shop_is_erased_though_nobody_asks(stage: Stage) -> None:
    """Shopify's request 48 hours later may be lost like any other."""
    stage.a_shopify_shop()
    stage.shopify_sends("checkouts/update", checkout())
    told = {"X-Shopify-Triggered-At": stage.clock().isoformat()}
    stage.shopify_sends("app/uninstalled", {"id": 1}, **told)
    for days, state in ((6, "uninstalled"), (2, "erased")):
        now = stage.clock.forward(hours=24 * days)
        stage.database.run(lambda db, now=now: leaving_shops.sweep(db, now))
        assert stage.the_shop().state == state
    assert [row.email for row in stage.rows("carts")] == [None]


def test_of_a_shop_that_left_nothing_is_stored_but_what_the_law_asks_for(stage: Stage) -> None:
    """It left by our own page: the app is still there, and Shopify goes on telling of carts."""
    shop = stage.a_shopify_shop()
    stage.shopify_sends("checkouts/update", checkout())
    stage.database.run(lambda db: leaving_shops.leave(db, shop, stage.clock()))
    stage.tools.forget()
    assert stage.shopify_sends("checkouts/update", checkout(id=7, token="7")).text == "not for us"
    assert stage.shopify_sends("orders/create", {"id": "odd"}).text == "not for us"
    assert (stage.count("carts"), stage.count("unread")) == (1, 0)
    assert stage.shopify_sends("customers/redact", recording("customers_redact_2026-07")).text == (
        "stored"
    )
    assert [row.kind for row in stage.rows("privacy_receipts")] == ["erase"]
    stage.clock.forward(hours=49)
    stage.database.run(lambda db: leaving_shops.sweep(db, stage.clock()))
    assert stage.shopify_sends("checkouts/update", checkout()).status_code == 200
    assert [row.email for row in stage.rows("carts")] == [None]
    assert stage.count("shoppers") == 0


def test_a_body_larger_than_we_take_is_413(stage: Stage) -> None:
    stage.a_shopify_shop()
    assert stage.shopify_sends("checkouts/update", b" " * (1024 * 1024 + 1)).status_code == 413


# -- WooCommerce --------------------------------------------------------------------------------


def test_the_ping_of_a_new_webhook_is_200_for_anybody(stage: Stage) -> None:
    for key in ("pots", "nobody"):
        answer = stage.woocommerce_sends("ping", key)
        assert (answer.status_code, answer.text) == (200, "pong")
    assert stage.count("carts") == 0


def test_an_order_that_waits_for_payment_is_a_cart(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    assert stage.woocommerce_sends("order-updated-pending-guest").text == "stored"
    (cart,) = stage.rows("carts")
    assert cart.phone == "+4915123456789"
    assert cart.way_back.startswith("https://pots.example/")


def test_a_woocommerce_webhook_under_another_secret_is_401(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    wrong = {"X-WC-Webhook-Signature": "QftDM3IPN8RbYVakOebMMUUBFm5LcWkEe00sNZ8D7VB="}
    assert stage.woocommerce_sends("order-updated-pending-guest", **wrong).status_code == 401
    assert stage.woocommerce_sends("order-updated-pending-guest", "nobody").status_code == 401
    assert stage.count("carts") == 0


def test_a_key_of_another_platform_opens_no_door(stage: Stage) -> None:
    shop = stage.a_shopify_shop()
    assert stage.woocommerce_sends("order-updated-pending-guest", shop.key).status_code == 401
    assert stage.client.post(f"/hooks/sandbox/{shop.key}", data=b"{}").status_code == 401


def test_an_error_delivered_in_place_of_an_order_is_kept(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    assert stage.woocommerce_sends("order-updated-without-rights").text == "kept, not understood"
    assert stage.count("unread") == 1


# -- the WordPress plugin --------------------------------------------------------------------------


def test_the_plugins_carts_come_in(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    assert stage.plugin_sends(CARTS, NONCE).text == "stored"
    (cart,) = stage.rows("carts")
    assert cart.way_back == "https://pots.example/?relance_restore=Vq3rT8yLw0ZpXc5N"


def test_a_nonce_is_good_once_and_used_up_only_by_what_was_stored(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    with stage.without_table("carts"):
        assert stage.plugin_sends(CARTS, NONCE).status_code == 500
    assert stage.plugin_sends(CARTS, NONCE).text == "stored"
    assert stage.plugin_sends(CARTS, NONCE).text == "seen before"
    assert stage.count("carts") == 1


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_request_of_another_time_is_401(stage: Stage, minutes: int) -> None:
    stage.a_woocommerce_shop()
    sent_at = stage.clock()
    stage.clock.forward(minutes=minutes)
    assert stage.plugin_sends(CARTS, NONCE, sent_at).status_code == 401
    assert stage.count("carts") == stage.count("nonces") == 0


def test_another_secret_or_shop_is_401_at_the_plugins_door(stage: Stage) -> None:
    assert stage.plugin_sends(CARTS, NONCE).status_code == 401
    stage.a_woocommerce_shop()
    assert stage.plugin_sends(CARTS, NONCE, secret="thorn").status_code == 401
    assert stage.count("carts") == 0


def test_a_plugin_body_kept_unread_is_read_again_by_the_plugins_own_reader(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    assert stage.plugin_sends(b'{"version": 2}', NONCE).text == "kept, not understood"
    assert read_again_here(stage) == "0 read, 1 still unread"
    change = tables.unread.update().values(body=CARTS)
    stage.database.run(lambda db: db.execute(change))
    assert read_again_here(stage) == "1 read, 0 still unread"
    assert stage.count("carts") == 1


def plugin_post(**changed: Any) -> bytes:
    """Three carts; the second one is changed."""
    whole = json.loads(CARTS)
    first = whole["carts"][0] | {"order_id": None}
    carts = [first | {"key": f"made-up-key-{number}"} for number in range(3)]
    carts[1] |= changed
    return json.dumps(whole | {"carts": carts, "customers": []}).encode()


def test_half_a_character_in_a_coupon_costs_no_cart(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    assert stage.plugin_sends(plugin_post(coupons=["BACK\ud83d\x0010"]), NONCE).text == "stored"
    assert [row.discount_codes for row in stage.rows("carts")] == ["back10", "back?10", "back10"]


def test_an_entry_that_cannot_be_read_costs_only_itself(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    bad = [{"title": "Screw", "quantity": 2_000_000, "total": "2.00"}]
    body = plugin_post(lines=bad)
    answer = stage.plugin_sends(body, NONCE)
    assert (answer.status_code, answer.text) == (200, "kept, not understood")
    assert {row.key[-1] for row in stage.rows("carts")} == {"0", "2"}
    (kept,) = stage.rows("unread")
    left = json.loads(kept.body)
    assert [cart["key"] for cart in left["carts"]] == ["made-up-key-1"]
    assert read_again_here(stage) == "0 read, 1 still unread"


def test_a_no_thanks_beside_an_unreadable_cart_is_obeyed(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    stage.plugin_sends(plugin_post(), NONCE)
    assert all(row.email for row in stage.rows("carts"))
    whole = json.loads(plugin_post(lines=[{"quantity": 0}]))
    whole["carts"][2] = {
        "key": "made-up-key-2",
        "changed_at": whole["carts"][2]["changed_at"],
        "deleted": True,
        "forget": True,
    }
    stage.plugin_sends(json.dumps(whole).encode(), NONCE + "b")
    known = {row.key[-1]: row.email for row in stage.rows("carts")}
    assert known["2"] is None and known["0"] is not None


def test_the_plugin_can_tell_our_answer_from_a_parked_page(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    assert stage.plugin_sends(CARTS, NONCE).headers["X-Relance"] == "1"


def test_what_cannot_be_read_is_kept_once_however_often_it_is_played_again(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    said = [stage.plugin_sends(b'{"version": 7}', NONCE).text for _ in range(3)]
    assert said == ["kept, not understood", "seen before", "seen before"]
    assert stage.count("unread") == 1


def test_a_cart_that_the_database_refuses_costs_the_others_nothing(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    body = plugin_post(coupons=["unfit"])
    with a_database_that_refuses(
        stage, lambda words, sent: "unread" not in words and "unfit" in sent
    ):
        answer = stage.plugin_sends(body, NONCE)
        assert (answer.status_code, answer.text) == (200, "kept, not understood")
        assert stage.plugin_sends(body, NONCE).text == "seen before"
    assert {row.key[-1] for row in stage.rows("carts")} == {"0", "2"}
    (kept,) = stage.rows("unread")
    assert (kept.door, kept.body, kept.error) == ("plugin", body, "refused: DataError")
    assert read_again_here(stage) == "1 read, 0 still unread"
    assert stage.count("carts") == 3


def test_a_signed_post_of_the_plugin_is_its_sign_of_life_and_a_forged_one_is_not(
    stage: Stage,
) -> None:
    stage.a_woocommerce_shop()
    stage.plugin_sends(b"{}", "a-nonce-of-some-length", secret="another")
    assert stage.rows("shops")[0].plugin_seen_at is None
    stage.plugin_sends(b"{}", "a-nonce-of-some-length")
    assert stage.rows("shops")[0].plugin_seen_at == stage.clock()
