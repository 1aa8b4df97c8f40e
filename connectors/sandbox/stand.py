"""What one running sandbox stands on, and how a page reaches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app

from connectors.sandbox.delivery import Hooks
from connectors.sandbox.store import Store

ZONE = ZoneInfo("Europe/Paris")  # where the shop stands, as the worker seeds it
EXTENSION = "sandbox"


@dataclass(frozen=True, slots=True)
class Stand:
    """`now` is the shop's clock; `forward(seconds)` moves it, where that is allowed.

    `wake` is called after something to deliver was written down.
    """

    store: Store
    hooks: Hooks
    secret: str
    now: Callable[[], datetime]
    public_url: str
    forward: Callable[[float], object] | None
    wake: Callable[[], None]
    receipt_after: float


def stand() -> Stand:
    """The sandbox that serves the present request."""
    return cast(Stand, current_app.extensions[EXTENSION])


def there(at: datetime) -> datetime:
    """A time as the shop's own clock shows it."""
    return at.astimezone(ZONE)
