"""Signs of life, and what operators watch."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from recovery import figures, pulses, shops, tables
from recovery.model import Origin
from recovery.shops import ShopRow
from tests.recovery.stories import a_cart, a_shopper, record
from tests.web.stage import SHOPPER, Stage


def test_a_process_that_answers_is_up_whatever_else_is_down(stage: Stage) -> None:
    with stage.without_table("pulses"):
        assert stage.client.get("/healthz").text == "up"


def test_without_redis_or_a_clock_it_is_not_ready_and_says_which(stage: Stage) -> None:
    answer = stage.client.get("/readyz")
    assert answer.status_code == 503
    said = answer.get_json()
    assert said["ready"] is False
    assert said["database"]["ok"] is True
    assert said["redis"] == {"ok": False, "says": "REDIS_URL is not set"}
    assert said["clock"] == {"ok": False, "says": "the clock has never ticked"}


@pytest.mark.parametrize(("seconds", "ticks"), [(0, True), (29, True), (31, False)])
def test_a_clock_that_stopped_half_a_minute_ago_is_told(
    stage: Stage, seconds: int, ticks: bool
) -> None:
    then = stage.clock() - timedelta(seconds=seconds)
    stage.database.run(lambda db: pulses.beat(db, "clock", then))
    said = stage.client.get("/readyz").get_json()["clock"]
    assert (said["ok"], said["last_tick"]) == (ticks, then.isoformat())


def test_a_database_that_does_not_answer_is_503_and_no_crash(stage: Stage) -> None:
    with stage.without_table("pulses"):
        answer = stage.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["database"]["ok"] is False


def test_metrics_are_lines_that_prometheus_reads(stage: Stage) -> None:
    shop = stage.a_shopify_shop(any_hour=True)
    now = stage.clock()
    cart = a_cart(now, shopper=a_shopper(now, phone=SHOPPER))
    record(stage.database, shop, cart, now=now)
    stage.database.run(lambda db: pulses.beat(db, "clock", now))
    answer = stage.client.get("/metrics")
    assert answer.mimetype == "text/plain"
    lines = answer.text.splitlines()
    line = r'[a-z_]+(\{[a-z]+="[\w-]+"\})? [-+.\deE]+|\S+ nan|# TYPE [a-z_]+ gauge'
    assert all(re.fullmatch(line, each) for each in lines)
    types = [each for each in lines if each.startswith("#")]
    assert len(types) == len(set(types))  # each before the first line of its name, once
    assert 'relance_carts{state="open"} 1' in lines
    assert "relance_clock_last_tick_age_seconds 0" in lines
    assert "relance_unread_requests 0" in lines


def test_metrics_name_nobody(stage: Stage) -> None:
    shop = stage.a_shopify_shop()
    now = stage.clock()
    record(stage.database, shop, a_cart(now, shopper=a_shopper(now, phone=SHOPPER)), now=now)
    for text in (stage.client.get("/metrics").text, stage.client.get("/readyz").text):
        personal = (shop.name, shop.address, SHOPPER[1:], "ana@example.com", "Ana")
        assert not any(part in text for part in personal)
        assert shop.key in text  # public: it stands in the addresses of webhooks


def test_bots_and_what_no_shopper_made_count_apart_from_carts(stage: Stage) -> None:
    shop = stage.a_shopify_shop()
    now = stage.clock()
    bot = a_shopper(now, email="john@example.com", phone=None)
    record(stage.database, shop, a_cart(now, "token:1"), now=now)
    record(stage.database, shop, a_cart(now, "token:2", shopper=bot), now=now)
    record(stage.database, shop, a_cart(now, "token:3", origin=Origin.API), now=now)
    record(stage.database, shop, a_cart(now, "token:4", origin=Origin.SUBSCRIPTION), now=now)
    lines = stage.client.get("/metrics").text.splitlines()
    assert [x for x in lines if x.startswith("relance_carts{") and not x.endswith(" 0")] == [
        'relance_carts{state="open"} 1'
    ]
    assert 'relance_carts_left_out{why="bot"} 1' in lines
    assert 'relance_carts_left_out{why="origin"} 2' in lines


def planned(stage: Stage, shop: ShopRow, number: int, state: str, **more: Any) -> None:
    now = stage.clock()
    record(stage.database, shop, a_cart(now, f"token:{number}"), now=now)
    values = {
        "id": number,
        "shop_id": shop.id,
        "cart_id": stage.rows("carts", "id")[-1].id,
        "programme": "cart",
        "step": 1,
        "channel": "sms",
        "state": state,
        "due_at": now,
        "latest_at": now,
        "created_at": now,
    }
    new = tables.reminders.insert().values(values | more)
    stage.database.run(lambda db: db.execute(new))


def test_sends_are_told_by_their_outcome_in_both(stage: Stage) -> None:
    shop = stage.a_shopify_shop()
    now = stage.clock()
    for number, state in enumerate(["sent", "sent", "failed", "unconfirmed", "scheduled"], 2):
        planned(stage, shop, number, state)
    for number, reasons in enumerate((["stopped"], ["stopped", "no_consent"]), 7):
        planned(stage, shop, number, "skipped", reasons=json.dumps(reasons))
    planned(stage, shop, 1, "delivered", created_at=now - timedelta(hours=25))  # not of today
    said = stage.client.get("/readyz").get_json()["reminders"]
    assert (said["due"], said["counted_seconds"]) == (1, 86_400)
    assert {name: many for name, many in said["by_state"].items() if many} == {
        "sent": 2,
        "failed": 1,
        "unconfirmed": 1,
        "scheduled": 1,
        "skipped": 2,
    }
    assert said["skipped_for"] == {"stopped": 2, "no_consent": 1}
    lines = stage.client.get("/metrics").text.splitlines()
    told = ('{state="sent"} 2', '{state="failed"} 1', '{state="delivered"} 0')
    assert all(f"relance_reminders{each}" in lines for each in told)
    assert 'relance_reminders_skipped{why="stopped"} 2' in lines
    assert "relance_due_reminders 1" in lines
    assert 'relance_counted_seconds{of="reminders"} 86400' in lines


def test_of_very_many_only_the_latest_are_counted_and_it_says_how_far_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "_MOST", 2)
    shop = stage.a_shopify_shop()
    for number, minutes in enumerate([50, 40, 10, 5], 1):
        came = stage.clock() - timedelta(minutes=minutes)
        planned(stage, shop, number, "sent", created_at=came)
    said = stage.client.get("/readyz").get_json()["reminders"]
    assert (said["by_state"]["sent"], said["counted_seconds"]) == (2, 600)


def test_each_shops_last_webhook_and_poll_are_told(stage: Stage) -> None:
    now = stage.clock()
    heard, polled = now - timedelta(seconds=40), now - timedelta(seconds=700)
    shop = stage.a_shopify_shop(last_webhook_at=heard, last_poll_at=polled, poll_failures=2)
    stage.a_woocommerce_shop()  # new: neither yet
    (first, second) = stage.client.get("/readyz").get_json()["shops"]["polled_longest_ago"]
    assert first == {
        "shop": shop.key,
        "last_webhook": heard.isoformat(),
        "last_poll": polled.isoformat(),
        "poll_failures": 2,
    }
    assert (second["shop"], second["last_webhook"], second["last_poll"]) == ("pots", None, None)
    lines = stage.client.get("/metrics").text.splitlines()
    label = f'{{shop="{shop.key}"}}'
    assert f"relance_shop_last_webhook_age_seconds{label} 40" in lines
    assert f"relance_shop_last_poll_age_seconds{label} 700" in lines
    assert f"relance_shop_poll_failures{label} 2" in lines


def test_with_many_shops_readyz_shows_the_worst_twenty_and_metrics_all(stage: Stage) -> None:
    now = stage.clock()
    for number in range(25):
        ago = now - timedelta(seconds=number)
        values = {"key": f"s{number}", "last_poll_at": ago}
        stage.database.run(
            lambda db, n=number, v=values: shops.add(db, "shopify", f"{n}.example", now, **v)
        )
    gone = {"key": "gone", "state": "uninstalled", "last_poll_at": now - timedelta(days=9)}
    stage.database.run(lambda db: shops.add(db, "shopify", "gone.example", now, **gone))
    said = stage.client.get("/readyz").get_json()["shops"]
    assert said["active"] == 25
    assert [each["shop"] for each in said["polled_longest_ago"]] == [
        f"s{number}" for number in range(24, 4, -1)
    ]
    text = stage.client.get("/metrics").text
    assert text.count("relance_shop_last_poll_age_seconds{") == 25


def test_every_answer_tells_browsers_to_be_careful(stage: Stage) -> None:
    for path in ("/healthz", "/r/nothing", "/no/such/page"):
        headers = stage.client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_an_address_that_is_none_has_a_page_in_words(stage: Stage) -> None:
    answer = stage.client.get("/no/such/page")
    assert (answer.status_code, "nothing at this address" in answer.text) == (404, True)
    assert stage.client.get("/hooks/shopify").status_code == 405
