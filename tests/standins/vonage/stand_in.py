"""The stand-in itself: the Messages API, its record, and the doors to steer it."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import tempfile
import threading
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import trustme

from tests.standins.vonage import forms, webhooks
from tests.standins.vonage.bodies import usual_body
from tests.standins.vonage.tokens import Tokens, key_pair
from tests.standins.vonage.weather import FIELDS, Answer, Sky, Weather
from tests.standins.vonage.wire import Line, Request


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as it came. `arrival`: monotonic seconds of its first byte.

    `outcome` is its HTTP status, or "close", "reset", "garble", "silence".
    """

    arrival: float
    client_ref: str | None
    accepted: bool
    outcome: int | str
    message_uuid: str | None = None
    to: str | None = None
    sender: str | None = None
    text: str | None = None
    channel: str | None = None
    picture: str | None = None
    button: dict[str, Any] | None = None


class StandInVonage:
    """A Vonage on loopback over TLS. Use it in a `with`; ask it what came.

    `host` is what a messenger's `api_host` takes, `ca_file` what REQUESTS_CA_BUNDLE
    takes, `credentials` what a `Connection` takes. `status_url` and `inbound_url` are
    the application's webhooks (a message's own `webhook_url` comes first); `hooks_ca` is
    the authority of theirs that is no public one.
    """

    def __init__(
        self,
        weather: Weather | None = None,
        *,
        port: int = 0,
        ca_file: str | Path | None = None,
        status_url: str | None = None,
        inbound_url: str | None = None,
        application_id: str = "5f0c1d1e-7a52-4a0c-9a9d-0c1b7b1c0e11",
        signature_secret: str = "a-stand-in-secret-of-forty-characters-00",
        api_key: str = "a1b2c3d4",
        hooks_ca: str | None = None,
    ) -> None:
        self.weather = weather or Weather()
        self.status_url, self.inbound_url = status_url, inbound_url
        self._hooks_ca = hooks_ca
        private_key, public_key = key_pair()
        self.credentials = {
            "application_id": application_id,
            "private_key": private_key,
            "signature_secret": signature_secret,
            "api_key": api_key,
        }
        #: What GET /account/get-balance tells to who has `api_key` and this secret.
        self.api_secret = "a-made-up-api-secret"
        self.balance: dict[str, Any] | int = {"value": 40.5, "autoReload": False}
        self.record: list[Entry] = []
        self.connections = 0
        self._port = port
        self._ca_file = Path(ca_file) if ca_file else None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._lines: set[Line] = set()
        self._tokens = Tokens(application_id, public_key)

    # Starting and stopping

    def __enter__(self) -> Self:
        self._sky = Sky(self.weather)
        identity = self.credentials
        self._postman = webhooks.Postman(
            self._sky,
            identity["signature_secret"],
            identity["application_id"],
            identity["api_key"],
            self._hooks_ca,
        )
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(started,), name="vonage-stand-in", daemon=True
        )
        self._thread.start()
        if not started.wait(10) or self._failed:
            raise OSError("the stand-in Vonage did not start") from self._failed
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)
        self._postman.stop()
        if self._folder:
            self._folder.cleanup()

    _failed: Exception | None = None

    def _run(self, started: threading.Event) -> None:
        try:
            asyncio.run(self._serve(started))
        except Exception as error:
            self._failed = error
            started.set()

    async def _serve(self, started: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(
            self._new_line, "127.0.0.1", self._port, ssl=self._tls()
        )
        self.port = server.sockets[0].getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        started.set()
        await self._stop.wait()
        server.close()
        for line in list(self._lines):
            line.transport.abort()
        await asyncio.sleep(0)

    def _tls(self) -> ssl.SSLContext:
        if self._ca_file is None:
            self._folder = tempfile.TemporaryDirectory(prefix="stand-in-vonage-")
            self._ca_file = Path(self._folder.name) / "ca.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self._ca_file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
        return context

    @property
    def ca_file(self) -> str:
        """The authority's certificate, written when the stand-in starts."""
        return str(self._ca_file)

    # What came

    def accepted(self) -> list[Entry]:
        """The messages taken, in the order of their arrival."""
        return [entry for entry in self.record if entry.accepted]

    def counts(self) -> dict[str, int]:
        """Requests by outcome, with "accepted", "requests" and "connections"."""
        counts = {"requests": len(self.record), "connections": self.connections}
        counts["accepted"] = len(self.accepted())
        for entry in self.record:
            counts[str(entry.outcome)] = counts.get(str(entry.outcome), 0) + 1
        return counts

    # Steering

    def change(self, **weather: Any) -> None:
        """Set these fields of the weather, leave the others; dice and window start anew."""
        unknown = set(weather) - FIELDS
        if unknown:
            raise ValueError(f"no such weather: {sorted(unknown)}")
        self.weather = Weather(**{**asdict(self.weather), "script": [], **weather})
        self._sky = self._postman.sky = Sky(self.weather)

    def reset(self) -> None:
        """Fine weather and an empty record."""
        self.record, self.connections = [], 0
        self._postman.delivered.clear()
        self.weather = Weather()
        self._sky = self._postman.sky = Sky(self.weather)

    def close_idle(self) -> None:
        """Close every open connection in good order, as a server does after a while."""
        lines = list(self._lines)
        self._loop.call_soon_threadsafe(lambda: [line.close() for line in lines])

    def say(self, sender: str, recipient: str, text: str) -> None:
        """A shopper texts a sender number: an inbound webhook leaves."""
        if self.inbound_url is None:
            raise ValueError("no inbound_url to tell")
        body = webhooks.inbound_body(sender, recipient, text, self._postman.ahead)
        self._postman.send(self.inbound_url, body)

    def say_by_card(self, sender: str, agent: str, **said: Any) -> None:
        """A shopper answers an RCS card: `text=` is typed, `reply=` is what a tap carries."""
        if self.inbound_url is None:
            raise ValueError("no inbound_url to tell")
        body = webhooks.rcs_inbound_body(sender, agent, said, self._postman.ahead)
        self._postman.send(self.inbound_url, body)

    def tell(self, entry: Entry, status: str) -> None:
        """One more status webhook about an accepted message, with any status word."""
        message = {
            "message_uuid": entry.message_uuid,
            "to": entry.to,
            "from": entry.sender,
            "client_ref": entry.client_ref,
            "channel": entry.channel,
        }
        body = self._status_body(message, status)
        self._postman.send(self._told_at(None), body)

    def move_clock(self, ahead: float) -> None:
        """Sign and date webhooks so many seconds ahead of the system's time from now on."""
        self._postman.ahead = ahead

    def settle(self, timeout: float = 10.0) -> list[webhooks.Post]:
        """Wait until all webhooks have come to their end; those that did, in order."""
        self._postman.settle(timeout)
        return list(self._postman.delivered)

    # Answering

    def _new_line(self) -> Line:
        self.connections += 1
        return Line(self._answer, self._lines)

    def _answer(self, line: Line, request: Request) -> None:
        if request.method == b"POST" and request.path == b"/v1/messages":
            self._message(line, request)
        elif request.method == b"GET" and request.path == b"/account/get-balance":
            line.respond(*self._credit(request))
        else:
            line.respond(*self._steered(request))

    def _credit(self, request: Request) -> tuple[int, bytes]:
        pair = f"{self.credentials['api_key']}:{self.api_secret}".encode()
        if request.header(b"authorization") != b"Basic " + base64.b64encode(pair):
            return 401, b'{"title": "Unauthorized", "type": "UNAUTHORIZED"}'
        if isinstance(self.balance, int):
            return self.balance, b"{}"
        return 200, json.dumps(self.balance).encode()

    def _steered(self, request: Request) -> tuple[int, bytes]:
        try:
            found = self._door(request)
        except (ValueError, TypeError, KeyError) as error:
            return 400, json.dumps({"error": repr(error)}).encode()
        return (404, b"{}") if found is None else (200, json.dumps(found).encode())

    def _door(self, request: Request) -> Any:
        path, _, query = request.path.decode().partition("?")
        sent = json.loads(request.body) if request.body else {}
        match request.method, path:
            case b"GET", "/_record":
                return [asdict(entry) for entry in self.record[int(query[5:] or 0) :]]
            case b"GET", "/_counts":
                return self.counts()
            case b"GET", "/_weather":
                return asdict(self.weather)
            case b"POST", "/_weather":
                if sent.pop("reset", False):
                    self.reset()
                self.status_url = sent.pop("status_url", self.status_url)
                self.inbound_url = sent.pop("inbound_url", self.inbound_url)
                self.change(**sent)
                return asdict(self.weather)
            case b"POST", "/_say":
                self.say(sent["from"], sent["to"], sent["text"])
                return {}
        return None

    def _message(self, line: Line, request: Request) -> None:
        message, answer = self._judge(request)
        message_uuid = str(uuid.uuid4()) if answer.accepted else None
        outcome = answer.status if answer.ending == "answer" else answer.ending
        said = [message.get("to"), message.get("from"), forms.text_of(message)]
        shown = [message.get("channel"), forms.picture_of(message), forms.button_of(message)]
        self.record.append(
            Entry(
                request.arrival,
                message.get("client_ref"),
                answer.accepted,
                outcome,
                message_uuid,
                *said,
                *shown,
            )
        )
        if answer.accepted and self.weather.receipts:
            self._tell_all({**message, "message_uuid": message_uuid})
        latency = self._sky.between(self.weather.latency)
        if latency:
            self._loop.call_later(latency, self._end, line, answer, message, message_uuid)
        else:
            self._end(line, answer, message, message_uuid)

    def _judge(self, request: Request) -> tuple[dict[str, Any], Answer]:
        malformed = Answer(accepted=False, status=422)
        try:
            message = json.loads(request.body)
            is_well_formed = forms.is_well_formed(message)
        except (ValueError, AttributeError, TypeError):
            return {}, malformed
        if not self._tokens.known(request.header(b"authorization")):
            return message, Answer(accepted=False, status=401)
        answer = self._sky.next_answer(request.arrival)
        takes = is_well_formed and message["channel"] not in self.weather.refused
        return message, malformed if answer.accepted and not takes else answer

    def _end(
        self, line: Line, answer: Answer, message: dict[str, Any], message_uuid: str | None
    ) -> None:
        if answer.ending == "silence":
            return
        if answer.ending != "answer":
            getattr(line, answer.ending)()
            return
        body = answer.body
        if body is None:
            body = usual_body(answer, message, message_uuid)
        extra = {429: "Retry-After: 1\r\n", 307: "Location: /v1/messages\r\n"}
        limit = self.weather.close_after
        last = limit is not None and line.answered + 1 >= limit
        line.respond(answer.status, body, extra.get(answer.status, ""), then_close=last)

    # Telling what became of a message

    def _told_at(self, webhook_url: str | None) -> str:
        url = webhook_url or self.status_url
        if url is None:
            raise ValueError("no status_url to tell")
        return url

    def _tell_all(self, message: dict[str, Any]) -> None:
        weather, sky = self.weather, self._sky
        if not (message.get("webhook_url") or self.status_url):
            return
        url = self._told_at(message.get("webhook_url"))
        last = "undeliverable" if sky.happens(weather.undeliverable) else "delivered"
        last = "rejected" if message["channel"] in weather.rejected else last
        news = ["submitted", last]
        if sky.happens(weather.receipt_disorder):
            news.reverse()
        after = 0.0
        for status in news:
            after += sky.between(weather.receipt_delay)
            self._postman.send(url, self._status_body(message, status), after)

    def _status_body(self, message: dict[str, Any], status: str) -> bytes:
        price, currency = self.weather.price, self.weather.currency
        return webhooks.status_body(message, status, price, currency, self._postman.ahead)
