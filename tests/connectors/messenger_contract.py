"""What every messenger must do, whatever the provider.

A messenger's test inherits `MessengerContract` under a name that begins with
`Test` and says how its provider writes and signs a webhook, and how to make it
refuse, be busy or fall silent:

    class TestVonageKeepsTheContract(MessengerContract):
        def messenger(self): return VonageMessenger(...)
        def sign(self, body, at): ...
        def receipt_body(self, state): ...
        def reply_body(self, text): ...
        def meet(self, answer): ...
        def taken(self): ...
        def written(self): ...

The provider's own words and traps belong in the messenger's own tests; here is
only what all of them share.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta

import pytest

from connectors.protocols import (
    AccountStopped,
    Busy,
    Forged,
    Messenger,
    NoAnswer,
    Refused,
    Unreadable,
)
from recovery.model import Channel, Message

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SHOPPER, OURS = "+33639980017", "+33755530017"
SECRET_WORDS = "Zoé, ton théière t'attend"
MESSAGE = Message("reminder-17", Channel.SMS, OURS, SHOPPER, SECRET_WORDS)


def says_nothing_personal(words: str) -> bool:
    """True when neither the numbers nor the text of `MESSAGE` are in `words`."""
    return not any(part in words for part in (SHOPPER[1:], OURS[1:], "théière", "th\\u00e9i"))


def chain(error: BaseException | None) -> list[BaseException]:
    """An error with its causes and contexts: all that a log or an error tracker may print."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


class MessengerContract(ABC):
    """Inherited by the tests of each messenger."""

    @abstractmethod
    def messenger(self) -> Messenger:
        """The messenger of an account whose secret `sign` knows."""

    @abstractmethod
    def sign(self, body: bytes, at: datetime) -> dict[str, str]:
        """The headers of a genuine webhook with this body, signed at `at`."""

    @abstractmethod
    def receipt_body(self, state: str) -> bytes:
        """A status webhook about reminder-17 in the provider's own words.

        `state`: "sent", "delivered", "undelivered", or "unknown": a word that nobody knows.
        """

    @abstractmethod
    def reply_body(self, text: str) -> bytes:
        """An inbound webhook: SHOPPER texts this to OURS."""

    @abstractmethod
    def meet(self, answer: str) -> None:
        """Make the provider answer the next request so: "accept", "refuse", "busy",
        "stopped", "lost" (not taken, no answer), "unanswered" (taken, no answer)."""

    @abstractmethod
    def taken(self) -> list[str]:
        """The texts that the provider took."""

    @abstractmethod
    def written(self) -> int:
        """How many requests the provider saw."""

    # Sending

    def test_a_text_arrives_as_it_was_written(self) -> None:
        self.meet("accept")
        assert self.messenger().send(MESSAGE)
        assert self.taken() == [SECRET_WORDS]

    @pytest.mark.parametrize(
        ("answer", "wanted", "taken"),
        [
            ("refuse", Refused, 0),
            ("busy", Busy, 0),
            ("stopped", AccountStopped, 0),
            ("lost", NoAnswer, 0),
            ("unanswered", NoAnswer, 1),
        ],
    )
    def test_each_failure_has_its_name_and_no_request_is_repeated(
        self, answer: str, wanted: type[Exception], taken: int
    ) -> None:
        self.meet(answer)
        with pytest.raises(wanted) as failure:
            self.messenger().send(MESSAGE)
        assert type(failure.value) is wanted
        assert (self.written(), len(self.taken())) == (1, taken)

    @pytest.mark.parametrize("answer", ["refuse", "busy", "stopped", "lost", "unanswered"])
    def test_no_failure_tells_a_number_or_a_text(
        self, answer: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        self.meet(answer)
        with pytest.raises((Refused, Busy, NoAnswer)) as failure:
            self.messenger().send(MESSAGE)
        words = [f"{error!r} {error}" for error in chain(failure.value)]
        assert says_nothing_personal(" ".join(words))
        assert says_nothing_personal(caplog.text)

    def test_a_busy_provider_says_when_to_come_back(self) -> None:
        self.meet("busy")
        with pytest.raises(Busy) as failure:
            self.messenger().send(MESSAGE)
        assert 0 < failure.value.retry_after <= 3600

    # Who wrote this webhook

    def test_a_signed_webhook_is_let_in(self) -> None:
        body = self.receipt_body("delivered")
        self.messenger().verify(self.sign(body, NOW), body, NOW)

    def test_header_names_may_come_in_any_case(self) -> None:
        body = self.receipt_body("delivered")
        headers = {name.upper(): value for name, value in self.sign(body, NOW).items()}
        self.messenger().verify(headers, body, NOW)

    def test_a_webhook_without_signature_is_forged(self) -> None:
        with pytest.raises(Forged):
            self.messenger().verify({}, self.receipt_body("delivered"), NOW)

    @pytest.mark.parametrize("changed", [b"", b"{}", b" "])
    def test_a_signature_holds_for_its_own_body_alone(self, changed: bytes) -> None:
        body = self.receipt_body("delivered")
        with pytest.raises(Forged):
            self.messenger().verify(self.sign(body, NOW), body[:-1] + changed, NOW)

    @pytest.mark.parametrize(
        "age", [timedelta(minutes=6), timedelta(days=9), timedelta(minutes=-6)]
    )
    def test_an_old_signature_and_one_of_the_future_are_forged(self, age: timedelta) -> None:
        body = self.receipt_body("delivered")
        with pytest.raises(Forged):
            self.messenger().verify(self.sign(body, NOW - age), body, NOW)

    @pytest.mark.parametrize(
        "wrong", ["", "Bearer", "Bearer a.b.c", "é", "\ud800", "0" * 64, "{" * 4000]
    )
    def test_a_signature_of_any_nonsense_is_forged(self, wrong: str) -> None:
        body = self.receipt_body("delivered")
        headers = dict.fromkeys(self.sign(body, NOW), wrong)
        with pytest.raises(Forged):
            self.messenger().verify(headers, body, NOW)

    # What it says

    @pytest.mark.parametrize("state", ["sent", "delivered", "undelivered"])
    def test_a_receipt_names_the_reminder_and_its_state(self, state: str) -> None:
        receipt = self.messenger().read_receipt(self.receipt_body(state))
        assert receipt is not None
        assert (receipt.reference, receipt.state) == ("reminder-17", state)
        assert receipt.provider_id
        assert receipt.at.utcoffset() == timedelta(0)

    def test_a_status_nobody_knows_says_nothing_new(self) -> None:
        assert self.messenger().read_receipt(self.receipt_body("unknown")) is None

    @pytest.mark.parametrize("text", ["STOP", "Arrêt, s’il vous plaît 🛑", "", "שלום", "x" * 1600])
    def test_a_reply_keeps_its_words(self, text: str) -> None:
        reply = self.messenger().read_reply(self.reply_body(text))
        assert (reply.sender, reply.recipient, reply.text) == (SHOPPER, OURS, text)
        assert reply.provider_id
        assert reply.at.utcoffset() == timedelta(0)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"[]",
            b"17",
            b'"x"',
            b"{}",
            b"\xff\xfe",
            b"NaN",
            b"[" * 100_000,
            b"9" * 5000,
        ],
    )
    def test_what_is_no_webhook_is_unreadable(self, body: bytes) -> None:
        with pytest.raises(Unreadable):
            self.messenger().read_receipt(body)
        with pytest.raises(Unreadable):
            self.messenger().read_reply(body)

    def test_a_truncated_webhook_is_unreadable_wherever_it_ends(self) -> None:
        messenger = self.messenger()
        receipt, reply = self.receipt_body("delivered"), self.reply_body("STOP")
        for end in range(len(receipt)):
            with pytest.raises(Unreadable):
                messenger.read_receipt(receipt[:end])
        for end in range(len(reply)):
            with pytest.raises(Unreadable):
                messenger.read_reply(reply[:end])
