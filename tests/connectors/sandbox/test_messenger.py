"""The sandbox phone as a messenger: the contract, then the real phone over the line."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
import requests

from connectors.protocols import AccountStopped, Busy, NoAnswer, Refused
from connectors.sandbox import SandboxMessenger, SandboxShop
from connectors.sandbox.api import Limiter
from connectors.sandbox.server import Running, open_sandbox
from recovery.model import Channel, Message
from tests.connectors.messenger_contract import MESSAGE, OURS, SHOPPER, MessengerContract
from tests.connectors.sandbox.stage import (
    NOW,
    SECRET,
    Ear,
    Shopper,
    connection,
    listening,
    signed,
    text_to,
)


class TestSandboxMessengerKeepsTheContract(MessengerContract):
    @pytest.fixture(autouse=True)
    def _listen(self, ear: Ear) -> None:
        self.ear = ear

    def messenger(self) -> SandboxMessenger:
        return SandboxMessenger(connection(self.ear.address))

    def sign(self, body: bytes, at: datetime) -> dict[str, str]:
        return signed("messages/status", body, at)

    def receipt_body(self, state: str) -> bytes:
        word = {"sent": "submitted", "unknown": "pondered"}.get(state, state)
        told = {"message_id": "m-1", "reference": MESSAGE.reference, "status": word}
        return json.dumps(told | {"at": "2026-11-20T12:00:00+00:00"}).encode()

    def reply_body(self, text: str) -> bytes:
        told = {"message_id": "m-2", "from": SHOPPER, "to": OURS, "text": text}
        return json.dumps(told | {"at": "2026-11-20T13:00:00+01:00"}).encode()

    def meet(self, answer: str) -> None:
        self.ear.says = answer

    def taken(self) -> list[str]:
        took = self.ear.says in ("accept", "unanswered")
        return [json.loads(body)["text"] for _, _, body in self.ear.heard] if took else []

    def written(self) -> int:
        return self.ear.requests


# The phone, over the line.


def test_a_text_is_submitted_then_delivered(sandbox: Running, ear: Ear) -> None:
    messenger = SandboxMessenger(connection(sandbox.address))
    message_id = messenger.send(text_to("+33612345678"))
    bodies = ear.wait_for(["messages/status"] * 2)
    receipts = [messenger.read_receipt(body) for body in bodies]
    assert [(r.provider_id, r.reference, r.state) for r in receipts if r] == [
        (message_id, "r-1", "sent"),
        (message_id, "r-1", "delivered"),
    ]
    path, headers, body = ear.heard[-1]
    assert path == "/hooks/sandbox/status"
    messenger.verify(headers, body, NOW)


def test_receipts_go_to_the_address_the_message_names(sandbox: Running, ear: Ear) -> None:
    message = Message(
        "r-2", Channel.SMS, "SANDBOX", "+33612345678", "Hello", f"{ear.address}/elsewhere"
    )
    SandboxMessenger(connection(sandbox.address)).send(message)
    ear.wait_for(["messages/status"] * 2)
    assert {path for path, _, _ in ear.heard} == {"/elsewhere"}


def test_what_is_typed_on_the_phone_is_a_reply_to_who_wrote_last(
    sandbox: Running, ear: Ear, shopper: Shopper
) -> None:
    messenger = SandboxMessenger(connection(sandbox.address))
    messenger.send(text_to("+33612345678"))
    shopper.post("/phone/reply", number="+33612345678", text="STOP")
    (body,) = ear.wait_for(["messages/inbound"])
    reply = messenger.read_reply(body)
    assert (reply.sender, reply.recipient, reply.text) == ("+33612345678", "SANDBOX", "STOP")
    assert "/hooks/sandbox/inbound" in {path for path, _, _ in ear.heard}


@pytest.mark.parametrize(
    "number", ["+33612340000", "0612345678", "+336123", "Ada", "+33 612345678"]
)
def test_a_number_that_cannot_be_texted_is_refused(sandbox: Running, number: str) -> None:
    with pytest.raises(Refused):
        SandboxMessenger(connection(sandbox.address)).send(text_to(number))


def test_a_number_ending_in_0001_takes_the_text_and_drops_the_line(
    sandbox: Running, ear: Ear
) -> None:
    with pytest.raises(NoAnswer):
        SandboxMessenger(connection(sandbox.address)).send(text_to("+33612340001", "r-9"))
    (first, _) = ear.wait_for(["messages/status"] * 2)
    assert json.loads(first)["reference"] == "r-9"


def test_a_number_ending_in_0002_is_reported_as_undelivered(sandbox: Running, ear: Ear) -> None:
    messenger = SandboxMessenger(connection(sandbox.address))
    messenger.send(text_to("+33612340002"))
    receipt = messenger.read_receipt(ear.wait_for(["messages/status"] * 2)[-1])
    assert receipt is not None
    assert (receipt.state, bool(receipt.reason)) == ("undelivered", True)


def test_a_wrong_secret_stops_the_account(sandbox: Running) -> None:
    wrong = connection(sandbox.address, "open")
    with pytest.raises(AccountStopped):
        SandboxMessenger(wrong).send(text_to("+33612345678"))
    with pytest.raises(AccountStopped):
        list(SandboxShop(wrong).changed_since(None, NOW))


def test_a_sandbox_that_is_not_running_is_busy() -> None:
    with listening() as gone:
        address = gone.address
    with pytest.raises(Busy) as failure:
        SandboxMessenger(connection(address)).send(text_to("+33612345678"))
    assert failure.value.retry_after > 0


def test_an_email_is_refused_before_anything_is_written(ear: Ear) -> None:
    message = Message("r-1", Channel.EMAIL, "shop@example.com", "ada@example.com", "Hello")
    with pytest.raises(Refused):
        SandboxMessenger(connection(ear.address)).send(message)
    assert ear.heard == []


def test_at_most_thirty_pass_in_any_second() -> None:
    limiter = Limiter()
    assert [limiter.lets_through(5.0) for _ in range(31)] == [True] * 30 + [False]
    assert not limiter.lets_through(5.99)
    assert limiter.lets_through(6.01)


def test_a_text_too_many_is_told_to_come_back(tmp_path: Path, ear: Ear) -> None:
    full = open_sandbox(
        0, tmp_path / "full.db", ear.address, "demo", SECRET, lambda: NOW, limiter=Limiter(0)
    )
    full.start()
    try:
        with pytest.raises(Busy) as failure:
            SandboxMessenger(connection(full.address)).send(text_to("+33612345678"))
        assert type(failure.value) is Busy and failure.value.retry_after == 1.0
    finally:
        full.stop()


def test_a_port_that_is_taken_is_told(sandbox: Running, tmp_path: Path) -> None:
    port = int(sandbox.address.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        open_sandbox(port, tmp_path / "other.db", "http://us.test", "demo", SECRET, lambda: NOW)


def test_the_date_of_an_answer_is_the_shops_own(sandbox: Running) -> None:
    answer = requests.get(sandbox.address + "/healthz", timeout=5)
    assert answer.headers["Date"] == "Fri, 20 Nov 2026 12:00:00 GMT"
