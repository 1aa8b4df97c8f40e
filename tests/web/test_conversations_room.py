"""Conversations: who waits, what was said, and an answer that leaves once, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from recovery import accounts, handing_out, receipts, reminders, tables, threads
from recovery.letters import Letter
from recovery.model import PrivacyRequest, Receipt, Reply
from recovery.reminders import Outcome
from recovery.shops import ShopRow
from tests.recovery.stories import PHONE, a_cart, a_shopper, know_orders, record
from tests.web.stage import PLUGIN_SECRET, SENDER, Stage
from tests.web.test_merchant_door import a_browser, get, mark, post

ONCE = "a-form-of-its-own"
NASTY = "<img src=x onerror=alert(1)> Bonjour"


@pytest.fixture
def shop(stage: Stage) -> ShopRow:
    """A French shop whose reminder to Anabella was sent an hour after she left."""
    account = stage.an_account()
    shop = stage.a_woocommerce_shop(
        account_id=account.id,
        country="FR",
        timezone="Europe/Paris",
        merchant_email="m@pots.example",
    )
    ana = a_shopper(stage.clock(), customer_key="c-ana")
    record(stage.database, shop, a_cart(stage.clock(), shopper=ana), now=stage.clock())
    know_orders(stage.database, shop, stage.clock())
    settle(stage, stage.what_leaves_after_an_hour(account))
    return shop


def settle(stage: Stage, letters: list[Letter]) -> None:
    done = [
        Outcome(each.reminder_id, "accept", stage.clock(), f"p{each.reminder_id}")
        for each in letters
    ]
    stage.database.run(lambda db: reminders.settle(db, done, stage.clock()))


def says(stage: Stage, text: str, phone: str = PHONE) -> int:
    """A shopper writes; the id of their reply."""
    account, now = stage.rows("accounts")[0], stage.clock.forward(minutes=1)
    reply = Reply(f"r{now.isoformat()}", phone.lstrip("+"), SENDER.lstrip("+"), text, now)

    def work(db: Any) -> None:
        known = accounts.by_id(db, account.id)
        assert known is not None
        receipts.record_reply(db, known, reply, now)

    stage.database.run(work)
    return int(stage.rows("replies")[-1].id)


def page(browser: FlaskClient, shop: ShopRow, path: object = "") -> str:
    answer = get(browser, f"/shops/{shop.key}/conversations/{path}")
    assert answer.status_code == 200
    return str(answer.text)


def send(browser: FlaskClient, shop: ShopRow, path: str, **fields: str):  # type: ignore[no-untyped-def]
    return post(browser, f"/shops/{shop.key}/conversations/{path}", form=mark(browser), **fields)


def answer(browser: FlaskClient, shop: ShopRow, reply: int, text: str, once: str = ONCE):  # type: ignore[no-untyped-def]
    return send(browser, shop, f"{reply}/answer", text=text, once=once)


def leaves(stage: Stage) -> list[Letter]:
    """What a worker would hand to the provider now."""
    now = stage.clock()
    letters: list[Letter] = []
    for batch in stage.database.run(lambda db: handing_out.hand_out(db, now)):
        ids, number = list(batch.reminder_ids), batch.account_id
        claimed = stage.database.run(lambda db, n=number, i=ids: reminders.claim(db, n, i, now))
        if claimed is not None:
            letters += stage.database.run(
                lambda db, c=claimed: reminders.examine(db, c, stage.tools.public_url, now)
            )
    return letters


def answers(stage: Stage) -> list[Any]:
    return [row for row in stage.rows("reminders") if row.programme == "answer"]


def test_nobody_waits_at_first(stage: Stage, shop: ShopRow) -> None:
    text = page(a_browser(stage, shop), shop)
    assert "Nobody waits for an answer." in text
    assert "When somebody answers a text of yours" in text and "m@pots.example" in text


def test_who_waits_longest_stands_first_and_stops_wait_for_nobody(
    stage: Stage, shop: ShopRow
) -> None:
    says(stage, "Livrez-vous en Suisse ?")
    says(stage, "Bonjour ?", "+33698765432")
    says(stage, "STOP", "+33698765433")
    text = page(a_browser(stage, shop), shop)
    waiting, others = text.split("Others")
    assert waiting.index("Livrez-vous") < waiting.index("Bonjour ?")
    assert "STOP" in others and "STOP" not in waiting


def test_a_thread_shows_both_sides_and_its_cart_and_the_look_is_noted(
    stage: Stage, shop: ShopRow
) -> None:
    reply = says(stage, NASTY)
    sent = stage.rows("reminders")[0].text
    owner = a_browser(stage, shop)
    text = page(owner, shop, reply)
    assert NASTY not in text and "&lt;img src=x" in text
    token = sent.partition("/r/")[2].split()[0]
    assert token and token not in text and "[their own link]" in text
    assert text.index(str(escape(sent.split(" http")[0]))) < text.index("&lt;img")
    assert f"/carts/{stage.rows('carts')[0].id}" in text
    page(owner, shop, reply)
    assert [(row.what, row.key) for row in stage.rows("looks")] == [("conversation", str(reply))]


def test_an_answer_leaves_once_however_often_it_is_sent(stage: Stage, shop: ShopRow) -> None:
    reply = says(stage, "Livrez-vous en Suisse ?")
    owner = a_browser(stage, shop)
    for _ in range(2):
        assert answer(owner, shop, reply, "Oui, en 3 jours.\r\nÀ bientôt").status_code == 302
    (letter,) = leaves(stage)
    assert letter.message.text == "Oui, en 3 jours.\nÀ bientôt"
    assert (letter.message.recipient, letter.message.sender) == (PHONE, SENDER)
    text = page(owner, shop, reply)
    assert "on its way" in text and "Done" in text
    settle(stage, [letter])
    assert "accepted by the provider; whether it arrived is not known" in page(owner, shop, reply)
    came = Receipt(f"p{letter.reminder_id}", "delivered", stage.clock(), str(letter.reminder_id))

    def arrive(db: Any) -> bool:
        account = accounts.by_name(db, "service")
        assert account is not None
        return receipts.record_receipt(db, account, came, stage.clock())

    assert stage.database.run(arrive)
    assert "arrived" in page(owner, shop, reply)
    assert leaves(stage) == []
    assert PHONE in {row.address for row in stage.rows("pauses") if row.lifted_at is None}
    assert "Nobody waits for an answer." in page(owner, shop)
    assert "Livrez-vous" in page(owner, shop)


def test_a_stop_between_the_look_and_the_send_refuses_with_words(
    stage: Stage, shop: ShopRow
) -> None:
    reply = says(stage, "Bonjour ?")
    owner = a_browser(stage, shop)
    assert "Your answer, by SMS" in page(owner, shop, reply)
    says(stage, "STOP")
    refused = answer(owner, shop, reply, "Bonjour !")
    assert refused.status_code == 422
    assert "This person wants no more texts" in refused.text and "Bonjour !" in refused.text
    assert answers(stage) == []


def test_a_stop_after_the_send_was_pressed_still_wins(stage: Stage, shop: ShopRow) -> None:
    reply = says(stage, "Bonjour ?")
    owner = a_browser(stage, shop)
    answer(owner, shop, reply, "Bonjour !")
    says(stage, "STOP")
    assert leaves(stage) == []
    assert [row.state for row in answers(stage)] == ["skipped"]
    assert "asked for no more messages on this channel" in page(owner, shop, reply)


def test_after_a_day_nothing_is_answered_by_text(stage: Stage, shop: ShopRow) -> None:
    reply = says(stage, "Bonjour ?")
    owner = a_browser(stage, shop)
    stage.clock.forward(hours=25)
    text = page(owner, shop, reply)
    assert "more than 24 hours ago" in text and "Your answer, by SMS" not in text
    assert answer(owner, shop, reply, "Bonjour !").status_code == 422
    assert answers(stage) == []


def test_at_night_the_page_says_when_it_leaves(stage: Stage, shop: ShopRow) -> None:
    stage.clock.forward(hours=7)  # 23:00 in Paris
    reply = says(stage, "Bonjour ?")
    owner = a_browser(stage, shop)
    assert "Your answer leaves at 08:00." in page(owner, shop, reply)
    answer(owner, shop, reply, "Bonjour !")
    assert leaves(stage) == []
    stage.clock.at = answers(stage)[0].due_at + timedelta(seconds=1)
    assert len(leaves(stage)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "Write something"), (" \n", "Write something"), ("ê" * 300, "too long")],
)
def test_what_cannot_be_sent_is_told_at_the_field(
    stage: Stage, shop: ShopRow, text: str, words: str
) -> None:
    reply = says(stage, "Bonjour ?")
    refused = answer(a_browser(stage, shop), shop, reply, text)
    assert (refused.status_code, words in refused.text) == (422, True)
    assert "aria-invalid" in refused.text and text in refused.text


def test_characters_and_parts_are_counted_as_one_types(stage: Stage, shop: ShopRow) -> None:
    owner = a_browser(stage, shop)
    assert (
        "Characters: 3 · SMS: 1 · left in this one: 157"
        in send(owner, shop, "count", text="Oui").text
    )
    assert "These characters make it longer: ê" in send(owner, shop, "count", text="ê" * 100).text
    assert "<html" not in send(owner, shop, "count", text="").text


def test_what_needs_no_answer_is_done_and_may_wait_again(stage: Stage, shop: ShopRow) -> None:
    reply = says(stage, "Merci !")
    owner = a_browser(stage, shop)
    send(owner, shop, f"{reply}/done")
    assert "Nobody waits" in page(owner, shop)
    assert stage.rows("forwards")[0].done_by == 1
    send(owner, shop, f"{reply}/undo")
    assert "Nobody waits" not in page(owner, shop)
    send(owner, shop, f"{reply}/done")
    says(stage, "Et la taille ?")
    assert "Nobody waits" not in page(owner, shop)


def test_a_reader_reads_and_does_nothing(stage: Stage, shop: ShopRow) -> None:
    reply = says(stage, "Bonjour ?")
    a_browser(stage, shop)
    reader = a_browser(stage, shop, "8", "fedcba9876543210")
    text = page(reader, shop, reply)
    assert "Bonjour ?" in text and PHONE not in text and "Your answer" not in text
    assert PHONE not in page(reader, shop)
    assert answer(reader, shop, reply, "x").status_code == 403
    for path in (f"{reply}/done", f"{reply}/undo", "count"):
        assert send(reader, shop, path).status_code == 403
    assert answers(stage) == []


def test_another_shops_conversation_is_nowhere(stage: Stage, shop: ShopRow) -> None:
    reply = says(stage, "Bonjour ?")
    secrets = {"webhook_secret": "x", "plugin_secret": PLUGIN_SECRET}
    other = stage._a_shop("woocommerce", "https://cups.example", secrets, {"key": "cups"})
    stranger = a_browser(stage, other, nonce="fedcba9876543210")
    for number in (reply, 2**70):
        path = f"/shops/{other.key}/conversations/{number}"
        assert get(stranger, path).status_code == 404
        assert answer(stranger, other, number, "x").status_code == 404
        for what in ("done", "undo"):
            assert send(stranger, other, f"{number}/{what}").status_code == 404
    assert "Bonjour" not in page(stranger, other)
    assert answers(stage) == []


def test_an_answer_to_who_was_erased_does_not_leave(stage: Stage, shop: ShopRow) -> None:
    reply = says(stage, "Bonjour ?")
    owner = a_browser(stage, shop)
    answer(owner, shop, reply, "Bonjour Anabella !")
    ana = a_shopper(stage.clock(), customer_key="c-ana")
    record(stage.database, shop, PrivacyRequest("erase", ana), now=stage.clock())
    assert leaves(stage) == []
    assert [(row.text, row.recipient) for row in answers(stage)] == [(None, None)]
    assert get(owner, f"/shops/{shop.key}/conversations/{reply}").status_code == 404
    assert "Bonjour" not in page(owner, shop)


def test_a_form_without_its_own_mark_is_not_taken(stage: Stage, shop: ShopRow) -> None:
    reply = says(stage, "Bonjour ?")
    owner = a_browser(stage, shop)
    for once in ("", "é" * 10, "x" * 41):
        assert answer(owner, shop, reply, "Bonjour", once).status_code == 400
    assert answers(stage) == []


@pytest.mark.parametrize("what", ["done", "answer"])
def test_what_comes_while_a_page_is_open_still_waits(
    stage: Stage, shop: ShopRow, what: str
) -> None:
    """Said to be done, or answered, is what stood on the page."""
    seen = says(stage, "Livrez-vous en Suisse ?")
    owner = a_browser(stage, shop)
    says(stage, "Et annulez ma commande, vite !")
    send(owner, shop, f"{seen}/{what}", text="Oui.", once=ONCE)
    assert [row.done_at is None for row in stage.rows("forwards")] == [False, True]
    assert "annulez" in page(owner, shop).split("Others")[0]


def test_replies_of_one_second_are_all_found_page_by_page(
    stage: Stage, shop: ShopRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        says(stage, "STOP", f"+3369876543{number}")
    moment = stage.clock()
    stage.database.run(lambda db: db.execute(tables.replies.update().values(at=moment)))
    monkeypatch.setattr(threads, "MOST", 2)
    seen: list[str] = []
    more: int | None = None
    for _page in range(3):
        found, more = stage.database.run(lambda db, m=more: threads.others(db, shop.id, m))
        seen += [head.sender for head in found]
    assert more is None
    assert sorted(seen) == [f"+3369876543{number}" for number in range(5)]
