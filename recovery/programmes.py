"""A programme: what starts it and which steps follow. Today every shop has the one below."""

from __future__ import annotations

from dataclasses import dataclass

from recovery.model import Channel
from recovery.shops import ShopRow


@dataclass(frozen=True, slots=True)
class Step:
    """One message: its place in the row, its channel, its delay in seconds after the start."""

    number: int
    channel: Channel
    delay_seconds: int


@dataclass(frozen=True, slots=True)
class Programme:
    """Steps that follow an abandoned cart."""

    name: str
    steps: tuple[Step, ...]


def programme_of(shop: ShopRow) -> Programme:
    """The default programme: one SMS, `delay_seconds` after the cart is abandoned."""
    return Programme("cart", (Step(1, Channel.SMS, shop.delay_seconds),))
