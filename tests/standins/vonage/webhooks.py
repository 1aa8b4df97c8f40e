"""The webhooks of the stand-in: what they say, how they are signed, when they leave."""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import urllib3

from tests.standins.vonage.weather import Sky


def status_body(
    message: dict[str, Any], status: str, price: str, currency: str, ahead: float = 0.0
) -> bytes:
    """A status webhook of an accepted `message` (its request's JSON plus `message_uuid`)."""
    body: dict[str, Any] = {
        "message_uuid": message["message_uuid"],
        "to": message["to"],
        "from": message["from"],
        "timestamp": _timestamp(ahead),
        "status": status,
        "channel": message.get("channel") or "sms",
    }
    if body["channel"] == "sms":
        body["sms"] = {"count_total": "1"}
    if message.get("client_ref"):
        body["client_ref"] = message["client_ref"]
    if status in ("delivered", "undeliverable"):
        body["usage"] = {"price": price, "currency": currency}
        body["destination"] = {"network_code": "20801"}
    if status in ("rejected", "undeliverable"):
        body["error"] = {
            "type": "https://developer.vonage.com/api-errors/messages#1320",
            "title": "1320",
            "detail": f"Message already sent or number {message['to']} is out of reach",
            "instance": message["message_uuid"],
        }
    return json.dumps(body).encode()


def inbound_body(sender: str, recipient: str, text: str, ahead: float = 0.0) -> bytes:
    """An inbound text; numbers go out as Vonage writes them, without the plus."""
    body = {
        "message_uuid": str(uuid.uuid4()),
        "to": recipient.removeprefix("+"),
        "from": sender.removeprefix("+"),
        "timestamp": _timestamp(ahead),
        "channel": "sms",
        "message_type": "text",
        "text": text,
        "sms": {"num_messages": "1", "keyword": (text.split() or [""])[0].upper()},
        "usage": {"price": "0.0000", "currency": "EUR"},
    }
    return json.dumps(body).encode()


def rcs_inbound_body(sender: str, agent: str, said: dict[str, Any], ahead: float = 0.0) -> bytes:
    """What somebody with RCS sends to an agent; `said` is one of `text` and `reply`."""
    (kind,) = said
    body = {
        "message_uuid": str(uuid.uuid4()),
        "to": agent,
        "from": sender.removeprefix("+"),
        "timestamp": _timestamp(ahead),
        "channel": "rcs",
        "message_type": kind,
        **said,
    }
    return json.dumps(body).encode()


def _timestamp(ahead: float) -> str:
    now = datetime.now(UTC) + timedelta(seconds=ahead)
    return now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def signature(body: bytes, *, secret: str, application_id: str, api_key: str, now: float) -> str:
    """The Authorization header of a webhook with this body, signed at `now` (epoch seconds)."""
    claims = {
        "iss": "Vonage",
        "iat": int(now),
        "jti": str(uuid.uuid4()),
        "api_key": api_key,
        "application_id": application_id,
        "payload_hash": hashlib.sha256(body).hexdigest(),
    }
    return "Bearer " + jwt.encode(claims, secret, algorithm="HS256")


@dataclass(order=True, slots=True)
class Post:
    """One webhook on its way. `answers`: the statuses it has met; 0: nobody answered."""

    due: float
    number: int
    url: str = field(compare=False)
    body: bytes = field(compare=False)
    signed: bool = field(compare=False, default=True)
    answers: list[int] = field(compare=False, default_factory=list)


class Postman:
    """A thread that carries webhooks, each at its time, and comes again when it met no 2xx."""

    def __init__(
        self,
        sky: Sky,
        secret: str,
        application_id: str,
        api_key: str,
        hooks_ca: str | None = None,
    ) -> None:
        self.sky = sky
        self.delivered: list[Post] = []  # as they came to an end, whatever the end
        self._identity = {"secret": secret, "application_id": application_id, "api_key": api_key}
        self._round: list[Post] = []
        self._numbers = itertools.count()
        self._open = 0
        self._change = threading.Condition()
        self._stopped = False
        self.ahead = 0.0  # seconds that the clock it signs and dates with is ahead
        self._http = urllib3.PoolManager(retries=False, timeout=5.0, ca_certs=hooks_ca)
        self._thread = threading.Thread(target=self._walk, name="vonage-webhooks", daemon=True)
        self._thread.start()

    def send(self, url: str, body: bytes, after: float = 0.0) -> None:
        """Post `body` to `url` in `after` seconds, in the weather of now."""
        weather = self.sky.weather
        if self.sky.happens(weather.receipt_lost):
            return
        copies = 2 if self.sky.happens(weather.receipt_twice) else 1
        for _ in range(copies):
            signed = not self.sky.happens(weather.unsigned)
            post = Post(time.monotonic() + after, next(self._numbers), url, body, signed)
            with self._change:
                self._open += 1
                heapq.heappush(self._round, post)
                self._change.notify_all()

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until every webhook has come to its end; TimeoutError when it does not."""
        with self._change:
            if not self._change.wait_for(lambda: self._open == 0, timeout):
                raise TimeoutError(f"{self._open} webhooks still on their way")

    def stop(self) -> None:
        """Forget what is still on its way and end the thread."""
        with self._change:
            self._stopped = True
            self._change.notify_all()
        self._thread.join(timeout=10)
        self._http.clear()

    def _walk(self) -> None:
        while (post := self._next()) is not None:
            post.answers.append(self._post(post))
            again = not 200 <= post.answers[-1] < 300
            with self._change:
                if again and len(post.answers) <= self.sky.weather.redeliver:
                    post.due = time.monotonic() + self.sky.weather.redeliver_after
                    post.signed = True
                    heapq.heappush(self._round, post)
                    continue
                self.delivered.append(post)
                self._open -= 1
                self._change.notify_all()

    def _next(self) -> Post | None:
        with self._change:
            while not self._stopped:
                wait = self._round[0].due - time.monotonic() if self._round else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._round)
                self._change.wait(wait)
        return None

    def _post(self, post: Post) -> int:
        headers = {"Content-Type": "application/json"}
        if post.signed:
            headers["Authorization"] = signature(
                post.body, now=time.time() + self.ahead, **self._identity
            )
        try:
            return self._http.request("POST", post.url, body=post.body, headers=headers).status
        except urllib3.exceptions.HTTPError:
            return 0
