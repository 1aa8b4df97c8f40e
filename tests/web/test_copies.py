"""A staging copy of a shop sends us the shop's webhooks, rightly signed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from recovery import tables, tidying
from tests.web.stage import Stage

ORDER = "order-updated-pending-guest"
COPY = {"X-WC-Webhook-Source": "https://staging.pots.example/"}


def set_shop(stage: Stage, **values: Any) -> None:
    stage.database.run(lambda db: db.execute(update(tables.shops).values(**values)))


def next_poll(stage: Stage) -> datetime:
    found: datetime = stage.rows("shops")[0].next_poll_at
    return found


def a_polled_shop(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    now = stage.clock()
    set_shop(
        stage,
        next_poll_at=now + timedelta(minutes=4),
        last_poll_at=now - timedelta(minutes=1, seconds=1),
    )


def tidy(stage: Stage) -> None:
    stage.database.run(lambda db: tidying.tidy(db, stage.clock()))


def test_what_a_copy_sends_is_not_mixed_in_and_the_merchant_knows(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    answer = stage.woocommerce_sends(ORDER, **COPY)
    assert (answer.status_code, answer.text) == (200, "another shop's")
    assert stage.woocommerce_sends("customer-updated", **COPY).text == "another shop's"
    assert not any(stage.count(name) for name in ("orders", "carts", "shoppers", "unread"))
    (notice,) = stage.rows("notices")
    assert (notice.subject, notice.shop_id) == ("shop.1.copy", 1)
    assert "https://staging.pots.example," in notice.words
    assert "(https://pots.example)" in notice.words


def test_the_shops_own_are_stored_as_ever(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    assert stage.woocommerce_sends(ORDER).text == "stored"
    www = {"X-WC-Webhook-Source": "http://www.pots.example"}
    assert stage.woocommerce_sends("order-created-completed", **www).text == "stored"
    assert stage.count("notices") == 0


def test_a_forged_one_leaves_no_notice(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    wrong = COPY | {"X-WC-Webhook-Signature": "bm90aGluZw=="}
    assert stage.woocommerce_sends(ORDER, **wrong).status_code == 401
    assert stage.count("notices") == 0


def test_the_shop_itself_is_asked_at_once_lest_the_order_was_its_own(stage: Stage) -> None:
    a_polled_shop(stage)
    stage.woocommerce_sends(ORDER, **COPY)
    assert next_poll(stage) == stage.clock()


def test_a_copys_flood_does_not_have_the_shop_asked_all_the_time(stage: Stage) -> None:
    a_polled_shop(stage)
    later = stage.clock() + timedelta(minutes=4)
    set_shop(stage, last_poll_at=stage.clock() - timedelta(seconds=59))
    stage.woocommerce_sends(ORDER, **COPY)
    assert next_poll(stage) == later
    set_shop(stage, last_poll_at=stage.clock() - timedelta(hours=1), poll_failures=1)
    stage.woocommerce_sends(ORDER, **COPY)
    assert next_poll(stage) == later


def test_the_notice_ends_a_week_after_the_last(stage: Stage) -> None:
    stage.a_woocommerce_shop()
    stage.woocommerce_sends(ORDER, **COPY)
    stage.clock.forward(days=6)
    stage.woocommerce_sends(ORDER, **COPY)
    stage.clock.forward(days=6)
    tidy(stage)
    assert stage.rows("notices")[0].over_at is None
    stage.clock.forward(days=2)
    tidy(stage)
    assert stage.rows("notices")[0].over_at == stage.clock()
    stage.woocommerce_sends(ORDER, **COPY)
    assert stage.rows("notices")[0].over_at is None
