"""Webhook delivery: signed, on threads of its own, retried, and in whatever weather is set."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import heapq
import hmac
import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

CONNECT_SECONDS = 1.0
KEPT = 100_000  # deliveries in the log, the newest
TOTAL_SECONDS = 5.0
# Eight retries within four hours, in growing steps.
RETRY_DELAYS = (10.0, 30.0, 90.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0)


@dataclass(frozen=True)
class Weather:
    """What befalls deliveries on their way, as shares of one; the same `seed`, the same fate.

    `delay` is in real seconds for every delivery, `held` for one that others overtake.
    """

    duplicate: float = 0.0
    lose: float = 0.0
    reorder: float = 0.0
    delay: float = 0.0
    held: float = 0.2
    seed: int = 1


@dataclass
class Delivery:
    """One message to one address. Retries keep body, address and both ids."""

    shop: str
    topic: str
    uri: str
    body: bytes
    headers: dict[str, str]
    subscription: int | None
    attempts: int = 0
    statuses: list[int | None] = field(default_factory=list)  # None: no answer


class Post:
    """The queue of deliveries and the threads that carry them.

    `gave_up` is called with a delivery whose eighth retry failed too.
    """

    def __init__(
        self,
        secret: Callable[[], str],
        gave_up: Callable[[Delivery], None],
        weather: Weather,
        retry_scale: float = 1.0,
        threads: int = 4,
        patience: float = TOTAL_SECONDS,
        verify: str | bool = True,
    ) -> None:
        self._secret, self._gave_up = secret, gave_up
        self.weather, self.retry_scale, self.verify = weather, retry_scale, verify
        self.patience = patience
        self.log: list[Delivery] = []
        self.lost: list[Delivery] = []
        self._random = random.Random(weather.seed)
        self._queue: list[tuple[float, int, Delivery]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._busy = 0
        self._open = True
        self._threads = [threading.Thread(target=self._carry, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def send(self, delivery: Delivery) -> None:
        """Queue a delivery; the weather may lose, double, hold or delay it."""
        with self._changed:
            weather, chance = self.weather, self._random.random
            if chance() < weather.lose:
                self.lost.append(delivery)
                return
            wait = weather.delay + (weather.held if chance() < weather.reorder else 0.0)
            self._push(delivery, wait)
            if chance() < weather.duplicate:
                twin = Delivery(**{**vars(delivery), "statuses": [], "attempts": 0})
                self._push(twin, wait)
            self._changed.notify_all()

    def set_weather(self, weather: Weather) -> None:
        with self._changed:
            self.weather, self._random = weather, random.Random(weather.seed)

    def deliver_now(self, timeout: float = 10.0) -> None:
        """Try everything that waits, retries and held ones too, once and at once."""
        with self._changed:
            self._queue = [(0.0, order, delivery) for _, order, delivery in self._queue]
            heapq.heapify(self._queue)
            self._changed.notify_all()
            done = self._changed.wait_for(
                lambda: not self._busy and not (self._queue and self._queue[0][0] == 0.0), timeout
            )
        assert done, "deliveries are still under way"

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until nothing is queued or under way. Raises AssertionError after `timeout` s."""
        with self._changed:
            done = self._changed.wait_for(lambda: not self._busy and not self._queue, timeout)
        assert done, "deliveries are still under way"

    def cancel(self, wanted: Callable[[Delivery], bool]) -> None:
        """Forget the queued deliveries that are `wanted`."""
        with self._changed:
            self._queue = [entry for entry in self._queue if not wanted(entry[2])]
            heapq.heapify(self._queue)
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._open = False
            self._queue.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(TOTAL_SECONDS + CONNECT_SECONDS)

    def _push(self, delivery: Delivery, wait: float) -> None:
        heapq.heappush(self._queue, (time.monotonic() + wait, next(self._order), delivery))

    def _take(self) -> Delivery | None:
        with self._changed:
            while self._open:
                wait = self._queue[0][0] - time.monotonic() if self._queue else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._queue)[2]
                self._changed.wait(wait)
        return None

    def _carry(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while delivery := self._take():
                status = self._try(session, delivery)
                if not self._note(delivery, status):
                    self._gave_up(delivery)  # takes the shop's lock, so not under ours
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()

    def _try(self, session: requests.Session, delivery: Delivery) -> int | None:
        digest = hmac.new(self._secret().encode(), delivery.body, hashlib.sha256).digest()
        signed = {"X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode()}
        with contextlib.suppress(requests.RequestException):
            answer = session.post(
                delivery.uri,
                data=delivery.body,
                headers=delivery.headers | signed,
                timeout=(min(CONNECT_SECONDS, self.patience), self.patience),
                allow_redirects=False,
                verify=self.verify,
            )
            return answer.status_code
        return None

    def _note(self, delivery: Delivery, status: int | None) -> bool:
        """Write the attempt down and queue the next; False when there is no next."""
        with self._changed:
            delivery.attempts += 1
            delivery.statuses.append(status)
            if delivery.attempts == 1:
                self.log.append(delivery)
                del self.log[:-KEPT]
            if status is not None and 200 <= status < 300:
                return True
            if delivery.attempts > len(RETRY_DELAYS):
                return False
            if self._open:
                self._push(delivery, RETRY_DELAYS[delivery.attempts - 1] * self.retry_scale)
            return True
