"""The sandbox's inbox: what arrives, how it is shown, and the one click out of it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from connectors.protocols import AccountStopped, Refused
from connectors.sandbox import SandboxMessenger, SandboxShop, mails
from connectors.sandbox.server import Running
from connectors.sandbox.store import LATER, Store
from connectors.sandbox.words import ENGLISH
from recovery.model import Channel, Email
from tests.connectors.sandbox.stage import (
    BEARER,
    NOW,
    Clock,
    Ear,
    Shopper,
    checkouts,
    connection,
    leave_a_cart,
    page,
    put_text,
    signed,
)

ADA = "ada@example.com"
HTML = (
    '<html><head><title>x</title></head><body><a href="http://us.test/r/abc">Back</a></body></html>'
)
EMAIL = Email(
    reference="r-1",
    channel=Channel.EMAIL,
    sender="shop@sandbox.example",
    recipient=ADA,
    text="Hello Ada,\nyour cart: http://us.test/r/abc",
    subject="Your cart <waits>",
    html=HTML,
    sender_name="Sandbox shop",
    unsubscribe_link="http://127.0.0.1:8000/stop/abc",
    written_at=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
)


def arrives(app: Flask, address: str = ADA, number: int = 1, **changed: str) -> int:
    """Put an e-mail into that inbox as the messenger does; the answer's status."""
    top = {
        "From": "Sandbox shop <shop@sandbox.example>",
        "Subject": f"Letter {number}",
        "List-Unsubscribe": "<http://127.0.0.1:1/stop/abc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Content-Type": "text/html; charset=utf-8",
    } | changed
    message = "".join(f"{name}: {value}\r\n" for name, value in top.items()) + f"\r\n{HTML}"
    content = {"reference": "r-1", "to": address, "message_id": f"<{number}>", "message": message}
    return app.test_client().post("/api/mails", json=content, headers=BEARER).status_code


# Over the line, as the messenger writes it.


def test_an_email_arrives_whole_with_its_headers(sandbox: Running) -> None:
    message_id = SandboxMessenger(connection(sandbox.address)).send(EMAIL)
    shopper = Shopper(sandbox.address)
    answer = shopper.session.get(
        f"{sandbox.address}/api/mails?address={ADA}", headers=BEARER, timeout=5
    )
    (mail,) = answer.json()["mails"]
    shopper.close()
    assert (mail["subject"], mail["sender"]) == ("Your cart <waits>", "Sandbox shop")
    assert mail["text"].strip() == EMAIL.text and mail["html"].strip() == HTML
    assert mail["headers"]["Message-ID"] == message_id
    assert mail["headers"]["Date"] == "Fri, 20 Nov 2026 12:00:00 +0000"
    assert mail["headers"]["List-Unsubscribe"] == f"<{EMAIL.unsubscribe_link}>"


def test_an_address_that_refuses_is_refused_and_keeps_nothing(sandbox: Running) -> None:
    messenger = SandboxMessenger(connection(sandbox.address))
    with pytest.raises(Refused):
        messenger.send(replace(EMAIL, recipient="refused@example.com"))
    with pytest.raises(Refused):
        messenger.send(replace(EMAIL, recipient="nobody"))
    assert SandboxMessenger(connection(sandbox.address)).send(EMAIL)


def test_an_email_with_a_wrong_secret_stops_the_account(sandbox: Running) -> None:
    with pytest.raises(AccountStopped):
        SandboxMessenger(connection(sandbox.address, "open")).send(EMAIL)


def test_the_gate_is_passed_before_an_email_is_written(ear: Ear) -> None:
    def shut() -> object:
        raise LookupError("called off")

    with pytest.raises(LookupError):
        SandboxMessenger(connection(ear.address)).send(EMAIL, shut)  # type: ignore[arg-type]
    assert ear.heard == []


# The inbox.


def test_an_empty_inbox_says_how_an_email_gets_there(browser: FlaskClient) -> None:
    browser.get("/phone/show/mail")
    assert ENGLISH["inbox_empty"] in page(browser, "/phone/screen")
    assert browser.get("/phone/show/films").status_code == 404


def test_emails_are_listed_newest_first_and_are_new_until_opened(
    app: Flask, browser: FlaskClient
) -> None:
    arrives(app, number=1)
    arrives(app, number=2)
    shown = page(browser, "/phone/screen")
    assert shown.index("Letter 2") < shown.index("Letter 1")
    assert shown.count("glance new") == 2 and ">2<" in shown
    page(browser, "/mail/1")
    assert page(browser, "/phone/screen").count("glance new") == 1


def test_the_same_email_handed_over_twice_arrives_once(app: Flask, browser: FlaskClient) -> None:
    assert (arrives(app), arrives(app)) == (202, 202)
    assert page(browser, "/phone/screen").count("Letter 1") == 1


def test_inboxes_are_told_apart_and_the_own_one_comes_first(
    app: Flask, browser: FlaskClient
) -> None:
    arrives(app, "Grace@example.com")
    leave_a_cart(browser, email=ADA, mail=True)
    browser.get("/phone/show/mail")
    assert "Letter 1" not in page(browser, "/phone/screen")
    assert "Letter 1" in page(browser, "/phone/pick?address=Grace@example.com")


def test_the_phone_shows_what_came_last_until_somebody_chooses(
    app: Flask, browser: FlaskClient, clock: Clock
) -> None:
    put_text(app, "+33612345678", "A text")
    clock.forward(60)
    arrives(app)
    assert "Letter 1" in page(browser, "/phone/screen")
    browser.get("/phone/show/texts")
    assert "A text" in page(browser, "/phone/screen")
    assert "Letter 1" not in page(browser, "/phone/screen")


def test_an_email_shows_its_plain_part_and_its_headers_and_escapes_both(
    app: Flask, browser: FlaskClient
) -> None:
    arrives(app, Subject="<b>Hello</b>")
    shown = page(browser, "/mail/1")
    assert "&lt;b&gt;Hello&lt;/b&gt;" in shown and "<b>Hello</b>" not in shown
    assert "List-Unsubscribe-Post" in shown and ADA in shown
    assert browser.get("/mail/2").status_code == 404


def test_an_emails_own_page_runs_nothing_and_its_links_open_beside_it(
    app: Flask, browser: FlaskClient
) -> None:
    arrives(app)
    answer = browser.get("/mail/1/page")
    policy = answer.headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "form-action 'none'", "frame-ancestors 'self'", "sandbox "):
        assert rule in policy
    assert "allow-scripts" not in policy and "allow-same-origin" not in policy
    assert '<head><base target="_blank">' in answer.text
    frame = page(browser, "/mail/1").partition("<iframe")[2].partition(">")[0]
    assert "sandbox=" in frame and "allow-scripts" not in frame and "same-origin" not in frame


# The way out.


def test_one_click_is_a_bare_post_as_mail_programs_make_it(
    app: Flask, browser: FlaskClient, ear: Ear
) -> None:
    way_out = f"{ear.address}/stop/abc"
    arrives(app, **{"List-Unsubscribe": f"<{way_out}>, <mailto:out@sandbox.example>"})
    shown = browser.post("/mail/1/unsubscribe", follow_redirects=True).text
    ((path, headers, body),) = ear.heard
    assert (path, body) == ("/stop/abc", b"List-Unsubscribe=One-Click")
    assert "Cookie" not in headers
    assert ENGLISH["mail_left"] in shown and "/unsubscribe" not in shown


def test_a_click_that_nobody_answers_is_told_and_can_be_made_again(
    app: Flask, browser: FlaskClient, ear: Ear
) -> None:
    ear.says = "refuse"
    arrives(app, **{"List-Unsubscribe": f"<{ear.address}/stop/abc>"})
    shown = browser.post("/mail/1/unsubscribe", follow_redirects=True).text
    assert ENGLISH["mail_not_unsubscribed"] in shown and "/mail/1/unsubscribe" in shown


@pytest.mark.parametrize(
    "changed",
    [{"List-Unsubscribe-Post": "Yes"}, {"List-Unsubscribe": "<mailto:out@sandbox.example>"}],
)
def test_without_both_headers_there_is_no_button(
    app: Flask, browser: FlaskClient, changed: dict[str, str]
) -> None:
    arrives(app, **changed)
    assert "/unsubscribe" not in page(browser, "/mail/1")
    assert browser.post("/mail/1/unsubscribe").status_code == 404


def test_leaving_with_an_address_that_unsubscribed_promises_no_email(
    app: Flask, store: Store, browser: FlaskClient
) -> None:
    given = {"phone": "", "sms": False, "email": ADA, "mail": True}

    def leaves() -> str:
        leave_a_cart(browser, **given)
        form = {"email": ADA, "mail": "yes"}
        shown = browser.post("/leave", data=form, follow_redirects=True).text
        return shown.replace("&#39;", "'")

    assert ENGLISH["left_mail"] in leaves()
    arrives(app)
    with store.writing() as db:
        mails.note_unsubscribed(db, 1, NOW)
    assert ENGLISH["left_unsubscribed"] in leaves()


# The box of the checkout.


def test_the_box_for_emails_tells_of_its_own_address_and_words(
    app: Flask, browser: FlaskClient
) -> None:
    leave_a_cart(browser, email=ADA, mail=True)
    (told,) = checkouts(app)
    assert told["email_consent"] | {"at": ""} == {
        "granted": True,
        "email": ADA,
        "words": ENGLISH["mail_words"],
        "at": "",
    }
    assert told["sms_consent"]["granted"] is True
    cart = read(told)
    assert [(each.channel, each.granted) for each in cart.shopper.consents] == [
        (Channel.SMS, True),
        (Channel.EMAIL, True),
    ]


def test_each_box_is_taken_back_by_itself(app: Flask, browser: FlaskClient) -> None:
    leave_a_cart(browser, email=ADA, mail=True)
    browser.post("/checkout/save", json={"mail": False})
    (told,) = checkouts(app)
    assert (told["sms_consent"]["granted"], told["email_consent"]["granted"]) == (True, False)
    assert told["email_consent"]["email"] == ADA


def test_another_address_of_another_browser_does_not_inherit_the_yes(
    app: Flask, browser: FlaskClient
) -> None:
    key = leave_a_cart(browser, email=ADA, mail=True)
    other = app.test_client()
    other.get(f"/cart/{key}/recover")
    other.post("/checkout/save", json={"email": "grace@example.com"})
    (told,) = checkouts(app)
    assert told["email_consent"] is None and told["sms_consent"]["granted"] is True


def test_a_file_of_an_older_sandbox_gets_the_columns_it_lacks(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    Store(file)
    with sqlite3.connect(file) as db:
        for name in LATER:
            db.execute(f"ALTER TABLE carts DROP COLUMN {name}")
    with Store(file).reading() as db:
        held = {row["name"] for row in db.execute("PRAGMA table_info(carts)")}
    assert LATER.keys() <= held


def read(told: dict[str, object]):  # type: ignore[no-untyped-def]
    body = json.dumps(told).encode()
    shop = SandboxShop(connection("http://shop.test"))
    (cart,) = shop.read(signed("checkouts/update", body), body, NOW)
    return cart
