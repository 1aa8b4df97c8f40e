"""What is read from a mail server's answer, and what is not: it repeats what it was told."""

from __future__ import annotations

import pytest

from connectors.protocols import AccountStopped, Refused
from connectors.smtp.answers import Answer, failure_of_message, failure_of_recipient


@pytest.mark.parametrize(
    "words",
    [
        b"5.1.1 <x123@relay.post.example>: Recipient address rejected: User unknown",
        b"5.1.1 <relay-fan@example.com>: user unknown",
        b"5.7.1 <relay-fan@example.com>: rejected as spam",
        b"User unknown <a@relay.example>",
        b"relay-fan@example.com: user unknown",
        b"unknown user 'relay@example.com'",
        b"relay.example.com: host not found",
        b"5.2.1 The mailbox of Relay is disabled",
    ],
)
def test_an_address_with_relay_in_it_is_about_one_recipient(words: bytes) -> None:
    assert isinstance(failure_of_recipient(Answer(550, words)), Refused)
    assert isinstance(failure_of_message(Answer(550, words)), Refused)


@pytest.mark.parametrize(
    "words",
    [
        b"5.7.1 <zoe@shopper.example>: Relay access denied",
        b"5.7.1 Unable to relay for zoe@shopper.example",
        b"5.7.54 SMTP; Unable to relay recipient in non-accepted domain",
        b"Relaying denied.",
        b"relay not permitted",
    ],
)
def test_a_server_that_relays_nothing_for_us_stops_the_account(words: bytes) -> None:
    assert isinstance(failure_of_recipient(Answer(554, words)), AccountStopped)
