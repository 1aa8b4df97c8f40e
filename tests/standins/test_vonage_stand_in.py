"""The stand-in Vonage behaves as its README says."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from connectors.protocols import Busy, Connection, Forged, NoAnswer
from connectors.vonage import Unsigned, VonageMessenger
from recovery.model import Channel, Message
from tests.standins.vonage import StandInVonage, Weather
from tests.standins.vonage.weather import SlidingWindow

MESSAGE = Message("r-1", Channel.SMS, "+33755530001", "+33639980001", "Bonjour")


class Hooks:
    """A small web server that keeps the webhooks it gets; `statuses` are its next answers."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hooks.got.append((dict(self.headers), body))
                self.send_response(hooks.statuses.pop(0) if hooks.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def words(self) -> list[str]:
        return [json.loads(body).get("status", "text") for _, body in self.got]


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    found = Hooks()
    thread = threading.Thread(target=found.server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


@pytest.fixture
def vonage(monkeypatch: pytest.MonkeyPatch, hooks: Hooks) -> Iterator[StandInVonage]:
    with StandInVonage(status_url=f"{hooks.url}/s", inbound_url=f"{hooks.url}/i") as stand_in:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", stand_in.ca_file)
        yield stand_in


def messenger_of(vonage: StandInVonage) -> VonageMessenger:
    return VonageMessenger(Connection("k", "", vonage.credentials, {"api_host": vonage.host}))


def door(vonage: StandInVonage, method: str, path: str, sent: Any = None) -> requests.Response:
    return requests.request(method, f"https://{vonage.host}{path}", json=sent, timeout=5)


# Who may send, and how much


def test_a_stranger_is_turned_away(vonage: StandInVonage) -> None:
    body = {"to": "33639980001", "from": "33755530001", "text": "x"}
    assert door(vonage, "POST", "/v1/messages", body).status_code == 401
    own = {**vonage.credentials, "application_id": "another"}
    token = jwt.encode({"application_id": "another"}, own["private_key"], algorithm="RS256")
    answer = requests.post(
        f"https://{vonage.host}/v1/messages",
        json=body,
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )
    assert answer.status_code == 401
    assert vonage.accepted() == []


def test_never_more_than_the_limit_in_any_one_second() -> None:
    window = SlidingWindow(3)
    arrivals = [0.0, 0.25, 0.75, 0.875, 1.0, 1.125, 1.25, 1.625, 1.75, 5.0, 5.0, 5.0, 5.0]
    taken = [at for at in arrivals if window.takes(at)]
    assert taken == [0.0, 0.25, 0.75, 1.0, 1.25, 1.75, 5.0, 5.0, 5.0]


def test_what_is_above_the_limit_is_throttled_and_counted(vonage: StandInVonage) -> None:
    vonage.change(rate=2)
    messenger, outcomes = messenger_of(vonage), []
    for _ in range(4):
        try:
            messenger.send(MESSAGE)
            outcomes.append("sent")
        except Busy as busy:
            outcomes.append("throttled")
            assert busy.retry_after == 1.0
    assert outcomes[:2] == ["sent", "sent"]
    assert vonage.counts()["429"] == outcomes.count("throttled") > 0


def test_the_dice_fall_alike_for_the_same_seed(vonage: StandInVonage) -> None:
    def outcomes(seed: int) -> list[int | str]:
        vonage.reset()
        vonage.change(
            rate=None, seed=seed, chances={"error_after": 0.3, "drop_after": 0.2, "throttle": 0.2}
        )
        messenger = messenger_of(vonage)
        for _ in range(20):
            try:
                messenger.send(MESSAGE)
            except (NoAnswer, Busy):
                continue
        return [entry.outcome for entry in vonage.record]

    first = outcomes(7)
    assert set(first) == {202, 502, "close", 429}
    assert outcomes(7) == first
    assert outcomes(8) != first


def test_an_answer_that_it_does_not_know_is_a_mistake_of_the_test() -> None:
    with pytest.raises(ValueError, match="no such answer"):
        Weather(script=["sunshine"])
    with pytest.raises(ValueError, match="above 1"):
        Weather(chances={"refuse": 0.7, "throttle": 0.7})


def test_the_record_tells_when_the_first_byte_came(vonage: StandInVonage) -> None:
    context = ssl.create_default_context(cafile=vonage.ca_file)
    with (
        socket.create_connection(("127.0.0.1", vonage.port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as line,
    ):
        body = b'{"client_ref": "slow", "to": "33639980001"}'
        head = b"POST /v1/messages HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body)
        for byte in head + body:
            line.sendall(bytes([byte]))
        assert line.recv(1000).startswith(b"HTTP/1.1 401")
    (entry,) = vonage.record
    assert (entry.client_ref, entry.accepted, entry.outcome) == ("slow", False, 401)


# From another process


def test_it_is_steered_and_read_over_https(vonage: StandInVonage) -> None:
    weather = door(vonage, "POST", "/_weather", {"rate": None, "script": ["refuse", "drop_after"]})
    assert (weather.json()["rate"], weather.status_code) == (None, 200)
    messenger = messenger_of(vonage)
    for wanted in (Exception, NoAnswer):
        with pytest.raises(wanted):
            messenger.send(MESSAGE)
    messenger.send(MESSAGE)
    record = door(vonage, "GET", "/_record").json()
    assert [(one["accepted"], one["outcome"]) for one in record] == [
        (False, 422),
        (True, "close"),
        (True, 202),
    ]
    assert door(vonage, "GET", "/_record?from=2").json() == record[2:]
    assert door(vonage, "GET", "/_counts").json()["accepted"] == 2
    door(vonage, "POST", "/_weather", {"reset": True})
    assert door(vonage, "GET", "/_record").json() == []


@pytest.mark.parametrize("wrong", [{"wind": 3}, {"script": ["sunshine"]}, [], {"latency": "long"}])
def test_a_weather_it_does_not_know_is_answered_400(vonage: StandInVonage, wrong: Any) -> None:
    assert door(vonage, "POST", "/_weather", wrong).status_code == 400
    assert door(vonage, "GET", "/_nothing").status_code == 404


def test_it_runs_in_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = tmp_path / "ca.pem"
    command = [sys.executable, "-m", "tests.standins.vonage", "--ca-file", str(authority)]
    with subprocess.Popen(
        [*command, "--weather", '{"rate": null}'],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout
        try:
            told = json.loads(process.stdout.readline())
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
            here = Connection("k", "", told["credentials"], {"api_host": told["api_host"]})
            assert VonageMessenger(here).send(MESSAGE)
        finally:
            process.terminate()
    assert process.returncode == 0


# Webhooks


def test_a_message_is_followed_by_signed_news_with_its_price(
    vonage: StandInVonage, hooks: Hooks
) -> None:
    messenger = messenger_of(vonage)
    provider_id = messenger.send(MESSAGE)
    vonage.settle()
    assert hooks.words() == ["submitted", "delivered"]
    for headers, body in hooks.got:
        messenger.verify(headers, body, datetime.now(UTC))
        receipt = messenger.read_receipt(body)
        assert receipt is not None
        assert (receipt.provider_id, receipt.reference) == (provider_id, "r-1")
    assert receipt.price is not None
    assert str(receipt.price.amount) == "0.0650"


def test_a_message_without_answer_is_followed_by_news_all_the_same(
    vonage: StandInVonage, hooks: Hooks
) -> None:
    vonage.change(script=["drop_after"])
    with pytest.raises(NoAnswer):
        messenger_of(vonage).send(MESSAGE)
    vonage.settle()
    assert {json.loads(body)["client_ref"] for _, body in hooks.got} == {"r-1"}


@pytest.mark.parametrize(
    ("weather", "words"),
    [
        ({"receipt_twice": 1}, ["submitted", "submitted", "delivered", "delivered"]),
        ({"receipt_disorder": 1, "receipt_delay": 0.02}, ["delivered", "submitted"]),
        ({"undeliverable": 1}, ["submitted", "undeliverable"]),
        ({"receipt_lost": 1}, []),
        ({"receipts": False}, []),
    ],
)
def test_news_come_twice_or_out_of_order_or_not_at_all(
    vonage: StandInVonage, hooks: Hooks, weather: dict[str, Any], words: list[str]
) -> None:
    vonage.change(**weather)
    messenger_of(vonage).send(MESSAGE)
    vonage.settle()
    assert hooks.words() == words


def test_news_go_to_the_address_that_the_message_names(vonage: StandInVonage, hooks: Hooks) -> None:
    there = Message(
        "r-2", Channel.SMS, "+33755530001", "+33639980001", "Bonjour", f"{hooks.url}/own"
    )
    messenger_of(vonage).send(there)
    assert {post.url for post in vonage.settle()} == {f"{hooks.url}/own"}


def test_an_unsigned_webhook_comes_again_signed_when_it_met_a_503(
    vonage: StandInVonage, hooks: Hooks
) -> None:
    vonage.change(unsigned=1)
    hooks.statuses = [503]
    vonage.say("+33639980001", "+33755530001", "STOP")
    (post,) = vonage.settle()
    assert post.answers == [503, 200]
    messenger, now = messenger_of(vonage), datetime.now(UTC)
    (first, body), (second, again) = hooks.got
    with pytest.raises(Unsigned):
        messenger.verify(first, body, now)
    messenger.verify(second, again, now)
    with pytest.raises(Forged):
        messenger.verify(second, body + b" ", now)


def test_a_shopper_answers(vonage: StandInVonage, hooks: Hooks) -> None:
    door(vonage, "POST", "/_say", {"from": "+33639980001", "to": "+33755530001", "text": "Arrêt"})
    vonage.settle()
    reply = messenger_of(vonage).read_reply(hooks.got[0][1])
    assert (reply.sender, reply.recipient, reply.text) == ("+33639980001", "+33755530001", "Arrêt")


def test_any_status_can_be_told_later(vonage: StandInVonage, hooks: Hooks) -> None:
    vonage.change(receipts=False)
    messenger_of(vonage).send(MESSAGE)
    vonage.tell(vonage.accepted()[0], "rejected")
    vonage.settle()
    assert hooks.words() == ["rejected"]
