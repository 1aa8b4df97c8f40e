"""What a history's outside does: a provider by its mood, a shop's list by its weather, Redis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.protocols import AccountStopped, Busy, Gate, NoAnswer, Refused, open_gate
from recovery.model import Coupon, Message, Offer, Page, RichText

if TYPE_CHECKING:
    from tests.world import Steps, World

LAG = timedelta(seconds=10)  # of the platform's list of orders
MOODS = ("accepts", "refuses", "busy", "no credit", "drops before", "drops after", "defect")


class WorkerDied(BaseException):
    """As `kill -9`: nothing after it happens in that process."""


class Provider:
    """A messenger for one job; it takes a text or not, by its mood."""

    def __init__(self, world: World, steps: Steps, mood: str) -> None:
        self._world, self._steps, self._mood = world, steps, mood

    def be_ready(self) -> None:
        """There is no line to open."""

    def send(self, message: Message, gate: Gate = open_gate) -> str:
        with gate(), self._world.provider_lock:
            self._steps.happen("before send")
            self._world.counts[f"provider {self._mood}"] += 1
            if isinstance(message, RichText) and not self._world.takes_cards:
                self._world.counts["cards refused"] += 1
                raise Refused("no RCS there")
            match self._mood:
                case "refuses":
                    raise Refused("invalid number")
                case "busy":
                    raise Busy("slow down", 20)
                case "no credit":
                    raise AccountStopped("no credit", 60)
                case "drops before":
                    raise NoAnswer("line broke")
            taken = self._world.take(message, self._steps)
            self._steps.happen("after send")
        if self._mood == "drops after":
            raise NoAnswer("line broke")
        if self._mood == "defect":
            raise ZeroDivisionError
        return taken.provider_id


class Platform:
    """The shop's list of orders, read by polls; `weather` is how a poll goes."""

    def __init__(self, world: World) -> None:
        self._world = world

    def changed_since(self, cursor: str | None, now: datetime) -> Iterator[Page]:
        weather = self._world.polls
        if weather == "no answer":
            raise NoAnswer("line broke")
        if weather == "busy":
            raise Busy("slow down", 45)
        listed = [each for each in self._world.placed if each[2] <= now - LAG]
        yield Page(tuple(order for _, order, _ in listed), "c", now - LAG, 0.0)
        for person, order, _ in listed:  # asked for the next page: this one is committed
            self._world.note_order(person, order)
        if weather == "dies":
            raise WorkerDied

    def keep_subscriptions(self, hooks_url: str) -> int:
        return 0

    def create_coupon(self, offer: Offer) -> Coupon:
        """Make a code; asked again for the same one, give it again, as every connector must."""
        weather = self._world.polls
        if weather == "busy":
            raise Busy("slow down", 45)
        known = self._world.asked_for.get(offer.code)
        if f"k-{offer.code}" in self._world.codes and known != offer:
            raise Refused("this code is another's")
        coupon = Coupon(offer.code, f"k-{offer.code}", offer.ends_at)
        if weather != "no answer" or self._world.counts["codes"] % 2:
            self._world.codes[coupon.key] = coupon
            self._world.asked_for[offer.code] = offer
        self._world.counts["codes"] += 1
        if weather in ("no answer", "dies"):
            raise NoAnswer("line broke")
        return coupon

    def remove_coupon(self, coupon_key: str) -> None:
        self._world.codes.pop(coupon_key, None)
        self._world.counts["codes taken away"] += 1


class Outside:
    """The way outside that a worker's tools hold."""

    def __init__(self, shop: Platform | None, messenger: Provider | None) -> None:
        self._shop, self._messenger = shop, messenger

    def shop(self, *connection: Any) -> Platform | None:
        return self._shop

    def messenger(self, *connection: Any) -> Provider | None:
        return self._messenger


class Queues:
    """Redis for this world: keeps jobs and one key, and may be emptied."""

    def __init__(self) -> None:
        self.sends: list[tuple[int, tuple[int, ...]]] = []
        self.polls: list[int] = []
        self.codes: list[tuple[str, list[int]]] = []
        self.done: list[tuple[int, tuple[int, ...]]] = []
        self._keys: set[str] = set()

    def set(self, key: str, value: str, nx: bool) -> bool:
        fresh = key not in self._keys
        self._keys.add(key)
        return fresh

    def empty(self) -> None:
        self.sends, self.polls, self.codes, self._keys = [], [], [], set()

    def enqueue(self, redis: Any, name: str, job: str, *ids: Any) -> None:
        if job == "poll_shop":
            self.polls.append(ids[0])
        elif job == "send_reminders":
            self.sends.append((ids[0], tuple(ids[1])))
        elif job in ("make_codes", "remove_codes"):
            self.codes.append((job, list(ids[0])))

    def depth(self, redis: Any, name: str) -> int:
        return len(self.sends)
