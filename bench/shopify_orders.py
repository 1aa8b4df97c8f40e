"""Orders that arrive while reminders are being sent, by the real webhook door."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.checkouts import request
from bench.house import API_SECRET

_SHAPE = Path(__file__).parent.parent / "tests/recordings/shopify/orders_paid_2026-07.json"


@dataclass
class Orders(threading.Thread):
    """Posts orders of random numbered people until told to stop.

    `answered`: number of the reminder → when its order's 200 was read (seconds of the
    system's clock). The order was committed before that moment, so whatever leaves
    later left after a recorded order. `unanswered`: the numbers of orders that got another
    answer or none; they may have been stored all the same.
    """

    port: int
    shop: str
    numbers: list[int]
    a_second: float
    seed: int = 1
    answered: dict[int, float] = field(default_factory=dict)
    unanswered: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__(daemon=True, name="orders")
        self.over = threading.Event()
        self.shape = json.loads(_SHAPE.read_text())
        self.left = list(self.numbers)
        random.Random(self.seed).shuffle(self.left)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """One order after the other; every second one names its person, not its cart."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while self.left and not self.over.wait(1 / self.a_second):
            number = self.left.pop()
            if self._post(line, number):
                self.answered[number] = time.time()
            else:
                self.unanswered.add(number)
        line.close()

    def stop(self) -> None:
        """No more orders; returns when the last one is answered."""
        self.over.set()
        self.join(60)

    def _post(self, line: http.client.HTTPConnection, number: int) -> bool:
        body = json.dumps(self._order(number)).encode()
        whole = request(body, "orders/create", f"o{number}", API_SECRET, self.shop)
        head = whole.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        headers = dict(each.split(": ", 1) for each in head)
        try:
            line.request("POST", "/hooks/shopify", body, headers)
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            line.close()
            return False
        return answer.status == 200

    def _order(self, number: int) -> dict[str, Any]:
        by_person = number % 2 == 0
        now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        person = {"email": f"Ana.{number}@Example.com", "id": None, "phone": None}
        return self.shape | {
            "id": 6_000_000_000_000 + number,
            "name": f"#{number}",
            "checkout_token": f"x{number}" if by_person else f"t{number}",
            "cart_token": f"y{number}" if by_person else f"c{number}",
            "token": f"z{number}",
            "email": person["email"],
            "contact_email": person["email"],
            "phone": None,
            "created_at": now,
            "processed_at": now,
            "updated_at": now,
            "customer": self.shape["customer"] | person | {"id": number},
            "billing_address": None,
            "shipping_address": None,
        }
