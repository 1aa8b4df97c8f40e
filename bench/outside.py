"""The outside as the benches need it: a shop that answers polls at once, a quick messenger.

Registered only in the processes of a bench (`bench.work`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors import registry
from connectors.protocols import Connection, Gate, ProviderId, open_gate
from recovery.model import Message, Page

_INDEX_LAG = timedelta(seconds=10)


class PlainShop:
    """A platform whose polls answer at once and show nothing new.

    What is modelled: its orders come by webhook alone, none is lost, and a poll proves
    that up to its start less the index lag. What is not: the time that a real poll takes.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def changed_since(self, cursor: str | None, now: datetime) -> Iterator[Page]:
        """One empty page that ends an order poll."""
        yield Page((), cursor or "{}", orders_known_until=now - _INDEX_LAG, clock_offset=0.0)

    def keep_subscriptions(self, hooks_url: str) -> int:
        """Nothing to mend."""
        return 0


class QuickMessenger:
    """A provider in this very process that takes every message at once."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def be_ready(self) -> None:
        """There is no line to open."""

    def send(self, message: Message, gate: Gate = open_gate) -> ProviderId:
        """Accepted."""
        gate()
        return f"quick-{message.reference}"


def register() -> None:
    """Let this process find them; polls of Shopify shops go to `PlainShop`, too."""
    registry.SHOPS["bench"] = registry.SHOPS["shopify"] = "bench.outside:PlainShop"
    registry.MESSENGERS["bench"] = "bench.outside:QuickMessenger"


def nothing(number: int) -> None:
    """A job that does nothing: the anchor of `sending`."""
