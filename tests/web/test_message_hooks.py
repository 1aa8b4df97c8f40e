"""Webhooks of message providers: receipts, replies, and STOP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recovery import consent, planning, reminders, tables
from recovery.intake import record
from recovery.reasons import Reason, read
from recovery.reminders import Outcome
from recovery.states import ReminderState
from tests.connectors.vonage_account import recording
from tests.recovery.stories import a_cart, a_shopper
from tests.web.stage import SHOPPER, Stage
from tests.web.test_shop_hooks import a_database_that_refuses, read_again_here


def a_text_was_sent(stage: Stage, key: str = "token:c1") -> int:
    """A cart is left, its reminder goes out and is accepted; the reminder's id."""
    (reminder_id,) = a_text_is_leaving(stage, key)
    outcome = Outcome(reminder_id, "accept", stage.clock(), "3c9a1f52-8d0e-4f6b-9c77-5a1e2b6d4f01")
    stage.database.run(lambda db: reminders.settle(db, [outcome], stage.clock()))
    return reminder_id


def a_text_is_leaving(stage: Stage, key: str = "token:c1") -> list[int]:
    account = stage.an_account()
    shop = stage.a_shopify_shop(account_id=account.id, any_hour=True, country="FR", cap_seconds=0)
    begun = stage.clock()
    cart = a_cart(begun, key, shopper=a_shopper(begun, phone=SHOPPER))
    stage.database.run(lambda db: record(db, [(shop, cart)], begun))
    return [letter.reminder_id for letter in stage.what_leaves_after_an_hour(account)]


def receipt(stage: Stage, name: str, reminder_id: int) -> bytes:
    return recording(name, client_ref=str(reminder_id), timestamp=stage.clock().isoformat())


def state_of(stage: Stage, reminder_id: int) -> str:
    (row,) = [row for row in stage.rows("reminders") if row.id == reminder_id]
    return str(row.state)


def reply(text: str, number: int = 1) -> bytes:
    changed = {"from": SHOPPER[1:], "text": text, "message_uuid": f"00000000-0000-{number}"}
    return recording("inbound_stop", **changed)


def test_without_a_signature_the_answer_is_503_and_nothing_changes(stage: Stage) -> None:
    stage.an_account()
    for door in ("status", "inbound"):
        assert stage.client.post(f"/hooks/vonage/{door}", data=b"{}").status_code == 503
    assert stage.count("replies") == stage.count("unread") == 0


@pytest.mark.parametrize("door", ["status", "inbound"])
def test_signed_by_another_it_is_401(stage: Stage, door: str) -> None:
    stage.an_account()
    body = reply("STOP")
    assert stage.vonage_sends(door, body, secret="x" * 40).status_code == 401
    assert stage.vonage_sends(door, body, application="another").status_code == 401
    basic = {"Authorization": "Basic eDp5"}
    assert stage.client.post(f"/hooks/vonage/{door}", headers=basic).status_code == 401
    assert stage.count("suppressions") == 0


def test_a_receipt_moves_the_reminder_that_it_names(stage: Stage) -> None:
    sent = a_text_was_sent(stage)
    answer = stage.vonage_sends("status", receipt(stage, "status_delivered", sent))
    assert (answer.status_code, answer.text) == (200, "noted")
    (row,) = stage.rows("reminders")
    assert (row.state, row.price_currency) == (ReminderState.DELIVERED, "EUR")


def test_receipts_late_twice_and_out_of_order_leave_it_delivered(stage: Stage) -> None:
    sent = a_text_was_sent(stage)
    for name in ("status_delivered", "status_submitted", "status_rejected", "status_delivered"):
        assert stage.vonage_sends("status", receipt(stage, name, sent)).status_code == 200
    assert state_of(stage, sent) == ReminderState.DELIVERED


def test_a_receipt_heals_what_nobody_knew(stage: Stage) -> None:
    (leaving,) = a_text_is_leaving(stage)
    outcome = Outcome(leaving, "lose_track", stage.clock())
    stage.database.run(lambda db: reminders.settle(db, [outcome], stage.clock()))
    assert state_of(stage, leaving) == ReminderState.UNCONFIRMED
    stage.vonage_sends("status", receipt(stage, "status_submitted", leaving))
    assert state_of(stage, leaving) == ReminderState.SENT


def test_a_receipt_of_somebody_elses_message_is_200(stage: Stage) -> None:
    stage.an_account()
    strange = recording("status_delivered", client_ref="999999")
    assert stage.vonage_sends("status", strange).status_code == 200


@pytest.mark.parametrize("word", ["STOP", " stop. ", "Arrêt", "ARRET", "unsubscribe"])
def test_a_stop_holds_before_the_answer_is_given(stage: Stage, word: str) -> None:
    a_text_was_sent(stage)
    assert stage.vonage_sends("inbound", reply(word)).status_code == 200
    (stop,) = stage.rows("suppressions")
    assert (stop.address, stop.source, stop.lifted_at) == (SHOPPER, "reply", None)


def test_a_stop_calls_off_what_is_scheduled(stage: Stage) -> None:
    a_text_was_sent(stage)
    now = stage.clock.forward(hours=1)
    shop = stage.the_shop()
    again = a_cart(now, "token:c2", shopper=a_shopper(now, phone=SHOPPER))
    stage.database.run(lambda db: record(db, [(shop, again)], now))
    now = stage.clock.forward(minutes=31)
    stage.database.run(lambda db: planning.abandon_idle(db, now))
    stage.vonage_sends("inbound", reply("STOP"))
    second = stage.rows("reminders")[-1]
    assert (second.state, read(second.reasons)) == (ReminderState.SKIPPED, [Reason.STOPPED])


def test_start_takes_the_stop_back_and_other_words_change_nothing(stage: Stage) -> None:
    a_text_was_sent(stage)
    stage.vonage_sends("inbound", reply("Is it still there?", 1))
    assert stage.count("suppressions") == 0
    stage.vonage_sends("inbound", reply("STOP", 2))
    stage.vonage_sends("inbound", reply("START", 3))
    (stop,) = stage.rows("suppressions")
    assert stop.lifted_at is not None
    assert stage.count("replies") == 3


def test_the_same_reply_twice_counts_once(stage: Stage) -> None:
    a_text_was_sent(stage)
    stage.vonage_sends("inbound", reply("STOP", 1))
    stage.vonage_sends("inbound", reply("START", 2))
    stage.vonage_sends("inbound", reply("STOP", 1))  # the provider repeats an old one
    (stop,) = stage.rows("suppressions")
    assert stop.lifted_at is not None
    assert stage.count("replies") == 2


def test_a_stop_of_a_number_we_never_wrote_to_holds_for_the_accounts_shops(stage: Stage) -> None:
    account = stage.an_account()
    shop = stage.a_shopify_shop(account_id=account.id)
    stage.vonage_sends("inbound", reply("STOP"))
    key = (shop.id, "sms", SHOPPER)
    assert stage.database.run(lambda db: consent.suppressed(db, {key})) == {key}


@pytest.mark.parametrize(
    ("door", "body"), [("status", b"[]"), ("inbound", b'{"message_uuid": "x", "text": 7}')]
)
def test_what_cannot_be_read_is_200_and_kept(stage: Stage, door: str, body: bytes) -> None:
    account = stage.an_account()
    answer = stage.vonage_sends(door, body)
    assert (answer.status_code, answer.text) == (200, "kept, not understood")
    (kept,) = stage.rows("unread")
    assert (kept.door, kept.body, kept.account_id) == (door, body, account.id)


@pytest.mark.parametrize(
    "usage",
    [
        {"price": "1e30", "currency": "EUR"},
        {"price": "1e999999", "currency": "EUR"},
        {"price": "0.07", "currency": "EUROS"},
    ],
)
def test_a_receipt_with_a_price_beyond_belief_counts_without_it(
    stage: Stage, usage: dict[str, str]
) -> None:
    sent = a_text_was_sent(stage)
    told = json.loads(receipt(stage, "status_delivered", sent)) | {"usage": usage}
    answer = stage.vonage_sends("status", json.dumps(told).encode())
    assert (answer.status_code, answer.text) == (200, "noted")
    (row,) = stage.rows("reminders")
    assert (row.state, row.price, row.price_currency) == (ReminderState.DELIVERED, None, None)


@pytest.mark.parametrize("name", ["x" * 81, "x" * 5000, "", None, 7])
def test_a_stop_holds_whatever_its_id(stage: Stage, name: object) -> None:
    a_text_was_sent(stage)
    for text in ("Is it still there?", "STOP"):  # the same id but for its end is another reply
        mine = f"{name}{text}" if name and isinstance(name, str) else name
        told = json.loads(reply(text)) | {"message_uuid": mine}
        answer = stage.vonage_sends("inbound", json.dumps(told).encode())
        assert (answer.status_code, answer.text) == (200, "noted")
    assert (stage.count("suppressions"), stage.count("replies")) == (1, 2)


@pytest.mark.parametrize("door", ["status", "inbound"])
def test_what_the_database_refuses_is_200_and_kept(stage: Stage, door: str) -> None:
    sent = a_text_was_sent(stage)
    told = receipt(stage, "status_delivered", sent) if door == "status" else reply("STOP")
    table = {"status": "UPDATE reminders", "inbound": "INTO replies"}[door]
    with a_database_that_refuses(stage, lambda statement, _: table in statement):
        answer = stage.vonage_sends(door, told)
    assert (answer.status_code, answer.text) == (200, "kept, not understood")
    (kept,) = stage.rows("unread")
    assert (kept.door, kept.body, kept.error) == (door, told, "refused: DataError")
    assert read_again_here(stage) == "1 read, 0 still unread"


def test_a_stop_dated_in_the_future_can_be_taken_back(stage: Stage) -> None:
    a_text_was_sent(stage)
    far = {"timestamp": "9999-12-31T00:00:00Z"}
    stop = json.loads(reply("STOP", 1)) | far
    stage.vonage_sends("inbound", json.dumps(stop).encode())
    (held,) = stage.rows("suppressions")
    assert (held.at, held.lifted_at) == (stage.clock(), None)
    now = stage.clock.forward(minutes=1)
    start = json.loads(reply("START", 2)) | {"timestamp": now.isoformat()}
    stage.vonage_sends("inbound", json.dumps(start).encode())
    (held,) = stage.rows("suppressions")
    assert held.lifted_at == now
    assert max(row.at for row in stage.rows("replies")) == now


def test_a_stop_that_was_kept_unread_holds_once_it_is_read_again(stage: Stage) -> None:
    a_text_was_sent(stage)
    stage.vonage_sends("inbound", b'{"text": "STOP"}')
    assert read_again_here(stage) == "0 read, 1 still unread"
    whole: dict[str, Any] = json.loads(reply("STOP"))
    change = tables.unread.update().values(body=json.dumps(whole).encode())
    stage.database.run(lambda db: db.execute(change))
    assert read_again_here(stage) == "1 read, 0 still unread"
    assert stage.count("suppressions") == 1


def test_a_receipt_that_was_kept_unread_moves_its_reminder_once_it_is_read_again(
    stage: Stage,
) -> None:
    sent = a_text_was_sent(stage)
    stage.vonage_sends("status", b"torn")
    change = tables.unread.update().values(body=receipt(stage, "status_delivered", sent))
    stage.database.run(lambda db: db.execute(change))
    assert read_again_here(stage) == "1 read, 0 still unread"
    assert state_of(stage, sent) == ReminderState.DELIVERED
