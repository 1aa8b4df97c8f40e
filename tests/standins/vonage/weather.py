"""What may happen to a message: the rate limit, the dice, the scripted answers."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request meets. `accepted`: whether the message is taken.

    `ending`: "answer", "close" (the line is closed in good order without an answer),
    "reset" (TCP reset), "garble" (bytes that are no TLS), "silence" (never an answer).
    """

    accepted: bool
    status: int = 202
    ending: str = "answer"
    body: bytes | None = None  # None: the usual one of this status


ANSWERS = {
    "accept": Answer(accepted=True),
    "unauthorised": Answer(accepted=False, status=401),
    "no_credit": Answer(accepted=False, status=402),
    "forbidden": Answer(accepted=False, status=403),
    "not_found": Answer(accepted=False, status=404),
    "refuse": Answer(accepted=False, status=422),
    "throttle": Answer(accepted=False, status=429),
    "error_before": Answer(accepted=False, status=503),
    "error_after": Answer(accepted=True, status=502),
    "drop_before": Answer(accepted=False, ending="close"),
    "drop_after": Answer(accepted=True, ending="close"),
    "reset_before": Answer(accepted=False, ending="reset"),
    "reset_after": Answer(accepted=True, ending="reset"),
    "garble_after": Answer(accepted=True, ending="garble"),
    "silence_after": Answer(accepted=True, ending="silence"),
    "rubbish": Answer(accepted=True, body=b"<html>202"),
    "no_id": Answer(accepted=True, body=b"{}"),
    "empty": Answer(accepted=True, body=b""),
    "redirect": Answer(accepted=False, status=307),
}


@dataclass(slots=True)
class Weather:
    """How the stand-in behaves until told otherwise. Times are in seconds.

    `rate`: messages in any one second, for the whole application; None: no limit.
    `chances`: answer name → probability; what is left over is accepted.
    `script`: answer names for the next requests, before any dice; a scripted answer
    also skips the rate limit.
    `close_after`: requests on one connection after which it is closed unannounced.
    `undeliverable` and `receipt_disorder` (the last news first) are probabilities per
    message; `receipt_twice`, `receipt_lost` and `unsigned` per webhook.
    `refused` are channels of which nothing is taken (422), as for an account that lacks them;
    `rejected` those of which all is taken and then told as rejected, as by a telephone that
    has no RCS.
    `redeliver`: how often a webhook that got no 2xx comes again, `redeliver_after` apart.
    """

    seed: int = 0
    rate: int | None = 30
    latency: tuple[float, float] = (0.0, 0.0)
    chances: dict[str, float] = field(default_factory=dict)
    script: list[str] = field(default_factory=list)
    close_after: int | None = None
    receipts: bool = True
    receipt_delay: tuple[float, float] = (0.0, 0.0)
    receipt_twice: float = 0.0
    receipt_disorder: float = 0.0
    receipt_lost: float = 0.0
    undeliverable: float = 0.0
    refused: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    unsigned: float = 0.0
    redeliver: int = 3
    redeliver_after: float = 0.02
    price: str = "0.0650"
    currency: str = "EUR"

    def __post_init__(self) -> None:
        wrong = (set(self.chances) | set(self.script)) - set(ANSWERS)
        if wrong or sum(self.chances.values()) > 1:
            raise ValueError(f"no such answer: {sorted(wrong)}, or chances above 1")
        self.latency = _range(self.latency)
        self.receipt_delay = _range(self.receipt_delay)


FIELDS = {known.name for known in fields(Weather)}


def _range(seconds: Any) -> tuple[float, float]:
    if isinstance(seconds, int | float):
        return (float(seconds), float(seconds))
    low, high = seconds
    return (float(low), float(high))


class SlidingWindow:
    """At most `rate` taken in any one second, by the time of arrival."""

    def __init__(self, rate: int | None) -> None:
        self._taken: deque[float] | None = deque(maxlen=rate) if rate else None

    def takes(self, arrival: float) -> bool:
        taken = self._taken
        if taken is None:
            return True
        if len(taken) == taken.maxlen and arrival - taken[0] < 1.0:
            return False
        taken.append(arrival)
        return True


class Sky:
    """A weather at work: its dice, its window, what is left of its script."""

    def __init__(self, weather: Weather) -> None:
        self.weather = weather
        self.dice = random.Random(weather.seed)
        self._script = deque(weather.script)
        self._window = SlidingWindow(weather.rate)

    def next_answer(self, arrival: float) -> Answer:
        """The answer to a well-formed request whose first byte came at `arrival`."""
        if self._script:
            return ANSWERS[self._script.popleft()]
        if not self._window.takes(arrival):
            return ANSWERS["throttle"]
        if self.weather.chances:
            throw = self.dice.random()
            for name, chance in self.weather.chances.items():
                throw -= chance
                if throw < 0:
                    return ANSWERS[name]
        return ANSWERS["accept"]

    def between(self, seconds: tuple[float, float]) -> float:
        low, high = seconds
        return low if low == high else self.dice.uniform(low, high)

    def happens(self, chance: float) -> bool:
        return chance > 0 and self.dice.random() < chance
