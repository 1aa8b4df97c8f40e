"""The Vonage messenger: what goes out, what each answer means, what webhooks say."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
import trustme

from connectors.protocols import (
    AccountStopped,
    Busy,
    Connection,
    NoAnswer,
    Refused,
)
from connectors.vonage import VonageMessenger
from recovery.model import Channel
from tests.connectors.messenger_contract import (
    MESSAGE,
    OURS,
    SHOPPER,
    MessengerContract,
    chain,
    says_nothing_personal,
)
from tests.connectors.vonage_account import (
    messenger_of,
    recording,
    running_vonage,  # noqa: F401
    signed,
    trusted_vonage,  # noqa: F401
)
from tests.standins.vonage import StandInVonage


class TestVonageKeepsTheContract(MessengerContract):
    WORDS = {  # noqa: RUF012
        "accept": "accept",
        "refuse": "refuse",
        "busy": "throttle",
        "stopped": "no_credit",
        "lost": "drop_before",
        "unanswered": "drop_after",
    }
    STATES = {  # noqa: RUF012
        "sent": "submitted",
        "delivered": "delivered",
        "undelivered": "undeliverable",
        "unknown": "unknown",
    }

    @pytest.fixture(autouse=True)
    def _vonage(self, vonage: StandInVonage) -> None:
        self.vonage = vonage

    def messenger(self) -> VonageMessenger:
        return messenger_of(self.vonage)

    def sign(self, body: bytes, at: datetime) -> dict[str, str]:
        return signed(self.vonage, body, at)

    def receipt_body(self, state: str) -> bytes:
        return recording(f"status_{self.STATES[state]}")

    def reply_body(self, text: str) -> bytes:
        return recording("inbound_stop", text=text)

    def meet(self, answer: str) -> None:
        self.vonage.change(script=[self.WORDS[answer]] * 5)

    def taken(self) -> list[str]:
        return [entry.text or "" for entry in self.vonage.accepted()]

    def written(self) -> int:
        return len(self.vonage.record)


# What goes out


def test_a_message_carries_its_reference_and_numbers_without_plus(vonage: StandInVonage) -> None:
    provider_id = messenger_of(vonage).send(MESSAGE)
    (entry,) = vonage.record
    assert (entry.client_ref, entry.to, entry.sender) == ("reminder-17", SHOPPER[1:], OURS[1:])
    assert provider_id == entry.message_uuid


def test_a_sender_may_be_a_name(vonage: StandInVonage) -> None:
    messenger_of(vonage).send(replace(MESSAGE, sender="Maison"))
    assert vonage.record[0].sender == "Maison"


@pytest.mark.parametrize(
    "unsendable",
    [
        {"recipient": "0639980017"},
        {"recipient": "33639980017"},
        {"recipient": ""},
        {"recipient": "+33639980017\n"},
        {"text": SHOPPER * 400},
        {"text": f"{SHOPPER}\ud800"},
        {"reference": SHOPPER * 20},
        {"channel": Channel.EMAIL},
    ],
)
def test_what_vonage_can_never_take_is_refused_before_it_is_written(
    vonage: StandInVonage, unsendable: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as failure:
        messenger_of(vonage).send(replace(MESSAGE, **unsendable))
    assert all(says_nothing_personal(str(error)) for error in chain(failure.value))
    assert vonage.record == []


def test_many_sends_of_one_thread_go_over_one_connection(vonage: StandInVonage) -> None:
    vonage.change(rate=None)
    messenger = messenger_of(vonage)
    for number in range(20):
        messenger.send(replace(MESSAGE, reference=str(number)))
    assert (vonage.connections, len(vonage.accepted())) == (1, 20)


def test_threads_send_side_by_side_each_on_its_own_line(vonage: StandInVonage) -> None:
    vonage.change(rate=None, latency=0.02)
    messenger = messenger_of(vonage)
    together = threading.Barrier(4)

    def send(name: str) -> None:
        together.wait(5)
        for number in range(5):
            messenger.send(
                replace(MESSAGE, reference=f"{name}{number}", text=f"for {name}{number}")
            )

    threads = [threading.Thread(target=send, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert vonage.connections == 4
    assert {(entry.client_ref, entry.text) for entry in vonage.accepted()} == {
        (f"{name}{number}", f"for {name}{number}") for name in "abcd" for number in range(5)
    }


def test_one_signature_serves_many_messages(
    vonage: StandInVonage, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys_parsed = []
    real = jwt.algorithms.RSAAlgorithm.prepare_key
    monkeypatch.setattr(
        jwt.algorithms.RSAAlgorithm,
        "prepare_key",
        lambda self, key: keys_parsed.append(type(key)) or real(self, key),
    )
    messenger = messenger_of(vonage)
    for _ in range(3):
        messenger.send(MESSAGE)
    assert keys_parsed.count(str) == 1  # the stand-in hands in a loaded key


def test_a_token_is_signed_anew_before_it_lapses(
    vonage: StandInVonage, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = messenger_of(vonage)._kept_token()
    first = token.create_jwt_auth_string()
    signed_at = jwt.decode(first.split()[1], options={"verify_signature": False})["iat"]
    for minutes, same in ((12, True), (14, False), (-1, False)):
        monkeypatch.setattr("time.time", lambda m=minutes: signed_at + 1 + 60 * m)
        assert (token.create_jwt_auth_string() == first) is same


def test_a_token_that_vonage_did_not_like_is_not_used_again(vonage: StandInVonage) -> None:
    messenger = messenger_of(vonage)
    first = messenger._kept_token().create_jwt_auth_string()
    vonage.change(script=["unauthorised"])
    with pytest.raises(AccountStopped):
        messenger.send(MESSAGE)
    assert messenger._kept_token().create_jwt_auth_string() != first


# One send is one request


@pytest.mark.parametrize(
    ("weather", "taken"),
    [
        ("error_before", 0),
        ("error_after", 1),
        ("drop_before", 0),
        ("drop_after", 1),
        ("reset_before", 0),
        ("reset_after", 1),
        ("garble_after", 1),
        ("rubbish", 1),
        ("no_id", 1),
        ("empty", 1),
        ("redirect", 0),
    ],
)
def test_whatever_happens_after_writing_is_no_answer_to_one_request(
    vonage: StandInVonage, weather: str, taken: int
) -> None:
    messenger = messenger_of(vonage)
    messenger.send(MESSAGE)  # on a fresh line and on a kept one alike
    for _ in ("kept", "fresh"):
        vonage.reset()
        vonage.change(script=[weather] * 15)
        with pytest.raises(NoAnswer):
            messenger.send(MESSAGE)
        assert (len(vonage.record), len(vonage.accepted())) == (1, taken)


def test_silence_after_writing_is_no_answer_to_one_request(vonage: StandInVonage) -> None:
    vonage.change(script=["silence_after"] * 15)
    with pytest.raises(NoAnswer):
        messenger_of(vonage, timeout="0.05").send(MESSAGE)
    assert len(vonage.record) == 1


def test_a_line_closed_between_two_sends_costs_neither_a_text_nor_a_second_request(
    vonage: StandInVonage,
) -> None:
    vonage.change(rate=None, close_after=1)  # the far end closes after each answer, unannounced
    messenger = messenger_of(vonage)
    outcomes = []
    for number in range(30):
        try:
            messenger.send(replace(MESSAGE, reference=str(number)))
            outcomes.append("sent")
        except NoAnswer:  # the close came just as it was written
            outcomes.append("unknown")
    written = [entry.client_ref for entry in vonage.record]
    assert len(set(written)) == len(written)
    assert outcomes.count("sent") <= len(vonage.accepted()) <= 30
    assert "sent" in outcomes


@pytest.mark.parametrize(
    ("weather", "wanted"),
    [
        ("unauthorised", AccountStopped),
        ("no_credit", AccountStopped),
        ("forbidden", AccountStopped),
        ("not_found", AccountStopped),
        ("refuse", Refused),
        ("throttle", Busy),
    ],
)
def test_each_refusal_has_its_meaning(
    vonage: StandInVonage, weather: str, wanted: type[Exception]
) -> None:
    vonage.change(script=[weather] * 5)
    with pytest.raises(wanted) as failure:
        messenger_of(vonage).send(MESSAGE)
    assert type(failure.value) is wanted
    assert len(vonage.record) == 1


def test_a_throttled_send_comes_back_when_vonage_says(vonage: StandInVonage) -> None:
    vonage.change(script=["throttle"])
    with pytest.raises(Busy) as failure:
        messenger_of(vonage).send(MESSAGE)
    assert failure.value.retry_after == 1.0


def test_a_refusal_names_vonages_reason(vonage: StandInVonage) -> None:
    vonage.change(script=["refuse"])
    with pytest.raises(Refused, match=r"422.*Invalid params.*api-errors"):
        messenger_of(vonage).send(MESSAGE)


# Before the request is written: nothing happened, come back


def test_a_refused_connection_is_busy(vonage: StandInVonage) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))  # bound, not listening
        closed = f"127.0.0.1:{unheard.getsockname()[1]}"
        with pytest.raises(Busy):
            messenger_of(vonage, api_host=closed).send(MESSAGE)


def test_a_name_that_nobody_knows_is_busy(vonage: StandInVonage) -> None:
    with pytest.raises(Busy):
        messenger_of(vonage, api_host="nowhere.invalid").send(MESSAGE)


def test_a_certificate_of_somebody_else_is_busy(
    vonage: StandInVonage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    with pytest.raises(Busy, match="SSLError"):
        messenger_of(vonage).send(MESSAGE)
    assert vonage.record == []


def test_a_missing_file_of_authorities_is_busy(
    vonage: StandInVonage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with pytest.raises(Busy):
        messenger_of(vonage).send(MESSAGE)


@pytest.mark.parametrize("greeting", [b"", b"no TLS here\r\n"])
def test_a_handshake_that_breaks_is_busy(vonage: StandInVonage, greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        visits = []

        def break_off() -> None:
            line, _ = server.accept()
            with line:
                visits.append(line.recv(1))
                line.sendall(greeting)

        breaker = threading.Thread(target=break_off)
        breaker.start()
        with pytest.raises(Busy):
            messenger_of(vonage, api_host=f"127.0.0.1:{server.getsockname()[1]}").send(MESSAGE)
        breaker.join(5)
        assert len(visits) == 1


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_an_unreadable_private_key_stops_the_account(vonage: StandInVonage, key: str) -> None:
    broken = Connection("k", "", {**vonage.credentials, "private_key": key})
    with pytest.raises(AccountStopped, match="private key") as failure:
        VonageMessenger(broken).send(MESSAGE)
    assert chain(failure.value) == [failure.value]
