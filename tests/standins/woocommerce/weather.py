"""What goes wrong between the shop and us, on demand and by a seeded die."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random


@dataclass
class Weather:
    """Knobs; all calm by default. Shares are 0 to 1.

    `next_answers`: what the next REST requests meet, one each, then it is calm:
    "500", "503", "503:30" and "429:12" (with `Retry-After`), "drop" (the line
    breaks before the shop acts), "drop-after" (it breaks after it acted), "page"
    (HTML instead of JSON), "page-after", "redirect" (to https), "" (nothing).
    """

    next_answers: deque[str] = field(default_factory=deque)
    lost: float = 0.0  # of the webhook deliveries
    doubled: float = 0.0
    reordered: bool = False
    delay: float = 0.0  # seconds on the shop's clock until a delivery may run
    seed: int = 1

    def __post_init__(self) -> None:
        self.die = Random(self.seed)

    def next_answer(self) -> str:
        return self.next_answers.popleft() if self.next_answers else ""

    def happens(self, share: float) -> bool:
        return share > 0 and self.die.random() < share
