"""The sandbox phone's pages, the doors for programs, and the corner of the clock."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from connectors.sandbox.delivery import Hooks
from connectors.sandbox.phones import EXAMPLES, SPECIAL_ENDINGS, e164, made_up
from connectors.sandbox.server import create_sandbox
from connectors.sandbox.store import Store
from connectors.sandbox.words import ENGLISH
from tests.connectors.sandbox.stage import (
    BEARER,
    NOW,
    PHONE,
    SECRET,
    Clock,
    checkouts,
    leave_a_cart,
    page,
    put_text,
    told,
)


def test_an_empty_phone_says_what_to_do(browser: FlaskClient) -> None:
    assert ENGLISH["phone_empty_hint"] in page(browser, "/phone").replace("&#39;", "'")


def test_texts_are_shown_newest_last_with_their_state_and_tappable_links(
    app: Flask, browser: FlaskClient
) -> None:
    put_text(app, "+33612345678", "First")
    put_text(app, "+33612345678", "See <b>it</b>: http://us.test/r/abc")
    shown = page(browser, "/phone/screen")
    assert shown.index("First") < shown.index("See")
    assert '<a href="http://us.test/r/abc"' in shown and "&lt;b&gt;" in shown
    assert "SANDBOX" in shown and "Delivered" in shown


def test_a_text_is_not_shown_as_delivered_before_it_is(store: Store, clock: Clock) -> None:
    hooks = Hooks("http://us.test", "demo")
    slow = create_sandbox(store, hooks, SECRET, clock, "http://shop.test", receipt_after=60)
    put_text(slow, "+33612345678")
    shown = page(slow.test_client(), "/phone/screen")
    assert "Sent" in shown and "Delivered" not in shown


def test_several_phones_are_told_apart_and_can_be_picked(app: Flask, browser: FlaskClient) -> None:
    put_text(app, "+33612345678", "To Ada")
    put_text(app, "+4915228817386", "To Grace")
    assert "To Grace" in page(browser, "/phone")
    picked = page(browser, "/phone/pick?number=%2B33612345678")
    assert "To Ada" in picked and "To Grace" not in picked
    assert "To Ada" in page(browser, "/phone/screen")


def test_the_phone_is_that_of_the_number_left_in_this_browser(
    app: Flask, browser: FlaskClient
) -> None:
    put_text(app, "+4915228817386", "To Grace")
    leave_a_cart(browser)
    shown = page(browser, "/phone/screen")
    assert "+33 6 12 34 56 78" in shown and ENGLISH["phone_waiting_hint"] in shown
    assert "To Grace" not in shown


def test_a_reply_is_told_and_shown(app: Flask, store: Store, browser: FlaskClient) -> None:
    put_text(app, "+33612345678")
    browser.post("/phone/reply", data={"number": "+33612345678", "text": " STOP "})
    topic, content = told(store)[-1]
    assert topic == "messages/inbound"
    assert (content["from"], content["to"], content["text"]) == ("+33612345678", "SANDBOX", "STOP")
    assert "STOP" in page(browser, "/phone/screen")


def test_nobody_can_reply_on_a_phone_without_texts(store: Store, browser: FlaskClient) -> None:
    answer = browser.post("/phone/reply", data={"number": "+33612345678", "text": "STOP"})
    assert (answer.status_code, told(store)) == (404, [])


def test_texts_can_be_read_by_a_program_that_knows_the_secret(app: Flask) -> None:
    put_text(app, "+33612345678")
    path = "/api/texts?number=%2B33612345678"
    (text,) = app.test_client().get(path, headers=BEARER).json["texts"]
    assert (text["text"], text["state"], text["inbound"]) == ("Hello", "delivered", False)


@pytest.mark.parametrize("path", ["/api/changes", "/api/texts"])
@pytest.mark.parametrize("claimed", ["", "Bearer", "Bearer wrong", f"Basic {SECRET}", "Bearer é"])
def test_a_program_without_the_secret_learns_nothing(app: Flask, path: str, claimed: str) -> None:
    answer = app.test_client().get(path, headers={"Authorization": claimed})
    assert answer.status_code == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"to": 7}', b"\xff"])
@pytest.mark.parametrize("path", ["/api/messages", "/api/coupons"])
def test_a_program_that_writes_nonsense_is_refused(app: Flask, path: str, body: bytes) -> None:
    answer = app.test_client().post(path, data=body, headers=BEARER)
    assert answer.status_code == 422


# The clock.


def test_the_clock_is_shown_and_moved_forward(browser: FlaskClient, clock: Clock) -> None:
    assert "2026-11-20 12:00 UTC" in page(browser, "/")
    moved = browser.post("/time/forward", data={"step": "day"}, follow_redirects=True)
    assert clock.at == NOW + timedelta(days=1) and "2026-11-21 12:00 UTC" in moved.text
    assert browser.post("/time/forward", data={"step": "year"}).status_code == 404


def moved(browser: FlaskClient, step: str) -> str:
    """What the page says after that button."""
    shown = browser.post("/time/forward", data={"step": step}, follow_redirects=True).text
    return shown.partition('role="status">')[2].partition("</p>")[0].replace("&#39;", "'")


def test_moving_the_time_says_when_no_text_was_due(app: Flask, browser: FlaskClient) -> None:
    assert moved(browser, "day") == ENGLISH["time_moved_idly"]
    leave_a_cart(browser)
    assert moved(browser, "hour") == ENGLISH["time_moved"]
    put_text(app, "+33612345678")
    assert moved(browser, "hour") == ENGLISH["time_moved_idly"]


def test_moving_the_time_says_when_that_made_the_text_too_late(browser: FlaskClient) -> None:
    leave_a_cart(browser)
    assert moved(browser, "day") == ENGLISH["time_moved_too_far"]
    assert moved(browser, "day") == ENGLISH["time_moved_idly"]


@pytest.mark.parametrize("given", [{"sms": False}, {"phone": ""}, {"phone": "12"}])
def test_no_text_is_due_for_a_cart_that_may_not_be_texted(
    browser: FlaskClient, given: dict[str, object]
) -> None:
    leave_a_cart(browser, **given)
    assert moved(browser, "hour") == ENGLISH["time_moved_idly"]


def test_no_text_is_due_once_the_cart_is_ordered_or_its_number_answered_stop(
    app: Flask, browser: FlaskClient, clock: Clock
) -> None:
    leave_a_cart(browser)
    browser.post("/order", data={"phone": PHONE, "sms": "yes"})
    assert moved(browser, "hour") == ENGLISH["time_moved_idly"]
    put_text(app, "+33612345678")
    answer(browser, "STOP")
    clock.forward(60)
    leave_a_cart(browser)
    assert moved(browser, "hour") == ENGLISH["time_moved_idly"]
    answer(browser, "START")
    assert moved(browser, "hour") == ENGLISH["time_moved"]


def test_a_clock_that_may_not_be_moved_has_no_buttons(store: Store) -> None:
    hooks, now = Hooks("http://us.test", "demo"), lambda: NOW
    fixed = create_sandbox(store, hooks, SECRET, now, "http://shop.test").test_client()
    assert "/time/forward" not in page(fixed, "/")
    assert fixed.post("/time/forward", data={"step": "hour"}).status_code == 404


def test_everything_is_still_there_after_a_restart(
    app: Flask, tmp_path: Path, browser: FlaskClient, clock: Clock
) -> None:
    key = leave_a_cart(browser)
    put_text(app, "+33612345678")
    hooks = Hooks("http://us.test", "demo")
    again = create_sandbox(
        Store(tmp_path / "sandbox.db"), hooks, SECRET, clock, "http://shop.test", receipt_after=0
    )
    assert "Hello" in page(again.test_client(), "/phone/screen")
    assert "Stoneware mug" in page(again.test_client(), f"/cart/{key}/recover")
    assert checkouts(again) == checkouts(app)


def test_a_sandbox_without_a_secret_does_not_start(store: Store) -> None:
    with pytest.raises(ValueError, match="secret"):
        create_sandbox(store, Hooks("http://us.test", "demo"), "", lambda: NOW, "http://shop.test")


# Where a newcomer gets stuck.


def answer(browser: FlaskClient, text: str) -> None:
    browser.post("/phone/reply", data={"number": "+33612345678", "text": text})


def test_the_phone_says_that_its_number_answered_stop_until_it_answers_start(
    app: Flask, browser: FlaskClient
) -> None:
    put_text(app, "+33612345678", "Reply STOP to opt out")
    assert ENGLISH["stopped"] not in page(browser, "/phone")
    answer(browser, "stop please")
    answer(browser, "Thank you")
    assert ENGLISH["stopped"] in page(browser, "/phone")
    answer(browser, "START")
    assert ENGLISH["stopped"] not in page(browser, "/phone/screen")


def test_leaving_with_a_number_that_answered_stop_promises_no_text(
    app: Flask, browser: FlaskClient
) -> None:
    put_text(app, "+33612345678")
    answer(browser, "STOP")
    leave_a_cart(browser)
    start = browser.post("/leave", data={"phone": PHONE, "sms": "yes"}, follow_redirects=True)
    assert ENGLISH["left_stopped"] in start.text and ENGLISH["left"] not in start.text


def test_the_phone_shows_the_time_of_the_shop_and_names_its_zone(
    app: Flask, browser: FlaskClient
) -> None:
    put_text(app, "+33612345678")
    shown = page(browser, "/phone/screen")
    assert shown.count(">13:00</time>") == 2 and "Europe/Paris" in shown


@pytest.mark.parametrize("country", EXAMPLES)
def test_a_made_up_number_is_another_one_each_time_and_an_ordinary_one(country: str) -> None:
    typed = {made_up(country) for _ in range(300)}
    numbers = {e164(each, country) for each in typed}
    assert len(numbers) > 20 and None not in numbers
    assert not any(str(each).endswith(SPECIAL_ENDINGS) for each in numbers)
