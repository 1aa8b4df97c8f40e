"""Sending through a mail server: which failure is which, and that nothing leaves twice."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest

from connectors.protocols import (
    AccountStopped,
    Busy,
    Connection,
    Forged,
    Messenger,
    NoAnswer,
    Refused,
    Unreadable,
)
from connectors.smtp import Smtp
from recovery.model import Channel, Email, Message
from tests.connectors.messenger_contract import NOW, chain
from tests.standins.smtp import StandInMail

EMAIL = Email(
    reference="4711",
    channel=Channel.EMAIL,
    sender="hello@teehaus.example",
    recipient="zoe@shopper.example",
    text="Zoé, ta théière t'attend\n.\n..et ta tasse\n",
    subject="Ta théière t'attend",
    html="<p>Zoé, ta théière t'attend</p>\n.\n",
    sender_name="Teehaus & Söhne",
)


@pytest.fixture
def mail() -> Iterator[StandInMail]:
    with StandInMail() as standing:
        yield standing


@contextmanager
def smtp(url: str, **options: str) -> Iterator[Smtp]:
    made = Smtp(Connection("account", "", {"url": url}, options))
    try:
        yield made
    finally:
        made.close()


def fails(mail: StandInMail, email: Email = EMAIL, **options: str) -> Exception:
    with smtp(mail.url, **options) as messenger, pytest.raises(Exception) as failure:
        messenger.send(email)
    return failure.value


def test_smtp_is_a_messenger() -> None:
    messenger: Messenger = Smtp(Connection("account", "", {"url": "smtp://127.0.0.1:25"}))
    assert isinstance(messenger, Smtp)


def test_an_email_arrives_as_it_was_written(mail: StandInMail) -> None:
    with smtp(mail.url) as messenger:
        message_id = messenger.send(EMAIL)
    (entry,) = mail.accepted()
    plain = entry.mail.get_body(("plain",))
    html = entry.mail.get_body(("html",))
    assert plain is not None and html is not None
    assert plain.get_content().replace("\r\n", "\n") == EMAIL.text
    assert html.get_content().replace("\r\n", "\n") == EMAIL.html
    assert (entry.sender, entry.recipients) == (EMAIL.sender, (EMAIL.recipient,))
    assert entry.mail["Message-ID"] == message_id


@pytest.mark.parametrize(
    ("answer", "wanted", "taken"),
    [
        ("refuse_recipient", Refused, 0),
        ("no_data", Refused, 0),
        ("refuse_content", Refused, 0),
        ("too_large", Refused, 0),
        ("full_mailbox", Busy, 0),
        ("greylist", Busy, 0),
        ("busy_sender", Busy, 0),
        ("closing", Busy, 0),
        ("drop_at_mail", Busy, 0),
        ("defer_content", Busy, 0),
        ("closing_after", Busy, 0),
        ("refuse_sender", AccountStopped, 0),
        ("log_in_first", AccountStopped, 0),
        ("no_relay", AccountStopped, 0),
        ("unproven", AccountStopped, 0),
        ("drop_after", NoAnswer, 1),
        ("reset_after", NoAnswer, 1),
        ("silence_after", NoAnswer, 1),
        ("rubbish_after", NoAnswer, 1),
        ("go_on_after", NoAnswer, 1),
    ],
)
def test_each_failure_has_its_name_and_nothing_is_repeated(
    mail: StandInMail, caplog: pytest.LogCaptureFixture, answer: str, wanted: type, taken: int
) -> None:
    caplog.set_level(logging.DEBUG, logger="connectors")
    mail.change(script=[answer])
    failure = fails(mail, answer_timeout="0.03")
    assert type(failure) is wanted
    assert (len(mail.record), len(mail.accepted())) == (1, taken)
    told = " ".join(f"{error!r} {error}" for error in chain(failure)) + caplog.text
    assert not any(word in told for word in ("zoe", "shopper.example", "théière", "teehaus"))


def test_a_greylisted_email_leaves_on_a_later_try(mail: StandInMail) -> None:
    mail.change(greylists=True)
    with smtp(mail.url) as messenger:
        with pytest.raises(Busy) as failure:
            messenger.send(EMAIL)
        assert 60 <= failure.value.retry_after <= 1800
        assert messenger.send(EMAIL)
    assert len(mail.accepted()) == 1
    assert mail.connections == 1


def test_an_email_is_dated_by_the_clock_of_who_wrote_it(mail: StandInMail) -> None:
    with smtp(mail.url) as messenger:
        messenger.send(replace(EMAIL, written_at=NOW))
    (entry,) = mail.accepted()
    assert entry.mail["Date"].datetime == NOW


def test_two_tries_of_a_reminder_have_two_message_ids(mail: StandInMail) -> None:
    with smtp(mail.url) as messenger:
        first, second = messenger.send(EMAIL), messenger.send(EMAIL)
    assert first != second
    assert first.startswith("<4711.") and first.endswith("@teehaus.example>")


@pytest.mark.parametrize("answer", ["drop_before", "reset_before"])
def test_a_line_that_breaks_before_the_message_is_written_is_busy(
    mail: StandInMail, answer: str
) -> None:
    @contextmanager
    def gate() -> Iterator[None]:
        assert mail.hung_up.wait(10)
        yield

    mail.change(script=[answer])
    with smtp(mail.url) as messenger, pytest.raises(Busy):
        messenger.send(EMAIL, gate)
    assert mail.accepted() == []
    assert len(mail.record) == 1


def test_nobody_at_the_door_is_busy() -> None:
    with StandInMail() as gone:
        url = gone.url
    with smtp(url) as messenger:
        with pytest.raises(Busy) as failure:
            messenger.be_ready()
        assert type(failure.value) is Busy


# The gate


class _Shut(Exception):
    pass


def test_a_gate_that_stays_shut_lets_nothing_leave(mail: StandInMail) -> None:
    def gate() -> AbstractContextManager[None]:
        raise _Shut

    with smtp(mail.url) as messenger:
        with pytest.raises(_Shut):
            messenger.send(EMAIL, gate)
        assert mail.hung_up.wait(5)
        assert messenger.send(EMAIL)  # on a new line: the old one awaits a message
    assert len(mail.accepted()) == 1
    assert mail.connections == 2


def test_the_gate_is_left_when_the_message_is_written_and_before_the_answer(
    mail: StandInMail,
) -> None:
    told = []

    @contextmanager
    def gate() -> Iterator[None]:
        told.append("in")
        yield
        told.append("out")

    mail.change(script=["silence_after"])
    with smtp(mail.url, answer_timeout="0.03") as messenger, pytest.raises(NoAnswer):
        messenger.send(EMAIL, gate)
    assert told == ["in", "out"]


# The kept line


def test_a_line_is_kept_from_one_email_to_the_next(mail: StandInMail) -> None:
    with smtp(mail.url) as messenger:
        messenger.be_ready()
        for _ in range(3):
            messenger.send(EMAIL)
            messenger.be_ready()
    assert (mail.connections, len(mail.accepted())) == (1, 3)


def test_a_refused_recipient_costs_the_next_one_nothing(mail: StandInMail) -> None:
    mail.change(script=["refuse_recipient"])
    with smtp(mail.url) as messenger:
        with pytest.raises(Refused):
            messenger.send(EMAIL)
        messenger.send(EMAIL)
    assert (mail.connections, len(mail.accepted())) == (1, 1)


def test_a_line_that_the_server_closed_meanwhile_is_made_anew(mail: StandInMail) -> None:
    with smtp(mail.url) as messenger:
        messenger.send(EMAIL)
        mail.close_idle()
        messenger.send(EMAIL)
    assert (mail.connections, len(mail.accepted())) == (2, 2)


def test_a_long_silence_is_asked_about_before_the_gate(
    mail: StandInMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.smtp.line.ASK_AFTER", 0.0)
    with smtp(mail.url) as messenger:
        messenger.be_ready()
        mail.close_idle()
        messenger.be_ready()
        assert mail.connections == 2
        messenger.be_ready()
        assert mail.connections == 2


def test_a_server_that_closes_the_kept_line_with_421_gets_a_new_one(mail: StandInMail) -> None:
    mail.change(script=["accept", "closing", "accept"])
    with smtp(mail.url) as messenger:
        messenger.send(EMAIL)
        messenger.send(EMAIL)
    assert (mail.connections, len(mail.accepted())) == (2, 2)


def test_each_thread_has_a_line_of_its_own(mail: StandInMail) -> None:
    made = Smtp(Connection("account", "", {"url": mail.url}))
    together = threading.Barrier(3)

    def send() -> None:
        made.be_ready()
        together.wait(10)
        made.send(EMAIL)
        made.close()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (mail.connections, len(mail.accepted())) == (3, 3)


# What it is not for


def test_a_text_message_is_refused(mail: StandInMail) -> None:
    with smtp(mail.url) as messenger, pytest.raises(Refused):
        messenger.send(Message("1", Channel.SMS, "+33755530017", "+33639980017", "hello"))
    assert mail.connections == 0


def test_an_email_without_its_parts_is_refused(mail: StandInMail) -> None:
    with smtp(mail.url) as messenger, pytest.raises(Refused):
        messenger.send(Message("1", Channel.EMAIL, EMAIL.sender, EMAIL.recipient, "hello"))


def test_there_are_no_webhooks_to_read() -> None:
    messenger = Smtp(Connection("account", ""))
    with pytest.raises(Forged):
        messenger.verify({}, b"", NOW)
    with pytest.raises(Unreadable):
        messenger.read_receipt(b"{}")
    with pytest.raises(Unreadable):
        messenger.read_reply(b"{}")


# Letters beyond ASCII in an address


def test_an_international_domain_is_written_in_its_ascii_form(mail: StandInMail) -> None:
    with smtp(mail.url) as messenger:
        messenger.send(replace(EMAIL, recipient="zoe@bücher.example"))
    (entry,) = mail.accepted()
    assert entry.recipients == ("zoe@xn--bcher-kva.example",)
    assert not any("SMTPUTF8" in option for option in entry.options)


def test_a_local_part_beyond_ascii_goes_by_smtputf8(mail: StandInMail) -> None:
    with smtp(mail.url) as messenger:
        messenger.send(replace(EMAIL, recipient="zoé@bücher.example"))
    (entry,) = mail.accepted()
    assert entry.recipients == ("zoé@xn--bcher-kva.example",)
    assert "SMTPUTF8" in entry.options
    assert "To: zoé@xn--bcher-kva.example\r\n".encode() in entry.content


def test_a_server_without_smtputf8_is_told_nothing_of_it() -> None:
    with StandInMail(smtputf8=False) as plain:
        failure = fails(plain, replace(EMAIL, recipient="zoé@shopper.example"))
        assert type(failure) is Refused
        assert plain.record == []
