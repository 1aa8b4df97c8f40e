"""What the rows of a large shop have in common: its carts, its people, what was sent to them."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from recovery.database import Database
from recovery.shops import ShopRow

YEAR = timedelta(days=365)
CENT = 100  # of the ten-thousandths that an amount is kept in
RAW = json.dumps({"token": "made up", "line_items": [{"title": "Tasse", "note": "x" * 200}]})


@dataclass(frozen=True, slots=True)
class Cart:
    id: int
    person: int
    at: datetime  # when it was abandoned
    total: int  # cents
    ordered: bool


@dataclass
class Past:
    """What the tables have in common."""

    database: Database
    row: ShopRow
    now: datetime
    chance: random.Random
    version_id: int
    account_id: int
    carts: list[Cart] = field(default_factory=list)
    #: Reminders that left, with the cart, and those whose link a person followed.
    left: list[tuple[int, Cart, datetime]] = field(default_factory=list)
    followed: list[tuple[int, Cart, datetime]] = field(default_factory=list)
    asked: list[tuple[int, Cart, datetime]] = field(default_factory=list)

    @property
    def alike(self) -> dict[str, Any]:
        """What every row of the shop says."""
        return {"shop_id": self.row.id}


def marks(shop: Past, person: int) -> tuple[str, str | None, str]:
    """Customer number, phone and e-mail; every seventh left no phone."""
    number = 10_000_000 + person
    phone = None if person % 7 == 3 else f"+336{number}"
    return str(number), phone, f"ana.{number}@example.com"


def arm_of(person: int) -> str:
    return "held_out" if person % 10 == 7 else "control"
