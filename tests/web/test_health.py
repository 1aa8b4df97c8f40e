"""Signs of life, and what operators watch."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from recovery import pulses
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
    assert all(re.fullmatch(r'[a-z_]+(\{[a-z]+="\w+"\})? [-+.\deE]+|\S+ nan', x) for x in lines)
    assert 'relance_carts{state="open"} 1' in lines
    assert "relance_clock_last_tick_age_seconds 0" in lines
    assert "relance_unread_requests 0" in lines


def test_metrics_name_nobody(stage: Stage) -> None:
    shop = stage.a_shopify_shop()
    now = stage.clock()
    record(stage.database, shop, a_cart(now, shopper=a_shopper(now, phone=SHOPPER)), now=now)
    text = stage.client.get("/metrics").text
    personal = (shop.name, shop.address, shop.key, SHOPPER[1:], "ana@example.com", "Ana")
    assert not any(part in text for part in personal)


def test_every_answer_tells_browsers_to_be_careful(stage: Stage) -> None:
    for path in ("/healthz", "/r/nothing", "/no/such/page"):
        headers = stage.client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_an_address_that_is_none_has_a_page_in_words(stage: Stage) -> None:
    answer = stage.client.get("/no/such/page")
    assert (answer.status_code, "nothing at this address" in answer.text) == (404, True)
    assert stage.client.get("/hooks/shopify").status_code == 405
